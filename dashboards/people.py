"""The figures of people, and of the programme, as a page shows them: their writing, and where they come from.

What a reader outside the team may see of them is decided in the cube of the version (reporting/cube), for every figure
by one rule; null arrives here where one is withheld. The team's are not protected, and its pages say so (frame.py).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards.frame import Page
from dashboards.reading import NO_FILTER
from presentation import format_fr
from reporting.cube.moves import secret_moves
from warehouse.published.figure_address import Figure

MEASURES = ["people_equipped", "people_reached"]


def progress(page: Page) -> pl.DataFrame:
    """`Reader.progress`, with the writing of each row (kind, target_kind). A target is known, or there is none: it is
    never withheld."""
    frame = page.ask("progress").with_columns(
        kind=pl.col("unit").replace_strict(format_fr.UNIT_WRITERS),
        target_kind=pl.col("unit").replace_strict(format_fr.ROUND_WRITERS).replace("people", "integer"),
    )
    return frame.with_columns(
        kind=pl.when(pl.col("value").is_null() & (pl.col("unit") == "ratio") & page.rights.is_protected)
        .then(pl.lit("people_share"))
        .otherwise("kind")
    )


def moves(page: Page, frame: pl.DataFrame) -> pl.DataFrame:
    """The figures that changed: `progress` joined with `before`, and their `change`; a small change is withheld."""
    moved = frame.with_columns(change=pl.col("value") - pl.col("before"))
    if page.rights.is_protected:
        moved = secret_moves(moved, page.rights.threshold)
        same = (pl.col("value") == pl.col("before")).fill_null(value=False)
        moved = moved.filter(~same)
    moved = moved.filter(pl.col("change").is_null() | (pl.col("change").abs() > 1e-9))
    return moved.with_columns(change_kind=pl.concat_str(pl.lit("signed_"), "kind"))


def audience(page: Page, dimension: str) -> pl.DataFrame:
    """territory × category of a dimension: people since the start."""
    found = page.ask("audience").filter(pl.col("dimension") == dimension)
    return found.filter(kind="territory") if page.rights.is_protected else found


def ami_audience(page: Page, dimension: str, ami: int) -> pl.DataFrame:
    """category → people of one call for projects."""
    found = page.ask("audience").filter(pl.col("dimension") == dimension)
    if page.rights.is_protected:
        return found.filter(kind="ami", territory_code=str(ami)).select("category", *MEASURES)
    return _by_category(found.filter(pl.col("ami") == ami))


def programme_audience(page: Page, dimension: str) -> pl.DataFrame:
    """category → people of the whole programme."""
    found = page.ask("audience").filter(pl.col("dimension") == dimension)
    if page.rights.is_protected:
        return found.filter(kind="programme").select("category", *MEASURES)
    return _by_category(found)


def _by_category(profile: pl.DataFrame) -> pl.DataFrame:
    return profile.group_by("category").agg(pl.col(*MEASURES).sum()).sort("category")


def territory_totals(page: Page) -> pl.DataFrame:
    """`Reader.territory_totals` of every territory."""
    return page.ask("territory_totals", filters=NO_FILTER)


#: The counts of people whose files each tell their part.
WITH_PARTS = ("people_equipped", "people_reached")
#: Every count of people and share of them that a page shows: what `is_of_people` says of the dictionary.
COUNTS = (*WITH_PARTS, "people_reached_identified", "people_reached_anonymous", "pic_share", "qpv_share")


def is_of_people(words: dict[str, Any]) -> bool:
    """Whether a measure (a row of `Queries.dictionary`) counts people, or is a share of them."""
    return words["unit"] in ("personne", "ratio")


def has_sources(figure: Figure) -> bool:
    """Whether a count of people is told: since the start, for the programme or a territory."""
    return _is_whole(figure) and figure.place in ("programme", "territory") and len(figure.codes) < 2


def kind_of(page: Page, words: dict[str, Any]) -> str:
    """How the measure is written; one that is withheld reads « secret »."""
    kind = format_fr.UNIT_WRITERS.get(words["unit"], "integer")
    return page.kind({"integer": "people", "share": "people_share"}.get(kind, kind) if is_of_people(words) else kind)


def whole_value(progress: pl.DataFrame, figure: Figure) -> float | None:
    """A figure of the whole programme among its totals; null for a part of it (months, a call for projects), which no
    total gives, and for one that has no total."""
    found = progress.filter(pl.col("indicator") == figure.indicator)
    return found["value"][0] if _is_whole(figure) and found.height else None


def _is_whole(figure: Figure) -> bool:
    return figure.start is None and figure.end is None and figure.ami is None


def value_of(page: Page, figure: Figure) -> float | None:
    """A figure of the current version as the pages show it: null where it is withheld there, or not shown at all."""
    is_total = figure.place == "programme" and _is_whole(figure)
    if is_total and figure.indicator in page.ask("progress")["indicator"]:
        return whole_value(page.ask("progress"), figure)
    if figure.indicator in COUNTS and figure.place == "territory":
        found = territory_totals(page).filter(territory_code=figure.code)
        return found[figure.indicator][0] if figure.indicator in found.columns and found.height else None
    return page.ask("figure_value", figure=figure)["value"][0]
