"""A number of a pass that slipped into another column is masked, even where nothing was ever published."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.integration.data_quality.building import take_in
from tests.integration.golden import deliveries
from warehouse.published.received import find_numbers
from warehouse.settings import Home


def test_numbers_of_passes_and_carnets_are_known_from_the_lake(tmp_path: Path) -> None:
    """Issued inside a carnet, used without being issued, a carnet in small letters; other words are left alone."""
    home = Home.at(tmp_path).create()
    deliveries.drop(home.landing)
    take_in(home)
    used = {use["numero_pass"] for use in deliveries.uses()}
    carnet = deliveries.carnets()[0]
    issued = f"{int(carnet['premier_pass']) + 1:0{len(carnet['premier_pass'])}d}"
    numbers = {*used, issued, carnet["numero_carnet"].lower()}
    words = pl.DataFrame({"word": sorted(numbers | {"gratuit", "21940080900014", "31/02/2022"})})
    assert set(find_numbers(home, words)) == numbers
