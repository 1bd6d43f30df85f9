"""Every failure that a person can mend is shown as it says itself, the kinds of one kind included."""

from __future__ import annotations

import ast

from orchestration.expected import EXPECTED
from tests.conftest import ROOT

ROOMS = ("ingestion", "orchestration", "programme", "reporting", "storage", "warehouse")


def test_a_kind_of_an_expected_failure_is_expected_too() -> None:
    """Named by class: one that is made a kind of another would else be told as « Erreur inattendue »."""
    found = {
        node.name
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in EXPECTED for b in node.bases)
    }
    assert "LandingUnreadable" in found
    assert {name for name in found if not name.startswith("_")} <= EXPECTED
