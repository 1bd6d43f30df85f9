"""What a cell of a workbook says of itself that its text cannot: marks that no text may hold.

XML allows none of these characters, so that a mark is never somebody's text; in every other file they are control
characters, a bad value under any type. Only Python itself: who opens workbooks (sheet_process) imports nothing heavy.
Does not live here: reading cells (sheet_cells), what an empty value becomes (nothing, judging).
"""

from __future__ import annotations

ROUNDED_MARK = "\x1a"
"""At the end of a number that Excel rounded (16 digits or more): a bad value under every type."""
ERROR_MARK = "\x1aerreur:"
"""Before the name of an error (`#REF!`): the cell holds no value."""
UNCALCULATED_MARK = "\x1aformule"
"""Alone: a formula that the program which wrote the file never calculated. The cell holds no value."""
DAY_MARK = "\x1ajour"
"""At the end of a day (ISO 8601) that the sheet holds as a number with the format of a date."""
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Days of 1954 to 2119: a 12, a 90 or a 2022 in a column of dates is a mistake, not a day of 1900 or 1905."""


def show_cell(text: str) -> str:
    """A cell as Excel shows it, without its marks."""
    if text == UNCALCULATED_MARK:
        return ""
    return text.removeprefix(ERROR_MARK).removesuffix(DAY_MARK).removesuffix(ROUNDED_MARK)
