"""What is being dropped while a run goes on: never half a file for a whole one, never a line lost (exports §5)."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from ingestion.claiming import remove_empty_claims
from ingestion.delivery import Progress
from ingestion.intake import ingest
from ingestion.landing import CLAIMED, STILL_WRITTEN, LandingUnreadable, list_arrivals
from tests.unit.ingestion.kit import SECRET, TODAY, drop, lake_tables, make_home, run, write_csv

LINES = 148
CUT = 71
NAME = "utilisations_2022-12-31.csv"
WHOLE = write_csv("utilisations", *({"id_utilisation": f"U-{n:03d}"} for n in range(LINES))).encode().splitlines(True)
BEGINNING, REST = b"".join(WHOLE[: 1 + CUT]), b"".join(WHOLE[1 + CUT :])
OTHER = write_csv("services").encode()


def _uses(folders) -> int:
    return lake_tables(folders)["utilisations"]["id_utilisation"].n_unique()


def test_a_file_cut_at_a_line_end_and_held_open_is_not_read(tmp_path: Path) -> None:
    """An upload that stalls for longer than any settle time: its beginning is a file without a fault."""
    folders = make_home(tmp_path)
    path = drop(folders, NAME, BEGINNING)
    os.utime(path, (0, 0))
    with path.open("ab") as upload:
        (left,) = run(folders).values()
        assert left.outcome == "left" and left.notes == (f"Il n’est pas lu : {STILL_WRITTEN}.",), "told beside its name"
        upload.write(REST)
    (told,) = run(folders).values()
    assert (told.outcome, told.lines_read) == ("loaded", LINES)


@pytest.mark.parametrize("beside", [False, True], ids=["in place", "another file of that name"])
def test_a_file_that_grows_after_it_was_read_is_read_again_whole(tmp_path: Path, beside: bool) -> None:
    """71 of 148 lines were loaded, the rest was lost: what changed since it was read goes back, for the next run."""
    folders = make_home(tmp_path)
    drop(folders, NAME, BEGINNING)
    drop(folders, "z_services_2022-12-31.csv", OTHER)

    def grow(progress: Progress) -> None:
        if progress.file_name.startswith("z_"):
            if beside:
                drop(folders, NAME, BEGINNING + REST)
            else:
                with (folders.landing / CLAIMED / NAME).open("ab") as upload:
                    upload.write(REST)

    told = ingest(folders, today=TODAY, secret=SECRET, settle_seconds=0.0, on_progress=grow)
    assert [(d.outcome, d.lines_read) for d in told if d.file_name == NAME] == [("loaded", CUT)]
    assert "sera lu au prochain passage" in " ".join(told[0].notes)
    assert (folders.landing / NAME).read_bytes() == BEGINNING + REST
    (again,) = run(folders).values()
    assert (again.outcome, again.lines_read) == ("loaded", LINES)
    assert _uses(folders) == LINES
    assert list(folders.landing.iterdir()) == []


@pytest.mark.parametrize("since", [0.0, -3600.0], ids=["just now", "dated by a clock that runs ahead"])
def test_a_young_file_is_looked_at_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: float) -> None:
    """Its size and its date must not move for `settle_seconds`; the person who waits is told how long."""
    folders = make_home(tmp_path)
    path = drop(folders, NAME, BEGINNING)
    then = time.time() - since
    os.utime(path, (then, then))
    waited: list[float] = []

    def grow_meanwhile(seconds: float) -> None:
        assert waited and seconds == waited[0]
        with path.open("ab") as upload:
            upload.write(REST)

    monkeypatch.setattr(time, "sleep", grow_meanwhile)
    arrivals, left = list_arrivals(folders.landing, 30.0, waited.append)
    assert not arrivals and "encore en cours" in left[0].why
    assert 29 < waited[0] <= 30


def test_an_old_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = make_home(tmp_path)
    os.utime(drop(folders, NAME, BEGINNING), (0, 0))
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("nothing is to be waited for"))
    arrivals, left = list_arrivals(folders.landing, 30.0)
    assert len(arrivals) == 1 and not left


@pytest.mark.parametrize("place", ["absent", "file", "loop"])
def test_a_landing_folder_that_cannot_be_read_is_an_error(tmp_path: Path, place: str) -> None:
    """A share that is not mounted is never « nothing to do »."""
    landing = tmp_path / "landing"
    if place == "file":
        landing.touch()
    elif place == "loop":
        landing.symlink_to(landing)
    with pytest.raises(LandingUnreadable, match="ne peut pas être lue"):
        list_arrivals(landing, 0)


def test_a_folder_of_the_landing_folder_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = make_home(tmp_path)
    drop(folders, f"prescripteur/{NAME}", BEGINNING)
    scan = os.scandir

    def refuse(path):
        if Path(path).name == "prescripteur":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(LandingUnreadable, match="accès refusé"):
        list_arrivals(folders.landing, 0)


@pytest.mark.parametrize("claimed", ["file", "sidecar", "both"])
def test_what_a_kill_left_claimed_is_taken_in_by_the_next_run(tmp_path: Path, claimed: str) -> None:
    """Wherever the kill came between the two renames, the file is judged with its own `.sha256`."""
    folders = make_home(tmp_path)
    wrong = hashlib.sha256(b"another file").hexdigest()
    names = {"file": f"2022/{NAME}", "sidecar": f"2022/{NAME}.sha256"}
    for kind, content in (("file", BEGINNING + REST), ("sidecar", wrong)):
        where = f"{CLAIMED}/" if claimed in (kind, "both") and not (claimed == "file" and kind == "sidecar") else ""
        drop(folders, where + names[kind], content)
    if claimed == "file":  # never the file first: a whole one then has no `.sha256` beside it in its claim
        (folders.landing / names["sidecar"]).unlink()
    (told,) = run(folders).values()
    assert told.file_name == f"2022/{NAME}"
    assert told.outcome == ("loaded" if claimed == "file" else "rejected")
    assert [p for p in folders.landing.rglob("*") if p.is_file()] == []


def test_a_claim_kept_and_not_removed_is_told_once(tmp_path: Path) -> None:
    """A kill between the copy of the original and its removal: the same file, not a second one."""
    folders = make_home(tmp_path)
    drop(folders, NAME, BEGINNING)
    drop(folders, "photo_2022-12-31.csv", b"ceci n'est pas un export\n")
    assert {d.outcome for d in run(folders).values()} == {"loaded", "rejected"}
    drop(folders, f"{CLAIMED}/{NAME}", BEGINNING)
    run(folders)
    assert not (folders.landing / CLAIMED).exists()
    assert _uses(folders) == CUT


def test_a_folder_of_claims_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Others may write in the landing folder: no original is moved out of it by a link of theirs."""
    folders = make_home(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folders.landing / CLAIMED).symlink_to(elsewhere, target_is_directory=True)
    drop(folders, NAME, BEGINNING)
    assert run(folders)[NAME].outcome == "loaded"
    assert list(elsewhere.iterdir()) == []
    assert not (folders.landing / NAME).exists()


def test_folders_of_claims_left_empty_are_removed_and_no_other(tmp_path: Path) -> None:
    """A kill between the last original and its folder, in a home where nothing more comes."""
    folders = make_home(tmp_path)
    for name in ("2022/mars", "2023"):
        (folders.landing / CLAIMED / name).mkdir(parents=True)
    kept = drop(folders, f"{CLAIMED}/2024/{NAME}", BEGINNING)
    remove_empty_claims(folders.landing)
    assert sorted(p.name for p in (folders.landing / CLAIMED).iterdir()) == ["2024"]
    kept.unlink()
    remove_empty_claims(folders.landing)
    assert list(folders.landing.iterdir()) == []


def test_a_file_that_cannot_be_claimed_is_read_with_its_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its `.sha256`, claimed first, comes back beside it: missing, the file was passed over in silence at every run."""
    folders = make_home(tmp_path)
    path = drop(folders, "a_2022-12-31.csv", OTHER)
    drop(folders, f"{path.name}.sha256", hashlib.sha256(OTHER).hexdigest().encode())
    rename = Path.rename

    def refuse(source: Path, target: Path) -> Path:
        if source.name == path.name:
            raise PermissionError(1, "the folder is sticky, and the file somebody else's", str(source))
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", refuse)
    (told,) = run(folders).values()
    assert told.outcome == "loaded" and not list(folders.landing.glob("*.csv*"))
