"""Runs that Dagster believes under way while their process is gone: a machine that stopped, a kill, no memory left.

A run marks itself with its process; whoever looks later finds whether that very process still lives. Does not live
here: when one looks (schedules.py), what is said of it (assets/failures.py).
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

PROCESS_TAG = "passnum/process"
ENDED = "Le processus de ce passage n'existe plus : la machine s'est arrêtée, ou le système l'a tué."
_UNDER_WAY = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def mark_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Write in the run which process it is."""
    instance.add_run_tags(run_id, {PROCESS_TAG: _mark(os.getpid())})


def end_ghosts(instance: dg.DagsterInstance) -> list[str]:
    """Have the runs whose process is gone end as failures. Returns their ids. One that never marked itself is left:
    Dagster's own monitoring ends those that do not start."""
    ended = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY)):
        mark = run.tags.get(PROCESS_TAG)
        if mark is not None and mark != _mark(int(mark.split("-")[0])):
            instance.report_run_failed(run, ENDED)
            ended.append(run.run_id)
    return ended


def _mark(process: int) -> str:
    """A process is known by its number, the boot of its machine, and the tick at which it began: numbers come again."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    try:
        began = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    except OSError:
        began = "absent"
    return f"{process}-{boot}-{began}"
