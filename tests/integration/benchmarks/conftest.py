"""One small programme, corrected after it paid, by `passnum run` and by the floor.

Does not live here: the corrections (corrections.py), what is compared.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from benchmarks import floor
from benchmarks.worlds import THIS, Bench, published
from tests.conftest import passnum_here
from tests.factories import settle
from tests.integration.benchmarks.corrections import add_corrections
from tests.once import made_once, without_suites

CARNETS = 300


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same 300 carnets by `passnum run` and by the floor: (published file, floor's file). Only read after."""

    def make(folder: Path) -> None:
        bench = Bench(folder, THIS)
        add_corrections(bench.landing(CARNETS))
        home = bench.new_home(CARNETS)
        settle(home / "landing")
        with without_suites():
            passnum_here("run", home=home)
        shutil.copyfile(published(home), folder / "published.duckdb")
        secret = Path(os.environ["PASSNUM_SECRET_FILE"]).read_bytes().strip()
        floor.build(bench.landing(CARNETS), folder / "floor.duckdb", bench.settings(CARNETS), secret)

    folder = made_once(tmp_path_factory, "floor", make)
    return folder / "published.duckdb", folder / "floor.duckdb"
