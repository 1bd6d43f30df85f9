"""The house keeps its shape: imports run one way, modules stay small, nothing points outside the project."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {
    "programme",
    "presentation",
    "ingestion",
    "simulation",
    "data_quality",
    "warehouse",
    "reporting",
    "dashboards",
    "orchestration",
}
# What each room may import of the others. Whoever is not named here may import everything (orchestration).
MAY_IMPORT = {
    "programme": set(),
    "presentation": {"programme"},
    "ingestion": {"programme", "presentation"},
    "simulation": {"programme"},
    "data_quality": {"programme", "presentation"},
    "warehouse": {"programme", "presentation", "ingestion", "data_quality"},
    "reporting": {"warehouse", "programme", "presentation"},
    "dashboards": {"warehouse", "programme", "presentation"},
}
# Where developers' machines keep their files.
_PLACE = re.compile(r"/(?:root|home|work)/")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _imported_rooms(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.split(".")[0] for name in names} & ROOMS


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_run_one_way(room: str) -> None:
    """Nobody knows who uses them (architecture, last paragraph of the rooms)."""
    wrong = {
        str(path.relative_to(ROOT)): sorted(extra)
        for path in MODULES
        if path.is_relative_to(ROOT / room) and (extra := _imported_rooms(path) - MAY_IMPORT[room] - {room})
    }
    assert wrong == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_and_says_what_lives_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring, "a module opens with what lives there"


def test_definitions_assemble_and_nothing_else() -> None:
    assert len((ROOT / "orchestration" / "definitions.py").read_text(encoding="utf-8").splitlines()) < 40


def _committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_the_lock_pins_everything_with_hashes_and_names_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    requirements = [line for line in lock.splitlines() if re.match(r"^[a-z0-9]", line, re.IGNORECASE)]
    assert len(requirements) > 100
    assert all("==" in line for line in requirements)
    assert lock.count("--hash=sha256:") >= len(requirements)
    assert "://" not in lock
    assert "index-url" not in lock


def test_no_committed_text_names_this_machine() -> None:
    """Nothing outside the project is needed to run it: no absolute path of a developer's machine."""
    found = []
    for path in _committed():
        if path.suffix in {".png", ".geojson", ".xlsx", ".parquet", ".pdf"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in sorted(set(_PLACE.findall(text)))]
    assert found == []


def test_start_up_imports_nothing_heavy() -> None:
    """Start-up is part of a user's wait: the command line imports none of the big libraries by itself."""
    code = (
        "import sys; import orchestration.cli; "
        "print([m for m in ('dagster','dbt','great_expectations','streamlit','pandas','polars','duckdb') "
        "if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr
