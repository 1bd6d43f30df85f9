"""The ASGI application `streamlit run` serves: Streamlit, with its shell in French and closed to the outside.

The page's language, title and built-in words are French before the first paint, and a Content-Security-Policy makes
the browser itself refuse any request that would leave for another host. Does not live here: the pages (app.py).
"""

from __future__ import annotations

import gc
import re
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

FOLDER = Path(__file__).resolve().parent
if str(FOLDER.parent) not in sys.path:
    sys.path.insert(0, str(FOLDER.parent))

from dashboards.access import AccessError, access_path, load_access  # noqa: E402
from warehouse.settings import Home  # noqa: E402

WORDS = FOLDER / "static" / "fr.js"
TITLE = "Pass Numérique"
#: What the pages import. DuckDB looks for pandas when a question has a list of values, and answers through pyarrow.
WARMED = (
    "dashboards.frame",
    "dashboards.charts",
    "dashboards.filters",
    "dashboards.people",
    "dashboards.cards",
    "dashboards.freshness",
    "dashboards.provenance",
    "dashboards.refusal",
    "dashboards.report_files",
    "dashboards.points",
    "pandas",
    "pyarrow.pandas_compat",
)
# Vega compiles its expressions (unsafe-eval); Streamlit writes inline styles and scripts of its own.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
]


def in_french(page: str) -> str:
    """Streamlit's shell with the French language, the programme's title and the words of static/fr.js."""
    page = page.replace('<html lang="en">', '<html lang="fr">', 1)
    page = page.replace("<title>Streamlit</title>", f"<title>{TITLE}</title>", 1)
    page = page.replace("</head>", '<script src="/passnum/fr.js"></script></head>', 1)
    return re.sub(
        r"<noscript>.*?</noscript>",
        "<noscript>JavaScript est nécessaire pour lire ces pages.</noscript>",
        page,
        flags=re.S,
    )


class FrenchShell:
    """Rewrites the one HTML page of Streamlit on its way out; everything else passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        last = scope.get("path", "").rsplit("/", 1)[-1]
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or ("." in last and last != "index.html"):
            await self.app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name not in {b"accept-encoding", b"range"}]
        start: Message = {}
        body = b""

        async def hold(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                if not _is_html(start):
                    await send(start)
            elif not _is_html(start):
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    page = in_french(body.decode()).encode()
                    kept = [(n, v) for n, v in start["headers"] if n.lower() not in {b"content-length", b"etag"}]
                    length = [(b"content-length", str(len(page)).encode())] if body else []
                    await send({**start, "headers": kept + HEADERS + length})
                    await send({"type": "http.response.body", "body": page if body else b""})

        await self.app({**scope, "headers": plain}, receive, hold)


def _is_html(start: Message) -> bool:
    return any(name.lower() == b"content-type" and b"text/html" in value for name, value in start.get("headers", []))


@asynccontextmanager
async def _warm(_app: App) -> AsyncIterator[None]:
    """Import what every page needs while the first visitor types the address."""
    threading.Thread(target=_import_and_set_aside, daemon=True).start()
    yield


def _import_and_set_aside() -> None:
    """Import, then take what the libraries made out of the garbage collector's sight.

    Streamlit collects everything after each run of a page, and libraries never end: looking at each of their objects
    again cost more than most pages.
    """
    for name in WARMED:
        import_module(name)
    gc.collect()
    gc.freeze()


def _words(_request) -> FileResponse:
    return FileResponse(WORDS, media_type="text/javascript")


def _sign_in() -> dict | None:
    """The provider's settings for st.login, from the access file; None when the pages are open to this machine.

    A file that cannot be followed gives none either: every page then says so and shows nothing (session.py).
    """
    path = access_path(Home.at())
    if path is None:
        return None
    try:
        return {"auth": dict(load_access(path).oidc)}
    except AccessError:
        return None


app = App(
    FOLDER / "app.py",
    secrets=_sign_in(),
    lifespan=_warm,
    routes=[Route("/passnum/fr.js", _words)],
    middleware=[Middleware(FrenchShell)],
)
