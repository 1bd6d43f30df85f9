"""The map of the territories: the same bounds whatever the filters, and a legend that tells three greys apart."""

from __future__ import annotations

import polars as pl
import pytest

from dashboards.maps import LEFT_OUT, OUT_OF_PROGRAMME, SECRET, UNKNOWN, apart, bounds, legend, legend_format
from programme.config import load_programme

FRAME = pl.DataFrame({"is_shown": [True, True, False], "value": [3.0, None, 5.0]})


@pytest.mark.parametrize(
    ("values", "kind", "from_zero", "expected"),
    [
        ([0.0, 190.0], "integer", True, [50, 100, 150, 200]),
        ([0.0, 3.0], "people", True, [1, 2, 3, 4]),
        ([0.11, 0.38], "rate", False, [0.12, 0.18, 0.24, 0.3]),
        ([17.2, 21.8], "euros", False, [18, 19, 20, 21]),
        ([0.41, 0.75], "share", False, [0.48, 0.56, 0.64, 0.72]),
        ([None], "rate", False, [0.001, 0.002, 0.003, 0.004]),
    ],
)
def test_an_amount_begins_at_nothing_and_a_rate_where_the_least_is(
    values: list[float | None], kind: str, from_zero: bool, expected: list[float]
) -> None:
    """Bounds are round, go up, and hold every value: the last class has the greatest."""
    found = bounds(values, kind, from_zero)
    assert found == pytest.approx(expected)
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("kind", "classes", "expected"),
    [
        ("rate", [0.12, 0.18, 0.24, 0.3], ",.2f"),
        ("rate", [9, 12, 15, 18], ",.0f"),
        ("euros", [19.5, 20, 20.5, 21], "$,.1f"),
        ("euros_round", [1000, 2000], "$,.0f"),
        ("share", [0.48, 0.56], ".0%"),
    ],
)
def test_the_bounds_of_a_legend_have_the_same_decimals(kind: str, classes: list[float], expected: str) -> None:
    """« 0,24 » beside « 0,3 » reads as two kinds of figures."""
    assert legend_format(kind, classes) == expected


def test_a_territory_left_out_by_a_filter_is_not_out_of_the_programme() -> None:
    """Issue 20, 4: the legend names each, and none that the map does not show."""
    told = legend(FRAME, "value", is_protected=True)
    assert all(f"</span>{name}</li>" in told for name in (OUT_OF_PROGRAMME, LEFT_OUT, SECRET))
    assert UNKNOWN not in told and UNKNOWN in legend(FRAME, "value", is_protected=False)
    whole = legend(
        FRAME.with_columns(is_shown=pl.lit(value=True)).filter(pl.col("value").is_not_null()), "value", False
    )
    assert LEFT_OUT not in whole and SECRET not in whole


def test_no_two_names_of_the_map_touch() -> None:
    """Issue 20, 6: Vincennes and Fontenay-sous-Bois were written over each other; a name stays within two lines."""
    programme = load_programme()
    by_code = {commune.code_insee: commune for commune in programme.communes}
    homes = [by_code[territory.code_insee] for territory in programme.territories]
    placed = pl.DataFrame(
        [(home.nom, home.lon, home.lat) for home in homes],
        schema=["territory_name", "longitude", "latitude"],
        orient="row",
    )
    found = apart(placed)
    assert found["texte"].to_list() == [home.nom.removesuffix(" arrondissement") for home in homes]
    assert (found["latitude"] - placed["latitude"]).abs().max() <= 24 / 1770 + 1e-9  # type: ignore[operator]
    pairs = found.join(found, how="cross", suffix="_other").filter(pl.col("texte") < pl.col("texte_other"))
    across = (pl.col("longitude") - pl.col("longitude_other")).abs() * 1770 * 0.6585
    width = (pl.col("texte").str.len_chars() + pl.col("texte_other").str.len_chars()) * 6.0 / 2
    down = (pl.col("latitude") - pl.col("latitude_other")).abs() * 1770
    touching = pairs.filter(across < width - 1, down < 11.9).select("texte", "texte_other").rows()
    assert touching == []
