"""A folder taken in by one run leaves what a run for each of its files leaves, to the byte of every report.

Does not live here: orders and kills (test_order), files judged together without a disk (unit tests).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingestion import lake
from ingestion import waiting as waiting_room
from ingestion.delivery import Delivery, Progress
from ingestion.intake import Folders, ingest
from tests.unit.ingestion.dirty_files import make_file
from tests.unit.ingestion.kit import SECRET, TODAY, drop, lake_tables, make_home, write_csv

FILES = 24
TIMES = ("received_at", "landing", "checksum", "files")


def dropped() -> dict[str, bytes]:
    """Dirty files and their `.sha256`, a copy of some under another name, and a folder of tiny ones."""
    found: dict[str, bytes] = {}
    for number in range(FILES):
        file = make_file(f"one run {number}")
        found[f"{number:03d}/{file.name}"] = file.data
        if number % 10 == 0:
            found[f"{number:03d}/bis/{file.name}"] = file.data
        if file.sidecar:
            found[f"{number:03d}/{file.name}.sha256"] = file.sidecar
    for number in range(30):
        text = write_csv(
            "emissions", {"numero_carnet": f"MGP-{number // 2}"}, {"statut": "?" if number % 5 else "livre"}
        )
        found[f"petits/e{number:02d}_2022-11-30.csv"] = text.encode()
    return found


def take_in(folders: Folders, told: list[Progress] | None = None) -> list[Delivery]:
    note = told.append if told is not None else None
    return ingest(folders, today=TODAY, secret=SECRET, settle_seconds=0.0, on_progress=note)


def kept(home: Path) -> dict[str, object]:
    """Everything under a home: name → rows, receipt without its times, or digest and mode."""
    found: dict[str, object] = {}
    received = []
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        name = path.relative_to(home).as_posix()
        if path.suffix == ".parquet":
            found[name] = pl.read_parquet(path)
        elif path.suffix == ".json":
            content = json.loads(path.read_bytes())
            content = {k: v for k, v in content.items() if k not in TIMES}
            if name.startswith("lake/_received/"):
                received.append(json.dumps(content, sort_keys=True))
            else:
                found[name] = content
        else:
            found[name] = (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mode)
    return found | {"received": sorted(received)}


def assert_same(one: Path, other: Path) -> None:
    mine, theirs = kept(one), kept(other)
    assert mine.keys() == theirs.keys()
    for name, value in theirs.items():
        if isinstance(value, pl.DataFrame):
            found = mine[name]
            assert isinstance(found, pl.DataFrame)
            assert_frame_equal(found, value, check_exact=True)
        else:
            assert mine[name] == value, name


def facts(delivery: Delivery, home: Path) -> dict[str, object]:
    told = vars(delivery) | {"received_at": None}
    return told | {"report_path": delivery.report_path and delivery.report_path.relative_to(home)}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Made once: a workbook says when it was written."""
    return dropped()


@pytest.fixture(scope="module")
def each(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, object]]]:
    """A home that took the files in by a run each, and what it said of them."""
    home = tmp_path_factory.mktemp("each")
    folders = make_home(home)
    alone: list[dict[str, object]] = []
    for name, content in sorted(files.items()):
        if not name.endswith(".sha256"):
            drop(folders, name, content)
            if f"{name}.sha256" in files:
                drop(folders, f"{name}.sha256", files[f"{name}.sha256"])
            alone += [facts(delivery, home) for delivery in take_in(folders)]
    return home, alone


@pytest.mark.parametrize("waiting", [500, 7])
def test_one_run_leaves_what_a_run_a_file_leaves(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    files: dict[str, bytes],
    each: tuple[Path, list[dict[str, object]]],
    waiting: int,
) -> None:
    """Exports §3: the lake is a function of the set of files, however many are read at once."""
    monkeypatch.setattr(waiting_room, "WAITING_TABLES", waiting)
    once = make_home(tmp_path / "once")
    for name, content in files.items():
        drop(once, name, content)
    progress: list[Progress] = []
    together = [facts(d, tmp_path / "once") for d in take_in(once, progress)]
    home_of_each, alone = each
    assert together == alone
    assert_same(tmp_path / "once", home_of_each)
    assert {d["outcome"] for d in together} == {"loaded", "rejected", "duplicate"}
    total = len([n for n in files if not n.endswith(".sha256")])
    assert [(p.done, p.total) for p in progress] == [(n, total) for n in range(total + 1)]
    assert [p.file_name for p in progress[:-1]] == sorted(n for n in files if not n.endswith(".sha256"))


def test_a_file_written_anew_while_it_waits_is_not_lost(tmp_path: Path) -> None:
    """Issue 3, 4: nothing dropped is lost. What was read is loaded; what came since stays for the next run."""
    folders = make_home(tmp_path)
    first, anew = write_csv("services", {"niveau": "decouvrir"}), write_csv("services", {"niveau": "approfondir"})
    drop(folders, "a_2022-11-30.csv", first)
    drop(folders, "b_2022-11-30.csv", write_csv("services", {"libelle": "Autre"}))

    def rewrite(progress: Progress) -> None:
        if progress.file_name.startswith("b_"):
            drop(folders, "a_2022-11-30.csv", anew)

    told = ingest(folders, today=TODAY, secret=SECRET, settle_seconds=0.0, on_progress=rewrite)
    assert [d.outcome for d in told] == ["loaded", "loaded"]
    assert "sera lu au prochain passage" in " ".join(told[0].notes) and not told[1].notes
    assert told[0].file_name not in told[0].notes[0], "told beside its name"
    assert [p.read_text() for p in folders.landing.iterdir()] == [anew]
    (again,) = take_in(folders)
    assert (again.outcome, again.file_name) == ("loaded", "a_2022-11-30.csv") and again.file_id != told[0].file_id
    assert not list(folders.landing.iterdir())


def test_the_register_has_one_row_a_file_and_every_finding(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Exports §5: one row of delivered_file a file received; only files with findings are opened to show them."""
    folders = make_home(tmp_path)
    for name, content in files.items():
        drop(folders, name, content)
    take_in(folders)
    whole = lake_tables(folders)
    receipts = [*lake.Lake(folders.lake).receipts(), *lake.Lake(folders.lake).other_receipts()]
    assert whole["delivered_file"].height == len(receipts) > 7
    assert whole["rejected_line"].height == sum(r.lines_rejected for r in receipts) > 0
    assert whole["field_issue"].height == sum(r.field_issues for r in receipts) > 0
