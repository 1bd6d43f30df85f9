"""From any figure down to the deliveries: the lines that make it up add up to it exactly (trace, diff)."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from warehouse.trace import RULES, TraceError, trace


@pytest.mark.parametrize("indicator", sorted(RULES))
def test_the_lines_of_every_indicator_add_up_to_it(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    found = trace(published, indicator)
    assert found.value == pytest.approx(found.published, abs=1e-9)
    assert sum(file.value for file in found.files) == pytest.approx(found.published, abs=1e-9)
    assert all(file.file_name for file in found.files)


def test_every_indicator_can_be_traced(published: duckdb.DuckDBPyConnection) -> None:
    codes = {code for (code,) in published.execute("select code from marts.indicator").fetchall()}
    assert codes == set(RULES)


@pytest.mark.parametrize("indicator", ["passes_issued", "passes_prescribed", "passes_used", "hours", "people_reached"])
@pytest.mark.parametrize("territory", ["94080", "93066", "93059"])
def test_the_lines_of_a_territory_add_up_to_its_figure(
    published: duckdb.DuckDBPyConnection, indicator: str, territory: str
) -> None:
    found = trace(published, indicator, territory=territory)
    assert found.published
    assert found.value == pytest.approx(found.published, abs=1e-9)


def test_the_months_add_up_to_the_programme(published: duckdb.DuckDBPyConnection) -> None:
    months = published.execute("select distinct month from marts.mandate_ledger").fetchall()
    total = sum(trace(published, "passes_used", month=month).value for (month,) in months)
    assert total == trace(published, "passes_used").value == 20


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
