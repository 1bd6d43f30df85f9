"""The buttons that give a file: under a table its CSV and its workbook, under a chart its images. Made when pressed.

Does not live here: what the files hold (downloads.py, chart_files.py), which of them a page offers (frame.py).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboards.downloads import Origin, as_csv, as_xlsx
from presentation.table import Column


def offer_images(stem: str, named: str, png: Callable[[], bytes], svg: Callable[[], bytes]) -> None:
    """The two images of a chart, made when they are asked for."""
    with st.container(horizontal=True):
        for name, kind, make in (("PNG", "image/png", png), ("SVG", "image/svg+xml", svg)):
            st.download_button(
                f"Télécharger l'image « {named} » ({name})",
                make,
                f"{stem}.{name.lower()}",
                kind,
                key=f"{name}_{named}",
                on_click="ignore",
            )


def offer(name: str, stem: str, frame: pl.DataFrame, columns: list[Column], origin: Origin) -> None:
    """The two files of a table: `name` keys their buttons, `stem` begins their names."""
    with st.container(horizontal=True):
        st.download_button(
            f"Télécharger « {origin.title} » (CSV)",
            lambda: as_csv(frame, columns, origin),
            f"{stem}.csv",
            "text/csv",
            key=f"csv_{name}",
            on_click="ignore",
        )
        st.download_button(
            f"Télécharger « {origin.title} » (XLSX)",
            lambda: as_xlsx(frame, columns, origin),
            f"{stem}.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"xlsx_{name}",
            on_click="ignore",
        )
