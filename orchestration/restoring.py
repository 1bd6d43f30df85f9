"""A home made from a backup: every file verified, put in place whole, then rehearsed by building from its lake.

Does not live here: what a backup holds (backup.py), the steps of a build (steps.py). The rehearsal publishes nothing
and writes to nobody: readers get the version that was in line, byte for byte.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestion.lake import Lake
from ingestion.locking import LOCK_NAME, home_lock
from ingestion.secret import SecretError, fingerprint, load_secret, secret_path
from orchestration import steps
from orchestration.backup import HOME, Backup, BackupError, copy, read, require_intact, require_room
from orchestration.deciding import Decision, confirm_now
from orchestration.plan import RunPlan
from programme.clock import today_in_paris
from storage.atomic import (
    PARTIAL_SUFFIX,
    folder_atomically,
    fsync_path,
    link_atomically,
    remove_left_overs,
    write_atomically,
)
from warehouse.build.fingerprint import combine, fingerprint_tables
from warehouse.build.identity import identify, tell_differences
from warehouse.build.parquet import export_marts
from warehouse.published import builds
from warehouse.published.versions import build_path, read_version
from warehouse.settings import BEING_RESTORED, HalfRestored, Home, NewerHome

#: Where the settings of the backup are in the home made from it: to be compared with those in force, or used so.
SETTINGS = "reglages"
#: What an empty folder may hold.
_NOTHING = {"lost+found", LOCK_NAME}


@dataclass(frozen=True)
class Rehearsal:
    """A build from the restored lake. `before`: the last build of the same files, None where there was none.

    `different`: the tables that are not the same; `why`: what else changed since (code, settings), in French.
    """

    fingerprint: str
    before: builds.BuildRecord | None
    different: list[str]
    why: str

    @property
    def is_same(self) -> bool:
        return self.before is not None and not self.different


def restore(source: Path, home: Home) -> Backup:
    """Make `home` from the backup in `source`. Raises BackupError (French), and makes nothing, where the home holds
    anything, there is no room, or a file of the backup is missing, changed or unknown; HomeIsBusy where another
    process works there."""
    backup = read(source)
    _refuse_inhabited(home)
    require_intact(source, backup)
    if home.root.exists():
        with home_lock(home.root), _in_place(home) as aside:
            _fill(source, backup, home, aside)
        return backup
    remove_left_overs(home.root.parent, f"{home.root.name}.????????")
    with folder_atomically(home.root) as aside:
        aside.chmod(0o700)
        _fill(source, backup, home, aside)
    return backup


def _refuse_inhabited(home: Home) -> None:
    """Raises BackupError where there is anything that would have to be replaced, but for what a killed restoration
    left."""
    if not home.root.exists():
        return
    if not home.root.is_dir():
        raise BackupError(f"{home.root} est un fichier : restaurez dans un dossier neuf, ou vide.")
    if not [path for path in home.root.iterdir() if not _is_nothing(path)]:
        return
    with contextlib.suppress(NewerHome):
        try:
            home.read_format()
        except HalfRestored:
            return
    raise BackupError(
        f"{home.root} n'est pas vide : restaurez dans un dossier neuf, ou vide ; rien n'est jamais remplacé."
    )


@contextlib.contextmanager
def _in_place(home: Home) -> Iterator[Path]:
    """A folder to fill inside one that was there: it may be a disk of its own, onto which nothing is renamed, or all
    that its user may write in.

    From the first file to the last the home says that it is being restored: no command works in it, and another
    restoration begins anew. It is empty again when the block raises. Under the home's lock.
    """
    _refuse_inhabited(home)  # another may have ended since it was looked at
    _empty(home)
    write_atomically(home.format_path, BEING_RESTORED.encode())
    aside = home.root / f".{SETTINGS}.{uuid.uuid4().hex[:8]}{PARTIAL_SUFFIX}"
    aside.mkdir(mode=0o700)
    try:
        yield aside
        for path in aside.rglob("*"):
            fsync_path(path)
        ready = Home.at(aside).format_path
        for path in aside.iterdir():
            if path != ready:
                path.replace(home.root / path.name)
        fsync_path(home.root)
        ready.replace(home.format_path)  # from here on it is a home
        aside.rmdir()
        fsync_path(home.root)
        home.secure()
    except BaseException:
        _empty(home)
        raise


def _is_nothing(path: Path) -> bool:
    """What the root of a disk has by itself, our lock, and what a killed process was writing."""
    return path.name in _NOTHING or (path.name.startswith(".") and path.name.endswith(PARTIAL_SUFFIX))


def _empty(home: Home) -> None:
    """Remove all, and last what says that it is being restored."""
    for path in sorted(home.root.iterdir(), key=lambda one: one == home.format_path):
        if path.name in _NOTHING:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _fill(source: Path, backup: Backup, home: Home, aside: Path) -> None:
    """Write in the folder `aside`, which becomes `home`, what the backup holds, with the version that readers saw."""
    version = backup.files.get(f"{HOME}/{build_path(home, backup.build_id or '').relative_to(home.root)}")
    copies = version.octets if version else 0  # made again from it
    require_room(home.root, [*(seal.octets for seal in backup.files.values()), copies])
    for name, seal in backup.files.items():
        room, _, path = name.partition("/")
        if copy(source / name, aside / (path if room == HOME else f"{SETTINGS}/{name}")) != seal:
            raise BackupError(f"{name} n'est pas, une fois écrit, celui de la sauvegarde : rien n'a été restauré.")
    made = Home.at(aside).create()
    made.landing.mkdir(exist_ok=True)  # a home that is no longer new is not given one
    _put_in_line(made, backup)


def _put_in_line(home: Home, backup: Backup) -> None:
    """The version that readers saw, with its copies."""
    if backup.build_id is None:
        return
    path = build_path(home, backup.build_id)
    link_atomically(home.published, path)
    export_marts(path, home.parquet)
    confirm_now(home, read_version(path))


def missing_secret(backup: Backup) -> str:
    """Why the secret of this machine cannot go on with the restored lake (French); empty where it can.

    A machine without a secret is not given one: a new one would count everybody twice.
    """
    mend = "Rétablissez-le depuis sa sauvegarde à part, avant tout passage (PASSNUM_SECRET_FILE, ou ce chemin)."
    if backup.secret_mark is None:
        return ""
    if not secret_path().exists():
        return f"Le secret des pseudonymes n'est pas sur cette machine ({secret_path()}). {mend}"
    try:
        is_same = fingerprint(load_secret()) == backup.secret_mark
    except SecretError as error:
        return str(error)
    return "" if is_same else f"Le secret de cette machine ({secret_path()}) n'est pas celui de ce lac. {mend}"


def rehearse(plan: RunPlan, backup: Backup) -> Rehearsal:
    """Build from the restored lake with the settings of `plan`, compare, and throw the build away.

    Raises TransformError, LakeCorruption, ProgrammeError (French).
    """
    lake = Lake(plan.home.lake)
    identity = identify(lake, plan.programme, backup.secret_mark or "", until=None, today=today_in_paris())
    decision = Decision(identity, None, "la restauration est répétée, sans rien publier")
    candidate = steps.build(plan, uuid.uuid4().hex, decision).made.candidate
    try:
        with candidate.connect(read_only=True) as con:
            tables = fingerprint_tables(con)
    finally:
        candidate.discard()
    same_files = [one for one in builds.load(plan.home.lake) if one.inputs_sha256 == candidate.inputs_sha256]
    before = same_files[-1] if same_files else None
    was = before.table_fingerprints if before else {}
    different = sorted(name for name in {*was, *tables} if was.get(name) != tables.get(name))
    why = tell_differences(before.identity, identity) if before else ""
    return Rehearsal(combine(tables), before, different, why)
