"""Each reader's database of each published version, made once: making it costs more than a page of questions.

A question takes a cursor of it, so that readers at the same time never wait for each other. It holds no file open: a
version is retired freely while it is read. Does not live here: what is in it (rights.py), the questions (queries*.py),
which version is current (warehouse/published/versions.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import streamlit as st

from dashboards.access import Rights
from dashboards.rights import open_for

#: The current version and the one before it, for the team and a few territories; each takes some 15 MB.
KEPT_OPEN = 16


class VersionGone(Exception):
    """The file of a version was taken away (retired by a later publication) before it could be opened."""


@st.cache_resource(max_entries=KEPT_OPEN, show_spinner=False)
def opened(path: str, rights: Rights) -> duckdb.DuckDBPyConnection:
    """The database of a reader, from the published file at `path` (real path: the link leads to others later).

    Nobody closes it: whoever is using it when it leaves the cache keeps it alive until done. Raises VersionGone.
    """
    try:
        return open_for(Path(path), rights)
    except duckdb.IOException as error:
        if Path(path).exists():
            raise
        raise VersionGone(path) from error
