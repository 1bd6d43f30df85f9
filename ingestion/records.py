"""Lines of a table → its records: blank and TOTAL lines apart, the cells of each under their fields.

Files of one header may be cut together, their lines told apart by `LINES_A_FILE`. Does not live here: which lines
(reader), types and rejects (parse).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from ingestion.quoting import cut_fields, extract_cut, extract_fields, grammar, is_blank
from ingestion.reader import SAMPLE_RECORDS, Table
from ingestion.repeated import EXTRA
from ingestion.sheet import filled_rows

LINES_A_FILE = 2**40
"""Files read together: line l of file n is line n × LINES_A_FILE + l, so that whatever sorts, finds or counts by line
holds for many files as for one. No file has as many bytes."""


@dataclass(frozen=True)
class Records:
    """Records of one slice: line (Int64), n_fields (UInt32), is_right (Boolean), then `f_<field>` (String) each.

    `blanks`, `totals`: the lines that are not data.
    """

    frame: pl.DataFrame
    blanks: pl.Series
    totals: pl.Series


def cut(tables: Mapping[int, Table], slice_: pl.DataFrame) -> Records:
    """Cut slices of tables of one shape, put end to end, into records; the table's number is in the line.

    A slice of a sheet is cut alone.
    """
    table = next(iter(tables.values()))
    return _cut_sheet(table, slice_) if table.is_sheet else _cut_text(table, tables, slice_)


def file_numbers(lines: pl.Series) -> np.ndarray:
    """The file of each line."""
    return lines.to_numpy() // LINES_A_FILE


def part_by_file(frame: pl.DataFrame, count: int) -> list[pl.DataFrame]:
    """A frame sorted by line → the part of each of `count` files, in their order, its lines those of the file."""
    if count == 1:
        return [frame]
    ends = np.searchsorted(frame["line"].to_numpy(), np.arange(count + 1) * LINES_A_FILE)
    told = frame.with_columns(pl.col("line") % LINES_A_FILE)
    return [told.slice(start, end - start) for start, end in pairwise(ends.tolist())]


def _cut_text(table: Table, tables: Mapping[int, Table], slice_: pl.DataFrame) -> Records:
    separator = table.match.candidate.separator or ";"
    blank = is_blank(slice_["text"], separator)
    kept = slice_.filter(~blank) if blank.any() else slice_
    n_fields, fields = cut_fields(kept["text"], separator)
    if kept["n_told"].null_count() < kept.height:
        n_fields = kept["n_told"].fill_null(n_fields)
    right = (n_fields == table.width) & kept["n_told"].is_null()
    is_whole = right.all()
    whole = kept if is_whole else kept.filter(right)
    trailing = _trailing_positions(table)
    wanted = sorted({*table.match.columns.values(), *trailing})
    if fields is None:
        cells = extract_fields(whole["text"], separator, wanted)
    else:
        cells = extract_cut(fields if is_whole else fields.filter(right), wanted)
    if table.match.ignored:
        _sample_ignored(tables, whole, separator)
    filled = _any_filled(cells, trailing)
    is_bare = kept["text"].str.contains(grammar(separator).bare_total) if kept["is_closing"].any() else pl.lit(False)
    frame = kept.select("line", "is_closing", n_fields=n_fields, is_right=right, is_bare=is_bare)
    if whole.height == kept.height:
        frame = frame.with_columns(is_right=~filled).hstack(_named(table, cells, whole))
    else:
        whole = frame.filter(right).with_columns(is_right=~filled).hstack(_named(table, cells, whole))
        frame = pl.concat([whole, frame.filter(~right)], how="diagonal").sort("line")
    return _without_totals(table, frame, slice_["line"].filter(blank))


def _cut_sheet(table: Table, slice_: pl.DataFrame) -> Records:
    cells = slice_.select(c for c in slice_.columns if c != "line" and not c.startswith(EXTRA))
    filled = filled_rows(cells)
    kept, cells = slice_.filter(filled), cells.filter(filled)
    beyond = [p for p in range(cells.width) if p >= table.width]
    last = pl.max_horizontal(
        pl.lit(table.width), *[pl.when(pl.col(f"c{p}").str.contains(r"\S")).then(p + 1) for p in beyond]
    )
    n_fields = cells.with_columns(last.cast(pl.UInt32).alias("n"))["n"]
    for position, header in table.match.ignored.items():
        table.ignored_sample.setdefault(header, cells[f"c{position}"].head(SAMPLE_RECORDS))
    first = pl.coalesce(pl.when(pl.col(c).str.contains(r"\S")).then(pl.col(c)) for c in cells.columns)
    is_total = cells.select(first.str.contains(grammar(";").total_record).fill_null(False)).to_series()
    frame = kept.select("line").with_columns(
        is_closing=is_total.reverse().cum_min().reverse() if kept.height else is_total,
        n_fields=n_fields,
        is_right=n_fields == table.width,
        is_bare=cells.select(first.str.contains(grammar(";").bare_total).fill_null(False)).to_series(),
    )
    frame = frame.hstack(_named(table, cells, kept))
    return _without_totals(table, frame, slice_["line"].filter(~filled))


def _trailing_positions(table: Table) -> list[int]:
    """Unnamed columns at the end of the header: a trailing separator, which must stay empty."""
    cells = table.match.candidate.cells
    last = max((i for i, c in enumerate(cells) if c.strip()), default=-1)
    return list(range(last + 1, len(cells)))


def _any_filled(cells: pl.DataFrame, positions: list[int]) -> pl.Series:
    if not positions:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, cells.height)
    return cells.select(
        pl.any_horizontal(pl.col(f"c{p}").str.contains(r"\S").fill_null(False) for p in positions)
    ).to_series()


def _named(table: Table, cells: pl.DataFrame, slice_: pl.DataFrame) -> pl.DataFrame:
    """The cells under their fields, those that only a later part of the file has included."""
    named = cells.select(pl.col(f"c{p}").alias(f"f_{name}") for name, p in table.match.columns.items())
    extra = [c for c in slice_.columns if c.startswith(EXTRA)]
    return named.hstack(slice_.select(pl.col(c).alias(f"f_{c.removeprefix(EXTRA)}") for c in extra)) if extra else named


def _sample_ignored(tables: Mapping[int, Table], whole: pl.DataFrame, separator: str) -> None:
    """Keep the first values of the columns outside the contract, a file at a time; the first slice of a file does."""
    parts = part_by_file(whole.select("line", "text"), max(tables) + 1)
    for number, table in tables.items():
        texts = parts[number]["text"].head(SAMPLE_RECORDS)
        if not table.ignored_sample and len(texts):
            sample = extract_fields(texts, separator, list(table.match.ignored))
            table.ignored_sample.update({h: sample[f"c{p}"] for p, h in table.match.ignored.items()})


def _without_totals(table: Table, frame: pl.DataFrame, blanks: pl.Series) -> Records:
    """Set the closing TOTAL lines apart.

    A line that only begins so (« Total Énergies ») is data when it has most of the required values.
    """
    if not frame["is_closing"].any():
        return Records(frame.drop("is_closing", "is_bare"), blanks, frame["line"].clear())
    required = [f"f_{f.name}" for f in table.contract.required]
    lacking = pl.sum_horizontal((~pl.col(c).str.contains(r"\S").fill_null(False)).cast(pl.UInt32) for c in required)
    is_total = pl.col("is_closing") & (pl.col("is_bare") | (lacking * 2 >= len(required)) | ~pl.col("is_right"))
    totals = frame.select(is_total.alias("t")).to_series()
    return Records(frame.filter(~totals).drop("is_closing", "is_bare"), blanks, frame["line"].filter(totals))
