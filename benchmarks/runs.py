"""The sections that time whole commands: the run beside its floor, the small run, nothing new, growth, yardsticks.

Each returns what results/<section>.json keeps: ratios and counts, no second of this machine. The floor is taken before
and after each measure, and the measure is divided by their mean, so that a machine that slows down says so.
Does not live here: stages (stages.py), pages (pages.py), the sentences (report.py).
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import floor
from benchmarks.timing import Cost, median, run_command, spread
from benchmarks.worlds import ROOT, THIS, WARM_UP_CARNETS, Bench, headline_figures, published, size_on_disk
from benchmarks.yardsticks import postgres

CARNETS = 38_000
SMALL_CARNETS = WARM_UP_CARNETS
REPEATS = 5
STAGES_REPEATS = 3
#: Carnets and repetitions of each size of the growth.
GROWTH = {38_000: 5, 200_000: 3, 1_000_000: 1}
TOLERANCE = 1e-6


class WrongFigures(Exception):
    """What was measured did not give the figures it should have."""


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def between_floors(
    bench: Bench, carnets: int, repeats: int, work: Callable[[], Cost], floors: list[Cost] | None = None
) -> dict[str, Any]:
    """`work` several times, each between two floors of `carnets`: medians of the ratios, and how the floors moved.

    `floors`: a list to leave the costs of the floors in.
    """
    floors = [] if floors is None else floors
    floors.append(bench.floor(carnets)[0])
    ratios = []
    for turn in range(repeats):
        cost = work()
        floors.append(bench.floor(carnets)[0])
        around = Cost(*(
            statistics.mean(getattr(at, name) for at in floors[-2:]) for name in ("cpu", "wall", "peak_mb")
        ))  # fmt: skip
        ratios.append(cost.over(around))
        tell(f"  {turn + 1}/{repeats}: {ratios[-1]['cpu']:.2f} × the floor's CPU")
    least, greatest = spread(floors)
    return {
        **{name: round(statistics.median(ratio[name] for ratio in ratios), 3) for name in ("cpu", "wall", "peak")},
        "cpu_range": [round(min(r["cpu"] for r in ratios), 3), round(max(r["cpu"] for r in ratios), 3)],
        "floor_range": [round(least, 3), round(greatest, 3)],
        "repeats": repeats,
        "floor_cores": round(statistics.median(at.cpu / at.wall for at in floors), 2),
    }


def measure_runs(bench: Bench) -> dict[str, Any]:
    """`run` at 38,000 carnets, then `small` (300 carnets) and `nothing_new`, all as ratios of the floor at 38,000."""
    bench.warm_up()
    kept = bench.new_home(CARNETS)
    bench.run(kept)
    if bench.code == THIS:  # the code before made other columns: no floor of today is its equal
        _assert_equal(bench, kept, CARNETS)

    def small() -> Cost:
        return _run_once(bench, SMALL_CARNETS)[0]

    found = {
        "carnets": CARNETS,
        "run": between_floors(bench, CARNETS, REPEATS, lambda: _run_once(bench, CARNETS)[0]),
        "small": {"carnets": SMALL_CARNETS, **between_floors(bench, CARNETS, REPEATS, small)},
        "nothing_new": between_floors(bench, CARNETS, REPEATS, lambda: bench.run(kept)),
    }
    shutil.rmtree(kept)
    return found


def measure_growth(bench: Bench, sizes: dict[int, int], on_size: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Each size: the run between floors of that size, memory, disk; and that floor as a ratio of the one at 38,000.

    `on_size`: given what is found so far, as each size is measured.
    """
    bench.warm_up()
    found: dict[str, Any] = {}
    unit = bench.floor(CARNETS)[0].cpu
    for carnets, repeats in sizes.items():
        tell(f"  {carnets} carnets")
        floors: list[Cost] = []
        peaks: list[float] = []
        disk: dict[str, float] = {}

        def work(carnets: int = carnets, peaks: list[float] = peaks, disk: dict[str, float] = disk) -> Cost:
            cost, sizes_found = _run_once(bench, carnets, check=not disk)
            peaks.append(cost.peak_mb)
            disk.update(sizes_found)
            return cost

        ratios = between_floors(bench, carnets, repeats, work, floors)
        found[str(carnets)] = {
            **ratios,
            "peak_gb": round(statistics.median(peaks) / 1_000, 2),
            "floor_growth": round(median(floors).cpu / unit, 2),
            **disk,
        }
        on_size(found)
    return found


def measure_yardsticks(bench: Bench) -> dict[str, Any]:
    """pandas, Polars and PostgreSQL on the headline figures alone, each equal to the floor's, between floors."""
    _, made = bench.floor(CARNETS)
    expected = headline_figures(made)
    landing, settings = str(bench.landing(CARNETS)), str(bench.settings(CARNETS))
    commands = {
        "pandas": ["benchmarks.yardsticks.pandas_figures", landing, settings],
        "polars": ["benchmarks.yardsticks.polars_figures", landing, settings],
    }
    found: dict[str, Any] = {}
    if postgres.binaries() is None:
        found["postgres"] = {"skipped": "PostgreSQL n'est pas installé (benchmarks/yardsticks/install.sh)"}
    else:
        cluster = postgres.make_cluster(bench.work / "postgres", bench.landing(CARNETS))
        commands["postgres"] = ["benchmarks.yardsticks.postgres", settings, str(cluster)]
    for name, arguments in commands.items():
        tell(f"  {name}")

        def work(name: str = name, arguments: list[str] = arguments) -> Cost:
            told = bench.work / f"{name}.json"
            with told.open("wb") as out:
                cost = run_command(
                    [THIS.python, "-m", *arguments], cwd=ROOT, stdout=out,
                    environment=bench.environment | {"PYTHONPATH": str(ROOT)},
                )  # fmt: skip
            assert_same_figures(name, json.loads(told.read_text(encoding="utf-8")), expected)
            return cost

        found[name] = between_floors(bench, CARNETS, REPEATS, work)
    return found


def measure_stages(bench: Bench) -> dict[str, Any]:
    """Where the CPU of a run at 38,000 carnets goes, each stage as a ratio of the whole floor (see stages.py).

    `left_out`: the share of the models' SQL that makes tables which the floor does not make.
    """
    bench.warm_up()
    turns, shares = [], []
    told = bench.work / "stages.json"
    for turn in range(STAGES_REPEATS):
        home = bench.new_home(CARNETS)
        before, _ = bench.floor(CARNETS)
        command = [bench.code.python, "-P", str(ROOT / "benchmarks" / "stages.py"), str(home), str(told)]
        run_command(command, cwd=bench.code.folder, environment=bench.environment)
        after, _ = bench.floor(CARNETS)
        shutil.rmtree(home)
        found = json.loads(told.read_text(encoding="utf-8"))
        unit = (before.cpu + after.cpu) / 2
        turns.append({name: seconds / unit for name, seconds in found["stages"].items()})
        left_out = sum(seconds for table, seconds in found["models"].items() if is_left_out(table))
        shares.append(left_out / sum(found["models"].values()))
        tell(f"  {turn + 1}/{STAGES_REPEATS}")
    names = {name for stages in turns for name in stages}
    stages = {name: statistics.median(stages.get(name, 0.0) for stages in turns) for name in names}
    return {
        "stages": {name: round(ratio, 3) for name, ratio in sorted(stages.items(), key=lambda item: -item[1])},
        "left_out": round(statistics.median(shares), 3),
        "repeats": STAGES_REPEATS,
    }


def measure_pages(bench: Bench) -> dict[str, Any]:
    """Each page's server CPU, as ratios of one reference question (see pages.py), on the home of 38,000 carnets."""
    from benchmarks.pages import measure

    home = bench.new_home(CARNETS)
    bench.run(home)
    rows = measure(home, bench.code.folder)
    shutil.rmtree(home)
    kinds = ("cold", "warm", "filter")
    return {
        "pages": [
            {"page": row["page"], **{kind: row[f"{kind}_ratio"] for kind in kinds if row[f"{kind}_ratio"] is not None}}
            for row in rows
        ]
    }


def is_left_out(table: str) -> bool:
    """Whether the floor makes nothing like `schema.table`."""
    return table.startswith(floor.LEFT_OUT)


def assert_same_figures(name: str, found: dict[str, float], expected: dict[str, float]) -> None:
    """Raises WrongFigures naming the indicators that are absent, or further than rounding from those expected."""
    wrong = sorted(
        code for code in expected.keys() | found.keys()
        if code not in found or code not in expected or abs(found[code] - expected[code]) > TOLERANCE
    )  # fmt: skip
    if wrong:
        raise WrongFigures(f"{name}: {', '.join(wrong)}")


def _run_once(bench: Bench, carnets: int, *, check: bool = False) -> tuple[Cost, dict[str, float]]:
    """One run in a home of its own, thrown away: its cost, and the disk it takes as ratios of the deliveries."""
    home = bench.new_home(carnets)
    delivered = size_on_disk(home / "landing")
    cost = bench.run(home)
    if check:
        _assert_equal(bench, home, carnets)
    disk = {
        "delivered_mb": round(delivered / 1e6, 1),
        "disk_lake": round(size_on_disk(home / "lake") / delivered, 3),
        "disk_published": round(published(home).stat().st_size / delivered, 3),
        "disk_home": round(size_on_disk(home) / delivered, 3),
    }
    shutil.rmtree(home)
    return cost, disk


def _assert_equal(bench: Bench, home: Path, carnets: int) -> None:
    """The floor is a yardstick only while it makes the published tables. Raises WrongFigures naming what differs."""
    made = bench.work / f"floor-{carnets}.duckdb"
    if not made.exists():
        bench.floor(carnets)
    if different := floor.differences(made, published(home)):
        raise WrongFigures(f"the floor of {carnets} carnets is not what was published: {different}")
