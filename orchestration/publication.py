"""The publication as a Dagster asset: the candidate that passed the gate becomes the version readers see.

Does not live here: the atomic swap (warehouse/publish.py), the verdict (quality.py).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.quality import GATE
from orchestration.settings import RunSettings, tell
from warehouse.candidate import Candidate

PUBLISHED = dg.AssetKey(["warehouse", "published"])


@dg.asset(
    key=PUBLISHED,
    group_name="publication",
    kinds={"duckdb"},
    deps=[GATE],
    description="La version publiée : lue par les pages, les rapports et les analystes.",
)
def published_warehouse(context: dg.AssetExecutionContext, settings: RunSettings) -> Iterator[dg.MaterializeResult]:
    """Publish the candidate of this run, atomically; an as-of build is kept beside the current version.

    What follows the publication is tried whole; raises UnfinishedPublication at the end when some of it failed.
    """
    from orchestration.checks import keep_results, read_results, record_build
    from warehouse.publish import UnfinishedPublication, publish, publish_beside
    from warehouse.published import current_path

    home = settings.home()
    candidate = Candidate.of_run(home, context.run_id)
    results = read_results(candidate)
    record = record_build(candidate, home, "published", results)
    unfinished: list[str] = []
    if candidate.until is not None:
        path = publish_beside(candidate.database, home, candidate.until.isoformat())
        tell(f"Version au {candidate.until:%d/%m/%Y} écrite à côté de la version courante : {path}")
    else:
        try:
            publish(candidate.database, home, candidate.build_id)
        except UnfinishedPublication as error:
            unfinished += error.failures
        tell(f"Version {candidate.build_id} publiée.")
        unfinished += keep_results(home, record, results)
        path = current_path(home)
    candidate.discard()
    yield dg.MaterializeResult(
        metadata={"build_id": record.build_id, "as_of": str(record.as_of), "path": str(path), "is_demo": record.is_demo}
    )
    if unfinished:
        raise UnfinishedPublication(unfinished)
