"""The territories in the bilan: why their lines do not add up, and a map that reads without colours."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from presentation.colours import PRINT_OUTSIDE, PRINT_SCALE
from programme.config import load_programme
from reporting.bilan import charts, territories
from reporting.bilan.named_map import Frame, territory_map
from tests.unit.reporting.publications import A, B, month, write

DECEMBER = date(2023, 12, 1)
AT_WORK = [month(A, DECEMBER, passes_used=500), month(B, DECEMBER, passes_used=300)]
GEOJSON = load_programme().communes_geojson


def told(*, outside: bool = False, lieux: int = 0, hidden: tuple[str, ...] = ()) -> str:
    """The sentence on the sum, where B may take no part, and `lieux` are active elsewhere."""
    publication = write(monthly=AT_WORK, hidden=hidden)
    source = publication.source
    if outside:
        taking_part = source.territories.with_columns(is_participating=pl.col("territory_code") == A)
        source = replace(source, territories=taking_part)
    start = publication.period.start
    rows = [(3, start, None, lieux, 0), (3, start, A, 4, 1)]
    active = pl.DataFrame(rows, schema=source.active.schema, orient="row")
    return territories.table(replace(publication, source=replace(source, active=active)))["territory_sentence"]


def test_lines_that_add_up_are_said_to() -> None:
    assert told().endswith("La somme des lignes est le total du programme.")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"hidden": (f"uses|{A}|..2023-12",)}, "il comprend les cases « s »."),
        ({"outside": True}, "il comprend l'activité de 1\u00a0territoire non participant, sans ligne ici."),
        ({"lieux": 2}, "il compte 2\u00a0lieux actifs hors des territoires participants."),
    ],
)
def test_a_total_that_is_not_the_sum_of_its_lines_says_why(given: dict, why: str) -> None:
    found = told(**given)
    assert found.endswith(f"Le total du programme n'est pas la somme des lignes : {why}")


def test_the_reasons_are_told_together() -> None:
    found = told(outside=True, lieux=1, hidden=(f"handed|{A}|..2023-12",))
    assert found.count(" ; ") == 2 and found.index("« s » ;") < found.index("territoire non") < found.index(
        "1\u00a0lieu"
    )


def test_the_classes_of_the_map_are_as_many_as_the_hours_tell_apart() -> None:
    assert territories.classes_of([10.0, 20.0, 30.0]) == ["jusqu'à 10", "de 10 à 20", "de 20 à 30", "plus de 30"]
    assert territories.classes_of([0.0, 5.0]) == ["aucune", "de 0 à 5", "plus de 5"]


def test_before_the_first_hour_there_is_no_map() -> None:
    assert territories.map_of(write(monthly=[])) == ("", "")


# --- The map ---


def classes(ranks: dict[str, int]) -> pl.DataFrame:
    """Saint-Denis, Stains and Pierrefitte: three neighbours whose names would stand on each other."""
    known = {"93066": ("Saint-Denis", 2.357, 48.936), "93072": ("Stains", 2.383, 48.955),
             "93059": ("Pierrefitte-sur-Seine", 2.361, 48.965)}  # fmt: skip
    rows = [(code, *known[code], rank) for code, rank in ranks.items()]
    return pl.DataFrame(
        rows, schema=["territory_code", "territory_name", "longitude", "latitude", "rank"], orient="row"
    )


def test_every_participating_territory_bears_its_name() -> None:
    drawn = territory_map(GEOJSON, classes({"93066": 0, "93072": 1, "93059": 2}), ["peu", "beaucoup"])
    texts = re.findall(r">([^<>]+)</text>", drawn)
    assert {"Saint-Denis", "Stains", "Pierrefitte-sur-Seine (s)", "peu", "beaucoup"} <= set(texts)


def test_what_is_withheld_is_drawn_otherwise_than_by_a_colour() -> None:
    drawn = territory_map(GEOJSON, classes({"93066": 0, "93072": 2, "93059": 1}), ["peu", "beaucoup"])
    assert "stroke-dasharray" in drawn and "Stains (s)" in drawn
    plain = territory_map(GEOJSON, classes({"93066": 0, "93072": 1, "93059": 1}), ["peu", "beaucoup"])
    assert "stroke-dasharray" not in plain and "(s)" not in plain


def test_the_shades_are_told_apart_without_colours() -> None:
    """On a printer without colours: each class darker than the one before, by a step that an eye sees."""
    greys = [_grey(colour) for colour in (PRINT_OUTSIDE, *PRINT_SCALE)]
    assert all(before - after > 0.15 for before, after in itertools.pairwise(greys[1:]))
    assert greys[0] > greys[1], "and what takes no part has no outline"


def _grey(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_a_place_is_where_the_projection_of_the_drawing_puts_it() -> None:
    """North above, east at the right, the middle in the middle, all within the drawing."""
    frame = Frame.of([(2.0, 48.6), (2.6, 49.0)])
    x, y = frame.place(2.0, 49.0)
    assert x >= 0 and y >= 0 and frame.place(2.6, 48.6) > (x, y)
    assert frame.place(2.3, 48.6)[1] > y


# --- The curves and the bars ---


def test_the_band_and_the_target_are_told_apart_by_their_drawing() -> None:
    """Not by their colours: long dashes for the target, an outline for the band, dots for its middle."""
    history = pl.DataFrame({"day": [date(2023, 1, 1), DECEMBER], "value": [0.0, 80.0]})
    ahead = pl.DataFrame({"day": [DECEMBER, date(2024, 12, 1)], "low": [80.0, 90.0], "median": [80.0, 95.0],
                          "high": [80.0, 101.0]})  # fmt: skip
    drawn = charts.burn_up(history, ahead, 100.0, "Heures")
    dashes = re.findall(r'stroke-dasharray="([^"]+)"', drawn)
    assert {"9,4", "2,2"} <= set(dashes)
    assert "Objectif : 100" in drawn
    assert "2,2" not in charts.burn_up(history, ahead.clear(), 100.0, "Heures")


def test_a_month_that_is_withheld_is_marked_and_an_empty_one_is_not() -> None:
    activity = pl.DataFrame({"month": [date(2023, 10, 1), date(2023, 11, 1), DECEMBER], "value": [40.0, None, 0.0],
                             "inside": [True] * 3})  # fmt: skip
    texts = re.findall(r">([^<>]+)</text>", charts.months(activity, "Heures"))
    assert texts.count("s") == 1
    shown = charts.months(activity.with_columns(pl.col("value").fill_null(0.0)), "Heures")
    assert "s" not in re.findall(r">([^<>]+)</text>", shown)
