"""One table of text → the bytes of one file, in any of the forms of exports §2.

Does not live here: what is put in the tables (extracts), which form a file takes (dirt).
"""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import xlsxwriter

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
_ACCENTS = {
    "numero": "numéro", "emission": "émission", "validite": "validité", "beneficiaire": "bénéficiaire",
    "annee": "année", "duree": "durée", "modalite": "modalité", "ecriture": "écriture", "reference": "référence",
    "categorie": "catégorie", "libelle": "libellé",
}  # fmt: skip
_MOMENT = r"^(\d{2})/(\d{2})/(\d{2})(\d{2})"
_FIXED_MOMENT = datetime(2024, 1, 1)


@dataclass(frozen=True)
class Style:
    """How a file is written. The default is the clean one: `;`, UTF-8, LF, dd/mm/yyyy, 10,00.

    headers: plain, upper, accents (« Numéro carnet »), degree (« N° Carnet »), joined.
    dates: french, short (dd/mm/yy), iso, iso_t. money: comma, dot, euro, thousands.
    container: csv, gz, xlsx. `titles`: lines above the header. `total`: column summed in a closing line.
    """

    separator: str = ";"
    encoding: str = "utf-8"
    newline: str = "\n"
    headers: str = "plain"
    dates: str = "french"
    money: str = "comma"
    container: str = "csv"
    titles: int = 0
    has_total: bool = False
    has_trailing_separator: bool = False
    has_blank_lines: bool = False
    is_spaced: bool = False


CLEAN = Style()
STANDARD = Style(separator=",")
"""The national standard of lieux: comma."""


def _header(name: str, form: str) -> str:
    if form == "upper":
        return name.upper()
    if form == "joined":
        return name.title().replace("_", "")
    words = [_ACCENTS.get(word, word) for word in name.split("_")]
    if form == "accents":
        return " ".join(words).capitalize()
    if form == "degree":
        return " ".join("N°" if word == "numéro" else word for word in words).title()
    return name


def _restyle(frame: pl.DataFrame, style: Style) -> pl.DataFrame:
    """Values as that export writes them; a bad value stays as bad."""
    forms = {
        "short": lambda c: c.str.replace(_MOMENT, "${1}/${2}/${4}"),
        "iso": lambda c: c.str.replace(_MOMENT, "${3}${4}-${2}-${1}").str.replace(r"( \d{2}:\d{2})$", "${1}:00"),
        "iso_t": lambda c: c.str.replace(_MOMENT, "${3}${4}-${2}-${1}").str.replace(r" (\d{2}:\d{2})$", "T${1}:00"),
    }
    if style.dates in forms:
        frame = frame.with_columns(forms[style.dates](pl.col(r"^date_.*$")))
    space = NARROW_SPACE if style.encoding.startswith("utf") else NO_BREAK_SPACE
    amount = pl.col(r"^(montant.*|valeur_faciale)$")
    is_amount = amount.str.contains(r"^\d+,\d\d$")
    if style.money == "dot":
        frame = frame.with_columns(
            pl.when(is_amount).then(amount.str.replace(",", ".", literal=True)).otherwise(amount)
        )
    if style.money in ("euro", "thousands"):
        for _ in range(3):
            frame = frame.with_columns(amount.str.replace(r"^(\d+)(\d{3})([,\s])", "${1}" + space + "${2}${3}"))
    if style.money == "euro":
        frame = frame.with_columns(amount.str.replace(r"^([\d\s]+,\d\d)$", "${1}" + space + "€"))
    if style.is_spaced:
        siret = pl.col(r"^siret_.*$").str.replace(r"^(\d{3})(\d{3})(\d{3})(\d{5})$", "${1} ${2} ${3} ${4}")
        number = pl.col("^(numero|premier|dernier)_pass$").str.replace(r"^(\d{4})(\d{3})(\d{3})$", "${1} ${2} ${3}")
        frame = frame.with_columns(siret, number)
    return frame


def _total_line(frame: pl.DataFrame, separator: str) -> str:
    column = next(c for c in frame.columns if c.startswith("montant") or c == "valeur_faciale")
    cents = frame[column].str.extract(r"^(\d+,\d\d)$").str.replace(",", "", literal=True).cast(pl.Int64).sum()
    cells = [""] * frame.width
    cells[0] = "TOTAL"
    if frame.columns.index(column):
        cells[frame.columns.index(column)] = f"{cents // 100},{cents % 100:02d}"
    return separator.join(f'"{cell}"' if separator in cell else cell for cell in cells)


def render_csv(frame: pl.DataFrame, style: Style, title: str = "") -> bytes:
    """The bytes of a delimited text file. Raises UnicodeEncodeError where the encoding lacks a character."""
    total = _total_line(frame, style.separator) if style.has_total else None
    shown = _restyle(frame, style).rename({c: _header(c, style.headers) for c in frame.columns})
    if style.has_trailing_separator:
        shown = shown.with_columns(pl.lit(None, dtype=pl.String).alias(""))
    options: dict[str, Any] = {
        "separator": style.separator,
        "line_terminator": style.newline,
        "quote_style": "necessary",
    }
    if style in (CLEAN, STANDARD):
        return shown.write_csv(**options).encode()
    lines = [title, "Édité pour la démonstration", ""][: style.titles]
    body = shown.write_csv(**options)
    if style.has_blank_lines:
        body += style.newline
    if total is not None:
        body += total + style.separator * style.has_trailing_separator + style.newline
    return ("".join(line + style.newline for line in lines) + body).encode(style.encoding)


def render_xlsx(frame: pl.DataFrame, style: Style, title: str = "") -> bytes:
    """The bytes of a workbook: days as real dates, amounts as numbers, everything else as text."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _FIXED_MOMENT, "title": "Données de démonstration"})
    sheet = book.add_worksheet("Export")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    if style.titles:
        sheet.write_column(0, 0, [title, "Édité pour la démonstration", ""][: style.titles])
    sheet.write_row(style.titles, 0, [_header(c, style.headers) for c in frame.columns])
    typed = [_sheet_column(column) for column in frame]
    for index, column in enumerate(typed):
        sheet.write_column(style.titles + 1, index, column.to_list(), day if column.dtype == pl.Date else None)
    book.close()
    return buffer.getvalue()


def _sheet_column(text: pl.Series) -> pl.Series:
    """Days and amounts as a spreadsheet holds them, where every value of the column is one."""
    typed = text
    if text.name.startswith("date_") and text.name != "date_utilisation":
        typed = text.str.to_date("%d/%m/%Y", strict=False)
    elif text.name.startswith("montant") or text.name == "valeur_faciale":
        typed = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return typed if typed.null_count() == text.null_count() else text


def render(frame: pl.DataFrame, style: Style, title: str = "") -> bytes:
    """The bytes of a file in its container; the same arguments give the same bytes."""
    if style.container == "xlsx":
        return render_xlsx(frame, style, title)
    data = render_csv(frame, style, title)
    return gzip.compress(data, compresslevel=1, mtime=0) if style.container == "gz" else data


def render_zip(members: dict[str, bytes]) -> bytes:
    """A ZIP of these members, dated 2024-01-01 whatever the clock says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _FIXED_MOMENT.timetuple()[:6])
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, compresslevel=1)
    return buffer.getvalue()
