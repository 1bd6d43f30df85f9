"""The cells of a publication on data that lack a whole delivery."""

from __future__ import annotations

from datetime import date

from reporting.figures.cells import build_tables
from reporting.figures.period import parse_period
from tests.unit.reporting.publications import A, month, write


def test_a_home_without_any_prescription_has_its_documents() -> None:
    """Nobody answered anything: every document of a year or of a year's last quarter stopped on an unexpected error."""
    source = write(monthly=[month(A, date(2023, number, 1), passes_used=30) for number in (9, 12)]).source
    assert source.audience.is_empty()
    for period in ("2023", "2023-T4", "2023-T3"):
        assert build_tables(source, parse_period(period), {}).published, period
