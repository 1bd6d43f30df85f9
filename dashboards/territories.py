"""The territories by name, each a link to its sheet where this reader has one.

Does not live here: their figures (queries*.py), the choice of some (filters.py), the sheet (app_pages/).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboards import filters
from dashboards.frame import Page
from presentation.table import Column

ADDRESS = "territoire"


def with_words(page: Page, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with `territory_word`: the word of each territory in the address of its sheet; null for a commune outside
    the programme, or outside the rights of the reader."""
    known = pl.col("territory_name").is_in(list(filters.territory_names(page).values()))
    return frame.with_columns(territory_word=pl.when(known).then("territory_name"))


def linked(column: Column) -> Column:
    """The column of a territory's name, each a link to its sheet; the frame has `territory_word`."""
    return replace(column, link_to=filters.link(ADDRESS, territoire=""), link_from="territory_word")
