"""The charts: Altair specifications in French, with the project's own colours. No request leaves the browser.

Every chart is drawn by `Page.draw` (frame.py), which asks for its text alternative and its table, a map by
`Page.picture`, its table beside it. Series differ by their shape or their label, never by colour alone. Does not live
here: the map of the territories (maps.py), the numbers (queries.py), the way from a chart to the browser (drawing.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import altair as alt
import polars as pl

from dashboards.drawing import Shaped, drawing, figures, outlines, with_text, written
from dashboards.maps import round_step
from presentation.colours import BLUE, GREEN, GREY, INK, NO_DATA, ORANGE, PURPLE, RED, WHITE
from presentation.format_fr import KINDS

PALETTE = [BLUE, ORANGE, PURPLE, GREEN, RED, GREY]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [10, 4]]

#: What the words at the end of a bar take, in pixels: « 345 360 », « 3 453 600 € », « 18 440 (55,6 %) ».
ROOM, ROOM_OF_EUROS, ROOM_OF_SHARES = 75, 95, 125
BAND = ("low", "median", "high")
FACTS, MEDIAN = "Constaté", "Projection : médiane et fourchette"
#: The two curves of the burn-up, told apart by their dash as well as by their colour.
CURVE_COLOUR = alt.Color(
    "series:N", scale=alt.Scale(domain=[FACTS, MEDIAN], range=[BLUE, ORANGE]), legend=alt.Legend(title=None)
)
CURVE_DASH = alt.StrokeDash(
    "series:N", scale=alt.Scale(domain=[FACTS, MEDIAN], range=[[1, 0], [6, 4]]), legend=alt.Legend(title=None)
)

MONTH_AXIS = alt.Axis(
    format="%b %Y", labelAngle=0, tickCount=6, title=None, grid=False, labelOverlap="greedy", labelSeparation=8
)


def _amount_axis(kind: str, title: str) -> alt.Axis:
    """A vertical axis: its unit in words above it, whole ticks only (half ones would all round to the same number)."""
    is_share = kind.endswith("share")
    return alt.Axis(
        format=".0%" if is_share else "$,.0f" if kind.startswith("euros") else ",.0f",
        title=title,
        titleAngle=0,
        titleAlign="left",
        titleAnchor="end",
        titleX=0,
        titleY=-14,
        titleLimit=340,
        titleFontWeight="normal",
        tickCount=6,
        tickMinStep=0.01 if is_share else 1,
    )


@drawing
def burn_up(
    actual: pl.DataFrame, projected: pl.DataFrame, target: float | None, target_label: str, kind: str, label: str
) -> Shaped:
    """The total since the start (line), its projection (dashes) and band, the target (rule).

    `actual`: date_day, value; `projected`: target_on, low, median, high, may be empty.
    """
    rows = {"actual": figures(actual.with_columns(series=pl.lit(FACTS)))}
    if not projected.is_empty():
        # The projection starts where the facts end.
        end = actual.tail(1).select(pl.col("date_day").alias("target_on"), *(pl.col("value").alias(n) for n in BAND))
        projected = pl.concat([end, projected.select("target_on", *BAND)], how="vertical_relaxed")
        rows["future"] = figures(projected.with_columns(series=pl.lit(MEDIAN)))
    if target is not None:
        rows["goal"] = figures(pl.DataFrame({"target": [target], "text": [target_label]}))
    return Shaped(_burn_up, (kind, label), rows, {})


def _burn_up(kind: str, label: str, *, actual: Any, future: Any = None, goal: Any = None) -> Any:
    y_axis = _amount_axis(kind, label)
    base = with_text(alt.Chart(actual), "value", kind)
    base = base.encode(x=alt.X("date_day:T", axis=MONTH_AXIS), y=alt.Y("value:Q", axis=y_axis))
    told = {} if future is None else {"color": CURVE_COLOUR, "strokeDash": CURVE_DASH}
    tip = [
        alt.Tooltip("date_day:T", title="Jour", format="%d/%m/%Y"),
        alt.Tooltip("told:N", title=label),
    ]
    layers = [base.mark_line(strokeWidth=3, color=BLUE).encode(tooltip=tip, **told)]
    if future is not None:
        tip = [alt.Tooltip("target_on:T", title="Projection au", format="%d/%m/%Y")] + [
            alt.Tooltip(f"{name}:Q", title=title, format=",.0f")
            for name, title in (("low", "Borne basse (10 %)"), ("median", "Médiane"), ("high", "Borne haute (90 %)"))
        ]
        ahead = alt.Chart(future).encode(x=alt.X("target_on:T", axis=MONTH_AXIS), tooltip=tip)
        layers += [
            ahead.mark_area(color=ORANGE, opacity=0.22).encode(y=alt.Y("low:Q", axis=y_axis), y2="high:Q"),
            ahead.mark_line(strokeWidth=2.5).encode(y=alt.Y("median:Q", axis=y_axis), **told),
        ]
    if goal is not None:
        aim = alt.Chart(goal)
        layers.append(aim.mark_rule(color=INK, strokeDash=[2, 3], strokeWidth=1.5).encode(y="target:Q"))
        layers.append(
            aim.mark_text(align="left", dy=11, dx=4, fontSize=13, fontWeight=600).encode(
                x=alt.value(0), y="target:Q", text="text:N"
            )
        )
    return alt.layer(*layers)


@drawing
def bars(
    frame: pl.DataFrame,
    category: str,
    value: str,
    kind: str,
    label: str,
    order: list[str] | None = None,
    share: str | None = None,
) -> Shaped:
    """Horizontal bars in the order of the rows, unless `order` gives another; the value written at the end of each,
    and in brackets what part it is, where `share` names it."""
    longest = _largest(frame[value]) or 1.0
    # Bars and their words are two layers, which Vega sorts by a list alone.
    told = {"order": order or frame[category].to_list(), "longest": longest}
    return Shaped(_bars, (category, value, kind, label, share), {"rows": figures(frame)}, told)


def _bars(
    category: str, value: str, kind: str, label: str, share: str | None, *, rows: Any, order: Any, longest: Any
) -> Any:
    # Room on the right, in pixels, for the value written at the end of the longest bar: a phone has no more of it.
    room = ROOM_OF_SHARES if share else ROOM_OF_EUROS if kind.startswith("euros") else ROOM
    ends: list[Any] = [0, alt.expr(f"width > {room + 40} ? width - {room} : 40")]
    base = with_text(alt.Chart(rows), value, kind).encode(
        y=alt.Y(f"{category}:N", sort=order, axis=alt.Axis(title=None, labelLimit=300, ticks=False)),
        x=alt.X(f"{value}:Q", axis=None, scale=alt.Scale(domain=[0, longest], range=ends)),
        tooltip=[
            alt.Tooltip(f"{category}:N", title="Catégorie"),
            alt.Tooltip("told:N", title=label),
        ],
    )
    amount = written(value, kind)
    part = f"isValid(datum['{share}']) ? ' (' + format(datum['{share}'], '{KINDS['people_share'].chart}') + ')' : ''"
    words = amount if share is None else f"{amount} + ({part})"
    text = base.transform_calculate(written=words).mark_text(align="left", dx=5).encode(text="written:N")
    return base.mark_bar(color=BLUE, height={"band": 0.72}) + text


def _span_tip(quarters: bool) -> alt.Tooltip:
    """What a tooltip says of the month, or of the quarter that it begins."""
    if quarters:
        return alt.Tooltip("month:T", title="Trimestre", format="T%q %Y")
    return alt.Tooltip("month:T", title="Mois", format="%B %Y")


@drawing
def columns_by_month(frame: pl.DataFrame, value: str, kind: str, label: str, quarters: bool = False) -> Shaped:
    """One column a month, or a quarter given by its first month; « s » at the foot of one that is withheld (null)."""
    rows = {"months": figures(frame)}
    withheld = frame.filter(pl.col(value).is_null())
    if not withheld.is_empty() and withheld.height < frame.height:
        rows["feet"] = figures(withheld.select("month", foot=pl.lit(0.0), text=pl.lit("s")))
    return Shaped(_columns, (value, kind, label, quarters), rows, {})


def _columns(value: str, kind: str, label: str, quarters: bool, *, months: Any, feet: Any = None) -> Any:
    unit: Literal["yearquarter", "yearmonth"] = "yearquarter" if quarters else "yearmonth"
    axis = alt.X("month:T", timeUnit=unit, axis=MONTH_AXIS)
    bars = (
        with_text(alt.Chart(months), value, kind)
        .mark_bar(color=BLUE)
        .encode(
            x=axis,
            y=alt.Y(f"{value}:Q", axis=_amount_axis(kind, f"{label}, par {'trimestre' if quarters else 'mois'}")),
            tooltip=[
                _span_tip(quarters),
                alt.Tooltip("told:N", title=label),
            ],
        )
    )
    if feet is None:
        return bars
    mark = alt.Chart(feet).mark_text(baseline="bottom", dy=-1, fontSize=11, color=INK)
    # In the middle of the month or the quarter, where its column would be.
    middle = alt.X("month:T", timeUnit=unit, axis=MONTH_AXIS, bandPosition=0.5)
    return bars + mark.encode(
        x=middle,
        y="foot:Q",
        text="text:N",
        tooltip=[alt.Tooltip("month:T", title="Secret statistique", format="%B %Y")],
    )


@drawing
def lines_by_month(
    frame: pl.DataFrame,
    value: str,
    series: str,
    kind: str,
    label: str,
    steps: bool = False,
    quarters: bool = False,
) -> Shaped:
    """One line a series, each with its own dash: told apart without colour. `steps`: a total that moves by jumps;
    `quarters`: a point a quarter, given by its first month."""
    return Shaped(_lines, (value, series, kind, label, steps, quarters), {"months": figures(frame)}, {})


def _lines(value: str, series: str, kind: str, label: str, steps: bool, quarters: bool, *, months: Any) -> Any:
    return (
        with_text(alt.Chart(months), value, kind)
        .mark_line(strokeWidth=2.5, interpolate="step-after" if steps else "linear")
        .encode(
            x=alt.X("month:T", axis=MONTH_AXIS),
            y=alt.Y(f"{value}:Q", axis=_amount_axis(kind, label)),
            color=alt.Color(f"{series}:N", scale=alt.Scale(range=PALETTE), legend=alt.Legend(title=None)),
            strokeDash=alt.StrokeDash(f"{series}:N", scale=alt.Scale(range=DASHES), legend=alt.Legend(title=None)),
            tooltip=[
                alt.Tooltip(f"{series}:N", title="Série"),
                _span_tip(quarters),
                alt.Tooltip("told:N", title=label),
            ],
        )
    )


@drawing
def lieu_map(geojson: Path, frame: pl.DataFrame) -> Shaped:
    """The Métropole in grey and a circle a lieu, its area the passes used; a cross for a lieu without activity.

    `frame`: lieu_name, territory_name, longitude, latitude, passes_used.
    """
    points = figures(frame.select("lieu_name", "territory_name", "longitude", "latitude", "passes_used"))
    step = round_step((_largest(frame["passes_used"]) or 1.0) / 3)
    return Shaped(_lieu_map, (), {"ground": outlines(geojson), "points": points}, {"sizes": [step, 2 * step, 3 * step]})


def _lieu_map(*, ground: Any, points: Any, sizes: Any) -> Any:
    land = alt.Chart(ground).mark_geoshape(fill=NO_DATA, stroke=WHITE, strokeWidth=0.7)
    lieux = alt.Chart(points).encode(
        longitude="longitude:Q",
        latitude="latitude:Q",
        tooltip=[
            alt.Tooltip("lieu_name:N", title="Lieu"),
            alt.Tooltip("territory_name:N", title="Territoire"),
            alt.Tooltip("passes_used:Q", title="Pass utilisés", format=",.0f"),
        ],
    )
    size = alt.Size(
        "passes_used:Q",
        scale=alt.Scale(range=[15, 500], zero=True),
        legend=alt.Legend(
            title="Pass utilisés (croix : aucun)", format=",.0f", orient="bottom", columns=3, values=sizes
        ),
    )
    active = lieux.transform_filter("datum.passes_used > 0").mark_circle(
        color=BLUE, opacity=0.75, stroke=WHITE, strokeWidth=1
    )
    idle = lieux.transform_filter("datum.passes_used == 0").mark_point(
        shape="cross", color=RED, filled=True, size=70, opacity=1
    )
    return (land + active.encode(size=size) + idle).project("mercator")


@drawing
def points_by_build(frame: pl.DataFrame, value: str, series: str, label: str) -> Shaped:
    """A point a build and series, oldest first, one shape a series. `frame`: build (text), `series`, `value`."""
    most = max(1, int(_largest(frame[value])))
    return Shaped(_points, (value, series, label), {"builds": figures(frame)}, {"most": most})


def _points(value: str, series: str, label: str, *, builds: Any, most: Any) -> Any:
    return (
        alt.Chart(builds)
        .mark_point(size=110, filled=True, opacity=0.9)
        .encode(
            x=alt.X("build:N", sort=None, axis=alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", grid=False)),
            y=alt.Y(
                f"{value}:Q",
                axis=alt.Axis(format=",.0f", title=None, tickMinStep=1),
                scale=alt.Scale(domain=[0, most]),
            ),
            color=alt.Color(f"{series}:N", scale=alt.Scale(range=PALETTE), legend=alt.Legend(title=None)),
            shape=alt.Shape(f"{series}:N", legend=alt.Legend(title=None)),
            tooltip=[
                alt.Tooltip("build:N", title="Passage du"),
                alt.Tooltip(f"{series}:N", title="Série"),
                alt.Tooltip(f"{value}:Q", title=label, format=",.0f"),
            ],
        )
    )


def _largest(values: pl.Series) -> float:
    """The largest value of a column of numbers, 0 where it has none."""
    found: Any = values.max()
    return float(found or 0)
