"""The dbt models as Dagster assets, their data tests as asset checks, run in process on the candidate.

Does not live here: the models (dbt_project/), how dbt is called (warehouse/build/transform.py), the step (steps.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from orchestration import steps
from orchestration.assets.retried import RETRIES, told_failures
from orchestration.dagster_events import dbt_outcome, model_metadata
from orchestration.dagster_log import told_in
from orchestration.deciding import decide, end_without_building
from orchestration.settings import RunSettings
from orchestration.sharing import share
from warehouse.build import transform
from warehouse.build.publish import rows_of

ALL_TABLES = (
    "Une table ne se construit pas seule : chaque version est faite d'un coup, de tout le lac, pour qu'aucune ne soit "
    "plus ancienne qu'une autre. Lancez le travail « passnum_build »."
)
_UNIQUE_ID = "dagster_dbt/unique_id"


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
    retry_policy=RETRIES,
)
def warehouse_models(context: dg.AssetExecutionContext, settings: RunSettings) -> Iterator[Any]:
    """Build the whole candidate from the whole lake, then run every data test on it.

    Where the published version is made of the same inputs, nothing is built: no asset of it nor after it is
    materialised, Dagster skips the steps that follow, and the log says why.
    """
    if context.is_subset:
        raise dg.Failure(ALL_TABLES, allow_retries=False)
    with told_in(context.log, settings.home(), context.run_id), told_failures():
        settings.alone(context)
        plan = settings.plan()
        decision = decide(plan)
        if decision.version is not None:
            end_without_building(plan, decision.version, decision.held)
            if plan.as_of is None and (unshared := share(plan.home, plan.programme_folder)):
                raise unshared
            return
        built = steps.build(plan, context.run_id, decision)
    keys, rows = model_keys(), rows_of(built.made.candidate.database)
    for rank, node in enumerate(built.nodes, start=1):
        key = keys[node.unique_id]
        metadata = model_metadata(node.seconds, rank, len(built.nodes), rows.get(".".join(key.path)))
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
    specs = test_specs()
    for test, check in zip(built.tests, built.made.tests, strict=True):
        if spec := specs.get(test.unique_id):
            yield dg.AssetCheckResult(asset_key=spec.asset_key, check_name=spec.name, **dbt_outcome(check))


def model_keys() -> dict[str, dg.AssetKey]:
    """dbt's name of a seed or model → its asset."""
    return {spec.metadata[_UNIQUE_ID]: spec.key for spec in warehouse_models.specs}


def test_specs() -> dict[str, dg.AssetCheckSpec]:
    """dbt's name of a data test → its asset check."""
    return {spec.metadata[_UNIQUE_ID]: spec for spec in warehouse_models.check_specs if spec.metadata}
