"""The units of a check that fail, fetched from SQL: how many, the worst, and those that touch most first.

Does not live here: which units fail (lines, tables).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from warehouse.check_result import MAX_FAILURES, Failure

_SCOPE = {
    "territory_code": "varchar", "lieu_siret": "varchar", "prescriber_siret": "varchar", "source_file_id": "varchar",
    "source_lines": "varchar", "detail": "varchar", "passes": "bigint", "amount_eur": "double", "hours": "double",
}  # fmt: skip


@dataclass(frozen=True)
class Failing:
    """`count` units fail, `worst` is the French detail of the one farthest from its threshold.

    `failures`: at most MAX_FAILURES of them, those that touch most euros, hours and passes first.
    """

    count: int
    worst: str
    failures: Sequence[Failure]


def fetch_failing(
    con: duckdb.DuckDBPyConnection, units: str, *, lowest_first: bool, parameters: Sequence[object] = ()
) -> Failing:
    """The units that the SQL `units` makes, all of which fail (see Check)."""
    names = {column[0] for column in con.execute(f"describe ({units})", parameters).fetchall()}
    scope = ", ".join(f"cast({name if name in names else 'null'} as {kind}) as {name}" for name, kind in _SCOPE.items())
    direction = "asc" if lowest_first else "desc"
    found = con.execute(
        f"""
        with unit as (select cast(value as double) as value, {scope} from ({units}))
        select
            * exclude (value),
            count(*) over () as units,
            first_value(detail) over (
                order by value {direction} nulls last, amount_eur desc nulls last, passes desc nulls last, detail
                rows between unbounded preceding and unbounded following
            ) as worst
        from unit
        order by
            amount_eur desc nulls last, hours desc nulls last, passes desc nulls last,
            value {direction} nulls last, detail
        limit {MAX_FAILURES}
        """,
        parameters,
    ).fetchall()
    if not found:
        return Failing(0, "", ())
    failures = [Failure(**dict(zip(_SCOPE, row, strict=False))) for row in found]  # type: ignore[typeddict-item]
    *_, count, worst = found[0]
    return Failing(count, worst, failures)
