"""What all the lines of a file tell together: copies, other grains, the order of its days, and the exact count.

Of many files at once, or of a part of one whose lines share nothing with the others (parse). Pure; whole columns, no
row loop. Does not live here: what a line is worth by itself (judging), which lines come together (parse).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import polars as pl

from ingestion.aside import Aside
from ingestion.contract import Contract
from ingestion.damage import find_rewritten
from ingestion.judging import Part, of_lines
from ingestion.personal import NUMBER_TYPES, show_findings
from ingestion.pseudonym import normalise
from ingestion.reader import Table
from ingestion.records import LINES_A_FILE, file_numbers, part_by_file
from ingestion.reshape import reshape
from ingestion.tally import Tally

LAST_MONTH = 12
COPY, PART = "copy", "part"
FEW_DAYS = 10
"""Among more days, a single one that only makes sense month first is a slip: written so, most of them would."""
FIRST_LINES = 50
"""Lines that are told one by one of a table that is not held."""
_NO_COPY = pl.DataFrame(schema={"line": pl.Int64, "kept_line": pl.Int64})


@dataclass(frozen=True)
class Parsed:
    """What became of every data line of a file.

    `rows`: accepted rows, `line` and the fields typed, personal columns still there (pseudonym takes them away).
    `rejected`: one line each, with ONE reason. `issues`: optional values set aside, of kept lines only.
    Both: line, column_name, value (masked where personal; its shape where a line is one person's), reason.
    `absorbed`: lines that another one of the file stands for: line, kept_line, reason (copy: every field is the same;
    part: a pass of a carnet). These four are in the order of their lines; where the file is not held they are the first
    ones, and `each` gives all of them. Counts are lines (exports §3): read = accepted + rejected + duplicate.
    `months_first`: columns whose days only make sense month first. `rewritten`: columns of identifiers some of which a
    spreadsheet made a number or a day of. `watched`: of the columns asked for, how many days were read, and whether one
    only makes sense day first.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    absorbed: pl.DataFrame
    tally: Tally
    accepted: int
    duplicate: int
    blanks: int
    totals: int
    repairs: dict[str, int]
    months_first: tuple[str, ...] = ()
    rewritten: frozenset[str] = frozenset()
    watched: dict[str, tuple[int, bool]] = field(default_factory=dict)
    aside: Aside | None = None

    @property
    def read(self) -> int:
        return self.accepted + self.tally.rejected + self.duplicate

    @property
    def is_held(self) -> bool:
        """Whether the four tables are whole."""
        return self.aside is None

    def each(self, table: str) -> Iterator[pl.DataFrame]:
        """All of `rows`, `rejected`, `issues` or `absorbed`, a part at a time, in the order of the lines."""
        first = vars(self)[table]
        if self.aside is None:
            yield first
            return
        for number in range(self.aside.parts):
            found = self.aside.take(table, number)
            yield first.clear() if found is None else found.sort("line", maintain_order=True)


def finish(part: Part, contract: Contract, tables: list[Table], watched: Collection[str] = ()) -> list[Parsed]:
    """Copies set apart, other grains, and what became of the lines of each table. `watched`: see Parsed."""
    if contract.reshape is not None and len(tables) > 1:
        alone = _part_by_file(part, len(tables))
        return [finish(p, contract, [table])[0] for p, table in zip(alone, tables, strict=True)]
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
            tally=Tally.of(rows, rejected, issues, absorbed),
            accepted=n_kept - n_lost,
            duplicate=n_rows - n_kept,
            blanks=n_blanks + table.blanks_above,
            totals=n_tot,
            repairs=_count(repaired),
            months_first=months,
            rewritten=frozenset(names["column_name"]),
            watched={column: _days_read(kept[column]) for column in watched},
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
        found.append(tuple(column for column, number in proofs if is_months_first(*_days_read(rows[column]), number)))
    return found


def _days_read(days: pl.Series) -> tuple[int, bool]:
    """How many days a column has, and whether one of them only makes sense day first."""
    return days.count(), bool((days.dt.day() > LAST_MONTH).any())


def is_months_first(read: int, proves_days: bool, proofs: int) -> bool:
    """Whether so many days that only make sense month first tell the order of those that were read."""
    is_slip = proofs == 1 and read >= FEW_DAYS
    return not is_slip and not proves_days


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
