"""Every colour of a chart, a map or a sheet, by what it is for; those of the pages' own style sheet are in dashboards/.

Does not live here: which colour a series takes (the charts), the formats of cells (looks.py).
"""

from __future__ import annotations

WHITE = "#FFFFFF"

# Charts of the pages. Contrast on white: 7.6, 5.3, 6.4, 5.6, 5.9 and 4.9 to 1.
INK = "#17262B"
BLUE, ORANGE, PURPLE, GREEN, RED, GREY = "#0B5A6B", "#A8500A", "#6A3D9A", "#3B6E22", "#B3263A", "#66757B"
#: A territory without data, the lines of a grid, and the shades of a map from little to much.
NO_DATA, GRID = "#D3D6D8", "#DDE5E7"
#: A commune that takes no part, on a map of the pages.
OUTSIDE, OUTSIDE_LINE = "#F4F6F7", "#CFD6D9"
SCALE = ["#BBDDE3", "#8DC0C9", "#559CAA", "#2C7A8A", "#0B4B59"]

# Documents to print, and their sheets.
NAVY, PRINT_BLUE, PRINT_ORANGE = "#10243E", "#2F6DA8", "#C2570C"
LIGHT, PALE, PALE_TEAL, AMBER = "#D9E3EE", "#E8EEF5", "#E3EDEF", "#FFF4CC"
PRINT_GREY, PRINT_LINE, PRINT_GRID, PRINT_AXIS = "#6B7280", "#D5DBE3", "#E5E7EB", "#9CA3AF"
PRINT_SCALE = ["#D6E4F0", "#93BBDC", "#4A86BD", "#1B4B7F"]
#: What takes no part, on a printed map.
PRINT_OUTSIDE = "#EFEFEF"
