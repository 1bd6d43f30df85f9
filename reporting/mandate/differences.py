"""What differs between two states of the operations up to a day: what was learnt later of a closed year.

Grain: one row per operation withdrawn or added; both are kept, never their difference. Each has the file and line that
caused it. Does not live here: where it is booked (export.py, account.py).
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from reporting.mandate.closing import Closing
from warehouse.published.cited import one_line

#: Of two states of one operation, what makes it another one. A day that moves inside closed years moves no balance.
_DIFFERS = """
    old.nature <> new.nature or old.amount_eur <> new.amount_eur
    or old.territory_code is distinct from new.territory_code or old.category is distinct from new.category
    or (old.family in ('payment', 'receivable', 'recovery') and old.lieu_siret is distinct from new.lieu_siret)
    or (old.family in ('receivable', 'recovery') and old.reference is distinct from new.reference)
"""
_DAY_DIFFERS = "or old.day <> new.day"

_QUERY = """
    with old as (select * from {before} where day <= $until),
    -- The key of a payment is the first version that bears it: an older file that arrives late makes another one first,
    -- and it is the same payment of the same use to the same lieu.
    renamed as (
        select became.key, was.key as old_key
        from (
            select key, redemption_id, lieu_siret, row_number() over of_use as number from {after} as this
            where family = 'payment'
              and not exists (select 1 from {before} as o where o.family = 'payment' and o.key = this.key)
            window of_use as (partition by redemption_id, lieu_siret order by day, reference, amount_eur, key)
        ) as became
        inner join (
            select key, redemption_id, lieu_siret, row_number() over of_use as number from {before} as this
            where family = 'payment'
              and not exists (select 1 from {after} as n where n.family = 'payment' and n.key = this.key)
            window of_use as (partition by redemption_id, lieu_siret order by day, reference, amount_eur, key)
        ) as was using (redemption_id, lieu_siret, number)
    ),
    new as (
        select state.* replace (coalesce(renamed.old_key, state.key) as key)
        from {after} as state
        left join renamed on state.family in ('payment', 'receivable') and state.key = renamed.key
        where state.day <= $until
    ),
    moved as (
        select coalesce(old.family, new.family) as family, coalesce(old.key, new.key) as key,
               old as was, new as became
        from old full join new on old.family = new.family and old.key = new.key
        where old.key is null or new.key is null or {differs}
    ),
    file as (
        select distinct on (file_id) file_id, extract_date
        from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
    ),
    -- The lines that may have caused it, as they stand: the use before, the use after, the carnet; or the entry's own.
    candidate as (
        select moved.family, moved.key, 2 as rank, line.source_file_id, line.source_line
        from moved inner join core.fct_redemption as line
            on line.redemption_id in (moved.was.redemption_id, moved.became.redemption_id)
        where moved.family in ('exit', 'payment', 'receivable')
        union all
        -- Of one and the same exit, the territory, the value and the expiry are the carnet's.
        select moved.family, moved.key,
               case when moved.was.nature is not null and moved.became.nature is not null
                         and moved.was.redemption_id is not distinct from moved.became.redemption_id
                         and (moved.was.redemption_id is null or moved.was.day = moved.became.day) then 5 else 1 end,
               line.source_file_id, line.source_line
        from moved inner join core.dim_carnet as line
            on line.carnet_number in (moved.was.carnet_number, moved.became.carnet_number)
        where moved.family in ('issue', 'exit')
        union all
        select moved.family, moved.key, 3, line.source_file_id, line.source_line
        from moved inner join core.fct_budget_entry as line on line.entry_id = split_part(moved.key, '|', 1)
        where moved.family in ('entry', 'recovery')
        union all
        select family, key, 4, became.source_file_id, became.source_line from moved
        where family in ('payment', 'receivable') and became.nature is not null
        union all
        select family, key, 0, was.source_file_id, was.source_line from moved where was.nature is not null
    ),
    -- What was delivered since the closing first, then uses before carnets, then the most recent.
    cause as (
        select distinct on (candidate.family, candidate.key) candidate.family, candidate.key,
               candidate.source_file_id, candidate.source_line, file.extract_date
        from candidate left join file on candidate.source_file_id = file.file_id
        order by candidate.family, candidate.key, file.extract_date > $closed_on desc nulls last, candidate.rank desc,
                 file.extract_date desc, candidate.source_file_id desc, candidate.source_line desc
    )
    select moved.family, moved.key, moved.was, moved.became,
           cause.source_file_id, cause.source_line, cause.extract_date
    from moved inner join cause using (family, key)
    order by cause.extract_date, cause.source_file_id, cause.source_line, moved.family, moved.key
"""
_LINES = """
    select '{way}' as way, family, {side}.nature as nature, {side}.day as day, {side}.territory_code as territory_code,
           {side}.lieu_siret as lieu_siret, {side}.reference as reference, {side}.category as category,
           {side}.cause as cause, {side}.passes::bigint as passes, {side}.amount_eur as amount_eur,
           {side}.order_reference as order_reference, {side}.lot_code as lot_code,
           source_file_id, source_line, extract_date, key
    from difference where {side}.nature is not null
"""


def find(
    con: duckdb.DuckDBPyConnection, before: str, after: str, closing: Closing, *, until: date, with_days: bool = False
) -> None:
    """Make the table `difference`: what moved between the tables `before` and `after`, up to `until`.

    with_days: a day that moved counts too (a rectifying edition lists it; the balance of the year does not change).
    """
    query = _QUERY.format(before=before, after=after, differs=_DIFFERS + (_DAY_DIFFERS if with_days else ""))
    con.execute(f"create or replace temp table difference as {query}", {"until": until, "closed_on": closing.as_of})


def find_none(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `difference` empty: nothing is closed."""
    query = _QUERY.format(before="operation", after="operation", differs="false")
    con.execute(
        f"create or replace temp table difference as {query}",
        {"until": date(1900, 1, 1), "closed_on": date(1900, 1, 1)},
    )


def lines(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row an operation withdrawn (`retrait`) or added (`ajout`), in order of the lines that caused them."""
    parts = " union all ".join(
        _LINES.format(way=way, side=side) for way, side in (("retrait", "was"), ("ajout", "became"))
    )
    return con.execute(
        f"select * from ({parts}) order by extract_date, source_file_id, source_line, family, key, way desc"
    ).pl()


def pairs(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row an operation that moved: its state before and after, side by side, and the line that caused it."""
    names = ("nature", "day", "territory_code", "lieu_siret", "reference", "amount_eur")
    sides = ", ".join(f"{side}.{name} as {side}_{name}" for side in ("was", "became") for name in names)
    return con.execute(
        f"select family, {sides}, {one_line()} as cited, extract_date from difference "
        "order by extract_date, source_file_id, source_line, family, key"
    ).pl()
