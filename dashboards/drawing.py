"""From a chart to what the browser is sent: made once a set of figures, in French, with the project's look.

Altair copies and validates a chart at every step of its making: its shape is therefore made once, its rows and outlines
stay beside it (`Values`), it is validated by the tests (tests/unit/dashboards/test_drawing.py) and no more while a
reader waits, and what came of it is kept: by its figures, the version they are of and the rights of who reads them.
Does not live here: the charts (charts.py, maps.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import streamlit as st
from altair.utils import schemapi

from dashboards.access import Rights
from presentation.colours import GRID, INK
from presentation.format_fr import KINDS
from presentation.french import SUM_PLACES

#: Charts kept: a page draws one to five, a reader tries a few filters.
KEPT_CHARTS = 200
schemapi.disable_debug_mode()

NUMBER_LOCALE: dict[str, Any] = {
    "decimal": ",",
    "thousands": "\u202f",
    "grouping": [3],
    "currency": ["", "\u00a0€"],
    "percent": "\u00a0%",
}
TIME_LOCALE: dict[str, Any] = {
    "dateTime": "%A %e %B %Y à %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["", ""],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "shortMonths": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
}


def written(field: str, kind: str) -> str:
    """The Vega expression of the text of a figure, as its kind is written everywhere else."""
    value, one = f"datum['{field}']", KINDS[kind]
    larger = "".join(f"abs({value}) >= {size} ? ',.{digits}f' : " for size, digits in one.digits_from)
    after = f" + '{one.unit}'" if one.unit else ""
    return f"format({value}, {larger}'{one.chart}'){after}"


def with_text(chart: alt.Chart, field: str, kind: str) -> alt.Chart:
    """The chart, each row having `told`: the text of a figure, for its tooltip."""
    return chart.transform_calculate(told=written(field, kind))


@dataclass(frozen=True)
class Values:
    """Figures (a frame) or outlines (features of GeoJSON) of a chart, and the name that tells them from others: the
    same name, the same content."""

    rows: Any = field(compare=False)
    name: str


def _named(content: bytes) -> str:
    """A name that changes with the content: the browser draws again what has another name."""
    return "data-" + hashlib.sha256(content).hexdigest()[:32]


def figures(frame: pl.DataFrame) -> Values:
    """The rows of a frame: decimals as numbers, days as midnight UTC-free ISO text."""
    decimals = [name for name, kind in frame.schema.items() if kind.is_decimal()]
    floats = [name for name, kind in frame.schema.items() if kind.is_float()]
    days = [name for name, kind in frame.schema.items() if kind == pl.Date]
    plain = frame.with_columns(
        *(pl.col(name).cast(pl.Float64) for name in decimals),
        *(pl.col(name).round(SUM_PLACES) for name in floats),
        *(pl.col(name).dt.strftime("%Y-%m-%dT00:00:00") for name in days),
    )
    return Values(plain, _named(plain.write_ipc(None).getvalue()))


def features(rows: list[dict[str, Any]], told: Any) -> Values:
    """GeoJSON features; `told`: all that tells them from others, in few words (outlines are long to go through)."""
    return Values(rows, _named(json.dumps(told, sort_keys=True, default=str).encode()))


@lru_cache(maxsize=4)
def outlines(path: Path) -> Values:
    """The features of a GeoJSON file."""
    text = path.read_text(encoding="utf-8")
    return Values(json.loads(text)["features"], _named(text.encode()))


@dataclass(frozen=True)
class Shaped:
    """A chart of which Altair makes the shape once: to make it takes ten times what its figures take.

    `make`: a function of a module. `fixed`: its arguments that a page gives, always the same few. `rows`: its figures,
    by the name of their argument; `told`: what else it takes from the figures (an order, an extent), by name too.
    """

    make: Callable[..., Any]
    fixed: tuple[Any, ...]
    rows: dict[str, Values]
    told: dict[str, Any]

    def filled(self) -> dict[str, Any]:
        """The specification as Altair makes it at one go; the figures are named as their arguments are."""
        shape = _shape(self.make, self.fixed, (*self.rows,), (*self.told,))
        filled: dict[str, Any] = _filled(shape, {_hole(name): value for name, value in self.told.items()})
        return filled


def _hole(name: str) -> str:
    return f"<{name}>"


@lru_cache(maxsize=64)
def _shape(make: Callable[..., Any], fixed: tuple[Any, ...], rows: tuple[str, ...], told: tuple[str, ...]) -> Any:
    named = {name: alt.NamedData(name) for name in rows} | {name: _hole(name) for name in told}
    return make(*fixed, **named).to_dict(validate=False)


def _filled(part: Any, values: dict[str, Any]) -> Any:
    """A copy of a part of a shape, each hole being its value."""
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    return values.get(part, part) if isinstance(part, str) else part


@dataclass(frozen=True)
class Drawing:
    """A chart to be made: by which function, from what."""

    make: Callable[..., Any]
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def chart(self) -> Shaped:
        """Its shape, and what it is filled with."""
        chart: Shaped = self.make(*self.arguments, **self.options)
        return chart


def drawing(make: Callable[..., Shaped]) -> Callable[..., Drawing]:
    """A function that makes a chart, put off until it is known that the chart was not made already."""

    @wraps(make)
    def put_off(*arguments: Any, **options: Any) -> Drawing:
        return Drawing(make, arguments, options)

    return put_off


def finish(chart: Shaped, height: int) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, its figures in it, with the French locale and the project's look.

    The figures of a chart of one layer are its frame (Streamlit sends them apart), those of others are written in.
    """
    specification = chart.filled()
    if "layer" not in specification:
        specification["data"] = {"values": chart.rows[specification["data"]["name"]].rows}
    else:
        _write_in(specification, chart.rows)
    look = {"width": "container", "height": height, "background": "transparent", "config": deepcopy(_look())}
    return specification | look


def with_its_figures(specification: dict[str, Any]) -> dict[str, Any]:
    """A finished specification whose rows are all written in, to be drawn elsewhere than in a page."""
    rows = specification.get("data", {}).get("values")
    return specification | {"data": {"values": rows.to_dicts()}} if isinstance(rows, pl.DataFrame) else specification


def _write_in(part: dict[str, Any], found: dict[str, Values]) -> None:
    if "data" in part:
        rows = found[part["data"]["name"]].rows
        part["data"] = {"values": rows.to_dicts() if isinstance(rows, pl.DataFrame) else rows}
    for layer in part.get("layer", []):
        _write_in(layer, found)


@lru_cache(maxsize=1)
def _look() -> dict[str, Any]:
    chart = (
        alt.Chart()
        .mark_point()
        .configure(
            font="'Source Sans', 'Source Sans Pro', Arial, sans-serif",
            locale=alt.Locale(number=alt.NumberLocale(**NUMBER_LOCALE), time=alt.TimeLocale(**TIME_LOCALE)),
        )
        # The parts' own descriptions are English: the chart speaks by its French text and its table.
        .configure_mark(aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            aria=False,
            labelFontSize=13,
            titleFontSize=13,
            labelColor=INK,
            titleColor=INK,
            gridColor=GRID,
        )
        .configure_legend(
            aria=False,
            labelFontSize=13,
            titleFontSize=13,
            labelColor=INK,
            titleColor=INK,
            labelLimit=260,
            orient="bottom",
            # On a phone, one under the other: a second column would be cut.
            columns=alt.expr("width > 700 ? 4 : width > 430 ? 2 : 1"),
        )
        .configure_text(fontSize=13, color=INK)
    )
    return chart.config.to_dict()


def draw(picture: Drawing, alt_text: str, height: int, version: str, rights: Rights) -> dict[str, Any]:
    """Draw a chart with its text alternative. `version` and `rights`: of whose figures it is made, and for whom.

    Returns its specification, whole: what the page shows, to make an image of.
    """
    what = (picture.make.__module__, picture.make.__qualname__, picture.arguments, picture.options, height)
    specification = _made(version=version, rights=rights, what=what, _picture=picture)
    st.vega_lite_chart(specification, theme=None, width="stretch", alt=alt_text)
    return specification


@st.cache_data(max_entries=KEPT_CHARTS, show_spinner=False)
def _made(version: str, rights: Rights, what: tuple[Any, ...], _picture: Drawing) -> dict[str, Any]:
    """The finished specification. `what` is all that `_picture` is made of: its figures are part of the key."""
    return finish(_picture.chart(), what[-1])
