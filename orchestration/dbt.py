"""The dbt models as Dagster assets, their data tests as asset checks, run in process on the candidate.

Does not live here: the models (dbt_project/), how dbt is called (warehouse/transform.py).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from data_quality.results import CheckResult
from orchestration.settings import RunSettings, tell
from programme.clock import today_in_paris
from programme.french import count, day
from warehouse import transform
from warehouse.candidate import Candidate, prepare

CHECKS = "dbt_checks.json"
_UNIQUE_ID = "dagster_dbt/unique_id"


def keep_checks(candidate: Candidate, checks: list[CheckResult]) -> None:
    """Leave the data tests' results to the gate, beside the candidate."""
    content = json.dumps([vars(check) for check in checks], ensure_ascii=False)
    (candidate.folder / CHECKS).write_text(content, encoding="utf-8")


def kept_checks(candidate: Candidate) -> list[CheckResult]:
    """The data tests' results of this candidate."""
    content = json.loads((candidate.folder / CHECKS).read_text(encoding="utf-8"))
    return [CheckResult(**check) for check in content]


class WarehouseTranslator(DagsterDbtTranslator):
    """Sources of the lake are the ingestion assets; a failing test never stops the gate from judging the rest."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return dbt_resource_props["fqn"][1] if dbt_resource_props["resource_type"] == "model" else "seeds"

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return None if spec is None else spec._replace(blocking=False)


@dbt_assets(
    manifest=transform.parsed_project() / "manifest.json",
    dagster_dbt_translator=WarehouseTranslator(),
    name="build_warehouse",
)
def warehouse_models(context: dg.AssetExecutionContext, settings: RunSettings) -> Iterator[Any]:
    """Build the whole candidate from the whole lake, then run every data test on it."""
    home = settings.home()
    candidate = prepare(
        home,
        settings.programme(),
        run_id=context.run_id,
        as_of=settings.as_of_date(),
        today=today_in_paris(),
    )
    tell(f"Construction de l'entrepôt : {count(candidate.input_files, 'fichier')}, données au {day(candidate.as_of)}.")
    tell("Puis contrôles des clés, des relations et des identités comptables.")
    keys = {spec.metadata[_UNIQUE_ID]: spec.key for spec in context.assets_def.specs}
    models, tests = transform.build_and_test(candidate)
    for node in models:
        yield dg.MaterializeResult(asset_key=keys[node.unique_id], metadata={"seconds": node.seconds})
    checks = transform.to_check_results(tests)
    keep_checks(candidate, checks)
    specs = {spec.metadata[_UNIQUE_ID]: spec for spec in context.assets_def.check_specs}
    for test, check in zip(tests, checks, strict=True):
        if spec := specs.get(test.unique_id):
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=check.status == "ok",
                severity=dg.AssetCheckSeverity.ERROR if check.blocks else dg.AssetCheckSeverity.WARN,
                description=check.sentence,
                metadata={"code": check.code, "observed": check.observed, "owner": check.owner},
            )
