"""The ASGI application `streamlit run` serves: Streamlit, with its shell in French and closed to the outside.

The page's language, title and built-in words are French before the first paint, and a Content-Security-Policy makes
the browser itself refuse any request that would leave for another host. Does not live here: the pages (app.py).
"""

from __future__ import annotations

import base64
import gc
import re
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
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

from dashboards.access import AccessError, decided, load_access  # noqa: E402
from dashboards.gate import Gate  # noqa: E402
from warehouse.settings import Home  # noqa: E402

#: What every page runs: the words of Streamlit in French, the browser's history, the tables, the paper.
SCRIPTS = tuple(FOLDER / "static" / name for name in ("fr.js", "history.js", "tables.js", "print.js"))
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
# Streamlit has Vega interpret its expressions: no text is compiled in the browser, only WebAssembly is. Its
# styles are inline; its one inline script is let through by its hash (`policy`).
POLICY = (
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "frame-ancestors 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "object-src 'none'",
)
HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
#: Folders that hold files and no page: they go out as they are, compressed. Any other address is a page's.
_FILES = ("/static/", "/media/", "/passnum/")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy(page: str) -> bytes:
    """The Content-Security-Policy of a page: nothing from elsewhere, and its own inline scripts alone."""
    digests = [sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page)]
    allowed = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return "; ".join(POLICY).replace("script-src 'self'", f"script-src 'self'{allowed}", 1).encode()


def in_french(page: str) -> str:
    """Streamlit's shell with the French language, the programme's title and the scripts of static/."""
    page = page.replace('<html lang="en">', '<html lang="fr">', 1)
    page = page.replace("<title>Streamlit</title>", f"<title>{TITLE}</title>", 1)
    scripts = "".join(f'<script src="/passnum/{path.name}"></script>' for path in SCRIPTS)
    page = page.replace("</head>", f"{scripts}</head>", 1)
    return re.sub(
        r"<noscript>.*?</noscript>",
        "<noscript>JavaScript est nécessaire pour lire ces pages.</noscript>",
        page,
        flags=re.S,
    )


class FrenchShell:
    """Rewrites the one HTML page of Streamlit on its way out, whatever its address; the rest keeps its content."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"} or scope["path"].startswith(_FILES):

            async def guard(message: Message) -> None:
                if message["type"] == "http.response.start":
                    closed = [(b"content-security-policy", policy(""))] if _is_html(message) else []
                    message = {**message, "headers": [*message["headers"], *HEADERS, *closed]}
                await send(message)

            await self.app(scope, receive, guard)
            return
        plain = [(name, value) for name, value in scope["headers"] if name not in {b"accept-encoding", b"range"}]
        start: Message = {}
        body = b""

        async def hold(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                if not _is_html(start):
                    await send({**start, "headers": [*start["headers"], *HEADERS]})
            elif not _is_html(start):
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    text = in_french(body.decode())
                    page = text.encode()
                    kept = [(n, v) for n, v in start["headers"] if n.lower() not in {b"content-length", b"etag"}]
                    length = [(b"content-length", str(len(page)).encode())] if body else []
                    await send(
                        {**start, "headers": [*kept, *HEADERS, (b"content-security-policy", policy(text)), *length]}
                    )
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

    Libraries never end: looking at each of their objects each time that a page is run cost more than most pages.
    """
    for name in WARMED:
        import_module(name)
    gc.collect()
    gc.freeze()
    if decided(Home.at().root) is not None:
        import_module("dashboards.preparing").start_before_readers(Home.at())


def _script(path: Path) -> Route:
    return Route(f"/passnum/{path.name}", lambda _request: FileResponse(path, media_type="text/javascript"))


def _sign_in() -> dict | None:
    """The provider's settings for st.login, from the access file; None when the pages are open to this machine.

    Asked once, at the start: whether sign-in is required is then decided. A file that cannot be followed gives none
    either: every page then says so and shows nothing (session.py).
    """
    path = decided(Home.at().root)
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
    routes=[_script(path) for path in SCRIPTS],
    middleware=[Middleware(Gate), Middleware(FrenchShell)],
)
