"""Bytes → text frame: encoding, separator, preamble, header, lines, from CSV or XLSX.

Text only, a slice at a time so that memory stays bounded. Does not live here: cells (records), types and rejects
(parse), archives (unpack).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingestion import limits
from ingestion.cell_marks import show_cell
from ingestion.content import Content, slices
from ingestion.contract import Contract, normalise_header
from ingestion.decode import Text, decode, empty_file
from ingestion.layout import HEADER_SEARCH_RECORDS, Candidate, Match, choose, match_header
from ingestion.quoting import (
    SEPARATORS,
    assemble,
    count_fields,
    extract_fields,
    is_blank,
    is_no_data,
    list_fields,
    never_closed,
)
from ingestion.refusal import Refusal, unreadable
from ingestion.repeated import Parts
from ingestion.sheet import Sheet, Workbook, filled_rows, tell_sheet, too_many_columns
from ingestion.swallowed import refuse_swallowed
from ingestion.unpack import Member

SLICE_BYTES = 24 * 1024**2
BYTES_OF_A_LINE = 24  # in memory beside its text: millions of empty ones are large, however small their file
HEAD_BYTES = 256 * 1024
HEAD_LINES = 400
SAMPLE_RECORDS = 1_000
HEADER_ROWS = 3  # of a header with merged cells, at most
_NO_WORD = re.compile(r"[0-9@]|^\W*$")


@dataclass
class Table:
    """A file recognised: its layout, its header, and its records slice by slice.

    `later`: headers found again below, once its slices are read. `size`: bytes its lines take in memory. `folder`:
    where what memory does not hold may be written. `sheet`: the sheet read, as it is told (empty: no workbook).
    `unread_sheets`: those that look like exports too and are not read (exports §2: the first that matches).
    """

    match: Match
    encoding: str
    titles: int
    blanks_above: int
    slices: Iterator[pl.DataFrame]
    ignored_sample: dict[str, pl.Series] = field(default_factory=dict)
    later: list[Match] = field(default_factory=list)
    size: int = 0
    folder: Path | None = None
    sheet: str = ""
    unread_sheets: tuple[str, ...] = ()

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

    def read(self) -> pl.DataFrame:
        """Every slice, end to end: for a table whose lines the memory holds easily."""
        slices = list(self.slices)
        return slices[0] if len(slices) == 1 else pl.concat(slices, how="diagonal")

    @property
    def shape(self) -> tuple:
        """Tables of one shape may be cut together: the same header, read in the same way."""
        candidate = self.match.candidate
        return (self.contract.layout, candidate.separator, candidate.cells, *sorted(self.match.columns.items()))


def read_table(member: Member, layouts: list[Contract]) -> Table:
    """Recognise one table. Raises Refusal with the reason of exports §3; slices may raise `unreadable` later."""
    if member.refusal is not None:
        raise member.refusal
    return _read_workbook(member.data[:], layouts) if member.kind == "xlsx" else _read_text(member, layouts)


def candidates_of(member: Member) -> list[Candidate]:
    """The records that may be the header of a file, under every separator (or in every sheet)."""
    if member.refusal is not None:
        raise member.refusal
    if member.kind == "xlsx":
        return [c for sheet in Workbook(member.data[:]).heads() for c in _sheet_candidates(sheet)]
    return _text_candidates(_head_lines(decode(member.data, member.folder).data))


def sample_below(member: Member, header: Candidate, records: int = SAMPLE_RECORDS) -> pl.DataFrame:
    """The first records below a header, whole width: String columns `c0`…, wrong-width records left out."""
    width = len(header.cells)
    if header.separator is None:
        return _sheet_below(member, header, records)
    lines = _head_lines(decode(member.data, member.folder).data)
    head = assemble(lines, header.separator, strict=False).frame.filter(pl.col("line") > header.line)
    texts = head["text"].filter(count_fields(head["text"], header.separator) == width).head(records)
    return extract_fields(texts, header.separator, list(range(width)))


def _sheet_below(member: Member, header: Candidate, records: int) -> pl.DataFrame:
    book = Workbook(member.data[:])
    for head in book.heads():
        if header in _sheet_candidates(head):
            below = book.load(head.number, header.line + records).frame.slice(header.line, records)
            return below.filter(filled_rows(below)).select(f"c{i}" for i in range(len(header.cells)))
    raise unreadable("La feuille n’a pas été retrouvée.", "Redéposez le classeur.")


# --- text ------------------------------------------------------------------------------------------------


def _read_text(member: Member, layouts: list[Contract]) -> Table:
    text = decode(member.data, member.folder)
    lines = _head_lines(text.data)
    match = choose(_text_candidates(lines), layouts)
    size = len(text.data) + sum(piece.count(b"\n") for piece in slices(text.data)) * BYTES_OF_A_LINE
    table = Table(match, text.encoding, 0, 0, iter(()), size=size, folder=member.folder)
    table.slices = _text_slices(text, table, layouts)
    if match.candidate.line > 1:
        separator = match.candidate.separator or ";"
        above = assemble(lines, separator, strict=False).frame.filter(pl.col("line") < match.candidate.line)
        table.blanks_above = int(is_blank(above["text"], separator).sum())
        table.titles = above.height - table.blanks_above
    return table


def _text_candidates(lines: pl.DataFrame) -> list[Candidate]:
    """The first records under every separator; one that no line holds cuts nothing."""
    found: list[Candidate] = []
    too_wide = False
    texts = lines["text"].to_list()
    for separator in (s for s in SEPARATORS if any(s in text for text in texts)):
        head = assemble(lines, separator, strict=False).frame.head(HEADER_SEARCH_RECORDS)
        records = zip(head["line"].to_list(), list_fields(head["text"], separator), strict=True)
        for index, (line, cells) in enumerate(records):
            too_wide = too_wide or len(cells) > limits.MAX_COLUMNS
            if 2 <= len(cells) <= limits.MAX_COLUMNS:
                found.append(Candidate(index, line, tuple(cells), separator))
    if too_wide:
        raise too_many_columns()
    return found


def _head_lines(data: Content) -> pl.DataFrame:
    """The first physical lines of a text (line, text)."""
    piece = data[:HEAD_BYTES]
    if len(piece) < len(data):
        cut = piece.rfind(b"\n") + 1
        piece = piece[:cut] if cut else data[: _too_far(data, 0)].split(b"\n")[0]
    return _physical_lines(piece, 0).head(HEAD_LINES)


def _physical_lines(piece: bytes, before: int) -> pl.DataFrame:
    lines = pl.read_lines(piece, name="text", row_index_name="line", row_index_offset=1)
    lines = lines.with_columns(pl.col("line").cast(pl.Int64) + before)
    too_long = lines["text"].str.len_bytes() > limits.MAX_RECORD_BYTES if len(piece) > limits.MAX_RECORD_BYTES else None
    if too_long is not None and too_long.any():
        at = lines["line"].filter(too_long)[0]
        raise unreadable(
            f"La ligne {at} est démesurément longue (plus d’un million de caractères).",
            "Vérifiez que le fichier est bien un export, et que ses lignes sont séparées par des retours à la ligne.",
        )
    return lines


def _text_slices(text: Text, table: Table, layouts: list[Contract]) -> Iterator[pl.DataFrame]:
    """Records after the header (line, text), slice by slice; checks what only the end of a file tells.

    `n_told`: see repeated.
    """
    separator = table.match.candidate.separator or ";"
    parts = Parts(table.match, layouts, found=table.later)
    key = table.match.columns[table.contract.keys[0].name]
    data, start, before, carry = text.data, 0, 0, b""
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
        if records.frame.height < lines.height:
            refuse_swallowed(frame, separator, table.width, key)
        if is_last and not text.ends_with_newline:
            _refuse_cut_off(frame, len(parts.current.candidate.cells), separator)
        for part, is_followed in parts.split_texts(frame, separator):
            closes = is_followed or is_last
            yield part.with_columns(is_closing=_closing_run(part, separator) if closes else pl.lit(False))


def _cut_point(data: Content, start: int) -> int:
    end = start + SLICE_BYTES
    if end >= len(data):
        return len(data)
    found = data.rfind(b"\n", start, end)
    # No line end in a whole slice: the line is too long to be a record, and its beginning is enough to say so.
    return found + 1 if found >= 0 else _too_far(data, start)


def _too_far(data: Content, start: int) -> int:
    """Where a line from `start` on is longer than a record may be, between two characters of UTF-8."""
    end = start + limits.MAX_RECORD_BYTES + 1
    while end < len(data) and data[end] & 0b1100_0000 == 0b1000_0000:
        end += 1
    return end


def _refuse_cut_off(frame: pl.DataFrame, width: int, separator: str) -> None:
    """Exports §3: the last record has fewer fields than the header AND no line end."""
    if frame.is_empty():
        return
    last = frame["text"].tail(1)
    if not is_no_data(last, separator)[0] and count_fields(last, separator)[0] < width:
        raise unreadable(
            f"Le fichier est coupé : sa dernière ligne ({frame['line'][-1]}) est incomplète.",
            "L’export ou le transfert s’est arrêté avant la fin : refaites-le.",
        )


def _closing_run(frame: pl.DataFrame, separator: str) -> pl.Series | pl.Expr:
    """True from the first of the last records that are all TOTAL or blank lines."""
    if not is_no_data(frame["text"].tail(1), separator).any():
        return pl.lit(False)
    return is_no_data(frame["text"], separator).reverse().cum_min().reverse()


# --- sheets ----------------------------------------------------------------------------------------------


def _read_workbook(data: bytes, layouts: list[Contract]) -> Table:
    """The first sheet that matches (exports §2); else the refusal of the sheet that came nearest."""
    refusals: list[Refusal] = []
    book = Workbook(data)
    for head in book.heads():
        candidates = _sheet_candidates(head, layouts)
        if not candidates:
            continue
        try:
            match = _choose_rows(head, candidates, layouts)
        except Refusal as refusal:
            refusals.append(refusal.in_sheet(tell_sheet(head)))
            continue
        sheet = head if head.is_whole else book.load(head.number)
        above = filled_rows(sheet.frame.head(match.candidate.line - match.candidate.rows))
        frame = sheet.frame.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64))
        below = frame.slice(match.candidate.line)
        encoding = "xlsx-1904" if sheet.uses_1904 else "xlsx"
        unread = tuple(tell_sheet(other) for other in book.heads(after=head.number) if _is_table(other, layouts))
        table = Table(match, encoding, int(above.sum()), int((~above).sum()), iter(()), sheet=tell_sheet(head))
        table.size, table.unread_sheets = int(below.estimated_size()), unread
        table.slices = _sheet_slices(below, table, layouts)
        return table
    if not refusals:
        raise empty_file()
    raise max(refusals, key=lambda r: (r.reason == "missing_columns", -len(r.missing)))


def _sheet_slices(below: pl.DataFrame, table: Table, layouts: list[Contract]) -> Iterator[pl.DataFrame]:
    parts = Parts(table.match, layouts, found=table.later)
    try:
        yield pl.concat([part for part, _ in parts.split_rows(below)], how="diagonal")
    except Refusal as refusal:
        raise refusal.in_sheet(table.sheet) from refusal


def _is_table(head: Sheet, layouts: list[Contract]) -> bool:
    try:
        choose(_sheet_candidates(head, layouts), layouts)
    except Refusal:
        return False
    return True


def _choose_rows(sheet: Sheet, candidates: list[Candidate], layouts: list[Contract]) -> Match:
    """The layout of a sheet, its header on one row or several. Raises Refusal, which names a header on two rows."""
    known = _known_headers(layouts)
    try:
        match = choose(candidates, layouts)
    except Refusal as refusal:
        tops = (c for c in candidates if c.rows == 1 and sum(normalise_header(x) in known for x in c.cells) > 1)
        line = next((c.line for c in tops if _is_under(sheet, c.line)), None)
        if line is None or refusal.reason not in ("missing_columns", "unknown_layout"):
            raise
        raise _on_two_rows(line, refusal) from refusal
    if match.candidate.rows > 1 or not _is_under(sheet, match.candidate.line):
        return match
    both = [c for c in candidates if c.rows == 2 and c.line == match.candidate.line + 1]
    wider = max((match_header(c, match.contract) for c in both), key=lambda m: m.rank, default=match)
    if len(wider.columns) > len(match.columns) and not wider.missing and not wider.doubled:
        return wider
    if _has_merged_title(sheet, match.candidate.line):
        raise _on_two_rows(match.candidate.line, Refusal("unknown_layout", "", "", layout=match.contract.layout))
    return match


def _on_two_rows(line: int, refusal: Refusal) -> Refusal:
    return Refusal(
        refusal.reason,
        f"L’en-tête semble écrit sur deux lignes ({line} et {line + 1}), avec des cellules fusionnées : lues ensemble, "
        "elles ne donnent pas les noms de colonnes attendus.",
        "Écrivez le nom entier de chaque colonne sur une seule ligne, sans cellules fusionnées (par exemple "
        "« date de remboursement » au lieu de « remboursement » au-dessus de « date »).",
        layout=refusal.layout,
        missing=refusal.missing,
        unknown=refusal.unknown,
    )


def _is_under(sheet: Sheet, line: int) -> bool:
    """The row below that line is the second of a header: words alone, none under its first column."""
    top, below = _row(sheet, line), _row(sheet, line + 1)
    words = [c for c in below if c.strip()]
    first = next((place for place, cell in enumerate(top) if cell.strip()), 0)
    return bool(words) and not below[first].strip() and not any(_NO_WORD.search(c) for c in words)


def _has_merged_title(sheet: Sheet, line: int) -> bool:
    """A cell of that line stands over several of the row below."""
    top, below = _row(sheet, line), _row(sheet, line + 1)
    return any(not top[n].strip() and below[n].strip() and below[n - 1].strip() for n in range(1, len(below)))


def _row(sheet: Sheet, line: int) -> list[str]:
    if line > sheet.frame.height:
        return [""] * sheet.frame.width
    return [c or "" for c in sheet.frame.row(line - 1)]


def _known_headers(layouts: list[Contract]) -> frozenset[str]:
    return frozenset().union(*(layout.header_ranks for layout in layouts))


def _sheet_candidates(sheet: Sheet, layouts: Sequence[Contract] = ()) -> list[Candidate]:
    """The first rows with a value; then two or three that follow each other, read as one header of merged cells.

    Two are read as a title and what is under it too, where the two together are a header of a layout.
    """
    filled = filled_rows(sheet.frame).arg_true().head(HEADER_SEARCH_RECORDS).to_list()
    rows = {row: [c or "" for c in sheet.frame.row(row)] for row in filled}
    found = [Candidate(index, row + 1, _header(rows[row]), None) for index, row in enumerate(filled)]
    for count in range(2, HEADER_ROWS + 1):
        for index, row in enumerate(filled):
            above = range(row - count + 1, row)
            if all(r in rows for r in above):
                # what is merged downwards stands in its first row, what is under a merged title in the last
                merged = [next((c for c in reversed(cells) if c.strip()), "") for cells in
                          zip(*(rows[r] for r in above), rows[row], strict=True)]  # fmt: skip
                found.append(Candidate(index, row + 1, _header(merged), None, rows=count))
    known = _known_headers(list(layouts)) if layouts else frozenset()
    for index, row in enumerate(filled):
        if known and row - 1 in rows and _is_under(sheet, row):
            joined = _header(_join_rows(rows[row - 1], rows[row], known))
            found.append(Candidate(index, row + 1, joined, None, rows=2))
    return found


def _join_rows(top: list[str], below: list[str], known: frozenset[str]) -> list[str]:
    """A title and the cell under it, in the order that is a known header; else the lower one that is written."""
    cells, title = [], ""
    for upper, lower in zip(top, below, strict=True):
        # an empty cell beside a title is merged with it, as far as something is written below
        title = upper if upper.strip() or not lower.strip() else title
        both = (f"{title} {lower}", f"{lower} {title}") if title.strip() and lower.strip() else ()
        alone = [c for c in (lower, upper) if c.strip()]
        cells.append(next((c for c in (*both, *alone) if normalise_header(c) in known), next(iter(alone), "")))
    return cells


def _header(cells: list[str]) -> tuple[str, ...]:
    """The cells of a row as they show, without the empty ones at its end."""
    shown = [show_cell(cell) for cell in cells]
    last = max((place for place, cell in enumerate(shown) if cell.strip()), default=-1)
    return tuple(shown[: last + 1])
