"""What the pages keep is bounded, and never one reader's for another."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from dashboards import frame
from dashboards.access import TEAM, Rights

FOLDER = Path(frame.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
VINCENNES = Rights("territoire", "94080", 11)


def decorators() -> Iterator[tuple[str, ast.expr]]:
    """(where, decorator) of every function that keeps what it gave."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    if "cache" in ast.unparse(decorator):
                        yield f"{path.name}:{node.name}", decorator


def test_every_cache_is_bounded() -> None:
    """A server runs for months: what it keeps has an end."""
    found = dict(decorators())
    assert len(found) > 8
    unbounded = [
        where
        for where, decorator in found.items()
        if not isinstance(decorator, ast.Call)
        or not {"max_entries", "maxsize"} & {keyword.arg for keyword in decorator.keywords}
    ]
    assert unbounded == []


def test_charts_are_drawn_one_way() -> None:
    """Streamlit's own way copies and validates every chart at every run."""
    assert [path.name for path in MODULES if "altair_chart" in path.read_text(encoding="utf-8")] == []


def test_what_is_kept_is_kept_by_reader_and_threshold() -> None:
    """Whoever came first, another reader, and a stricter threshold, have answers of their own."""
    keys = {TEAM, VINCENNES, replace(VINCENNES, threshold=15), Rights("comite", threshold=11)}
    assert len(keys) == 4
    assert inspect.signature(frame.answer).parameters.keys() >= {"path", "rights", "question", "values"}


def test_what_the_server_imports_ahead_exists() -> None:
    """A module that is no more would end the thread that sets the libraries aside from the garbage collector."""
    tree = ast.parse((FOLDER / "server.py").read_text(encoding="utf-8"))
    (warmed,) = (
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WARMED"
    )
    assert len(warmed) > 5
    assert [name for name in warmed if find_spec(name) is None] == []
