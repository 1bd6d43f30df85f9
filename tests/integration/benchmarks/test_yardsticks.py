"""The headline figures by other tools are those that `passnum run` publishes (PostgreSQL's: asserted by the bench)."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.runs import assert_same_figures
from benchmarks.worlds import THIS, Bench, headline_figures
from benchmarks.yardsticks import pandas_figures, polars_figures
from tests.integration.benchmarks.conftest import CARNETS


@pytest.mark.parametrize("tool", [polars_figures, pandas_figures], ids=["polars", "pandas"])
def test_a_yardstick_gives_the_published_figures(measured: tuple[Path, Path], tool: ModuleType) -> None:
    """The twenty-one indicators, from the same files."""
    published_file, _ = measured
    bench = Bench(published_file.parent, THIS)
    expected = headline_figures(published_file)
    assert len(expected) == 21
    assert_same_figures(tool.__name__, tool.figures(bench.landing(CARNETS), bench.settings(CARNETS)), expected)
