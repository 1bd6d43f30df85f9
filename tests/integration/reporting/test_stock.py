"""The stock of any day is the marts' where they have one: the ledger's closing, the expiry risk at the data's date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from presentation.attention.passes import lapsing
from presentation.attention.places import territory_points
from presentation.french import count
from programme.config import load_programme
from programme.models import add_months
from reporting.bilan.attention import facts
from reporting.figures.period import parse_period
from reporting.figures.publication import prepare
from reporting.figures.stock import usable
from reporting.figures.summary import summary
from reporting.suppression import Mask
from warehouse.published.versions import Version, connect, current_version
from warehouse.settings import Home


@pytest.fixture(scope="module")
def version(simulated_home: Path) -> Version:
    found = current_version(Home.at(simulated_home))
    assert found is not None
    return found


def test_the_stock_of_a_month_s_end_is_what_the_ledger_closes_at(version: Version) -> None:
    """closing = passes issued and not left by the month's end, for every territory (figures, mandate ledger)."""
    with connect(version.path) as con:
        ledger = con.execute("select month, territory_code, closing_passes, closing_eur from marts.mandate_ledger").pl()
    compared = 0
    for month in ledger["month"].unique().sort()[5::7]:
        day = date.fromordinal(add_months(month, 1).toordinal() - 1)
        if day > version.as_of:
            continue
        ours = usable(version, day).group_by("territory_code").agg(pl.col("passes", "face_value_eur").sum())
        both = ledger.filter(pl.col("month") == month).join(ours, on="territory_code", how="left")
        assert (both["closing_passes"] == both["passes"].fill_null(0)).all(), month
        assert (both["closing_eur"].cast(float) == both["face_value_eur"].cast(float).fill_null(0)).all(), month
        compared += int(both["closing_passes"].sum())
    assert compared > 1000


def test_what_lapses_after_the_data_s_date_is_the_expiry_risk(version: Version) -> None:
    with connect(version.path) as con:
        risk = con.execute(
            """
            select horizon_days, territory_code, sum(passes)::bigint as passes, sum(face_value_eur)::double as euros
            from marts.expiry_risk group by all order by all
            """
        ).pl()
    assert risk.height > 10
    stock = usable(version, version.as_of)
    for (days,), rows in risk.group_by("horizon_days"):
        soon = lapsing(stock, version.as_of, days)  # type: ignore[arg-type]
        ours = soon.group_by("territory_code").agg(
            passes=pl.col("passes").sum(), euros=pl.col("face_value_eur").sum().cast(pl.Float64)
        )
        assert ours.sort("territory_code").rows() == rows.drop("horizon_days").sort("territory_code").rows()
    assert lapsing(stock, version.as_of, 1).height < stock.height


def test_the_states_of_the_territories_at_the_data_s_date_are_the_mart_s(
    simulated_home: Path, version: Version
) -> None:
    """jamais commencé, épuisé, inactif: the bilan of the last period and the pages say the same territories."""
    publication = prepare(version, load_programme(), parse_period("2023-T4"), Home.at(simulated_home))
    assert publication.last_day == version.as_of
    # No mask: the rule is compared, not what small counts withhold of it.
    bare = replace(publication, mask=Mask(frozenset(), frozenset(), frozenset(), frozenset()))
    with connect(version.path) as con:
        states = con.execute("select territory_name, state from marts.territory_state order by territory_name").pl()
    given = facts(bare, summary(bare).rows_by_key("code", named=True, include_key=True, unique=True))
    assert given.territories is not None
    told = {
        p.subject: p.text for p in territory_points(given.territories, given.programme, given.on, given.quiet_since)
    }
    subjects = {
        "never": "Territoires jamais commencés", "exhausted": "Territoires épuisés", "quiet": "Territoires inactifs",
    }  # fmt: skip
    assert set(told) <= set(subjects.values())
    for state, subject in subjects.items():
        names = states.filter(pl.col("state") == state)["territory_name"].to_list()
        assert (subject in told) is bool(names), state
        for name in names[:20]:
            assert name in told[subject], (state, name)
        if names:
            assert count(len(names), "territoire participant", "territoires participants") in told[subject]
