"""A reader of the pages without a browser: it speaks to the server as the browser does, and counts the server's CPU.

One `Visitor` is one session: it opens a page, sees its widgets, changes one, hands back the CPU seconds that the server
burned. Does not live here: which pages and which filters are measured (pages.py).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

ROOT = Path(__file__).resolve().parents[1]
#: The server works a little after it said that the script finished (garbage, the last message).
AFTERWARDS_SECONDS = 0.25


@dataclass(frozen=True)
class Server:
    """A running server: its address without the scheme, and the process that draws the pages."""

    place: str
    pid: int

    def cpu_seconds(self) -> float:
        """User and system seconds burned by the process so far, whatever became of its threads (Linux)."""
        return time.clock_gettime(((~self.pid) << 3) | 2)


def free_port() -> int:
    """A port that nobody listens on, on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(home: Path, root: Path = ROOT, port: int = 0, access: Path | None = None) -> Iterator[Server]:
    """The dashboards of `home` as `passnum dashboard` starts them, the code being that of the folder `root`.

    `access`: the access file, for pages with sign-in.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "orchestration", "dashboard", "--home", str(home), "--port", str(port)]
    started = subprocess.Popen(
        command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env=os.environ | ({} if access is None else {"PASSNUM_ACCESS": str(access)}),
    )  # fmt: skip
    try:
        for _ in range(480):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.25)
        children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
        # The command becomes the server; before November 2026 it started one.
        yield Server(f"127.0.0.1:{port}", int(children[0]) if children else started.pid)
    finally:
        os.killpg(started.pid, 15)
        started.wait(timeout=20)


@dataclass
class Visitor:
    """One session on one page. `widgets`: key → the widget as the server last drew it."""

    server: Server
    page: str
    query: str = ""
    #: Of a reader who signed in: what its browser would send.
    cookies: str = ""
    #: Seconds from the last request to the first figure that came back, and to the end of the page.
    first_figure: float | None = None
    whole: float = 0.0
    widgets: dict[str, Any] = field(default_factory=dict)
    drawn: list[ForwardMsg] = field(default_factory=list)

    def __enter__(self) -> Visitor:
        self._socket = connect(
            f"ws://{self.server.place}/_stcore/stream",
            # As the browser's: the second one is how it proves that its cookies are its own.
            subprotocols=[Subprotocol(word) for word in ("streamlit", *filter(None, [self._proof()]))],
            max_size=None,
            proxy=None,
            origin=Origin(f"http://{self.server.place}"),
            additional_headers={"Cookie": self.cookies} if self.cookies else None,
        )
        return self

    def _proof(self) -> str:
        return dict(pair.split("=", 1) for pair in filter(None, self.cookies.split("; "))).get("_streamlit_xsrf", "")

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def open(self) -> float:
        """Draw the page whole. Returns the server's CPU seconds."""
        return self._rerun(BackMsg())

    def choose(self, key: str, options: list[str]) -> float:
        """Choose options (their words, one but for a multiple choice). Returns the server's CPU seconds."""
        return self._rerun(self.choice(key, options))

    def choice(self, key: str, options: list[str]) -> BackMsg:
        """What the browser sends when options are chosen."""
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        kind, widget = self.widgets[key]
        state.id = widget.id
        if kind == "multiselect":
            state.string_array_value.data.extend(options)
        else:
            state.string_value = options[0]
        return message

    def is_choice(self, key: str) -> bool:
        """Whether the widget chooses among options, and has a key of its own (Streamlit writes « None » for none)."""
        return self.widgets[key][0] != "text_input" and key != "None"

    def options(self, key: str) -> list[str]:
        """The words of a widget's options."""
        return list(self.widgets[key][1].options)

    def shown(self, key: str) -> list[str]:
        """The options chosen at first: those of the default."""
        kind, widget = self.widgets[key]
        chosen = list(widget.default) if kind == "multiselect" else [widget.default]
        return [widget.options[position] for position in chosen]

    def _rerun(self, message: BackMsg) -> float:
        before = self.server.cpu_seconds()
        self.ask(message)
        time.sleep(AFTERWARDS_SECONDS)
        return self.server.cpu_seconds() - before

    def ask(self, message: BackMsg) -> None:
        """Have the page drawn, and read all that comes: its widgets, and when its figures did."""
        message.rerun_script.page_name = self.page
        message.rerun_script.query_string = self.query
        began, self.first_figure = time.perf_counter(), None
        self._socket.send(message.SerializeToString())
        self.drawn = []
        while True:
            received = ForwardMsg()
            received.ParseFromString(self._socket.recv(timeout=120))
            self.drawn.append(received)
            element = received.delta.new_element
            kind = element.WhichOneof("type")
            if self.first_figure is None and (kind == "vega_lite_chart" or _has_figure(element.html.body)):
                self.first_figure = time.perf_counter() - began
            if kind in {"selectbox", "multiselect", "text_input"}:
                widget = getattr(element, kind)
                self.widgets[widget.id.rsplit("-", 1)[-1]] = (kind, widget)
            if received.WhichOneof("type") == "page_info_changed":
                self.query = received.page_info_changed.query_string
            if received.WhichOneof("type") == "script_finished":
                break
        self.whole = time.perf_counter() - began


def _has_figure(html: str) -> bool:
    return 'class="pn-value' in html or "<td" in html
