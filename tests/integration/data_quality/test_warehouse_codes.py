"""The codes of dbt (PN-1xx keys, PN-2xx relationships, PN-3xx identities) each catch the damage they are there for.

No delivery can cause these: they guard the models. A candidate of dirty deliveries passes them all; it is then damaged,
table by table. The unit tests of dbt start from the same candidate. Does not live here: the plausibility checks
(test_planted.py), a refusal on the road (road/).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from warehouse.build import transform
from warehouse.build.candidate import Candidate
from warehouse.build.transform import project_manifest, run_data_tests, run_unit_tests, to_check_results

#: Identity → the damage: a line, an hour, an euro, a person or a pass that is in one table and not in the other.
IDENTITIES = {
    "PN-301": "update marts.pass_lifecycle set passes = passes + 1",
    "PN-302": "update marts.territory_progress set passes_expired = passes_expired + 1 where territory_code = '94080'",
    "PN-303": "update marts.mandate_ledger set closing_passes = closing_passes + 1 where territory_code = '94080'",
    "PN-304": "update scratch.intermediate.int_staged_total set versions = versions - 1 where dataset = 'lieux'",
    "PN-305": "update marts.budget_month set amount_incl_tax_eur = amount_incl_tax_eur + 0.01",
    "PN-306": "update marts.progress_daily set hours = hours + 1",
    "PN-307": "update marts.audience_profile set people_equipped = people_equipped + 1",
    "PN-308": "update core.fct_pass set status = 'used' where pass_number = "
    "(select min(pass_number) from core.fct_pass where status = 'in_stock')",
    "PN-309": "delete from quality.rejected_line where line_number = 2",
    "PN-310": "update core.dim_carnet set pass_count = pass_count + 1 where carnet_number = 'DEF-00001'",
    # One unit more than if every usable pass served, and nothing else wrong.
    "PN-320": "insert into marts.projection by name select indicator, 'essai' as scenario, as_of, as_of as target_on, "
    "value as low, value as median, value + 2 as high, value + 1 as ceiling "
    "from marts.programme_progress where indicator = 'people_reached'",
    # A payment that is in the deliveries and no longer in the facts; another that is justified twice over.
    "PN-321": "delete from core.fct_counter_payment where payment_id = "
    "(select min(payment_id) from core.fct_counter_payment)",
    "PN-322": "update core.fct_counter_payment set supported_eur = supported_eur + 1 where payment_id = "
    "(select max(payment_id) from core.fct_counter_payment)",
    "PN-323": "insert into marts.mandate_receivable by name select lieu_siret, 'essai' as reimbursement_reference, "
    "1 as amount_eur, 2 as recovered_eur, -1 as open_eur from core.dim_lieu limit 1",
    "PN-325": "update proof.contribution set passes = passes + 1 where event = 'use' and rowid = "
    "(select min(rowid) from proof.contribution where event = 'use')",
    # A line that has no answer; a pass usable that the account does not hold.
    "PN-326": "delete from proof.line where rowid = (select min(rowid) from proof.line)",
    "PN-330": "update marts.stock_month set passes = passes + 1 where rowid = "
    "(select min(rowid) from marts.stock_month)",
    # An operation that no month of the account holds; a cent of the State's share that no indicator shows.
    "PN-327": "update marts.mandate_operation set circulation_eur = circulation_eur + 0.01 where nature = 'used'",
    "PN-328": "update marts.state_share set to_call_eur = to_call_eur + 0.01",
    # A debit without its credit.
    "PN-331": "update marts.mandate_operation set payable_eur = payable_eur + 0.01 where nature = 'used'",
    "PN-324": "insert into core.fct_recovery by name select 'essai' as entry_id, 'essai' as reimbursement_reference, "
    "1 as amount_eur",
}


@pytest.fixture
def candidate(planted_candidate: Candidate, tmp_path: Path) -> Candidate:
    """A copy of the candidate of the planted deliveries, to be damaged."""
    folder = shutil.copytree(planted_candidate.folder, tmp_path / "candidate")
    return replace(planted_candidate, folder=folder)


def _damage(candidate: Candidate, damages: Iterable[str]) -> None:
    with duckdb.connect(str(candidate.database)) as con:
        con.execute(f"attach '{candidate.folder / 'scratch.duckdb'}' as scratch")
        for damage in damages:
            con.execute(damage)


def _failing(candidate: Candidate) -> set[str]:
    results = to_check_results(run_data_tests(candidate))
    assert [result.code for result in results if result.status == "erreur"] == []
    return {result.code for result in results if result.status == "ko"}


def _structure() -> dict[str, str]:
    """Code → damage of each key (a row twice) and relationship or list of values (a value that is nowhere)."""
    nodes = project_manifest()["nodes"].values()
    tests = [node for node in nodes if node["resource_type"] == "test" and node.get("test_metadata")]
    damages = {}
    for test in tests:
        model = next(node for node in nodes if node["unique_id"] == test["attached_node"])
        table, kind = f"{model['schema']}.{model['name']}", test["test_metadata"]["name"]
        named = test["test_metadata"]["kwargs"]
        column = named.get("column_name") or named["columns"][0]
        damages[test["config"]["meta"]["code"]] = (
            f"create or replace table {table} as from {table} union all (from {table} limit 1) "
            # No row to repeat: two alike.
            f"union all by name (select null as {column} from range(2) where not exists (from {table}))"
            if kind.startswith("unique")
            else f"update {table} set {column} = 'AILLEURS' where {column} is not null; "
            # No value to change: a row with one.
            f"insert into {table} by name select 'AILLEURS' as {column} "
            f"where not exists (from {table} where {column} is not null)"
        )
    # Rows are doubled first: the values that lead elsewhere are then the same everywhere.
    return dict(sorted(damages.items()))


def test_every_unit_test_of_a_rule_passes(candidate: Candidate) -> None:
    """One dbt unit test for each rule with a branch: rows given, rows expected; the candidate lends its columns."""
    results = run_unit_tests(candidate)
    assert len(results) >= 23
    assert {result.name: result.message for result in results if result.status != "pass"} == {}


def test_dirty_deliveries_break_no_key_no_relationship_and_no_identity(candidate: Candidate) -> None:
    assert _failing(candidate) == set()


def test_every_key_and_relationship_notices_its_damage(candidate: Candidate) -> None:
    damages = _structure()
    assert {code[:4] for code in damages} == {"PN-1", "PN-2"}
    assert len(damages) > 50
    _damage(candidate, damages.values())
    assert _failing(candidate) >= set(damages)


def test_what_is_counted_in_one_go_is_run_by_dbt_only_where_rows_fail(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys, relationships and identities are one query each; dbt is asked for the one that fails, and for no other."""
    asked: list[list[str]] = []
    run = transform.run_dbt
    monkeypatch.setattr(transform, "run_dbt", lambda arguments, *rest: asked.append(arguments) or run(arguments, *rest))  # type: ignore[func-returns-value]
    _damage(candidate, [_structure()["PN-101"]])
    results = to_check_results(run_data_tests(candidate))
    assert sorted(result.code for result in results) == sorted(_structure().keys() | IDENTITIES.keys())
    assert {result.code: result.observed for result in results if result.status == "ko"} == {
        "PN-101": "1\u00a0ligne en défaut"
    }
    (selected,) = [arguments for arguments in asked if arguments[0] == "test"]
    arguments_of_select = selected[selected.index("--select") + 1 :]
    assert [name for name in arguments_of_select if not name.startswith("-")] == ["unique_dim_territory_territory_code"]


def test_a_key_that_cannot_be_counted_is_an_error_of_its_own(candidate: Candidate) -> None:
    _damage(
        candidate, ["create or replace table core.dim_service as select * exclude (service_code) from core.dim_service"]
    )
    results = to_check_results(run_data_tests(candidate))
    assert sorted(result.code for result in results) == sorted(_structure().keys() | IDENTITIES.keys())
    wrong = {result.code for result in results if result.status == "erreur"}
    assert wrong and wrong < _structure().keys()
    assert {result.table_name for result in results if result.status == "erreur"} >= {"dim_service"}
    assert {result.status for result in results if result.code not in wrong} == {"ok"}


def test_every_identity_notices_its_damage(candidate: Candidate) -> None:
    _damage(candidate, IDENTITIES.values())
    assert _failing(candidate) >= set(IDENTITIES)


def test_every_code_of_dbt_is_in_the_table() -> None:
    nodes = project_manifest()["nodes"].values()
    codes = {node["config"]["meta"].get("code") for node in nodes if node["resource_type"] == "test"}
    assert codes == set(_structure()) | set(IDENTITIES)
