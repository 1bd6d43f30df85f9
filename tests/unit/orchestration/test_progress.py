"""Where a run is, for a person: a bar on a terminal, plain lines elsewhere; and imports made ahead in a thread."""

from __future__ import annotations

import io
import logging
import re

import pytest
from rich.console import Console

from orchestration import telling
from orchestration.commands import progress
from orchestration.dagster_log import told_in


def _run(terminal: bool) -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=120, highlight=False)
    with progress.shown(console):
        telling.tell("Lecture de 3 fichiers.")
        for done in range(4):
            telling.advance(telling.READING, done, 3, f"fichier {done}")
        telling.begin(telling.MODELS)
        telling.advance(telling.MODELS, 1, 66, "dim_date")
    return written.getvalue()


def test_elsewhere_than_on_a_terminal_a_stage_is_one_plain_line() -> None:
    """A pipe, a log of cron: no control character, no bar."""
    assert _run(terminal=False) == "• Lecture de 3 fichiers.\n"


def test_a_long_stage_says_a_line_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
    assert "•   Lecture des fichiers : 2 sur 3 (fichier 2)\n" in _run(terminal=False)


def test_on_a_terminal_a_bar_tells_how_many_of_how_many_and_the_time() -> None:
    told = _run(terminal=True)
    assert "Lecture de 3 fichiers." in told
    assert "Construction des tables" in told
    assert " 1 sur 66" in told
    assert "écoulé, reste" in told
    assert "dim_date" in told


def test_on_a_narrow_screen_the_count_and_the_time_stay_whole() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=50, highlight=False)
    with progress.shown(console):
        telling.advance(telling.MODELS, 19, 66, "int_redemption")
    shown = " ".join(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written.getvalue()).split())
    assert "Construction des tables 19 sur 66 0:00:00" in shown


@pytest.mark.parametrize("gone", [BrokenPipeError(), SystemExit(1)])
def test_who_can_no_longer_be_told_does_not_stop_the_work(gone: BaseException) -> None:
    """A closed pipe, a terminal gone: what is being published is published whole."""

    class Gone(telling.Listener):
        def say(self, message: str) -> None:
            raise gone

        def advance(self, stage: str, done: int, total: int, name: str) -> None:
            raise gone

    with telling.told_to(Gone()):
        telling.tell("Version publiée.")
        telling.advance(telling.PUBLISHING, 1, 1, "")


def test_a_tenth_of_a_stage_is_a_line_of_dagster_s_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), told_in(logging.getLogger("run")):
        for done in range(1, 201):
            telling.advance(telling.SUITES, done, 200, "territory_month")
    assert len(caplog.messages) == 10
    assert caplog.messages[-1] == "Contrôles de vraisemblance : 200 sur 200 (territory_month)"
