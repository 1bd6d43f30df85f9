"""Text frame + contract → accepted rows, rejected lines, field issues. Pure; whole columns, no row loop.

Does not live here: reading (reader), the typing of one column (values), pseudonyms (pseudonym), files (intake).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingestion.contract import Contract, Field, GroupPasses
from ingestion.personal import MASK, mask_value
from ingestion.reader import Records, Table
from ingestion.reshape import reshape
from ingestion.values import Setting, clean, polars_type, type_column

FINDING = {"line": pl.Int64, "column_name": pl.String, "value": pl.String, "reason": pl.String}
AT_ONCE = 4


@dataclass(frozen=True)
class Parsed:
    """What became of every data line of a file.

    `rows`: accepted rows, `line` and the fields typed, personal columns still there (pseudonym takes them away).
    `rejected`: one line each, with ONE reason. `issues`: optional values set aside, of kept lines only.
    Both: line, column_name, value (masked where personal), reason. Counts are lines (exports §3):
    read = accepted + rejected + duplicate.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    accepted: int
    duplicate: int
    blanks: int
    totals: int
    repairs: dict[str, int]

    @property
    def read(self) -> int:
        return self.accepted + self.rejected.height + self.duplicate


@dataclass(frozen=True)
class _Part:
    rows: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    repaired: pl.DataFrame
    torn: pl.Series
    blanks: int
    totals: int


def parse(table: Table, extract_year: int) -> Parsed:
    """Read a whole table. `extract_year` bounds the years of birth. Raises Refusal `unreadable` found on the way."""
    headers = {name: table.match.candidate.cells[place].strip() for name, place in table.match.columns.items()}
    setting = Setting(extract_year, table.is_sheet, table.encoding.endswith("1904"), headers)
    parts = list(_parts(table, setting))
    contract = table.contract
    rows = pl.concat([p.rows for p in parts])
    issues = pl.concat([p.issues for p in parts])
    rejected = pl.concat([p.rejected for p in parts])
    repaired = pl.concat([p.repaired for p in parts])
    first = _first_copies(rows, contract)
    kept = rows.filter(first)
    shaped = reshape(kept, contract, pl.concat([p.torn for p in parts]))
    lost = shaped.rejected["line"]
    rejected = pl.concat([rejected, shaped.rejected]).sort("line")
    issues = pl.concat([_of_lines(issues, kept["line"]), shaped.issues])
    issues = issues.filter(~pl.col("line").is_in(lost.implode())).sort("line", maintain_order=True)
    return Parsed(
        rows=shaped.rows,
        rejected=rejected,
        issues=issues,
        accepted=kept.height - lost.n_unique(),
        duplicate=rows.height - kept.height,
        blanks=sum(p.blanks for p in parts) + table.blanks_above,
        totals=sum(p.totals for p in parts),
        repairs=_count(_of_lines(repaired, kept["line"])),
    )


def _parts(table: Table, setting: Setting) -> Iterator[_Part]:
    """Slices in order; the first alone (it samples the ignored columns), then several at once."""
    slices = iter(table.slices)
    first = next(slices, None)
    if first is None:
        return
    yield parse_records(table.records(first), table.contract, setting)
    workers = min(AT_ONCE, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        pending = []
        for piece in slices:
            pending.append(pool.submit(lambda s: parse_records(table.records(s), table.contract, setting), piece))
            if len(pending) > workers:
                yield pending.pop(0).result()
        for future in pending:
            yield future.result()


def parse_records(records: Records, contract: Contract, setting: Setting) -> _Part:
    """One slice of records → typed rows, rejects, issues."""
    frame = records.frame
    verdict = _Verdict(frame["line"])
    wrong = ~frame["is_right"]
    verdict.reject(wrong, None, frame["n_fields"].cast(pl.String), "wrong_field_count")
    present = [f for f in contract.fields if f"f_{f.name}" in frame.columns]
    texts = {f.name: clean(frame[f"f_{f.name}"]) for f in present}
    typed = {f.name: type_column(f, texts[f.name], setting) for f in present}
    values = {name: t["value"] for name, t in typed.items()}
    for key in contract.keys:
        verdict.reject(texts[key.name].is_null(), key.name, None, "missing_key")
    for field in present:
        is_bad = typed[field.name]["is_bad"] | _breaks_rule(field, values, contract)
        if field.role == "K":
            is_bad = is_bad | _is_no_key(field, texts[field.name], setting)
        if field.is_required:
            verdict.reject(texts[field.name].is_null(), field.name, None, "missing_value")
            verdict.reject(is_bad, field.name, _shown(is_bad, field, texts), "invalid_value")
        else:
            is_bad, values[field.name] = _check_age(field, contract, values, is_bad)
            verdict.note(is_bad, field.name, _shown(is_bad, field, texts), "invalid_value")
        verdict.note(typed[field.name]["is_doubtful"], field.name, texts[field.name], "invalid_check_digits")
        verdict.repair(typed[field.name]["is_repaired"], field.name)
    kept = verdict.kept
    rows = pl.DataFrame({"line": frame["line"]} | values).filter(kept)
    rows = rows.with_columns(
        pl.lit(None, dtype=polars_type(f)).alias(f.name) for f in contract.fields if f not in present
    )
    return _Part(
        rows=rows.select("line", *[f.name for f in contract.fields]),
        rejected=verdict.rejected,
        issues=verdict.issues,
        repaired=verdict.repaired,
        torn=_torn(contract, values, kept),
        blanks=records.blanks,
        totals=records.totals,
    )


def _shown(is_bad: pl.Series, field: Field, texts: dict[str, pl.Series]) -> pl.Series | None:
    """The column as rejects may store it; not worked out where nothing is bad, which is nearly always."""
    return mask_value(field, texts[field.name]) if is_bad.any() else None


def _torn(contract: Contract, values: dict[str, pl.Series], kept: pl.Series) -> pl.Series:
    """Groups that lost a line: what is left of them is not whole."""
    if not isinstance(contract.reshape, GroupPasses):
        return pl.Series([], dtype=pl.String)
    return values[contract.reshape.by].filter(~kept).drop_nulls().unique()


class _Verdict:
    """Collects rejects (the first reason of a line holds) and notes (of lines still kept)."""

    def __init__(self, lines: pl.Series) -> None:
        self._lines = lines
        self._kept = np.ones(len(lines), dtype=bool)
        self._rejected: list[pl.DataFrame] = []
        self._notes: list[pl.DataFrame] = []
        self._repairs: list[pl.DataFrame] = []

    def reject(self, fails: pl.Series, column: str | None, values: pl.Series | None, reason: str) -> None:
        new = pl.Series(fails.to_numpy() & self._kept)
        if new.any():
            self._rejected.append(self._findings(new, column, values, reason))
            self._kept &= ~new.to_numpy()

    def note(self, found: pl.Series, column: str, values: pl.Series, reason: str) -> None:
        if found.any():
            self._notes.append(self._findings(found, column, values, reason))

    def repair(self, found: pl.Series, column: str) -> None:
        if found.any():
            self._repairs.append(self._findings(found, column, None, "repaired"))

    def _findings(self, found: pl.Series, column: str | None, values: pl.Series | None, reason: str) -> pl.DataFrame:
        lines = self._lines.filter(found)
        return pl.DataFrame(
            {
                "line": lines,
                "column_name": pl.repeat(column, len(lines), dtype=pl.String, eager=True),
                "value": pl.repeat(None, len(lines), dtype=pl.String, eager=True)
                if values is None
                else values.filter(found),
                "reason": pl.repeat(reason, len(lines), dtype=pl.String, eager=True),
            },
            schema=FINDING,
        )

    @property
    def kept(self) -> pl.Series:
        return pl.Series(self._kept)

    @property
    def rejected(self) -> pl.DataFrame:
        return _gather(self._rejected).sort("line")

    @property
    def issues(self) -> pl.DataFrame:
        return _of_lines(_gather(self._notes), self._lines.filter(self.kept))

    @property
    def repaired(self) -> pl.DataFrame:
        return _of_lines(_gather(self._repairs), self._lines.filter(self.kept))


def _gather(findings: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=FINDING), *findings])


def _of_lines(findings: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    return findings.filter(pl.col("line").is_in(lines.implode())) if findings.height else findings


def _is_no_key(field: Field, texts: pl.Series, setting: Setting) -> pl.Series:
    """A key with a stray quote, quoted by apostrophes, or that is the name of its own column (a header repeated).

    Anything may be written in a text, but a key taken wrongly would make a row that no correction ever replaces.
    """
    names = [header.lower() for header in (*field.headers, setting.headers.get(field.name, field.name))]
    folded = texts.str.to_lowercase()
    found = texts.str.contains('"', literal=True) | texts.str.contains("^'.*'$") | folded.is_in(names)
    return found.fill_null(False)


def _breaks_rule(field: Field, values: dict[str, pl.Series], contract: Contract) -> pl.Series:
    """Exports §5: `last` below `first`, of another length, or too far above, is a bad value of `last`."""
    broken = pl.Series([False]).new_from_index(0, len(values[field.name]))
    for rule in contract.rules:
        if rule.last == field.name and rule.first in values:
            first, last = values[rule.first], values[rule.last]
            span = last.cast(pl.Int64, strict=False) - first.cast(pl.Int64, strict=False)
            holds = (first.str.len_chars() == last.str.len_chars()) & (span >= 0) & (span < rule.max_count)
            broken = (~holds).fill_null(False)
    return broken


def _check_age(
    field: Field, contract: Contract, values: dict[str, pl.Series], is_bad: pl.Series
) -> tuple[pl.Series, pl.Series]:
    """Somebody born after the date their age is told at has no age: a bad value."""
    value = values[field.name]
    if field.age_band is None or field.age_band.at not in values:
        return is_bad, value
    unborn = (values[field.age_band.at].dt.year() < value).fill_null(False)
    return is_bad | unborn, value.set(unborn, None)


def _first_copies(rows: pl.DataFrame, contract: Contract) -> pl.Series:
    """False for a line equal, in all contract columns once parsed, to an earlier line of the file (exports §3).

    Copies share their key: only lines whose key comes back are compared whole.
    """
    keys = [f.name for f in contract.keys]
    fields = [f.name for f in contract.fields]
    repeated = rows.select(pl.struct(keys).is_duplicated() if len(keys) > 1 else pl.col(keys[0]).is_duplicated())
    again = rows.with_row_index("row").filter(repeated.to_series())
    if again.is_empty():
        return pl.Series([True]).new_from_index(0, rows.height)
    firsts = again.unique(subset=fields, keep="first", maintain_order=True)["row"]
    copies = again["row"].filter(~again["row"].is_in(firsts.implode()))
    is_first = np.ones(rows.height, dtype=bool)
    is_first[copies.to_numpy()] = False
    return pl.Series(is_first)


def _count(repaired: pl.DataFrame) -> dict[str, int]:
    counts = repaired.group_by("column_name").len().sort("column_name")
    return dict(zip(counts["column_name"], counts["len"], strict=True))


__all__ = ["MASK", "Parsed", "parse", "parse_records"]
