"""The pictures of the week: Dagster's list of runs, and the mails as they are read. Does not live here: the week."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.integration.road.week import Week


def draw(week: Week, folder: Path) -> None:
    """Write semaine-passages.png and semaine-courriel-N.png in `folder`."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, QUIET

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen([*command, "-m", "orchestration.definitions"], cwd=ROOT, env=week.environment)
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=2)
                break
            except OSError:
                time.sleep(1)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page(viewport={"width": 1280, "height": 760}, locale="fr-FR")
            page.goto(f"http://127.0.0.1:{port}/runs")
            page.get_by_text("passnum_build").first.wait_for()
            page.wait_for_timeout(2000)
            page.screenshot(path=str(folder / "semaine-passages.png"))
            for rank, (_, mail) in enumerate(week.mailbox.received, start=1):
                body = mail.get_body(("html", "plain"))
                assert body is not None
                # As on a server: where the week was lived is of no interest.
                page.set_content(body.get_content().replace(str(week.home.root.parent), "/etc/passnum"))
                page.set_viewport_size({"width": 900, "height": 420})
                page.screenshot(path=str(folder / f"semaine-courriel-{rank}.png"))
            browser.close()
    finally:
        server.terminate()
        server.wait()
