"""The table « defect → code » for what only time shows: deliveries that stop, jump, thin out or take back the past."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.data_quality.building import build, judge, take_in
from tests.integration.data_quality.past import LAST, Story
from warehouse.check_result import CheckResult
from warehouse.settings import Home

#: Seen on the last delivery: code → words of the failing rows.
LIVE = {
    "PN-412": "« utilisations_de_test_2024-01-31.csv » : 12 lignes, d'ordinaire",
    "PN-504": "Bobigny : 0 présences depuis deux mois, environ",
    "PN-505": "Lieu que son public quitte : 0 présences depuis deux mois, environ",
    "PN-506": "Fontenay-sous-Bois : ",
    "PN-507": "Lieu qui bondit : ",
}
#: Seen against the version published before, once uses are taken back and the lake has lost the budget.
AGAINST_BEFORE = {
    "PN-402": "core.fct_budget_entry est vide",
    "PN-414": "n'est plus chargé",
    "PN-501": "« Pass utilisés » : ",
    "PN-502": "Bobigny, octobre 2023 : ",
    "PN-503": "Lieu du territoire qui s'arrête, octobre 2023 : ",
}


@pytest.fixture(scope="module")
def built(clean_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The warehouse as of the last delivery, and the one after the past was taken back."""
    home = Home.at(tmp_path_factory.mktemp("past")).create()
    shutil.copytree(clean_home.lake, home.lake, dirs_exist_ok=True)
    story = Story()
    story.deliver(home.landing)
    take_in(home)
    before = build(home, home.root / "before.duckdb", until=LAST)
    story.take_back(home.landing)
    take_in(home)
    for folder in (home.lake / "budget").iterdir():
        shutil.rmtree(folder)
    yield before, build(home, home.root / "now.duckdb")
    shutil.rmtree(home.root)


@pytest.fixture(scope="module")
def live(built: tuple[Path, Path]) -> dict[str, CheckResult]:
    return judge(built[0])


@pytest.fixture(scope="module")
def against_before(built: tuple[Path, Path]) -> dict[str, CheckResult]:
    return judge(built[1], previous=built[0])


def _assert_caught(result: CheckResult, found: str) -> None:
    assert result.status == "ko", result.observed
    details = [failure["detail"] for failure in result.failures]
    assert any(found in detail for detail in details), details


@pytest.mark.parametrize("code", LIVE)
def test_what_stops_or_jumps_is_caught_on_the_last_delivery(live: dict[str, CheckResult], code: str) -> None:
    _assert_caught(live[code], LIVE[code])


def test_who_continues_is_not_accused(live: dict[str, CheckResult]) -> None:
    said = " ".join(failure["detail"] for code in LIVE for failure in live[code].failures)
    assert "Lieu qui continue" not in said
    assert "Vincennes" not in said


@pytest.mark.parametrize("code", AGAINST_BEFORE)
def test_what_rewrites_or_loses_the_past_is_caught(against_before: dict[str, CheckResult], code: str) -> None:
    _assert_caught(against_before[code], AGAINST_BEFORE[code])
    assert against_before[code].blocks is (code == "PN-402")
