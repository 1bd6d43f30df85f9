"""What a `passnum run` did, reported to the Dagster of its home where there is one: its assets and checks show it.

Events without a run (`report_runless_asset_event`), after the run and never in its way. Does not live here: what each
event says (dagster_events.py), finding whether there is a Dagster (run.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from ingestion.contract import load_contracts
from ingestion.delivery import Delivery
from orchestration import dagster_events as events
from orchestration.assets.gate import CODES
from orchestration.assets.models import model_keys, test_specs
from orchestration.steps import Built
from orchestration.walk import Walk
from warehouse.build.publish import rows_of
from warehouse.check_result import CheckResult

Event = dg.AssetMaterialization | dg.AssetCheckEvaluation


def report(folder: Path, walk: Walk) -> int:
    """Report `walk` to the Dagster instance of `folder`. Returns the number of events. Raises what Dagster raises."""
    found = list(_events(walk))
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        for event in found:
            instance.report_runless_asset_event(event)
    return len(found)


def _events(walk: Walk) -> Iterator[Event]:
    if walk.deliveries is not None:
        yield from _lake(walk.deliveries)
    if walk.built is not None:
        path = walk.published.path if walk.published else walk.built.made.candidate.database
        yield from _models(walk.built, rows_of(path))
    if walk.results is not None:
        yield from _gate(walk.results)
    if walk.published is not None:
        yield dg.AssetMaterialization(events.PUBLISHED, metadata=events.published_metadata(walk.published))


def _lake(deliveries: list[Delivery]) -> Iterator[Event]:
    for dataset in load_contracts():
        metadata = events.lake_metadata(dataset, deliveries)
        yield dg.AssetMaterialization(dg.AssetKey([events.LAKE, dataset]), metadata=metadata)


def _models(built: Built, rows: dict[str, int]) -> Iterator[Event]:
    keys, specs = model_keys(), test_specs()
    for rank, node in enumerate(built.nodes, start=1):
        key = keys[node.unique_id]
        metadata = events.model_metadata(node.seconds, rank, len(built.nodes), rows.get(".".join(key.path)))
        yield dg.AssetMaterialization(key, metadata=metadata)
    for test, check in zip(built.tests, built.made.tests, strict=True):
        if spec := specs.get(test.unique_id):
            yield dg.AssetCheckEvaluation(asset_key=spec.asset_key, check_name=spec.name, **events.dbt_outcome(check))


def _gate(results: list[CheckResult]) -> Iterator[Event]:
    yield dg.AssetMaterialization(events.GATE, metadata=events.gate_metadata(results))
    outcomes = {events.NO_BLOCKING: events.verdict_outcome(results)}
    outcomes |= {events.check_name(one.code): events.suite_outcome(one) for one in results if one.code in CODES}
    for name, outcome in outcomes.items():
        yield dg.AssetCheckEvaluation(asset_key=events.GATE, check_name=name, **outcome)
