"""The bilan's charts as SVG, in French, drawn without a network (Vega-Lite by vl-convert).
No figures computed here, and no map (named_map.py).

People are drawn rounded to the hundred: a vector image can be measured, and no small count may be read off it.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import polars.selectors as cs
import vl_convert

from presentation.colours import INK, LIGHT, NAVY, PRINT_AXIS, PRINT_BLUE, PRINT_GRID, PRINT_ORANGE
from presentation.french import integer
from presentation.table import WITHHELD

_CONFIG = {
    "font": "sans-serif",
    "axis": {"labelFontSize": 11, "titleFontSize": 11, "gridColor": PRINT_GRID, "domainColor": PRINT_AXIS},
    "legend": {"labelFontSize": 11, "titleFontSize": 11},
    "view": {"stroke": None},
}


def burn_up(history: pl.DataFrame, projection: pl.DataFrame, target: float, title: str) -> str:
    """Cumulative values by month (day, value), the target, and the projection (day, low, median, high) when given."""
    goal = {"y": {"field": "target", "type": "quantitative"}}
    layers: list[dict[str, Any]] = []
    if projection.height:
        values, edge = _values(projection), {"color": PRINT_BLUE, "strokeWidth": 0.8}
        band = {"x": _time(), "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
        # The band has an outline and a dotted middle, the target alone is a long dash: told apart without colours.
        area = {"type": "area", "color": LIGHT, "opacity": 1.0, "line": False}
        layers.append({"data": {"values": values}, "mark": area, "encoding": band})
        for name, dash in (("low", [1, 0]), ("high", [1, 0]), ("median", [2, 2])):
            layers.append(
                {
                    "data": {"values": values},
                    "mark": {"type": "line", **edge, "strokeDash": dash},
                    "encoding": {"x": _time(), "y": {"field": name, "type": "quantitative"}},
                }
            )
    layers += [
        {
            "data": {"values": _values(history)},
            "mark": {"type": "line", "color": NAVY, "strokeWidth": 2.5},
            "encoding": {"x": _time(), "y": _amount(title)},
        },
        {
            "data": {"values": [{"target": target}]},
            "mark": {"type": "rule", "color": PRINT_ORANGE, "strokeDash": [9, 4], "strokeWidth": 2},
            "encoding": goal,
        },
        {
            "data": {"values": [{"target": target, "text": f"Objectif : {integer(target)}"}]},
            "mark": {
                "type": "text",
                "color": PRINT_ORANGE,
                "x": 4,
                "align": "left",
                "dy": 10,
                "fontSize": 12,
                "fontWeight": 600,
            },
            "encoding": {**goal, "text": {"field": "text"}},
        },
    ]
    return svg({"width": 330, "height": 165, "layer": layers})


def months(activity: pl.DataFrame, title: str) -> str:
    """One bar a month (month, value, inside: whether it is in the period; value null: withheld, marked « s »)."""
    month = {
        "field": "month",
        "timeUnit": "yearmonth",
        "type": "ordinal",
        "title": None,
        "axis": {"labelAngle": 0, "labelExpr": "timeFormat(datum.value, '%b %y')", "ticks": False},
        "scale": {"paddingInner": 0.3, "paddingOuter": 0.3},
    }
    shown, withheld = activity.drop_nulls("value"), activity.filter(pl.col("value").is_null())
    # Pale bars keep an outline, for a printer without colours; the line they stand on is drawn above them.
    bar = {"type": "bar", "stroke": NAVY, "strokeWidth": 0.8}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": _values(shown)},
            "mark": bar,
            "encoding": {
                "x": month,
                "y": _amount(title),
                "color": {"condition": {"test": "datum.inside", "value": NAVY}, "value": LIGHT},
            },
        },
        {
            "data": {"values": _values(withheld.with_columns(text=pl.lit(WITHHELD)))},
            "mark": {"type": "text", "color": INK, "fontSize": 12, "dy": -8, "baseline": "bottom"},
            "encoding": {"x": month, "y": {"datum": 0, "type": "quantitative"}, "text": {"field": "text"}},
        },
    ]
    return svg({"width": 720, "height": 120, "layer": [layer for layer in layers if layer["data"]["values"]]})


def _time() -> dict[str, Any]:
    return {"field": "day", "type": "temporal", "title": None, "axis": {"format": "%Y", "tickCount": "year"}}


def _amount(title: str) -> dict[str, Any]:
    return {"field": "value", "type": "quantitative", "title": title, "axis": {"format": ",.0f", "tickCount": 5}}


def _values(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(cs.date().dt.strftime("%Y-%m-%dT00:00:00")).to_dicts()


def svg(spec: dict[str, Any]) -> str:
    """The drawing of a Vega-Lite specification, in French."""
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "config": _CONFIG,
        **spec,
    }
    return vl_convert.vegalite_to_svg(whole, format_locale="fr-FR", time_format_locale="fr-FR")
