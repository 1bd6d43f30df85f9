"""The gate as a Dagster asset: every check of the build, one verdict. Does not live here: the checks."""

import dagster as dg

from data_quality.registry import all_checks
from data_quality.results import CheckResult
from orchestration.dbt import kept_checks, warehouse_models
from orchestration.settings import RunSettings, tell
from warehouse.candidate import Candidate
from warehouse.published import current_path

GATE = dg.AssetKey(["quality", "gate"])
_NO_BLOCKING = "no_blocking_check_fails"
_CODES = {check.code for check in all_checks()}


def _name(code: str) -> str:
    """Dagster allows no hyphen: PN_401."""
    return code.replace("-", "_")


@dg.asset(
    key=GATE,
    group_name="quality",
    deps=[spec.key for spec in warehouse_models.specs if spec.key.path[0] in {"marts", "quality"}],
    check_specs=[
        dg.AssetCheckSpec(_NO_BLOCKING, asset=GATE, blocking=True, description="Aucun contrôle bloquant en échec."),
        *(dg.AssetCheckSpec(_name(check.code), asset=GATE, description=check.sentence) for check in all_checks()),
    ],
    description="Les contrôles de la version candidate : ce qui bloque refuse la publication.",
)
def quality_gate(context: dg.AssetExecutionContext, settings: RunSettings) -> dg.MaterializeResult:
    """Run the Great Expectations suites on the candidate and judge them with dbt's tests."""
    from orchestration.checks import judge, refuse

    tell("Contrôles de vraisemblance (Great Expectations).")
    home = settings.home()
    candidate = Candidate.of_run(home, context.run_id)
    results = judge(candidate, settings.programme(), current_path(home), kept_checks(candidate))
    blocking = [result for result in results if result.blocks]
    if blocking:
        unkept = refuse(candidate, home, results)
        tell("Publication refusée : la version précédente reste en ligne.")
        for sentence in unkept:
            tell(sentence)
    warnings = [result for result in results if result.status != "ok" and not result.blocks]
    return dg.MaterializeResult(
        metadata={"checks": len(results), "blocking": len(blocking), "warnings": len(warnings)},
        check_results=[
            dg.AssetCheckResult(
                check_name=_NO_BLOCKING,
                passed=not blocking,
                description=_sentences(blocking) or "Aucun contrôle bloquant en échec.",
                metadata={"results": dg.MetadataValue.json([_without_units(result) for result in results])},
            ),
            *(_asset_check(result) for result in results if result.code in _CODES),
        ],
    )


def _without_units(result: CheckResult) -> dict[str, str]:
    """The result as Dagster keeps it: its failing units are in quality.check_failure."""
    return {name: value for name, value in vars(result).items() if name != "failures"}


def _asset_check(result: CheckResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=_name(result.code),
        passed=result.status == "ok",
        severity=dg.AssetCheckSeverity.ERROR if result.blocks else dg.AssetCheckSeverity.WARN,
        description=result.observed,
        metadata={"status": result.status, "expected": result.expected, "owner": result.owner},
    )


def _sentences(results: list[CheckResult]) -> str:
    return " ".join(f"{result.code} : {result.sentence} ({result.observed})" for result in results)
