"""The command line speaks French: no word of its libraries in the help, one sentence for each mistake of typing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration import french
from orchestration.cli import app

MISTAKES = [
    ([], 2, "Commandes"),
    (["simulat"], 2, "commande inconnue « simulat ». Vouliez-vous dire simulate ?"),
    (["simulate"], 2, "il manque --out."),
    (["simulate", "--out", "x", "--carnets", "dix"], 2, "--carnets ; attendu : un nombre entier, 1 ou plus."),
    (["simulate", "--out", "x", "--carnets", "0"], 2, "--carnets ; attendu : un nombre entier, 1 ou plus."),
    (["simulate", "--out", "x", "--dirt", "sale"], 2, "attendu : un de : clean, real, nasty."),
    (["upgrade", "--from", "/nowhere.csv"], 2, "valeur impossible pour --from."),
    (["run", "--hom"], 2, "option inconnue --hom. Vouliez-vous dire --home ?"),
    (["run", "--home"], 2, "l'option --home attend une valeur."),
    (["run", "a"], 2, "argument en trop : a."),
    (["trace"], 2, "il manque l'argument INDICATEUR."),
]


@pytest.mark.parametrize(("arguments", "code", "sentence"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_of_typing_is_one_french_sentence(
    arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert french.main(app, arguments) == code
    told = "".join(capsys.readouterr())
    assert sentence in told
    assert "Traceback" not in told


def _commands() -> list[str]:
    return [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


@pytest.mark.parametrize("command", _commands())
def test_the_help_of_every_command_is_french(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert french.main(app, [command, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Afficher cette aide." in told
    for word in ("Show this message", "default:", "required", "<int", "<text>", "<bool>", "COMMAND ["):
        assert word not in told


def test_what_is_simulated_is_told_as_any_figure_is(tmp_path: Path) -> None:
    """The first sentence that a newcomer reads: 1 200 carnets and 3,7 Mo, never 1200 nor 3.7."""
    said = CliRunner().invoke(app, ["simulate", "--out", str(tmp_path / "landing"), "--carnets", "1200"]).output
    assert re.search(r"\d+\sfichiers \(\d+,\d\s[kM]o\) dans .+, pour 1\s200\scarnets \(graine 1, clean\)", said), said
