"""Page « Territoires »: the map of the participating territories, their ranking, and two or more side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboards import charts, coverage, filters, maps, people, provenance, rates, territories
from dashboards.frame import Page, open_page
from dashboards.reading import NO_FILTER, Filters
from dashboards.tables import derived_html
from presentation import format_fr, labels
from presentation.attention.places import examples
from presentation.french import bind
from presentation.labels import in_sentence
from presentation.sentences import MAP_SOURCE
from presentation.table import Column

TITLE = "Territoires"
MENU = ("Piloter", 2)

ACTIVITY = ("hours", "passes_used", "face_value_used_eur", "passes_issued", "passes_prescribed", "passes_expired")
PEOPLE = ("people_reached", "people_equipped")
MAX_CURVES = 6
#: The totals that may be shown on the map, after the rates.
TOTALS = (*ACTIVITY[:3], *PEOPLE)
STATES = (
    "État",
    "à la date des données, le premier qui convient. Jamais commencé : aucune utilisation depuis le début. Épuisé : "
    "plus aucun pass utilisable. Inactif : des pass utilisables, mais aucune utilisation depuis {}. Actif : sinon.",
)


@dataclass(frozen=True)
class Measure:
    """What the map and the ranking show: a total or a rate. everywhere: its values in all the territories since the
    start, whatever the filters; rate: its row of the dictionary, empty for a total."""

    code: str
    label: str
    kind: str
    everywhere: tuple[float | None, ...]
    rate: dict[str, Any]

    @property
    def is_rate(self) -> bool:
        return bool(self.rate)

    @property
    def from_highest(self) -> bool:
        """Whether the first rank is the highest."""
        return self.rate.get("rank_from", "highest") == "highest"

    @property
    def may_miss(self) -> bool:
        """Whether a missing value may be one that nobody knows (inhabitants), not one that is withheld."""
        return bool(self.rate.get("territories_without"))


def choose_measure(page: Page) -> Measure:
    """The choice of a rate, or of a total: rates come first, they compare a small territory with a large one."""
    named = {row["code"]: row for row in page.ask("indicators").to_dicts()}
    of_rates = {row["rate"]: row for row in rates.known(page)}
    labels = {code: row["label"] for code, row in of_rates.items()} | {code: named[code]["label"] for code in TOTALS}
    code = filters.pick("Mesure (taux, puis totaux)", "mesure", labels)
    everywhere = read_territories(page, NO_FILTER)[code].cast(pl.Float64).to_list()
    rate = of_rates.get(code, {})
    kind = rate["kind"] if rate else format_fr.UNIT_WRITERS[named[code]["unit"]]
    return Measure(code, labels[code], kind, tuple(everywhere), rate)


def read_territories(page: Page, chosen: Filters) -> pl.DataFrame:
    """One row a participating territory: passes, euros and hours of the period, people and rates since the start."""
    period = page.ask("territory_period", filters=chosen)
    states = page.ask("territory_states").select("territory_code", "state", "passes_usable", "last_used_on")
    whole = people.territory_totals(page).select("territory_code", *PEOPLE, "people_target", "hours_target")
    joined = period.join(whole, on="territory_code", how="left").join(states, on="territory_code", how="left")
    joined = joined.join(rates.wide(page, rates.known(page)), on="territory_code", how="left")
    return joined.with_columns(
        state=pl.col("state").replace_strict(labels.TERRITORY_STATE, default="—"),
        status=pl.col("participation_status").replace_strict({"atteste": "attesté", "exemple": "exemple"}, default="—"),
    )


def draw_average(page: Page, shown: Measure) -> None:
    """The programme's average, which every territory is compared with, and where the inhabitants come from."""
    rate = shown.rate
    average = rates.average(page, rate)
    first = "le plus élevé" if shown.from_highest else "le plus bas"
    derived = derived_html(rates.derived(provenance.Scope(page), rate))
    st.html(
        f"<p><strong>Moyenne du programme : {escape(average)}</strong> ({escape(in_sentence(shown.label))}, depuis le "
        f'début ; au premier rang, {first}). <span class="pn-derived">{derived}</span></p>'
        f'<p class="pn-note">{escape(rate["definition"])} {escape(rates.source(page))} '
        f"{escape(rates.missing(page))}</p>"
    )


def draw_map(page: Page, frame: pl.DataFrame, shown: Measure, span: str, words: list) -> None:
    """The map, what it says in words, what has no colour on it, and whose drawing it is. `frame`: every participating
    territory, and whether the filters show it (is_shown)."""
    name, kind = shown.code, shown.kind
    known = frame.filter("is_shown").filter(pl.col(name).is_not_null()).sort(name, descending=True)
    says = f"Carte : {shown.label} par territoire, {span}."
    if known.height:
        first, last = known.row(0, named=True), known.row(-1, named=True)
        says += f" Le plus élevé : {first['territory_name']} ({format_fr.write(first[name], kind)})"
        nothing = known.filter(pl.col(name) == 0).height
        says += (
            f" ; {format_fr.count(nothing, 'territoire')} à zéro."
            if nothing
            else f" ; le moins élevé : {last['territory_name']} ({format_fr.write(last[name], kind)})."
        )
    classes = maps.bounds(shown.everywhere, kind, from_zero=not shown.is_rate)
    chart = maps.territory_map(page.programme.communes_geojson, frame, name, kind, shown.label, classes)
    # Above the map: under it, the squares would stand past the buttons, and on another sheet.
    st.html(f"<p>{escape(bind(says))}</p>{maps.legend(frame, name, page.rights.is_protected)}")
    page.picture(chart, says, 720, words=words)
    st.html(
        f'<p class="pn-note">Échelle fixe : ses bornes sont celles de tous les territoires depuis le '
        f"début, quels que soient les filtres. {MAP_SOURCE}.</p>"
    )


def draw_ranking(page: Page, frame: pl.DataFrame, chosen: Filters, shown: Measure, words: list) -> None:
    """Every territory from the first to the last, a territory without data at the end."""
    name = shown.code
    ranked = frame.sort(name, "territory_name", descending=[shown.from_highest, False], nulls_last=True).with_columns(
        rank=pl.when(pl.col(name).is_not_null())
        .then(pl.col(name).rank("min", descending=shown.from_highest))
        .cast(pl.Int64)
    )
    whole = provenance.Scope(page)
    figure = Column(name, shown.label, shown.kind, may_miss=shown.may_miss)
    if shown.is_rate:
        figure = replace(figure, derived=rates.derived(whole, shown.rate))
        average = shown.rate["programme_value"]
        ranked = ranked.with_columns(
            beside=pl.Series([rates.beside(value, average, shown.kind) for value in ranked[name]], dtype=pl.String)
        )
        beside = [Column("beside", "Face à la moyenne")]
    else:
        # People are counted since the start, whatever the period.
        of_rows = whole if name in PEOPLE else _of_rows(page, chosen)
        ranked = of_rows.by_row(ranked, {name: name}, "territory", "territory_code")
        figure, beside = replace(figure, opens_from=f"{name}_opens"), []
    columns = [
        territories.linked(Column("territory_name", "Territoire")),
        Column("rank", "Rang", "year"),
        *coverage.covered(question_of(name), [figure]),
        *beside,
        Column("ami", "AMI", "year"),
        Column("state", "État"),
        Column("status", "Participation"),
    ]
    ranked = territories.with_words(page, ranked)
    page.show(ranked, columns, f"Classement : {shown.label}", words)
    states = (STATES[0], STATES[1].format(format_fr.month(page.ask("quiet_since")["quiet_since"][0])))
    st.html(f'<p class="pn-note">{" ".join(map(escape, states))}</p>')
    _draw_file(page, ranked, columns, shown, words, states)


def _draw_file(page: Page, ranked: pl.DataFrame, columns: list, shown: Measure, words: list, states: tuple) -> None:
    """The file of the table: every total and every rate, whichever is shown."""
    others = [name for name in (*ACTIVITY, *PEOPLE) if name != shown.code]
    named = {row["code"]: row for row in page.ask("indicators").to_dicts()}
    of_rates = [row for row in rates.known(page) if row["rate"] != shown.code]
    more = [
        *coverage.covered("territory_period", [written(named[name]) for name in others if name not in PEOPLE]),
        *coverage.covered("territory_totals", [written(named[name]) for name in others if name in PEOPLE]),
        *coverage.covered("territory_rates", [Column(row["rate"], row["label"], row["kind"]) for row in of_rates]),
    ]
    usable = coverage.covered("territory_states", [Column("passes_usable", "Pass utilisables", "integer")])
    titles = [*columns[:3], *more, *columns[3:], *usable, Column("last_used_on", "Dernière utilisation", "date")]
    codes = tuple(name for name in (shown.code, *others) if name in named)
    meanings = [(row["label"], row["definition"]) for row in rates.known(page)]
    page.download("territoires", ranked, titles, "Territoires", words, codes, (states, *meanings))


def _of_rows(page: Page, chosen: Filters) -> provenance.Scope:
    """The months shown; each row has its own territory."""
    return provenance.Scope(page, "territory").between(chosen.start, chosen.end)


def question_of(measure: str) -> str:
    """The question that answers a measure: people are never counted for a period (protection.py), a rate neither."""
    if measure in PEOPLE:
        return "territory_totals"
    return "territory_period" if measure in ACTIVITY else "territory_rates"


def _kind_of(indicator: dict) -> str:
    return "people" if indicator["unit"] == "personne" else format_fr.UNIT_WRITERS[indicator["unit"]]


def written(indicator: dict) -> Column:
    """The column of an indicator, in its own writing."""
    return Column(indicator["code"], indicator["label"], format_fr.UNIT_WRITERS[indicator["unit"]])


def draw_comparison(page: Page, frame: pl.DataFrame, chosen: Filters, named: dict[str, dict], words: list) -> None:
    """The territories chosen, a column each, then their curves."""
    heading = "Côte à côte"
    if len(chosen.territories) < 2:
        with st.container(key="nothing_beside"):  # on paper, nothing is to be chosen
            st.header(heading, anchor=False)
            st.write("Choisissez au moins deux territoires dans le filtre pour les comparer.")
        return
    st.header(heading, anchor=False)
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
        columns.append(Column(name, name, "number", kind_from="kind", opens_from=f"{name}_opens"))
    page.show(table, columns, "Territoires côte à côte")
    page.download("comparaison", table, columns, "Territoires côte à côte", words, tuple(codes))
    _draw_curves(page, chosen, words)


def _draw_curves(page: Page, chosen: Filters, words: list) -> None:
    """The hours of the territories chosen, month by month or quarter by quarter."""
    step = filters.pick_step()
    filters.tell_cut(step, chosen)
    months = page.ask("territory_months", filters=chosen, quarters=step.is_quarter)
    span = coverage.span_of("territory_months", words)
    if months.is_empty():
        told = step.nothing(f"Aucune heure de formation {span}.", span)
        st.html(f'<p class="pn-empty">{escape(told)}</p>')
    else:
        columns = coverage.covered(
            "territory_months",
            [
                Column("territory_name", "Territoire"),
                Column("month", step.title, "month"),
                Column("hours", "Heures de formation", "hours"),
            ],
        )
        of_rows = provenance.Scope(page, "territory")
        months = of_rows.by_month(months, {"hours": "hours"}, quarters=step.is_quarter, key="territory_code")
        columns = provenance.opening(columns, months)
        followed = ", ".join(months["territory_name"].unique(maintain_order=True))
        title = f"Heures de formation par {step.word} et par territoire"
        page.draw(
            charts.lines_by_month(
                months, "hours", "territory_name", "hours", "Heures de formation", quarters=step.is_quarter
            ),
            f"Heures de formation par {step.word}, {span} : {followed}.",
            months,
            columns,
            title,
            words,
        )
        page.download("comparaison-mois", months, columns, title, [*words, *step.choices], ("hours",))


page = open_page(
    TITLE, "Où le programme avance, où il s'arrête : la carte, le classement, la comparaison de territoires."
)
provenance.draw(page)
chosen, words = filters.choose(page, "period", "ami", "territories")
shown = choose_measure(page)
span = coverage.span_of(question_of(shown.code), words)
if shown.code in PEOPLE and chosen.has_period:
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
    if shown.is_rate:
        draw_average(page, shown)
    # Every participating territory stands on the map, those that the filters leave out too.
    every = read_territories(page, replace(chosen, ami=None, territories=()))
    places = page.ask("inhabitants").select("territory_code", "longitude", "latitude")
    every = every.join(places, on="territory_code", how="left").with_columns(
        is_shown=pl.col("territory_code").is_in(frame["territory_code"].implode())
    )
    draw_map(page, every, shown, span, words)
    draw_ranking(page, frame, chosen, shown, [*words, ("mesure", shown.label)])
    named = {row["code"]: row for row in page.ask("indicators").to_dicts()}
    draw_comparison(page, frame, chosen, named, words)
