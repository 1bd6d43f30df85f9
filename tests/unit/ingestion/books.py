"""Workbooks written by hand, part by part, for what no library writes: prefixes, strict edition, odd names of parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

Cell = str | int | float | None | tuple[str, str]
"""A text, a number, nothing, or (`<attributes>`, `<content>`) of a `c` element written as they are."""


def letters(column: int) -> str:
    """0 → A, 27 → AB."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def write_cell(value: Cell, place: str, p: str = "") -> str:
    """One `c` element. `p`: prefix of the elements (`x:`)."""
    at = f" r={quoteattr(place)}" if place else ""
    if value is None:
        return ""
    if isinstance(value, tuple):
        attributes, content = value
        return f"<{p}c{at} {attributes}>{content}</{p}c>"
    if isinstance(value, str):
        return f'<{p}c t="inlineStr"{at}><{p}is><{p}t xml:space="preserve">{escape(value)}</{p}t></{p}is></{p}c>'
    return f"<{p}c{at}><{p}v>{value!r}</{p}v></{p}c>"


def write_sheet(
    rows: Sequence[Sequence[Cell]],
    *,
    prefix: str = "",
    space: str = TRANSITIONAL,
    placed: bool = True,
    before: str = "",
    after: str = "",
) -> str:
    """A worksheet part. `placed`: False writes no `r` at all; `before`, `after`: beside `sheetData`, as they are."""
    p = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = (write_cell(value, f"{letters(c)}{number}" if placed else "", p) for c, value in enumerate(row))
        at = f' r="{number}"' if placed else ""
        lines.append(f"<{p}row{at}>{''.join(cells)}</{p}row>")
    data = f"<{p}sheetData>{''.join(lines)}</{p}sheetData>"
    return f'<{p}worksheet {declared}="{space}">{before}{data}{after}</{p}worksheet>'


def write_book(
    sheets: Mapping[str, str],
    *,
    space: str = TRANSITIONAL,
    workbook: str = "",
    styles: str | None = None,
    strings: str | None = None,
    target: str = "worksheets/sheet{}.xml",
    main: str = "xl/workbook.xml",
    separator: str = "/",
    states: Mapping[str, str] | None = None,
) -> bytes:
    """A whole XLSX. `workbook`: elements before `sheets`; `target`: where relationships say the sheets are;
    `separator`: of the names in the ZIP; `states`: sheet → hidden or veryHidden."""
    relations = _STRICT_RELATIONS if space == STRICT else _RELATIONS
    folder = main.rpartition("/")[0]
    names = list(sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"'
        + (f' state="{states[name]}"' if states and name in states else "")
        + "/>"
        for n, name in enumerate(names, start=1)
    )
    links = [(f"rId{n}", "worksheet", target.format(n)) for n in range(1, len(names) + 1)]
    parts: dict[str, str] = {}
    for kind, content in (("styles", styles), ("sharedStrings", strings)):
        if content is not None:
            links.append((f"r{kind}", kind, f"{kind}.xml"))
            parts[f"{folder}/{kind}.xml".lstrip("/")] = content
    for n, name in enumerate(names, start=1):
        place = target.format(n)
        parts[place.lstrip("/") if place.startswith("/") else f"{folder}/{place}".lstrip("/")] = sheets[name]
    parts[main] = f'<workbook xmlns="{space}" xmlns:r="{relations}">{workbook}<sheets>{listed}</sheets></workbook>'
    parts[f"{folder}/_rels/{main.rpartition('/')[2]}.rels".lstrip("/")] = _write_relations(links, relations)
    parts["_rels/.rels"] = _write_relations([("rId1", "officeDocument", main)], relations)
    parts["[Content_Types].xml"] = _write_types(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo("placeholder")
            info.filename = name.replace("/", separator)  # ZipInfo itself would put the slash back
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return out.getvalue()


def _write_types(parts: Iterable[str]) -> str:
    kinds = {"workbook": "sheet.main", "styles": "styles", "sharedStrings": "sharedStrings", "sheet": "worksheet"}
    told = ""
    for name in parts:
        kind = next((k for word, k in kinds.items() if name.rpartition("/")[2].startswith(word)), "worksheet")
        kind = "package.relationships" if name.endswith(".rels") else f"officedocument.spreadsheetml.{kind}"
        told += f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-{kind}+xml"/>'
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{told}</Types>'


def _write_relations(links: Sequence[tuple[str, str, str]], relations: str) -> str:
    told = "".join(f'<Relationship Id="{i}" Type="{relations}/{kind}" Target="{to}"/>' for i, kind, to in links)
    return f'<Relationships xmlns="{_PACKAGE}">{told}</Relationships>'


def write_styles(*formats: str) -> str:
    """A part of styles: cell style 0 is general, style n shows the n-th format."""
    described = "".join(
        f'<numFmt numFmtId="{163 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(formats, start=1)
    )
    styles = "".join(f'<xf numFmtId="{163 + n}"/>' for n in range(1, len(formats) + 1))
    return (
        f'<styleSheet xmlns="{TRANSITIONAL}"><numFmts>{described}</numFmts><cellStyleXfs><xf numFmtId="14"/>'
        f'</cellStyleXfs><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'
    )
