"""What the page Qualité says of a refused build: which checks, which files, what to do, which lines were rejected.

For the team and the steering committee; what names lieux and prescribers, for the team alone. Never a rejected value.
Does not live here: reading it (warehouse/published/refused.py), the banner of the other pages (frame.py).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import streamlit as st

from dashboards.access import Rights
from dashboards.downloads import Origin, file_name
from dashboards.frame import refused_since
from dashboards.offers import offer
from dashboards.tables import show
from presentation import format_fr, labels
from presentation.table import Column, Derived
from warehouse.published.builds import BuildRecord
from warehouse.published.refused import Refusal, Unreadable, read_refusal
from warehouse.published.versions import Version
from warehouse.settings import Home

COUNTED = Derived("Compté à la réception de chaque fichier, ligne à ligne : lues = acceptées + rejetées + doublons.")
CHECKS = [
    Column("code", "Code"),
    Column("sentence", "Contrôle"),
    Column("observed", "Observé"),
    Column("expected", "Attendu"),
    Column("mend", "Que faire"),
    Column("owner", "Qui agit"),
]
FILES = [
    Column("file_name", "Fichier"),
    Column("is_at_fault", "En cause", "yes_no"),
    Column("dataset", "Jeu de données"),
    Column("extract_date", "Extrait du", "date"),
    Column("outcome", "Issue"),
    Column("lines_read", "Lignes lues", "integer", derived=COUNTED),
    Column("lines_rejected", "Lignes rejetées", "integer", derived=COUNTED),
    Column("file_id", "Identité (accepted_deliveries)"),
]
EXPLANATION = Column("explanation", "Ce qu'en dit la lecture")
FAILURES = [
    Column("code", "Code"),
    Column("file_name", "Fichier"),
    Column("source_lines", "Lignes"),
    Column("detail", "Défaut"),
]
REJECTED = [
    Column("file_name", "Fichier"),
    Column("line_number", "Ligne", "year"),
    Column("column_name", "Champ"),
    Column("reason", "Motif"),
]


@st.cache_data(max_entries=2, show_spinner=False)
def _read(root: Path, build_id: str, _build: BuildRecord) -> Refusal:
    return read_refusal(Home.at(root), _build)


def draw(rights: Rights, version: Version | None) -> None:
    """The refused build that came after `version` (None: nothing is published yet); nothing where there is none."""
    home = Home.at()
    build = refused_since(home, version)
    if build is None:
        return
    st.header(f"Passage refusé le {format_fr.instant(build.finished_at)}", anchor=False)
    try:
        refusal = _read(home.root, build.build_id, build)
    except Unreadable as error:
        st.warning(f"Le détail de ce refus ne peut pas être lu. {error}")
        return
    failed = format_fr.count(refusal.checks.height, "contrôle bloquant", "contrôles bloquants")
    st.write(
        f"Données au {format_fr.day_long(build.as_of)}, {format_fr.count(build.input_files, 'fichier')} : {failed} en "
        "défaut. Rien n'a été publié ; corrigez ce qui suit, redéposez les fichiers, puis relancez « passnum run »."
    )
    _table(build, "refus-controles", refusal.checks, CHECKS, "Contrôles qui ont refusé la publication")
    files = refusal.files.with_columns(_word("dataset", labels.DATASET), _word("outcome", labels.OUTCOME))
    columns = [*FILES, EXPLANATION] if files["explanation"].drop_nulls().len() else FILES
    _table(build, "refus-fichiers", files, columns, "Fichiers de ce passage, ceux en cause d'abord")
    if rights.is_team and refusal.failures.height:
        _table(build, "refus-defauts", refusal.failures, FAILURES, "Ce qui est en défaut")
    lines = refusal.rejected.with_columns(_word("dataset", labels.DATASET), _word("reason", labels.REASON))
    _table(build, "refus-lignes", lines, REJECTED, "Lignes rejetées de ces fichiers, sans leurs valeurs")


def _word(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(words, default=pl.col(column))


def _table(build: BuildRecord, name: str, frame: pl.DataFrame, columns: list[Column], title: str) -> None:
    show(frame, columns, title)
    if frame.is_empty():
        return
    origin = Origin(title, build.as_of, f"{build.build_id} (passage refusé)", "tout le programme", build.is_demo)
    offer(name, file_name(name, build.as_of, ()), frame, columns, origin)
