"""Page « Résultats des contrôles »: the whole results a build wrote, opened from the page Qualité. For the team alone.

Shown inside the page rather than at an address of its own, so that the right to read them is held by the same sign-in.
Does not live here: making them (data_quality/).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboards import filters
from dashboards.frame import open_page
from dashboards.report_files import CHECK_RESULTS, has_report, read_report
from warehouse.settings import Home

TITLE = "Résultats des contrôles"

page = open_page(TITLE, "Chaque contrôle d'un passage, avec les lignes en défaut.", for_programme=True)
if not page.rights.is_team:
    st.info("Ces résultats nomment des prescripteurs et des lieux : ils sont réservés à l'équipe du programme.")
    st.stop()
root = Home.at().reports
kept = {name: title for name, title in CHECK_RESULTS.items() if has_report(root, name)}
if not kept:
    st.html('<p class="pn-empty">Aucun résultat n\'est gardé dans le dossier « reports ».</p>')
    st.stop()
name = filters.pick("Résultats", "resultats", kept)
content = read_report(root, name)
st.download_button(
    f"Télécharger « {kept[name]} » (page HTML)",
    content,
    Path(name).name,
    "text/html",
    on_click="ignore",
)
st.iframe(content.decode(), height=900, alt=kept[name])
