"""The buttons that give a file: under a table its CSV and its workbook, under a chart its images. Made when pressed.

Does not live here: what the files hold (downloads.py, chart_files.py), which of them a page offers (frame.py).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboards.downloads import Origin, as_csv, as_xlsx
from presentation.french import bind
from presentation.table import Column

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer_images(stem: str, named: str, png: Callable[[], bytes], svg: Callable[[], bytes]) -> None:
    """The two images of a chart, made when they are asked for."""
    files = {"PNG": ("image/png", png), "SVG": ("image/svg+xml", svg)}
    _offer(named, f"Télécharger l'image « {named} »", stem, files)


def offer(name: str, stem: str, frame: pl.DataFrame, columns: list[Column], origin: Origin) -> None:
    """The two files of a table: `name` keys their buttons, `stem` begins their names."""
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "CSV": ("text/csv", lambda: as_csv(frame, columns, origin)),
        "XLSX": (_XLSX, lambda: as_xlsx(frame, columns, origin)),
    }
    _offer(name, f"Télécharger « {origin.title} »", stem, files)


def _offer(key: str, says: str, stem: str, files: dict[str, tuple[str, Callable[[], bytes]]]) -> None:
    """A button a file: {its kind: (its type, what makes it)}."""
    with st.container(horizontal=True):
        for kind, (mime, make) in files.items():
            ending = kind.lower()
            st.download_button(
                f"{bind(says)} ({kind})", make, f"{stem}.{ending}", mime, key=f"{ending}_{key}", on_click="ignore"
            )
