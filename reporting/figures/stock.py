"""The passes still usable at the period's last day, by territory: how many, worth how much, and when they lapse.

Lives here: the selection of a month in marts.stock_month and marts.territory_state_month. Does not live here: their
rule (dbt_project), what is said of them (presentation/attention/).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from warehouse.published.versions import Version, connect

_USABLE = """
    select territory_code, expires_on, passes, face_value_eur
    from marts.stock_month where month = $month order by territory_code, expires_on
"""
_STATES = """
    select territory_code, state, passes_usable, face_value_usable_eur
    from marts.territory_state_month where month = $month order by territory_code
"""


def usable(version: Version, day: date) -> pl.DataFrame:
    """Grain: one row per territory × day of expiry, of the passes usable at the end of the month of `day`.

    Of the last month of the data: on their date. Columns territory_code (the carnet's, as in the ledger), expires_on
    (first day they no longer are usable), passes, face_value_eur.
    """
    return _of_month(version, _USABLE, day)


def states(version: Version, day: date) -> pl.DataFrame:
    """Grain: one row per participating territory, at the end of the month of `day`: state, what is usable there.

    Empty before the first operation of the programme.
    """
    return _of_month(version, _STATES, day)


def _of_month(version: Version, query: str, day: date) -> pl.DataFrame:
    with connect(version.path) as con:
        return con.execute(query, {"month": day.replace(day=1)}).pl()
