"""Page « Définitions »: the dictionary of the indicators, word for word as marts.indicator publishes it."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboards import filters
from dashboards.frame import open_page
from presentation import format_fr, labels
from presentation.sentences import HOURS_ONCE
from presentation.table import Column

TITLE = "Définitions"
MENU = ("Comprendre", 2)

COLUMNS = [
    Column("label", "Indicateur"),
    Column("code", "Code"),
    Column("definition", "Définition"),
    Column("formula", "Calcul"),
    Column("told_unit", "Unité"),
    Column("source", "Source"),
    Column("target", "Objectif", "number"),
    Column("target_label", "Libellé de l'objectif"),
]
WORDS = {
    "Pass, carnet": "Un carnet réunit plusieurs pass de même valeur faciale, remis à une personne par un prescripteur.",
    "Prescription": "La remise d'un carnet à une personne. Un carnet n'a qu'une prescription titulaire.",
    "Utilisation comptée": "Un pass scanné par un lieu, ni rejeté ni annulé, et une seule fois par pass.",
    "Présence": f"Un carnet à une session. {HOURS_ONCE}",
    "Date des données": "Le jour jusqu'auquel les évènements comptent.",
    "Secret statistique": "Un petit nombre de personnes n'est pas affiché, ni ce qui permettrait de le retrouver.",
}

page = open_page(TITLE, "Ce que chaque chiffre veut dire, et comment il est calculé.")
indicators = page.ask("indicators").with_columns(told_unit=pl.col("unit").replace(labels.UNIT))
filters.restore("mot", bool)
search = st.text_input("Chercher un mot", key="mot", bind="query-params", placeholder="heures, pass…")
filters.keep("mot", search, [search] if search else [])
found = indicators
if search:
    wanted = search.strip().lower()
    found = indicators.filter(
        pl.concat_str("label", "definition", "formula", "code").str.to_lowercase().str.contains(wanted, literal=True)
    )
    st.html(f"<p>{format_fr.count(found.height, 'indicateur')} pour « {escape(search)} ».</p>")
for row in found.to_dicts():
    kind = format_fr.ROUND_WRITERS[row["unit"]]
    goal = f"<p>{escape(row['target_label'])} : {format_fr.write(row['target'], kind)}.</p>" if row["target"] else ""
    st.html(
        f'<section class="pn-card"><h2 style="padding:0 !important">{escape(row["label"])}</h2>'
        f"<p>{escape(row['definition'])}</p><p>Calcul : {escape(row['formula'])}.</p>"
        f"<p>Unité : {escape(row['told_unit'])}. Source : {escape(row['source'])}.</p>{goal}"
        "</section>"
    )
page.download("definitions", found, COLUMNS, "Définitions des indicateurs", [("mot", search)] if search else [])
st.header("Les mots du programme", anchor=False)
st.html("<dl>" + "".join(f"<dt><strong>{word}</strong></dt><dd>{text}</dd>" for word, text in WORDS.items()) + "</dl>")
