"""What a command or a call costs: CPU seconds, wall seconds, peak memory; and medians of several.

CPU is user + system, of the process and of all it waited for. Does not live here: what is measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

MEGABYTE = 1024  # ru_maxrss counts kilobytes
TAIL = 3_000


class CommandFailed(Exception):
    """A measured command did not end well; the message ends with what it said."""


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of wall, and the peak of memory in megabytes."""

    cpu: float
    wall: float
    peak_mb: float = 0.0

    def over(self, floor: Cost) -> dict[str, float]:
        """This cost as ratios of `floor`."""
        return {
            "cpu": self.cpu / floor.cpu,
            "wall": self.wall / floor.wall,
            "peak": self.peak_mb / floor.peak_mb if floor.peak_mb else 0.0,
        }

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 3) for name, value in asdict(self).items()}


def run_command(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None, stdout: IO[bytes] | None = None
) -> Cost:
    """The cost of one command in a process of its own. Raises CommandFailed when it does not end with 0."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
        stdout=stdout or subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}: {process.returncode}\n{said.decode(errors='replace')[-TAIL:]}")
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / MEGABYTE)


def measure_call(work: Callable[[], object]) -> Cost:
    """The cost of one call in this process (its memory is not told: a process keeps what it took before)."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.process_time() - cpu, time.perf_counter() - wall)


def best_of(times: int, work: Callable[[], object]) -> Cost:
    """The cheapest of several calls: what the work takes when nothing disturbs it."""
    return min((measure_call(work) for _ in range(times)), key=lambda cost: cost.wall)


def median(costs: Sequence[Cost]) -> Cost:
    """Median of each measure; of an even number, the mean of the two in the middle."""
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.peak_mb for cost in costs),
    )


def spread(costs: Sequence[Cost]) -> tuple[float, float]:
    """Least and greatest CPU, each as a ratio of the median: how much the machine itself moved."""
    middle = median(costs).cpu
    return min(cost.cpu for cost in costs) / middle, max(cost.cpu for cost in costs) / middle
