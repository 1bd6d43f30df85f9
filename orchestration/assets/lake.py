"""The lake as Dagster assets: one asset an export. Does not live here: the step (steps.py), the reader."""

from collections.abc import Iterator

import dagster as dg

from ingestion.contract import load_contracts
from orchestration import steps
from orchestration.assets.retried import RETRIES, told_failures
from orchestration.dagster_events import LAKE, lake_metadata
from orchestration.dagster_log import told_in
from orchestration.settings import RunSettings


def _specs() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            dg.AssetKey([LAKE, dataset]),
            group_name=LAKE,
            kinds={"polars", "parquet"},
            description=contract.description,
        )
        for dataset, contract in load_contracts().items()
    ]


@dg.multi_asset(name="ingest_deliveries", specs=_specs(), retry_policy=RETRIES)
def ingest_deliveries(context: dg.AssetExecutionContext, settings: RunSettings) -> Iterator[dg.MaterializeResult]:
    """Take in every file of the landing folder; each export's asset says what came for it."""
    with told_in(context.log, settings.home(), context.run_id), told_failures():
        settings.alone(context)
        deliveries = steps.take_in(settings.plan())
    for dataset in load_contracts():
        yield dg.MaterializeResult(asset_key=dg.AssetKey([LAKE, dataset]), metadata=lake_metadata(dataset, deliveries))
