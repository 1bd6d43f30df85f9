"""`make model NAME=…`: what it builds and which tests it runs, on the project's graph and on a small project."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import one_model
from tests.one_model import UnknownModel, check_name, fingerprints, inputs_digest, plan, run_one
from warehouse.build.transform import project_manifest

CARNET = "model.passnum.dim_carnet"


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The project's graph, to be altered."""
    return copy.deepcopy(project_manifest())


def test_a_name_that_no_model_has_gets_the_nearest_ones() -> None:
    with pytest.raises(UnknownModel, match=r"Aucun modèle « fct_redemtion »\. Vouliez-vous dire : fct_redemption"):
        check_name("fct_redemtion")
    with pytest.raises(UnknownModel, match=r"Aucun modèle « xyz »\. Les modèles : .*dim_carnet"):
        check_name("xyz")
    with pytest.raises(UnknownModel, match=r"make model NAME=fct_redemption\.\nLes modèles : .*dim_carnet"):
        check_name("")
    check_name("dim_carnet")


def test_what_the_model_reads_is_built_once_and_nothing_else(manifest: dict[str, Any]) -> None:
    marks = fingerprints(manifest, CARNET)
    assert "model.passnum.stg_emissions" in marks
    assert "model.passnum.fct_redemption" not in marks, "downstream of it"
    assert len(plan(manifest, CARNET, {}).ancestors) == len(marks) - 1
    assert plan(manifest, CARNET, marks).ancestors == []


def test_a_change_above_is_built_again_with_what_stands_between(manifest: dict[str, Any]) -> None:
    """The fingerprint of a model holds those of what it reads: one that stands between is out of step too."""
    name = "model.passnum.fct_redemption"
    marks = fingerprints(manifest, name)
    manifest["nodes"]["model.passnum.stg_emissions"]["checksum"]["checksum"] = "changed"
    again = {selector.rsplit(".", 1)[-1] for selector in plan(manifest, name, marks).ancestors}
    assert {"stg_emissions", "dim_carnet"} <= again
    assert "stg_lieux" not in again


def test_a_column_or_a_macro_that_changes_counts_as_the_model(manifest: dict[str, Any]) -> None:
    marks = fingerprints(manifest, CARNET)
    manifest["nodes"][CARNET]["columns"]["carnet_number"]["data_type"] = "blob"
    assert fingerprints(manifest, CARNET)[CARNET] != marks[CARNET]
    (macro,) = [name for name in manifest["macros"] if name == "macro.passnum.as_of"]
    manifest["macros"][macro]["macro_sql"] = "changed"
    assert set(fingerprints(manifest, CARNET).values()).isdisjoint(marks.values())


def test_the_tests_are_those_that_what_is_built_can_decide(manifest: dict[str, Any]) -> None:
    """Every unit test of the model; of the data tests that name it, those that read nothing downstream of it."""
    marks = fingerprints(manifest, CARNET)
    nodes = {selector.rsplit(".", 1)[-1]: selector for selector in plan(manifest, CARNET, {}).tests}
    naming = [
        n for n in manifest["nodes"].values() if n["resource_type"] == "test" and CARNET in n["depends_on"]["nodes"]
    ]
    decided = {n["name"] for n in naming if set(n["depends_on"]["nodes"]) - {CARNET} <= set(marks)}
    assert set(nodes) == decided
    assert 0 < len(decided) < len(naming)
    left_out = {selector.rsplit(".", 1)[-1] for selector in plan(manifest, CARNET, {}).left_out}
    assert left_out == {u["name"] for u in manifest["unit_tests"].values() if u["model"] != "dim_carnet"}


def test_the_kept_candidate_follows_what_it_is_made_from(tmp_path: Path) -> None:
    for name in one_model.INPUTS:
        assert (one_model.ROOT / name).exists(), name
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "programme").mkdir()
    settings = tmp_path / "programme" / "programme.yaml"
    digests = set()
    for content in ("a", "b"):
        settings.write_text(content, encoding="utf-8")
        digests.add(inputs_digest(tmp_path))
        (tmp_path / "elsewhere.txt").write_text(content, encoding="utf-8")
    assert len(digests) == 2
    assert inputs_digest(tmp_path) in digests


SMALL = {
    "dbt_project.yml": "{name: passnum, version: '1.0', config-version: 2, profile: passnum, model-paths: [models]}",
    "models/first.sql": "select 1 as n",
    "models/aside.sql": "select nothing from nowhere",
    "models/second.sql": "select n + 1 as m from {{ ref('first') }}",
    "models/rules.yml": """
models:
  - {name: second, columns: [{name: m, data_tests: [not_null]}]}
unit_tests:
  - name: one_more
    description: Un de plus.
    model: second
    given: [{input: ref('first'), rows: [{n: 4}]}]
    expect: {rows: [{m: 5}]}
""",
}


def test_one_model_is_built_and_tested_on_the_kept_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Built with what it reads, then alone; a broken rule is told with its sentence; a model aside may be broken."""
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    for name, content in SMALL.items():
        (project / name).write_text(content, encoding="utf-8")
    shutil.copyfile(one_model.DBT_PROJECT / "profiles.yml", project / "profiles.yml")
    monkeypatch.setattr(one_model, "DBT_PROJECT", project)

    def run() -> tuple[int, str]:
        return run_one("second", tmp_path / "kept"), capsys.readouterr().out

    failed, said = run()
    assert failed == 0, said
    assert "modèle first" in said and "test unitaire one_more" in said and "contrôle not_null_second_m" in said
    failed, said = run()
    assert failed == 0, said
    assert "modèle first" not in said and "modèle second" in said
    (project / "models" / "second.sql").write_text("select n + 2 as m from {{ ref('first') }}", encoding="utf-8")
    failed, said = run()
    assert failed == 1, said
    assert "✘ test unitaire one_more" in said and "Un de plus." in said and "modèle second : pas fait" in said
