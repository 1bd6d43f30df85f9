"""Between two published versions: which figures moved, by how much, and because of which files and lines.

A figure's difference is the difference of its traced lines (trace.py). Where a line of a later delivery
took the place of an earlier one, the later line is the cause. Does not live here: choosing the versions
(versions.py), printing (orchestration/commands).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from storage.sql_text import quoted
from warehouse.published import figure_place
from warehouse.published.brought import find_brought
from warehouse.published.figure_address import Figure
from warehouse.published.measure import TraceError, columns_of, measure_of
from warehouse.published.versions import read_version, too_old

# Every line that a figure may come from, by the key it is the current version of.
_CURRENT_LINES = """
    select 'emissions' as dataset, carnet_number as key, source_file_id, source_line from core.dim_carnet
    union all
    select 'prescriptions', prescription_id, source_file_id, source_line from core.fct_prescription
    union all
    select 'utilisations', redemption_id, source_file_id, source_line from core.fct_redemption
    union all
    select 'budget', entry_id, source_file_id, source_line from core.fct_budget_entry
"""


class DiffError(Exception):
    """The two versions cannot be compared as asked; the French message says why."""


@dataclass(frozen=True)
class Cause:
    """What the lines of one file did to a figure, and their net effect.

    Added: a key not known before. Corrected: a line that took the place of an earlier version of its key (the files
    of the lines replaced are `replaced_files`). Removed: a key no longer known. Changed: the same line, counted
    otherwise (time passed, another line decided).
    """

    file_id: str
    file_name: str
    lines_added: int
    lines_corrected: int
    lines_removed: int
    lines_changed: int
    example_lines: list[int]
    replaced_files: list[str]
    effect: float


@dataclass(frozen=True)
class Movement:
    """A figure that moved between version A and version B, and the causes that add up to its change.

    A share of nobody has no value: None, which weighs 0 in `change`. `is_back`: B was published before A (a version put
    back): what took the place of a line is an earlier one that came back.
    """

    indicator: str
    label: str
    unit: str
    before: float | None
    after: float | None
    causes: list[Cause]
    is_back: bool = False

    @property
    def change(self) -> float:
        """after − before, in the indicator's unit."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True)
class Difference:
    """Everything that tells version B from version A. `territories`: code and name of those whose figures moved."""

    as_of_before: date
    as_of_after: date
    files_added: list[str]
    files_removed: list[str]
    movements: list[Movement]
    territories: list[tuple[str, str]]
    #: Columns of `LINE_COLUMNS`: every line that moved a figure, the largest effects first within each.
    lines: list[tuple[Any, ...]] = field(default_factory=list)


LINE_COLUMNS = ("indicator", "file_id", "file_name", "source_line", "kind", "replaced_files", "effect")


def compare(before: Path, after: Path, territory: str | None = None, lake: Path | None = None) -> Difference:
    """Compare two published files, read-only, for the programme or one territory.

    The causes of a movement are net effects by file, largest first; they add up to it. With the `lake`, a cause is the
    delivery that brought the change; without it, the last one that repeats it. Raises DiffError (French) for
    a territory neither version knows, or a version built before figures kept their lines.
    """
    with _attached(before, after, lake) as con:
        figures = _figures(con, territory)
        is_back = _is_back(before, after)
        movements = [
            Movement(code, label, unit, old, new, _causes(con, _scoped(code, territory)), is_back)
            for code, label, unit, old, new in figures
        ]
        return Difference(
            as_of_before=_as_of(con, "before"),
            as_of_after=_as_of(con, "after"),
            files_added=_only_in(con, "after", "before"),
            files_removed=_only_in(con, "before", "after"),
            movements=movements,
            territories=_territories(con),
            lines=con.execute(
                "from temp.main.line order by indicator, abs(effect) desc, file_id, source_line"
            ).fetchall(),
        )


def bridge(
    before: Path, after: Path, figure: Figure, values: tuple[float | None, float | None], lake: Path | None = None
) -> Movement:
    """From one figure's value in version `before` to its value in `after`, with the causes that add up to the change.

    `values`: the two values, as figure_files.value_of reads them. Raises DiffError as `compare` does.
    """
    with _attached(before, after, lake) as con:
        con.execute("use after")
        measure = measure_of(con, figure.indicator)
        causes = _causes(con, figure)
        return Movement(figure.indicator, measure.label, measure.unit, *values, causes, _is_back(before, after))


def _is_back(before: Path, after: Path) -> bool:
    return read_version(after).published_at < read_version(before).published_at


@contextmanager
def _attached(before: Path, after: Path, lake: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both versions, read-only, the lines that hold each key in `temp.main.before_current` and `after_current`, those
    that brought them (brought.py), and room for the lines that moved, `temp.main.line`."""
    with duckdb.connect() as con:
        for side, path in (("before", before), ("after", after)):
            con.execute(f"attach {quoted(path.resolve())} as {side} (read_only)")
        _check_lines(con)
        for side in ("before", "after"):
            con.execute(f"use {side}")
            con.execute(f"create temp table temp.main.{side}_current as {_CURRENT_LINES}")
        con.execute("use memory")
        find_brought(con, lake)
        con.execute(
            "create temp table temp.main.line (indicator varchar, file_id varchar, file_name varchar, "
            "source_line bigint, kind varchar, replaced_files varchar, effect double)"
        )
        yield con


def _check_lines(con: duckdb.DuckDBPyConnection) -> None:
    """Both versions keep what each line brings to each figure, or DiffError."""
    for side in ("before", "after"):
        con.execute(f"use {side}")
        if told := too_old(con, "proof.measure", "proof.contribution"):
            raise DiffError(told)


def _figures(
    con: duckdb.DuckDBPyConnection, territory: str | None
) -> list[tuple[str, str, str, float | None, float | None]]:
    """code, label, unit, value before, value after of every figure that moved, in the dictionary's order."""
    if territory is None:
        return con.execute(
            """
            select dictionary.code, dictionary.label, dictionary.unit, old.value, new.value
            from after.marts.indicator as dictionary
            left join before.marts.programme_progress as old on dictionary.code = old.indicator
            left join after.marts.programme_progress as new on dictionary.code = new.indicator
            where old.value is distinct from new.value
            order by dictionary.rank
            """
        ).fetchall()
    values: dict[str, dict[str, float | None]] = {}
    for side in ("before", "after"):
        found = con.execute(
            f"select {', '.join(f'{name}::double' for name in _measures(con))} "
            f"from {side}.marts.territory_progress where territory_code = ?",
            [territory],
        ).fetchone()
        values[side] = dict(zip(_measures(con), found, strict=True)) if found else {}
    if not values["before"] and not values["after"]:
        raise DiffError(
            f"Aucune des deux versions ne donne de chiffres au territoire « {territory} ». "
            "Donnez un code INSEE à cinq caractères, par exemple 94080."
        )
    dictionary = con.execute("select code, label, unit from after.marts.indicator order by rank").fetchall()
    return [
        (code, label, unit, values["before"].get(code), values["after"].get(code))
        for code, label, unit in dictionary
        if values["before"].get(code) != values["after"].get(code)
    ]


def _measures(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The indicators that both versions give by territory."""
    found = []
    for side in ("before", "after"):
        con.execute(f"use {side}")
        found.append(columns_of(con, "territory_progress"))
    con.execute("use memory")
    codes = con.execute("select code from after.marts.indicator order by rank").fetchall()
    return [code for (code,) in codes if code in found[0] & found[1]]


def _territories(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    columns = ", ".join(["territory_code", *_measures(con)])
    return con.execute(
        f"""
        with moved as (
            (select {columns} from after.marts.territory_progress
             except select {columns} from before.marts.territory_progress)
            union all
            (select {columns} from before.marts.territory_progress
             except select {columns} from after.marts.territory_progress)
        )
        select territory_code, coalesce(any_value(new.territory_name), any_value(old.territory_name))
        from moved
        left join after.core.dim_territory as new using (territory_code)
        left join before.core.dim_territory as old using (territory_code)
        group by territory_code
        order by territory_code
        """
    ).fetchall()


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


def _scoped(indicator: str, territory: str | None) -> Figure:
    """The programme's figure, or a territory's, since the start; of no version: both are compared."""
    return Figure(indicator, "", "programme" if territory is None else "territory", territory or "")


def _lines_of(con: duckdb.DuckDBPyConnection, side: str, figure: Figure) -> float:
    """The lines of a figure in the version of one side, in `temp.main.<side>_lines`; what their sum is divided by.

    None for a figure that the version did not have yet: it was nothing.
    """
    try:
        measure = measure_of(con, figure.indicator)
    except TraceError:
        con.execute(
            f"create or replace temp table temp.main.{side}_lines "
            "(source_file_id varchar, source_line bigint, contribution double)"
        )
        return 1.0
    con.execute(
        f"""
        create or replace temp table temp.main.{side}_lines as
        select source_file_id, source_line, sum(contribution)::double as contribution
        from ({measure.lines(figure_place.of_lines(figure))})
        group by source_file_id, source_line
        """,
        figure_place.values(figure),
    )
    row = con.execute(f"select ({measure.divisor})::double from temp.main.{side}_lines").fetchone()
    return row[0] if row and row[0] else 1.0


def _causes(con: duckdb.DuckDBPyConnection, figure: Figure) -> list[Cause]:
    units = {}
    for side in ("before", "after"):
        con.execute(f"use {side}")
        units[f"{side}_unit"] = _lines_of(con, side, figure)
    con.execute("use memory")
    con.execute(_EFFECTS, units)
    con.execute(
        f"insert into temp.main.line select $indicator, {_LINE} from temp.main.effect", {"indicator": figure.indicator}
    )
    return [Cause(*row) for row in con.execute(_CAUSES).fetchall()]


#: A moved line as a row: what it did to its figure, as the counts of `Cause` say it.
_LINE = """
    file_id, file_name, source_line,
    case when is_corrected then 'corrected' when is_added then 'added' when is_removed then 'removed'
        else 'changed' end,
    array_to_string(list_sort(replaced_files), ', '), effect
"""

_EFFECTS = """
    create or replace temp table temp.main.effect as
    with share as (
        select
            source_file_id,
            source_line,
            old.contribution / $before_unit as before_share,
            new.contribution / $after_unit as after_share
        from temp.main.before_lines as old
        full join temp.main.after_lines as new using (source_file_id, source_line)
    ),
    -- The line that answers for a share: the one that brought what its key holds now, or itself where nothing does.
    answered as (
        select
            coalesce(brought.source_file_id, successor.source_file_id, share.source_file_id) as origin_file_id,
            coalesce(brought.source_line, successor.source_line, share.source_line) as origin_line,
            share.source_file_id as own_file_id,
            share.before_share,
            share.after_share,
            share.before_share is not null and successor.key is null as is_removed,
            share.before_share is not null and successor.key is not null
                and (origin_file_id, origin_line) <> (share.source_file_id, share.source_line) as is_replaced,
            share.after_share is not null and not exists (
                select 1 from temp.main.before_current as earlier
                where earlier.dataset = own.dataset and earlier.key = own.key
            ) as is_added,
            exists (
                select 1 from temp.main.before_current as earlier
                where earlier.dataset = own.dataset and earlier.key = own.key
                    and (earlier.source_file_id, earlier.source_line) <> (origin_file_id, origin_line)
            ) as is_correction
        from share
        left join (
            select * from temp.main.before_current union select * from temp.main.after_current
        ) as own using (source_file_id, source_line)
        left join temp.main.after_current as successor on successor.dataset = own.dataset and successor.key = own.key
        left join temp.main.brought as brought on brought.dataset = own.dataset and brought.key = own.key
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
    select
        answered.origin_file_id as file_id,
        any_value(name.file_name) as file_name,
        answered.origin_line as source_line,
        coalesce(sum(after_share), 0) - coalesce(sum(before_share), 0) as effect,
        bool_or(is_replaced or is_correction) as is_corrected,
        bool_or(is_added) as is_added,
        bool_or(is_removed) as is_removed,
        list_distinct(list(own.file_name) filter (where is_replaced)) as replaced_files
    from answered
    left join name on answered.origin_file_id = name.file_id
    left join name as own on answered.own_file_id = own.file_id
    group by answered.origin_file_id, answered.origin_line
    -- A share of the ceiling is a division: below this, it is rounding, not a movement.
    having abs(coalesce(sum(after_share), 0) - coalesce(sum(before_share), 0)) > 1e-13
"""

_CAUSES = """
    select
        file_id,
        file_name,
        count(*) filter (where is_added and not is_corrected),
        count(*) filter (where is_corrected),
        count(*) filter (where is_removed and not is_corrected),
        count(*) filter (where not is_added and not is_corrected and not is_removed),
        list(source_line order by source_line)[1:10],
        list_sort(list_distinct(flatten(list(replaced_files)))),
        sum(effect)
    from temp.main.effect
    group by file_id, file_name
    order by abs(sum(effect)) desc, file_id
"""
