"""A home with the golden deliveries, and what the tests of the road do with it again and again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from orchestration.cli import app
from tests.conftest import ROOT, passnum_here
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.once import copy_home, made_once, without_suites
from warehouse.settings import Home

Passnum = Callable[..., Result]
CORRECTION = "utilisations_2022-11-15.csv"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose landing folder holds the golden set."""
    deliveries.drop(tmp_path / "home" / "landing")
    return tmp_path / "home"


@pytest.fixture
def published_home(golden_home: Path, home: Path) -> Path:
    """The same home after a first run: the published golden set, copied."""
    shutil.rmtree(home)
    return copy_home(golden_home, home)


@pytest.fixture(scope="session")
def corrected_home(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden home, published again once U002, one of three passes of an attendance, is cancelled on 15 November.

    The correcting delivery repeats U001 and U003 word for word, as deliveries do; those of the 20th and the 25th repeat
    all of it. Not to be written in: copy it.
    """

    def make(home: Path) -> None:
        copy_home(golden_home, home)
        first = deliveries.uses()
        corrected = [first[0], first[1] | {"statut": "annulee"}, first[2]]
        for name in (CORRECTION, "utilisations_2022-11-20.csv", "utilisations_2022-11-25.csv"):
            write_delivery(home / "landing", name, corrected)
        with without_suites():
            passnum_here("run", home=home)

    return made_once(tmp_path_factory, "corrected", make)


@pytest.fixture(scope="session")
def hindered_home(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden home, published again once P08 is corrected (prescribed in Vincennes, not Saint-Denis), where neither
    the page of the checks nor the Parquet copies can be written: exit code 5. Not to be written in: copy it.

    `passage.txt` beside it: what the command printed.
    """

    def make(root: Path) -> None:
        home = copy_home(golden_home, root / "home")
        (line,) = [row for row in deliveries.prescriptions() if row["id_prescription"] == "P08"]
        write_delivery(home / "landing", "prescriptions_2022-12-01.csv", [line | {"code_insee": "94080"}])
        occupy(home / "reports" / "data_docs")
        occupy(home / "warehouse" / "parquet")
        (root / "passage.txt").write_text(passnum_here("run", home=home, exit_code=5), encoding="utf-8")

    return made_once(tmp_path_factory, "hindered", make) / "home"


@pytest.fixture(scope="session")
def again_home(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden home, with the Dagster instance that `make dagster` makes, built again on demand. Not to be written
    in: copy it.

    `passage.txt` beside it: what the command printed.
    """

    def make(root: Path) -> None:
        home = Home.at(copy_home(golden_home, root / "home"))
        (home.root / "dagster").mkdir()
        shutil.copy(ROOT / "orchestration" / "dagster.yaml", home.root / "dagster")
        (root / "passage.txt").write_text(passnum_here("run", "--force", home=home.root), encoding="utf-8")

    return made_once(tmp_path_factory, "again", make) / "home"


@pytest.fixture
def passnum(home: Path) -> Passnum:
    """The `passnum` command on that home, in this process."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--home", str(home)])

    return invoke


def fingerprints(home: Path) -> dict[str, str]:
    """`schema.table` → fingerprint of the published version, as its own quality.build row says."""
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        row = con.execute("select table_fingerprints from quality.build order by build_id desc limit 1").fetchone()
    assert row is not None
    return dict(row[0])


def value(home: Path, indicator: str) -> float:
    """A published figure."""
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        row = con.execute("select value from marts.programme_progress where indicator = ?", [indicator]).fetchone()
    assert row is not None
    return row[0]


def occupy(folder: Path) -> None:
    """Put a file where a folder must be."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("pas un dossier", encoding="utf-8")
