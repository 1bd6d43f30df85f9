"""Page « Vue nationale »: what the commanditaires did together, each beside the others, and one of them in detail."""

from __future__ import annotations

import polars as pl
import streamlit as st

from dashboards import cards, charts, filters
from dashboards.filters import ALL
from dashboards.national import National, open_national
from presentation import format_fr
from presentation.sentences import PEOPLE_TWICE, START
from presentation.table import Column, Cover, Derived

TITLE = "Vue nationale"
MENU = ("Piloter", 1)
ADDRESS = ""

HEADLINES = ("passes_used", "hours", "people_equipped", "people_reached", "budget_committed_eur", "lieux_active")
_COVER = Cover("start", frozenset())
_ONCE = Derived("Lieux distincts des versions publiées : un lieu commun à deux commanditaires compte une fois.")
_SUM = Derived("Somme des versions publiées par les commanditaires, chacune vérifiable dans ses propres pages.")
_OWN = Derived("Chiffre de la version publiée par le commanditaire, vérifiable dans ses propres pages.")
FIGURES = [
    Column("passes_issued", "Pass émis", "integer", derived=_OWN, cover=_COVER),
    Column("passes_prescribed", "Pass prescrits", "integer", derived=_OWN, cover=_COVER),
    Column("passes_used", "Pass utilisés", "integer", derived=_OWN, cover=_COVER),
    Column("passes_expired", "Pass expirés", "integer", derived=_OWN, cover=_COVER),
    Column("face_value_used_eur", "Valeur faciale utilisée", "euros_round", derived=_OWN, cover=_COVER),
    Column("hours", "Heures de formation", "hours", derived=_OWN, cover=_COVER),
    Column("people_equipped", "Personnes équipées", "people", derived=_OWN, cover=_COVER),
    Column("people_reached", "Personnes formées", "people", derived=_OWN, cover=_COVER),
]
MEMBER = [
    Column("name", "Commanditaire", link_to="?commanditaire=", link_from="word"),
    Column("siren", "SIREN"),
    Column("as_of", "Données au", "date"),
]
MOST_BARS = 15


def draw_absent(view: National) -> None:
    """Who is in the list and not in the figures, and why."""
    absent = view.members.filter(~pl.col("is_present"))
    if not absent.is_empty():
        told = " ; ".join(f"{name} ({reason})" for name, reason in absent.select("name", "reason").rows())
        whole = format_fr.count(absent.height, "commanditaire n'est pas compté", "commanditaires ne sont pas comptés")
        st.warning(f"{whole} : {told}.")


def draw_headlines(view: National) -> None:
    """The nation in six figures."""
    known = {row["code"]: row for row in view.totals.to_dicts()}
    cards.show(
        [
            cards.indicator_card(known[code], span=START, derived=_ONCE if code == "lieux_active" else _SUM)
            for code in HEADLINES
            if code in known
        ],
        "En bref",
    )
    st.html(f'<p class="pn-note">{PEOPLE_TWICE}</p>')


def draw_members(view: National) -> None:
    """Each commanditaire beside the others."""
    st.header("D'un commanditaire à l'autre", anchor=False)
    rows = view.members.filter("is_present").join(
        view.since_the_start("commanditaire").rename({"place": "siren"}), on="siren", how="left"
    )
    rows = rows.sort("passes_used", descending=True, nulls_last=True).with_columns(
        word=pl.col("siren").replace_strict(view.names)
    )
    columns = [*MEMBER, *(column for column in FIGURES if column.name in rows.columns)]
    first = rows.filter(pl.col("passes_used").is_not_null()).head(MOST_BARS)
    if first.height > 1:
        title = "Pass utilisés par commanditaire"
        more = "" if first.height == rows.height else f", les {first.height} premiers"
        view.page.picture(
            charts.bars(first, "name", "passes_used", "integer", "Pass utilisés"),
            f"{title}{more} ; le premier : {first['name'][0]}, {format_fr.integer(first['passes_used'][0])}.",
            max(120, 34 * first.height),
            title,
        )
    caption = "Les commanditaires"
    view.page.show(rows, columns, caption)
    view.page.download("commanditaires", rows, columns, caption, meanings=view.meanings(columns))


def draw_one(view: National) -> None:
    """One commanditaire, or the nation, in time; and its territories."""
    st.header("Dans le temps", anchor=False)
    names = view.names
    chosen = filters.pick("Commanditaire", "commanditaire", {ALL: "Tous", **names})
    siren = None if chosen == ALL else chosen
    whose = "tous les commanditaires" if siren is None else names[siren]
    quarters = view.quarters(siren, "passes_used")
    caption = f"Pass utilisés par trimestre, {whose}"
    if quarters.is_empty():
        st.html('<p class="pn-empty">Aucune utilisation.</p>')
    else:
        last = quarters.row(-1, named=True)
        column = Column(
            "passes_used", "Pass utilisés", "integer", derived=_SUM if siren is None else _OWN, cover=_COVER
        )
        view.page.draw(
            charts.columns_by_month(quarters, "passes_used", "integer", "Pass utilisés", quarters=True),
            f"{caption} ; {format_fr.write(last['passes_used'], view.page.kind('integer'))} au trimestre qui commence "
            f"en {format_fr.month(last['month'])}.",
            quarters,
            [Column("month", "Trimestre (premier mois)", "month"), column],
            caption,
            height=260,
        )
    if siren is None:
        return
    st.header(f"Les territoires : {names[siren]}", anchor=False)
    rows = view.territories(siren)
    columns = [
        Column("territory_name", "Territoire"), Column("territory_code", "Code Insee"),
        *(column for column in FIGURES if column.name in rows.columns),
    ]  # fmt: skip
    caption = f"Territoires : {names[siren]}"
    view.page.show(rows, columns, caption)
    view.page.download("territoires", rows, columns, caption, meanings=view.meanings(columns))


view = open_national(TITLE, "Les programmes Pass Numérique réunis : chaque chiffre est la somme de versions publiées.")
draw_absent(view)
draw_headlines(view)
draw_members(view)
draw_one(view)
