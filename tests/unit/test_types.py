"""The ratchet of the types: what mypy does not hold yet is listed in pyproject.toml, and the list only gets shorter."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: Rooms that are checked and not strict yet. One that becomes strict leaves both lists.
NOT_STRICT = {"dashboards.*", "ingestion.*", "orchestration.*", "tests.*"}


def _settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]


def _modules(flag: str, value: object) -> list[str]:
    """The modules of the overrides that set `flag` to `value`."""
    return [
        module
        for override in _settings()["overrides"]
        if override.get(flag) == value
        for module in ([override["module"]] if isinstance(override["module"], str) else override["module"])
    ]


def test_strict_is_the_rule_and_no_room_leaves_it() -> None:
    assert _settings()["strict"] is True
    assert set(_modules("disallow_untyped_defs", False)) <= NOT_STRICT


def test_no_module_hides_its_errors() -> None:
    assert _modules("ignore_errors", True) == []


def test_every_room_is_checked() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"dbt_project"}
    assert len(rooms) > 6
    assert rooms <= set(_settings()["files"])
