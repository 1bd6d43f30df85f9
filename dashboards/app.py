"""The navigation of the dashboards, and nothing else: one entry a page of app_pages/ (menu.py reads them).

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

from dashboards import filters, menu, national, session  # noqa: E402
from dashboards.connections import VersionGone  # noqa: E402


def main() -> None:
    """Draw the menu and run the page asked for, each under its own title."""
    found = menu.entries(menu.NATIONAL_PAGES if national.is_shown() else menu.PAGES)
    pages = {
        entry: st.Page(entry.file, title=entry.title, url_path=entry.address or None, default=not entry.address)
        for entry in found
    }
    chosen = st.navigation(list(pages.values()), position="hidden")
    st.set_page_config(
        page_title=f"{chosen.title} – Pass Numérique", page_icon="🎫", layout="wide", initial_sidebar_state="auto"
    )
    st.html(FOLDER / "static" / "style.css")
    filters.arrive(chosen.url_path)
    draw_menu({section: [pages[entry] for entry in inside] for section, inside in menu.sections(found).items()})
    try:
        chosen.run()
    except VersionGone:
        # Retired by a later publication while the page was drawn: that publication is drawn instead.
        st.rerun()


def draw_menu(entries: dict[str, list[StreamlitPage]]) -> None:
    """The menu, drawn here: the one of st.navigation is a list no screen reader can count (axe: list, listitem)."""
    with st.sidebar:
        whose = "Vue nationale" if national.is_shown() else "Métropole du Grand Paris"
        st.html(f'<p class="pn-brand">Pass Numérique<br><span>{whose}</span></p>')
        for section, pages in entries.items():
            st.html(f'<p class="pn-section">{section}</p>')
            for page in pages:
                st.page_link(page)
        st.html('<button type="button" class="pn-print">Imprimer ou enregistrer en PDF</button>')
        session.draw_sign_out()


main()
