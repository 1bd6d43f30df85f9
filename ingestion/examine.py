"""What a table is worth: its layout, its extract date, its lines, without writing anything.

In two steps, so that the lines of many small tables are judged together: `begin` each, `finish` them all. Shared by
the intake and by `passnum check`. Does not live here: archive, lake, quarantine (intake).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ingestion import limits
from ingestion.contract import Contract
from ingestion.extract_date import find_extract_date
from ingestion.finishing import Parsed
from ingestion.layout import is_header_like
from ingestion.parse import Whole, parse, parse_all
from ingestion.personal import recognise_by_name, recognise_by_values
from ingestion.reader import Table, read_table
from ingestion.receipt import Receipt
from ingestion.refusal import Refusal, too_large, unreadable
from ingestion.unpack import Member


@dataclass(frozen=True)
class Examined:
    """The verdict on one table. Exactly one of `refusal`, `duplicate_of`, `parsed` is given.

    `ignored`: headers outside the contract; `personal`: those that look personal → the kind of data (French).
    """

    member: Member
    extract_date: date | None
    refusal: Refusal | None = None
    duplicate_of: Receipt | None = None
    table: Table | None = None
    parsed: Parsed | None = None
    ignored: tuple[str, ...] = ()
    personal: dict[str, str] = field(default_factory=dict)

    @property
    def file_id(self) -> str:
        """Identity of a file: its extract date AND its sha256 (exports §5)."""
        return file_id(self.member.sha256, self.extract_date)

    @property
    def contract(self) -> Contract | None:
        return self.table.contract if self.table else None


def file_id(sha256: str, extract_date: date | None) -> str:
    """`<YYYYMMDD>-<first 16 hex of the sha256>`; `sansdate-…` where the name holds no date."""
    return f"{extract_date:%Y%m%d}-{sha256[:16]}" if extract_date else f"sansdate-{sha256[:16]}"


@dataclass(frozen=True)
class Begun:
    """A table whose layout is known, its lines still to be judged. `frame`: all of them, None where they are so many
    that they must be read a slice at a time (limits.TOGETHER_BYTES)."""

    member: Member
    extract_date: date | None
    table: Table
    frame: pl.DataFrame | None

    @property
    def file_id(self) -> str:
        return file_id(self.member.sha256, self.extract_date)


def examine(
    member: Member,
    layouts: list[Contract],
    today: date,
    find_loaded: Callable[[str], Receipt | None],
) -> Examined:
    """Judge one table. Reasons in the order of exports §3; a duplicate is known before it is read."""
    return finish([begin(member, layouts, find_loaded)], today)[0]


def begin(member: Member, layouts: list[Contract], find_loaded: Callable[[str], Receipt | None]) -> Examined | Begun:
    """Recognise one table; judged already when it is a duplicate or cannot be read."""
    day = find_extract_date(member.name)
    if day is not None and member.refusal is None:
        loaded = find_loaded(file_id(member.sha256, day))
        if loaded is not None and loaded.sha256 == member.sha256:
            return Examined(member, day, duplicate_of=loaded)
    table = None
    try:
        table = read_table(member, layouts)
        return Begun(member, day, table, table.read() if table.size <= limits.TOGETHER_BYTES else None)
    except Refusal as refusal:
        return Examined(member, day, refusal=refusal, table=table)
    except MemoryError:
        return Examined(member, day, refusal=too_large())


def finish(begun: Sequence[Examined | Begun], today: date) -> list[Examined]:
    """Judge the lines of every table begun; those already judged are given back as they are."""
    small = {n: b for n, b in enumerate(begun) if isinstance(b, Begun) and b.frame is not None}
    found: dict[int, Parsed] = {}
    try:
        wholes = [Whole(b.table, b.frame, _year(b, today)) for b in small.values() if b.frame is not None]
        found = dict(zip(small, parse_all(wholes), strict=True))
    except MemoryError:
        # too much at once: each alone, below
        found = {}
    return [
        _finish_one(b, today, found.get(n)) if isinstance(b, Begun) else b
        for n, b in enumerate(begun)
    ]  # fmt: skip


def _year(begun: Begun, today: date) -> int:
    return (begun.extract_date or today).year


def _finish_one(begun: Begun, today: date, parsed: Parsed | None) -> Examined:
    member, day, table = begun.member, begun.extract_date, begun.table
    try:
        if parsed is None and begun.frame is not None:
            (parsed,) = parse_all([Whole(table, begun.frame, _year(begun, today))])
        parsed = parsed or parse(table, _year(begun, today))
        _check_order_of_days(parsed, table)
        _check_date(day, today, member.name)
    except Refusal as refusal:
        return Examined(member, day, refusal=refusal, table=table)
    except MemoryError:
        return Examined(member, day, refusal=too_large())
    return Examined(member, day, table=table, parsed=parsed, ignored=_ignored(table), personal=_personal(table))


def _check_order_of_days(parsed: Parsed, table: Table) -> None:
    if parsed.months_first:
        names = ", ".join(f"« {table.contract.field(name).title} » ({name})" for name in parsed.months_first)
        refusal = unreadable(
            f"Les dates sont écrites dans l’ordre mois/jour (12/31/2021), et non jour/mois : {names}. Lues ainsi, "
            "elles seraient fausses sans que rien ne le montre.",
            "Redemandez l’export avec des dates jj/mm/aaaa ou aaaa-mm-jj (réglage régional « Français »).",
        )
        raise refusal.in_sheet(table.sheet) if table.is_sheet else refusal


def _check_date(day: date | None, today: date, name: str) -> None:
    if day is None:
        raise Refusal(
            "missing_extract_date",
            "Le nom du fichier ne contient pas la date de l’extraction.",
            "Renommez-le en y ajoutant le jour de l’extraction, par exemple « utilisations_2022-11-30.csv ».",
        )
    if day > today:
        raise Refusal(
            "future_extract_date",
            f"La date d’extraction ({day:%d/%m/%Y}) est postérieure à aujourd’hui ({today:%d/%m/%Y}).",
            "Corrigez la date dans le nom du fichier, ou redéposez-le ce jour-là.",
        )


def _ignored(table: Table) -> tuple[str, ...]:
    headers = [*table.match.ignored.values(), *_later(table)]
    return tuple(dict.fromkeys(headers)) if is_header_like(table.match.candidate.cells) else ()


def _later(table: Table) -> list[str]:
    """The columns outside the contract of the parts that a header found again starts."""
    return [header for match in table.later for header in match.ignored.values()]


def _personal(table: Table) -> dict[str, str]:
    """Columns dropped that look personal, by their name or their values, never quoted (exports §4)."""
    found = {}
    for header in [*table.match.ignored.values(), *_later(table)]:
        kind = recognise_by_name(header)
        if kind is None and header in table.ignored_sample:
            kind = recognise_by_values(table.ignored_sample[header])
        if kind:
            found[header if is_header_like(("colonne", header)) else "colonne sans nom lisible"] = kind
    return found
