"""Charts are valid, hold the figures they are given, and are made once a set of figures, a version and a reader."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl
import pytest

from dashboards import charts, drawing, maps
from dashboards.access import TEAM, Rights
from dashboards.chart_files import as_svg
from dashboards.drawing import Drawing, Shaped, finish
from presentation import format_fr
from programme.config import load_geography
from tests.unit.dashboards.test_chart_files import texts

GEOJSON = load_geography()["communes_geojson"]
DAYS = pl.DataFrame({"date_day": [date(2022, 1, 2), date(2022, 1, 9)], "value": [1.0, 3.5]})
AHEAD = pl.DataFrame(
    {"target_on": [date(2022, 6, 30)], "low": [4.0], "median": [5.0], "high": [6.0]},
    schema_overrides={"low": pl.Float64},
)
MONTHS = pl.DataFrame(
    {
        "month": [date(2022, 1, 1), date(2022, 2, 1)],
        "hours": [12.5, 3.0],
        "name": ["Vincennes", "Montreuil"],
        "amount": [Decimal("10.50"), Decimal("0.00")],
    }
)
PLACES = pl.DataFrame(
    {
        "lieu_name": ["A", "B"],
        "territory_name": ["Vincennes", "Montreuil"],
        "longitude": [2.43, 2.44],
        "latitude": [48.84, 48.86],
        "passes_used": [10, 0],
    }
)
TERRITORIES = pl.DataFrame(
    {
        "territory_code": ["94080", "93048", "93066"],
        "territory_name": ["Vincennes", "Montreuil", "Saint-Denis"],
        "people": [31, None, 40],
        "longitude": [2.43, 2.44, 2.35],
        "latitude": [48.84, 48.86, 48.93],
        "is_shown": [True, True, False],
    }
)
CLASSES = [10.0, 20.0, 30.0, 40.0]
BUILDS = pl.DataFrame({"build": ["a", "b"], "series": ["x", "x"], "value": [1, 2]})
DRAWINGS = {
    "burn_up": charts.burn_up(DAYS, AHEAD, 10.0, "objectif", "hours", "Heures"),
    "burn_up_without_projection": charts.burn_up(DAYS, AHEAD.clear(), None, "", "hours", "Heures"),
    "bars": charts.bars(MONTHS, "name", "amount", "euros", "Montant", order=["Montreuil", "Vincennes"]),
    "columns_by_month": charts.columns_by_month(MONTHS, "hours", "hours", "Heures"),
    "columns_by_month_one_withheld": charts.columns_by_month(
        MONTHS.with_columns(hours=pl.when(pl.int_range(pl.len()) > 0).then("hours")), "hours", "hours", "Heures"
    ),
    "lines_by_month": charts.lines_by_month(MONTHS, "hours", "name", "hours", "Heures", steps=True),
    "territory_map": maps.territory_map(GEOJSON, TERRITORIES, "people", "people", "Personnes", CLASSES),
    "territory_map_all_withheld": maps.territory_map(
        GEOJSON, TERRITORIES[1:2], "people", "people", "Personnes", CLASSES
    ),
    "lieu_map": charts.lieu_map(GEOJSON, PLACES),
    "points_by_build": charts.points_by_build(BUILDS, "value", "series", "Contrôles"),
}


def written(value: Any) -> Any:
    """The specification as JSON reads it, a frame being its rows."""
    return json.loads(json.dumps(value, default=lambda frame: frame.to_dicts()))


def test_every_chart_is_tried_here() -> None:
    every = vars(charts) | vars(maps)
    made = {name for name, value in every.items() if hasattr(value, "__wrapped__") and name != "outlines"}
    assert made == {picture.make.__name__ for picture in DRAWINGS.values()}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_finished_chart_is_valid(name: str) -> None:
    """Validation is off while a reader waits: it is made here, on all that the browser is sent."""
    specification = written(finish(DRAWINGS[name].chart(), 320))
    of = alt.LayerChart if "layer" in specification else alt.Chart
    of.from_dict(specification, validate=True)
    assert specification["config"]["locale"]["number"]["decimal"] == ","
    assert specification["height"] == 320


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_finished_chart_is_the_one_altair_makes_with_its_figures_inside(name: str) -> None:
    """Figures beside the chart are a way to make it, and change nothing of it: no name of them is left."""
    chart = DRAWINGS[name].chart()
    inside = {
        name: alt.InlineData(values=found.rows.to_dicts() if isinstance(found.rows, pl.DataFrame) else found.rows)
        for name, found in chart.rows.items()
    }
    with alt.data_transformers.enable("default", consolidate_datasets=False), alt.theme.enable("none"):
        theirs = written(chart.make(*chart.fixed, **inside, **chart.told).to_dict())
    ours = written(finish(chart, 320))
    assert without_names(ours | {"config": None}) == without_names(theirs | _finishing())


def _finishing() -> dict[str, Any]:
    return {"width": "container", "height": 320, "background": "transparent", "config": None}


def without_names(specification: Any) -> Any:
    """Altair names the views of a layered chart by a hash of all they are: theirs, not ours."""
    if isinstance(specification, dict):
        return {
            key: without_names(value)
            for key, value in specification.items()
            if not (key == "name" and str(value).startswith("view_"))
        }
    return [without_names(value) for value in specification] if isinstance(specification, list) else specification


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made, in order; nothing is kept from another test, nothing is sent to a browser."""
    found: list[str] = []

    def finished(chart: Shaped, height: int) -> dict[str, Any]:
        found.append(f"{chart.make.__name__} {height}")
        return {}

    monkeypatch.setattr(drawing, "finish", finished)
    monkeypatch.setattr(drawing.st, "vega_lite_chart", lambda *_, **__: None)
    drawing._made.clear()
    return found


def bars(rows: int = 2) -> Drawing:
    return charts.columns_by_month(MONTHS.head(rows), "hours", "hours", "Heures")


def test_a_chart_is_made_once_for_the_same_figures_version_and_reader(made: list[str]) -> None:
    for _ in range(3):
        drawing.draw(bars(), "", 320, "v1", TEAM)
    assert len(made) == 1


@pytest.mark.parametrize(
    "again",
    [
        (bars(1), "", 320, "v1", TEAM),
        (charts.columns_by_month(MONTHS, "hours", "hours", "Autres heures"), "", 320, "v1", TEAM),
        (charts.lines_by_month(MONTHS, "hours", "name", "hours", "Heures"), "", 320, "v1", TEAM),
        (bars(), "", 200, "v1", TEAM),
        (bars(), "", 320, "v2", TEAM),
        (bars(), "", 320, "v1", Rights("comite")),
        (bars(), "", 320, "v1", Rights("territoire", "94080")),
    ],
    ids=["figures", "words", "kind", "height", "version", "role", "territory"],
)
def test_nothing_of_a_chart_is_shared_with_another(made: list[str], again: tuple[Any, ...]) -> None:
    """Neither with other figures or words, nor between versions, nor between readers of different rights."""
    drawing.draw(bars(), "", 320, "v1", TEAM)
    drawing.draw(*again)
    assert len(made) == 2


def test_a_chart_holds_what_its_reader_was_given_and_no_more() -> None:
    """A withheld count is an outline without a figure."""
    specification = written(finish(DRAWINGS["territory_map"].chart(), 320))
    layers = [layer["data"]["values"] for layer in specification["layer"]]
    figures = {shape["nom"]: shape.get("mesure") for shapes in layers for shape in shapes if "nom" in shape}
    assert figures == {"Vincennes": 31.0, "Montreuil": None, "Saint-Denis": None}


@pytest.mark.parametrize(("value", "kind"), [
    (1234.5, "hours"), (12.5, "hours"), (-3.25, "hours"), (126.4, "rate"), (12.34, "rate"), (6.6, "rate"),
    (0.18, "rate"), (1234.0, "integer"), (0.125, "share"),
])  # fmt: skip
def test_a_chart_writes_a_figure_as_its_table_does(value: float, kind: str) -> None:
    """What a tooltip says is the text that the page has of it: drawn here as the words of bars are."""
    frame = pl.DataFrame({"name": ["a"], "value": [value]})
    chart = finish(charts.bars(frame, "name", "value", kind, "Valeur").chart(), 100)
    assert chart["layer"][0]["encoding"]["tooltip"][1]["field"] == "told"
    calculated = [one["calculate"] for layer in chart["layer"] for one in layer["transform"]]
    assert len(calculated) == 3 and len(set(calculated)) == 1
    assert format_fr.write(value, kind).replace("-", "−") in texts(as_svg(chart, "Valeur", []))


@pytest.mark.parametrize(("quarters", "middle"), [(True, date(2022, 8, 16)), (False, date(2022, 7, 16))])
def test_a_withheld_month_or_quarter_is_marked_in_its_middle(quarters: bool, middle: date) -> None:
    """Not at its first day, where it lay on the column before it."""
    frame = pl.DataFrame({"month": [date(2022, 4, 1), date(2022, 7, 1), date(2022, 10, 1)], "hours": [5.0, None, 4.0]})
    chart = finish(charts.columns_by_month(frame, "hours", "hours", "Heures", quarters=quarters).chart(), 200)
    drawn = as_svg(chart, "Heures", []).decode()
    width = {True: 274.0, False: 214.0}[quarters]  # days from the first of April to the end of the last column
    (place,) = re.findall(r'translate\(([\d.]+),[\d.]+\)"[^>]*>s<', drawn)
    plot = float(re.findall(r'role-frame[^>]*>.*?d="M[\d.]+,[\d.]+h([\d.]+)', drawn, re.DOTALL)[0])
    assert float(place) / plot * width == pytest.approx((middle - date(2022, 4, 1)).days, abs=3)
