"""Bytes → text frame: encoding, separator, preamble, header, records, from CSV or XLSX.

Text only, a slice at a time so that memory stays bounded. Does not live here: types and rejects (parse),
archives (unpack).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from ingestion import limits
from ingestion.contract import Contract
from ingestion.decode import decode, empty_file
from ingestion.layout import HEADER_SEARCH_RECORDS, Candidate, Match, choose
from ingestion.quoting import SEPARATORS, assemble, count_fields, extract_fields, grammar, never_closed
from ingestion.refusal import Refusal, unreadable
from ingestion.sheet import Sheet, Workbook, too_many_columns
from ingestion.unpack import Member

SLICE_BYTES = 24 * 1024**2
HEAD_BYTES = 256 * 1024
HEAD_LINES = 400
SAMPLE_RECORDS = 1_000


@dataclass(frozen=True)
class Records:
    """Records of one slice: line (Int64), n_fields (UInt32), is_right (Boolean), then `f_<field>` (String) each.

    `blanks`, `totals`: lines that are not data.
    """

    frame: pl.DataFrame
    blanks: int
    totals: int


@dataclass
class Table:
    """A file recognised: its layout, its header, and its records slice by slice.

    `sheet`: number of the sheet read (0: no workbook). `unread_sheets`: numbers of those that look like exports
    too and are not read (exports §2: the first that matches).
    """

    match: Match
    encoding: str
    titles: int
    blanks_above: int
    slices: Iterator[pl.DataFrame]
    ignored_sample: dict[str, pl.Series] = field(default_factory=dict)
    sheet: int = 0
    unread_sheets: tuple[int, ...] = ()

    @property
    def contract(self) -> Contract:
        return self.match.contract

    @property
    def is_sheet(self) -> bool:
        return self.match.candidate.separator is None

    @property
    def width(self) -> int:
        """Fields of a right record, the header's trailing empty cells included."""
        return len(self.match.candidate.cells)

    def records(self, slice_: pl.DataFrame) -> Records:
        """Cut one slice of `slices` into records. Pure: slices may be cut in parallel, in any order."""
        return _cut_sheet(self, slice_) if self.is_sheet else _cut_text(self, slice_)


def read_table(member: Member, layouts: list[Contract]) -> Table:
    """Recognise one table. Raises Refusal with the reason of exports §3; slices may raise `unreadable` later."""
    if member.refusal is not None:
        raise member.refusal
    return _read_workbook(member.data, layouts) if member.kind == "xlsx" else _read_text(member.data, layouts)


def candidates_of(member: Member) -> list[Candidate]:
    """The records that may be the header of a file, under every separator (or in every sheet)."""
    if member.refusal is not None:
        raise member.refusal
    if member.kind == "xlsx":
        return [c for sheet in Workbook(member.data).sheets() for c in _sheet_candidates(sheet)]
    return _text_candidates(decode(member.data).data)


def sample_below(member: Member, header: Candidate, records: int = SAMPLE_RECORDS) -> pl.DataFrame:
    """The first records below a header, whole width: String columns `c0`…, wrong-width records left out."""
    width = len(header.cells)
    if header.separator is None:
        return _sheet_below(member, header, records)
    head = _head(decode(member.data).data, header.separator).filter(pl.col("line") > header.line)
    texts = head["text"].filter(count_fields(head["text"], header.separator) == width).head(records)
    return extract_fields(texts, header.separator, list(range(width)))


def _sheet_below(member: Member, header: Candidate, records: int) -> pl.DataFrame:
    for sheet in Workbook(member.data).sheets():
        if header in _sheet_candidates(sheet):
            below = sheet.frame.slice(header.line, records)
            return below.filter(_filled_rows(below)).select(f"c{i}" for i in range(len(header.cells)))
    raise unreadable("La feuille n’a pas été retrouvée.", "Redéposez le classeur.")


# --- text ------------------------------------------------------------------------------------------------


def _read_text(data: bytes, layouts: list[Contract]) -> Table:
    text = decode(data)
    match = choose(_text_candidates(text.data), layouts)
    head = _head(text.data, match.candidate.separator or ";")
    above = head.filter(pl.col("line") < match.candidate.line)
    blanks = int(_is_blank(above["text"], match.candidate.separator or ";").sum())
    table = Table(match, text.encoding, above.height - blanks, blanks, iter(()))
    table.slices = _text_slices(text.data, table, text.ends_with_newline)
    return table


def _text_candidates(data: bytes) -> list[Candidate]:
    found: list[Candidate] = []
    too_wide = False
    for separator in SEPARATORS:
        head = _head(data, separator).head(HEADER_SEARCH_RECORDS)
        sizes = count_fields(head["text"], separator)
        too_wide = too_wide or bool((sizes > limits.MAX_COLUMNS).any())
        wanted = (sizes >= 2) & (sizes <= limits.MAX_COLUMNS)
        for size in sizes.filter(wanted).unique().sort().to_list():
            # one extraction for all the records of a width: a call a record took most of a small file's time
            places = (sizes == size).arg_true()
            cells = extract_fields(head["text"].gather(places), separator, list(range(size))).rows()
            found += [
                Candidate(index, line, tuple(c or "" for c in row), separator)
                for index, line, row in zip(places, head["line"].gather(places), cells, strict=True)
            ]
    found.sort(key=lambda c: (SEPARATORS.index(c.separator or ";"), c.index))
    if too_wide:
        raise too_many_columns()
    return found


def _head(data: bytes, separator: str) -> pl.DataFrame:
    """The first records (line, text) of a text, under one separator."""
    piece = data[:HEAD_BYTES]
    if len(piece) < len(data):
        cut = piece.rfind(b"\n") + 1
        piece = piece[:cut] if cut else data[: _too_far(data, 0)].split(b"\n")[0]
    lines = _physical_lines(piece, 0).head(HEAD_LINES)
    return assemble(lines, separator, strict=False).frame


def _physical_lines(piece: bytes, before: int) -> pl.DataFrame:
    lines = pl.read_lines(piece, name="text", row_index_name="line", row_index_offset=1)
    lines = lines.with_columns(pl.col("line").cast(pl.Int64) + before)
    longest = lines["text"].str.len_bytes().max() or 0
    if longest > limits.MAX_RECORD_BYTES:
        at = lines["line"][lines["text"].str.len_bytes().arg_max()]
        raise unreadable(
            f"La ligne {at} est démesurément longue (plus d’un million de caractères).",
            "Vérifiez que le fichier est bien un export, et que ses lignes sont séparées par des retours à la ligne.",
        )
    return lines


def _text_slices(data: bytes, table: Table, ends_with_newline: bool) -> Iterator[pl.DataFrame]:
    """Records after the header (line, text), slice by slice; checks what only the end of a file tells."""
    separator = table.match.candidate.separator or ";"
    start, before, carry = 0, 0, b""
    while start < len(data):
        cut = _cut_point(data, start)
        piece = carry + data[start:cut]
        lines = _physical_lines(piece, before)
        records = assemble(lines, separator)
        frame, is_last = records.frame, cut >= len(data)
        start, before, carry = cut, before + lines.height, b""
        if records.open_from is not None:
            held = lines.filter(pl.col("line") >= records.open_from)
            carry = ("\n".join(held["text"]) + "\n").encode()
            if is_last:
                raise never_closed(records.open_from)
            frame, before = frame.head(-1), before - held.height
        frame = frame.filter(pl.col("line") > table.match.candidate.line)
        if is_last and not ends_with_newline:
            _refuse_cut_off(frame, table, separator)
        yield frame.with_columns(is_closing=_closing_run(frame, separator) if is_last else pl.lit(False))


def _cut_point(data: bytes, start: int) -> int:
    end = start + SLICE_BYTES
    if end >= len(data):
        return len(data)
    found = data.rfind(b"\n", start, end)
    # No line end in a whole slice: the line is too long to be a record, and its beginning is enough to say so.
    return found + 1 if found >= 0 else _too_far(data, start)


def _too_far(data: bytes, start: int) -> int:
    """Where a line from `start` on is longer than a record may be, between two characters of UTF-8."""
    end = start + limits.MAX_RECORD_BYTES + 1
    while end < len(data) and data[end] & 0b1100_0000 == 0b1000_0000:
        end += 1
    return end


def _refuse_cut_off(frame: pl.DataFrame, table: Table, separator: str) -> None:
    """Exports §3: the last record has fewer fields than the header AND no line end."""
    if frame.is_empty():
        return
    last = frame["text"].tail(1)
    is_other = _is_blank(last, separator)[0] or last.str.contains(grammar(separator).total_record)[0]
    if not is_other and count_fields(last, separator)[0] < table.width:
        raise unreadable(
            f"Le fichier est coupé : sa dernière ligne ({frame['line'][-1]}) est incomplète.",
            "L’export ou le transfert s’est arrêté avant la fin : refaites-le.",
        )


def _is_blank(texts: pl.Series, separator: str) -> pl.Series:
    return texts.str.contains(grammar(separator).blank_record)


def _closing_run(frame: pl.DataFrame, separator: str) -> pl.Series:
    """True from the first of the last records that are all TOTAL or blank lines."""
    other = _is_blank(frame["text"], separator) | frame["text"].str.contains(grammar(separator).total_record)
    return other.reverse().cum_min().reverse() if frame.height else other


def _cut_text(table: Table, slice_: pl.DataFrame) -> Records:
    separator = table.match.candidate.separator or ";"
    texts = slice_["text"]
    blank = _is_blank(texts, separator)
    kept = slice_.filter(~blank)
    n_fields = count_fields(kept["text"], separator)
    right = n_fields == table.width
    trailing = _trailing_positions(table)
    wanted = sorted({*table.match.columns.values(), *trailing})
    cells = extract_fields(kept["text"].filter(right), separator, wanted)
    _sample_ignored(table, kept["text"].filter(right), separator)
    filled = _any_filled(cells, trailing)
    is_bare = kept["text"].str.contains(grammar(separator).bare_total)
    frame = kept.select("line", "is_closing").with_columns(n_fields=n_fields, is_right=right, is_bare=is_bare)
    whole = frame.filter(right).with_columns(is_right=~filled).hstack(_named(table, cells))
    frame = pl.concat([whole, frame.filter(~right)], how="diagonal").sort("line")
    return _without_totals(table, frame, int(blank.sum()))


# --- sheets ----------------------------------------------------------------------------------------------


def _read_workbook(data: bytes, layouts: list[Contract]) -> Table:
    """The first sheet that matches (exports §2); else the refusal of the sheet that came nearest."""
    refusals: list[Refusal] = []
    book = Workbook(data)
    for number, sheet in enumerate(book.sheets(), start=1):
        candidates = _sheet_candidates(sheet)
        if not candidates and not _filled_rows(sheet.frame).any():
            continue
        try:
            match = choose(candidates, layouts)
        except Refusal as refusal:
            refusals.append(refusal)
            continue
        above = _filled_rows(sheet.frame.head(match.candidate.line - 1))
        frame = sheet.frame.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64))
        below = frame.slice(match.candidate.line)
        encoding = "xlsx-1904" if sheet.uses_1904 else "xlsx"
        unread = tuple(n for n, head in book.heads(after=number) if _is_table(head, layouts))
        titles, blanks = int(above.sum()), int((~above).sum())
        return Table(match, encoding, titles, blanks, iter([below]), sheet=number, unread_sheets=unread)
    if not refusals:
        raise empty_file()
    raise max(refusals, key=lambda r: (r.reason == "missing_columns", -len(r.missing)))


def _is_table(head: Sheet, layouts: list[Contract]) -> bool:
    try:
        choose(_sheet_candidates(head), layouts)
    except Refusal:
        return False
    return True


def _sheet_candidates(sheet: Sheet) -> list[Candidate]:
    filled = _filled_rows(sheet.frame).arg_true().head(HEADER_SEARCH_RECORDS).to_list()
    found = []
    for index, row in enumerate(filled):
        cells = [c or "" for c in sheet.frame.row(row)]
        while cells and not cells[-1].strip():
            cells.pop()
        found.append(Candidate(index, row + 1, tuple(cells), None))
    return found


def _filled_rows(frame: pl.DataFrame) -> pl.Series:
    if not frame.width:
        return pl.Series([], dtype=pl.Boolean)
    return frame.select(pl.any_horizontal(pl.all().str.contains(r"\S").fill_null(False))).to_series()


def _cut_sheet(table: Table, slice_: pl.DataFrame) -> Records:
    cells = slice_.drop("line")
    filled = _filled_rows(cells)
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
    frame = frame.hstack(_named(table, cells))
    return _without_totals(table, frame, int((~filled).sum()))


# --- both ------------------------------------------------------------------------------------------------


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


def _named(table: Table, cells: pl.DataFrame) -> pl.DataFrame:
    return cells.select(pl.col(f"c{p}").alias(f"f_{name}") for name, p in table.match.columns.items())


def _sample_ignored(table: Table, texts: pl.Series, separator: str) -> None:
    if table.match.ignored and not table.ignored_sample and len(texts):
        positions = list(table.match.ignored)
        sample = extract_fields(texts.head(SAMPLE_RECORDS), separator, positions)
        table.ignored_sample.update({h: sample[f"c{p}"] for p, h in table.match.ignored.items()})


def _without_totals(table: Table, frame: pl.DataFrame, blanks: int) -> Records:
    """Set the closing TOTAL lines apart.

    A line that only begins so (« Total Énergies ») is data when it has most of the required values.
    """
    required = [f"f_{f.name}" for f in table.contract.required]
    lacking = pl.sum_horizontal((~pl.col(c).str.contains(r"\S").fill_null(False)).cast(pl.UInt32) for c in required)
    is_total = pl.col("is_closing") & (pl.col("is_bare") | (lacking * 2 >= len(required)) | ~pl.col("is_right"))
    totals = frame.select(is_total.alias("t")).to_series()
    return Records(frame.filter(~totals).drop("is_closing", "is_bare"), blanks, int(totals.sum()))
