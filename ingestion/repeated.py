"""Exports put end to end: a header found again inside a table starts a part that is read by its own columns.

The records of such a part are written anew in the order of the first header, so that whatever cuts, types and counts
records knows of one header only. The header itself is a line like any other: its key is the name of its own column, it
is rejected for that (judging), so it stays visible. Does not live here: finding the first header (layout), cutting
records (records).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from ingestion.cell_marks import show_cell
from ingestion.contract import Contract, normalise_header
from ingestion.layout import Candidate, Match, is_header_like, match_header
from ingestion.quoting import count_fields, extract_fields, is_no_data, list_fields
from ingestion.refusal import Refusal

_FEW_DIGITS = r"^[^0-9]*(?:[0-9][^0-9]*){0,2}$"
"""A header has two figures at most (« 1er pass ») ; a line of data has more, and is passed over at its third one."""
_LETTERS = "[A-Za-z]{2}"
EXTRA = "x_"
"""Before the name of a field that a later part has and the first header has not: a column of its own."""
_TOLD_NOTHING = pl.lit(None, dtype=pl.UInt32)


@dataclass
class Parts:
    """Follows the headers of one table, slice after slice. `found`: those that came after the first one."""

    first: Match
    layouts: list[Contract]
    current: Match = field(init=False)
    found: list[Match] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.current = self.first

    def split_texts(self, frame: pl.DataFrame, separator: str) -> Iterator[tuple[pl.DataFrame, bool]]:
        """Records of text (line, text) → the same under the first header, part by part; whether a header follows.

        `n_told`: the number of fields of a record that has not those of its own header, null elsewhere. Raises Refusal
        where the header found is another export's.
        """
        start = 0
        for at, match in self._headers(frame, separator):
            yield self._texts(frame[start:at], separator), True
            self.current, start = match, at + 1
            self.found.append(match)
            header = separator.join(_quoted(cell, separator) for cell in self._header_cells())
            yield frame[at:start].with_columns(text=pl.lit(header), n_told=_TOLD_NOTHING), False
        yield self._texts(frame[start:], separator), False

    def _headers(self, frame: pl.DataFrame, separator: str) -> list[tuple[int, Match]]:
        least = len(self.first.contract.required) - 1
        text = frame["text"]
        may_be = text.str.contains(_FEW_DIGITS)
        if not may_be.any():
            return []
        rows = frame.select("line", "text").with_row_index("at").filter(may_be)
        rows = rows.filter(pl.col("text").str.contains(_LETTERS))
        rows = rows.filter(pl.col("text").str.count_matches(separator, literal=True) * 2 >= least)
        distinct = rows["text"].unique(maintain_order=True)
        known = {
            told: cells for told, cells in zip(distinct, list_fields(distinct, separator), strict=True)
            if self._names_a_key(cells)
        }  # fmt: skip
        found = []
        for at, line, told in rows.filter(pl.col("text").is_in(list(known))).rows():
            match = self._match(Candidate(at, line, tuple(known[told]), separator))
            if match is not None:
                found.append((at, match))
        return found

    def _names_a_key(self, cells: list[str]) -> bool:
        keys = {h for layout in self.layouts for key in layout.keys for h in map(normalise_header, key.headers)}
        return any(normalise_header(cell) in keys for cell in cells if cell.strip())

    def _match(self, candidate: Candidate) -> Match | None:
        """The header that a record is, None for a record of data."""
        if not is_header_like(candidate.cells):
            return None
        ours = match_header(candidate, self.first.contract)
        keys = [key.name for key in self.first.contract.keys]
        if not ours.missing or (all(key in ours.columns for key in keys) and ours.share >= 0.5):
            return ours
        others = [match_header(candidate, layout) for layout in self.layouts if layout != self.first.contract]
        other = max((m for m in others if not m.missing and len(m.columns) > 2), key=lambda m: m.rank, default=None)
        if other is None:
            return None
        raise Refusal(
            "unknown_layout",
            f"Deux exports différents sont dans ce fichier : « {self.first.contract.title} », puis à la ligne "
            f"{candidate.line} « {other.contract.title} ».",
            "Déposez chaque export dans son propre fichier.",
            layout=self.first.contract.layout,
        )

    @property
    def is_same(self) -> bool:
        """The header in force reads as the first one does."""
        return (
            self.current.columns == self.first.columns
            and len(self.current.candidate.cells) == len(self.first.candidate.cells)
            and self.current.ignored == self.first.ignored
        )

    def places(self) -> list[int | None]:
        """For each column of the first header, where it is under the header in force; None where it is not."""
        names = {normalise_header(header): place for place, header in self.current.ignored.items()}
        fields = {place: name for name, place in self.first.columns.items()}
        return [
            self.current.columns.get(fields[place]) if place in fields else names.get(normalise_header(header))
            for place, header in enumerate(self.first.candidate.cells)
        ]  # fmt: skip

    def _header_cells(self) -> list[str]:
        """The cells of the header in force as a record under the first one: a key is the name of its column."""
        cells = self.current.candidate.cells
        keys = {self.first.columns[key.name]: key.name for key in self.first.contract.keys}
        if [c.strip().lower() for c in cells] == [c.strip().lower() for c in self.first.candidate.cells]:
            return list(cells)
        placed = ["" if place is None else cells[place] for place in self.places()]
        return [keys.get(at, cell) for at, cell in enumerate(placed)]

    def _texts(self, frame: pl.DataFrame, separator: str) -> pl.DataFrame:
        told = frame.with_columns(n_told=_TOLD_NOTHING)
        if self.is_same or frame.is_empty():
            return told
        width = len(self.current.candidate.cells)
        n_fields = count_fields(frame["text"], separator)
        right = (n_fields == width) & ~self._is_shifted(frame["text"], separator)
        data = ~is_no_data(frame["text"], separator)
        whole = frame.filter(right & data)
        places = self.places()
        extra = self._extra()
        cells = extract_fields(
            whole["text"], separator, sorted({p for p in places if p is not None} | set(extra.values()))
        )
        written = [pl.lit("") if p is None else _quote(pl.col(f"c{p}"), separator) for p in places]
        texts = cells.select(pl.concat_str(written, separator=separator)).to_series() if len(whole) else whole["text"]
        rewritten = whole.with_columns(text=texts, n_told=_TOLD_NOTHING)
        rewritten = rewritten.with_columns(cells[f"c{p}"].alias(EXTRA + name) for name, p in extra.items())
        others = frame.filter(~(right & data)).with_columns(n_told=n_fields.filter(~(right & data)).cast(pl.UInt32))
        return pl.concat([rewritten, others], how="diagonal").sort("line")

    def _extra(self) -> dict[str, int]:
        """The fields that the header in force has and the first one has not, and where."""
        return {name: place for name, place in self.current.columns.items() if name not in self.first.columns}

    def _is_shifted(self, texts: pl.Series, separator: str) -> pl.Series:
        """Something stands in an unnamed column at the end of the header in force: no trailing separator."""
        cells = self.current.candidate.cells
        last = max((i for i, c in enumerate(cells) if c.strip()), default=-1)
        beyond = list(range(last + 1, len(cells)))
        if not beyond:
            return pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(texts))
        found = extract_fields(texts, separator, beyond)
        filled = pl.any_horizontal(pl.all().str.contains(r"\S").fill_null(False))
        return found.select(filled).to_series()

    def split_rows(self, frame: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, bool]]:
        """Rows of a sheet (line, `c0`…) → the same under the first header, part by part; whether a header follows."""
        names = [f"c{p}" for f, p in self.first.columns.items() if self.first.contract.field(f).is_required]
        may_be = (
            frame.select(
                pl.all_horizontal(pl.col(n).str.contains(_FEW_DIGITS) & pl.col(n).str.contains(_LETTERS) for n in names)
            )
            .to_series()
            .fill_null(False)
        )
        start = 0
        for at in may_be.arg_true().to_list():
            line, *cells = frame.row(at)
            cells = [show_cell(c or "") for c in cells]
            while cells and not cells[-1].strip():
                cells.pop()
            match = self._match(Candidate(at, line, tuple(cells), None))
            if match is not None:
                yield self._rows(frame[start:at]), True
                self.current, start = match, at + 1
                self.found.append(match)
                cells = [*self._header_cells(), *[""] * frame.width][: frame.width - 1]
                yield frame[at:start].with_columns(pl.lit(c).alias(f"c{i}") for i, c in enumerate(cells)), False
        yield self._rows(frame[start:]), False

    def _rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.is_same:
            return frame
        width, ours = len(self.first.candidate.cells), len(self.current.candidate.cells)
        columns = [c for c in frame.columns if c != "line"]
        empty = pl.lit(None, dtype=pl.String)
        placed = [empty if p is None else pl.col(f"c{p}") for p in self.places()]
        # what stands beyond the columns of the header in force stays beyond those of the first one
        beyond = [pl.col(f"c{p}") for p in range(ours, len(columns))][: max(0, len(columns) - width)]
        placed += beyond + [empty] * (len(columns) - width - len(beyond))
        extra = [pl.col(f"c{p}").alias(EXTRA + name) for name, p in self._extra().items()]
        return frame.select("line", *[e.alias(f"c{i}") for i, e in enumerate(placed[: len(columns)])], *extra)


def _quoted(cell: str, separator: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if separator in cell or '"' in cell or "\n" in cell else cell


def _quote(cell: pl.Expr, separator: str) -> pl.Expr:
    """A cell as a field that reads back as it is."""
    text = cell.fill_null("")
    needs = text.str.contains(separator, literal=True) | text.str.contains('["\n]')
    quoted = pl.concat_str(pl.lit('"'), text.str.replace_all('"', '""', literal=True), pl.lit('"'))
    return pl.when(needs).then(quoted).otherwise(text)
