"""How a file was read, for a person who looks: format, encoding, header, first and last days, three lines (French).

A misreading shows at a glance, before anything is loaded. Does not live here: the verdict (examine) and its report
(report).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath

import polars as pl

from ingestion.examine import Examined
from ingestion.finishing import Parsed
from ingestion.personal import FREE_TYPES, PERSON_LEVEL, show_shape
from ingestion.personal_text import MASK, mask_inside
from ingestion.reader import Table

SAMPLE_LINES = 3
LONGEST_CELL = 40
_SEPARATORS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 avec marque (BOM)", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32", "utf-32-be": "UTF-32", "cp1252": "Windows-1252", "iso8859_15": "ISO-8859-15",
    "xlsx": "jours comptés depuis 1900", "xlsx-1904": "jours comptés depuis 1904", "cp850": "DOS 850",
    "cp437": "DOS 437", "mac_roman": "Mac Roman",
}  # fmt: skip


def describe_reading(examined: Examined) -> list[str]:
    """Lines of Markdown; none where nothing could be read. Personal columns are masked."""
    table = examined.table
    if table is None:
        return []
    lines = ["", "## Comment il est lu", "", *_describe_table(examined.member.name, table)]
    if examined.parsed is not None:
        lines += _describe_days(examined.parsed)
        lines += _describe_sample(table, examined.parsed)
    return [*lines, ""]


def _describe_table(name: str, table: Table) -> list[str]:
    header = table.match.candidate
    what = "classeur XLSX" if table.is_sheet else f"texte, champs séparés par {_name_separator(header.separator)}"
    packed = [" compressé (gzip)"] if PurePosixPath(name).suffix.lower() == ".gz" else []
    packed += [" dans une archive ZIP"] if ".zip/" in name.lower() else []
    rows = f"lignes {header.line - header.rows + 1} à {header.line}" if header.rows > 1 else f"ligne {header.line}"
    return [
        f"- format : {what}{''.join(packed)}",
        f"- {'calendrier' if table.is_sheet else 'encodage'} : {_ENCODINGS.get(table.encoding, table.encoding)}",
        *([f"- feuille : {table.sheet}"] if table.sheet else []),
        f"- en-tête : {rows}, {len(table.match.columns)} colonnes reconnues sur {table.width}",
    ]


def _name_separator(separator: str | None) -> str:
    named = _SEPARATORS.get(separator or "", "")
    return named if separator == "\t" else f"« {separator} » ({named})"


def _describe_days(parsed: Parsed) -> list[str]:
    """The first and last day of each column of days."""
    columns = [name for name, kind in parsed.rows.schema.items() if kind in (pl.Date, pl.Datetime("us"))]
    found: dict[str, list[date]] = {name: [] for name in columns}
    for rows in parsed.each("rows"):
        for name, days in found.items():
            days += [day for day in (rows[name].min(), rows[name].max()) if isinstance(day, date)]
    filled = {name: days for name, days in found.items() if days}
    if not filled:
        return []
    lines = ["", "| colonne de dates | première | dernière |", "|---|---|---|"]
    return lines + [f"| `{name}` | {_show(min(days))} | {_show(max(days))} |" for name, days in filled.items()]


def _describe_sample(table: Table, parsed: Parsed) -> list[str]:
    """The first lines accepted, a field a line of the table: its header in the file, what is read of it.

    Of a person-level export a text, a number of carnet or pass, a key are shown by their shape (exports §4).
    """
    rows = parsed.rows.head(SAMPLE_LINES)
    if rows.is_empty():
        return []
    told = " | ".join(f"ligne {line}" for line in rows["line"])
    lines = ["", f"| en-tête du fichier | champ | {told} |", f"|---|---|{'---|' * rows.height}"]
    is_person_level = table.contract.dataset in PERSON_LEVEL
    for field in table.contract.fields:
        if field.name in table.match.columns and field.name in rows.columns:
            header = table.match.candidate.cells[table.match.columns[field.name]].strip()
            values = rows[field.name]
            if field.personal:
                values = values.cast(pl.String).set(values.is_not_null(), MASK)
            elif is_person_level and field.type in FREE_TYPES and values.dtype == pl.String:
                values = show_shape(values)
            elif values.dtype == pl.String:
                values = values.to_frame("t").select(mask_inside(pl.col("t"))).to_series()
            lines.append(f"| {_plain(header)} | `{field.name}` | {' | '.join(map(_show, values))} |")
    return lines


def _show(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%d/%m/%Y %H:%M:%S}" if value.second else f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case Decimal() | float():
            return str(value).replace(".", ",")
        case _:
            return _plain(str(value))


def _plain(text: str) -> str:
    shown = " ".join(text.replace("|", "¦").replace("`", "'").split())
    return shown if len(shown) <= LONGEST_CELL else shown[: LONGEST_CELL - 1] + "…"
