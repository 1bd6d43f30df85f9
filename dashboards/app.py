"""The navigation of the dashboards, and nothing else: one entry a page of app_pages/.

Started by `passnum dashboard` (through server.py). Does not live here: what a page shows.
"""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

FOLDER = Path(__file__).resolve().parent
if str(FOLDER.parent) not in sys.path:
    sys.path.insert(0, str(FOLDER.parent))

from dashboards import filters, session  # noqa: E402
from dashboards.connections import VersionGone  # noqa: E402

PAGES = {
    "Piloter": [
        ("vue_d_ensemble", "Vue d'ensemble", ""),
        ("territoires", "Territoires", "territoires"),
        ("fiche_territoire", "Fiche d'un territoire", "territoire"),
        ("lieux", "Lieux", "lieux"),
        ("parcours", "Parcours du pass", "parcours"),
    ],
    "Rendre compte": [
        ("mandat", "Mandat", "mandat"),
        ("budget", "Budget", "budget"),
        ("publics", "Publics", "publics"),
        ("exports", "Exports", "exports"),
    ],
    "Comprendre": [
        ("qualite", "Qualité", "qualite"),
        ("definitions", "Définitions", "definitions"),
        ("accessibilite", "Accessibilité", "accessibilite"),
    ],
}


#: Pages that another page links to, outside the menu.
LINKED = [("controles", "Résultats des contrôles", "controles")]


def main() -> None:
    """Draw the menu and run the page asked for, each under its own title."""
    entries = {section: [_page(*entry) for entry in pages] for section, pages in PAGES.items()}
    linked = [_page(*entry) for entry in LINKED]
    chosen = st.navigation([page for pages in entries.values() for page in pages] + linked, position="hidden")
    st.set_page_config(
        page_title=f"{chosen.title} – Pass Numérique", page_icon="🎫", layout="wide", initial_sidebar_state="auto"
    )
    st.html(FOLDER / "static" / "style.css")
    filters.arrive(chosen.url_path)
    draw_menu(entries)
    try:
        chosen.run()
    except VersionGone:
        # Retired by a later publication while the page was drawn: that publication is drawn instead.
        st.rerun()


def _page(name: str, title: str, path: str) -> StreamlitPage:
    return st.Page(FOLDER / "app_pages" / f"{name}.py", title=title, url_path=path or None, default=not path)


def draw_menu(entries: dict[str, list[StreamlitPage]]) -> None:
    """The menu, drawn here: the one of st.navigation is a list no screen reader can count (axe: list, listitem)."""
    with st.sidebar:
        st.html('<p class="pn-brand">Pass Numérique<br><span>Métropole du Grand Paris</span></p>')
        for section, pages in entries.items():
            st.html(f'<p class="pn-section">{section}</p>')
            for page in pages:
                st.page_link(page)
        session.draw_sign_out()


main()
