"""docs/ingestion.md names every reason a file or a line may be refused for, and every contract of another grain."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from ingestion.contract import load_layouts
from ingestion.receipt import Outcome, Reason
from ingestion.wording import REASONS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "ingestion.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [*get_args(Reason), *get_args(Outcome), *REASONS, "personal_data_dropped"])
def test_every_code_is_documented(code: str) -> None:
    assert f"`{code}`" in DOCUMENT


@pytest.mark.parametrize(
    "reason", [*get_args(Reason), "wrong_field_count", "missing_key", "missing_value", "invalid_value"]
)
def test_every_reason_says_what_to_do(reason: str) -> None:
    """Three cells: the code, what it means, what to do."""
    (row,) = [line for line in DOCUMENT.splitlines() if line.startswith(f"| `{reason}` |")]
    assert all(len(cell.strip()) > 8 for cell in row.strip("|").split("|"))


def test_every_layout_of_another_grain_is_documented() -> None:
    others = [c.layout for c in load_layouts() if c.layout != c.dataset]
    assert len(others) >= 2
    assert [layout for layout in others if f"`{layout}.yaml`" not in DOCUMENT] == []
