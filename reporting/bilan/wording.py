"""What a point of attention is, and the words its sentences share.

Does not live here: the points (attention.py, quiet.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from presentation.french import integer


@dataclass(frozen=True)
class Point:
    """One sentence for the committee, and the euros at stake in it (0 where it has none): they rank the points."""

    sentence: str
    euros: float = 0.0


def listed(names: list[str], most: int = 20) -> str:
    """« A, B et 3 autres »."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" et {integer(rest)} {'autre' if rest == 1 else 'autres'}" if rest > 0 else "")
