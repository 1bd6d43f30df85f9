"""Page « Vue d'ensemble »: how far the programme is, where it goes, what changed, what deserves attention."""

from __future__ import annotations

from html import escape
from pathlib import Path

import duckdb
import polars as pl
import streamlit as st

from dashboards import cards, charts, coverage, filters, first_screen, pace, people, points, provenance, rates
from dashboards.connections import VersionGone
from dashboards.frame import Page, answer, open_page, verdict, version_at
from dashboards.tables import most_hours
from presentation import format_fr, labels, outlook
from presentation.attention import engine as attention
from presentation.attention import verdict as committee
from presentation.attention.engine import Facts
from presentation.attention.point import Point
from presentation.table import Column, Derived
from warehouse.published import versions
from warehouse.settings import Home

TITLE = "Vue d'ensemble"
MENU = ("Piloter", 1)
ADDRESS = ""

HEADLINES = ("budget_committed_eur", "budget_paid_eur", "hours", "people_equipped", "people_reached")
OTHERS = ("state_share_due_eur", "pic_share", "qpv_share", "territories_active", "lieux_active", "passes_used")
CURVES = {
    "hours": "Heures de formation",
    "people_reached": "Personnes formées",
    "people_equipped": "Personnes équipées",
    "budget_paid_eur": "Budget mandaté",
    "budget_committed_eur": "Budget engagé",
    "face_value_used_eur": "Valeur faciale utilisée",
}


def draw_headlines(page: Page, progress: dict[str, dict], moved: pl.DataFrame | None) -> None:
    """Each figure against its target, then the others."""
    st.header("Où en est le programme", anchor=False)
    if page.rights.role == "territoire":
        st.write("Ces chiffres sont ceux de tout le programme ; ceux de votre territoire sont sur sa fiche.")
    since = coverage.span_of("progress")
    cards.show(
        [
            cards.indicator_card(
                progress[code], "", since, provenance.link(page, code), trend=pace.trend(page, progress[code], moved)
            )
            for code in HEADLINES
        ]
    )
    notes = _recently_active(page) | {
        code: f"{format_fr.percent(1 - progress[code]['answered_share'])} sans réponse"
        for code in ("pic_share", "qpv_share")
        if progress[code]["answered_share"] is not None
    }
    cards.show(
        [
            cards.indicator_card(progress[code], notes.get(code, ""), since, provenance.link(page, code))
            for code in OTHERS
        ]
    )
    st.html(rates.of_programme(page))


def _recently_active(page: Page) -> dict[str, str]:
    """What the cards of active territories and lieux add: at least one use since the start, and lately.

    A territory's reader, who sees its own rows alone, is not given a count of the others.
    """
    if page.rights.role == "territoire":
        return {}
    since = page.ask("quiet_since")["quiet_since"][0]
    territories = page.ask("territory_states")["is_recently_active"].sum()
    lieux = page.ask("lieu_totals", filters=filters.Filters()).filter(~pl.col("is_inferred"))
    lately = lieux.filter(pl.col("last_month") >= since).height
    told = "au moins une utilisation depuis le début du programme, dont {} depuis " + format_fr.month(since)
    return {
        "territories_active": told.format(format_fr.integer(territories)),
        "lieux_active": told.format(format_fr.integer(lately)),
    }


def draw_answers(page: Page, given: Facts, found: list[Point]) -> None:
    """What a committee asks first: will we make it, where is the risk, what is to be decided."""
    answers = committee.answers(given.targets, found, given.programme, given.on)
    page.opening.html(first_screen.html(answers))


def draw_points(page: Page, found: list[Point]) -> None:
    """The points of attention, in their order."""
    st.header("Points d'attention", anchor=False)
    if page.rights.role == "territoire":
        st.write(f"Expiration, avoirs, territoires et lieux : {page.scope} seulement. Le reste : tout le programme.")
    items = "".join(f"<li><strong>{escape(point.subject)}</strong> : {escape(point.text)}</li>" for point in found)
    st.html(f'<ul class="pn-points">{items}</ul>')
    st.html(
        '<p class="pn-note pn-derived">Ces phrases relisent les chiffres de cette page et des pages Budget, Parcours '
        "du pass, Territoires, Lieux et Qualité, où chacun s'ouvre.</p>"
    )


def draw_burn_up(page: Page, progress: dict[str, dict]) -> None:
    """The total since the start, with its projection."""
    st.header("Depuis le début, et jusqu'à la fin du mandat", anchor=False)
    measure = filters.pick("Mesure", "courbe", CURVES)
    row = progress[measure]
    kind = format_fr.UNIT_WRITERS[row["unit"]]
    actual, projected = page.ask("burn_up", measure=measure), page.ask("projection", measure=measure)
    ahead = projected.filter(pl.col("scenario") == outlook.HEADLINE)
    found = outlook.Outlook.of(projected)
    rough = format_fr.ROUND_WRITERS[row["unit"]]
    goal = f"{row['target_label']} : {format_fr.write(row['target'], rough)}" if row["target"] else ""
    now = format_fr.write(row["value"], page.kind(kind))
    says = f"{row['label']} : {now} au {format_fr.day_long(page.version.as_of)}."
    ends = (pl.col("date_day") == pl.col("date_day").dt.month_end()) | (pl.col("date_day") == page.version.as_of)
    table = actual.filter(ends).rename({"date_day": "day"})
    table = table.with_columns(month=pl.col("day").dt.month_start())
    whole = provenance.Scope(page)
    table = whole.by_month(table, {"value": measure}, cumulated=True).drop("month")
    columns = [
        Column("day", "Au", "date"),
        Column("value", f"{row['label']} (constaté)", "integer" if kind == "people" else kind, may_miss=True),
    ]
    if found is not None:
        says += f" Projection : {found.sentence(lambda value: format_fr.write(value, rough))}"
        table, more = _with_projection(table, projected, found.end_with_budget is not None)
        columns += more
    if measure in people.COUNTS:
        table = table.drop("value_opens")
    told = (
        "Le constaté est un cumul, jour après jour, du chiffre d'aujourd'hui ; la projection, indicative, le prolonge :"
    )
    columns = provenance.opening(columns, table, whole.derived(told, measure))
    chart = charts.burn_up(actual, ahead, row["target"], goal, kind, row["label"])
    page.draw(chart, says, table, columns, f"{row['label']} depuis le début", height=360)
    st.html(f'<p class="pn-note">{escape(says)}</p><p class="pn-note">{escape(_trust(page, measure, found))}</p>')
    page.download("cumul", table, columns, f"{row['label']} depuis le début", [("mesure", row["label"])], (measure,))


def _with_projection(
    table: pl.DataFrame, projected: pl.DataFrame, is_reissued: bool
) -> tuple[pl.DataFrame, list[Column]]:
    """The table of facts, then the projection of each scenario that says something of its own."""
    columns = []
    for scenario in (outlook.HEADLINE, outlook.WITH_BUDGET)[: 1 + is_reissued]:
        words = labels.SCENARIO[scenario] if is_reissued else "projection"
        edges = {
            "low": "borne basse (10 %)",
            "median": "médiane",
            "high": "borne haute (90 %)",
            "ceiling": f"au plus, {outlook.IF_ALL_SERVED}",
        }
        rows = projected.filter(pl.col("scenario") == scenario).select(
            pl.col("target_on").alias("day"), *(pl.col(edge).alias(f"{edge}_{scenario}") for edge in edges)
        )
        table = table.join(rows, on="day", how="full", coalesce=True)
        columns += [
            Column(f"{edge}_{scenario}", f"{words.capitalize()} : {word}", "integer", may_miss=True)
            for edge, word in edges.items()
        ]
    return table.sort("day"), columns


def _trust(page: Page, measure: str, found: outlook.Outlook | None) -> str:
    tried = page.ask("reliability", measure=measure).filter(pl.col("scenario") == outlook.HEADLINE)
    if tried.is_empty():
        return "Cette mesure n'est pas projetée."
    if found is None:
        return outlook.not_projected(page.version.as_of, page.programme)
    return "Fourchette : huit chances sur dix que la valeur y tombe, sans nouvelle émission de pass. " + outlook.trust(
        tried.row(0, named=True), page.programme
    )


def draw_activity(page: Page) -> None:
    """What happened month by month, or quarter by quarter, for the period and the territories chosen."""
    st.header("Activité dans le temps", anchor=False)
    chosen, words = filters.choose(page, "period", "ami", "territories")
    rest = "au reste de cette page, qui porte sur tout le programme depuis le début"
    if told := coverage.deaf_sentence("progress", words, rest):
        st.html(f'<p class="pn-note">{escape(told)}</p>')
    step = filters.pick_step()
    filters.tell_cut(step, chosen)
    months = page.ask("activity_by_month", filters=chosen, quarters=step.is_quarter)
    span = coverage.span_of("activity_by_month", words)
    if months.is_empty():
        told = step.nothing("Aucune activité ne répond à ces filtres.", span)
        st.html(f'<p class="pn-empty">{escape(told)}</p>')
        return
    columns = coverage.covered(
        "activity_by_month",
        [
            Column("month", step.title, "month"),
            Column("hours", "Heures de formation", "hours"),
            Column("passes_issued", "Pass émis", "integer"),
            Column("passes_prescribed", "Pass prescrits", "integer"),
            Column("passes_used", "Pass utilisés", "integer"),
            Column("passes_expired", "Pass expirés", "integer"),
            Column("face_value_used_eur", "Valeur faciale utilisée", "euros_round"),
        ],
    )
    shown = {column.name: column.name for column in columns if column.is_figure}
    months = provenance.Scope.of(page, chosen).by_month(months, shown, quarters=step.is_quarter)
    columns = provenance.opening(columns, months)
    page.draw(
        charts.columns_by_month(months, "hours", "hours", "Heures de formation", quarters=step.is_quarter),
        f"Heures de formation par {step.word}, {span}{most_hours(months, step.since)}.",
        months,
        columns,
        f"Activité {step.one_by_one}",
        words,
        height=240,
    )
    title = f"Activité {step.one_by_one}"
    page.download("activite", months, columns, title, [*words, *step.choices], ("hours", "passes_used"))


def _older(page: Page) -> Path | None:
    """The version published just before the one that is read."""
    older = [path for path in versions.version_paths(Home.at()) if path.stem < page.version.path.stem]
    return older[0] if older else None


def _moved_since(page: Page, older: Path | None) -> pl.DataFrame | None:
    """`people.moves` since the version published before; None without one that can be read."""
    if older is None:
        return None
    try:
        then = answer(str(older), page.rights, "progress", {}).select("indicator", pl.col("value").alias("before"))
    except (duckdb.Error, VersionGone):
        return None
    return people.moves(page, people.progress(page).join(then, on="indicator"))


def draw_changes(page: Page, older: Path | None, moved: pl.DataFrame | None) -> None:
    """Every figure against the version published before."""
    st.header("Ce qui a changé depuis la version précédente", anchor=False)
    if older is None:
        st.write("Cette version est la première gardée : il n'y a pas encore de comparaison.")
        return
    try:
        before = version_at(str(older))
    except VersionGone:
        st.write("La version précédente vient d'être retirée : il n'y a pas de comparaison.")
        return
    if moved is None:
        st.write(f"La version {before.build_id} vient d'une version du logiciel trop ancienne pour être comparée.")
        return
    if moved.is_empty():
        st.write(f"Aucun chiffre n'a changé depuis la version {before.build_id}.")
        return
    moved = moved.with_columns(
        pl.Series("value_opens", [provenance.link(page, code) for code in moved["indicator"]], pl.String),
        pl.Series(
            "before_opens",
            [provenance.link(page, code, build_id=before.build_id) for code in moved["indicator"]],
            pl.String,
        ),
    )
    told = Derived("Écart = cette version − la précédente, dont chaque chiffre s'ouvre.")
    columns = [
        Column("label", "Indicateur (depuis le début)"),
        Column("before", f"Version précédente (données au {format_fr.day(before.as_of)})", "number", kind_from="kind"),
        Column("value", "Cette version", "number", kind_from="kind"),
        Column("change", "Écart", "number", kind_from="change_kind"),
    ]
    columns = provenance.opening(columns, moved, told)
    page.show(moved, columns, f"Écarts avec la version {before.build_id}")
    page.download("ecarts", moved, columns, "Écarts avec la version précédente", [("comparée à", before.build_id)])


def draw_build(page: Page) -> None:
    """The build of the version read."""
    st.header("Le passage de cette version", anchor=False)
    build = page.ask("builds").row(0, named=True)
    st.write(
        f"Version publiée le {format_fr.instant(build['finished_at'])}, faite de "
        f"{format_fr.count(build['input_files'], 'fichier')} en "
        f"{format_fr.integer(build['duration_seconds'])}\u00a0secondes ; "
        f"{verdict(page)}."
    )


page = open_page(
    TITLE,
    "Le budget, les heures et les personnes face à leurs objectifs, et ce qui demande une décision.",
)
provenance.draw(page)
progress = {row["indicator"]: row for row in people.progress(page).to_dicts()}
given = points.facts(page, progress)
found = attention.points(given)
older = _older(page)
moved = _moved_since(page, older)
draw_answers(page, given, found)
draw_headlines(page, progress, moved)
draw_points(page, found)
draw_burn_up(page, progress)
draw_activity(page)
draw_changes(page, older, moved)
draw_build(page)
