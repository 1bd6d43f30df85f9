"""What the pages keep is bounded, and never one reader's for another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards import people
from dashboards.access import TEAM, Rights
from dashboards.people import Key

FOLDER = Path(people.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
VINCENNES = Rights("territoire", "94080")


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


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version where Vincennes has 6 people of a kind and Montreuil 40, read with the rights of each."""

    def answer(path: str, rights: Rights, question: str, values: dict[str, Any]) -> pl.DataFrame:
        assert question == "audience"
        rows = [("94080", "oui", 6), ("94080", "non", 50), ("93048", "oui", 40), ("93048", "non", 60)]
        frame = pl.DataFrame(rows, ["territory_code", "category", "people_equipped"], orient="row").with_columns(
            people_reached=pl.col("people_equipped"), dimension=pl.lit("public_pic"), ami=1
        )
        code = rights.territory_code
        return frame if code is None else frame.filter(territory_code=code)

    monkeypatch.setattr(people, "answer", answer)
    people._audience.clear()


def shown(*key: Any) -> dict[tuple[str, str], int | None]:
    """(territory, category) → people equipped, as one reader sees them."""
    frame = people._audience(Key(*key), "public_pic")
    return {(row["territory_code"], row["category"]): row["people_equipped"] for row in frame.to_dicts()}


def test_a_protected_table_kept_for_one_reader_is_never_shown_to_another() -> None:
    """Whoever came first: a territory's reader meets its own rows alone, the team all of them."""
    everything = shown("v1", TEAM, 5)
    assert len(everything) == 4
    assert {code for code, _ in shown("v1", VINCENNES, 5)} == {"94080"}
    assert shown("v1", TEAM, 5) == everything


def test_a_threshold_raised_since_protects_at_once() -> None:
    """What was kept under a lower threshold is not shown under a stricter one."""
    assert shown("v1", TEAM, 5)["94080", "oui"] == 6
    assert shown("v1", TEAM, 11)["94080", "oui"] is None


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
