"""The map of the territories: five classes whose bounds no filter moves, names, a legend of what has no colour.

Does not live here: the map of the lieux (charts.py), the way to the browser (drawing.py), the figures (queries*.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from dashboards.drawing import Shaped, Values, drawing, features, figures, outlines, with_text
from presentation import map_names
from presentation.colours import INK, NO_DATA, OUTSIDE, OUTSIDE_LINE, SCALE, WHITE
from presentation.map_names import Label, short_name

#: What a territory without a colour is, and how it is drawn (the classes of static/style.css).
OUT_OF_PROGRAMME, LEFT_OUT, SECRET, UNKNOWN = "hors programme", "retiré par les filtres", "secret", "sans donnée"
_SQUARES = {OUT_OF_PROGRAMME: "pn-out", LEFT_OUT: "pn-left", SECRET: "pn-secret", UNKNOWN: "pn-secret"}


#: The map as a page draws it: pixels of a degree of latitude, of a letter of a name, of a line of them; how far a name
#: may be moved, up or down, nearest first.
_PIXELS_A_DEGREE, _LETTER, _LINE = 1770, 6.0, 12.0
_MOVES = [(0.0, lines * _LINE) for lines in (0, -0.5, 0.5, -0.8, 0.8, -1, 1, -1.4, 1.4, -2, 2)]


def round_step(width: float, smallest: float = 1) -> float:
    """The width of a class of the map, from the exact one: a round number (1, 2, 2.5 or 5 times a power of ten
    for an amount), `smallest` at least."""
    if width <= 0:
        return smallest
    power = 10.0 ** math.floor(math.log10(width))
    sizes = (1, 2, 2.5, 5, 10) if smallest >= 1 else (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    step = next(size * power for size in sizes if size * power >= width * 0.999)
    return max(smallest, round(step) if smallest >= 1 else step)


def bounds(values: Sequence[float | None], kind: str, from_zero: bool) -> list[float]:
    """The bounds between the classes, of the figures of ALL the territories: a filter never moves them.

    `from_zero`: an amount begins at nothing; a rate, where the least of them is.
    """
    known = [value for value in values if value is not None]
    first, last = (min(known), max(known)) if known else (0.0, 0.0)
    low = 0.0 if from_zero else first
    smallest = {"share": 0.01, "rate": 0.001, "euros": 0.1}.get(kind, 1)
    step = round_step((last - low) / len(SCALE), smallest)
    start = math.floor(low / step + 1e-9) * step
    return [round(start + step * place, 6) for place in range(1, len(SCALE))]


@drawing
def territory_map(
    geojson: Path, frame: pl.DataFrame, value: str, kind: str, label: str, classes: Sequence[float]
) -> Shaped:
    """The Métropole pale, its participating territories above: coloured, withheld (grey), left out by a filter (dashed
    outline). `frame`: every participating territory, with territory_code, territory_name, longitude, latitude, is_shown
    and `value` (null: withheld or no data). `classes`: their bounds (`bounds`).
    """
    rows = {row["territory_code"]: row for row in frame.to_dicts()}
    kinds: dict[str, list[dict[str, Any]]] = {"known": [], "secret": [], "left": []}
    for shape in outlines(geojson).rows:
        row = rows.get(shape["properties"]["code_insee"])
        if row is None:
            continue
        named = {"type": "Feature", "geometry": shape["geometry"], "nom": row["territory_name"]}
        if not row["is_shown"]:
            kinds["left"].append(named)
        elif row[value] is None:
            kinds["secret"].append(named)
        else:
            kinds["known"].append(named | {"mesure": float(row[value])})
    parts = {"ground": outlines(geojson)} | {name: _shapes(geojson, shapes) for name, shapes in kinds.items() if shapes}
    placed = frame.filter(pl.col("longitude").is_not_null()).select("territory_name", "longitude", "latitude")
    if placed.height:
        parts["names"] = figures(apart(placed))
    told = {"classes": list(classes), "form": legend_format(kind, classes)} if kinds["known"] else {}
    return Shaped(_territory_map, (kind, label), parts, told)


def _territory_map(
    kind: str,
    label: str,
    *,
    ground: Any,
    left: Any = None,
    secret: Any = None,
    known: Any = None,
    names: Any = None,
    classes: Any = None,
    form: Any = None,
) -> Any:
    layers = [
        alt.Chart(ground)
        .mark_geoshape(fill=OUTSIDE, stroke=OUTSIDE_LINE, strokeWidth=0.6)
        .encode(tooltip=[alt.Tooltip("properties.nom:N", title="Hors programme")])
    ]
    if left is not None:
        layers.append(_outlined(left, WHITE, [3, 2], "Retiré par les filtres"))
    if secret is not None:
        layers.append(_outlined(secret, NO_DATA, [1, 0], "Secret statistique ou sans donnée"))
    if known is not None:
        layers.append(_coloured(known, kind, label, classes, form))
    if names is not None:
        layers += _names(names)
    return alt.layer(*layers).project("mercator")


def _outlined(shapes: Any, fill: str, dash: list[int], told: str) -> Any:
    mark = alt.Chart(shapes).mark_geoshape(fill=fill, stroke=INK, strokeWidth=0.9, strokeDash=dash)
    return mark.encode(tooltip=[alt.Tooltip("nom:N", title=told)])


def _coloured(shapes: Any, kind: str, label: str, classes: Any, form: Any) -> Any:
    legend = alt.Legend(title=label, format=form, orient="bottom", gradientLength=280, titleLimit=420)
    scale = alt.Scale(type="threshold", domain=classes, range=SCALE)
    return (
        with_text(alt.Chart(shapes), "mesure", kind)
        .mark_geoshape(stroke=INK, strokeWidth=0.9)
        .encode(
            color=alt.Color("mesure:Q", scale=scale, legend=legend),
            tooltip=[
                alt.Tooltip("nom:N", title="Territoire"),
                alt.Tooltip("told:N", title=label),
            ],
        )
    )


def legend_format(kind: str, classes: Sequence[float]) -> str:
    """How the bounds are written: all with the decimals that one of them needs, two at most (0,24 beside 0,30)."""
    if kind not in ("rate", "euros"):
        return {"share": ".0%", "euros_round": "$,.0f"}.get(kind, ",.0f")
    needed = next(digits for digits in (0, 1, 2) if digits == 2 or all(round(one, digits) == one for one in classes))
    return f"{'$' if kind == 'euros' else ''},.{needed}f"


def apart(placed: pl.DataFrame) -> pl.DataFrame:
    """The names of the territories (territory_name, longitude, latitude), shortened (texte); those that would touch are
    moved up or down, two lines at most."""
    labels = [
        Label(
            short_name(name),
            longitude * _PIXELS_A_DEGREE * math.cos(math.radians(latitude)),
            -latitude * _PIXELS_A_DEGREE,
            len(short_name(name)) * _LETTER,
            _LINE,
        )
        for name, longitude, latitude in placed.select("territory_name", "longitude", "latitude").rows()
    ]
    kept = map_names.placed(labels, _MOVES)
    return pl.DataFrame(
        {
            "texte": [label.text for label in kept],
            "longitude": placed["longitude"],
            "latitude": [-label.y / _PIXELS_A_DEGREE for label in kept],
        },
        schema_overrides={"texte": pl.String, "latitude": pl.Float64},
    )


def _names(placed: Any) -> list[Any]:
    """The names, in ink on a white edge: they are read on every shade. None on a screen too narrow to read them."""
    wide = alt.expr("width > 430 ? 1 : 0")
    base = alt.Chart(placed).encode(longitude="longitude:Q", latitude="latitude:Q", text="texte:N")
    size = alt.expr("width > 620 ? 10.5 : 9")
    edge = base.mark_text(stroke=WHITE, strokeWidth=3, strokeJoin="round", fontSize=size, opacity=wide)
    return [edge, base.mark_text(color=INK, fontWeight=600, fontSize=size, opacity=wide)]


def _shapes(geojson: Path, shapes: list[dict[str, Any]]) -> Values:
    told = [{name: value for name, value in shape.items() if name != "geometry"} for shape in shapes]
    return features(shapes, [str(geojson), told])


def legend(frame: pl.DataFrame, value: str, is_protected: bool) -> str:
    """HTML: what the territories without a colour are, those that the map shows."""
    shown = frame.filter("is_shown")
    named = [OUT_OF_PROGRAMME]
    named += [LEFT_OUT] if shown.height < frame.height else []
    named += [SECRET if is_protected else UNKNOWN] if shown[value].has_nulls() else []
    squares = "".join(
        f'<li><span class="pn-square {_SQUARES[name]}" aria-hidden="true"></span>{escape(name)}</li>' for name in named
    )
    return f'<ul class="pn-legend" aria-label="Sans couleur sur la carte">{squares}</ul>'
