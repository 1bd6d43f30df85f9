"""The house keeps its shape: imports run one way, modules stay small, nothing points outside the project."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["root_packages"]
# Where developers' machines keep their files.
_PLACE = re.compile(r"/(?:root|home|work)/")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_imports_run_one_way() -> None:
    """Nobody knows who uses them (architecture, last paragraph of the rooms); the rule itself is in pyproject.toml."""
    told = _lint(ROOT)
    assert told.returncode == 0, told.stdout


def test_every_room_is_under_the_rule() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert found == set(ROOMS)


def _imports() -> dict[str, set[str]]:
    """Room → the rooms it imports; a room of the warehouse is one of its own."""
    graph = grimp.build_graph(*ROOMS)

    def room(module: str) -> str:
        first, *rest = module.split(".")
        return f"{first}.{rest[0]}" if first == "warehouse" and rest else first

    found: dict[str, set[str]] = {room(module): set() for module in graph.modules}
    for module in graph.modules:
        found[room(module)] |= {room(other) for other in graph.find_modules_directly_imported_by(module)}
    return {name: others - {name} for name, others in found.items() if name != "warehouse"}


def test_the_house_is_as_it_is_drawn() -> None:
    """docs/maison.md: the table is every import between rooms; each arrow of the drawing is one of them."""
    imports = _imports()
    _, now = (ROOT / "docs" / "maison.md").read_text(encoding="utf-8").split("## Maintenant")
    told: dict[str, set[str]] = {}
    for _, rooms, others in re.findall(r"^\| (\d+)\. [^|]*\| ([^|]*) \| ([^|]*) \|$", now, re.M):
        told |= {room: set(re.findall(r"`([\w.]+)`", others)) for room in re.findall(r"`([\w.]+)`", rooms)}
    assert told == imports
    names = {"build": "warehouse.build", "published": "warehouse.published", "result": "warehouse.check_result",
             "place": "warehouse.settings"}  # fmt: skip
    drawing = now.split("```mermaid")[1].split("```")[0]
    arrows = [
        (names.get(source, source), names.get(target, target))
        for left, right in re.findall(r"^ +([\w& ]+?) --> ([\w& ]+)$", drawing, re.M)
        for source in left.split(" & ")
        for target in right.split(" & ")
    ]
    assert len(arrows) > 15
    assert [arrow for arrow in arrows if arrow[1] not in imports[arrow[0]]] == []


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms and their rule, elsewhere."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=lambda _, names: [n for n in names if "." in n[:-3]])
    return folder


@pytest.mark.parametrize(
    ("wrong", "imported", "contract"),
    [
        ("presentation", "warehouse.published.versions", "Imports run one way"),
        ("dashboards", "reporting.figures.period", "Pages know of the documents"),
        ("reporting", "dashboards.access", "Imports run one way"),
        ("warehouse/published", "warehouse.build.transform", "Imports run one way"),
        ("warehouse/build", "data_quality.registry", "Imports run one way"),
        ("reporting", "warehouse.build.history", "Pages and documents read what is published"),
        ("dashboards", "ingestion.lake", "Pages and documents read what is published"),
        ("reporting", "simulation.simulate", "A version is made by a run alone"),
        ("data_quality", "warehouse.published.versions", "The checks know of the warehouse"),
    ],
)
def test_the_rule_is_heard(house: Path, wrong: str, imported: str, contract: str) -> None:
    """A module that asks for what its room may not know breaks the contract that says so."""
    planted = house / wrong / "planted.py"
    planted.write_text(f"import {imported}\n", encoding="utf-8")
    try:
        told = _lint(house)
    finally:
        planted.unlink()
    broken = " ".join(told.stdout.split("Broken contracts")[-1].split())
    assert told.returncode == 1
    assert contract in broken
    assert f"{wrong.replace('/', '.')}.planted -> {imported}" in broken


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


def test_a_path_is_never_a_pattern() -> None:
    """Polars takes the brackets, stars and question marks of a path for a pattern unless told: a home in a folder named
    « données [2026] » would not be read, or another's would."""
    calls = [
        (path.name, node.lineno, {keyword.arg for keyword in node.keywords})
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"read_parquet", "scan_parquet", "scan_csv"}
        and not any(isinstance(given, ast.Call) and "BytesIO" in ast.unparse(given.func) for given in node.args)
    ]
    assert len(calls) > 15
    assert [(name, line) for name, line, given in calls if "glob" not in given] == []
