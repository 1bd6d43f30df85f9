"""Tables → accepted rows, rejected lines, field issues, and their exact count. Pure; whole columns, no row loop.

Many small files of one contract are judged together, as one, and parted again by file: what a file costs beside its
lines would otherwise be most of a delivery. Does not live here: reading (reader), cells (records), what a line is
worth (judging), pseudonyms (pseudonym), files (intake).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl

from ingestion.contract import Contract
from ingestion.damage import find_rewritten
from ingestion.judging import Part, judge, of_lines
from ingestion.personal import NUMBER_TYPES, show_findings
from ingestion.personal_text import MASK
from ingestion.pseudonym import normalise
from ingestion.reader import Table
from ingestion.records import LINES_A_FILE, Records, cut, file_numbers, part_by_file
from ingestion.reshape import reshape
from ingestion.values import Setting

AT_ONCE = 4
LAST_MONTH = 12
COPY, PART = "copy", "part"
FEW_DAYS = 10
_NO_COPY = pl.DataFrame(schema={"line": pl.Int64, "kept_line": pl.Int64})
"""Among more days, a single one that only makes sense month first is a slip: written so, most of them would."""


@dataclass(frozen=True)
class Parsed:
    """What became of every data line of a file.

    `rows`: accepted rows, `line` and the fields typed, personal columns still there (pseudonym takes them away).
    `rejected`: one line each, with ONE reason. `issues`: optional values set aside, of kept lines only.
    Both: line, column_name, value (masked where personal; its shape where a line is one person's), reason.
    `absorbed`: lines that another one of the file stands for: line, kept_line, reason (copy: every field is the same;
    part: a pass of a carnet). Counts are lines (exports §3): read = accepted + rejected + duplicate. `months_first`:
    columns whose days only make sense month first. `rewritten`: columns of identifiers some of which a spreadsheet made
    a number or a day of.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    absorbed: pl.DataFrame
    accepted: int
    duplicate: int
    blanks: int
    totals: int
    repairs: dict[str, int]
    months_first: tuple[str, ...] = ()
    rewritten: frozenset[str] = frozenset()

    @property
    def read(self) -> int:
        return self.accepted + self.rejected.height + self.duplicate


@dataclass(frozen=True)
class Whole:
    """A table with all its lines read (the slices of `Table`, put end to end), and the year of its extraction."""

    table: Table
    frame: pl.DataFrame
    extract_year: int

    @property
    def kind(self) -> tuple:
        """Tables of one kind are typed in the same way, whatever their headers."""
        contract, uses_1904 = self.table.contract, self.table.encoding.endswith("1904")
        return (contract.layout, self.table.is_sheet, uses_1904, self.extract_year)


def parse(table: Table, extract_year: int) -> Parsed:
    """Read a whole table, slice by slice: memory stays bounded. `extract_year` bounds the years of birth.

    Raises Refusal `unreadable` found on the way.
    """
    parts = list(_parts(table, _setting(table, extract_year)))
    return _finish(_join(parts), table.contract, [table])[0]


def judge_lines(table: Table, lines: Sequence[int], extract_year: int) -> tuple[pl.DataFrame, Part]:
    """Some lines of a table read again, by themselves: their cells as written (`f_<field>`), and what they are worth.

    Neither copies nor other grains are looked for. Raises Refusal `unreadable` found on the way.
    """
    frame = table.read().filter(pl.col("line").is_in(lines))
    records = cut({0: table}, frame)
    return records.frame, judge(records, table.contract, _setting(table, extract_year))


def parse_all(wholes: Sequence[Whole]) -> list[Parsed]:
    """Judge many small tables at once; each result is the one `parse` gives."""
    groups: dict[tuple, list[int]] = {}
    for number, whole in enumerate(wholes):
        groups.setdefault(whole.kind, []).append(number)

    def work(numbers: list[int]) -> list[Parsed]:
        return _parse_alike([wholes[n] for n in numbers])

    results = map(work, groups.values()) if len(groups) == 1 else _threads().map(work, groups.values())
    found = {n: parsed for numbers, group in zip(groups.values(), results, strict=True)
             for n, parsed in zip(numbers, group, strict=True)}  # fmt: skip
    return [found[number] for number in range(len(wholes))]


@cache
def _threads() -> ThreadPoolExecutor:
    """Kept for the process: what Polars makes of a pattern is kept by thread, and costs more than small files do."""
    return ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1))


def _parse_alike(wholes: list[Whole]) -> list[Parsed]:
    tables = [whole.table for whole in wholes]
    records = _cut_all(wholes)
    setting = _setting(tables[0], wholes[0].extract_year)
    if len(tables) > 1:
        setting = replace(setting, headers=_headers_of_each(tables, records.frame["line"]))
    return _finish(judge(records, tables[0].contract, setting), tables[0].contract, tables)


def _cut_all(wholes: list[Whole]) -> Records:
    """The records of all the tables, those of one shape cut together."""
    shapes: dict[tuple, dict[int, Table]] = {}
    for number, whole in enumerate(wholes):
        alone = number if whole.table.is_sheet else None
        shapes.setdefault((alone, *whole.table.shape), {})[number] = whole.table
    cuts = []
    for tables in shapes.values():
        frames = [wholes[n].frame.with_columns(pl.col("line") + n * LINES_A_FILE) for n in tables]
        cuts.append(cut(tables, pl.concat(frames, how="diagonal")))
    if len(cuts) == 1:
        return cuts[0]
    frame = pl.concat([c.frame for c in cuts], how="diagonal").sort("line")
    return Records(frame, pl.concat([c.blanks for c in cuts]), pl.concat([c.totals for c in cuts]))


def _setting(table: Table, extract_year: int) -> Setting:
    return Setting(extract_year, table.is_sheet, table.encoding.endswith("1904"), _headers(table))


def _headers(table: Table) -> dict[str, str | pl.Series]:
    return {name: table.match.candidate.cells[place].strip() for name, place in table.match.columns.items()}


def _headers_of_each(tables: list[Table], lines: pl.Series) -> dict[str, str | pl.Series]:
    """The header of each key, line by line: it is the line's own file that may hold it again."""
    headers = [_headers(table) for table in tables]
    numbers = pl.Series(file_numbers(lines))
    return {key.name: pl.Series([h[key.name] for h in headers]).gather(numbers) for key in tables[0].contract.keys}


def _join(parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    return Part(*(pl.concat([vars(part)[f.name] for part in parts]) for f in fields(Part)))


def _finish(part: Part, contract: Contract, tables: list[Table]) -> list[Parsed]:
    """Copies set apart, other grains, and what became of the lines of each table."""
    if contract.reshape is not None and len(tables) > 1:
        alone = _part_by_file(part, len(tables))
        return [_finish(p, contract, [table])[0] for p, table in zip(alone, tables, strict=True)]
    count = len(tables)
    copies = _copies(part.rows, contract, count)
    kept = part.rows if copies.is_empty() else part.rows.filter(~pl.col("line").is_in(copies["line"].implode()))
    shaped = reshape(kept, contract, part.torn["group"].unique())
    lost = shaped.rejected["line"].unique()
    rejected = pl.concat([part.rejected, shaped.rejected]).sort("line")
    issues = pl.concat([of_lines(part.issues, kept["line"]), shaped.issues])
    issues = issues.filter(~pl.col("line").is_in(lost.implode())).sort("line", maintain_order=True)
    repaired = of_lines(part.repaired, kept["line"])
    rewritten = part_by_file(find_rewritten(pl.concat([rejected, issues]), _identifiers(contract)), count)
    rejected, issues = (show_findings(contract.dataset, findings) for findings in (rejected, issues))
    parts = shaped.parts.with_columns(reason=pl.lit(PART))
    absorbed = pl.concat([copies.with_columns(reason=pl.lit(COPY)), parts]).sort("line")
    told = zip(
        tables, part_by_file(shaped.rows, count), part_by_file(rejected, count), part_by_file(issues, count),
        part_by_file(repaired.sort("line"), count), part_by_file(absorbed, count), _per_file(part.rows["line"], count),
        _per_file(kept["line"], count), _per_file(lost, count), _per_file(part.blanks, count),
        _per_file(part.totals, count), _months_first(part, kept, count), rewritten, strict=True,
    )  # fmt: skip
    # fmt: off
    return [
        Parsed(
            rows=rows,
            rejected=rejected,
            issues=issues,
            absorbed=absorbed.with_columns(pl.col("kept_line") % LINES_A_FILE),
            accepted=n_kept - n_lost,
            duplicate=n_rows - n_kept,
            blanks=n_blanks + table.blanks_above,
            totals=n_tot,
            repairs=_count(repaired),
            months_first=months,
            rewritten=frozenset(names["column_name"]),
        )
        for table, rows, rejected, issues, repaired, absorbed, n_rows, n_kept, n_lost, n_blanks, n_tot, months, names
        in told
    ]
    # fmt: on


def _identifiers(contract: Contract) -> list[str]:
    return [f.name for f in contract.fields if f.is_identifier or f.type in NUMBER_TYPES]


def _months_first(part: Part, kept: pl.DataFrame, count: int) -> list[tuple[str, ...]]:
    """Of each file where no day only makes sense day first, the columns where some only make sense month first.

    The others are read in the wrong order, whatever they look like: 03/12 is a day in March. One such day among many
    is a slip of its line.
    """
    if not (part.orders["reason"] == "month").any():
        return [()] * count
    found = []
    orders = part_by_file(part.orders.sort("line", maintain_order=True), count)
    for orders_here, rows in zip(orders, part_by_file(kept, count), strict=True):
        proves_days = (orders_here["reason"] == "day").any()
        slips = orders_here.clear() if proves_days else orders_here
        proofs = slips.group_by("column_name", maintain_order=True).len().rows()
        found.append(tuple(column for column, number in proofs if _is_months_first(rows[column], number)))
    return found


def _is_months_first(days: pl.Series, proofs: int) -> bool:
    """Whether so many days that only make sense month first tell the order of those that were read."""
    is_slip = proofs == 1 and days.count() >= FEW_DAYS
    return not is_slip and not (days.dt.day() > LAST_MONTH).any()


def _per_file(lines: pl.Series, count: int) -> list[int]:
    return np.bincount(file_numbers(lines), minlength=count).tolist()


def _part_by_file(part: Part, count: int) -> list[Part]:
    """Everything of each file apart, in the order it has."""
    whole = {f.name: vars(part)[f.name] for f in fields(Part)}
    frames = {name: v.to_frame("line") if isinstance(v, pl.Series) else v for name, v in whole.items()}
    parted: dict[str, list[Any]] = {
        name: part_by_file(f.sort("line", maintain_order=True), count) for name, f in frames.items()
    }
    parted |= {name: [f["line"] for f in parted[name]] for name in ("blanks", "totals")}
    return [Part(**{name: found[n] for name, found in parted.items()}) for n in range(count)]


def _parts(table: Table, setting: Setting) -> Iterator[Part]:
    """Slices in order; the first alone (it samples the ignored columns), then several at once."""
    slices = iter(table.slices)
    first = next(slices, None)
    if first is None:
        return
    yield judge(cut({0: table}, first), table.contract, setting)
    workers = min(AT_ONCE, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        pending = []
        for piece in slices:
            pending.append(pool.submit(lambda s: judge(cut({0: table}, s), table.contract, setting), piece))
            if len(pending) > workers:
                yield pending.pop(0).result()
        for future in pending:
            yield future.result()


def _copies(rows: pl.DataFrame, contract: Contract, files: int) -> pl.DataFrame:
    """The lines equal, in all contract columns once parsed, to an earlier line of their file (exports §3), and it.

    Copies share their key: only lines whose key comes back are compared whole; a person is compared as their pseudonym
    will be (exports §4): two spellings are one. Yields line, kept_line.
    """
    rows = rows.with_columns(_file=pl.col("line") // LINES_A_FILE) if files > 1 else rows
    place = ["_file"] if files > 1 else []
    keys = place + [f.name for f in contract.keys]
    repeated = rows.select(pl.struct(keys).is_duplicated() if len(keys) > 1 else pl.col(keys[0]).is_duplicated())
    again = rows.filter(repeated.to_series())
    people = [normalise(pl.col(f.name)).alias(f.name) for f in contract.fields if f.pseudonym]
    again = again.with_columns(people) if again.height else again
    compared = place + [f.name for f in contract.fields]
    firsts = again.select("line", kept_line=pl.col("line").first().over(compared)) if again.height else again
    return firsts.filter(pl.col("line") != pl.col("kept_line")) if again.height else _NO_COPY


def _count(repaired: pl.DataFrame) -> dict[str, int]:
    if repaired.is_empty():
        return {}
    counts = repaired.group_by("column_name").len().sort("column_name")
    return dict(zip(counts["column_name"], counts["len"], strict=True))


__all__ = ["MASK", "Parsed", "Whole", "parse", "parse_all"]
