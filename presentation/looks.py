"""The looks of the workbooks, as data, in xlsxwriter's own words: what a sheet adds to the cell of each kind.

Does not live here: the number format of a kind (format_fr.py), the colours (colours.py), writing cells (workbook.py),
what a workbook holds (its room).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from presentation.colours import AMBER, NAVY, PALE, PALE_TEAL, PRINT_GREY, PRINT_LINE, WHITE
from presentation.format_fr import KINDS, LEFT_KINDS

Format = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """styles: name of a style of words (title, head…) → its format; kinds: kind of a value → the format of its cell."""

    styles: Mapping[str, Format]
    kinds: Mapping[str, Format]


_PRINTED = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
_HEAD = _PRINTED | {"bold": True, "font_color": WHITE, "bg_color": NAVY, "text_wrap": True, "valign": "vcenter"}
_TOTAL = _PRINTED | {"bold": True, "bg_color": PALE, "top": 1}
_NUMBERS = {name: kind.cell for name, kind in KINDS.items()}
# Programs set in what is said to be at the left, and nothing else.
_SET_IN = {"align": "left", "indent": 1}
#: What stands at the left keeps its distance from the number before it.
_SIDES = {kind: _SET_IN if kind in LEFT_KINDS else {} for kind in _NUMBERS}

#: Documents to print: the ANCT export, the account of the mandate.
DOCUMENT = Look(
    styles={
        "title": _PRINTED | {"bold": True, "font_size": 15, "font_color": NAVY},
        "head": _HEAD | _SET_IN,
        # Over numbers, at the right as they are; a text beside a number keeps its distance.
        "head_right": _HEAD | {"align": "right"},
        "note": _PRINTED | {"font_color": PRINT_GREY, "italic": True},
        "alert": _PRINTED | {"bold": True, "bg_color": AMBER},
        "bold": _PRINTED | {"bold": True},
        "wrap": _PRINTED | _SET_IN | {"text_wrap": True},
        "total_hidden": _TOTAL | {"align": "right"},
        "hidden": _PRINTED | {"align": "right", "font_color": PRINT_GREY, "italic": True},
        **{f"total_{kind}": _TOTAL | _SIDES[kind] | {"num_format": code} for kind, code in _NUMBERS.items()},
    },
    kinds={kind: _PRINTED | _SIDES[kind] | {"num_format": code} for kind, code in _NUMBERS.items()},
)

_RULED = {"valign": "top", "bottom": 1, "bottom_color": PRINT_LINE}
_RULED_TEXT = _RULED | _SET_IN | {"num_format": "@"}
_LIST_HEAD = {"bold": True, "bg_color": NAVY, "font_color": WHITE, "text_wrap": True, "valign": "top"}
#: Lists to work through: the quality report.
LIST = Look(
    styles={
        "title": {"bold": True, "font_size": 14},
        "bold": {"bold": True},
        "head": _LIST_HEAD,
        "head_right": _LIST_HEAD,
        "plain": {"text_wrap": True, "valign": "top"},
    },
    kinds={
        "wrap": _RULED_TEXT | {"text_wrap": True},
        "text": _RULED_TEXT,
        **{name: _RULED | {"num_format": kind.cell} for name, kind in KINDS.items() if not kind.is_text},
    },
)

_PLAIN_HEAD = {"bold": True, "bg_color": PALE_TEAL, "text_wrap": True, "valign": "top"}
#: What a page shows, to work on: plain cells, in the kinds that a page names.
DOWNLOAD = Look(
    styles={
        # Set in as the texts under it: it would touch the heading of numbers before it.
        "head": _PLAIN_HEAD | _SET_IN,
        "head_right": _PLAIN_HEAD | {"align": "right"},
        "plain": {"text_wrap": True, "valign": "top"},
    },
    # A page rounds euros; a file to work on shows their cents, and a text takes the width it has.
    kinds={name: {"num_format": kind.cell} for name, kind in KINDS.items()}
    | {"euros_round": {"num_format": KINDS["euros"].cell}, "text": {"num_format": "General"} | _SET_IN},
)
