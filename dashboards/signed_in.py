"""The sessions of the people who signed in: kept here, by the server, and nowhere else.

A browser holds a random token and nothing else; what the provider said of the person (Streamlit's own cookies) stays
here. Signing out, or the age of the session, ends it for whoever holds the token, in every tab. Sessions are in memory:
a server that starts again asks everyone to sign in. Does not live here: the cookies (gate.py), the roles (access.py).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboards.access import Rights

#: More people than that at once are not of this programme: the oldest session ends.
MOST_SESSIONS = 1_000


@dataclass(eq=False)  # one sign-in is no other, whatever they say: it is the key of what was made for it
class Session:
    """One sign-in. cookies: Streamlit's, name → value. email, email_verified: what the pages read in them.

    rights: those under which the pages were last drawn; made: the addresses of the files made under them; tabs: those
    drawn under them, whose files are.
    """

    opened_at: float
    cookies: dict[str, str]
    email: str | None = None
    email_verified: object = None
    rights: Rights | None = None
    made: set[str] = field(default_factory=set)
    tabs: set[str] = field(default_factory=set)

    def drawn_under(self, rights: Rights) -> None:
        """The pages are drawn under these rights: what was made under others is not given any more, nor what a tab
        still open under them goes on making."""
        if rights != self.rights:
            self.made.clear()
            self.tabs.clear()
        self.rights = rights


class Sessions:
    """The sessions open on this server; safe from several threads. `clock`: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Session] = {}

    def open(self, cookies: dict[str, str]) -> str:
        """Begin a session; its token, which is not kept."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._open) >= MOST_SESSIONS:
                self._open.pop(next(iter(self._open)))
            self._open[_mark(token)] = Session(self._clock(), cookies)
        return token

    def find(self, token: str | None, hours: float) -> Session | None:
        """The session of a token, None when it was ended or began more than `hours` ago."""
        if not token:
            return None
        with self._lock:
            found = self._open.get(_mark(token))
            if found is not None and self._clock() - found.opened_at >= hours * 3600:
                del self._open[_mark(token)]
                return None
            return found

    def close(self, token: str | None) -> None:
        """End the session of a token."""
        if token:
            with self._lock:
                self._open.pop(_mark(token), None)


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


#: Those of this server.
SESSIONS = Sessions()
