"""The rates of protected pages, attacked: what a reader computes from a rate and the inhabitants is no small count.

Does not live here: the counts themselves (test_cube.py), one rate by hand (tests/unit/reporting/test_cube_rates.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards.access import Rights
from dashboards.queries_protected import ProtectedReader
from dashboards.reading import NO_FILTER
from dashboards.rights import open_for
from reporting.cube import cube_of

THRESHOLD = 11
COMMITTEE, VINCENNES = Rights("comite", None, THRESHOLD), Rights("territoire", "94080", THRESHOLD)
#: What each rate divides, in whole numbers that a reader may look for.
COUNTS = {
    "people_reached_per_1000": "people_reached", "people_equipped_per_1000": "people_equipped",
    "use_rate": "passes_used", "expiry_rate": "passes_expired",
}  # fmt: skip


@pytest.fixture(scope="module")
def version(version_apart: Path) -> Path:
    """A published file of 600 carnets, in a folder of its own."""
    return version_apart


def _reader(version: Path, rights: Rights) -> ProtectedReader:
    return ProtectedReader(version, rights, open_for(version, rights))


def test_no_rate_times_the_inhabitants_gives_a_count_that_is_withheld(version: Path) -> None:
    """The attack: rate × what divides it, for every territory and rate of the committee, against the true counts."""
    reader = _reader(version, COMMITTEE)
    rates, totals = reader.territory_rates(), reader.territory_totals(NO_FILTER)
    people = reader.inhabitants().select("territory_code", "population")
    shown = totals.select("territory_code", "passes_issued", *set(COUNTS.values()))
    with duckdb.connect(str(version), read_only=True) as con:
        true = con.execute("select territory_code, rate, rate_numerator from marts.territory_rate").pl()
    attacked = rates.join(true, on=["territory_code", "rate"]).join(shown, on="territory_code").join(
        people, on="territory_code"
    )  # fmt: skip
    given = 0
    for rate, count in COUNTS.items():
        of_rate = attacked.filter(rate=rate)
        assert of_rate.height == 34, rate
        known = of_rate.filter(pl.col("value").is_not_null())
        # Where the rate is told, its count is on the page already; where the count is not, no rate is.
        assert known[count].null_count() == 0, rate
        divider = "population" if rate.endswith("1000") else "passes_issued"
        assert known[divider].null_count() == 0, rate
        assert of_rate.filter(pl.col(count).is_null())["value"].null_count() == of_rate[count].null_count(), rate
        given += known.height
    assert given > 20
    assert attacked["value"].null_count() > 0, "the simulated programme has rates to withhold"


def test_a_rate_withheld_has_no_value_in_the_file_nor_a_rank(version: Path) -> None:
    facts = cube_of(version, THRESHOLD).facts.filter(kind="territory", span="tout")
    wide = facts.pivot("measure", index="place", values="value")
    hidden = wide.filter(pl.col("people_reached").is_null())
    assert hidden.height > 0
    for name in ("people_reached_per_1000", "people_reached_per_1000_place", "eur_per_person", "eur_per_person_place"):
        assert hidden[name].null_count() == hidden.height, name


def test_the_attack_sees_a_rate_that_is_left(version: Path) -> None:
    """A test that cannot fail is none: the true rates, laid beside the counts shown, break the rule."""
    with duckdb.connect(str(version), read_only=True) as con:
        true = con.execute(
            "select territory_code, value from marts.territory_rate where rate = 'people_reached_per_1000'"
        ).pl()
    totals = _reader(version, COMMITTEE).territory_totals(NO_FILTER)
    beside = true.join(totals.select("territory_code", "people_reached"), on="territory_code")
    assert beside.filter(pl.col("people_reached").is_null() & pl.col("value").is_not_null()).height > 0


def test_a_territory_s_reader_has_its_own_rates_and_the_programme_s_average_alone(version: Path) -> None:
    reader = _reader(version, VINCENNES)
    assert reader.territory_rates()["territory_code"].unique().to_list() == ["94080"]
    assert reader.inhabitants()["territory_code"].to_list() == ["94080"]
    committee = _reader(version, COMMITTEE)
    assert reader.rates().equals(committee.rates())
    own = committee.territory_rates().filter(territory_code="94080")
    assert reader.territory_rates().equals(own)


def test_an_average_is_of_the_totals_that_the_pages_show(version: Path) -> None:
    """Of the whole programme: one of the participating territories would give that of the others by difference."""
    reader = _reader(version, COMMITTEE)
    averages = dict(reader.rates().select("rate", "programme_value").rows())
    totals = dict(reader.progress().select("indicator", "value").rows())
    assert averages["use_rate"] == pytest.approx(totals["passes_used"] / totals["passes_issued"])
    inhabitants = reader.inhabitants()["population"].sum()
    assert averages["people_reached_per_1000"] == pytest.approx(totals["people_reached"] * 1000 / inhabitants)
    assert averages["people_reached_per_1000_qpv"] is None
