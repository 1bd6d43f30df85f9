"""The atomic operations of the mandate: one row a pass issued, a pass that left, a payment, a receivable, an entry.

Grain of the table `operation`: family × key, those of marts.mandate_operation told apart pass by pass. Its rows come
from a published version or from the snapshot of a closed account; every statement selects from it. It holds pass
numbers: it stays in memory, or in the register of closed accounts (closing.py). Does not live here: what an operation
does to an account (the chart, marts.mandate_nature), the statements (queries.py), what differs between two states
(differences.py).
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

#: `key` of a payment: the first version that bears it, so that a blank completed later is the same operation.
FROM_VERSION = """
    with file as (
        select distinct on (file_id) file_id, extract_date
        from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
    ),
    operation as (
        select 'issue' as family, 'issued' as nature, pass.pass_number as key, pass.issued_on as day,
               pass.territory_code, null as lieu_siret, null as reference, null as cause, null as category,
               pass.order_reference, pass.lot_code, 1 as passes, pass.face_value_eur as amount_eur,
               null as supported_eur, null as redemption_id, pass.carnet_number, carnet.source_file_id,
               carnet.source_line
        from core.fct_pass as pass inner join core.dim_carnet as carnet using (carnet_number)
        union all
        select 'exit', pass.status, pass.pass_number, pass.left_on, pass.territory_code, redemption.lieu_siret, null,
               null, null, pass.order_reference, pass.lot_code, 1, pass.face_value_eur, null, pass.redemption_id,
               pass.carnet_number, coalesce(redemption.source_file_id, carnet.source_file_id),
               coalesce(redemption.source_line, carnet.source_line)
        from core.fct_pass as pass
        inner join core.dim_carnet as carnet using (carnet_number)
        left join core.fct_redemption as redemption using (redemption_id)
        where pass.left_on is not null
        union all
        select 'payment', 'counter_payment', concat_ws('|', redemption_id, source_file_id, source_line), booked_on,
               null, lieu_siret, reimbursement_reference, null, null, null, null, 1, amount_eur, supported_eur,
               redemption_id, null, source_file_id, source_line
        from core.fct_counter_payment
        union all
        select 'receivable', 'trop_percu', concat_ws('|', redemption_id, source_file_id, source_line),
               receivable_known_on, null, lieu_siret, reimbursement_reference, cause, null, null, null, 1,
               overpaid_eur, null, redemption_id, null, receivable_file_id, receivable_line
        from core.fct_counter_payment where overpaid_eur > 0
        union all
        select 'recovery', 'recouvrement', concat_ws('|', entry_id, lieu_siret), recovered_on, null, lieu_siret,
               reimbursement_reference, null, null, null, null, 0, amount_eur, null, null, null, source_file_id,
               source_line
        from core.fct_recovery
        union all
        select 'entry', nature, entry_id, entered_on, null, null, reference, null, category, order_reference, null, 0,
               amount_incl_tax_eur, null, null, null, source_file_id, source_line
        from core.fct_budget_entry where is_counted
    )
    select operation.* replace (
               amount_eur::decimal(18,2) as amount_eur, supported_eur::decimal(18,2) as supported_eur,
               source_line::bigint as source_line
           ),
           file.extract_date
    from operation left join file on operation.source_file_id = file.file_id
"""


#: The accounts of the mandate, in the order of the balance: columns of the version's chart.
ACCOUNTS = ("treasury", "receivable", "circulation", "payable", "credit_note", "principal", "suspense")
#: What an operation is kept with, once the chart is applied to it.
_COLUMNS = (
    "nature, family, category, territory_code, lieu_siret, reference, order_reference, lot_code, day, passes, "
    "amount_eur, source_line"
)
#: An operation as it moves the accounts of the version's chart: the one place that applies it here, for a frozen
#: edition holds operations and no sums.
_APPLIED = """
    select state.* exclude (way),
           columns(chart.* exclude (rank, nature, family, category, with_lieu)) * case
               when chart.category is not null and state.category is distinct from chart.category then 0
               when chart.with_lieu and state.lieu_siret is null then 0
               else way
           end
    from ({state}) as state inner join marts.mandate_nature as chart using (nature)
"""
_STATE = f"""
    select 'opening' as move, 1 as way, {_COLUMNS}, coalesce($opened_by, source_file_id) as source_file_id from opening
    union all
    select nature, 1, {_COLUMNS}, source_file_id from operation where day between $start and $end
    union all
    select 'moved', case way when 'retrait' then -1 else 1 end, {_COLUMNS}, source_file_id from moved_line
"""
#: The operations of the account: the opening's, the year's, what is learnt of closed years. A frozen opening is one
#: piece, whose lines are not those of a delivery.
_BOOKED = f"""
    create or replace temp table booked as
    select * replace (case when move = 'opening' and $opened_by is not null then null else source_line end
                      as source_line),
           case
               when circulation <> 0 then 'passes'
               when treasury < 0 and credit_note < 0 then 'credit_notes'
               when treasury > 0 then 'receipts'
               when treasury < 0 then 'expenses'
               when receivable > 0 then 'receivables'
               else 'outside'
           end as section
    from ({_APPLIED.format(state=_STATE)})
"""
_UNPIVOTED = "unpivot ({table}) on {accounts} into name account value effect"
_EFFECT = """
    create or replace temp table effect as
    select * exclude (move),
           case when move <> 'moved' then move when effect > 0 then 'added' else 'removed' end as move
    from ({unpivoted}) where effect <> 0
"""
#: All that is known at the end of the year: what makes the balances up.
_HELD = """
    create or replace temp table held as select * from ({unpivoted}) where effect <> 0
"""
_KNOWN = f"select 'held' as move, 1 as way, {_COLUMNS}, source_file_id from operation where day <= $end"
#: An opening and a closing are balances; everything else is shown as it is, not netted.
_MOVEMENT = """
    create or replace temp table movement as
    with shown as (
        select account, 'closing' as move, territory_code, lieu_siret, reference, effect as weight, passes, amount_eur
        from effect
        union all
        select account, move, territory_code, lieu_siret, reference,
               case move when 'opening' then effect else 1 end, passes, amount_eur
        from effect
    )
    select account, move, territory_code, lieu_siret, reference, sum(weight * passes)::bigint as passes,
           sum(weight * amount_eur)::decimal(18,2) as amount_eur
    from shown group by all
"""


def book(con: duckdb.DuckDBPyConnection, start: date, end: date, opened_by: str | None = None) -> None:
    """Make the tables of the account from `start` to `end`, from opening, operation and moved_line: `booked` (one row
    an operation, what it does to each account), `effect` (× account), `movement` (account × move × territory × lieu ×
    reference: opening, natures, added, removed, closing) and `held` (what is known at the end, × account).

    opened_by: the piece that the opening is, where it is a closing. Raises duckdb.CatalogException or
    duckdb.BinderException for a version without a chart of all these accounts.
    """
    accounts = ", ".join(ACCOUNTS)
    span = {"start": start, "end": end}
    con.execute(_BOOKED, {**span, "opened_by": opened_by})
    con.execute(_EFFECT.format(unpivoted=_UNPIVOTED.format(table="select * from booked", accounts=accounts)))
    con.execute(_MOVEMENT)
    known = _UNPIVOTED.format(table=_APPLIED.format(state=_KNOWN), accounts=accounts)
    con.execute(_HELD.format(unpivoted=known), {"end": end})


def load_version(con: duckdb.DuckDBPyConnection, name: str = "operation") -> None:
    """Make the table `name` of everything that the open version knows."""
    con.execute(f"create or replace temp table {name} as {FROM_VERSION}")


def load_snapshot(con: duckdb.DuckDBPyConnection, snapshot: pl.DataFrame, name: str) -> None:
    """Make the table `name` of what a closed account knew."""
    con.register("snapshot", snapshot)
    con.execute(f"create or replace temp table {name} as select * from snapshot")
    con.unregister("snapshot")


def snapshot_of(con: duckdb.DuckDBPyConnection, until: date) -> pl.DataFrame:
    """The operations up to `until`, in a stored order that depends on nothing else."""
    return con.execute("select * from operation where day <= ? order by family, key", [until]).pl()
