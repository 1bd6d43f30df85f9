"""The journal of a home: JSON, one line an event, that no full disk and no closed folder turns into a failed run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration import journal
from orchestration.telling import advance, tell
from warehouse.settings import Home


def _lines(home: Home) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home.logs / journal.NAME).read_text(encoding="utf-8").splitlines()]


def test_what_is_said_and_how_it_ends_is_one_object_a_line(tmp_path: Path) -> None:
    home = Home.at(tmp_path).create()
    with journal.kept(home, "run-1") as kept:
        tell("  Lecture de 2 fichiers : « été ».")
        advance("Lecture", 1, 2, "a.csv")  # between: for a screen
        advance("Lecture", 2, 2, "b.csv")
        kept.write("ended", verdict="published")
    tell("after the run: nobody listens")
    said, stage, ended = _lines(home)
    assert (said["event"], said["message"], said["run"]) == ("said", "Lecture de 2 fichiers : « été ».", "run-1")
    assert (stage["event"], stage["stage"], stage["done"]) == ("stage", "Lecture", 2)
    assert (ended["event"], ended["verdict"], ended["level"]) == ("ended", "published", "info")
    assert str(said["at"]).endswith("Z")
    assert (home.logs / journal.NAME).stat().st_mode & 0o077 == 0


def test_what_raises_is_told_by_its_kind_alone(tmp_path: Path) -> None:
    """Its message may hold anything: it is for the person, and for the error's own log."""
    home = Home.at(tmp_path).create()
    with pytest.raises(KeyError), journal.kept(home):
        raise KeyError("someone's identifier")
    (line,) = _lines(home)
    assert (line["event"], line["level"], line["kind"]) == ("raised", "error", "KeyError")
    assert "identifier" not in json.dumps(line)


def test_a_journal_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    with journal.kept(Home.at(tmp_path / "nowhere")):
        tell("said")
    assert not (tmp_path / "nowhere").exists()


def test_it_turns_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_OCTETS", 300)
    monkeypatch.setattr(journal, "_KEPT", 2)
    home = Home.at(tmp_path).create()
    with journal.kept(home):
        for number in range(20):
            tell(f"sentence {number}")
    assert {path.name for path in home.logs.iterdir()} == {journal.NAME, f"{journal.NAME}.1", f"{journal.NAME}.2"}
    assert "sentence 19" in str(_lines(home)[-1]["message"])
