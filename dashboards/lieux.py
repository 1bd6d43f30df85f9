"""The lieux by name, for a choice and for a link to the sheet of one: two of the same name are told apart by SIRET.

Does not live here: their figures (queries*.py), the filter of the pages (filters.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import polars as pl

from dashboards import filters
from dashboards.frame import Page
from presentation.table import Column

ADDRESS = "lieu"


def names(page: Page) -> dict[str, str]:
    """SIRET → name, each name of one lieu alone."""
    rows = page.ask("lieux").select("lieu_siret", "lieu_name").rows()
    told = {siret: name or f"Lieu hors annuaire {siret}" for siret, name in rows}
    times = Counter(told.values())
    return {siret: name if times[name] == 1 else f"{name} ({siret})" for siret, name in told.items()}


def with_words(page: Page, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with `lieu_word`: the word of each lieu in the address of its sheet; null where it has none."""
    return frame.with_columns(lieu_word=pl.col("lieu_siret").replace_strict(names(page), default=None))


def linked(column: Column) -> Column:
    """The column of a lieu's name, each a link to its sheet; the frame has `lieu_word`."""
    return replace(column, link_to=filters.link(ADDRESS, lieu=""), link_from="lieu_word")
