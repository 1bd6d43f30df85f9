"""Characters of a received text that act instead of being read: on a terminal, on the order of letters, before a sign.

Does not live here: what a spreadsheet would run (safe_cells.py), the words of a report.
"""

from __future__ import annotations

import re

#: What shows nothing: blanks, controls, joiners, soft hyphens, marks of direction, fillers, selectors. The two ends of
#: each run (Unicode's Cc, Cf, Z* and Default_Ignorable; the test computes them anew).
_INVISIBLE_RUNS = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD),
    (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2), (0x115F, 0x1160), (0x1680, 0x1680), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x110BD, 0x110BD),
    (0x110CD, 0x110CD), (0x13430, 0x13438), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
#: What drives a terminal (ESC and the other controls, C1 included) or turns the order of letters round.
_ACTING_RUNS = ((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069))


def _set_of(runs: tuple[tuple[int, int], ...]) -> str:
    """The inside of a set of characters, for Python's expressions and for Rust's."""
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)


INVISIBLE = _set_of(_INVISIBLE_RUNS)
ACTING = _set_of(_ACTING_RUNS)
# a byte of a file's name that is no UTF-8 is half a pair for Python, and nothing can write it
_ACTING = re.compile(f"[{ACTING}\u061c\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n]")


def plain(text: str) -> str:
    """The text with � for each character that would act or cannot be written; tabs and ends of lines stay."""
    return _ACTING.sub("\ufffd", text)


def plain_name(text: str) -> str:
    """`plain` for a name, which has one line."""
    return _BREAKS.sub("\ufffd", plain(text))
