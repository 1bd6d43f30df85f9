"""Between two published versions: which figures moved, by how much, and because of which files and lines.

A figure's difference is the difference of its traced lines (warehouse/trace.py): a corrected line is one that left
and one that came. Does not live here: choosing the versions (published.py), printing (orchestration/commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.trace import RULES, divisor_of, line_query


@dataclass(frozen=True)
class Cause:
    """What one file did to a figure: lines that came (+), left (−) or count otherwise, and their net effect."""

    file_id: str
    file_name: str
    lines_added: int
    lines_removed: int
    lines_changed: int
    example_lines: list[int]
    effect: float


@dataclass(frozen=True)
class Movement:
    """An indicator that moved between version A and version B, and the causes that add up to its change."""

    indicator: str
    label: str
    unit: str
    before: float
    after: float
    causes: list[Cause]

    @property
    def change(self) -> float:
        """after − before, in the indicator's unit."""
        return self.after - self.before


@dataclass(frozen=True)
class Difference:
    """Everything that tells version B from version A."""

    as_of_before: date
    as_of_after: date
    files_added: list[str]
    files_removed: list[str]
    movements: list[Movement]


def compare(before: Path, after: Path) -> Difference:
    """Compare two published files, read-only. The causes of a movement are net effects by file, largest first.

    A file present on both sides may still be a cause: time passed (a pass expired), or a later line took the
    place of one of its lines.
    """
    with duckdb.connect() as con:
        con.execute(f"attach '{_quoted(before)}' as before (read_only)")
        con.execute(f"attach '{_quoted(after)}' as after (read_only)")
        figures = con.execute(
            """
            select dictionary.code, dictionary.label, dictionary.unit, old.value, new.value
            from after.marts.indicator as dictionary
            left join before.marts.programme_progress as old on dictionary.code = old.indicator
            left join after.marts.programme_progress as new on dictionary.code = new.indicator
            where old.value is distinct from new.value
            order by dictionary.rank
            """
        ).fetchall()
        movements = [
            Movement(code, label, unit, old or 0.0, new or 0.0, _causes(con, code))
            for code, label, unit, old, new in figures
            if code in RULES
        ]
        return Difference(
            as_of_before=_as_of(con, "before"),
            as_of_after=_as_of(con, "after"),
            files_added=_only_in(con, "after", "before"),
            files_removed=_only_in(con, "before", "after"),
            movements=movements,
        )


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")


def _as_of(con: duckdb.DuckDBPyConnection, side: str) -> date:
    row = con.execute(f"select any_value(as_of) from {side}.marts.programme_progress").fetchone()
    assert row is not None
    return row[0]


def _only_in(con: duckdb.DuckDBPyConnection, side: str, other: str) -> list[str]:
    rows = con.execute(
        f"""
        select distinct file_name from {side}.quality.delivered_file as file
        where outcome = 'loaded' and not exists (
            select 1 from {other}.quality.delivered_file as twin
            where twin.file_id = file.file_id and twin.outcome = 'loaded'
        )
        order by file_name
        """
    ).fetchall()
    return [name for (name,) in rows]


def _causes(con: duckdb.DuckDBPyConnection, indicator: str) -> list[Cause]:
    unit_sizes = []
    for side in ("before", "after"):
        con.execute(f"use {side}")
        con.execute(
            f"""
            create or replace temp table temp.main.{side}_lines as
            select source_file_id, source_line, sum(contribution)::double as contribution
            from ({line_query(indicator)})
            group by source_file_id, source_line
            """
        )
        row = con.execute(f"select ({divisor_of(indicator)})::double from temp.main.{side}_lines").fetchone()
        unit_sizes.append(row[0] if row and row[0] else 1.0)
    con.execute("use memory")
    rows = con.execute(
        """
        with share as (
            select
                source_file_id as file_id,
                source_line,
                old.contribution / $before_unit as before_share,
                new.contribution / $after_unit as after_share
            from temp.main.before_lines as old
            full join temp.main.after_lines as new using (source_file_id, source_line)
        ),
        effect as (
            select
                file_id,
                source_line,
                coalesce(after_share, 0) - coalesce(before_share, 0) as effect,
                before_share is null as is_added,
                after_share is null as is_removed
            from share
            where before_share is distinct from after_share
        ),
        name as (
            select file_id, any_value(file_name) as file_name
            from (
                select file_id, file_name from after.quality.delivered_file where outcome = 'loaded'
                union all
                select file_id, file_name from before.quality.delivered_file where outcome = 'loaded'
            )
            group by file_id
        )
        select effect.file_id, name.file_name,
               count(*) filter (where is_added), count(*) filter (where is_removed),
               count(*) filter (where not is_added and not is_removed),
               list(source_line order by source_line)[1:10], sum(effect.effect)
        from effect
        left join name using (file_id)
        group by all
        order by abs(sum(effect.effect)) desc, effect.file_id
        """,
        {"before_unit": unit_sizes[0], "after_unit": unit_sizes[1]},
    ).fetchall()
    return [Cause(*row) for row in rows]
