"""Two versions side by side: which differences may be told. A difference of a small count is one.

Does not live here: what each version withholds (choose.py), the page that lays them out (dashboards/people.py).
"""

from __future__ import annotations

import polars as pl

#: Indicator of the programme → the fact of the cube that withholds it.
TOTAL_OF = {
    "passes_used": "passes_used", "face_value_used_eur": "passes_used", "reimbursed_eur": "passes_used",
    "state_share_due_eur": "passes_used", "hours": "passes_used", "hours_nominal": "passes_used",
    "session_hours": "passes_used", "passes_prescribed": "passes_prescribed", "passes_issued": "passes_issued",
    "face_value_issued_eur": "passes_issued", "passes_expired": "passes_expired", "people_equipped": "people_equipped",
    "people_reached": "people_reached", "people_reached_identified": "people_reached_identified",
    "people_reached_anonymous": "people_reached_anonymous",
}  # fmt: skip
#: Indicator → the count that a difference of it gives away; one that is not here counts nobody. Carnets handed out are
#: people equipped; the two kinds of people reached move with all of them; a share, with those who answered.
COUNTED_BY = TOTAL_OF | {
    "passes_prescribed": "people_equipped",
    "people_reached_identified": "people_reached",
    "people_reached_anonymous": "people_reached",
    "pic_share": "people_equipped",
    "qpv_share": "people_equipped",
}


def secret_moves(moved: pl.DataFrame, threshold: int) -> pl.DataFrame:
    """`moved` (indicator, value, before, change) without the former value and the change of each figure whose count
    changed by less than the threshold, or is withheld in one of the versions."""
    counts = moved.select(count="indicator", by=pl.col("change").abs())
    known = moved.with_columns(
        count=pl.col("indicator").replace_strict(COUNTED_BY, default=None, return_dtype=pl.String)
    ).join(counts, on="count", how="left")
    own = pl.col("change").abs()
    of_count = pl.col("count").is_not_null()
    small = (pl.col("by") > 0) & (pl.col("by") < threshold)
    moves_alone = pl.col("by").is_null() | (pl.col("by") == 0)
    secret = pl.col("change").is_null() | of_count & (own > 0) & (small | moves_alone)
    return known.with_columns(
        pl.when(~secret).then(name).alias(name) for name in ("before", "change")
    ).drop("count", "by")  # fmt: skip
