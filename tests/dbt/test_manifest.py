"""The rules of the layers, held from dbt's manifest: who may read whom, and what every model must carry.

Not here: what the models compute (dbt unit tests beside them, the golden set).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ingestion.contract import load_contracts
from reporting.quality.wording import OWNERS
from warehouse.build.transform import project_manifest

PROJECT = Path(__file__).parents[2] / "dbt_project"
LAYERS = ["staging", "core", "proof", "marts"]


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest of the project as it stands."""
    return project_manifest()


def _models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def _layer(node: dict[str, Any]) -> str:
    return node["fqn"][1]


def _sql(node: dict[str, Any]) -> str:
    """The model's code without its comments."""
    return re.sub(r"--.*|\{#.*?#\}", "", node["raw_code"])


def _published(node: dict[str, Any]) -> bool:
    return node["schema"] in {"core", "proof", "marts", "quality"}


# Marts read what core says of things and what proof says of figures.
_MAY_READ: dict[str, set[str]] = {
    "staging": set(),
    "core": {"staging", "core"},
    "proof": {"core", "proof"},
    "marts": {"core", "proof", "marts"},
    # What a line in question weighs is of the figures' own rows.
    "quality": {"quality", "core"},
}


def test_each_layer_reads_only_itself_or_the_one_before(manifest: dict[str, Any]) -> None:
    wrong = []
    for node in _models(manifest):
        layer = _layer(node)
        allowed = _MAY_READ[layer]
        for parent in node["depends_on"]["nodes"]:
            kind = parent.split(".")[0]
            if kind == "model" and _layer(manifest["nodes"][parent]) not in allowed:
                wrong.append(f"{node['name']} reads {parent}")
            if kind == "source":
                source = manifest["sources"][parent]["source_name"]
                if source == "lake" and layer not in {"staging", "quality"}:
                    wrong.append(f"{node['name']} reads the lake")
    assert wrong == []


def test_every_model_opens_its_description_with_its_grain(manifest: dict[str, Any]) -> None:
    assert [node["name"] for node in _models(manifest) if not node["description"].startswith("Grain: one row")] == []


def test_every_published_model_has_an_enforced_contract(manifest: dict[str, Any]) -> None:
    wrong = [node["name"] for node in _models(manifest) if _published(node) != node["config"]["contract"]["enforced"]]
    assert wrong == []


def test_every_published_column_is_described(manifest: dict[str, Any]) -> None:
    wrong = [
        f"{node['name']}.{column['name']}"
        for node in _models(manifest)
        if _published(node)
        for column in node["columns"].values()
        if not column["description"] or not column["data_type"]
    ]
    assert wrong == []


def test_every_published_model_has_a_key_test(manifest: dict[str, Any]) -> None:
    keyed = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in {"unique", "unique_combination"}
    }
    # A file received twice has two rows: delivered_file has no key but its order of arrival. A line may have
    # several field issues of one column and reason.
    without_key = {"delivered_file", "field_issue"}
    wrong = [
        node["name"]
        for node in _models(manifest)
        if _published(node) and node["unique_id"] not in keyed and node["name"] not in without_key
    ]
    assert wrong == []


def test_every_data_test_has_a_code_a_french_sentence_and_an_owner(manifest: dict[str, Any]) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    codes = [node["config"]["meta"].get("code") for node in tests]
    assert [node["name"] for node in tests if not {"code", "sentence", "owner"} <= set(node["config"]["meta"])] == []
    assert len(codes) == len(set(codes)), "a code names one check"
    # An owner the reports do not know would receive nothing (reporting/quality/wording.py).
    assert {node["config"]["meta"]["owner"] for node in tests} <= set(OWNERS)


def test_every_model_with_a_branch_has_a_unit_test(manifest: dict[str, Any]) -> None:
    """A model of core, proof or marts that decides (a case, a choice among rows, a filter) proves its choices."""
    tested = {node["model"] for node in manifest["unit_tests"].values()}
    wrong = [
        node["name"]
        for node in _models(manifest)
        if _layer(node) in {"core", "proof", "marts"}
        and re.search(r"\bcase\b|distinct on|\bfilter \(|arg_m(in|ax)\(", _sql(node))
        and node["name"] not in tested | _LOOKED_UP
    ]
    assert wrong == []


# The mart whose `case` picks a column by the indicator's name: the dictionary test works out every row of it. The table
# macros, which have parameters that a unit test cannot give: golden/test_metric and pages/test_scenarios ask them.
_LOOKED_UP = {"indicator", "metric", "scenario"}


def test_marts_hold_no_rule(manifest: dict[str, Any]) -> None:
    """Statuses, natures, exclusions and anomalies are decided in core: naming an export's value is deciding anew."""
    deciding = {"statut", "nature", "public_pic", "residence_qpv"}
    values = {
        value
        for contract in load_contracts().values()
        for field in contract.fields
        if field.name in deciding
        for value in field.values
    }
    assert {"remboursee", "perdu", "avoir", "nsp"} <= values
    wrong = [
        f"{node['name']}: {value}"
        for node in _models(manifest)
        if _layer(node) == "marts"
        for value in values
        if f"'{value}'" in _sql(node)
    ]
    assert wrong == []


def test_no_model_hides_a_fan_out(manifest: dict[str, Any]) -> None:
    """`select distinct` over a join that multiplies hides a wrong key: `distinct on` and `group by` say which row."""
    hidden = re.compile(r"select\s+distinct(?!\s+on\b)", re.IGNORECASE)
    assert [node["name"] for node in _models(manifest) if hidden.search(_sql(node))] == []


def test_no_mart_nor_proof_carries_a_pass_carnet_or_beneficiary_number(manifest: dict[str, Any]) -> None:
    forbidden = {"pass_number", "carnet_number", "beneficiary_key", "person_key", "redemption_id", "prescription_id"}
    wrong = [
        f"{node['name']}.{column}"
        for node in _models(manifest)
        if node["schema"] in {"proof", "marts"}
        for column in node["columns"]
        if column in forbidden
    ]
    assert wrong == []
