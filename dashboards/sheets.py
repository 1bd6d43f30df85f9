"""What the sheets share: the choice of the place that a sheet is of, which the paper leaves out (static/style.css).

Does not live here: what a sheet says (app_pages/fiche_territoire.py, app_pages/fiche_lieu.py).
"""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboards import filters, provenance
from dashboards.frame import Page


def choose(page: Page, label: str, key: str, names: dict[str, str], none: str) -> str:
    """The place chosen among {its code: its name}, kept in the address under `key`; `none`: what is said where there is
    nothing to choose, and the page ends."""
    provenance.draw(page)
    if not names:
        st.html(f'<p class="pn-empty">{escape(none)}</p>')
        st.stop()
    with st.container(key="sheet_choice"):
        code = filters.pick(label, key, names)
    filters.choose(page)
    return code
