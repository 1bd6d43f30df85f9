"""From a figure down to the lines of the deliveries that make it up, summing back to it exactly.

The lines are a selection from proof.contribution, by the row of proof.measure of the version asked. Does not live here:
what a line brings to a figure (dbt_project/models/proof), what a figure sums (the dictionary), printing
(orchestration/commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

_MINUTES_PER_HOUR = 60


class TraceError(Exception):
    """The request cannot be traced; the French message says why and what to ask instead."""


@dataclass(frozen=True)
class TracedFile:
    """The part of a figure that comes from one delivered file."""

    file_id: str
    file_name: str
    extract_date: date
    lines: int
    first_lines: list[int]
    value: float


@dataclass(frozen=True)
class Trace:
    """A figure and the files that make it up. `value` = sum of the files' values = the published figure.

    A share of nobody has no value: None.
    """

    indicator: str
    label: str
    unit: str
    value: float | None
    published: float | None
    lines: int
    files: list[TracedFile]


@dataclass(frozen=True)
class Measure:
    """What a figure sums, as its version says: a column of the contributions of one event.

    `rule`: how the sum is read (sum, ratio, capped); `by_territory`: whether its contributions have a territory.
    """

    code: str
    event: str
    column: str
    natures: list[str]
    rule: str
    unit: str
    by_territory: bool

    @property
    def lines(self) -> str:
        """SQL of the lines behind it, one row per (file, line, territory, day), with what each contributes."""
        return f"""
            select source_file_id, source_line, territory_code, event_on as happened_on,
                   sum({self.column}){self._share} as contribution
            from proof.contribution
            where {self._condition}
            group by all
        """

    @property
    def divisor(self) -> str:
        """SQL aggregate over these lines that turns their sum into the unit; each answer of a ratio is one line."""
        if self.rule == "ratio":
            return "count(*)"
        return str(_MINUTES_PER_HOUR) if self.unit == "heure" else "1"

    @property
    def _condition(self) -> str:
        named = ", ".join(f"'{nature}'" for nature in self.natures)
        return f"event = '{self.event}'" + (f" and nature in ({named})" if named else "")

    @property
    def _share(self) -> str:
        """A ceiling is no sum: each line has its part of what is published, as it has of the sum."""
        if self.rule != "capped":
            return ""
        total = f"(select sum({self.column}) from proof.contribution where {self._condition})"
        published = f"(select value from marts.programme_progress where indicator = '{self.code}')"
        return f" * {published} / nullif({total}, 0)"


def measure_of(con: duckdb.DuckDBPyConnection, code: str) -> Measure:
    """The measure `code` of the version that `con` is on. Raises TraceError (French) for an unknown one."""
    row = con.execute(
        "select code, event, measure, coalesce(string_split(natures, ' | '), []), rule, unit, by_territory "
        "from proof.measure where code = ?",
        [code],
    ).fetchone()
    if row is None:
        known = con.execute("select string_agg(code, ', ' order by code) from proof.measure").fetchone()
        raise TraceError(f"Indicateur inconnu : « {code} ». Indicateurs possibles : {known[0] if known else ''}.")
    return Measure(*row)


def trace(
    con: duckdb.DuckDBPyConnection, indicator: str, *, territory: str | None = None, month: date | None = None
) -> Trace:
    """The deliveries behind a figure, for the programme or one territory and/or one month.

    `published` is the figure of marts.programme_progress, territory_progress or territory_month where one exists
    for the scope, None elsewhere. Raises TraceError (French) for an unknown indicator or a scope it does not have.
    """
    measure = measure_of(con, indicator)
    if territory is not None and not measure.by_territory:
        raise TraceError(f"L'indicateur « {indicator} » n'est pas réparti par territoire : retirez --territory.")
    (label,) = con.execute("select label from marts.indicator where code = ?", [indicator]).fetchone() or (indicator,)
    _check_territory(con, territory)
    con.execute(
        f"""
        create or replace temp table traced as
        select * from ({measure.lines})
        where (?::varchar is null or territory_code = ?)
          and (?::date is null or date_trunc('month', happened_on) = ?)
        """,
        [territory, territory, month, month],
    )
    divisor = con.execute(f"select ({measure.divisor})::double from traced").fetchone()
    unit_size = float(divisor[0]) if divisor and divisor[0] else 1.0
    total, lines = con.execute("select coalesce(sum(contribution), 0)::double, count(*) from traced").fetchone() or (
        0.0,
        0,
    )
    files = con.execute(
        """
        with name as (
            select distinct on (file_id) file_id, file_name, extract_date
            from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
        )
        select traced.source_file_id, name.file_name, name.extract_date, count(*),
               list(traced.source_line order by traced.source_line)[1:10], sum(traced.contribution)::double / ?
        from traced
        left join name on traced.source_file_id = name.file_id
        group by all
        order by name.extract_date, traced.source_file_id
        """,
        [unit_size],
    ).fetchall()
    return Trace(
        indicator=indicator,
        label=label,
        unit=measure.unit,
        value=None if lines == 0 and measure.rule == "ratio" else total / unit_size,
        published=_published_value(con, indicator, territory, month),
        lines=lines,
        files=[TracedFile(*row) for row in files],
    )


def _check_territory(con: duckdb.DuckDBPyConnection, territory: str | None) -> None:
    if territory is None:
        return
    known = con.execute("select 1 from core.dim_territory where territory_code = ?", [territory]).fetchone()
    if known is None:
        raise TraceError(
            f"Territoire inconnu : « {territory} ». Donnez un code INSEE à cinq caractères, par exemple 94080."
        )


def _published_value(
    con: duckdb.DuckDBPyConnection, indicator: str, territory: str | None, month: date | None
) -> float | None:
    if month is None and territory is None:
        row = con.execute("select value from marts.programme_progress where indicator = ?", [indicator]).fetchone()
        return None if row is None else row[0]
    mart = "territory_progress" if month is None else "territory_month"
    if indicator not in columns_of(con, mart):
        return None
    # A month without activity has no row of its own: its figure is 0, and so is a territory's that has none.
    row = con.execute(
        f"""
        select case when count(*) = 0 then 0 else sum({indicator}) end::double from marts.{mart}
        where (?::varchar is null or territory_code = ?) and {"true" if month is None else "month = ?"}
        """,
        [territory, territory, *([] if month is None else [month])],
    ).fetchone()
    return None if row is None else row[0]


def columns_of(con: duckdb.DuckDBPyConnection, mart: str) -> set[str]:
    """The columns of a mart of the published file `con` is on."""
    rows = con.execute(
        "select column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'marts' and table_name = ?",
        [mart],
    ).fetchall()
    return {name for (name,) in rows}
