"""A chart as an image to put in a slide or a document: PNG or SVG, with its title and where it comes from.

Drawn by vl-convert, without a browser nor a network, when the button is pressed and not before: the very specification
that the page shows. Does not live here: the charts (charts.py), their making (drawing.py).
"""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from dashboards.drawing import with_its_figures
from presentation.colours import INK, PRINT_GREY, WHITE

#: Width of the drawing in pixels, that of half a page at the sharpness of print.
WIDTH, SHARPNESS = 900, 2.0
#: Characters that a line of the title, and of what is under it, holds in that width.
_TITLE_LINE, _NOTE_LINE = 85, 125


def as_png(specification: dict[str, Any], title: str, notes: list[str]) -> bytes:
    """The image, on white. `notes`: what its figures cover, the filters, the date of the data."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(_whole(specification, title, notes), scale=SHARPNESS))


def as_svg(specification: dict[str, Any], title: str, notes: list[str]) -> bytes:
    """The same as lines and texts."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_whole(specification, title, notes))).encode()


def _whole(specification: dict[str, Any], title: str, notes: list[str]) -> dict[str, Any]:
    above = {
        "text": wrap(title, _TITLE_LINE),
        "subtitle": [line for note in notes for line in wrap(note, _NOTE_LINE)],
        "anchor": "start",
        "color": INK,
        "fontSize": 17,
        "subtitleColor": PRINT_GREY,
        "subtitleFontSize": 12,
        "subtitlePadding": 6,
        "offset": 14,
    }
    config = specification["config"] | {"font": "sans-serif"}
    look = {"title": above, "width": WIDTH, "background": WHITE, "padding": 16, "config": config}
    return with_its_figures(specification) | look
