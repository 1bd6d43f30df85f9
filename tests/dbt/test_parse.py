"""dbt's parse of the project is kept while no file of it changes, and never outlives a change."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from warehouse.build import transform

SETTINGS = "{name: small, version: '1.0', config-version: 2, profile: passnum, model-paths: [models]}"


def _models() -> set[str]:
    return {node["name"] for node in transform.project_manifest()["nodes"].values()}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model, in the place of ours; nothing of it is read yet in this process."""
    project = _write(tmp_path / "project")
    monkeypatch.setattr(transform, "DBT_PROJECT", project)
    monkeypatch.setattr(transform, "_manifests", {})
    return project


def _write(project: Path) -> Path:
    (project / "models").mkdir(parents=True)
    shutil.copyfile(transform.DBT_PROJECT / "profiles.yml", project / "profiles.yml")
    (project / "dbt_project.yml").write_text(SETTINGS, encoding="utf-8")
    (project / "models" / "one.sql").write_text("select 1 as n", encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def parsed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parse that is kept of that project. Not to be written in: copy it."""
    with pytest.MonkeyPatch.context() as patched:
        project = _write(tmp_path_factory.mktemp("parsed") / "project")
        patched.setattr(transform, "DBT_PROJECT", project)
        patched.setattr(transform, "_manifests", {})
        transform.parsed_project()
    return project / "target"


@pytest.fixture
def parsed(small: Path, parsed_once: Path) -> Path:
    """The project of one model and, in its target, the parse that is kept of it; where that is."""
    shutil.copytree(parsed_once, small / "target")
    folder = transform.parse_folder()
    assert folder.is_dir()
    return folder


def test_the_parse_is_kept_until_a_file_of_the_project_changes(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSNUM_CANDIDATE", str(tmp_path / "elsewhere.duckdb"))

    first = transform.parsed_project()
    manifest = first / "manifest.json"
    written = manifest.stat().st_mtime_ns
    assert json.loads(manifest.read_text(encoding="utf-8"))["metadata"]["project_name"] == "small"
    assert transform.parsed_project() == first
    assert manifest.stat().st_mtime_ns == written, "parsed again for nothing"
    assert _models() == {"one"}

    (small / "models" / "two.sql").write_text("select 2 as n", encoding="utf-8")
    assert _models() == {"one", "two"}
    assert [path.name for path in (small / "target").iterdir()] == [transform.parse_folder().name]
    assert not first.exists()


def _parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The dbt commands called from now on."""
    called: list[str] = []
    run = transform.run_dbt

    def counted(arguments: list[str], *others: Any) -> Any:
        called.append(arguments[0])
        return run(arguments, *others)

    monkeypatch.setattr(transform, "run_dbt", counted)
    return called


def test_the_kept_manifest_is_the_one_dbt_parsed(parsed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read without dbt's parse, node for node and macro for macro what dbt reads."""
    folder = parsed
    called = _parses(monkeypatch)
    kept = transform._manifest()
    assert called == []
    (folder / "manifest.pickle").unlink()
    monkeypatch.setattr(transform, "_manifests", {})
    again = transform._manifest()
    assert called == ["parse"]
    assert kept.writable_manifest().to_dict()["nodes"] == again.writable_manifest().to_dict()["nodes"] != {}
    for name, value in vars(again).items():
        if not name.startswith("_") and name != "metadata":  # the moment of the parse
            assert _plain(getattr(kept, name)) == _plain(value), name
    assert (folder / "manifest.pickle").exists(), "kept for the next run"


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "of other classes"])
def test_a_damaged_manifest_is_made_again(parsed: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    path = parsed / "manifest.pickle"
    good = path.read_bytes()
    pickled = b"cwarehouse.transform\nGoneSince\n."  # a class that is not there
    damaged = {
        "cut": good[:-1000],
        "flipped": good.replace(b"select 1 as n", b"select 2 as n"),
        "empty": b"",
        "of other classes": hashlib.sha256(pickled).digest() + pickled,
    }[damage]
    assert damaged != good
    path.write_bytes(damaged)
    called = _parses(monkeypatch)
    manifest = transform._manifest()
    assert called == ["parse"]
    assert manifest.nodes["model.small.one"].raw_code == "select 1 as n"
    monkeypatch.setattr(transform, "_manifests", {})
    assert transform._manifest().nodes.keys() == manifest.nodes.keys()
    assert called == ["parse"], "the damaged one was replaced"


def _plain(value: Any) -> Any:
    """As dictionaries: two hashes of nothing are never equal to dbt."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    made = value.to_dict() if hasattr(value, "to_dict") else value
    return {key: inner for key, inner in made.items() if key != "created_at"} if isinstance(made, dict) else made


def test_dbt_is_loaded_ahead_without_touching_a_database(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run does while files are read: there is no candidate yet."""
    called = _parses(monkeypatch)
    transform.load()
    assert called == ["parse", "list"]
    transform.load()
    assert called == ["parse", "list", "list"], "parsed once a process"
    assert not list(small.rglob("*.duckdb"))
    assert [path.name for path in (small / "target").iterdir()] == [transform.parse_folder().name]
