"""`passnum backup`, `restore`: a home is made again from its backup, and nothing is lost on the way."""

from __future__ import annotations

import contextlib
import errno
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from ingestion.locking import home_lock
from ingestion.secret import secret_path
from orchestration import backup as backups
from orchestration import restoring
from orchestration.commands import backup as command
from presentation.french import NBSP
from tests.conftest import passnum_here
from tests.integration.road.conftest import fingerprints
from tests.once import copy_home, made_once
from warehouse.published.versions import current_path
from warehouse.settings import Home


@pytest.fixture(scope="session")
def saved(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the golden home, in which an edition was issued. Not to be written in: copy it."""

    def make(root: Path) -> None:
        home = copy_home(golden_home, root / "home")
        passnum_here("export", "open-data", "--period", "2022", home=home)
        backups.make(Home.at(home), None, root / "out")

    (made,) = (made_once(tmp_path_factory, "saved", make) / "out").glob("passnum-*")
    return made


def test_a_home_is_made_again_from_its_backup(saved: Path, golden_home: Path, tmp_path: Path) -> None:
    """Same version for readers, same tables from the lake, every seal holds, and the next run has nothing to do."""
    home = tmp_path / "anew"
    told = passnum_here("restore", "--from", str(saved), home=home)
    assert "même empreinte" in told
    assert fingerprints(home) == fingerprints(golden_home)
    assert current_path(Home.at(home)).read_bytes() == current_path(Home.at(golden_home)).read_bytes()
    assert list(home.rglob("edition-1/manifest.json"))
    assert "Rien n'est à réparer" in passnum_here("verify", home=home)
    assert home.stat().st_mode & 0o077 == 0
    assert list(Home.at(home).builds.iterdir()) == []  # the rehearsal left nothing
    assert "Rien de nouveau" in passnum_here("run", home=home)


def test_a_home_is_made_again_in_a_folder_that_is_there_and_empty(
    saved: Path, golden_home: Path, tmp_path: Path
) -> None:
    """The folder may be a disk of its own, or all that its user may write in: it stays, and nothing is written beside
    it."""
    home = tmp_path / "disk"
    (home / "lost+found").mkdir(parents=True)
    folder = home.stat().st_ino
    passnum_here("restore", "--no-rehearse", "--from", str(saved), home=home)
    assert home.stat().st_ino == folder
    assert [path.name for path in tmp_path.iterdir()] == ["disk"]
    assert fingerprints(home) == fingerprints(golden_home)
    assert "Rien n'est à réparer" in passnum_here("verify", home=home)
    assert not list(home.glob(".*.part"))
    assert "Rien de nouveau" in passnum_here("run", home=home)


class _Killed(BaseException):
    """What no code outlives."""


@pytest.mark.parametrize("moves", [0, 1, 4, 7])
def test_a_restoration_killed_in_a_folder_that_was_there_is_begun_anew(
    saved: Path, golden_home: Path, tmp_path: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a home is never worked in: every command that writes refuses it, and the same restoration makes it whole."""
    home = Home.at(tmp_path / "disk")
    home.root.mkdir()
    moved: list[Path] = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self.parent.name.endswith(".part") and self.parent.parent == home.root:
            if len(moved) == moves:
                raise _Killed
            moved.append(target)
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        patched.setattr(restoring, "_empty", lambda _: None)
        with pytest.raises(_Killed):
            restoring.restore(saved, home)
    assert len([path for path in home.root.iterdir() if not path.name.startswith(".")]) == moves
    before = {path.name for path in home.root.iterdir()}
    for order in ("run", "doctor"):
        told = " ".join(passnum_here(order, home=home.root, exit_code=1).split())
        assert "relancez « passnum restore »" in told
    assert {path.name for path in home.root.iterdir()} - {"logs"} == before - {"logs"}
    passnum_here("restore", "--no-rehearse", "--from", str(saved), home=home.root)
    assert fingerprints(home.root) == fingerprints(golden_home)
    assert "Rien n'est à réparer" in passnum_here("verify", home=home.root)
    assert not list(home.root.glob(".*.part"))


def test_a_restoration_that_cannot_be_leaves_its_folder_empty_and_says_why(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room is asked for first; a disk that fills all the same is said; a file is not called a folder that is full."""
    home = tmp_path / "disk"
    home.mkdir()
    order = ("restore", "--no-rehearse", "--from", str(saved))
    with monkeypatch.context() as patched:
        patched.setattr(backups, "disk_of", lambda _: (0.99, 1000))
        for place in (home, tmp_path / "new"):
            told = passnum_here(*order, home=place, exit_code=1)
            assert "il y reste 1,0 ko : libérez de la place" in " ".join(told.split()), told

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    with monkeypatch.context() as patched:
        patched.setattr(restoring, "copy", full)
        for place in (home, tmp_path / "new"):
            told = " ".join(passnum_here(*order, home=place, exit_code=1).split())
            assert "le disque est plein (somewhere)" in told and "Rien n'a été restauré." in told
    assert {path.name for path in home.iterdir()} == {".passnum.lock"}
    assert [path.name for path in tmp_path.iterdir()] == ["disk"]
    (tmp_path / "file").write_bytes(b"")
    assert "est un fichier" in passnum_here(*order, home=tmp_path / "file", exit_code=1)


def test_the_secret_is_never_in_a_backup_and_none_is_drawn_in_its_place(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new secret would count everybody twice: it is asked for, before the first run as at the restoration."""
    secret = secret_path().read_bytes().strip()
    assert [path for path in saved.rglob("*") if path.is_file() and secret in path.read_bytes()] == []
    lost = tmp_path / "nowhere"
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(lost))
    home = tmp_path / "anew"
    told = passnum_here("restore", "--no-rehearse", "--from", str(saved), home=home)
    assert "n'est pas sur cette machine" in told
    assert "aucun autre n'est tiré" in passnum_here("run", home=home, exit_code=1)
    assert not lost.exists()


def _flip(backup: Path) -> str:
    path = next(iter(sorted((backup / "home" / "lake").rglob("rows.parquet"))))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    return "rows.parquet"


def _lose(backup: Path) -> str:
    next((backup / "home" / "archive").rglob("*.csv")).unlink()
    return ".csv"


def _add(backup: Path) -> str:
    (backup / "home" / "lake" / "stranger").write_bytes(b"")
    return "stranger"


@pytest.mark.parametrize("damage", [_flip, _lose, _add])
def test_a_damaged_backup_restores_nothing(saved: Path, tmp_path: Path, damage: Callable[[Path], str]) -> None:
    """Changed, missing, or unknown: one file is enough, it is named, and no folder is made."""
    copy = shutil.copytree(saved, tmp_path / "copy")
    named = damage(copy)
    home = tmp_path / "anew"
    for told in (
        passnum_here("restore", "--from", str(copy), home=home, exit_code=1),
        passnum_here("backup", "--check", str(copy), exit_code=1),
    ):
        assert named in told
    assert not home.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_nothing_is_ever_overwritten(saved: Path, published_home: Path) -> None:
    """A home that holds anything is not restored in; a backup beside its data is refused."""
    before = fingerprints(published_home)
    assert "n'est pas vide" in passnum_here("restore", "--from", str(saved), home=published_home, exit_code=1)
    assert fingerprints(published_home) == before
    inside = str(published_home / "backups")
    assert "autre disque" in passnum_here("backup", "--out", inside, home=published_home, exit_code=1)
    assert not Path(inside).exists()
    told = passnum_here("restore", "--from", str(saved.parent), home=published_home / "new", exit_code=1)
    assert "nommez-en une" in told and saved.name in told


def test_what_is_damaged_is_not_backed_up(published_home: Path, tmp_path: Path) -> None:
    """It would take the place of a good backup; doctor asks for one where there was none."""
    path = next(iter(sorted((published_home / "lake").rglob("rows.parquet"))))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    out = tmp_path / "out"
    assert "Rien n'a été copié" in passnum_here("backup", "--out", str(out), home=published_home, exit_code=1)
    assert not out.exists()
    assert "Aucune sauvegarde" in passnum_here("doctor", home=published_home, exit_code=1)


def test_a_backup_waits_for_a_run(published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under both locks: half of a run is never copied."""
    monkeypatch.setattr(command, "LOCK_WAIT_SECONDS", 0.0)
    for folder in (published_home, published_home / "warehouse"):
        with home_lock(folder):
            told = passnum_here("backup", "--out", str(tmp_path / "out"), home=published_home, exit_code=1)
        assert "travaille déjà" in told
    assert not (tmp_path / "out").exists()


def test_a_rehearsal_that_differs_says_which_tables_and_why(saved: Path, tmp_path: Path) -> None:
    """With other settings than those of the last build, the tables that follow them are named."""
    home = Home.at(tmp_path / "anew")
    found = restoring.restore(saved, home)
    settings = home.root / restoring.SETTINGS / backups.PROGRAMME / "programme.yaml"
    content = yaml.safe_load(settings.read_text(encoding="utf-8"))
    content["hours_target"] = int(content["hours_target"]) + 1
    settings.chmod(0o600)
    settings.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    from orchestration.plan import RunPlan

    done = restoring.rehearse(RunPlan(home, None, settings.parent), found)
    assert not done.is_same
    assert "marts.programme" in done.different and "core.fct_redemption" not in done.different
    assert "les réglages ont changé" in done.why


def test_a_backup_that_waits_says_so(published_home: Path, tmp_path: Path) -> None:
    """A nightly one meets a long run: who looks at it sees what it waits for, and it ends when the run does."""
    with contextlib.ExitStack() as run:
        run.enter_context(home_lock(published_home / "warehouse"))
        ended = threading.Timer(0.5, run.close)
        ended.start()
        told = passnum_here("backup", "--out", str(tmp_path / "out"), home=published_home)
    assert "attend sa fin" in told and "Sauvegarde faite" in told


def test_a_restoration_that_builds_otherwise_says_what_to_do(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of an older passnum gives other tables: nothing is lost, and the operator is told how to go on. Where
    nothing explains it, the machine is not to be trusted."""
    record = SimpleNamespace(build_id="20200101T000000Z-000000")
    done = restoring.Rehearsal("f", record, ["marts.a", "marts.b"], "le logiciel a changé")  # type: ignore[arg-type]
    monkeypatch.setattr(restoring, "rehearse", lambda *_: done)
    told = passnum_here("restore", "--from", str(saved), home=tmp_path / "one", exit_code=1)
    assert "aucun fichier n'est en cause" in told and "passnum run" in told and "passnum diff" in told
    assert "2 tables" in told.replace("\xa0", " ") and "Le dossier restauré reste" in told
    monkeypatch.setattr(restoring, "rehearse", lambda *_: replace(done, why=""))
    told = passnum_here("restore", "--from", str(saved), home=tmp_path / "two", exit_code=1)
    assert "ne mettez pas cette machine en service" in told and "passnum diff" not in told


def test_what_is_no_backup_is_said_with_what_to_name(saved: Path, tmp_path: Path) -> None:
    """A folder of backups, a file of one, a folder that is not there; and a file to write in."""
    for folder, word in (
        (saved.parent, saved.name),
        (saved / backups.MANIFEST, str(saved)),
        (tmp_path / "nowhere", "monté"),
    ):
        with pytest.raises(backups.BackupError, match=word):
            backups.read(folder)
    with pytest.raises(backups.BackupError, match="nommez un dossier"):
        backups.make(Home.at(tmp_path), None, saved / backups.MANIFEST)


def test_a_write_that_is_refused_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """« le disque est plein » alone does not say which one."""

    def no_room(self: Path, mode: str) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")  # as a write does: it names nothing

    monkeypatch.setattr(Path, "chmod", no_room)
    (tmp_path / "source").write_bytes(b"x")
    with pytest.raises(OSError, match="No space") as refused:
        backups.copy(tmp_path / "source", tmp_path / "out" / "target")
    assert refused.value.filename == str(tmp_path / "out" / "target")


def _damage(path: Path) -> bytes:
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    return content


def _damaged_places(home: Path) -> list[Path]:
    """One of each kind that no run makes again: the lake, a receipt, an original, the history, an edition."""
    kinds = ("lake/*/*/rows.parquet", "lake/*/*/receipt.json", "archive/[0-9]*/*.csv", "lake/_builds/*/build.json")
    return [sorted(home.glob(kind))[0] for kind in (*kinds, "reports/*/*/edition-1/*.json")]


def test_one_damaged_file_is_put_back_as_it_was(saved: Path, tmp_path: Path) -> None:
    """Whatever is damaged, `verify` names it with the command to type; put back, the home is as it was."""
    home = tmp_path / "anew"
    passnum_here("restore", "--no-rehearse", "--from", str(saved), home=home)
    for path in _damaged_places(home):
        whole = _damage(path)
        told = " ".join(passnum_here("verify", home=home, exit_code=1).split())
        assert "restore --only" in told
        wanted = path if str(path) in told else path.parent  # of the history, the folder
        assert str(wanted) in told
        told = passnum_here("restore", "--from", str(saved), "--only", str(wanted), home=home)
        assert f"1{NBSP}fichier remis" in told or wanted != path
        assert str(path) in told.replace("\n", "")
        assert path.read_bytes() == whole
        assert "Rien n'est à réparer" in passnum_here("verify", home=home)
    lost = sorted(home.glob("lake/*/*/rows.parquet"))[-1]
    whole = lost.read_bytes()
    lost.unlink()
    passnum_here("restore", "--from", str(saved), "--only", str(lost.relative_to(home)), home=home)
    assert lost.read_bytes() == whole
    assert not list((home / "lake").rglob(".*part")) and not list((home / "lake" / "_staging").iterdir())


def test_what_is_not_known_to_be_damaged_is_never_replaced(saved: Path, tmp_path: Path) -> None:
    """A file that is newer than the backup is not lost to it; nor is one put back that the backup has damaged."""
    home = tmp_path / "anew"
    passnum_here("restore", "--no-rehearse", "--from", str(saved), home=home)
    newer = sorted(home.glob("lake/_builds/*/confirmed.json"))[0]
    newer.chmod(0o600)
    newer.write_bytes(b"newer")
    rows = sorted(home.glob("lake/*/*/rows.parquet"))[0]
    copy = shutil.copytree(saved, tmp_path / "copy")
    _flip(copy)
    _damage(rows)
    for source, wanted, word in (
        (saved, newer, "plus récent"),
        (saved, rows.parent.parent / "stranger", "ne contient pas"),
        (saved, home / "warehouse", "ni du lac"),
        (saved, home / ".." / "other", "ni du lac"),
        (copy, rows, "une autre sauvegarde"),
    ):
        told = passnum_here("restore", "--from", str(source), "--only", str(wanted), home=home, exit_code=1)
        assert word in " ".join(told.split())
    assert newer.read_bytes() == b"newer"
    assert "Rien n'est à remettre" in passnum_here("restore", "--from", str(saved), "--only", "archive", home=home)


def test_what_a_killed_backup_or_restoration_left_goes_with_the_next(
    published_home: Path, saved: Path, tmp_path: Path
) -> None:
    """Half a backup takes the room of a whole one, and nobody would ever remove it."""
    out, home = tmp_path / "out", tmp_path / "anew"
    for left in (out / ".passnum-20200101T000000Z.01234567.part", tmp_path / ".anew.01234567.part"):
        (left / "home").mkdir(parents=True)
    passnum_here("backup", "--out", str(out), home=published_home)
    passnum_here("restore", "--no-rehearse", "--from", str(saved), home=home)
    assert [path.name for path in out.iterdir() if "part" in path.name] == []
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_only_the_newest_backups_are_kept_where_it_is_asked(published_home: Path, tmp_path: Path) -> None:
    """A backup keeps what a purge erases: beyond N the oldest go; of another home, or no backup, nothing does."""
    out = tmp_path / "out"
    made = backups.make(Home.at(published_home), None, out).rename(out / "passnum-20250101T040000Z")
    for year in range(2020, 2025):
        shutil.copytree(made, out / f"passnum-{year}0101T040000Z")
    other = out / "passnum-20190101T040000Z"
    shutil.copytree(made, other)
    manifest = backups.read(other).model_copy(update={"secret_mark": "another"})
    (other / backups.MANIFEST).write_text(manifest.model_dump_json(), encoding="utf-8")
    (out / "passnum-notesZ").mkdir()
    told = " ".join(passnum_here("backup", "--out", str(out), "--keep", "3", home=published_home).split())
    kept = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert made.name in kept and len(kept) == 5
    assert {other.name, "passnum-notesZ", "passnum-20240101T040000Z"} < kept
    assert "4 sauvegardes plus anciennes retirées" in told
    assert [path.name for path in out.glob(".*.part")] == []
    assert "--out" in passnum_here("backup", "--check", str(made), "--keep", "3", exit_code=2)


def test_what_is_being_written_meanwhile_is_not_backed_up(published_home: Path, tmp_path: Path) -> None:
    """An edition under way, in its folder aside, is nobody's yet."""
    aside = published_home / "reports" / "anct" / ".edition-1.01234567.part"
    aside.mkdir(parents=True)
    (aside / "half.csv").write_text("half", encoding="utf-8")
    made = backups.make(Home.at(published_home), None, tmp_path / "out")
    assert not list(made.rglob("half.csv"))
