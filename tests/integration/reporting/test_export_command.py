"""`passnum export`, asked for what it cannot give: a sentence in French, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from warehouse.settings import Home


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["anct", "--period", "2022-T7"], "n'est pas une période"),
        (["anct", "--period", "2031"], "après la date des données"),
        (["mandat", "--year", "2031"], "après la date des données"),
        (["mandat", "--year", "99999"], "après la date des données"),
        (["anct", "--period", "2012"], "avant le début du programme"),
        (["open-data", "--period", "2012-T1"], "avant le début du programme"),
        (["mandat", "--year", "0"], "précède le début du programme"),
        (["anct", "--period", "0000-05"], "n'est pas une période"),
        (["anct", "--period", "9999-12"], "n'est pas une période"),
    ],
)
def test_a_mistake_is_told_in_french(home: Home, arguments: list[str], words: str):
    result = CliRunner().invoke(app, ["export", *arguments, "--home", str(home.root)])
    assert result.exit_code == 1 and words in result.output


def test_nothing_published_is_told(tmp_path: Path):
    result = CliRunner().invoke(app, ["export", "anct", "--period", "2022", "--home", str(tmp_path)])
    assert result.exit_code == 1 and "passnum run" in result.output


def test_a_document_that_takes_minutes_says_so_before_it_begins(home: Home):
    result = CliRunner().invoke(app, ["export", "anct", "--period", "2023-T1", "--home", str(home.root)])
    said = result.output.splitlines()
    assert result.exit_code == 0, result.output
    assert "quelques minutes" in said[0] and said[1] == "Export ANCT, édition 1 émise."
