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
from programme.config import ENVIRONMENT_VARIABLE, PROJECT_FOLDER
from tests.conftest import passnum_here
from tests.factories import settle
from tests.integration.benchmarks.corrections import add_corrections
from tests.once import made_once, without_suites

CARNETS = 300
#: Decisions of every outcome: met, missed, pending, without effect, to come.
DECISIONS = (
    "2021-09-01,Relancer les CCAS,Direction de l'inclusion,12000,heures,100,2022-06-30,",
    "2022-01-10,Ouvrir deux lieux,Direction de l'inclusion,,personnes formées,34000,2022-12-31,",
    "2022-03-01,Réémettre,Bureau,120000.50,valeur utilisée,999999,2030-12-31,reemission=50",
    "2022-03-01,Écrire aux maires,Cabinet,,,,,",
    "2031-01-01,Clore,Bureau,,budget mandaté,10,2032-01-01,",
)


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same 300 carnets by `passnum run` and by the floor: (published file, floor's file). Only read after."""

    def make(folder: Path) -> None:
        settings = folder / "programme"
        shutil.copytree(PROJECT_FOLDER, settings)
        with (settings / "decisions.csv").open("a", encoding="utf-8") as file:
            file.write("\n".join(DECISIONS) + "\n")
        mine.setenv(ENVIRONMENT_VARIABLE, str(settings))
        bench = Bench(folder, THIS)
        add_corrections(bench.landing(CARNETS))
        home = bench.new_home(CARNETS)
        settle(home / "landing")
        with without_suites():
            passnum_here("run", home=home)
        shutil.copyfile(published(home), folder / "published.duckdb")
        secret = Path(os.environ["PASSNUM_SECRET_FILE"]).read_bytes().strip()
        floor.build(bench.landing(CARNETS), folder / "floor.duckdb", bench.settings(CARNETS), secret)

    with pytest.MonkeyPatch.context() as mine:
        folder = made_once(tmp_path_factory, "floor", make)
    return folder / "published.duckdb", folder / "floor.duckdb"
