"""Workbooks by the hundred, each with what its cells hold: the judge of whatever reads workbooks.

Half written by XlsxWriter, half by hand (editions, prefixes, names of parts, shared, inline and rich texts, missing
places, error cells, formulas never calculated). Seeded: the same number gives the same workbook. Does not live here:
our reader.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape

import xlsxwriter

from tests.unit.ingestion.books import STRICT, TRANSITIONAL, Cell, write_book, write_sheet, write_styles

Kind = Literal["text", "number", "day", "boolean", "error", "uncalculated", "empty"]
ERRORS = ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"]
TEXTS = ["Médiathèque", "0002100001", "21940080900014", "a;b|c", "deux\nlignes", "  blancs  ", "<&>", "'=1+1", "été", "12", "#N/A"]  # fmt: skip  # noqa: E501
NUMBERS = [10, 9.99, 0.1, 1234.5, 2100001, 21940080900014, 99.3, -5, 0.5, 44530, 0]
FORMATS = ["dd/mm/yyyy", "jj/mm/aaaa", "[$-40C]d mmmm yyyy;@", "TT.MM.JJJJ", "yyyy-mm-dd hh:mm:ss", "m/d/yy"]


@dataclass(frozen=True)
class Held:
    """What a cell holds. `value`: the text, the number, the day as ISO 8601, the name of the error."""

    kind: Kind
    value: str = ""


@dataclass(frozen=True)
class Book:
    """A workbook, and the cells of its first sheet from A1 on. `features`: what is odd in it."""

    data: bytes
    rows: list[list[Held]]
    uses_1904: bool
    features: tuple[str, ...]


def make_book(seed: int) -> Book:
    """One workbook, by its number."""
    dice = random.Random(f"book {seed}")
    uses_1904 = dice.random() < 0.25
    rows = [[_hold(dice) for _ in range(dice.choice([1, 3, 8, 14]))] for _ in range(dice.choice([1, 4, 30]))]
    rows[0][0] = Held("text", "id_utilisation")
    return _by_library(dice, rows, uses_1904) if seed % 2 else _by_hand(dice, rows, uses_1904)


def _hold(dice: random.Random) -> Held:
    kinds: list[Kind] = ["text", "number", "day", "boolean", "error", "uncalculated", "empty"]
    kind = dice.choices(kinds, [6, 4, 4, 1, 1, 1, 2])[0]
    if kind == "text":
        return Held(kind, dice.choice(TEXTS))
    if kind == "number":
        return Held(kind, repr(dice.choice(NUMBERS)))
    if kind == "day":
        whole = datetime(2021, 1, 1) + timedelta(days=dice.randrange(700))
        return Held(kind, str(whole + timedelta(minutes=dice.choice([0, 0, 645, 870, 1439]))))
    if kind == "boolean":
        return Held(kind, dice.choice(["true", "false"]))
    return Held(kind, dice.choice(ERRORS) if kind == "error" else "")


def serial_of(day: str, uses_1904: bool) -> float:
    """The number of a day, as workbooks store it."""
    epoch = datetime(1904, 1, 1) if uses_1904 else datetime(1899, 12, 30)
    return (datetime.fromisoformat(day) - epoch) / timedelta(days=1)


def _by_library(dice: random.Random, rows: list[list[Held]], uses_1904: bool) -> Book:
    features = ["xlsxwriter", *(["1904"] if uses_1904 else [])]
    out = io.BytesIO()
    options = {"in_memory": True, "date_1904": uses_1904, "constant_memory": dice.random() < 0.3}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet("Données")
        style = book.add_format({"num_format": dice.choice(FORMATS)})
        if dice.random() < 0.3:
            page.hide()
            book.add_worksheet("Devant").activate()
            features.append("hidden sheet")
        rich = [book.add_format({"bold": True}), book.add_format({"italic": True})]
        for r, row in enumerate(rows):
            for c, held in enumerate(row):
                match held.kind:
                    case "text" if len(held.value) > 4 and dice.random() < 0.2:
                        page.write_rich_string(r, c, held.value[:2], rich[0], held.value[2:4], rich[1], held.value[4:])
                    case "text":
                        page.write_string(r, c, held.value)
                    case "number":
                        page.write_number(r, c, float(held.value))
                    case "day":
                        page.write_datetime(r, c, datetime.fromisoformat(held.value), style)
                    case "boolean":
                        page.write_boolean(r, c, held.value == "true")
                    case "error":
                        page.write_formula(r, c, "=1/0", None, held.value)
                    case "uncalculated":
                        page.write_formula(r, c, "=A1+1", None, dice.choice(["", 0]))
                    case "empty" if dice.random() < 0.3:
                        page.write_blank(r, c, None, style)
    return Book(out.getvalue(), rows, uses_1904, tuple(features))


def _by_hand(dice: random.Random, rows: list[list[Held]], uses_1904: bool) -> Book:
    strict = dice.random() < 0.25
    prefix = dice.choice(["", "", "x"])
    placed = dice.random() < 0.8
    separator = dice.choice(["/", "/", "\\"])
    target = dice.choice(["worksheets/sheet{}.xml", "/xl/worksheets/sheet{}.xml", "Feuilles/f{}.xml"])
    dimension = dice.choice(["", '<dimension ref="A1:XFD1048576"/>', '<dimension ref="A1"/>'])
    space = STRICT if strict else TRANSITIONAL
    shared: list[str] = []
    p = f"{prefix}:" if prefix else ""
    cells = [[_write(dice, held, uses_1904, shared, p) for held in row] for row in rows]
    if not placed:
        cells = [[("", "") if c is None else c for c in row] for row in cells]
    before = dimension.replace("<", f"<{p}")
    part = write_sheet(cells, prefix=prefix, space=space, placed=placed, before=before)
    calendar = dice.choice([' date1904="1"', " date1904='true'"]) if uses_1904 else dice.choice(["", ' date1904="0"'])
    other = '<extLst><ext xmlns:x15="urn:x15"><x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>'
    strings = f'<sst xmlns="{space}">{"".join(shared)}</sst>' if shared else None
    data = write_book(
        {"Données": part, "Après": write_sheet([["x"]])},
        space=space,
        workbook=f"<workbookPr{calendar}/>{other if dice.random() < 0.4 else ''}",
        styles=write_styles(dice.choice(FORMATS)).replace(TRANSITIONAL, space),
        strings=strings,
        target=target,
        separator=separator,
    )
    told = {"strict": strict, "prefix": bool(prefix), "no place": not placed, "backslash": separator != "/",
            "absolute target": target.startswith("/"), "other folder": "Feuilles" in target, "1904": uses_1904,
            "huge dimension": "XFD" in dimension, "no strings": not shared}  # fmt: skip
    return Book(data, rows, uses_1904, ("by hand", *(name for name, holds in told.items() if holds)))


def _write(dice: random.Random, held: Held, uses_1904: bool, shared: list[str], p: str) -> Cell:
    value = escape(held.value)
    match held.kind:
        case "text":
            how = dice.choice(["inline", "shared", "rich", "formula"])
            if how == "inline":
                return held.value
            if how == "formula":
                return ('t="str"', f"<{p}f>A1</{p}f><{p}v>{value}</{p}v>")
            space = 'xml:space="preserve"'
            half = len(held.value) // 2
            runs = f"<t {space}>{value}</t>"
            if how == "rich":
                first, second = escape(held.value[:half]), escape(held.value[half:])
                runs = f"<r><t {space}>{first}</t></r><r><rPr><b/></rPr><t {space}>{second}</t></r>"
            shared.append(f"<si>{runs}</si>")
            return ('t="s"', f"<{p}v>{len(shared) - 1}</{p}v>")
        case "number":
            formula = f"<{p}f>A1</{p}f>" if dice.random() < 0.2 else ""
            return (dice.choice(['s="0"', 't="n"', ""]), f"{formula}<{p}v>{held.value}</{p}v>")
        case "day":
            return ('s="1"', f"<{p}v>{serial_of(held.value, uses_1904)!r}</{p}v>")
        case "boolean":
            return ('t="b"', f"<{p}v>{int(held.value == 'true')}</{p}v>")
        case "error":
            return ('t="e"', f"<{p}v>{value}</{p}v>")
        case "uncalculated":
            return (dice.choice(["", 's="0"']), dice.choice([f"<{p}f>A1+1</{p}f>", f"<{p}f>A1</{p}f><{p}v></{p}v>"]))
    return ('s="1"', "") if dice.random() < 0.3 else None
