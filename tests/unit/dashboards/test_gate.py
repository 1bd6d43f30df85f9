"""The door of the pages: who is let through, and what of a person stays on the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboards import made_files
from dashboards.access import TEAM, VARIABLE, Rights, decided
from dashboards.gate import OPEN_VARIABLE, Gate
from dashboards.signed_in import MOST_SESSIONS, Session, Sessions
from tests.unit.dashboards.test_access import GOOD, SECRETS
from warehouse.settings import HOME_VARIABLE

TEAM_ADDRESS = "equipe@metropole.example"
CLOSED = [
    "/_stcore/metrics",
    "/_stcore/METRICS",
    "/_stcore/upload_file/a/b",
    "/_stcore/agent/mcp",
    "/_stcore/script-health-check",
    "/media/0123456789.xlsx",
    "/media/",
    "/media",
    "/component/x/index.html",
]
OPEN = [
    "/",
    "/mandat",
    "/static/js/index.js",
    "/_stcore/health",
    "/_stcore/host-config",
    "/auth/login",
    "/passnum/fr.js",
]


class Inside:
    """An application in place of Streamlit's: says what reached it, and sets the cookies it is told to."""

    def __init__(self) -> None:
        self.cookies: list[str] = []
        self.sets: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.cookies.append(dict(scope["headers"]).get(b"cookie", b"").decode())
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        headers = [(b"set-cookie", text.encode()) for text in self.sets]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"figures"})


class Door:
    """A gate before an inside application, whose clock the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sessions = Sessions(lambda: self.now)
        self.inside = Inside()
        self.gate = Gate(self.inside, self.sessions)

    def ask(
        self, path: str, cookie: str = "", kind: str = "http", host: str = "tableaux.example", **headers: str
    ) -> tuple[int, list[str]]:
        """(status, Set-Cookie of the answer); 101 for a websocket that is accepted."""
        asked = {"host": host, "cookie": cookie} | {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": kind,
            "method": "GET",
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in asked.items() if value],
        }
        sent = []

        async def receive() -> Message:
            return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.gate(scope, receive, send))
        if kind == "websocket":
            return 101 if sent[0]["type"] == "websocket.accept" else 403, []
        sets = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
        return sent[0]["status"], sets

    def session(self, cookie: str) -> Session:
        """The session of a cookie."""
        found = self.sessions.find(cookie.partition("=")[2], 10)
        assert found is not None
        return found

    def made(self, cookie: str) -> set[str]:
        """The files made for a cookie."""
        return self.session(cookie).made

    def sign_in(self, email: str | None = TEAM_ADDRESS) -> str:
        """The cookie of a browser that has just signed in, its address seen by a page."""
        self.inside.sets = ["_streamlit_user=signed.value; HttpOnly; Path=/", "_streamlit_user_tokens=tokens; Path=/"]
        _, sets = self.ask("/oauth2callback")
        self.inside.sets = []
        (cookie,) = (text.split(";")[0] for text in sets)
        found = self.sessions.find(cookie.partition("=")[2], 10)
        assert found is not None
        found.email, found.email_verified = email, True
        found.drawn_under(TEAM)
        found.made |= {path for path in (*CLOSED, "/media/x") if path.startswith("/media")}
        return cookie


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An access file in force, outside the home."""
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "access.yaml"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.delenv(OPEN_VARIABLE, raising=False)
    decided.cache_clear()
    return path


@pytest.fixture
def door(place: Path) -> Door:
    return Door()


@pytest.mark.parametrize("path", CLOSED)
def test_files_and_measures_answer_to_a_signed_in_reader_alone(door: Door, path: str) -> None:
    for cookie in ("", "passnum=guessed", "__Host-passnum=guessed", "_streamlit_user=stolen"):
        assert door.ask(path, cookie)[0] == 401
    assert door.inside.cookies == []
    assert door.ask(path, door.sign_in())[0] == 200


@pytest.mark.parametrize("path", OPEN)
def test_the_shell_and_the_sign_in_answer_to_everyone(door: Door, path: str) -> None:
    assert door.ask(path)[0] == 200


def test_a_person_whom_the_file_does_not_name_takes_no_file(door: Door) -> None:
    assert door.ask("/media/x", door.sign_in("inconnue@metropole.example"))[0] == 401
    assert door.ask("/media/x", door.sign_in(None))[0] == 401


def test_a_role_withdrawn_closes_the_files_at_once(door: Door, place: Path) -> None:
    cookie = door.sign_in()
    assert door.ask("/media/x", cookie)[0] == 200
    place.write_text(GOOD.replace("Equipe@", "autre@"), encoding="utf-8")
    assert door.ask("/media/x", cookie)[0] == 401


def test_a_file_moved_away_closes_them_too(door: Door, place: Path) -> None:
    cookie = door.sign_in()
    place.rename(place.with_name("elsewhere.yaml"))
    assert door.ask("/media/x", cookie)[0] == 401
    assert door.ask("/", cookie)[0] == 200
    assert door.inside.cookies[-1] == cookie, "nobody is told to Streamlit"


def test_what_the_provider_said_never_leaves_the_server(door: Door) -> None:
    door.inside.sets = [
        "_streamlit_user=signed.value; Path=/",
        "_streamlit_user_tokens=tokens",
        "_streamlit_user_1=two",
    ]
    _, (cookie,) = door.ask("/oauth2callback")
    assert "signed.value" not in cookie
    assert all(words in cookie for words in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=36000", "Path=/"))
    assert cookie.startswith("__Host-passnum=")
    door.inside.sets = []
    door.ask("/mandat", cookie.split(";")[0])
    assert (
        "_streamlit_user=signed.value; _streamlit_user_tokens=tokens; _streamlit_user_1=two" in door.inside.cookies[-1]
    )


def test_what_the_browser_says_of_a_person_counts_for_nothing(door: Door) -> None:
    """A cookie of Streamlit's, stolen or kept from before signing out, is worth nothing."""
    for kind in ("http", "websocket"):
        door.ask("/_stcore/stream", "_streamlit_user=stolen; _streamlit_user_1=b; _streamlit_xsrf=kept", kind)
        assert door.inside.cookies[-1] == "_streamlit_xsrf=kept"


def test_signing_out_ends_the_session_whoever_holds_its_cookie(door: Door) -> None:
    cookie, other = door.sign_in(), door.sign_in()
    _, sets = door.ask("/auth/logout", cookie)
    assert any(text.startswith("__Host-passnum=;") and "Max-Age=0" in text for text in sets)
    assert "_streamlit_user=signed.value" in door.inside.cookies[-1], "the provider is told who signs out"
    assert door.ask("/media/x", cookie)[0] == 401
    assert door.ask("/media/x", other)[0] == 200


def test_a_session_has_an_age(door: Door, place: Path) -> None:
    cookie = door.sign_in()
    door.now = 10 * 3600 - 1
    assert door.ask("/media/x", cookie)[0] == 200
    door.now += 1
    assert door.ask("/media/x", cookie)[0] == 401
    door.now -= 3600
    assert door.ask("/media/x", cookie)[0] == 401, "ended for good"
    place.write_text(GOOD + "heures_de_session: 0.5\n", encoding="utf-8")
    cookie = door.sign_in()
    door.now += 1800
    assert door.ask("/media/x", cookie)[0] == 401


def test_a_second_sign_in_ends_the_first_of_the_same_browser(door: Door) -> None:
    first = door.sign_in()
    door.inside.sets = ["_streamlit_user=again"]
    door.ask("/oauth2callback", first)
    door.inside.sets = []
    assert door.ask("/media/x", first)[0] == 401


def test_every_cookie_is_for_tls_alone_behind_tls(door: Door, place: Path) -> None:
    door.inside.sets = ["_streamlit_xsrf=2|a|b; Path=/; SameSite=Lax", "_streamlit_session=c; secure"]
    _, sets = door.ask("/_stcore/health")
    assert sets == ["_streamlit_xsrf=2|a|b; Path=/; SameSite=Lax; Secure", "_streamlit_session=c; secure"]
    place.write_text(GOOD.replace("https://tableaux.example", "http://localhost:8501"), encoding="utf-8")
    assert door.ask("/_stcore/health")[1] == door.inside.sets


def test_sessions_are_not_without_number() -> None:
    sessions = Sessions()
    tokens = [sessions.open({}) for _ in range(MOST_SESSIONS + 1)]
    assert sessions.find(tokens[0], 1) is None
    assert all(sessions.find(token, 1) for token in tokens[1:])


@pytest.fixture
def open_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Pages without an access file."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv(OPEN_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    decided.cache_clear()
    return Door()


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_pages_without_sign_in_are_for_this_machine(
    open_door: Door, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another site whose name was made to lead here, or a relay before the pages, gets nothing."""
    ask: Callable[..., tuple[int, list[str]]] = lambda **more: open_door.ask("/_stcore/stream", kind=kind, **more)  # noqa: E731
    let_in = 101 if kind == "websocket" else 200
    for host in ("localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"):
        assert ask(host=host)[0] == let_in
    for host in ("pirate.example:8501", "127.0.0.1.pirate.example", "localhost@pirate.example", "[bad", ""):
        assert ask(host=host)[0] == 403
    for relayed in ("x_forwarded_for", "forwarded", "via", "x_real_ip", "x_forwarded_host", "x_forwarded_proto"):
        assert ask(host="localhost:8501", **{relayed: "192.0.2.7"})[0] == 403
    monkeypatch.setenv(OPEN_VARIABLE, "1")
    assert ask(host="tableaux.example", x_forwarded_for="192.0.2.7")[0] == let_in


def test_a_file_answers_to_the_sign_in_that_made_it_alone(door: Door) -> None:
    """Whoever has its address, and a role, takes nothing that was made for another: nor the same person elsewhere."""
    mine, other = door.sign_in(), door.sign_in()
    door.made(mine).add("/media/of-the-team.xlsx")
    assert door.ask("/media/of-the-team.xlsx", mine)[0] == 200
    assert door.ask("/media/of-the-team.xlsx", other)[0] == 401
    for written in ("/MEDIA/of-the-team.xlsx", "/media//of-the-team.xlsx", "/media/./of-the-team.xlsx"):
        assert door.ask(written, other)[0] == 401


def test_a_file_made_under_another_role_is_not_given_any_more(door: Door, place: Path) -> None:
    """The team's file, once its reader is of the committee: before their next page, and after it."""
    cookie = door.sign_in()
    assert door.ask("/media/x", cookie)[0] == 200
    text = place.read_text(encoding="utf-8")
    place.write_text(re.sub("role: equipe", "role: comite", text), encoding="utf-8")
    assert door.ask("/media/x", cookie)[0] == 401
    session = door.session(cookie)
    session.drawn_under(Rights("comite"))
    assert door.ask("/media/x", cookie)[0] == 401
    session.made.add("/media/y")
    assert door.ask("/media/y", cookie)[0] == 200


def test_a_tab_still_open_under_a_lost_role_makes_no_file_for_its_reader() -> None:
    """The team's tab, once its reader is of the committee and has another tab drawn so: its download buttons stay."""
    session = Session(0.0, {})
    session.drawn_under(TEAM)
    made_files.bind("of the team", session)
    made_files.note("of the team", "/media/before")
    session.drawn_under(Rights("comite"))
    made_files.bind("of the committee", session)
    made_files.note("of the team", "/media/after")
    made_files.note("of the committee", "/media/own")
    assert session.made == {"/media/own"}
    # Drawn again, the first tab is of the committee too.
    made_files.bind("of the team", session)
    made_files.note("of the team", "/media/protected")
    assert session.made == {"/media/own", "/media/protected"}


class Manager:
    """In place of Streamlit's media manager: `add` for the tab that is drawn, `execute_deferred` for any."""

    def __init__(self) -> None:
        self._deferred_callables = {"later": {"session_id": "tab-2"}}

    def add(self, data: str) -> str:
        return f"/media/{data}"

    def execute_deferred(self, file_id: str) -> str:
        return f"/media/made-{file_id}"


def test_every_file_that_streamlit_keeps_is_noted_for_its_tab(monkeypatch: pytest.MonkeyPatch) -> None:
    manager: Any = Manager()
    one, two = Session(0.0, {}), Session(0.0, {})
    made_files.bind("tab-1", one)
    made_files.bind("tab-2", two)
    monkeypatch.setattr(made_files, "_this_tab", lambda: "tab-1")
    made_files.watch(manager)
    made_files.watch(manager)
    assert manager.add("a.csv") == "/media/a.csv"
    assert manager.execute_deferred("later") == "/media/made-later"
    assert manager.execute_deferred("unknown") == "/media/made-unknown"
    assert one.made == {"/media/a.csv"}
    assert two.made == {"/media/made-later"}


def test_streamlit_still_has_what_is_watched() -> None:
    """Names of its own that are not promised: a new version that changes them is seen here."""
    from streamlit.runtime.media_file_manager import MediaFileManager
    from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    assert manager._deferred_callables == {}
    made_files.watch(manager)
    session = Session(0.0, {})
    made_files.bind("tab", session)
    manager._deferred_callables["x"] = {
        "callable": lambda: b"a;b", "mimetype": "text/csv", "filename": "f.csv", "coordinates": "0",
        "session_id": "tab", "element_id": "",
    }  # fmt: skip
    address = manager.execute_deferred("x")
    assert address.startswith("/media/")
    assert session.made == {address}
