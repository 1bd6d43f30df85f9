"""Speed as readers feel it: eight of them at once, in real browsers, on the pages of 38,000 carnets.

Usage: python -m benchmarks.readers [--home HOME] [--visits N] [--json FILE] [--write]. Without HOME, one is simulated
and published. The real `passnum dashboard`, with sign-in; eight contexts of one Chromium, half of the team and half of
the committee (which reads the protected cube). Each opens pages in an order of its own, three in four by the menu and
one by its address, looks at it three to six seconds as a person does, changes a filter, looks again. What is timed is
timed in the browser (stopwatch.js). Browsers take the same cores as the server, which those of real readers do not: so
one browser is also timed among seven readers without; what each burned is told, and what the machine did in all. No
time is asserted anywhere. Does not live here: the same readers without their browsers
(sessions.py), the page written from both (readers_report.py), the server's CPU page by page (pages.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, TimeoutError, async_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import readers_report, sessions  # noqa: E402
from benchmarks.pages import WARMING_SECONDS, WITH_FIGURES  # noqa: E402
from benchmarks.visitor import Server, free_port, serving  # noqa: E402
from benchmarks.worlds import THIS, Bench  # noqa: E402
from dashboards import menu  # noqa: E402
from dashboards.access import forget  # noqa: E402
from warehouse.settings import Home  # noqa: E402

CARNETS = 38_000
READERS = ("equipe", "comite") * 4
#: Seconds that a person looks at a page, or at new figures, before doing something else.
THINKING = (3.0, 6.0)
VISITS = 12
BY_ADDRESS = 4
#: Milliseconds between two looks of this process at a stopwatch: it adds nothing to what is measured.
LOOK = 100
TIMEOUT = readers_report.GIVEN_UP
_TICKS = os.sysconf("SC_CLK_TCK")
STOPWATCH = Path(__file__).with_name("stopwatch.js")
#: A short list of options stays open under the eye; a long one is cut by the window.
CHOICES = "[data-testid=stMain] :is([data-testid=stSelectbox], [data-testid=stMultiSelect])"


@dataclass(frozen=True)
class Event:
    """What a reader waited for. kind: "menu", "address" (first figure of a page) or "filter"; seconds: None where it
    never came."""

    role: str
    page: str
    kind: str
    seconds: float | None


@dataclass(frozen=True)
class Burned:
    """CPU seconds since the machine started: of the server, of the browsers, of everything."""

    server: float
    browsers: float
    machine: float
    at: float

    @classmethod
    def now(cls, server: Server) -> Burned:
        """Read from /proc (Linux)."""
        busy = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        # Of user, nice, system, idle, iowait, irq, softirq, steal, neither idle nor iowait.
        machine = sum(int(ticks) for place, ticks in enumerate(busy[:8]) if place not in (3, 4)) / _TICKS
        return cls(server.cpu_seconds(), _cpu_of("chrom"), machine, time.perf_counter())

    def since(self, before: Burned) -> dict[str, float]:
        """What was burned meanwhile; `cores`: CPU seconds that the machine had to give."""
        wall = self.at - before.at
        told = {name: getattr(self, name) - getattr(before, name) for name in ("server", "browsers", "machine")}
        told |= {"wall": wall, "cores": wall * (os.cpu_count() or 1)}
        return {name: round(value, 2) for name, value in told.items()}


def _cpu_of(name: str) -> float:
    """User and system seconds burned so far by the processes of that name that this one started, and by theirs."""
    found: dict[int, tuple[int, str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            before, after = (folder / "stat").read_text().rsplit(")", 1)
            told = after.split()
            found[int(folder.name)] = (int(told[1]), before.split("(", 1)[1], (int(told[11]) + int(told[12])) / _TICKS)

    def is_ours(process: int) -> bool:
        while process in found:
            process = found[process][0]
            if process == os.getpid():
                return True
        return False

    return sum(cpu for process, (_, called, cpu) in found.items() if name in called and is_ours(process))


@contextmanager
def signed_in_pages(home: Path, work: Path) -> Iterator[tuple[Server, Any]]:
    """The pages of `home` with sign-in, and the provider that signs in whoever it is told."""
    from tests.browser.provider import Provider, write_access

    provider, port = Provider(free_port()), free_port()
    provider.start()
    access = write_access(work, f"http://127.0.0.1:{port}", provider)
    try:
        with serving(home, ROOT, port=port, access=access) as server:
            yield server, provider
    finally:
        provider.stop()
        forget(Home.at(home))


@dataclass
class Reader:
    """A person at a browser of their own: opens pages, changes filters, says how long each took."""

    role: str
    tab: Page
    site: str
    chance: random.Random
    found: list[Event]

    async def open(self, page: menu.Entry, by_address: bool) -> None:
        """Open a page, by its link of the menu or by its address."""
        link = self.tab.get_by_test_id("stSidebar").get_by_role("link", name=page.title, exact=True)
        if by_address or not await link.count():
            by_address = True
            await self.tab.goto(f"{self.site}/{page.address}", wait_until="commit")
        await self.tab.evaluate("([title, link]) => pnStopwatch.page(title, link)", [page.title, not by_address])
        if not by_address:
            await link.click()
        await self._note(page, "address" if by_address else "menu")

    async def change(self, page: menu.Entry) -> None:
        """Change one filter of the page, whichever has something else to offer; nothing where none has."""
        boxes = await self.tab.locator(CHOICES).all()
        for box in self.chance.sample(boxes, len(boxes)):
            if (option := await self._opened(box)) is not None:
                await self.tab.evaluate("() => pnStopwatch.filter()")
                await option.click()
                await self._note(page, "filter")
                return

    async def _opened(self, box: Locator) -> Locator | None:
        """Open a list and choose what of it will be clicked; None where it offers nothing else."""
        # In the middle first: a list that opens while the page scrolls closes again.
        await box.evaluate("node => node.scrollIntoView({ block: 'center' })")
        await box.locator("[role=combobox]").click()
        await self.tab.locator("[role=option]").first.wait_for()
        options = self.tab.locator("[role=option]:not([aria-selected=true])")
        seen = await options.count()
        if not seen:
            await self.tab.keyboard.press("Escape")
            return None
        return options.nth(self.chance.randrange(seen))

    async def _note(self, page: menu.Entry, kind: str) -> None:
        deadline, taken = time.monotonic() + TIMEOUT, 0.0
        while not taken and time.monotonic() < deadline:
            await asyncio.sleep(LOOK / 1000)
            taken = await self.tab.evaluate("() => pnStopwatch.taken()")
        self.found.append(Event(self.role, page.title, kind, taken / 1000 if taken else None))

    async def think(self) -> None:
        """Look at what is shown."""
        await asyncio.sleep(self.chance.uniform(*THINKING))


async def sign_in(browser: Browser, provider: Any, site: str, role: str) -> BrowserContext:
    """A browser of its own, signed in as somebody of that role."""
    context = await browser.new_context(viewport={"width": 1440, "height": 1000}, locale="fr-FR")
    await context.add_init_script(path=STOPWATCH)
    context.set_default_timeout(TIMEOUT * 1000)
    tab = await context.new_page()
    provider.who = f"{role}@metropole.example"
    await tab.goto(site)
    await tab.get_by_role("button", name="Se connecter").click()
    await tab.wait_for_selector("button:has-text('Se déconnecter')", state="attached")
    return context


async def _read(reader: Reader, pages: list[menu.Entry], visits: int) -> None:
    """A reader's time: pages in an order of its own, a filter on each that has one."""
    await asyncio.sleep(reader.chance.uniform(0, THINKING[1]))
    order: list[menu.Entry] = []
    for turn in range(visits):
        order = order or reader.chance.sample(pages, len(pages))
        page = order.pop()
        try:
            await reader.open(page, by_address=turn % BY_ADDRESS == 0)
            await reader.think()
            await reader.change(page)
        except TimeoutError as error:
            readers_report.tell(f"  {reader.role}, {page.title}: {str(error).splitlines()[0]}")
            reader.found.append(Event(reader.role, page.title, "lost", None))
        await reader.think()


async def measure(server: Server, provider: Any, visits: int = VISITS) -> dict[str, Any]:
    """Eight readers for `visits` pages each, once every page was seen once by one of each role."""
    from tests.browser.conftest import CHROMIUM, QUIET

    site = f"http://{server.place}"
    pages = [one for one in menu.entries() if one.address in WITH_FIGURES]
    addresses = [(page.address, page.title) for page in pages]
    found: list[Event] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        readers = []
        for number, role in enumerate(READERS):
            context = await sign_in(browser, provider, site, role)
            readers.append(Reader(role, context.pages[0], site, random.Random(number), found))
        who = [(reader.role, await _cookies(reader)) for reader in readers]
        first = sessions.open_each(server, dict(who), addresses)
        readers_report.tell("every page was opened once for each role; eight readers without browsers begin")
        before = Burned.now(server)
        alone = await asyncio.to_thread(sessions.measure, server, who, addresses, visits, THINKING)
        burned_alone = Burned.now(server).since(before)
        # Every browser has the code of the pages, that of charts too.
        for reader in readers:
            await reader.open(pages[0], by_address=True)
        found.clear()
        waits, before = 0, Burned.now(server)
        for number in (READERS.index("equipe"), READERS.index("comite")):
            readers_report.tell(f"one reader with a browser ({READERS[number]}) among seven without begins")
            others = who[:number] + who[number + 1 :]
            without = asyncio.to_thread(sessions.measure, server, others, addresses, visits, THINKING)
            _, elsewhere = await asyncio.gather(_read(readers[number], pages, visits), without)
            waits += len(elsewhere)
        among, burned_among = list(found), Burned.now(server).since(before)
        found.clear()
        readers_report.tell("eight readers with browsers begin")
        before = Burned.now(server)
        await asyncio.gather(*(_read(reader, pages, visits) for reader in readers))
        burned = Burned.now(server).since(before)
        await browser.close()
    return {
        "carnets": CARNETS, "readers": len(READERS), "visits": visits, "thinking": THINKING, "first": first,
        "sessions": alone, "burned_alone": burned_alone,
        "among": [asdict(event) for event in among], "burned_among": burned_among, "waits_among": len(among) + waits,
        "events": [asdict(event) for event in found], "burned": burned,
    }  # fmt: skip


async def _cookies(reader: Reader) -> str:
    """What its browser would send."""
    kept = await reader.tab.context.cookies(reader.site)
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in kept)


def published_home(folder: Path) -> Path:
    """A home of 38,000 carnets, simulated and published in `folder`."""
    bench = Bench(folder, THIS)
    home = bench.new_home(CARNETS)
    bench.run(home)
    return home


def main() -> None:
    """Measure, print a line a page, and write what is asked for."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--home", type=Path)
    told.add_argument("--visits", type=int, default=VISITS)
    told.add_argument("--json", type=Path, default=readers_report.RESULTS)
    told.add_argument("--write", action="store_true", help="docs/lecteurs.md too")
    asked = told.parse_args()
    with tempfile.TemporaryDirectory(prefix="passnum-readers-") as folder:
        home = asked.home or published_home(Path(folder))
        with signed_in_pages(home.resolve(), Path(folder) / "access") as (server, provider):
            time.sleep(WARMING_SECONDS)
            found = asyncio.run(measure(server, provider, asked.visits))
    asked.json.parent.mkdir(exist_ok=True)
    asked.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for line in readers_report.lines(found):
        print(line)
    if asked.write:
        readers_report.write(found)


if __name__ == "__main__":
    main()
