"""The version that a person holds in line: what is said of it (the road: integration/road/test_rollback.py)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from presentation.french import instant_long
from warehouse.published.held import Held, find_held, held_path
from warehouse.settings import Home


def test_a_hold_says_since_when_and_how_to_lift_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    assert find_held(home) is None
    held = Held(build_id="20221130T060000Z-1a2b3c", since=datetime(2022, 12, 5, 8, 30), instead_of="x")
    held_path(home).parent.mkdir()
    held_path(home).write_text(held.model_dump_json(), encoding="utf-8")
    assert find_held(home) == held
    assert held.words == f"maintenue en ligne depuis le {instant_long(held.since)} (retour en arrière)"
    assert "20221130T060000Z-1a2b3c" in held.sentence and "rollback --release" in held.sentence
