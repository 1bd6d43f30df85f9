"""Which combinations of a long walk are tried: every one of them in `make test-all`, some otherwise.

A rule is sampled only where one combination of a few breaks whenever the rule does; docs/tests.md names each walk.
Does not live here: the option itself (conftest.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tests import turns

T = TypeVar("T")


def some(walk: Sequence[T], every: int, exhaustive: bool, *, ends: bool = True) -> list[T]:
    """All of a walk, or one in `every`, not the same ones today as tomorrow; with its first and its last (`ends`)."""
    if exhaustive:
        return list(walk)
    today = turns.today() % every
    always = (0, len(walk) - 1) if ends else ()
    return [one for place, one in enumerate(walk) if place in always or place % every == today]
