"""The one read connection of each published version: opening the file costs four times what a question of a page does.

A question takes a cursor of it, so that readers at the same time never wait for each other. A version stays open while
it is among the last that were read; another one takes its place, and the file is closed when the last question on it
is answered. Does not live here: the questions (queries*.py), which version is current (versions.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import streamlit as st

from warehouse.published import versions

#: The current version, and the one before it that the overview compares it with.
KEPT_OPEN = 2


class VersionGone(Exception):
    """The file of a version was taken away (retired by a later publication) before it could be opened."""


@st.cache_resource(max_entries=KEPT_OPEN, show_spinner=False)
def opened(path: str) -> duckdb.DuckDBPyConnection:
    """The connection to the published file at `path` (real path: a link would go on giving the version it led to).

    Nobody closes it: whoever is using it when it leaves the cache keeps it alive until done. Raises VersionGone.
    """
    try:
        con = versions.connect(Path(path))
    except duckdb.IOException as error:
        if Path(path).exists():
            raise
        raise VersionGone(path) from error
    # The questions of a page are small: handing them from thread to thread costs more than it saves.
    con.execute("set threads = 1")
    return con
