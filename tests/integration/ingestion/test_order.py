"""The lake is a function of the SET of files (exports §3, §5): orders, groupings, repetitions and kills.

Grain of the comparison: every table `Lake.open_in` shows. What may differ is only when a file came (received_at)
and, of two copies of the same bytes, the name of the one that came first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.intake import Folders
from ingestion.locking import home_lock
from simulation.render import render_zip
from tests.integration.ingestion.killing import count_operations, run_until
from tests.some import some
from tests.unit.ingestion.kit import SECRET, drop, lake_tables, make_home, run, write_csv

EMISSION = {"numero_carnet": "MGP-1"}
FILES: dict[str, bytes] = {
    "emissions_2022-10-31.csv": write_csv("emissions", EMISSION, {"numero_carnet": "MGP-2"}, EMISSION).encode(),
    # A correction of the same key, and a line that is rejected.
    "emissions_2022-11-30.csv": write_csv("emissions", EMISSION | {"statut": "perdu"}, {"statut": "?"}).encode(),
    # Two files of one extract date that disagree on a key.
    "utilisations_2022-11-30.csv": write_csv("utilisations", {"id_utilisation": "U-1"}).encode(),
    "utilisations_bis_2022-11-30.csv": write_csv(
        "utilisations", {"id_utilisation": "U-1", "modalite": "individuel"}, {"duree_minutes": "beaucoup"}
    ).encode(),
    "livraison_2022-12-31.zip": render_zip(
        {
            "prescriptions.csv": write_csv("prescriptions", {}, {"statut": "perdue"}).encode(),
            "inconnu.csv": b"jour;salle\n1;2\n",
        }
    ),
    "photo_2022-12-31.csv": b"ceci n'est pas un export\n",
    "emissions_sans_date.csv": write_csv("emissions").encode(),
}
NAMES = sorted(FILES)
LOADED = [n for n in NAMES if n not in ("photo_2022-12-31.csv", "emissions_sans_date.csv")]
"""Files that load, or whose first member does: a copy of them is a duplicate, a copy of the others a refusal."""


def tables(folders: Folders) -> dict[str, list[tuple]]:
    """Rows of every table of the lake, without what may differ."""
    return comparable(lake_tables(folders))


def comparable(lake: dict[str, pl.DataFrame]) -> dict[str, list[tuple]]:
    """The same of a lake that was read."""
    found = {}
    for name, frame in lake.items():
        kept = frame.drop("received_at", "file_name", strict=False).with_columns(
            pl.col(pl.List(pl.String)).list.join("|")
        )
        found[name] = sorted(kept.rows(), key=str)
    return found


def names(lake: dict[str, pl.DataFrame]) -> list[str]:
    return sorted(lake["delivered_file"]["file_name"])


def kept_originals(folders: Folders) -> set[str]:
    """SHA-256 of everything the archive and the quarantine hold, reports apart."""
    paths = [p for p in folders.archive.rglob("*") if p.is_file() and p.name != "rapport.md"]
    return {hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    """The lake after one run over all the files, each once."""
    folders = make_home(tmp_path_factory.mktemp("once"))
    for name, content in FILES.items():
        drop(folders, name, content)
    run(folders)
    return tables(folders)


def test_the_example_holds_every_outcome(expected: dict[str, list[tuple]]) -> None:
    """Otherwise the properties below would prove little."""
    assert {len(expected[n]) > 0 for n in ("emissions", "prescriptions", "utilisations", "rejected_line")} == {True}
    assert len(expected["field_issue"]) == 1
    assert len(expected["delivered_file"]) == len(FILES) + 1


# Each file at least once, some again, in any order, cut into runs anywhere; a run may be killed and run again.
DROPS = st.lists(st.sampled_from(NAMES), max_size=3).flatmap(lambda again: st.permutations([*NAMES, *again]))
CUTS = st.lists(st.booleans(), min_size=len(NAMES) + 3, max_size=len(NAMES) + 3)
KILLS = st.lists(st.integers(0, 60), max_size=3)


@given(drops=DROPS, cuts=CUTS, kills=KILLS)
@settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_any_order_grouping_repetition_and_kill_gives_the_same_lake(
    expected: dict[str, list[tuple]], drops: list[str], cuts: list[bool], kills: list[int]
) -> None:
    """Exports §3, last sentence. Copies are received apart: each has its row of delivered_file, and only there."""
    with tempfile.TemporaryDirectory() as root:
        folders = make_home(Path(root))
        pending = list(kills)
        for position, name in enumerate(drops):
            # a folder of its own: a copy does not overwrite the one that waits
            drop(folders, f"{position:02d}/{name}", FILES[name])
            if cuts[position] or position == len(drops) - 1:
                if pending:
                    run_until(pending.pop(), lambda: run(folders))
                run(folders)
        found = tables(folders)
        delivered, wanted = found.pop("delivered_file"), dict(expected)
        wanted_delivered = wanted.pop("delivered_file")
        assert found == wanted
        loaded = [r for r in wanted_delivered if "loaded" in r]
        assert [r for r in delivered if "loaded" in r] == loaded
        assert {r for r in delivered if "rejected" in r} == {r for r in wanted_delivered if "rejected" in r}
        assert len(delivered) == len(drops) + drops.count("livraison_2022-12-31.zip")
        assert sum("duplicate" in r for r in delivered) == sum(drops.count(n) - 1 for n in LOADED)
        assert {hashlib.sha256(FILES[n]).hexdigest() for n in NAMES if n.startswith("em")} <= kept_originals(folders)
        assert not [p for p in folders.landing.rglob("*") if p.is_file()]


def test_members_of_the_same_bytes_are_each_received(tmp_path: Path, exhaustive: bool) -> None:
    """Exports §5: every file received has its row in delivered_file, duplicates too, the members of one archive as
    well; and a run killed after any of them tells none twice."""
    same = write_csv("services").encode()
    archive = render_zip({"a.csv": same, "b.csv": same, "c.csv": same})
    outcomes = [("z_2022-12-31.zip/a.csv", "loaded"), ("z_2022-12-31.zip/b.csv", "duplicate"),
                ("z_2022-12-31.zip/c.csv", "duplicate")]  # fmt: skip
    for kill in some(range(0, 60, 4), 3, exhaustive):
        folders = make_home(tmp_path / str(kill))
        drop(folders, "z_2022-12-31.zip", archive)
        run_until(kill, partial(run, folders))
        run(folders)
        delivered = lake_tables(folders)["delivered_file"].select("file_name", "outcome").sort("file_name")
        assert delivered.rows() == outcomes


def _prepare(root: Path) -> Folders:
    """One file of each fate, tiny: loaded (with its .sha256), duplicate, refused."""
    folders = make_home(root)
    good = FILES["emissions_2022-11-30.csv"]
    drop(folders, "a_2022-11-30.csv", good)
    drop(folders, "a_2022-11-30.csv.sha256", hashlib.sha256(good).hexdigest())
    drop(folders, "b_2022-11-30.csv", good)
    drop(folders, "c_2022-11-30.csv", "jour;salle\n1;2\n")
    return folders


def test_a_kill_before_any_change_to_the_disk_loses_and_doubles_nothing(tmp_path: Path, exhaustive: bool) -> None:
    """Issue 3, 4: a kill at any instant leaves a file loaded or not; the next run finishes, with no trace left."""
    whole = _prepare(tmp_path / "whole")
    operations = count_operations(lambda: run(whole))
    read = lake_tables(whole)
    expected, told, originals = comparable(read), names(read), kept_originals(whole)
    assert operations > 25
    for instant in some(range(operations), 5, exhaustive):
        folders = _prepare(tmp_path / str(instant))
        before = kept_originals(folders) | {hashlib.sha256(p.read_bytes()).hexdigest() for p in _landed(folders)}
        assert not run_until(instant, partial(run, folders))
        after = kept_originals(folders) | {hashlib.sha256(p.read_bytes()).hexdigest() for p in _landed(folders)}
        assert before <= after, f"an original is lost at {instant}"
        run(folders)
        read = lake_tables(folders)
        assert comparable(read) == expected, instant
        assert names(read) == told, instant
        assert kept_originals(folders) == originals, instant
        assert not _landed(folders), instant
        assert not [p for p in folders.archive.parent.rglob("*") if p.name.endswith(".part")], instant
        shutil.rmtree(tmp_path / str(instant))


def _landed(folders: Folders) -> list[Path]:
    return [p for p in folders.landing.rglob("*") if p.is_file()]


# --- real processes --------------------------------------------------------------------------------------

_RUN = """
import sys
from datetime import date
from pathlib import Path
from ingestion.intake import Folders, ingest
from ingestion.locking import home_lock
home = Path(sys.argv[1])
with home_lock(home, wait_seconds=float(sys.argv[2])):
    print("locked", flush=True)
    told = ingest(Folders.of_home(home), today=date(2026, 11, 24), secret={secret!r}, settle_seconds=0.0)
print(len(told))
"""


def _start(home: Path, wait: float = 60.0) -> subprocess.Popen[str]:
    code = _RUN.format(secret=SECRET)
    command = [sys.executable, "-c", code, str(home), str(wait)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _many(folders: Folders, count: int = 12) -> dict[str, list[tuple]]:
    for number in range(count):
        drop(folders, f"e{number:02d}_2022-11-30.csv", write_csv("emissions", {"numero_carnet": f"MGP-{number:04d}"}))
    return {}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    folders = make_home(tmp_path_factory.mktemp("many"))
    _many(folders)
    run(folders)
    return tables(folders)


@pytest.mark.parametrize("loaded", [1, 5])
def test_a_real_kill_is_finished_by_the_next_run(tmp_path: Path, many: dict[str, list[tuple]], loaded: int) -> None:
    """SIGKILL of the process once some files are loaded."""
    folders = make_home(tmp_path)
    _many(folders)
    process = _start(tmp_path)
    deadline = time.monotonic() + 60
    while len(list((folders.lake / "emissions").glob("*"))) < loaded and time.monotonic() < deadline:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    at_kill = len(lake_tables(folders)["delivered_file"])
    assert loaded <= at_kill < 12
    run(folders)
    assert tables(folders) == many


def test_two_runs_at_once_give_the_same_lake(tmp_path: Path, many: dict[str, list[tuple]]) -> None:
    """Issue 3, 4: one works, the other waits; each file is received once."""
    folders = make_home(tmp_path)
    _many(folders)
    processes = [_start(tmp_path), _start(tmp_path)]
    told = [p.communicate(timeout=120) for p in processes]
    assert [p.returncode for p in processes] == [0, 0], told
    assert sum(int(out.split()[-1]) for out, _ in told) == 12
    assert tables(folders) == many


def test_a_run_that_may_not_wait_says_who_works(tmp_path: Path) -> None:
    """Issue 3, 4: the other one says so, in French, and touches nothing."""
    folders = make_home(tmp_path)
    _many(folders)
    with home_lock(tmp_path):
        other = _start(tmp_path, wait=0.0)
        error = other.communicate(timeout=60)[1]
    assert other.returncode == 1
    assert f"Un autre traitement travaille déjà dans {tmp_path} (processus {os.getpid()})" in error
    assert not folders.lake.exists() and len(_landed(folders)) == 12
