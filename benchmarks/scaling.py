"""How the road grows: each stage at N and at 4 N carnets, in one run. A ratio near 4 is linear, above 8 is a fault.

Usage: python benchmarks/scaling.py [N]. Does not live here: the stages; the time the checks add (checks.py).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.intake import Folders, ingest
from ingestion.simulate import simulate
from programme.config import load_programme
from warehouse.candidate import prepare
from warehouse.settings import Home
from warehouse.transform import build_models, run_data_tests

GROWTH = 4
TODAY = date(2026, 1, 1)


def measure(root: Path, carnets: int) -> dict[str, float]:
    """Seconds of each stage on a clean simulated programme of `carnets` carnets."""
    programme = load_programme()
    home = Home.at(root).create()
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        found[name] = time.perf_counter() - start
        return result

    timed("simulate", lambda: simulate(home.landing, carnets=carnets, seed=1, dirt="clean", programme=programme))
    timed("ingest", lambda: ingest(Folders.of_home(root), today=TODAY, secret=b"benchmark secret, not one"))
    candidate = timed("verify the lake", lambda: prepare(home, programme, run_id="bench", as_of=None, today=TODAY))
    timed("build the models", lambda: build_models(candidate))
    timed("test the candidate", lambda: run_data_tests(candidate))
    candidate.discard()
    return found


def main(carnets: int) -> None:
    """Measure both sizes and print the ratios. The first, small one warms the imports and the parsed models."""
    os.environ.setdefault("POLARS_MAX_THREADS", str(os.cpu_count()))
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder) / "warm-up", 200)
        small = measure(Path(folder) / "small", carnets)
        large = measure(Path(folder) / "large", GROWTH * carnets)
    print(f"{'stage':<20} {carnets:>12,} {GROWTH * carnets:>12,} {'ratio':>8}")
    for stage, seconds in small.items():
        print(f"{stage:<20} {seconds:>11.1f}s {large[stage]:>11.1f}s {large[stage] / seconds:>8.1f}")
    total_small, total_large = sum(small.values()), sum(large.values())
    print(f"{'total':<20} {total_small:>11.1f}s {total_large:>11.1f}s {total_large / total_small:>8.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
