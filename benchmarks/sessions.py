"""What the server alone makes eight readers wait: the same readers without their browsers, which they have elsewhere.

Eight sessions at once, with the same time to think and the same turns as those of readers.py: the seconds from a
request to the first figure sent, and from a changed filter to the end of the page. Does not live here: one session
(visitor.py), the real browsers (readers.py).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks.visitor import Server, Visitor


def measure(
    server: Server,
    who: Sequence[tuple[str, str]],
    pages: Sequence[tuple[str, str]],
    visits: int,
    thinking: tuple[float, float],
) -> list[dict[str, Any]]:
    """Events as those of readers.py. `who`: role and cookies of each reader; `pages`: theirs, address and title."""
    found: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=_read, args=(server, role, cookies, pages, visits, thinking, number, found))
        for number, (role, cookies) in enumerate(who)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def open_each(server: Server, roles: Mapping[str, str], pages: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Every page opened once for each role (its cookies), one after the other: what the first reader of each waits."""
    found = []
    for role, cookies in roles.items():
        for address, title in pages:
            with Visitor(server, address, cookies=cookies) as visitor:
                visitor.ask(BackMsg())
                found.append({"role": role, "page": title, "kind": "first", "seconds": visitor.first_figure})
    return found


def _read(
    server: Server, role: str, cookies: str, pages: Sequence[tuple[str, str]], visits: int,
    thinking: tuple[float, float], number: int, found: list[dict[str, Any]],
) -> None:  # fmt: skip
    chance = random.Random(number)

    def note(kind: str, title: str, seconds: float | None) -> None:
        found.append({"role": role, "page": title, "kind": kind, "seconds": seconds})

    time.sleep(chance.uniform(0, thinking[1]))
    order: list[tuple[str, str]] = []
    for _ in range(visits):
        order = order or chance.sample(pages, len(pages))
        address, title = order.pop()
        with Visitor(server, address, cookies=cookies) as visitor:
            visitor.ask(BackMsg())
            note("page", title, visitor.first_figure)
            time.sleep(chance.uniform(*thinking))
            if (chosen := _other(visitor, chance)) is not None:
                visitor.ask(visitor.choice(*chosen))
                note("filter", title, visitor.whole)
            time.sleep(chance.uniform(*thinking))


def _other(visitor: Visitor, chance: random.Random) -> tuple[str, list[str]] | None:
    """A choice among those of the page, and an option that is not in force; None where there is none."""
    keys = [key for key in visitor.widgets if visitor.is_choice(key)]
    for key in chance.sample(keys, len(keys)):
        if others := [option for option in visitor.options(key) if [option] != visitor.shown(key)]:
            return key, [chance.choice(others)]
    return None
