"""The bilan's charts as SVG, in French, drawn without a network (Vega-Lite by vl-convert). No figures computed here.

People are drawn rounded to the hundred: a vector image can be measured, and no small count may be read off it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
import vl_convert

from presentation.colours import (
    LIGHT,
    NAVY,
    PRINT_AXIS,
    PRINT_BLUE,
    PRINT_GRID,
    PRINT_ORANGE,
    PRINT_OUTSIDE,
    PRINT_SCALE,
    PRINT_WITHHELD,
)
from presentation.french import integer

_CONFIG = {
    "font": "sans-serif",
    "axis": {"labelFontSize": 11, "titleFontSize": 11, "gridColor": PRINT_GRID, "domainColor": PRINT_AXIS},
    "legend": {"labelFontSize": 11, "titleFontSize": 11},
    "view": {"stroke": None},
}


def burn_up(history: pl.DataFrame, projection: pl.DataFrame, target: float, title: str) -> str:
    """Cumulative values by month (day, value), the target, and the projection (day, low, median, high) when given."""
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": _values(history)},
            "mark": {"type": "line", "color": NAVY, "strokeWidth": 2.5},
            "encoding": {"x": _time(), "y": _amount(title)},
        },
        {
            "data": {"values": [{"target": target}]},
            "mark": {"type": "rule", "color": PRINT_ORANGE, "strokeDash": [6, 4], "strokeWidth": 1.5},
            "encoding": {"y": {"field": "target", "type": "quantitative"}},
        },
        {
            "data": {"values": [{"target": target, "text": f"Objectif : {integer(target)}"}]},
            "mark": {"type": "text", "color": PRINT_ORANGE, "x": 4, "align": "left", "dy": 9, "fontSize": 11},
            "encoding": {"y": {"field": "target", "type": "quantitative"}, "text": {"field": "text"}},
        },
    ]
    if projection.height:
        band = {"x": _time(), "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
        values = _values(projection)
        layers += [
            {
                "data": {"values": values},
                "mark": {"type": "area", "color": PRINT_BLUE, "opacity": 0.2},
                "encoding": band,
            },
            {
                "data": {"values": values},
                "mark": {"type": "line", "color": PRINT_BLUE, "strokeDash": [3, 3]},
                "encoding": {"x": _time(), "y": {"field": "median", "type": "quantitative"}},
            },
        ]
    return _svg({"width": 330, "height": 190, "layer": layers})


def months(activity: pl.DataFrame, title: str) -> str:
    """One bar a month (month, value, inside: whether it is in the period)."""
    return _svg(
        {
            "width": 720,
            "height": 150,
            "data": {"values": _values(activity)},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {
                    "field": "month",
                    "timeUnit": "yearmonth",
                    "type": "ordinal",
                    "title": None,
                    "axis": {"labelAngle": 0, "labelExpr": "timeFormat(datum.value, '%b %y')"},
                },
                "y": _amount(title),
                "color": {"condition": {"test": "datum.inside", "value": NAVY}, "value": LIGHT},
            },
        }
    )


def territory_map(geojson: Path, classes: pl.DataFrame, labels: list[str]) -> str:
    """The communes; those of `classes` (territory_code, rank 0-3, or -1 where withheld) coloured, the others grey."""
    shapes = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    ranks = dict(classes.select("territory_code", "rank").rows())
    names = [*labels, "Masqué (secret statistique)", "Non participant"]
    inside = [
        {**shape, "properties": {"label": names[ranks.get(shape["properties"]["code_insee"], len(labels) + 1)]}}
        for shape in shapes
    ]
    used = [name for name in names if any(shape["properties"]["label"] == name for shape in inside)]
    colours = dict(zip(names, [*PRINT_SCALE, PRINT_WITHHELD, PRINT_OUTSIDE], strict=True))
    return _svg(
        {
            "width": 520,
            "height": 440,
            "data": {"values": inside},
            "projection": {"type": "mercator"},
            "mark": {"type": "geoshape", "stroke": PRINT_AXIS, "strokeWidth": 0.4},
            "encoding": {
                "color": {
                    "field": "properties.label",
                    "type": "nominal",
                    "title": ["Heures de formation", "depuis le début"],
                    "legend": {"labelFontSize": 13, "titleFontSize": 13, "symbolSize": 160, "offset": 8},
                    "scale": {"domain": used, "range": [colours[name] for name in used]},
                }
            },
        }
    )


def _time() -> dict[str, Any]:
    return {"field": "day", "type": "temporal", "title": None, "axis": {"format": "%Y", "tickCount": "year"}}


def _amount(title: str) -> dict[str, Any]:
    return {"field": "value", "type": "quantitative", "title": title, "axis": {"format": ",.0f", "tickCount": 5}}


def _values(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(cs.date().dt.strftime("%Y-%m-%dT00:00:00")).to_dicts()


def _svg(spec: dict[str, Any]) -> str:
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "config": _CONFIG,
        **spec,
    }
    return vl_convert.vegalite_to_svg(whole, format_locale="fr-FR", time_format_locale="fr-FR")
