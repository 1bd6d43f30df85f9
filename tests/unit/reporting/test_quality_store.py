"""Which report the next one is compared with: what people have read, not what somebody wrote on the side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from reporting.quality.content import FACT_COLUMNS
from reporting.quality.store import ReportRecord, find_previous, ledger_path, save_report, write_json
from warehouse.settings import Home

FACTS = pl.DataFrame(schema=dict.fromkeys(FACT_COLUMNS, pl.String))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three reports written: Monday's, one on Thursday by hand, the next Monday's."""
    home = Home.at(tmp_path)
    for day in (5, 8, 12):
        record = ReportRecord(f"r{day}", date(2022, 12, day), f"b{day}", "published", "conforme", "", [], {})
        save_report(home, record, {}, FACTS)
    return home


def _sent(home: Home, name: str, status: str) -> None:
    write_json(ledger_path(home, name), [{"key": name, "to": "a@ville.example", "status": status}])


def _previous(home: Home, name: str) -> str | None:
    found = find_previous(home, name)
    return None if found is None else found.report_id


def test_without_a_mail_the_last_report_written_counts(home: Home) -> None:
    assert [_previous(home, name) for name in ("r5", "r8", "r12", "new")] == [None, "r5", "r8", "r12"]


@pytest.mark.parametrize("status", ["envoye", "incertain"])
def test_a_report_written_between_two_mails_hides_nothing_from_the_second(home: Home, status: str) -> None:
    _sent(home, "r5", status)
    assert _previous(home, "r12") == "r5"
    _sent(home, "r12", "envoye")
    assert _previous(home, "new") == "r12"


def test_a_report_that_reached_nobody_was_not_read(home: Home) -> None:
    _sent(home, "r5", "envoye")
    _sent(home, "r8", "echec")
    assert _previous(home, "r12") == "r5"
