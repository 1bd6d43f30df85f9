"""Physical lines to records and fields, quotes included, without a loop over lines.

A line moves the reader from one state (outside or inside a quoted field) to another. What it does from each
of the two is found by a linear regular expression; the state before every line then follows from the last line
that fixes it and the parity of the swaps since. Does not live here: which separator (layout), types (parse).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from ingestion import limits
from ingestion.refusal import Refusal, unreadable

SEPARATORS = (";", ",", "\t", "|")


@dataclass(frozen=True)
class Grammar:
    """Regular expressions of one separator. A field is quoted when its first character but blanks is a quote."""

    ends_open_from_outside: str
    ends_open_from_inside: str
    badly_closed: str
    field: str
    blank_record: str
    total_record: str
    bare_total: str


@lru_cache
def grammar(separator: str) -> Grammar:
    """The expressions of one separator; all are linear in the length of the line."""
    s = re.escape(separator)
    content = '(?:[^"]|"")*'
    junk = f'(?:[^"{s}][^{s}]*)?'
    quoted = f' *"{content}"{junk}'
    bare = f' *(?:[^" {s}][^{s}]*)?'
    total = "(?:sous[ -]?)?t[oôö]t[aâà](?:l|ux)"
    last_open = f'(?:(?:{quoted}|{bare}){s})* *"{content}$'
    return Grammar(
        ends_open_from_outside=f"^{last_open}",
        ends_open_from_inside=f'^{content}(?:$|"{junk}{s}{last_open})',
        badly_closed=f'^{content}"(?: +"| *[^" {s}])',
        field=f"(?:{quoted}|{bare}){s}",
        blank_record=f'^(?:\\s|{s}|"\\s*")*$',
        total_record=f'(?i)^[\\s{s}"]*{total}(?:$|[^a-z0-9_-])',
        bare_total=f'(?i)^[\\s{s}"]*{total}(?:\\s+g[ée]n[ée]ral)?\\s*[:=]?[\\s"]*(?:{s}|$)',
    )


@dataclass(frozen=True)
class Records:
    """`frame`: line (Int64, number of the record's first physical line), text. `open_from`: line where a quoted
    field is still open at the end, None when all are closed."""

    frame: pl.DataFrame
    open_from: int | None


def assemble(lines: pl.DataFrame, separator: str, *, strict: bool = True) -> Records:
    """Physical lines (line Int64, text String) → records; lines inside a quoted field belong to the one before.

    Raises Refusal `unreadable` where a quoted field that spans lines is closed in the middle of a word: a quote
    is missing, and every record after it would be guessed; and where one still open at the end is too long already to
    be a record, before its lines are put together. `strict=False` (the separator is only being tried)
    never raises.
    """
    has_quote = lines["text"].str.contains('"', literal=True)
    if not has_quote.any():
        return Records(lines, None)
    rules = grammar(separator)
    marked = lines.with_row_index("row").filter(has_quote)
    opens = marked["text"].str.contains(rules.ends_open_from_outside)
    if not opens.any():
        return Records(lines, None)
    stays = marked["text"].str.contains(rules.ends_open_from_inside)
    before, after = _scan(opens.to_numpy(), stays.to_numpy())
    broken = marked.filter(pl.Series(before) & marked["text"].str.contains(rules.badly_closed))
    if strict and broken.height:
        raise unreadable(
            f"Un guillemet n’est pas fermé : à la ligne {broken['line'][0]}, un champ entre guillemets s’arrête au "
            "milieu d’un mot.",
            "Ouvrez le fichier, corrigez le guillemet en trop ou manquant un peu avant cette ligne, et redéposez-le.",
        )
    # A line starts inside when the last line with a quote before it ended inside.
    state = np.zeros(lines.height + 1, dtype=bool)
    positions = marked["row"].to_numpy().astype(np.int64)
    owner = np.searchsorted(positions, np.arange(lines.height), side="left") - 1
    state[:-1] = np.where(owner >= 0, after[np.maximum(owner, 0)], False)
    starts_record = ~state[:-1]
    open_from = None
    if after[-1]:
        held = lines[int(np.flatnonzero(starts_record)[-1]) :]
        open_from = int(held["line"][0])
        if strict and int(held["text"].str.len_bytes().sum()) + held.height > limits.MAX_RECORD_BYTES:
            raise never_closed(open_from)
    record = pl.Series(starts_record).cum_sum()
    frame = (
        lines.with_columns(record=record)
        .group_by("record", maintain_order=True)
        .agg(pl.col("line").first(), pl.col("text").str.join("\n"))
        .drop("record")
    )
    return Records(frame, open_from)


def never_closed(line: int) -> Refusal:
    """The refusal of a file with a quote that opens on `line` and never ends."""
    return unreadable(
        f"Un guillemet ouvert à la ligne {line} n’est jamais fermé.",
        "Fermez ou supprimez ce guillemet, puis redéposez le fichier.",
    )


def _scan(from_outside: np.ndarray, from_inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """State before and after each line, True inside, the first line starting outside."""
    constant = from_outside == from_inside
    swap = from_outside & ~from_inside
    parity = np.cumsum(swap)
    last = np.maximum.accumulate(np.where(constant, np.arange(len(constant)), -1))
    at = np.maximum(last, 0)
    base = np.where(last >= 0, from_outside[at].astype(np.int64), 0)
    swaps_since = parity - np.where(last >= 0, parity[at], 0)
    after = (base + swaps_since) % 2 == 1
    return np.concatenate([[False], after[:-1]]), after


def count_fields(texts: pl.Series, separator: str) -> pl.Series:
    """Number of fields of each record (UInt32), quoted separators apart."""
    plain = texts.str.count_matches(separator, literal=True) + 1
    quoted = texts.str.contains('"', literal=True)
    if not quoted.any():
        return plain
    careful = (texts.filter(quoted) + separator).str.count_matches(grammar(separator).field)
    return _patch(plain, quoted, careful)


def cut_fields(texts: pl.Series, separator: str) -> tuple[pl.Series, pl.DataFrame | None]:
    """`count_fields`, and where no record is quoted the fields themselves (a list a record), for `extract_cut`."""
    if texts.str.contains('"', literal=True).any():
        return count_fields(texts, separator), None
    fields = texts.str.split(separator).to_frame("fields")
    return fields["fields"].list.len(), fields


def extract_fields(texts: pl.Series, separator: str, positions: list[int]) -> pl.DataFrame:
    """The fields at `positions` of each record, unquoted: one String column a position, named `c<position>`."""
    quoted = texts.str.contains('"', literal=True)
    if not quoted.any():
        return _split(texts, separator, positions)
    order = pl.concat([quoted.not_().arg_true(), quoted.arg_true()])
    both = pl.concat(
        [
            _split(texts.filter(~quoted), separator, positions),
            _match(texts.filter(quoted), separator, positions),
        ]
    )
    return both[order.arg_sort()]


def is_blank(texts: pl.Series, separator: str) -> pl.Series:
    """Records of blanks, separators and empty quotes only."""
    return texts.str.contains(grammar(separator).blank_record)


def is_no_data(texts: pl.Series, separator: str) -> pl.Series:
    """Blank records and those that begin as a TOTAL line does."""
    return is_blank(texts, separator) | texts.str.contains(grammar(separator).total_record)


def _split(texts: pl.Series, separator: str, positions: list[int]) -> pl.DataFrame:
    return extract_cut(texts.str.split(separator).to_frame("fields"), positions)


def extract_cut(fields: pl.DataFrame, positions: list[int]) -> pl.DataFrame:
    """The fields at `positions` of records cut already (`cut_fields`), as `extract_fields` gives them."""
    return fields.select(pl.col("fields").list.get(p, null_on_oob=True).alias(f"c{p}") for p in positions)


def _match(texts: pl.Series, separator: str, positions: list[int]) -> pl.DataFrame:
    fields = (texts + separator).str.extract_all(grammar(separator).field).to_frame("fields")
    return fields.select(
        _unquote(pl.col("fields").list.get(p, null_on_oob=True).str.strip_suffix(separator)).alias(f"c{p}")
        for p in positions
    )


def list_fields(texts: pl.Series, separator: str) -> list[list[str]]:
    """All the fields of a few records, each as wide as it is, unquoted: what `extract_fields` gives, cell by cell."""
    found = [text.split(separator) for text in texts]
    quoted = texts.str.contains('"', literal=True).arg_true()
    if len(quoted):
        cell = pl.element().str.strip_suffix(separator)
        fields = (texts.gather(quoted) + separator).str.extract_all(grammar(separator).field).to_frame("f")
        for place, cells in zip(quoted, fields.select(pl.col("f").list.eval(_unquote(cell)))["f"], strict=True):
            found[place] = cells.to_list()
    return found


def _unquote(cell: pl.Expr) -> pl.Expr:
    """A well-formed quoted field loses its quotes; any other is kept as it is written."""
    bare = cell.str.strip_chars(" ")
    inner = bare.str.slice(1, bare.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    return pl.when(bare.str.contains('(?s)^"(?:[^"]|"")*"$')).then(inner).otherwise(cell)


def _patch(base: pl.Series, mask: pl.Series, values: pl.Series) -> pl.Series:
    result = base.to_numpy().copy()
    result[mask.to_numpy()] = values.to_numpy()
    return pl.Series(base.name, result, dtype=base.dtype)
