"""From any figure down to the deliveries: the lines that make it up add up to it exactly (trace, diff)."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from tests.integration.golden.test_golden import INDICATORS
from warehouse.published.trace import TraceError, measure_of, trace


@pytest.mark.parametrize("indicator", sorted(INDICATORS))
def test_the_lines_of_every_indicator_add_up_to_it(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    found = trace(published, indicator)
    assert found.value == pytest.approx(found.published, abs=1e-9)
    assert sum(file.value for file in found.files) == pytest.approx(found.published, abs=1e-9)
    assert all(file.file_name for file in found.files)


def test_every_measure_of_the_dictionary_can_be_traced(published: duckdb.DuckDBPyConnection) -> None:
    """Indicators and the other measures: each has its lines."""
    codes = [code for (code,) in published.execute("select code from proof.measure").fetchall()]
    assert set(codes) > set(INDICATORS)
    assert [code for code in codes if trace(published, code).lines == 0] == []


# What a territory has no figure of its own for: the budget, and the three that do not add up over territories.
BY_TERRITORY = sorted(
    set(INDICATORS)
    - {"budget_committed_eur", "budget_paid_eur", "state_share_due_eur", "session_hours", "territories_active"}
)


@pytest.mark.parametrize("indicator", BY_TERRITORY)
@pytest.mark.parametrize("territory", ["94080", "93066", "93059", "75118"])
def test_the_lines_of_a_territory_add_up_to_its_figure(
    published: duckdb.DuckDBPyConnection, indicator: str, territory: str
) -> None:
    """75118 has no activity: its figures are 0, its shares are of nobody."""
    found = trace(published, indicator, territory=territory)
    if found.published is None:
        assert (found.value, found.lines) == (None, 0)
    else:
        assert found.value == pytest.approx(found.published, abs=1e-9)


@pytest.mark.parametrize("indicator", sorted(set(INDICATORS) - {"pic_share", "qpv_share"}))
def test_the_months_of_every_indicator_add_up_to_it(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    """Each line is in one month; where the month has a published figure, its lines add up to it too."""
    lines = measure_of(published, indicator).lines
    months = published.execute(
        f"select distinct date_trunc('month', happened_on)::date from ({lines}) order by 1"
    ).fetchall()
    found = [trace(published, indicator, month=month) for (month,) in months]
    assert sum(month.value or 0 for month in found) == pytest.approx(trace(published, indicator).value, abs=1e-9)
    assert all(month.value == pytest.approx(month.published) for month in found if month.published is not None)


def test_a_month_of_a_territory_adds_up_to_the_published_one(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("select month, territory_code, hours, passes_used from marts.territory_month").fetchall()
    assert len(rows) > 10
    for month, territory, hours, passes in rows:
        assert trace(published, "hours", territory=territory, month=month).value == pytest.approx(hours, abs=1e-9)
        found = trace(published, "passes_used", territory=territory, month=month)
        assert found.value == found.published == passes


@pytest.mark.parametrize("indicator", ["hours", "passes_issued", "people_reached", "lieux_active", "session_hours"])
def test_the_territories_add_up_to_the_programme(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    codes = published.execute("select territory_code from marts.territory_progress").fetchall()
    parts = [trace(published, indicator, territory=code).value or 0 for (code,) in codes]
    assert sum(parts) == pytest.approx(trace(published, indicator).value, abs=1e-9)


def test_prescribed_passes_are_on_the_lines_of_their_prescriptions(published: duckdb.DuckDBPyConnection) -> None:
    files = trace(published, "passes_prescribed").files
    assert {file.file_name.split("_")[0] for file in files} == {"prescriptions"}


def test_a_figure_names_its_file_and_lines(published: duckdb.DuckDBPyConnection) -> None:
    """In March 2022 one pass was used: U016, line 17 of the October extract (line 1 is the header)."""
    found = trace(published, "passes_used", month=date(2022, 3, 1))
    assert [(file.file_name, file.first_lines) for file in found.files] == [("utilisations_2022-10-31.csv", [17])]


def test_an_unknown_indicator_is_refused_with_the_known_ones(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match=r"Indicateur inconnu : « heures »\. Indicateurs possibles : .*hours"):
        trace(published, "heures")


def test_an_unknown_territory_is_refused(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match="Territoire inconnu : « 99999 »"):
        trace(published, "hours", territory="99999")


def test_the_budget_has_no_territory(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match="n'est pas réparti par territoire"):
        trace(published, "budget_paid_eur", territory="94080")
