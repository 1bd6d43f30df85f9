"""The browser's Back and Forward: a page come back to is drawn as its address says, and only so.

What makes a filter a step of the history is in the browser (static/history.js). Does not live here: the filters that
follow a reader from page to page (filters.py).
"""

from __future__ import annotations

from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def came_back() -> bool:
    """Whether the page is drawn because of Back or Forward: its address then decides of everything."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def restore_address() -> None:
    """At the head of a page come back to, before any widget: its whole address again.

    Streamlit takes out of it what a widget of the page left was bound to, and filters have one name on every page.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not context.is_history_navigation:
        return
    asked = context.query_string
    with context.session_state.query_params() as held:
        if held.to_dict().keys() == parse_qs(asked).keys():
            return
        held.set_initial_query_params(asked)
    st.query_params.from_dict(parse_qs(asked))
