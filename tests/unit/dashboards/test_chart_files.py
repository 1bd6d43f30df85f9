"""The images of a chart: what the page shows, with its title and where it comes from; and the names of files."""

from __future__ import annotations

import io
from datetime import date
from xml.etree import ElementTree

import polars as pl
from PIL import Image

from dashboards import charts
from dashboards.chart_files import SHARPNESS, WIDTH, as_png, as_svg
from dashboards.downloads import file_name
from dashboards.drawing import finish
from dashboards.steps import MONTH, QUARTER

FRAME = pl.DataFrame({"name": ["Vincennes & Cie", "Gentilly"], "hours": [1234.5, 42.0]})
CHART = finish(charts.bars(FRAME, "name", "hours", "hours", "Heures").chart(), 200)
MONTHS = pl.DataFrame({"month": [date(2021, 1, 1), date(2021, 2, 1)], "hours": [10.0, 20.0]})
NOTES = ["Territoires : Vincennes, Gentilly", "Données au 31/12/2023."]


def texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_says_what_it_shows_in_french_and_where_it_comes_from() -> None:
    found = texts(as_svg(CHART, "Heures par territoire", NOTES))
    for words in ("Heures par territoire", *NOTES, "Vincennes & Cie", "1\u202f235\u00a0h", "42\u00a0h"):
        assert any(words in text for text in found), (words, found)


def test_a_chart_of_one_layer_keeps_its_rows_and_writes_its_months_in_french() -> None:
    chart = finish(charts.columns_by_month(MONTHS, "hours", "hours", "Heures").chart(), 200)
    found = as_svg(chart, "Heures", [])
    assert any("janv. 2021" in text for text in texts(found))
    assert found.count(b"mark-rect") == 1 and found.count(b"<path") > 4


def test_a_png_is_large_enough_to_be_printed_and_on_white() -> None:
    image = Image.open(io.BytesIO(as_png(CHART, "Heures par territoire", NOTES)))
    assert image.format == "PNG" and image.width >= WIDTH * SHARPNESS and image.height > 400
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_a_long_title_is_cut_into_lines() -> None:
    assert any(text.startswith("Heures") for text in texts(as_svg(CHART, "Heures de formation " * 9, [])))


def test_a_file_is_named_after_its_filters() -> None:
    day = date(2023, 12, 31)
    filters = [("du mois de", "juillet 2020"), ("territoires", "L'Haÿ-les-Roses, Gentilly")]
    assert (
        file_name("lieux", day, filters)
        == "pass-numerique_lieux_2023-12-31_du-mois-de-juillet-2020_l-hay-les-roses-gentilly"
    )
    assert file_name("lieux", day, [("territoires", "A, B, C")]).endswith("_3-territoires")
    assert len(file_name("lieux", day, [("mot", "x" * 400)])) <= 140
    assert "/" not in file_name("a/b", day, [("mot", "../../etc")])


def test_bars_are_in_the_order_of_the_rows() -> None:
    """What is ranked in the table is ranked in the chart: their words are a layer of their own, that Vega sorts by a
    list alone."""
    words = [one for one in texts(as_svg(CHART, "Heures", [])) if one in FRAME["name"].to_list()]
    assert words == ["Vincennes & Cie", "Gentilly"]
    turned = finish(charts.bars(FRAME.reverse(), "name", "hours", "hours", "Heures").chart(), 200)
    words = [one for one in texts(as_svg(turned, "Heures", [])) if one in FRAME["name"].to_list()]
    assert words == ["Gentilly", "Vincennes & Cie"]


def test_a_file_of_quarters_says_so_in_its_name() -> None:
    """As its other filters; a file of months, the step of every page, says nothing."""
    asked = [("du mois de", "février 2021"), *QUARTER.choices]
    name = file_name("activite", date(2023, 12, 31), asked)
    assert name == "pass-numerique_activite_2023-12-31_du-mois-de-fevrier-2021_trimestre-entier"
    assert "trimestre" not in file_name("activite", date(2023, 12, 31), MONTH.choices)
