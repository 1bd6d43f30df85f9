"""The server itself: it ends with its command, and behind the HTTPS relay of docs/exemples/nginx.conf.

The relay is a real nginx, with the example as it is but for its ports, its names and a certificate made here.
"""

from __future__ import annotations

import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, free_port, serving, start_server, visit
from tests.browser.provider import Provider, write_access
from tests.browser.test_sign_in import SHOWN, sign_in
from tests.browser.test_states import publish
from tests.integration.reporting.smtp_server import make_certificate
from warehouse.settings import Home

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


def listens(port: int) -> bool:
    """Whether anybody answers on this port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


GENTLE = [pytest.param(how, marks=pytest.mark.exhaustive) for how in (signal.SIGTERM, signal.SIGINT)]


@pytest.mark.parametrize("how", [*GENTLE, signal.SIGKILL])
def test_ending_the_command_in_any_way_ends_the_server(home: Path, tab: Page, how: signal.Signals) -> None:
    port = free_port()
    command = start_server(home, port)
    try:
        visit(tab, f"http://127.0.0.1:{port}/accessibilite")  # a page is open: its connection does not hold the server
        command.send_signal(how)
        command.wait(timeout=20)
        assert not listens(port)
    finally:
        command.kill()


def relay_settings(folder: Path, port: int, plain: int, inside: int, certificate: tuple[Path, Path]) -> Path:
    """The example, for this machine: the same directives with other ports, names and files."""
    text = (ROOT / "docs" / "exemples" / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        r"server_name tableaux\.exemple\.fr;": "server_name localhost;",
        r"return 301 https://\$host\$request_uri;": f"return 301 https://$host:{port}$request_uri;",
        r"/etc/ssl/certs/tableaux\.exemple\.fr\.pem": str(certificate[0]),
        r"/etc/ssl/private/tableaux\.exemple\.fr\.key": str(certificate[1]),
        r"127\.0\.0\.1:8501": f"127.0.0.1:{inside}",
    }
    for old, new in changes.items():
        text, count = re.subn(old, new.replace("\\", r"\\"), text)
        assert count, f"{old} is not in the example any more"
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{text}}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Callable[[int, int], int]]:
    """Start the relay on a port, before pages on another; gives the port where it answers in clear."""
    running = []

    def start(port: int, inside: int) -> int:
        plain = free_port()
        settings = relay_settings(tmp_path, port, plain, inside, make_certificate(tmp_path))
        running.append(subprocess.Popen([NGINX, "-c", str(settings), "-e", str(tmp_path / "error.log")]))
        deadline = time.monotonic() + 30
        while not listens(port):
            assert time.monotonic() < deadline, (tmp_path / "error.log").read_text()
            time.sleep(0.05)
        return plain

    yield start
    for one in running:
        one.send_signal(signal.SIGQUIT)
        one.wait(timeout=20)


def test_signing_in_behind_the_relay_of_the_documentation(
    home: Path, tmp_path: Path, chromium: Browser, relay: Callable[[int, int], int]
) -> None:
    """Every cookie for TLS alone, the pages alive through the relay, and nothing in clear."""
    provider = Provider(free_port())
    provider.start()
    port, inside = free_port(), free_port()
    site = f"https://localhost:{port}"
    root = tmp_path / "home"
    publish(root, Home.at(home).published.resolve())
    access = write_access(tmp_path / "access", site, provider)
    context = chromium.new_context(ignore_https_errors=True, locale="fr-FR")
    try:
        with serving(root, inside, access):
            plain = relay(port, inside)
            tab = context.new_page()
            answers = []
            tab.on("response", lambda response: answers.append(response))
            sign_in(tab, provider, site, "equipe@metropole.example")
            expect(tab.locator(".pn-card").first).to_be_visible(timeout=40_000)
            cookies = context.cookies()
            assert {"__Host-passnum", "_streamlit_xsrf"} <= {cookie["name"] for cookie in cookies}
            assert [cookie["name"] for cookie in cookies if not cookie["secure"]] == []
            assert any(answer.headers.get("strict-transport-security") for answer in answers)
            tab.get_by_role("link", name="Mandat", exact=True).click()
            expect(tab.get_by_role("heading", level=1)).to_have_text("Mandat")
            moved = urllib.request.Request(f"http://localhost:{plain}/mandat")
            opener = urllib.request.build_opener(NoRedirect)
            with pytest.raises(urllib.error.HTTPError) as answer:
                opener.open(moved, timeout=10)
            assert (answer.value.code, answer.value.headers["location"]) == (301, f"{site}/mandat")
            # The file is lost behind the relay, in the worst way: nobody is let in all the same.
            access.unlink()
            tab.get_by_role("link", name="Budget", exact=True).click()
            expect(tab.get_by_text("mal réglé, personne ne peut y entrer")).to_be_visible()
            assert tab.locator(SHOWN).count() == 0
    finally:
        context.close()
        provider.stop()


def test_pages_without_sign_in_do_not_answer_through_a_relay(
    home: Path, tmp_path: Path, relay: Callable[[int, int], int]
) -> None:
    """Started without an access file on a machine that has a relay: the network still sees nothing."""
    port, inside = free_port(), free_port()
    root = tmp_path / "home"
    publish(root, Home.at(home).published.resolve())
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with serving(root, inside):
        relay(port, inside)
        for path in ("/", "/mandat", "/_stcore/health"):
            with pytest.raises(urllib.error.HTTPError) as answer:
                urllib.request.urlopen(f"https://localhost:{port}{path}", context=trusting, timeout=10)
            assert answer.value.code == 403
            assert "à cette machine seule" in answer.value.read().decode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Gives the redirection itself."""

    def redirect_request(self, *_: object) -> None:
        return None
