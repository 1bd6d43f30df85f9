"""A small published home, the real server on a free port, and a real Chromium that may only talk to this machine.

Does not live here: the home (../conftest.py).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
LOCAL = {"127.0.0.1", "localhost"}
WIDE: ViewportSize = {"width": 1440, "height": 1000}
# A machine that runs other tests at the same time is slow; a page that never comes still fails.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def home(simulated_home: Path) -> Path:
    """The simulated home of all tests: the pages only read it."""
    return simulated_home


def free_port() -> int:
    """A port nobody listens on, on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(home: Path, port: int | None = None, access: Path | None = None) -> Iterator[str]:
    """The dashboards of a home on a free port of this machine; yields their address. `access`: the access file."""
    port = port or free_port()
    server = start_server(home, port, access)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def start_server(home: Path, port: int, access: Path | None = None) -> subprocess.Popen:
    """`passnum dashboard`, which answers; the process is to be ended."""
    command = [sys.executable, "-m", "orchestration", "dashboard", "--home", str(home), "--port", str(port)]
    theirs = os.environ | ({} if access is None else {"PASSNUM_ACCESS": str(access)})
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=theirs)
    try:
        _wait(f"http://127.0.0.1:{port}", server)
    except BaseException:
        server.kill()
        raise
    return server


def _wait(address: str, server: subprocess.Popen) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise AssertionError(server.stdout.read().decode() if server.stdout else "")
        try:
            with urllib.request.urlopen(address + "/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"{address} does not answer")


@pytest.fixture(scope="package")
def site(home: Path) -> Iterator[str]:
    """The address of the dashboards of the small home."""
    with serving(home) as address:
        yield address


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def outside() -> list[str]:
    """Every request that aimed at another machine, in the whole session."""
    return []


def _new_context(chromium: Browser, outside: list[str]) -> BrowserContext:
    context = chromium.new_context(viewport=WIDE, locale="fr-FR", accept_downloads=True)

    def note(request: Request) -> None:
        address = urlparse(request.url)
        if address.scheme not in {"data", "blob"} and address.hostname not in LOCAL:
            outside.append(request.url)

    # Noted, not routed: routing would turn the browser's cache off. No name resolves (QUIET), so nothing can leave.
    context.on("request", note)
    context.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', event => refused.push(event.blockedURI))"
    )
    context.set_default_timeout(40_000)
    return context


@pytest.fixture(scope="package")
def newcomers() -> Iterator[list[Page]]:
    """The tabs of those who come for the first time, each of a browser of its own; emptied between two tests."""
    kept: list[Page] = []
    yield kept
    for page in kept:
        page.context.close()


@pytest.fixture
def open_tab(chromium: Browser, outside: list[str], newcomers: list[Page]) -> Iterator[Callable[..., Page]]:
    """Open a tab for a person who comes for the first time: no cookie, nothing kept but the code of the pages."""
    taken: list[Page] = []

    def open_one() -> Page:
        if len(taken) == len(newcomers):
            newcomers.append(_new_context(chromium, outside).new_page())
        taken.append(newcomers[len(taken)])
        return taken[-1]

    yield open_one
    for page in taken:
        for other in page.context.pages:
            if other is not page:
                other.close()
        if page.url.startswith("http"):
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.goto("about:blank")
        page.context.clear_cookies()


@pytest.fixture(scope="package")
def usual(chromium: Browser, outside: list[str]) -> Iterator[BrowserContext]:
    """A person who comes back, with a warm cache."""
    context = _new_context(chromium, outside)
    yield context
    context.close()


@pytest.fixture(scope="package")
def window(usual: BrowserContext) -> Iterator[list[Page]]:
    """The tab that person keeps: half of what a page costs is a tab of its own, whose code is compiled anew."""
    kept: list[Page] = []
    yield kept
    for page in kept:
        page.close()


@pytest.fixture
def tab(usual: BrowserContext, window: list[Page]) -> Page:
    """The tab of the person who comes back, with nothing in it: what it opens is a new session of the pages."""
    if not window or window[-1].is_closed():
        window.append(usual.new_page())
    page = window[-1]
    page.goto("about:blank")
    page.set_viewport_size(WIDE)
    return page


def until(tab: Page, true_in_the_page: str) -> None:
    """Wait for a JavaScript expression. Playwright's own wait compiles it in the page, whose policy refuses that."""
    deadline = time.monotonic() + 40
    while not tab.evaluate(true_in_the_page):
        assert time.monotonic() < deadline, true_in_the_page
        tab.wait_for_timeout(50)


def settle(tab: Page) -> None:
    """Wait until the script has run and its elements are drawn."""
    # The title first: before it, « not running » may be the state of a script that has not begun.
    tab.wait_for_selector("h1")
    tab.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    until(tab, "document.querySelectorAll('[data-stale=true]').length === 0")
    # A chart is drawn after the script ends, and moves what is under it: a click, or a print, would come too early.
    charts = "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')]"
    until(tab, f"{charts}.every(chart => chart.querySelector('canvas, svg'))")
    # On a busy machine, widgets come after the script that asks for them: grey bars stand for them until then.
    until(tab, "!document.querySelector('[data-testid=stSkeleton]')")


def visit(tab: Page, address: str) -> Page:
    """Go to a page and wait for it to be whole."""
    tab.goto(address)
    settle(tab)
    return tab


def box(tab: Page, label: str) -> Locator:
    """A choice among several, by its label."""
    return tab.get_by_role("combobox", name=label)


def choose(tab: Page, label: str, option: str) -> None:
    """Choose in a list, and wait for the page of that choice, its address too."""
    # In the middle first: a list that opens while the page scrolls closes again.
    box(tab, label).evaluate("node => node.scrollIntoView({ block: 'center' })")
    box(tab, label).click()
    tab.get_by_role("option", name=option, exact=True).click()
    expect(tab).to_have_url(re.compile(re.escape(option.split()[0])))
    settle(tab)
