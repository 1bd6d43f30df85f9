"""The door of the server: what is let through before Streamlit sees it, and what goes out with it.

With an access file: one opaque cookie for a browser (Streamlit's own, which hold what the provider said for thirty
days, stay here), nothing but the shell and the sign-in without a session, cookies for TLS alone behind TLS. Without:
this machine alone, by the name it was asked under, and never through a relay. Does not live here: the sessions
(signed_in.py), what a role reads (session.py, rights.py).
"""

from __future__ import annotations

import os
import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.access import LOOPBACK, Access, AccessError, rights_now
from dashboards.signed_in import SESSIONS, Session, Sessions
from warehouse.settings import Home

#: Set by `passnum dashboard --sans-connexion`: the network is protected already, by a relay for instance.
OPEN_VARIABLE = "PASSNUM_OPEN_NETWORK"
COOKIE = "passnum"
#: What Streamlit calls what it knows of a person, cut in pieces where it is long.
_OF_STREAMLIT = re.compile(r"^_streamlit_user(_tokens)?(_\d+)?$")
CALLBACK, SIGN_OUT = "/oauth2callback", "/auth/logout"
#: Without a session: the shell (any page's address), what draws it, the sign-in. The rest of these folders is closed.
_CLOSED_FOLDERS = re.compile(r"^/(media|component|_stcore)(/|$)", re.IGNORECASE)
#: Of these, what a page made for one reader (signed_in.Session.made).
_MADE = re.compile(r"^/media(/|$)", re.IGNORECASE)
_STAYS_OPEN = {"/_stcore/health", "/_stcore/host-config", "/_stcore/stream"}
_RELAYED = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}

SIGNED_OUT = "Connectez-vous pour lire cette adresse."
BADLY_SET = "L'accès à ces pages est mal réglé, personne ne peut y entrer."
ELSEWHERE = (
    "Ces pages sont ouvertes sans connexion, à cette machine seule. Pour d'autres : un fichier d'accès, ou "
    "« passnum dashboard --sans-connexion » sur un réseau déjà protégé."
)


def cookie_name(access: Access) -> str:
    """The name of the one cookie: behind TLS, one that a browser takes from this host and through TLS alone."""
    return f"__Host-{COOKIE}" if access.is_encrypted else COOKIE


def read_cookies(header: str) -> dict[str, str]:
    """The cookies of a request, name → value as sent; an unreadable header holds none."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, equal, value in pairs if equal}


def may_have(path: str, session: Session, access: Access) -> bool:
    """Whether the access file, as it is now, names the person of a session whom the pages have seen; and, of a file,
    whether that sign-in made it, under the rights that the person still has."""
    rights = access.rights_of(session.email, session.email_verified)
    if rights is None or not _MADE.match(path):
        return rights is not None
    return rights == session.rights and path in session.made


class Gate:
    """ASGI middleware, the first of all."""

    def __init__(self, app: ASGIApp, sessions: Sessions = SESSIONS) -> None:
        self.app = app
        self.sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            access = rights_now(Home.at())
        except AccessError:
            # The pages say why (session.py): Streamlit is let through to draw them, as nobody.
            await self._pass(scope, receive, send, None, BADLY_SET)
            return
        if access is None:
            if os.environ.get(OPEN_VARIABLE) or _is_this_machine(scope):
                await self.app(scope, receive, send)
            else:
                await _refuse(scope, receive, send, 403, ELSEWHERE)
            return
        await self._pass(scope, receive, send, access, SIGNED_OUT)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, access: Access | None, why: str) -> None:
        cookies = read_cookies(_header(scope, b"cookie"))
        token = cookies.get(cookie_name(access)) if access else None
        session = self.sessions.find(token, access.session_hours) if access else None
        path = scope["path"]
        if _is_closed(path) and not (access and session and may_have(path, session, access)):
            await _refuse(scope, receive, send, 401, why)
            return
        kept = {name: value for name, value in cookies.items() if not _OF_STREAMLIT.match(name)}
        # What the browser says of the person counts for nothing: what is kept here does.
        kept |= session.cookies if session else {}
        inside = {**scope, "headers": _with_cookies(scope["headers"], kept)}
        if scope["type"] == "websocket" or access is None:
            await self.app(inside, receive, send)
            return
        if path == SIGN_OUT:
            self.sessions.close(token)

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._cookies_out(message["headers"], access, path, token)}
            await send(message)

        await self.app(inside, receive, out)

    def _cookies_out(
        self, headers: list[tuple[bytes, bytes]], access: Access, path: str, token: str | None
    ) -> list[tuple[bytes, bytes]]:
        """The headers of an answer: what Streamlit would have the browser keep of a person is kept here."""
        kept, theirs = [], {}
        for name, value in headers:
            if name.lower() != b"set-cookie":
                kept.append((name, value))
                continue
            text = value.decode("latin-1")
            cookie, _, content = text.split(";", 1)[0].partition("=")
            if not _OF_STREAMLIT.match(cookie.strip()):
                secure = access.is_encrypted and not re.search(r";\s*secure", text, re.IGNORECASE)
                kept.append((name, value + b"; Secure" if secure else value))
            elif content.strip('"'):
                theirs[cookie.strip()] = _unquoted(text, cookie.strip())
        if path == CALLBACK and "_streamlit_user" in theirs:
            self.sessions.close(token)
            kept.append(_set_cookie(access, self.sessions.open(theirs), int(access.session_hours * 3600)))
        elif path == SIGN_OUT:
            kept.append(_set_cookie(access, "", 0))
        return kept


def _unquoted(text: str, name: str) -> str:
    """The value of a Set-Cookie, as the browser would have sent it back."""
    try:
        return SimpleCookie(text)[name].value
    except (CookieError, KeyError):
        return text.split(";", 1)[0].partition("=")[2]


def _set_cookie(access: Access, token: str, seconds: int) -> tuple[bytes, bytes]:
    secure = "; Secure" if access.is_encrypted else ""
    text = f"{cookie_name(access)}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    return b"set-cookie", text.encode("latin-1")


def _is_closed(path: str) -> bool:
    return _CLOSED_FOLDERS.match(path) is not None and path not in _STAYS_OPEN


def _is_this_machine(scope: Scope) -> bool:
    """Asked by a name of this machine (no other site's, made to lead here), and by no relay."""
    if any(name.lower() in _RELAYED for name, _ in scope["headers"]):
        return False
    try:
        return urlsplit(f"//{_header(scope, b'host')}").hostname in LOOPBACK
    except ValueError:
        return False


def _header(scope: Scope, wanted: bytes) -> str:
    found = [value for name, value in scope["headers"] if name.lower() == wanted]
    return (b"; " if wanted == b"cookie" else b",").join(found).decode("latin-1")


def _with_cookies(headers: list[tuple[bytes, bytes]], cookies: dict[str, str]) -> list[tuple[bytes, bytes]]:
    others = [(name, value) for name, value in headers if name.lower() != b"cookie"]
    text = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return [*others, (b"cookie", text.encode("latin-1"))] if cookies else others


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    answer = PlainTextResponse(why, status, {"cache-control": "no-store", "x-content-type-options": "nosniff"})
    await answer(scope, receive, send)
