"""A week in the hands of Dagster's daemon ends with every file counted once, whatever happened meanwhile (week.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingestion.lake import Lake
from orchestration.doctor import examine
from tests.conftest import passnum_here
from tests.integration.reporting.smtp_server import smtp_server
from tests.integration.road.conftest import fingerprints
from tests.integration.road.week import BUILD, READ, live

DONE, FAILED = "SUCCESS", "FAILURE"
ASKED = "PASSNUM_WEEK"


@pytest.mark.skipif(ASKED not in os.environ, reason="seven minutes of both cores: `make week`, before a release")
@pytest.mark.timeout(3000)
def test_a_week_runs_by_itself_and_says_what_went_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp_server(tmp_path / "smtp") as server:
        week = live(tmp_path, server.mailbox, server.settings)
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = week.days
    # One reading and one build a settled deposit: neither a growing file nor a burst starts one each.
    assert monday.runs == tuesday.runs == wednesday.runs == friday.runs == [(READ, DONE), (BUILD, DONE)]
    assert len({day.version for day in (monday, tuesday, wednesday, friday, saturday, sunday)}) == 6
    assert monday.mails == tuesday.mails == wednesday.mails == friday.mails == []
    # Refused: the version of the day before stays, and one mail says what to mend.
    assert thursday.runs == [(READ, DONE), (BUILD, FAILED)]
    assert thursday.version == wednesday.version
    (refusal,) = thursday.mails
    assert "Alerte" not in refusal
    # Failed, told with its cause, tried again by itself: the checks of Friday stayed as they were.
    assert saturday.runs == [(READ, FAILED), (READ, DONE), (BUILD, DONE)]
    assert saturday.mails == ["[Pass Numérique] Alerte : Un passage planifié a échoué"]
    assert "Le secret des pseudonymes n'est pas à sa place" in _text(server.mailbox.received[1][1])
    # Stopped in the middle: ended, told, begun again whole.
    assert sunday.runs == [(READ, DONE), (BUILD, FAILED), (BUILD, DONE)]
    assert "Le processus de ce passage n'existe plus" in _text(server.mailbox.received[2][1])

    assert list(week.home.landing.iterdir()) == []
    assert [finding for finding in examine(week.home) if finding.state == "à réparer"] == []
    # The same files, read at once by the command, make the same tables.
    for name in ("PASSNUM_PROGRAMME", "PASSNUM_SECRET_FILE"):
        monkeypatch.setenv(name, week.environment[name])
    lived = fingerprints(week.home.root)
    assert "Rien de nouveau" in passnum_here("run", home=week.home.root)
    passnum_here("run", "--force", home=week.home.root)
    assert fingerprints(week.home.root) == lived
    receipts = Lake(week.home.lake).receipts()
    assert len({receipt.file_id for receipt in receipts}) == len(receipts)


def _text(mail: object) -> str:
    body = mail.get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content()).replace("’", "'").replace("\n", " ")
