"""The publication as a Dagster asset: the candidate that passed the gate becomes the version readers see.

Does not live here: the step (steps.py), the atomic swap (warehouse/build/publish.py), the verdict (gate.py).
"""

from collections.abc import Iterator
from datetime import UTC

import dagster as dg

from orchestration import steps
from orchestration.assets.retried import NOT_ALONE, told_failures
from orchestration.dagster_events import GATE, PUBLISHED, published_metadata
from orchestration.dagster_log import told_in
from orchestration.observed import observe
from orchestration.prepared import prepare
from orchestration.settings import RunSettings
from orchestration.sharing import share
from orchestration.under_way import UnderWay
from warehouse.build.publish import UnfinishedPublication


@dg.asset(
    key=PUBLISHED,
    group_name="publication",
    kinds={"duckdb"},
    deps=[GATE],
    description="La version publiée : lue par les pages, les rapports et les analystes.",
)
def published_warehouse(context: dg.AssetExecutionContext, settings: RunSettings) -> Iterator[dg.MaterializeResult]:
    """Publish the candidate of this run. Fails, published all the same, when something that follows it did."""
    plan = settings.plan()
    if (made := UnderWay.find(plan.home, context.run_id)) is None:
        raise dg.Failure(NOT_ALONE, allow_retries=False)
    with told_in(context.log, settings.home(), context.run_id), told_failures():
        published = steps.publish(plan, made)
        if plan.as_of is None:
            prepare(plan.home, plan.programme)
        unshared = share(plan.home, plan.programme_folder) if plan.as_of is None else None
    observe(plan.home, "published", published.record.started_at.replace(tzinfo=UTC), context.run_id)
    yield dg.MaterializeResult(metadata=published_metadata(published))
    if published.unfinished:
        with told_failures():
            raise UnfinishedPublication(published.unfinished)
    if unshared is not None:
        with told_failures():
            raise unshared
