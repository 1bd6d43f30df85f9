"""A home of a module's own in which documents may be issued, and its last quarter, issued.

Does not live here: what else a test issues there.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from programme.config import PROJECT_FOLDER, load_programme
from reporting.anct import export as anct
from reporting.figures.period import parse_period
from reporting.figures.publication import Publication, prepare
from reporting.files.editions import Edition
from reporting.open_data import export as open_data
from tests.factories import settle
from tests.once import copy_home, made_once, without_suites
from warehouse.published.versions import Version, connect, current_version
from warehouse.settings import Home


@pytest.fixture(scope="module")
def home(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Six hundred simulated carnets, published, in which documents may be issued."""
    return Home.at(copy_home(simulated_home, tmp_path_factory.mktemp("documents") / "home"))


@pytest.fixture(scope="module")
def version(home: Home) -> Version:
    """What is published there."""
    found = current_version(home)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def publication(home: Home, version: Version) -> Publication:
    """The last quarter of the data, as the first publication of the home."""
    return prepare(version, load_programme(), parse_period("2023-T4"), home)


@pytest.fixture(scope="module")
def issued(home: Home, version: Version, publication: Publication) -> anct.Issued:
    return anct.issue(version, load_programme(), publication.period, home)


@pytest.fixture(scope="module")
def open_edition(home: Home, version: Version, issued: anct.Issued) -> Edition:
    assert issued.is_new
    return open_data.issue(version, load_programme(), parse_period("2023-T4"), home)[0]


@pytest.fixture(scope="module")
def version_apart(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same published file in a folder of its own, where no document was issued and nobody keeps a cube."""
    kept = Home.at(simulated_home).published.resolve()
    path = tmp_path_factory.mktemp("apart") / "warehouse" / "versions" / kept.name
    path.parent.mkdir(parents=True)
    os.link(kept, path)
    return path


def marts(version: Version, query: str) -> pl.DataFrame:
    with connect(version.path) as con:
        return con.execute(query).pl()


#: The period of which editions are replaced, and the SIREN of the carrier that replaces them.
PERIOD, SECOND = "2022-09", "217500016"
CORRECTION = "utilisations_2024-01-05.csv"
#: Uses of the period that the correction annuls, as the operator's export writes them.
ANNULLED = 30
_ANNULLED = f"""
    select redemption_id as id_utilisation, pass_number as numero_pass, redeemed_at::date as date_utilisation,
           lieu_siret as siret_lieu, amount_eur as montant, 'annulee' as statut
    from core.fct_redemption where is_counted and redeemed_at between '2022-09-01' and '2022-09-30 23:59'
    order by redemption_id limit {ANNULLED}
"""


def passnum(*arguments: str | Path) -> str:
    """Run the command; what it printed."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def programme_of(folder: Path, siren: str, name: str) -> Path:
    """The settings of another carrier: the project's, signed by it."""
    shutil.copytree(PROJECT_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "diffusion.yaml"
    told = re.sub(r"(?m)^siren:.*", f"siren: {siren}", path.read_text(encoding="utf-8"))
    path.write_text(re.sub(r"(?m)^name:.*", f"name: {name}", told), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def corrected_home(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A carrier's home that issued every document of a period, received a correction of it, and issued them again.
    Not to be written in."""

    def make(home: Path) -> None:
        copy_home(simulated_home, home)
        programme = programme_of(home.parent / f"{home.name}-programme", SECOND, "Ville de Paris")
        given: list[str | Path] = ["--home", home, "--programme", programme]

        def issue() -> None:
            for document in (["export", "anct"], ["report", "bilan"], ["export", "open-data"]):
                passnum(*document, "--period", PERIOD, *given)

        issue()
        with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
            annulled = con.execute(_ANNULLED).pl()
        assert annulled.height == ANNULLED
        (home / "landing").mkdir(exist_ok=True)
        annulled.write_csv(home / "landing" / CORRECTION, separator=";")
        settle(home / "landing")
        with without_suites():
            passnum("run", *given)
        issue()

    return made_once(tmp_path_factory, "corrected-home", make)
