"""The passes still usable on a day, by territory: how many, worth how much, and when they stop being so.

Lives here: the one reading of the stock of a past day and of what is about to lapse. It is the closing balance of
marts.mandate_ledger and the rule of marts.expiry_risk (tests hold both), on any day: that mart knows the date of the
data alone. Does not live here: what is said of it (bilan/attention.py).
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from warehouse.published.versions import Version, connect

#: A pass is usable from its issue until it leaves: used, cancelled, or expired (the day after its tolerance ends).
_USABLE = """
    select territory_code, tolerance_until + 1 as expires_on, count(*)::bigint as passes,
        sum(face_value_eur)::decimal(18,2) as face_value_eur
    from core.fct_pass
    where issued_on <= $day and (left_on is null or left_on > $day)
    group by all order by all
"""


def usable(version: Version, day: date) -> pl.DataFrame:
    """Grain: one row per territory × day of expiry, of the passes usable at the end of `day`.

    Columns territory_code (the carnet's, as in the ledger), expires_on (first day they no longer are usable), passes,
    face_value_eur.
    """
    with connect(version.path) as con:
        return con.execute(_USABLE, {"day": day}).pl().with_columns(pl.col("expires_on").cast(pl.Date))


def lapsing(stock: pl.DataFrame, day: date, horizon_days: int) -> pl.DataFrame:
    """The rows of `stock` (usable at the end of `day`) that expire within `horizon_days` days."""
    return stock.filter(pl.col("expires_on") <= day + timedelta(days=horizon_days))
