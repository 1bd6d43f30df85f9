"""The headline figures by Polars, lazily: `python -m benchmarks.yardsticks.polars_figures LANDING SETTINGS`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import polars as pl


def current(landing: Path, dataset: str, key: str, columns: list[str]) -> pl.LazyFrame:
    """The last delivered version of each key. Of files of one day the last by name: clean deliveries have one a day."""
    paths = sorted(landing.glob(f"{dataset}_*.csv"))
    separator = "," if dataset == "lieux" else ";"
    lines = pl.scan_csv(paths, separator=separator, infer_schema=False).select(columns)
    return lines.unique(subset=key, keep="last", maintain_order=True)


def day(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 10).str.to_date("%d/%m/%Y")


def euros(column: str) -> pl.Expr:
    return pl.col(column).str.replace(",", ".", literal=True).cast(pl.Float64)


def figures(landing: Path, settings: Path) -> dict[str, float]:
    """Every indicator of the programme, by its code."""
    (programme,) = json.loads((settings / "settings.json").read_text(encoding="utf-8"))
    territories = [row["code_insee"] for row in json.loads((settings / "territories.json").read_text(encoding="utf-8"))]
    as_of = date.fromisoformat(programme["as_of"])
    at = pl.lit(as_of)

    prescription = (
        current(landing, "prescriptions", "id_prescription", [
            "id_prescription", "numero_carnet", "date_prescription", "code_insee", "id_beneficiaire", "public_pic",
            "residence_qpv", "statut",
        ])
        .with_columns(prescribed_on=day("date_prescription"))
        .filter((pl.col("statut") == "validee") & (pl.col("prescribed_on") <= at))
        .sort("prescribed_on", "id_prescription")
    )  # fmt: skip
    holding = prescription.unique("numero_carnet", keep="last", maintain_order=True)
    carnet = (
        current(landing, "emissions", "numero_carnet", [
            "numero_carnet", "premier_pass", "dernier_pass", "valeur_faciale", "code_insee", "date_emission",
            "date_fin_validite", "statut", "date_statut",
        ])
        .with_columns(
            first=pl.col("premier_pass").cast(pl.Int64), last=pl.col("dernier_pass").cast(pl.Int64),
            face=euros("valeur_faciale"), left_on=day("date_statut"),
            until=day("date_fin_validite").dt.offset_by(f"{programme['validity_tolerance_months']}mo"),
        )
        .filter(day("date_emission") <= at)
        .with_columns(
            passes=pl.col("last") - pl.col("first") + 1,
            is_cancelled=pl.col("statut").is_in(["annule", "retourne", "perdu", "vole"])
            & (pl.col("left_on") <= pl.min_horizontal(at, pl.col("until"))),
            is_expired=at > pl.col("until"),
        )
        .join(
            holding.select("numero_carnet", "id_beneficiaire", holder=pl.lit(True), held_at="code_insee"),
            on="numero_carnet", how="left",
        )
        .with_columns(used_at=pl.coalesce("held_at", "code_insee"))
        .sort("first")
    )  # fmt: skip
    use = (
        current(landing, "utilisations", "id_utilisation", [
            "id_utilisation", "numero_pass", "date_utilisation", "siret_lieu", "code_service", "id_session",
            "duree_minutes", "montant", "statut",
        ])
        .filter(~pl.col("statut").is_in(["rejetee", "annulee"]))
        .with_columns(
            number=pl.col("numero_pass").cast(pl.Int64), used_on=day("date_utilisation"), amount=euros("montant"),
            minutes=pl.col("duree_minutes").cast(pl.Int32),
            # A day without time is 00:00: shorter than the same day with a time, so first as a text too.
            moment=pl.col("date_utilisation").str.slice(10),
        )
        .filter(pl.col("used_on") <= at)
        .sort("number")
        .join_asof(carnet.select("first", "last", "numero_carnet", "face", "used_at"), left_on="number",
                   right_on="first", check_sortedness=False)
        .filter(pl.col("number") <= pl.col("last"))
        .sort("number", "used_on", "moment", "id_utilisation")
        .unique("number", keep="first", maintain_order=True)
        .with_columns(session=pl.coalesce(
            "id_session",
            pl.concat_str("siret_lieu", "used_on", pl.col("code_service").fill_null(""), separator="|"),
        ))
    )  # fmt: skip
    nominal = current(landing, "services", "code_service", ["code_service", "duree_minutes"]).select(
        "code_service", nominal=pl.col("duree_minutes").cast(pl.Int32)
    )
    lieu = current(landing, "lieux", "id", ["id", "pivot"])
    entry = (
        current(landing, "budget", "id_ecriture", ["id_ecriture", "date_ecriture", "nature", "montant_ttc"])
        .filter(day("date_ecriture") <= at)
        .group_by("nature")
        .agg(euros("montant_ttc").sum())
    )
    held = holding.filter(pl.col("id_beneficiaire").is_not_null())
    person = (
        prescription.filter(pl.col("id_beneficiaire").is_not_null())
        .unique("id_beneficiaire", keep="first", maintain_order=True)
        .join(held, on="id_beneficiaire", how="semi")
        .select(pl.len().alias("people"), *(
            (pl.col(column) == answer).sum().alias(f"{column}_{answer}")
            for column in ("public_pic", "residence_qpv") for answer in ("oui", "non")
        ))
    )  # fmt: skip
    carnets, uses, services, lieux, entries, people = pl.collect_all(
        [carnet, use, nominal, lieu, entry, person], engine="streaming"
    )
    attendance = (
        uses.join(services, on="code_service", how="left")
        .group_by("numero_carnet", "session")
        .agg(pl.col("minutes").max(), pl.col("nominal").max())
        .with_columns(counted=pl.coalesce("minutes", "nominal", 0))
    )
    session = attendance.group_by("session").agg(pl.col("counted").max())
    spent = uses.group_by("numero_carnet").len("used")
    carnets = carnets.join(spent, on="numero_carnet", how="left").with_columns(pl.col("used").fill_null(0))
    started = carnets.filter(pl.col("used") > 0)
    lost = carnets.filter(pl.col("is_expired") & ~pl.col("is_cancelled"))
    by_nature = dict(entries.iter_rows())
    told = people.row(0, named=True)
    used_eur = float(uses["face"].sum())
    identified = started["id_beneficiaire"].drop_nulls().n_unique()
    anonymous = started["id_beneficiaire"].null_count()
    found = {
        "budget_committed_eur": by_nature.get("engagement", 0),
        "budget_paid_eur": by_nature.get("mandatement", 0) - by_nature.get("avoir", 0),
        "passes_issued": carnets["passes"].sum(),
        "passes_prescribed": carnets.filter(pl.col("holder"))["passes"].sum(),
        "passes_used": uses.height,
        "passes_expired": (lost["passes"] - lost["used"]).sum(),
        "face_value_issued_eur": (carnets["passes"] * carnets["face"]).sum(),
        "face_value_used_eur": used_eur,
        "reimbursed_eur": uses.filter(pl.col("statut") == "remboursee")["amount"].sum(),
        "state_share_due_eur": min(float(programme["state_rate"]) * used_eur, float(programme["state_ceiling_eur"])),
        "hours": attendance["counted"].sum() / 60,
        "hours_nominal": attendance.filter(pl.col("minutes").is_null())["nominal"].sum() / 60,
        "session_hours": session["counted"].sum() / 60,
        "people_equipped": told["people"],
        "people_reached": identified + anonymous,
        "people_reached_identified": identified,
        "people_reached_anonymous": anonymous,
        "pic_share": told["public_pic_oui"] / (told["public_pic_oui"] + told["public_pic_non"]),
        "qpv_share": told["residence_qpv_oui"] / (told["residence_qpv_oui"] + told["residence_qpv_non"]),
        "territories_active": started.filter(pl.col("used_at").is_in(territories))["used_at"].n_unique(),
        "lieux_active": uses["siret_lieu"].unique().is_in(lieux["pivot"].implode()).sum(),
    }
    return {code: float(value) for code, value in found.items()}


if __name__ == "__main__":
    json.dump(figures(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
