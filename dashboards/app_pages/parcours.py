"""Page « Parcours du pass »: from issue to reimbursement, expiry or cancellation, in passes and euros; expiry risk."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import charts, coverage, filters
from dashboards.frame import Page, open_page
from presentation import format_fr, labels
from presentation.table import Column

TITLE = "Parcours du pass"
MENU = ("Piloter", 5)

#: The road of a pass: every step holds those after it.
STEPS = {
    "Émis": pl.lit(True),
    "Livrés au prescripteur": pl.col("is_delivered"),
    "Prescrits (carnet remis)": pl.col("is_prescribed"),
    "Carnet entamé": pl.col("is_started"),
    "Utilisés": pl.col("status") == "used",
    "Remboursés au lieu": pl.col("is_reimbursed"),
}
RISK = (
    "Risque d'expiration",
    "Pass encore utilisables (en stock, chez le prescripteur ou prescrits) dont la validité, tolérance comprise, "
    "s'achève dans le délai.",
)
UNITS = {"passes": "en pass", "face_value_eur": "en euros"}


def draw_road(page: Page, life: pl.DataFrame, unit: str, words: list) -> None:
    """How many passes reached each step."""
    st.header("Étapes franchies", anchor=False)
    table = pl.concat(
        life.filter(condition).select(
            pl.lit(name).alias("step"), pl.col("passes").sum(), pl.col("face_value_eur").sum()
        )
        for name, condition in STEPS.items()
    )
    total = table.row(0, named=True)["passes"]
    table = table.with_columns(share=pl.col("passes") / total if total else pl.lit(None, pl.Float64))
    columns = coverage.covered(
        "lifecycle",
        [
            Column("step", "Étape"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros"),
            Column("share", "Part des pass émis", "share"),
        ],
    )
    kind = "integer" if unit == "passes" else "euros_round"
    page.draw(
        charts.bars(table, "step", unit, kind, UNITS[unit], order=list(STEPS)),
        "Parcours des pass : "
        + ", ".join(f"{row['step'].lower()} {format_fr.write(row[unit], kind)}" for row in table.to_dicts())
        + ".",
        table,
        columns,
        "Étapes franchies par les pass",
        words,
        height=250,
    )
    page.download(
        "parcours-etapes", table, columns, "Étapes franchies par les pass", words, ("passes_issued", "passes_used")
    )


def draw_status(page: Page, life: pl.DataFrame, words: list) -> None:
    """The exclusive status of every pass: they add up to the passes issued."""
    st.header("Où sont les pass à la date des données", anchor=False)
    table = (
        life.group_by("status")
        .agg(pl.col("passes", "face_value_eur").sum())
        .with_columns(
            label=pl.col("status").replace_strict(labels.STATUS, default=pl.col("status")),
            order=pl.col("status").replace_strict(list(labels.STATUS), range(len(labels.STATUS)), default=9),
        )
        .sort("order")
        .select("label", "passes", "face_value_eur")
    )
    total = table.select(pl.lit("Total émis").alias("label"), pl.col("passes", "face_value_eur").sum())
    columns = coverage.covered(
        "lifecycle",
        [
            Column("label", "Statut"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros"),
        ],
    )
    whole = pl.concat([table, total], how="vertical_relaxed")
    page.show(whole, columns, "Statut des pass à la date des données", words)
    page.download("parcours-statuts", whole, columns, "Statut des pass", words, ("passes_issued", "passes_expired"))


def draw_lots(page: Page, life: pl.DataFrame, unit: str, words: list) -> None:
    """The statuses by lot and by validity year."""
    st.header("Par lot et par année de validité", anchor=False)
    wide = (
        life.group_by("lot_code", "validity_year", "status")
        .agg(pl.col(unit).sum())
        .pivot("status", index=["lot_code", "validity_year"], values=unit)
        .sort("lot_code", "validity_year")
    )
    names = [name for name in labels.STATUS if name in wide.columns]
    zero = [pl.col(name).fill_null(0) for name in names]
    wide = wide.with_columns(zero).with_columns(total=pl.sum_horizontal(names))
    kind = "integer" if unit == "passes" else "euros"
    columns = coverage.covered(
        "lifecycle",
        [
            Column("lot_code", "Lot"),
            Column("validity_year", "Fin de validité", "year"),
            Column("total", "Émis", kind),
            *(Column(name, labels.STATUS[name], kind) for name in names),
        ],
    )
    page.show(wide, columns, f"Statut des pass par lot, {UNITS[unit]}", words)
    page.download("parcours-lots", wide, columns, f"Statut des pass par lot, {UNITS[unit]}", words, ("passes_issued",))


def draw_risk(page: Page, chosen: filters.Filters, words: list) -> None:
    """Passes that can still be used and will soon not be."""
    st.header("Risque d'expiration", anchor=False)
    risk = page.ask("expiry_risk", filters=chosen).with_columns(
        label=pl.col("status").replace_strict(labels.STATUS, default=pl.col("status"))
    )
    days = page.programme.expiry_alert_days
    if risk.is_empty():
        st.html(f'<p class="pn-empty">Aucun pass utilisable n\'expire dans les {max(days, 60)} jours.</p>')
        return
    horizons = sorted({30, 60, days})
    tolerance = format_fr.count(page.programme.validity_tolerance_months, "mois", "mois")
    st.write(
        f"Pass encore utilisables dont la validité, tolérance de {tolerance} comprise, s'achève dans les "
        f"{', '.join(map(str, horizons[:-1]))} ou {horizons[-1]} jours qui suivent la date des données. Les horizons "
        f"s'emboîtent : {horizons[-1]} jours comprend les autres. Le préavis réglé est de {days} jours."
    )
    columns = coverage.covered(
        "expiry_risk",
        [
            Column("horizon_days", "Dans les (jours)", "year"),
            Column("label", "Statut"),
            Column("first_expiry_on", "Première expiration", "date"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros"),
        ],
    )
    page.show(risk, columns, "Pass qui vont expirer, par horizon et par statut", words)
    page.download("parcours-expiration", risk, columns, "Pass qui vont expirer", words, meanings=(RISK,))
    by_territory = page.ask("expiry_by_territory", filters=chosen, horizon=days)
    columns = coverage.covered(
        "expiry_by_territory",
        [
            Column("territory_name", "Territoire"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros"),
            Column("first_expiry_on", "Première expiration", "date"),
        ],
    )
    title = f"Pass qui expirent dans les {days} jours, par territoire"
    page.show(by_territory, columns, title, words)
    page.download("parcours-expiration-territoires", by_territory, columns, title, words, meanings=(RISK,))


page = open_page(TITLE, "De l'émission au remboursement : où sont les pass, et lesquels vont expirer.")
chosen, words = filters.choose(page, "ami", "territories")
pairs = page.ask("lots")
left, middle, right = st.columns(3)
lots = filters.pick_many("Lots", "lots", {code: code for code in pairs["lot_code"].unique().sort()}, left)
years = filters.pick_many(
    "Fin de validité",
    "validite",
    {str(year): str(year) for year in pairs["validity_year"].drop_nulls().unique().sort()},
    middle,
)
unit = filters.pick("Compter", "unite", UNITS, right)
words += [coverage.Choice("lots", ", ".join(lots), "lots")] if lots else []
words += [coverage.Choice("fin de validité", ", ".join(years), "years")] if years else []
life = page.ask("lifecycle", filters=chosen, lots=lots, years=tuple(int(year) for year in years))
if life.is_empty():
    st.html('<p class="pn-empty">Aucun pass ne répond à ces filtres.</p>')
    st.stop()
draw_road(page, life, unit, words)
draw_status(page, life, words)
draw_lots(page, life, unit, words)
draw_risk(page, chosen, words)
