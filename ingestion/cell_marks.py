"""What a cell of a workbook says of itself that its text cannot: marks at its beginning, which no text may hold.

XML allows none of these characters, so that a mark is never somebody's text; in every other file they are control
characters, a bad value under any type. Does not live here: reading cells (sheet_cells), what an empty value becomes
(judging).
"""

from __future__ import annotations

ROUNDED = "\x1a"
"""At the END of a number that Excel rounded (16 digits or more): a bad value under every type."""
ERROR = "\x11"
"""Before the name of an error (`\\x11#N/A`): the cell holds no value."""
UNCALCULATED = "\x12"
"""Alone: a formula that the program which wrote the file never calculated. The cell holds no value."""
