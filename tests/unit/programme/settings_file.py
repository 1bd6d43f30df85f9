"""A flat file of settings written with the right values, but those that a test changes or leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Write = Callable[..., Path]


def writer(path: Path, right: Mapping[str, str]) -> Write:
    """Writes `path` with the values of `right`, those given in their place; None: the line is left out. Its folder."""

    def one(**changes: str | None) -> Path:
        values = {**right, **changes}
        lines = [f"{name}: {value}" for name, value in values.items() if value is not None]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path.parent

    return one
