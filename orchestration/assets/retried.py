"""What a step that fails tells Dagster: its French cause, and whether trying again may pass.

Does not live here: a run whose process died, which is started again whole (../dagster.yaml, schedules.py).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import dagster as dg

from ingestion.locking import HomeIsBusy
from orchestration.apart import ProcessLost
from orchestration.expected import EXPECTED
from orchestration.run import StepFailure

#: How often a step that may pass is tried again, and after how long, each time twice as long.
RETRIES = dg.RetryPolicy(
    max_retries=2, delay=float(os.environ.get("PASSNUM_RETRY_SECONDS", 60)), backoff=dg.Backoff.EXPONENTIAL
)
#: What another minute may mend; a full disk, a lost secret or a wrong setting wait for a person.
_MAY_PASS = (HomeIsBusy, ProcessLost, TimeoutError, ConnectionError, InterruptedError, BlockingIOError)
#: An asset that another one of the same run must come before.
NOT_ALONE = (
    "Cette étape ne se lance pas seule : elle reprend la version que « build_warehouse » vient de construire dans le "
    "même passage. Lancez le travail « passnum_build » ou « passnum_run »."
)


@contextlib.contextmanager
def told_failures() -> Iterator[None]:
    """Turn what the block raises into Dagster's failure, said in French."""
    try:
        yield
    except dg.DagsterError:
        raise
    except dg.Failure:
        raise
    except Exception as error:
        raise dg.Failure(description=cause(error), allow_retries=isinstance(error, _MAY_PASS)) from error


def cause(error: Exception) -> str:
    """Why a step failed, for a person: what is expected says itself; the rest is in the run's log, and only there."""
    failure = StepFailure.of(error)
    if failure.kind in EXPECTED or failure.kind == "OSError":
        return str(failure)
    return f"Erreur inattendue ({failure.kind}) : son détail est dans le journal du passage, dans Dagster."
