"""Tables → accepted rows, rejected lines, field issues, and their exact count: which lines are judged together.

Many small files of one contract are judged as one, and parted again by file: what a file costs beside its lines would
otherwise be most of a delivery. One that memory does not hold is judged a slice at a time; its lines are set aside on
the disk by what they may share with others (a key, a carnet), and finished a part at a time. Does not live here:
reading (reader), cells (records), what a line is worth (judging), what all of them tell (finishing), what is set aside
(aside), pseudonyms (pseudonym), files (intake).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import polars as pl

from ingestion import limits
from ingestion.aside import Aside
from ingestion.contract import Contract, GroupPasses
from ingestion.finishing import FIRST_LINES, Parsed, finish, is_months_first
from ingestion.judging import Part, judge, no_line
from ingestion.reader import Table
from ingestion.records import LINES_A_FILE, Records, cut, file_numbers
from ingestion.tally import Tally
from ingestion.values import Setting

AT_ONCE = 4
_TABLES = ("rows", "rejected", "issues", "absorbed")


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

    Raises Refusal `unreadable` found on the way; OSError where what is set aside finds no room.
    """
    parts = _parts(table, _setting(table, extract_year))
    if table.size > limits.HELD_BYTES:
        return _finish_aside(parts, table)
    return finish(_join(list(parts)), table.contract, [table])[0]


def _finish_aside(parts: Iterator[Part], table: Table) -> Parsed:
    """Lines that may be copies or parts of one another are set aside together, finished so, then put in order."""
    contract, count = table.contract, -(-table.size // limits.PART_BYTES)
    kin, in_order = Aside(table.folder, count), Aside(table.folder, count)
    proofs, proves_days, blanks, totals, last = Counter[str](), False, table.blanks_above, 0, 0
    for part in parts:
        _put_aside(part, contract, kin)
        months = part.orders.filter(pl.col("reason") == "month").sort("line", maintain_order=True)
        proofs.update(months["column_name"].to_list())
        proves_days = proves_days or (part.orders["reason"] == "day").any()
        blanks, totals = blanks + len(part.blanks), totals + len(part.totals)
        last = max([last, *(f["line"][-1] for f in (part.rows, part.rejected) if f.height)])
    watched = () if proves_days else tuple(proofs)
    done: list[Parsed] = []
    for number in range(count):
        parsed = finish(_taken(kin, number, contract), contract, [replace(table, blanks_above=0)], watched)[0]
        for name in _TABLES:
            frame = vars(parsed)[name]
            in_order.put(name, frame, frame["line"] * count // (last + 1))
        emptied: dict[str, Any] = {name: vars(parsed)[name].clear() for name in _TABLES}
        done.append(replace(parsed, **emptied))
    read = {c: (sum(p.watched[c][0] for p in done), any(p.watched[c][1] for p in done)) for c in watched}
    whole = replace(
        done[0],
        tally=sum((p.tally for p in done), Tally()),
        accepted=sum(p.accepted for p in done),
        duplicate=sum(p.duplicate for p in done),
        blanks=blanks,
        totals=totals,
        repairs=dict(sorted(sum((Counter(p.repairs) for p in done), Counter[str]()).items())),
        months_first=tuple(column for column in watched if is_months_first(*read[column], proofs[column])),
        rewritten=frozenset().union(*(p.rewritten for p in done)),
        aside=in_order,
    )
    firsts: dict[str, Any] = {name: _first(whole.each(name)) for name in _TABLES}
    return replace(whole, **firsts)


def _first(frames: Iterator[pl.DataFrame]) -> pl.DataFrame:
    """The first lines of a table that is in parts."""
    found = next(frames)
    for frame in frames:
        if found.height >= FIRST_LINES:
            break
        found = pl.concat([found, frame])
    return found.head(FIRST_LINES)


def _put_aside(part: Part, contract: Contract, aside: Aside) -> None:
    """Lines of one key, or of one carnet where lines become carnets, go under one number: copies share both."""
    by = [contract.reshape.by] if isinstance(contract.reshape, GroupPasses) else [key.name for key in contract.keys]
    numbers = _number(part.rows.select(by), aside.parts)
    aside.put("rows", part.rows, numbers)
    places = part.rows.select("line", number=numbers)
    for name in ("issues", "repaired"):
        found = vars(part)[name].join(places, on="line", how="left", maintain_order="left")
        aside.put(name, found.drop("number"), found["number"])
    aside.put("rejected", part.rejected, part.rejected["line"] % aside.parts)
    aside.put("torn", part.torn, _number(part.torn.select("group"), aside.parts))


def _number(values: pl.DataFrame, parts: int) -> pl.Series:
    return values.select(pl.concat_str(pl.all().cast(pl.String), separator="|").hash() % parts).to_series()


def _taken(aside: Aside, number: int, contract: Contract) -> Part:
    empty = no_line(contract)
    found = {name: aside.take(name, number) for name in ("rows", "rejected", "issues", "repaired", "torn")}
    told: dict[str, Any] = {name: frame for name, frame in found.items() if frame is not None}
    return replace(empty, **told)


def judge_lines(table: Table, lines: Sequence[int], extract_year: int) -> tuple[pl.DataFrame, Part]:
    """Some lines of a table read again, by themselves: their cells as written (`f_<field>`), and what they are worth.

    Neither copies nor other grains are looked for. Raises Refusal `unreadable` found on the way.
    """
    frame = pl.concat([piece.filter(pl.col("line").is_in(lines)) for piece in table.slices], how="diagonal")
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
    return finish(judge(records, tables[0].contract, setting), tables[0].contract, tables)


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
