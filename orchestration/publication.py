"""The publication as a Dagster asset: the candidate that passed the gate becomes the version readers see.

Does not live here: the atomic swap (warehouse/publish.py), the verdict (quality.py).
"""

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
def published_warehouse(context: dg.AssetExecutionContext, settings: RunSettings) -> dg.MaterializeResult:
    """Publish the candidate of this run, atomically; an as-of build is kept beside the current version."""
    from orchestration.checks import read_results, record_build, write_data_docs
    from warehouse import history
    from warehouse.publish import publish, publish_beside

    home = settings.home()
    candidate = Candidate.of_run(home, context.run_id)
    results = read_results(candidate)
    record = record_build(candidate, home, "published", results)
    if candidate.until is not None:
        path = publish_beside(candidate.database, home, candidate.until.isoformat())
        tell(f"Version au {candidate.until:%d/%m/%Y} écrite à côté de la version courante : {path}")
    else:
        path = publish(candidate.database, home, candidate.build_id)
        history.save(home.lake, record, results)
        write_data_docs(home, record, results)
        tell(f"Version {candidate.build_id} publiée.")
    candidate.discard()
    return dg.MaterializeResult(
        metadata={"build_id": record.build_id, "as_of": str(record.as_of), "path": str(path), "is_demo": record.is_demo}
    )
