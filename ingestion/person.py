"""One person looked for in what was delivered: their pseudonym, and the lines of the originals that name them.

The identifier is read as a delivered cell is (values), so that it gives the pseudonym its lines have in the lake.
Nothing here is logged, and nothing found is kept. Does not live here: lines of the lake (cutting), what an original
becomes without them (originals), published versions (warehouse).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from ingestion.content import read_in_place, slices
from ingestion.contract import Contract, Field, load_layouts
from ingestion.decode import decode
from ingestion.intake import Folders
from ingestion.pseudonym import IGNORED, RULES, pseudonymise
from ingestion.reader import Table, read_table
from ingestion.receipt import IDENTIFIER_RULE
from ingestion.records import cut
from ingestion.refusal import Refusal
from ingestion.unpack import SIDECAR_SUFFIX, Member, unpack
from ingestion.values import Setting, type_column
from ingestion.vault import ORIGINAL_MARK, REPORT_NAME

_MARKED = re.compile(r"[0-9a-f]{16}_.")
SHORTEST_TOLD_ALONE = 4
"""Characters of an identifier that is looked for in a text whose columns are not known: a shorter one is anybody's."""


class PersonError(Exception):
    """What was given is no identifier; the French message says why, and quotes nothing."""


@dataclass(frozen=True)
class Person:
    """The person asked for: the identifier as typed and their pseudonym. Neither is ever told.

    `older`: what older rules made of the spellings known of it; versions built then hold them.
    """

    identifier: str = field(repr=False)
    key: str = field(repr=False)
    older: tuple[str, ...] = field(default=(), repr=False)

    @property
    def keys(self) -> list[str]:
        return [self.key, *self.older]

    def with_spellings(self, identifiers: pl.Series, secret: bytes) -> Person:
        """The same person, with what older rules made of those spellings of theirs too."""
        found = [pseudonymise(identifiers, secret, rule) for rule in RULES if rule != IDENTIFIER_RULE]
        return replace(self, older=tuple(sorted({*self.older, *(key for one in found for key in one.drop_nulls())})))


@dataclass(frozen=True)
class Named:
    """Lines of one member of an original that name the person.

    `lines`: where the columns are known, to the line; `table`: how it is read, to write it anew without them. Where
    they are not (a refused file), the lines of text that hold the identifier, and no table.
    """

    path: Path
    member: Member
    lines: tuple[int, ...]
    table: Table | None
    cells: pl.DataFrame

    @property
    def is_read(self) -> bool:
        """Whether its columns are known: the cells of the person can be told from the others."""
        return self.table is not None


def identify(identifier: str, secret: bytes) -> Person:
    """The person of an identifier, as the delivered files write it. Raises PersonError."""
    bare = identifier.strip()
    typed = pl.concat([_typed(pl.Series([bare]), one) for one in _fields()])
    keys = set(pseudonymise(typed, secret).drop_nulls())
    if len(keys) != 1:
        raise PersonError(
            "Ce n’est pas un identifiant de bénéficiaire : écrivez-le comme dans les fichiers livrés, seul, sans "
            "guillemets."
        )
    return Person(bare, str(keys.pop())).with_spellings(typed, secret)


def _fields() -> list[Field]:
    found = {f.model_dump_json(include={"type", "pattern", "role", "name"}): f
             for c in load_layouts() for f in c.fields if f.pseudonym}  # fmt: skip
    return list(found.values())


def _typed(cells: pl.Series, one: Field) -> pl.Series:
    """The identifier that each delivered cell gives."""
    return type_column(one, cells.alias("text"), Setting(9999))["value"].cast(pl.String)


def read_identifiers(paths: Iterable[Path]) -> Iterator[pl.Series]:
    """The distinct identifiers of people that each delivered file holds; what cannot be read is passed over."""
    layouts = load_layouts()
    for path in paths:
        try:
            for member in unpack(delivered_name(path), read_in_place(path, through_links=True), folder=path.parent):
                yield from _identifiers_of(member, layouts)
        except (Refusal, FileNotFoundError):
            continue


def _identifiers_of(member: Member, layouts: list[Contract]) -> Iterator[pl.Series]:
    try:
        table = read_table(member, layouts)
        one = _identifier_of(table)
        if one is None:
            return
        for piece in table.slices:
            yield _typed(cut({0: table}, piece).frame[f"f_{one.name}"], one).drop_nulls().unique()
    except Refusal:
        return


def _identifier_of(table: Table) -> Field | None:
    """The column of people of a table that has one."""
    return next((f for f in table.contract.fields if f.pseudonym and f.name in table.match.columns), None)


def spellings(found: Iterable[Named]) -> pl.Series:
    """The identifier in each of the ways in which those lines write it."""
    told = [pl.Series([], dtype=pl.String)]
    for named in found:
        one = _identifier_of(named.table) if named.table else None
        told += [_typed(named.cells[f"f_{one.name}"], one)] if one else []
    return pl.concat(told).drop_nulls().unique()


def search_originals(
    folders: Folders, person: Person, secret: bytes, instead: Mapping[Path, bytes] | None = None
) -> Iterator[Named]:
    """What names the person in the archive and its quarantine, one member at a time.

    `instead`: bytes that are looked into as those of an original, the only ones then.
    """
    layouts = load_layouts()
    for path in instead or originals(folders.archive):
        try:
            data = instead[path] if instead else read_in_place(path, through_links=True)
            members = list(unpack(delivered_name(path), data, folder=folders.archive))
        except (Refusal, FileNotFoundError):
            members = []
        for member in members:
            named = _search(path, member, person, secret, layouts)
            if named is not None:
                yield named


def originals(archive: Path) -> list[Path]:
    """Every original kept, the quarantine's included; neither reports nor sums."""
    found = [Path(folder) / name for folder, _, names in os.walk(archive) for name in names]
    return sorted(
        p for p in found if p.name != REPORT_NAME and not p.name.endswith(SIDECAR_SUFFIX) and p.name[0] != "."
    )


def delivered_name(path: Path) -> str:
    """The name under which an original kept was delivered, without the mark of its sha256."""
    return path.name[ORIGINAL_MARK:] if _MARKED.match(path.name) else path.name


def _search(path: Path, member: Member, person: Person, secret: bytes, layouts: list[Contract]) -> Named | None:
    try:
        table = read_table(member, layouts)
        one = _identifier_of(table)
        # of a data set that has no column of people, whatever stands in the wrong column is no pseudonym
        found = [_named_in(piece, table, one, person, secret) for piece in table.slices] if one is not None else []
    except Refusal:
        return _search_text(path, member, person)
    kept = pl.concat(found, how="diagonal") if found else pl.DataFrame()
    return Named(path, member, tuple(kept["line"]), table, kept) if kept.height else None


def _named_in(piece: pl.DataFrame, table: Table, one: Field, person: Person, secret: bytes) -> pl.DataFrame:
    """The records of some lines of a table that name the person."""
    records = cut({0: table}, piece).frame
    known = records.filter(pseudonymise(_typed(records[f"f_{one.name}"], one), secret) == person.key)
    lines = set(known["line"])
    if not table.is_sheet:
        lines |= _among_wrong(records, piece, person)
    return records.filter(pl.col("line").is_in(sorted(lines)))


def _among_wrong(records: pl.DataFrame, frame: pl.DataFrame, person: Person) -> set[int]:
    """Records of a wrong number of fields, whose cells stand under no column, that hold the identifier."""
    wrong = records.filter(~pl.col("is_right"))["line"]
    return set(frame.filter(pl.col("line").is_in(wrong.implode()) & _holds(person))["line"])


def _search_text(path: Path, member: Member, person: Person) -> Named | None:
    if member.kind != "text" or len(person.identifier) < SHORTEST_TOLD_ALONE:
        return None
    try:
        text = decode(member.data, member.folder).data
    except Refusal:
        return None
    found, before = [], 0
    for piece in slices(text, whole_lines=True):
        lines = pl.read_lines(piece, name="text", row_index_name="line", row_index_offset=before + 1)
        found.append(lines.filter(_holds(person)))
        before += lines.height
    lines = pl.concat(found)
    if lines.is_empty():
        return None
    return Named(path, member, tuple(lines["line"]), None, lines.select("line", text=pl.lit(None, dtype=pl.String)))


def _holds(person: Person) -> pl.Expr:
    """A whole word of the text, in any case, whatever blanks (but a tab) and hyphens stand in it."""
    kept = pl.Series([person.identifier]).str.replace_all(IGNORED, "")[0]
    written = rf"[{IGNORED}--\t]*".join(map(re.escape, kept))
    return pl.col("text").str.contains(rf"(?i)(?:^|[^\p{{L}}\p{{N}}]){written}(?:$|[^\p{{L}}\p{{N}}])")
