"""Page « Territoires »: the map of the participating territories, their ranking, and two or more side by side."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import polars as pl
import streamlit as st

from dashboards import charts, coverage, filters, people, provenance
from dashboards.frame import Page, open_page
from dashboards.reading import Filters
from presentation import format_fr, labels
from presentation.attention.places import examples
from presentation.sentences import MAP_SOURCE
from presentation.table import Column

TITLE = "Territoires"
MENU = ("Piloter", 2)

ACTIVITY = ("hours", "passes_used", "face_value_used_eur", "passes_issued", "passes_prescribed", "passes_expired")
PEOPLE = ("people_reached", "people_equipped")
MAX_CURVES = 6
STATES = (
    "État",
    "à la date des données, le premier qui convient. Jamais commencé : aucune utilisation depuis le début. Épuisé : "
    "plus aucun pass utilisable. Inactif : des pass utilisables, mais aucune utilisation depuis {}. Actif : sinon.",
)


def read_territories(page: Page, chosen: Filters) -> pl.DataFrame:
    """One row a participating territory: passes, euros and hours of the period, people since the start."""
    period = page.ask("territory_period", filters=chosen)
    states = page.ask("territory_states").select("territory_code", "state", "passes_usable", "last_used_on")
    whole = people.territory_totals(page).select("territory_code", *PEOPLE, "people_target", "hours_target")
    joined = period.join(whole, on="territory_code", how="left").join(states, on="territory_code", how="left")
    return joined.with_columns(
        state=pl.col("state").replace_strict(labels.TERRITORY_STATE, default="—"),
        status=pl.col("participation_status").replace_strict({"atteste": "attesté", "exemple": "exemple"}, default="—"),
    )


def draw_map(page: Page, frame: pl.DataFrame, measure: str, kind: str, label: str, words: list) -> None:
    """The map, what it says in words, and whose drawing it is."""
    known = frame.filter(pl.col(measure).is_not_null()).sort(measure, descending=True)
    says = f"Carte : {label} par territoire, {coverage.span_of(question_of(measure), words)}."
    if known.height:
        first, last = known.row(0, named=True), known.row(-1, named=True)
        says += f" Le plus élevé : {first['territory_name']} ({format_fr.write(first[measure], kind)})"
        nothing = known.filter(pl.col(measure) == 0).height
        says += (
            f" ; {format_fr.count(nothing, 'territoire')} à zéro."
            if nothing
            else f" ; le moins élevé : {last['territory_name']} ({format_fr.write(last[measure], kind)})."
        )
    chart = charts.territory_map(page.programme.communes_geojson, frame, measure, kind, label)
    page.picture(chart, says, 430, words=words)
    st.html(
        f'<p class="pn-note">{escape(says)} En gris : hors programme ; '
        "gris cerné : secret statistique ou sans donnée. "
        f"{MAP_SOURCE}.</p>"
    )


def draw_ranking(
    page: Page, frame: pl.DataFrame, chosen: Filters, measure: str, kind: str, label: str, words: list
) -> None:
    """Every territory from the first to the last, a territory without data at the end."""
    ranked = frame.sort(measure, descending=True, nulls_last=True).with_columns(
        rank=pl.when(pl.col(measure).is_not_null()).then(pl.col(measure).rank("min", descending=True)).cast(pl.Int64)
    )
    # People are counted since the start, whatever the period.
    of_rows = provenance.Scope(page) if measure in PEOPLE else _of_rows(page, chosen)
    ranked = of_rows.by_row(ranked, {measure: measure}, "territory", "territory_code")
    sheet = filters.link("territoire", territoire="")
    columns = [
        Column("territory_name", "Territoire", link_to=sheet, link_from="territory_name"),
        Column("rank", "Rang", "year"),
        *coverage.covered(question_of(measure), [Column(measure, label, kind, opens_from=f"{measure}_opens")]),
        Column("ami", "AMI", "year"),
        Column("state", "État"),
        Column("status", "Participation"),
    ]
    page.show(ranked, columns, f"Classement : {label}", words)
    states = (STATES[0], STATES[1].format(format_fr.month(page.ask("quiet_since")["quiet_since"][0])))
    st.html(f'<p class="pn-note">{" ".join(map(escape, states))}</p>')
    others = [name for name in (*ACTIVITY, *PEOPLE) if name != measure]
    named = {row["code"]: row for row in page.ask("indicators").to_dicts()}
    more = [
        *coverage.covered("territory_period", [written(named[name]) for name in others if name not in PEOPLE]),
        *coverage.covered("territory_totals", [written(named[name]) for name in others if name in PEOPLE]),
    ]
    usable = coverage.covered("territory_states", [Column("passes_usable", "Pass utilisables", "integer")])
    titles = [*columns[:3], *more, *columns[3:], *usable, Column("last_used_on", "Dernière utilisation", "date")]
    page.download("territoires", ranked, titles, "Territoires", words, (measure, *others), (states,))


def _of_rows(page: Page, chosen: Filters) -> provenance.Scope:
    """The months shown; each row has its own territory."""
    return provenance.Scope(page, "territory").between(chosen.start, chosen.end)


def question_of(measure: str) -> str:
    """The question that answers a measure: people are never counted for a period (protection.py)."""
    return "territory_totals" if measure in PEOPLE else "territory_period"


def _kind_of(indicator: dict) -> str:
    return "people" if indicator["unit"] == "personne" else format_fr.UNIT_WRITERS[indicator["unit"]]


def written(indicator: dict) -> Column:
    """The column of an indicator, in its own writing."""
    return Column(indicator["code"], indicator["label"], format_fr.UNIT_WRITERS[indicator["unit"]])


def draw_comparison(page: Page, frame: pl.DataFrame, chosen: Filters, named: dict[str, dict], words: list) -> None:
    """The territories chosen, a column each, then their curves."""
    st.header("Côte à côte", anchor=False)
    if len(chosen.territories) < 2:
        st.write("Choisissez au moins deux territoires dans le filtre pour les comparer.")
        return
    if len(chosen.territories) > MAX_CURVES:
        st.write(f"La comparaison va jusqu'à {MAX_CURVES} territoires : retirez-en du filtre.")
        return
    codes = [*ACTIVITY, *PEOPLE]
    spans = [coverage.span_of(question_of(code), words) for code in codes]
    table = pl.DataFrame(
        {
            "indicator": [f"{named[code]['label']}, {span}" for code, span in zip(codes, spans, strict=True)],
            "kind": [_kind_of(named[code]) for code in codes],
        }
    )
    columns = [Column("indicator", "Indicateur")]
    for row in frame.sort("territory_name").to_dicts():
        name, code = row["territory_name"], row["territory_code"]
        opens = [
            replace(_of_rows(page, Filters() if one in PEOPLE else chosen), code=code).opens(one)
            if row[one] is not None
            else None
            for one in codes
        ]
        values = pl.Series(name, [row[one] for one in codes], pl.Float64)
        table = table.with_columns(values, pl.Series(f"{name}_opens", opens, pl.String))
        columns.append(Column(name, name, kind_from="kind", opens_from=f"{name}_opens"))
    page.show(table, columns, "Territoires côte à côte")
    page.download("comparaison", table, columns, "Territoires côte à côte", words, tuple(codes))
    months = page.ask("territory_months", filters=chosen)
    if months.height:
        columns = coverage.covered(
            "territory_months",
            [
                Column("territory_name", "Territoire"),
                Column("month", "Mois", "month"),
                Column("hours", "Heures de formation", "hours"),
            ],
        )
        of_rows = [
            replace(_of_rows(page, Filters(month, month)), code=code).opens("hours")
            for month, code in months.select("month", "territory_code").rows()
        ]
        months = months.with_columns(pl.Series("hours_opens", of_rows, pl.String))
        columns = provenance.opening(columns, months)
        followed = ", ".join(months["territory_name"].unique(maintain_order=True))
        page.draw(
            charts.lines_by_month(months, "hours", "territory_name", "hours", "Heures de formation"),
            f"Heures de formation par mois, {coverage.span_of('territory_months', words)} : {followed}.",
            months,
            columns,
            "Heures de formation par mois et par territoire",
            words,
        )
        title = "Heures de formation par mois et par territoire"
        page.download("comparaison-mois", months, columns, title, words, ("hours",))


page = open_page(
    TITLE, "Où le programme avance, où il s'arrête : la carte, le classement, la comparaison de territoires."
)
provenance.draw(page)
chosen, words = filters.choose(page, "period", "ami", "territories")
indicators = {row["code"]: row for row in page.ask("indicators").to_dicts()}
measure = filters.pick("Mesure", "mesure", {code: indicators[code]["label"] for code in (*ACTIVITY[:3], *PEOPLE)})
kind = format_fr.UNIT_WRITERS[indicators[measure]["unit"]]
label = indicators[measure]["label"]
if measure in PEOPLE and chosen.has_period:
    st.info(
        "Les personnes sont comptées depuis le début du programme, quelle que soit la période choisie : des effectifs "
        "par période permettraient de retrouver de petits nombres par soustraction."
    )
frame = read_territories(page, chosen)
if frame.is_empty():
    st.html('<p class="pn-empty">Aucun territoire ne répond à ces filtres.</p>')
else:
    if told := examples(frame["participation_status"].to_list(), "territoire affiché", "territoires affichés"):
        st.html(f'<p class="pn-note"><span class="pn-tag">exemple</span> {escape(told)}</p>')
    left, right = st.columns([1, 1])
    with left:
        draw_map(page, frame, measure, kind, label, words)
    with right:
        draw_ranking(page, frame, chosen, measure, kind, label, [*words, ("mesure", label)])
    draw_comparison(page, frame, chosen, indicators, words)
