"""The gate as a Dagster asset: every check of the build, one verdict. Does not live here: the checks, the step."""

import dagster as dg

from data_quality.registry import all_checks
from orchestration import steps
from orchestration.assets.models import warehouse_models
from orchestration.assets.retried import NOT_ALONE, told_failures
from orchestration.dagster_events import (
    GATE,
    NO_BLOCKING,
    check_name,
    gate_metadata,
    suite_outcome,
    verdict_outcome,
)
from orchestration.dagster_log import told_in
from orchestration.settings import RunSettings
from orchestration.under_way import UnderWay

CODES = {check.code for check in all_checks()}


@dg.asset(
    key=GATE,
    group_name="quality",
    deps=[spec.key for spec in warehouse_models.specs if spec.key.path[0] in {"marts", "quality"}],
    check_specs=[
        dg.AssetCheckSpec(NO_BLOCKING, asset=GATE, blocking=True, description="Aucun contrôle bloquant en échec."),
        *(dg.AssetCheckSpec(check_name(check.code), asset=GATE, description=check.sentence) for check in all_checks()),
    ],
    description="Les contrôles de la version candidate : ce qui bloque refuse la publication.",
)
def quality_gate(context: dg.AssetExecutionContext, settings: RunSettings) -> dg.MaterializeResult:
    """Run the Great Expectations suites on the candidate and judge them with dbt's tests."""
    plan = settings.plan()
    if (made := UnderWay.find(plan.home, context.run_id)) is None:
        raise dg.Failure(NOT_ALONE, allow_retries=False)
    with told_in(context.log, settings.home(), context.run_id), told_failures():
        results = steps.judge(plan, made)
    suites = [result for result in results if result.code in CODES]
    return dg.MaterializeResult(
        metadata=gate_metadata(results),
        check_results=[
            dg.AssetCheckResult(check_name=NO_BLOCKING, **verdict_outcome(results)),
            *(dg.AssetCheckResult(check_name=check_name(one.code), **suite_outcome(one)) for one in suites),
        ],
    )
