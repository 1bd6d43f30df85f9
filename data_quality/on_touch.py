"""Modules loaded when something of them is first used, though a library imports them at its start.

The standard library's LazyLoader, put in place while that library is imported and for the modules named alone. Does
not live here: which modules those are (validation.py).
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class _OnTouch(MetaPathFinder):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self._names else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextlib.contextmanager
def loaded_on_touch(*names: str) -> Iterator[None]:
    """For the time of the block, what imports `names` gets modules that load at their first use, then or later.

    A module that is loaded already stays as it is.
    """
    finder = _OnTouch(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
