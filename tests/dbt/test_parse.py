"""dbt's parse of the project is kept while no file of it changes, and never outlives a change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from warehouse import transform

SETTINGS = "{name: small, version: '1.0', config-version: 2, profile: passnum, model-paths: [models]}"


def _models() -> set[str]:
    return {node["name"] for node in transform.project_manifest()["nodes"].values()}


def test_the_parse_is_kept_until_a_file_of_the_project_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    shutil.copyfile(transform.DBT_PROJECT / "profiles.yml", project / "profiles.yml")
    (project / "dbt_project.yml").write_text(SETTINGS, encoding="utf-8")
    (project / "models" / "one.sql").write_text("select 1 as n", encoding="utf-8")
    monkeypatch.setattr(transform, "DBT_PROJECT", project)
    monkeypatch.setenv("PASSNUM_CANDIDATE", str(tmp_path / "elsewhere.duckdb"))

    first = transform.parsed_project()
    manifest = first / "manifest.json"
    written = manifest.stat().st_mtime_ns
    assert json.loads(manifest.read_text(encoding="utf-8"))["metadata"]["project_name"] == "small"
    assert transform.parsed_project() == first
    assert manifest.stat().st_mtime_ns == written, "parsed again for nothing"
    assert _models() == {"one"}

    (project / "models" / "two.sql").write_text("select 2 as n", encoding="utf-8")
    assert _models() == {"one", "two"}
    assert [path.name for path in (project / "target").iterdir()] == [transform.parse_folder().name]
    assert not first.exists()
