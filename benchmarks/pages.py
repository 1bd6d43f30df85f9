"""What a page costs the server: its CPU when a page is drawn for the first time, again, and after a filter is changed.

Usage: python benchmarks/pages.py HOME [TIMES] [--json FILE] [--browser]. HOME holds a published version. With TIMES,
the facts of core and the lines of quality are repeated that many times in a copy (38,000 carnets × 26 = a million):
marts keep their size, as they do with a million carnets. Every cost is also given as a multiple of one question of a
page on a file just opened, measured in the same run: that ratio, not the milliseconds, says something of another
machine. With --browser, the seconds to the first figure in a real Chromium are printed too. No time is asserted
anywhere. Does not live here: the reader without a browser (visitor.py), the pages (dashboards/), the time of a build
(scaling.py).
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.visitor import Server, Visitor, serving  # noqa: E402
from warehouse.published import versions  # noqa: E402
from warehouse.settings import Home  # noqa: E402

#: Pages that hold figures, then those that are words alone.
WITH_FIGURES = (
    "", "territoires", "pass_a_sauver", "territoire", "lieux", "lieu", "parcours", "scenarios", "mandat", "budget",
    "publics", "exports", "qualite",
)  # fmt: skip
PAGES = (*WITH_FIGURES, "definitions", "accessibilite")
#: One question of a page, as `Reader.activity_by_month` asks it: the unit of the ratios.
QUESTION = """
    select month, sum(passes_issued)::bigint, sum(passes_prescribed)::bigint, sum(passes_used)::bigint,
        sum(passes_expired)::bigint, sum(face_value_used_eur), sum(hours)
    from marts.territory_month group by month order by month
"""
#: Options never asked before that are tried of each filter.
OPTIONS = 3
#: The server imports its libraries after it answers: nothing is measured meanwhile.
WARMING_SECONDS = 10
REPEATED = (
    "core.fct_pass",
    "core.fct_redemption",
    "core.fct_attendance",
    "core.fct_prescription",
    "quality.rejected_line",
    "quality.field_issue",
)


def enlarge(home: Path, times: int, target: Path) -> Path:
    """A home at `target` whose published file holds the facts of `home` `times` times. Returns `target`."""
    place = Home.at(target).create()
    version = Home.at(home).published.resolve()
    copy = place.versions / version.name
    shutil.copyfile(version, copy)
    with duckdb.connect(str(copy)) as con:
        for table in REPEATED:
            con.execute(f"create table enlarged as select facts.* from {table} as facts, range({times})")
            con.execute(f"drop table {table}")
            con.execute(f"create table {table} as from enlarged")
            con.execute("drop table enlarged")
        con.execute("checkpoint")
    place.published.symlink_to(copy)
    return target


def reference_seconds(home: Path) -> float:
    """CPU seconds of one question of a page on a file just opened (median of nine), the unit of the ratios."""
    path = Home.at(home).published.resolve()
    taken = []
    for _ in range(10):
        start = time.process_time()
        with versions.connect(path) as con:
            con.execute(QUESTION).pl()
        taken.append(time.process_time() - start)
    return statistics.median(taken[1:])


def measure(home: Path, root: Path = ROOT) -> list[dict[str, Any]]:
    """One row a page: CPU of the server in milliseconds, and as multiples of the reference question.

    cold: the first time anybody asks for the page (the first page of all pays what all share); warm: a new session
    (median of five); filter: another option of a filter, never asked before, in a session that is open: the median of
    the options tried, for the filter that costs most, which is named. `root`: the code measured.
    """
    unit = reference_seconds(home)
    rows = []
    with serving(home, root) as server:
        time.sleep(WARMING_SECONDS)
        for page in PAGES:
            cold = _open(server, page)
            warm = statistics.median(_open(server, page) for _ in range(5))
            name, changed = _change_filters(server, page)
            costs = {"cold": cold, "warm": warm, "filter": changed}
            rows.append(
                {"page": page or "accueil", "filter": name, "reference_ms": round(unit * 1000, 1)}
                | {f"{kind}_ms": None if cost is None else round(cost * 1000) for kind, cost in costs.items()}
                | {f"{kind}_ratio": None if cost is None else round(cost / unit, 1) for kind, cost in costs.items()}
            )
    return rows


def _open(server: Server, page: str) -> float:
    with Visitor(server, page) as visitor:
        return visitor.open()


def _change_filters(server: Server, page: str) -> tuple[str, float | None]:
    """The filter of the page that costs most and its CPU seconds; no name and None where there is no filter."""
    found: dict[str, float] = {}
    with Visitor(server, page) as visitor:
        visitor.open()
        for key in [key for key in visitor.widgets if visitor.is_choice(key)]:
            default, tried = visitor.shown(key), visitor.options(key)
            taken = [visitor.choose(key, [option]) for option in tried if [option] != default][:OPTIONS]
            if taken:
                found[key] = statistics.median(taken)
                visitor.choose(key, default)
    worst = max(found, key=lambda key: found[key], default="")
    return worst, found.get(worst)


def first_figures(home: Path) -> list[tuple[str, float, float]]:
    """(page, cold, warm): seconds to the first card or table cell in Chromium, empty cache, then a usual reader's."""
    from playwright.sync_api import BrowserContext, ViewportSize, sync_playwright

    from tests.browser.conftest import CHROMIUM, QUIET

    screen = ViewportSize(width=1440, height=1000)

    def seconds(context: BrowserContext, address: str) -> float:
        tab = context.new_page()
        start = time.perf_counter()
        tab.goto(address)
        tab.wait_for_selector(".pn-card .pn-value:visible, .pn-table td:visible", timeout=120_000)
        taken = time.perf_counter() - start
        tab.close()
        return taken

    found = []
    with sync_playwright() as playwright, serving(home) as server:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        usual = browser.new_context(viewport=screen, locale="fr-FR")
        for page in WITH_FIGURES:
            newcomer = browser.new_context(viewport=screen, locale="fr-FR")
            cold = seconds(newcomer, f"http://{server.place}/{page}")
            newcomer.close()
            seconds(usual, f"http://{server.place}/{page}")
            warm = statistics.median(seconds(usual, f"http://{server.place}/{page}") for _ in range(3))
            found.append((page or "accueil", cold, warm))
        browser.close()
    return found


def main() -> None:
    """Measure, print a line a page, and write the JSON asked for."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("home", type=Path)
    told.add_argument("times", type=int, nargs="?", default=1)
    told.add_argument("--json", type=Path)
    told.add_argument("--browser", action="store_true")
    asked = told.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home if asked.times == 1 else enlarge(asked.home, asked.times, Path(folder) / "home")
        rows = measure(home)
        if asked.json:
            asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        print(f"one question on a file just opened: {rows[0]['reference_ms']} ms of CPU = 1")
        print(f"{'page':<14} {'cold':>12} {'warm':>12} {'filter':>12}")
        for row in rows:
            texts = [
                "" if row[f"{kind}_ms"] is None else f"{row[f'{kind}_ratio']:.1f} ({row[f'{kind}_ms']} ms)"
                for kind in ("cold", "warm", "filter")
            ]
            print(f"{row['page']:<14} {texts[0]:>12} {texts[1]:>12} {texts[2]:>12}  {row['filter']}")
        if asked.browser:
            for page, cold, warm in first_figures(home):
                print(f"{page:<14} first figure: cold {cold:.2f} s, warm {warm:.2f} s")


if __name__ == "__main__":
    main()
