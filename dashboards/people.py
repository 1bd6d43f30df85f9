"""People by territory as the pages may show them: small counts withheld, in every page by the same rule.

Does not live here: the rule itself (protection.py), the threshold (programme/).
"""

from __future__ import annotations

import polars as pl

from dashboards.frame import Page
from dashboards.protection import protect, protect_column
from dashboards.reading import NO_FILTER

MEASURES = ["people_equipped", "people_reached"]
SHARES = {"pic_share": "public_pic", "qpv_share": "residence_qpv"}


def audience(page: Page, dimension: str) -> pl.DataFrame:
    """territory × category of a dimension, protected within each call for projects, whose totals are shown too.

    Protecting before filtering keeps one cell's fate the same in every view: two views cannot be subtracted.
    """
    profile = page.ask("audience").filter(pl.col("dimension") == dimension)
    threshold = page.programme.small_count_threshold
    parts = [protect(part, "territory_code", "category", MEASURES, threshold) for part in profile.partition_by("ami")]
    return pl.concat(parts) if parts else profile


def ami_audience(page: Page, dimension: str, ami: int) -> pl.DataFrame:
    """category → people of one call for projects, protected with the programme's totals known."""
    profile = page.ask("audience").filter(pl.col("dimension") == dimension)
    calls = profile.group_by("ami", "category").agg(pl.col(*MEASURES).sum()).sort("ami", "category")
    calls = calls.with_columns(call=pl.col("ami").cast(pl.String).fill_null("hors programme"))
    calls = protect(calls, "call", "category", MEASURES, page.programme.small_count_threshold)
    return calls.filter(pl.col("ami") == ami).select("category", *MEASURES)


def territory_totals(page: Page) -> pl.DataFrame:
    """`Reader.territory_totals` of every territory, its counts of people and shares protected.

    Identified and anonymous people are not given by territory: their difference is nearly always small. A share is
    withheld with any of the counts it is made of.
    """
    frame = page.ask("territory_totals", filters=NO_FILTER).drop(
        "people_reached_identified", "people_reached_anonymous"
    )
    threshold = page.programme.small_count_threshold
    parts = [protect_column(part, MEASURES, threshold) for part in frame.partition_by("ami")]
    frame = pl.concat(parts).sort("territory_name") if parts else frame
    for share, dimension in SHARES.items():
        known = audience(page, dimension)
        hidden = known.filter(pl.col("people_equipped").is_null())["territory_code"].unique()
        answered = share.replace("_share", "_answered_share")
        secret = pl.col("territory_code").is_in(hidden.implode())
        frame = frame.with_columns(
            pl.when(secret).then(None).otherwise(pl.col(name)).alias(name) for name in (share, answered)
        )
    return frame


def programme_audience(page: Page, dimension: str) -> pl.DataFrame:
    """category → people of the whole programme, protected with its total known."""
    profile = page.ask("audience").filter(pl.col("dimension") == dimension)
    whole = profile.group_by("category").agg(pl.col(*MEASURES).sum()).sort("category")
    return protect_column(whole, MEASURES, page.programme.small_count_threshold)
