"""What is past its retention, erased, as Dagster knows it. Does not live here: what it is (../retention.py)."""

import dagster as dg

from orchestration.settings import RunSettings
from programme.clock import today_in_paris


@dg.op(description="Efface, dans chaque endroit, ce dont la conservation est terminée ; dit ce que la loi garde.")
def erase_what_is_past(context: dg.OpExecutionContext, settings: RunSettings) -> None:
    """Log what each place holds past its term, and erase it."""
    from ingestion.locking import LOCK_WAIT_SECONDS, home_lock
    from ingestion.rewriting import finish
    from orchestration.retention import apply, find_past
    from orchestration.sharing import share
    from programme.conservation import load_retention

    home = settings.home()
    retention = load_retention(settings.programme_path())
    with (
        home_lock(home.warehouse, wait_seconds=LOCK_WAIT_SECONDS),
        home_lock(home.root, wait_seconds=LOCK_WAIT_SECONDS),
    ):
        finish(home.lake)
        found = find_past(home, retention, today_in_paris())
        for past in found:
            context.log.info(past.sentence)
        apply(home, found, context.log.info)
        unshared = share(home, settings.programme_path(), context.log.info)
    context.add_output_metadata({past.retention.place: past.number for past in found})
    if unshared is not None:  # what is past its term is still in the shared lake
        raise dg.Failure(str(unshared))
