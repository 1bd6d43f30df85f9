"""The map of the bilan as SVG: it reads in black and white, and each participating territory bears its name.

Shades from white to black say the classes; what is withheld is white, dashed, and marked « s »; what takes no part has
no line of its own. Does not live here: keeping names apart (presentation/map_names.py), charts (charts.py), figures.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from presentation.colours import INK, PRINT_OUTSIDE, PRINT_SCALE, WHITE
from presentation.map_names import Label, placed, short_name
from reporting.bilan.charts import svg

#: What the map measures, in pixels, and the room left around it.
WIDTH, HEIGHT, _MARGIN = 680.0, 600.0, 6.0
_FONT = 10.0
#: Width of a letter and height of a line, in pixels.
_LETTER, _LINE = 0.52 * _FONT, 1.05 * _FONT
#: How far a name may be moved, the nearest first.
_MOVES = sorted(((dx, dy) for dx in range(-48, 49, 8) for dy in range(-48, 49, 3)), key=lambda step: math.hypot(*step))


@dataclass(frozen=True)
class Frame:
    """The Mercator projection that fits the shapes in the map, as Vega-Lite's own: scale, middle."""

    scale: float
    longitude: float
    latitude: float

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]]) -> Frame:
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        south, north = min(y for _, y in points), max(y for _, y in points)
        wide, high = math.radians(east - west), _northing(north) - _northing(south)
        scale = min((WIDTH - 2 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / high)
        middle = (_northing(north) + _northing(south)) / 2
        return cls(scale, (west + east) / 2, math.degrees(2 * math.atan(math.exp(middle)) - math.pi / 2))

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        x = WIDTH / 2 + self.scale * math.radians(longitude - self.longitude)
        return x, HEIGHT / 2 - self.scale * (_northing(latitude) - _northing(self.latitude))


def _northing(latitude: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))


def territory_map(geojson: Path, classes: pl.DataFrame, labels: Sequence[str]) -> str:
    """The communes, those of `classes` (territory_code, territory_name, longitude, latitude, rank) in the shade of
    their rank, from 0; the rank that follows the last of `labels` is withheld."""
    shapes = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    ranks = dict(classes.select("territory_code", "rank").rows())
    kinds: dict[str, list[dict[str, Any]]] = {"out": [], "in": [], "s": []}
    for shape in shapes:
        rank = ranks.get(shape["properties"]["code_insee"])
        kind = "out" if rank is None else "s" if rank == len(labels) else "in"
        label = labels[rank] if kind == "in" and rank is not None else ""
        kinds[kind].append({"type": "Feature", "geometry": shape["geometry"], "label": label})
    frame = Frame.of([point for shape in shapes for point in _points(shape["geometry"])])
    layers = [
        _layer(kinds["out"], fill=PRINT_OUTSIDE, stroke=WHITE, strokeWidth=0.8),
        _layer(kinds["s"], fill=WHITE, stroke=INK, strokeWidth=0.9, strokeDash=[3, 2]),
        _shaded(kinds["in"], labels),
        *_names(classes, frame, len(labels)),
    ]
    return svg(
        {
            "width": WIDTH,
            "height": HEIGHT,
            "projection": {
                "type": "mercator",
                "scale": frame.scale,
                "center": [frame.longitude, frame.latitude],
                "translate": [WIDTH / 2, HEIGHT / 2],
            },
            "layer": [layer for layer in layers if layer["data"]["values"]],
        }
    )


def _points(geometry: dict[str, Any]) -> list[tuple[float, float]]:
    """Of the outer rings of a polygon or of several."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [(point[0], point[1]) for polygon in polygons for point in polygon[0]]


def _layer(values: list[dict[str, Any]], **mark: Any) -> dict[str, Any]:
    return {"data": {"values": values}, "mark": {"type": "geoshape", **mark}}


def _shaded(shapes: list[dict[str, Any]], labels: Sequence[str]) -> dict[str, Any]:
    legend = {
        "title": ["Heures de formation", "depuis le début"], "labelFontSize": 12, "titleFontSize": 12,
        "symbolType": "square", "symbolSize": 220, "symbolStrokeColor": INK, "symbolStrokeWidth": 0.9, "offset": 4,
        "orient": "bottom-left", "rowPadding": 4,
    }  # fmt: skip
    # From the palest shade to the darkest, whatever the number of classes; the legend has those that are drawn.
    last, used = len(PRINT_SCALE) - 1, {shape["label"] for shape in shapes}
    shades = [PRINT_SCALE[round(rank * last / max(len(labels) - 1, 1))] for rank in range(len(labels))]
    drawn = [(label, shade) for label, shade in zip(labels, shades, strict=True) if label in used]
    colour = {
        "field": "label", "type": "nominal", "legend": legend,
        "scale": {"domain": [label for label, _ in drawn], "range": [shade for _, shade in drawn]},
    }  # fmt: skip
    return _layer(shapes, stroke=INK, strokeWidth=0.9) | {"encoding": {"color": colour}}


def _label(text: str, x: float, y: float) -> Label:
    return Label(text, x, y, len(text) * _LETTER, _LINE)


def _names(classes: pl.DataFrame, frame: Frame, withheld: int) -> list[dict[str, Any]]:
    """The names, those of withheld territories marked « (s) »."""
    known = classes.drop_nulls(["longitude", "latitude"]).with_columns(
        mark=pl.when(pl.col("rank") == withheld).then(pl.lit(" (s)")).otherwise(pl.lit(""))
    )
    wanted = [
        _label(short_name(name) + mark, *frame.place(longitude, latitude))
        for name, mark, longitude, latitude in known.select("territory_name", "mark", "longitude", "latitude").rows()
    ]
    pixels: dict[str, Any] = {"type": "quantitative", "scale": None, "axis": None}
    values = [
        {"text": label.text, "x": label.x, "y": label.y} | dict(zip(("x1", "x2", "y1", "y2"), label.box, strict=True))
        for label in placed(wanted, _MOVES)
    ]
    # A pale ground: the names are read on every shade.
    ground = {
        "mark": {"type": "rect", "fill": WHITE, "fillOpacity": 0.82, "cornerRadius": 2},
        "encoding": {
            "x": {"field": "x1", **pixels}, "x2": {"field": "x2"},
            "y": {"field": "y1", **pixels}, "y2": {"field": "y2"},
        },
    }  # fmt: skip
    ink = {
        "mark": {"type": "text", "fontSize": _FONT, "fill": INK, "fontWeight": 600, "baseline": "middle"},
        "encoding": {"x": {"field": "x", **pixels}, "y": {"field": "y", **pixels}, "text": {"field": "text"}},
    }
    return [{"data": {"values": values}, **layer} for layer in (ground, ink)]
