"""What of a page is for a keyboard: a screen shows it, paper leaves it out (static/style.css, `on_screen`).

Does not live here: how the rest is printed (static/print.js), the files to download (offers.py).
"""

from __future__ import annotations

from html import escape

import streamlit as st

from presentation.french import bind


def nothing_yet(title: str, how: str) -> None:
    """A heading over nothing, and how to have something under it: a command to type, a file to fill."""
    with st.container(key="on_screen"):
        st.header(title, anchor=False)
        st.html(f'<p class="pn-empty">{escape(bind(how))}</p>')
