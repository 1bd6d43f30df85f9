"""`python -m benchmarks [SECTION…]`: measure sections, keep their ratios in results/, write docs/performance.md.

Sections: runs, stages, yardsticks, growth, pages; `write` writes the page from what is kept. Without a name: all of
them, then `write`. A section that is measured replaces its own file and no other, so a long measure can be taken up
again section by section. `--before DIR` measures another checkout (its environment made) into results/before-….json.
Does not live here: the measures themselves.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import report, runs
from benchmarks.worlds import THIS, Bench, Code

RESULTS = Path(__file__).parent / "results"
WRITE = "write"
#: What each section takes, said before it starts (minutes on a quiet two-core machine).
SECTIONS: dict[str, tuple[str, Callable[[Bench, argparse.Namespace], dict[str, Any]]]] = {
    "runs": ("12 min", lambda bench, _: runs.measure_runs(bench)),
    "stages": ("5 min", lambda bench, _: runs.measure_stages(bench)),
    "yardsticks": ("6 min", lambda bench, _: runs.measure_yardsticks(bench)),
    "growth": ("40 min", lambda bench, given: _measure_growth(bench, given)),
    "pages": ("12 min", lambda bench, _: runs.measure_pages(bench)),
}


def _sizes(carnets: list[int] | None) -> dict[int, int]:
    """Carnets → repetitions: those of the growth, or the sizes asked for."""
    return runs.GROWTH if not carnets else {size: runs.GROWTH.get(size, 1) for size in carnets}


def _measure_growth(bench: Bench, given: argparse.Namespace) -> dict[str, Any]:
    """Every size, each kept as soon as it is known: the last one takes longer than all the others."""
    return runs.measure_growth(
        bench, _sizes(given.carnets), lambda found: keep("growth", found, before=bool(given.before))
    )


def main() -> None:
    """Read the command line and work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join([*SECTIONS, WRITE]))
    parser.add_argument("--before", type=Path, metavar="DIR", help="measure this checkout, as the code before")
    parser.add_argument("--carnets", type=int, nargs="+", help="the sizes of the growth")
    parser.add_argument("--work", type=Path, help="keep deliveries here from one call to the next (several GB)")
    given = parser.parse_args()
    asked = given.sections or [*SECTIONS, WRITE]
    if unknown := [name for name in asked if name not in {*SECTIONS, WRITE}]:
        parser.error(f"unknown section: {', '.join(unknown)}")
    code = Code(given.before.resolve()) if given.before else THIS
    with tempfile.TemporaryDirectory(prefix="passnum-bench-") as folder:
        bench = Bench(given.work.resolve() if given.work else Path(folder), code)
        for name in asked:
            if name == WRITE:
                report.write(RESULTS)
                continue
            told, measure = SECTIONS[name]
            runs.tell(f"{name} (about {told})…")
            started = time.perf_counter()
            keep(name, measure(bench, given), before=bool(given.before))
            runs.tell(f"{name}: {(time.perf_counter() - started) / 60:.1f} min")


def keep(section: str, found: dict[str, Any], *, before: bool) -> Path:
    """Write the results of a section. Of the growth, sizes that were not measured this time are kept."""
    path = RESULTS / f"{'before-' if before else ''}{section}.json"
    if section == "growth" and path.exists():
        found = json.loads(path.read_text(encoding="utf-8")) | found
        found = {size: found[size] for size in sorted(found, key=int)}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
