"""Records of some lines → typed rows, rejected lines, field issues: what each line is worth by itself.

Pure; whole columns, no row loop. Does not live here: copies, other grains and counts, which need all the lines of a
file (parse), the typing of one column (values).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingestion.contract import Contract, Field, GroupPasses
from ingestion.nothing import show_nothing
from ingestion.personal import mask_value
from ingestion.personal_text import MASK
from ingestion.records import LINES_A_FILE, Records
from ingestion.values import Setting, polars_type, take_known_items, type_column

FINDING = {"line": pl.Int64, "column_name": pl.String, "value": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Part:
    """Some lines of one file, or of several. `torn`: line and group of the lines lost to a group.

    `orders`: what proves the order of days (`reason`): each day that could not be read and only makes sense `month`
    first; of each file and column, one that only makes sense `day` first.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    repaired: pl.DataFrame
    torn: pl.DataFrame
    orders: pl.DataFrame
    blanks: pl.Series
    totals: pl.Series


def no_line(contract: Contract) -> Part:
    """What is judged of no line at all: every table empty, and typed."""
    lines = pl.Series("line", [], dtype=pl.Int64)
    rows = {"line": pl.Int64} | {f.name: polars_type(f) for f in contract.fields}
    none = pl.DataFrame(schema=FINDING)
    torn = pl.DataFrame(schema={"line": pl.Int64, "group": pl.String})
    return Part(pl.DataFrame(schema=rows), none, none, none, torn, none, lines, lines)


def judge(records: Records, contract: Contract, setting: Setting) -> Part:
    """One slice of records → typed rows, rejects, issues."""
    frame = _with_taken(records.frame, contract)
    verdict = _Verdict(frame["line"])
    wrong = ~frame["is_right"]
    verdict.reject(wrong, None, frame["n_fields"].cast(pl.String), "wrong_field_count")
    present = [f for f in contract.fields if f"f_{f.name}" in frame.columns]
    typed = {f.name: type_column(f, frame[f"f_{f.name}"], setting) for f in present}
    texts = {name: t["text"] for name, t in typed.items()}
    values = {name: t["value"] for name, t in typed.items()}
    nothing = {name: t["nothing"] for name, t in typed.items() if t["nothing"].null_count() < t.height}
    for key in contract.keys:
        verdict.reject(*_missing(key, texts, nothing), "missing_key")
    for field in present:
        is_bad = typed[field.name]["is_bad"] | _breaks_rule(field, values, contract)
        if field.role == "K":
            is_bad = is_bad | _is_no_key(field, texts[field.name], setting)
        if field.is_required:
            verdict.reject(*_missing(field, texts, nothing), "missing_value")
            verdict.reject(is_bad, field.name, _shown(is_bad, field, texts), "invalid_value")
        else:
            is_bad, values[field.name] = _check_age(field, contract, values, is_bad)
            verdict.note(is_bad, field.name, _shown(is_bad, field, texts), "invalid_value")
            for reason in nothing[field.name].unique().drop_nulls().sort() if field.name in nothing else ():
                found = (nothing[field.name] == reason).fill_null(False)
                verdict.note(found, field.name, _shown(found, field, texts), reason)
        is_damaged = typed[field.name]["is_damaged"]
        verdict.note(is_damaged, field.name, _shown(is_damaged, field, texts), "damaged_text")
        is_masked = typed[field.name]["is_masked"]
        verdict.note(is_masked, field.name, pl.Series([MASK]).new_from_index(0, len(is_masked)), "personal_text_masked")
        verdict.note(typed[field.name]["is_doubtful"], field.name, texts[field.name], "invalid_check_digits")
        verdict.repair(typed[field.name]["is_repaired"], field.name)
        if field.type in ("date", "datetime"):
            verdict.order(typed[field.name]["is_bad"], field.name, texts[field.name])
    kept = verdict.kept
    rows = pl.DataFrame({"line": frame["line"]} | values).filter(kept)
    rows = rows.with_columns(
        pl.lit(None, dtype=polars_type(f)).alias(f.name) for f in contract.fields if f not in present
    )
    return Part(
        rows=rows.select("line", *[f.name for f in contract.fields]),
        rejected=verdict.rejected,
        issues=verdict.issues,
        repaired=verdict.repaired,
        torn=_torn(contract, frame["line"], values, kept),
        orders=verdict.orders,
        blanks=records.blanks,
        totals=records.totals,
    )


def _with_taken(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The lists that older exports keep within another one, as columns of their own."""
    taken = [f for f in contract.fields if f.taken_from and f"f_{f.name}" not in frame.columns]
    present = [f for f in taken if f"f_{f.taken_from}" in frame.columns]
    return frame.with_columns(take_known_items(f, frame[f"f_{f.taken_from}"]).alias(f"f_{f.name}") for f in present)


def _shown(is_bad: pl.Series, field: Field, texts: dict[str, pl.Series]) -> pl.Series | None:
    """The column as rejects may store it; only the bad values are worked out, and there are nearly none."""
    if not is_bad.any():
        return None
    shown = show_nothing(texts[field.name].set(~is_bad, None))
    return mask_value(field, shown)


def _months_first(texts: pl.Series) -> pl.Series:
    """Whether a day only makes sense month first (12/31/2021)."""
    return texts.str.contains("^(?:0?[1-9]|1[0-2])[-/.](?:1[3-9]|2[0-9]|3[01])[-/.][0-9]{2}").fill_null(False)


def _days_first(texts: pl.Series) -> pl.Series:
    """Whether a day only makes sense day first (31/12/2021); a day written year first proves nothing."""
    return texts.str.contains("^(?:1[3-9]|2[0-9]|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.][0-9]{2}").fill_null(False)


def _missing(
    field: Field, texts: dict[str, pl.Series], nothing: dict[str, pl.Series]
) -> tuple[pl.Series, str, pl.Series | None]:
    """Lines without that value, and what stood for it: nothing, a word or a cell that says so."""
    is_null = texts[field.name].is_null()
    if field.name not in nothing:
        return is_null, field.name, None
    stands = nothing[field.name].is_not_null()
    return is_null | stands, field.name, _shown(stands, field, texts)


def _torn(contract: Contract, lines: pl.Series, values: dict[str, pl.Series], kept: pl.Series) -> pl.DataFrame:
    """Groups that lost a line: what is left of them is not whole."""
    if not isinstance(contract.reshape, GroupPasses):
        return pl.DataFrame(schema={"line": pl.Int64, "group": pl.String})
    lost = pl.DataFrame({"line": lines, "group": values[contract.reshape.by]}).filter(~kept)
    return lost.drop_nulls()


class _Verdict:
    """Collects rejects (the first reason of a line holds) and notes (of lines still kept)."""

    def __init__(self, lines: pl.Series) -> None:
        self._lines = lines
        self._kept = np.ones(len(lines), dtype=bool)
        self._rejected: list[pl.DataFrame] = []
        self._notes: list[pl.DataFrame] = []
        self._repairs: list[pl.DataFrame] = []
        self._orders: list[pl.DataFrame] = []

    def reject(self, fails: pl.Series, column: str | None, values: pl.Series | None, reason: str) -> None:
        new = pl.Series(fails.to_numpy() & self._kept)
        if new.any():
            self._rejected.append(self._findings(new, column, values, reason))
            self._kept &= ~new.to_numpy()

    def note(self, found: pl.Series, column: str, values: pl.Series | None, reason: str) -> None:
        if found.any():
            self._notes.append(self._findings(found, column, values, reason))

    def repair(self, found: pl.Series, column: str) -> None:
        if found.any():
            self._repairs.append(self._findings(found, column, None, "repaired"))

    def order(self, unread: pl.Series, column: str, texts: pl.Series) -> None:
        """Note the days that prove in which order the file writes them; day first, one a file is enough."""
        if unread.any():
            self._orders.append(self._findings(_months_first(texts.set(~unread, None)), column, None, "month"))
        places = _days_first(texts).arg_true()
        files = self._lines.gather(places) // LINES_A_FILE
        is_first = np.zeros(len(self._lines), dtype=bool)
        is_first[places.filter(files.is_first_distinct()).to_numpy()] = True
        self._orders.append(self._findings(pl.Series(is_first), column, None, "day"))

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
        return of_lines(_gather(self._notes), self._lines.filter(self.kept))

    @property
    def orders(self) -> pl.DataFrame:
        return _gather(self._orders)

    @property
    def repaired(self) -> pl.DataFrame:
        return of_lines(_gather(self._repairs), self._lines.filter(self.kept))


def _gather(findings: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=FINDING), *findings])


def of_lines(findings: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """The findings of those lines."""
    return findings.filter(pl.col("line").is_in(lines.implode())) if findings.height else findings


def _is_no_key(field: Field, texts: pl.Series, setting: Setting) -> pl.Series:
    """A key with a stray quote, quoted by apostrophes, or that is the name of its own column (a header repeated).

    Anything may be written in a text, but a key taken wrongly would make a row that no correction ever replaces.
    """
    own = setting.headers.get(field.name, field.name)
    folded = texts.str.to_lowercase()
    is_name = folded.is_in([header.lower() for header in field.headers])
    is_name |= folded == (own.str.to_lowercase() if isinstance(own, pl.Series) else own.lower())
    found = texts.str.contains('"', literal=True) | texts.str.contains("^'.*'$") | is_name
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
