"""A text from a file we received must never run as a formula in somebody's spreadsheet.

Shared by every writer of CSV and XLSX. Does not live here: number formats, layouts, what a report says.

- CSV: pass every text through `neutralise` (or `neutralise_column` in a Polars frame); numbers stay numbers.
- XLSX: open the workbook with `SAFE_WORKBOOK` as its options and write texts with `write_text`, numbers with
  `write_number`. Nothing is prefixed there: a cell typed as text is never evaluated, and reads as it was received.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from presentation.plain_text import ACTING, INVISIBLE

if TYPE_CHECKING:
    import polars as pl

# OWASP « CSV injection »: = + - @, tab and carriage return. What shows nothing before the sign does not protect: the
# import of a spreadsheet drops it, or a person does. Nor does another writing of the sign (wide, small, raised), which
# some fold into it; U+2212 is the minus of LibreOffice.
_EQUALS = "=＝﹦⁼₌⩵⩶"
_SIGNS = rf"{_EQUALS}+\-@|%＋－＠｜％﹢﹣﹪﹫⁺₊⁻₋﬩−"
_DANGEROUS = f"^[{INVISIBLE}]*[{_SIGNS}]|^[\t\r\n]"
# Inside a text too, after what a spreadsheet set to another separator takes for the end of a cell: `Café;=1+1` in a
# file of commas that a French Excel opens. An equals sign always; another one where it begins what would run.
_CELL_ENDS = r",;\t\r\n"
_INNER = rf"([{_CELL_ENDS}][{INVISIBLE}]*)([{_EQUALS}]|[{_SIGNS}][^{_CELL_ENDS}]*?(?:\w\(|[|!]))"
_PLAIN_NUMBER = r"^[+\-−]?\d[\d\u00a0\u202f ]*([.,]\d+)?$"
#: Dropped: what drives a terminal, or turns letters round.
_CONTROL = f"[{ACTING}]"
_FORMULA = re.compile(_DANGEROUS)
_FORMULA_INSIDE = re.compile(_INNER)
_NUMBER = re.compile(_PLAIN_NUMBER)
_UNWRITABLE = re.compile(_CONTROL)

EXCEL_MAX_TEXT = 32_767

#: Options of xlsxwriter.Workbook: no string becomes a formula, a link or a number by its looks.
SAFE_WORKBOOK: dict[str, Any] = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def neutralise(text: str | None) -> str:
    """The text as a CSV cell a spreadsheet shows and never evaluates: an apostrophe before what looks like a formula,
    where it begins the cell or what another separator would make one.

    A plain signed number (-12,50) is left as it is. None becomes the empty text; control characters are dropped.
    """
    if text is None:
        return ""
    kept = _FORMULA_INSIDE.sub(r"\1'\2", _UNWRITABLE.sub("", text))
    return f"'{kept}" if _FORMULA.match(kept) and not _NUMBER.match(kept.strip()) else kept


def neutralise_column(column: pl.Expr) -> pl.Expr:
    """`neutralise` for a text column of a Polars frame; NULL stays NULL (an empty CSV cell)."""
    import polars as pl

    kept = column.str.replace_all(_CONTROL, "").str.replace_all(_INNER, "${1}'${2}")
    risky = kept.str.contains(_DANGEROUS) & ~kept.str.strip_chars().str.contains(_PLAIN_NUMBER)
    # Prefixed in place, so that the column keeps its name.
    return pl.when(risky).then(kept.str.replace("^", "'")).otherwise(kept)


def write_text(sheet: Any, row: int, column: int, text: str | None, style: Any = None) -> None:
    """Write a text cell of an xlsxwriter sheet (zero-based), typed as text whatever it looks like."""
    kept = _UNWRITABLE.sub("", text or "")[:EXCEL_MAX_TEXT]
    if kept:
        sheet.write_string(row, column, kept, style)
    else:
        sheet.write_blank(row, column, None, style)
