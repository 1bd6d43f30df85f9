"""What fails after a publication never says that nothing was published; what fails before says so; others say neither.

Real failures only: a file where a folder must be, which stops the owner of the machine too.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.integration.road.conftest import Passnum, occupy, value
from warehouse.build.publish import UnfinishedPublication, attempt, publish
from warehouse.settings import Home

NOTHING = "Rien n'a été publié"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_version_published_is_said_published_when_what_follows_fails(golden_home: Path, hindered_home: Path) -> None:
    """Published, then the page of the checks and the Parquet copies fail: exit code 5, the version named."""
    home = hindered_home
    now = (home / "warehouse" / "passnum.duckdb").resolve()
    assert now.name != (golden_home / "warehouse" / "passnum.duckdb").resolve().name
    told = flat((home.parent / "passage.txt").read_text(encoding="utf-8"))
    name = now.stem.removeprefix("passnum-")
    assert f"La version {name} est publiée ; le passage n'a pas pu tout terminer ensuite." in told
    assert "Les copies Parquet (warehouse/parquet) n'ont pas abouti" in told
    assert "La page des contrôles (reports/data_docs) n'a pas abouti" in told
    assert "Heures de formation" in told, "the figures of the new version are shown"
    assert NOTHING not in told
    assert "Traceback" not in told
    # What could be done was: the history names the build, and nothing is left behind.
    assert name in {path.name for path in (home / "lake" / "_builds").iterdir()}
    assert list((home / "warehouse" / ".build").iterdir()) == []
    assert value(home, "passes_used") == 21, "the 20 of the golden set, and U020, now on the date of the data"


def test_a_run_that_fails_before_publishing_says_that_nothing_was_published(home: Path, passnum: Passnum) -> None:
    occupy(home / "warehouse")
    run = passnum("run")
    assert run.exit_code == 1
    assert NOTHING in flat(run.output)


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["trace", "hours"],
        ["export", "anct", "--period", "2022-T4"],
        ["report", "bilan", "--period", "2022-T4"],
        ["report", "quality"],
    ],
)
def test_a_command_that_never_publishes_says_the_version_has_not_changed(
    published_home: Path, passnum: Passnum, arguments: list[str]
) -> None:
    version = (published_home / "warehouse" / "passnum.duckdb").resolve()
    version.chmod(0o600)
    version.write_bytes(b"pas une base" * 4096)
    failed = passnum(*arguments)
    assert failed.exit_code == 1
    assert "La version publiée n'a pas changé." in flat(failed.output)
    assert NOTHING not in failed.output
    assert "Traceback" not in failed.output


def test_the_reason_of_the_system_is_french(published_home: Path, passnum: Passnum) -> None:
    occupy(published_home / "reports")
    failed = passnum("export", "anct", "--period", "2022-T4")
    assert failed.exit_code == 1
    assert "ce n’est pas un dossier" in flat(failed.output) or "la place est déjà prise" in flat(failed.output)
    assert "Errno" not in failed.output


def test_every_chore_is_tried_and_each_failure_is_told() -> None:
    done: list[bool] = []
    nothing: dict[str, str] = {}
    failures = attempt(
        {
            "Le premier": lambda: Path("/proc/nulle-part").read_text(encoding="utf-8"),
            "Les autres": lambda: nothing["clé"],
            "Le dernier": lambda: done.append(True),
        }
    )
    assert failures == [
        "Le premier n'a pas abouti : fichier ou dossier introuvable (/proc/nulle-part).",
        "Les autres n'ont pas abouti : KeyError, 'clé'.",
    ]
    assert done == [True]


def test_a_link_that_cannot_be_moved_leaves_no_version_behind(tmp_path: Path) -> None:
    """A version that readers do not see must not pass for the last one (find_version takes the newest file)."""
    home = Home.at(tmp_path).create()
    home.published.mkdir()
    candidate = tmp_path / "candidate.duckdb"
    duckdb.connect(str(candidate)).close()
    with pytest.raises(OSError, match="directory"):
        publish(candidate, home, "20220101T000000Z-aaaaaa")
    assert list(home.versions.iterdir()) == []


def test_the_publication_stands_when_an_old_version_cannot_be_removed(tmp_path: Path) -> None:
    home = Home.at(tmp_path).create()
    for day in range(1, 12):
        (home.versions / f"passnum-202101{day:02d}T000000Z-000000.duckdb").mkdir()
    home.published.symlink_to(home.versions / "passnum-20210111T000000Z-000000.duckdb")
    candidate = tmp_path / "candidate.duckdb"
    duckdb.connect(str(candidate)).close()
    with pytest.raises(UnfinishedPublication, match=r"Le retrait des versions les plus anciennes"):
        publish(candidate, home, "20220101T000000Z-aaaaaa")
    assert home.published.resolve().name == "passnum-20220101T000000Z-aaaaaa.duckdb"
