"""Page « Parcours du pass »: from issue to reimbursement, expiry or cancellation, in passes and euros; expiry risk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import streamlit as st

from dashboards import charts, coverage, filters, provenance, territories
from dashboards.frame import Page, open_page
from presentation import format_fr, labels
from presentation.table import Column

TITLE = "Parcours du pass"
MENU = ("Piloter", 5)

#: The road of a pass: every step holds those after it.
STEPS = {
    "issued": "Émis",
    "delivered": "Livrés au prescripteur",
    "prescribed": "Prescrits (carnet remis)",
    "started": "Carnet entamé",
    "used": "Utilisés",
    "reimbursed": "Remboursés au lieu",
}
RISK = (
    "Risque d'expiration",
    "Pass encore utilisables (en stock, chez le prescripteur ou prescrits) dont la validité, tolérance comprise, "
    "s'achève dans le délai.",
)
TOTAL = "Total émis"
UNITS = {"passes": "en pass", "face_value_eur": "en euros"}
#: What is summed, in passes and in euros, of the passes at a step or at a status: measures of the dictionary.
ISSUED = provenance.ISSUED
STEP_MEASURES = {
    "Émis": ISSUED,
    "Prescrits (carnet remis)": ("passes_prescribed", "face_value_prescribed_eur"),
    "Utilisés": ("passes_used", "face_value_used_eur"),
    "Remboursés au lieu": ("passes_reimbursed", "face_value_reimbursed_eur"),
}


@dataclass(frozen=True)
class Shown:
    """The passes shown, in what they are counted, and where their figures come from. `is_part`: of some lots or ends of
    validity alone, which no code of a figure names."""

    page: Page
    scope: provenance.Scope
    asked: dict[str, Any]
    unit: str
    words: list
    is_part: bool

    @property
    def kind(self) -> str:
        return "integer" if self.unit == "passes" else "euros_round"

    def opening(
        self,
        frame: pl.DataFrame,
        columns: list[Column],
        measures: dict[str, tuple[str, str]],
        told: str,
        *named: str,
    ) -> tuple[pl.DataFrame, list[Column]]:
        """The rows, by their first column, with the addresses that open their passes and euros, and the columns with
        what the other figures come from."""
        if self.is_part:
            told = "Part, pour les lots et les validités choisis, de ce que comptent :"
            return frame, provenance.opening(columns, frame, self.scope.derived(told, *named))
        keys = frame[frame.columns[0]].to_list()
        for place, column in enumerate(UNITS):
            opens = [self.scope.opens(measures[key][place]) if key in measures else None for key in keys]
            frame = frame.with_columns(pl.Series(f"{column}_opens", opens, pl.String))
        columns = provenance.opening(columns, frame)
        derived = self.scope.derived(told, *named)
        return frame, [replace(column, derived=derived) if column.is_figure else column for column in columns]


def draw_road(shown: Shown) -> None:
    """How many passes reached each step."""
    st.header("Étapes franchies", anchor=False)
    page, unit = shown.page, shown.unit
    table = page.ask("steps", **shown.asked).with_columns(pl.col("step").replace_strict(STEPS))
    total = table.row(0, named=True)["passes"]
    table = table.with_columns(share=pl.col("passes") / total if total else pl.lit(None, pl.Float64))
    columns = coverage.covered(
        "lifecycle",
        [
            Column("step", "Étape"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros_round"),
            Column("share", "Part des pass émis", "share"),
        ],
    )
    told = (
        "Part = pass de l'étape ÷ pass émis ; livrés : ceux d'un carnet qui a une date de livraison, entamés : ceux "
        "d'un carnet dont un pass est utilisé, parmi :"
    )
    table, columns = shown.opening(table, columns, STEP_MEASURES, told, *ISSUED, "carnets_started")
    kind = page.kind("integer" if unit == "passes" else "euros_round")
    page.draw(
        charts.bars(table, "step", unit, kind, UNITS[unit], order=list(STEPS.values())),
        "Parcours des pass : "
        + ", ".join(f"{row['step'].lower()} {format_fr.write(row[unit], kind)}" for row in table.to_dicts())
        + ".",
        table,
        columns,
        "Étapes franchies par les pass",
        shown.words,
        height=250,
    )
    page.download(
        "parcours-etapes",
        table,
        columns,
        "Étapes franchies par les pass",
        shown.words,
        ("passes_issued", "passes_used"),
    )


def draw_status(shown: Shown) -> None:
    """The exclusive status of every pass: they add up to the passes issued."""
    st.header("Où sont les pass à la date des données", anchor=False)
    table = (
        shown.page.ask("statuses", **shown.asked)
        .with_columns(
            label=pl.col("status").replace_strict(labels.STATUS, default=pl.col("status")),
            order=pl.col("status").replace_strict(list(labels.STATUS), range(len(labels.STATUS)), default=9),
        )
        .sort("order")
        .select("label", "passes", "face_value_eur")
    )
    issued = shown.page.ask("steps", **shown.asked).filter(step="issued")
    total = issued.select(pl.lit(TOTAL).alias("label"), "passes", "face_value_eur")
    columns = coverage.covered(
        "lifecycle",
        [
            Column("label", "Statut"),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros_round"),
        ],
    )
    whole = pl.concat([table, total], how="vertical_relaxed")
    measures = {labels.STATUS[status]: codes for status, codes in provenance.STATUS_MEASURES.items()} | {TOTAL: ISSUED}
    whole, columns = shown.opening(whole, columns, measures, "Les six statuts s'additionnent aux :", *ISSUED)
    page, title = shown.page, "Statut des pass à la date des données"
    page.show(whole, columns, title, shown.words)
    page.download(
        "parcours-statuts", whole, columns, "Statut des pass", shown.words, ("passes_issued", "passes_expired")
    )


def draw_lots(shown: Shown) -> None:
    """The statuses by lot and by validity year."""
    st.header("Par lot et par année de validité", anchor=False)
    page, unit, words = shown.page, shown.unit, shown.words
    wide = (
        page.ask("lot_statuses", **shown.asked)
        .pivot("status", index=["lot_code", "validity_year"], values=unit)
        .sort("lot_code", "validity_year")
    )
    names = [name for name in labels.STATUS if name in wide.columns]
    if not page.rights.is_protected:
        wide = wide.with_columns(pl.col(name).fill_null(0) for name in names)
    wide = wide.with_columns(total=pl.sum_horizontal(names, ignore_nulls=False))
    columns = coverage.covered(
        "lifecycle",
        [
            Column("lot_code", "Lot"),
            Column("validity_year", "Fin de validité", "year"),
            Column("total", "Émis", shown.kind),
            *(Column(name, labels.STATUS[name], shown.kind) for name in names),
        ],
    )
    place = list(UNITS).index(unit)
    told = shown.scope.derived(
        "Chaque pass est celui d'un carnet, dont la ligne d'émission donne le lot et la fin de validité ; les lots "
        "s'additionnent à :",
        ISSUED[place],
        *(provenance.STATUS_MEASURES[name][place] for name in names),
    )
    columns = provenance.opening(columns, wide, told)
    page.show(wide, columns, f"Statut des pass par lot, {UNITS[unit]}", words)
    page.download("parcours-lots", wide, columns, f"Statut des pass par lot, {UNITS[unit]}", words, ("passes_issued",))


def draw_risk(page: Page, scope: provenance.Scope, chosen: filters.Filters, words: list) -> None:
    """Passes that can still be used and will soon not be."""
    st.header("Risque d'expiration", anchor=False)
    risk = page.ask("expiry_risk", filters=chosen).with_columns(
        label=pl.col("status").replace_strict(labels.STATUS | labels.USABLE, default=pl.col("status"))
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
            Column("face_value_eur", "Valeur faciale", "euros_round"),
        ],
    )
    told = scope.derived("Ce qui va expirer dans le délai, parmi :", *provenance.USABLE)
    columns = provenance.opening(columns, risk, told)
    page.show(risk, columns, "Pass qui vont expirer, par horizon et par statut", words)
    page.download("parcours-expiration", risk, columns, "Pass qui vont expirer", words, meanings=(RISK,))
    by_territory = page.ask("expiry_by_territory", filters=chosen, horizon=days)
    columns = coverage.covered(
        "expiry_by_territory",
        [
            territories.linked(Column("territory_name", "Territoire")),
            Column("passes", "Pass", "integer"),
            Column("face_value_eur", "Valeur faciale", "euros_round"),
            Column("first_expiry_on", "Première expiration", "date"),
        ],
    )
    columns = provenance.opening(columns, by_territory, told)
    title = f"Pass qui expirent dans les {days} jours, par territoire"
    page.show(territories.with_words(page, by_territory), columns, title, words)
    page.download("parcours-expiration-territoires", by_territory, columns, title, words, meanings=(RISK,))


page = open_page(TITLE, "De l'émission au remboursement : où sont les pass, et lesquels vont expirer.")
provenance.draw(page)
chosen, words = filters.choose(page, "ami", "territories")
left, middle, right = st.columns(3)
lots: tuple[str, ...] = ()
years: tuple[str, ...] = ()
# Lots are of the whole programme for a reader outside the team: those of a territory are too few (reporting/cube).
if not page.rights.is_protected:
    pairs = page.ask("lots")
    lots = filters.pick_many("Lots", "lots", {code: code for code in pairs["lot_code"].unique().sort()}, left)
    years = filters.pick_many(
        "Fin de validité",
        "validite",
        {str(year): str(year) for year in pairs["validity_year"].drop_nulls().unique().sort()},
        middle,
    )
unit = filters.pick("Compter", "unite", UNITS, left if page.rights.is_protected else right)
words += [coverage.Choice("lots", ", ".join(lots), "lots")] if lots else []
words += [coverage.Choice("fin de validité", ", ".join(years), "years")] if years else []
asked = {"filters": chosen, "lots": lots, "years": tuple(int(year) for year in years)}
if page.ask("statuses", **asked).is_empty():
    st.html('<p class="pn-empty">Aucun pass ne répond à ces filtres.</p>')
    st.stop()
scope = provenance.Scope.of(page, chosen, "account")
shown = Shown(page, scope, asked, unit, words, is_part=bool(lots or years))
draw_road(shown)
draw_status(shown)
if page.rights.is_protected and (chosen.territories or chosen.ami):
    st.html('<p class="pn-note">Les lots ne sont donnés que pour tout le programme (petits effectifs).</p>')
else:
    draw_lots(shown)
draw_risk(page, scope, chosen, words)
