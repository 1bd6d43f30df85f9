"""The headline figures by pandas: `python -m benchmarks.yardsticks.pandas_figures LANDING SETTINGS`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd


def current(landing: Path, dataset: str, key: str, columns: list[str]) -> pd.DataFrame:
    """The last delivered version of each key. Of files of one day the last by name: clean deliveries have one a day."""
    separator = "," if dataset == "lieux" else ";"
    paths = sorted(landing.glob(f"{dataset}_*.csv"))
    read = (pd.read_csv(path, sep=separator, usecols=columns, dtype="str", engine="pyarrow") for path in paths)
    return pd.concat(read, ignore_index=True).drop_duplicates(key, keep="last")


def days(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts.str.slice(0, 10), format="%d/%m/%Y")


def euros(texts: pd.Series) -> pd.Series:
    return texts.str.replace(",", ".", regex=False).astype("float64")


def figures(landing: Path, settings: Path) -> dict[str, float]:
    """Every indicator of the programme, by its code."""
    (programme,) = json.loads((settings / "settings.json").read_text(encoding="utf-8"))
    territories = [row["code_insee"] for row in json.loads((settings / "territories.json").read_text(encoding="utf-8"))]
    as_of = pd.Timestamp(programme["as_of"])

    live = current(landing, "prescriptions", "id_prescription", [
        "id_prescription", "numero_carnet", "date_prescription", "code_insee", "id_beneficiaire", "public_pic",
        "residence_qpv", "statut",
    ])  # fmt: skip
    live["prescribed_on"] = days(live["date_prescription"])
    live = live[(live["statut"] == "validee") & (live["prescribed_on"] <= as_of)]
    live = live.sort_values(["prescribed_on", "id_prescription"])
    holding = live.drop_duplicates("numero_carnet", keep="last")
    known = live[live["id_beneficiaire"].notna()].drop_duplicates("id_beneficiaire")
    people = known[known["id_beneficiaire"].isin(holding["id_beneficiaire"])]

    carnet = current(landing, "emissions", "numero_carnet", [
        "numero_carnet", "premier_pass", "dernier_pass", "valeur_faciale", "code_insee", "date_emission",
        "date_fin_validite", "statut", "date_statut",
    ])  # fmt: skip
    carnet = carnet[days(carnet["date_emission"]) <= as_of]
    carnet["first"], carnet["last"] = carnet["premier_pass"].astype("int64"), carnet["dernier_pass"].astype("int64")
    carnet["passes"] = carnet["last"] - carnet["first"] + 1
    carnet["face"] = euros(carnet["valeur_faciale"])
    until = days(carnet["date_fin_validite"]) + pd.DateOffset(months=programme["validity_tolerance_months"])
    left_on = days(carnet["date_statut"])
    left = carnet["statut"].isin(["annule", "retourne", "perdu", "vole"]) & (left_on <= as_of) & (left_on <= until)
    carnet["is_lost"] = (until < as_of) & ~left
    holder = holding.set_index("numero_carnet")
    carnet["is_held"] = carnet["numero_carnet"].isin(holder.index)
    carnet["person"] = carnet["numero_carnet"].map(holder["id_beneficiaire"])
    carnet["used_at"] = carnet["numero_carnet"].map(holder["code_insee"]).fillna(carnet["code_insee"])
    carnet = carnet.sort_values("first")

    use = current(landing, "utilisations", "id_utilisation", [
        "id_utilisation", "numero_pass", "date_utilisation", "siret_lieu", "code_service", "id_session",
        "duree_minutes", "montant", "statut",
    ])  # fmt: skip
    use = use[~use["statut"].isin(["rejetee", "annulee"])]
    use["used_on"], use["moment"] = days(use["date_utilisation"]), use["date_utilisation"].str.slice(10)
    use["number"] = use["numero_pass"].astype("int64")
    use = use[use["used_on"] <= as_of].sort_values("number", kind="stable")
    use = pd.merge_asof(use, carnet[["first", "last", "numero_carnet", "face"]], left_on="number", right_on="first")
    use = use[use["number"] <= use["last"]]
    twice = use["number"].duplicated(keep=False)
    firsts = use[twice].sort_values(["number", "used_on", "moment", "id_utilisation"]).drop_duplicates("number")
    use = pd.concat([use[~twice], firsts], ignore_index=True)
    place = use["siret_lieu"] + "|" + use["date_utilisation"].str.slice(0, 10) + "|" + use["code_service"].fillna("")
    use["session"] = use["id_session"].fillna(place)
    use["minutes"] = pd.to_numeric(use["duree_minutes"])
    service = current(landing, "services", "code_service", ["code_service", "duree_minutes"])
    use["nominal"] = use["code_service"].map(pd.to_numeric(service.set_index("code_service")["duree_minutes"]))
    attended = use.groupby(["numero_carnet", "session"], sort=False)[["minutes", "nominal"]].max()
    counted = attended["minutes"].fillna(attended["nominal"]).fillna(0)
    lieu = current(landing, "lieux", "id", ["id", "pivot"])
    entry = current(landing, "budget", "id_ecriture", ["id_ecriture", "date_ecriture", "nature", "montant_ttc"])
    entry = entry[days(entry["date_ecriture"]) <= as_of]
    by_nature = euros(entry["montant_ttc"]).groupby(entry["nature"]).sum()

    spent = use.groupby("numero_carnet", sort=False).size()
    started = carnet[carnet["numero_carnet"].isin(spent.index)]
    lost = carnet[carnet["is_lost"]]
    identified, anonymous = started["person"].nunique(), started["person"].isna().sum()
    answers = {
        code: people[column].value_counts() for code, column in (("pic", "public_pic"), ("qpv", "residence_qpv"))
    }
    used_eur = use["face"].sum()
    found = {
        "budget_committed_eur": by_nature.get("engagement", 0),
        "budget_paid_eur": by_nature.get("mandatement", 0) - by_nature.get("avoir", 0),
        "passes_issued": carnet["passes"].sum(),
        "passes_prescribed": carnet.loc[carnet["is_held"], "passes"].sum(),
        "passes_used": len(use),
        "passes_expired": lost["passes"].sum() - lost["numero_carnet"].map(spent).sum(),
        "face_value_issued_eur": (carnet["passes"] * carnet["face"]).sum(),
        "face_value_used_eur": used_eur,
        "reimbursed_eur": euros(use.loc[use["statut"] == "remboursee", "montant"]).sum(),
        "state_share_due_eur": min(float(programme["state_rate"]) * used_eur, float(programme["state_ceiling_eur"])),
        "hours": counted.sum() / 60,
        "hours_nominal": attended.loc[attended["minutes"].isna(), "nominal"].sum() / 60,
        "session_hours": counted.groupby(level="session", sort=False).max().sum() / 60,
        "people_equipped": len(people),
        "people_reached": identified + anonymous,
        "people_reached_identified": identified,
        "people_reached_anonymous": anonymous,
        **{f"{code}_share": told["oui"] / (told["oui"] + told["non"]) for code, told in answers.items()},
        "territories_active": started.loc[started["used_at"].isin(territories), "used_at"].nunique(),
        "lieux_active": pd.Series(use["siret_lieu"].unique()).isin(lieu["pivot"]).sum(),
    }
    return {code: float(value) for code, value in found.items()}


if __name__ == "__main__":
    json.dump(figures(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
