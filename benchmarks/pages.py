"""Time to the first figure of each page, in a real Chromium: cold (server just started, empty cache), then warm.

Usage: python benchmarks/pages.py HOME [TIMES]. HOME holds a published version. With TIMES, the facts of core and the
lines of quality are repeated that many times in a copy (38,000 carnets × 26 = a million): marts keep their size, as
they do with a million carnets. « First figure »: the first card or table cell is drawn. No time is asserted anywhere.
Does not live here: the pages (dashboards/); the time of a build (scaling.py).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from playwright.sync_api import BrowserContext, ViewportSize, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET, serving
from warehouse.settings import Home

PAGES = ("", "territoires", "territoire", "lieux", "parcours", "mandat", "budget", "publics", "exports", "qualite")
SCREEN = ViewportSize(width=1440, height=1000)
FIGURE = ".pn-card .pn-value:visible, .pn-table td:visible"
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
            schema, name = table.split(".")
            con.execute(f"create table {table} as from enlarged")
            con.execute("drop table enlarged")
            assert (schema, name) in con.execute(
                "select table_schema, table_name from information_schema.tables"
            ).fetchall()
        con.execute("checkpoint")
    place.published.symlink_to(copy)
    return target


def first_figure(context: BrowserContext, address: str) -> float:
    """Seconds from the request to the first figure drawn, in a new tab (a new session of the pages)."""
    tab = context.new_page()
    start = time.perf_counter()
    tab.goto(address)
    tab.wait_for_selector(FIGURE, timeout=120_000)
    seconds = time.perf_counter() - start
    tab.close()
    return seconds


def main(home: Path) -> None:
    """Print a line a page: cold (nobody asked for it yet, empty browser cache), warm (median of three, a usual tab)."""
    size = Home.at(home).published.resolve().stat().st_size / 1e6
    print(f"published file: {size:,.0f} MB")
    print(f"{'page':<14} {'cold':>8} {'warm':>8}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        start = time.perf_counter()
        with serving(home) as address:
            print(f"{'(server)':<14} {time.perf_counter() - start:>7.2f}s")
            usual = browser.new_context(viewport=SCREEN, locale="fr-FR")
            for page in PAGES:
                newcomer = browser.new_context(viewport=SCREEN, locale="fr-FR")
                cold = first_figure(newcomer, f"{address}/{page}")
                newcomer.close()
                first_figure(usual, f"{address}/{page}")
                warm = sorted(first_figure(usual, f"{address}/{page}") for _ in range(3))[1]
                print(f"{page or 'accueil':<14} {cold:>7.2f}s {warm:>7.2f}s", flush=True)
        browser.close()


if __name__ == "__main__":
    source, times = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        main(source if times == 1 else enlarge(source, times, Path(folder) / "home"))
