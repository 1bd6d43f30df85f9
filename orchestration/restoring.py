"""A home made from a backup: every file verified, put in place whole, then rehearsed by building from its lake.

Does not live here: what a backup holds (backup.py), the steps of a build (steps.py). The rehearsal publishes nothing
and writes to nobody: readers get the version that was in line, byte for byte.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.lake import Lake
from ingestion.secret import SecretError, fingerprint, load_secret, secret_path
from orchestration import steps
from orchestration.backup import HOME, Backup, BackupError, copy, read, require_intact
from orchestration.deciding import Decision, confirm_now
from orchestration.plan import RunPlan
from programme.clock import today_in_paris
from storage.atomic import folder_atomically, link_atomically, remove_left_overs
from warehouse.build.fingerprint import combine, fingerprint_tables
from warehouse.build.identity import identify, tell_differences
from warehouse.build.parquet import export_marts
from warehouse.published import builds
from warehouse.published.versions import build_path, read_version
from warehouse.settings import Home

#: Where the settings of the backup are in the home made from it: to be compared with those in force, or used so.
SETTINGS = "reglages"


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
    anything, or a file of the backup is missing, changed or unknown."""
    backup = read(source)
    if home.root.exists() and (not home.root.is_dir() or any(home.root.iterdir())):
        raise BackupError(f"{home.root} n'est pas vide : restaurez dans un dossier neuf, rien n'est jamais remplacé.")
    require_intact(source, backup)
    remove_left_overs(home.root.parent, f"{home.root.name}.????????")
    with folder_atomically(home.root) as aside:
        aside.chmod(0o700)
        for name, seal in backup.files.items():
            room, _, path = name.partition("/")
            if copy(source / name, aside / (path if room == HOME else f"{SETTINGS}/{name}")) != seal:
                raise BackupError(f"{name} n'est pas, une fois écrit, celui de la sauvegarde : rien n'a été restauré.")
        made = Home.at(aside).create()
        made.landing.mkdir(exist_ok=True)  # a home that is no longer new is not given one
        _put_in_line(made, backup)
    return backup


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
        with duckdb.connect(str(candidate.database), read_only=True) as con:
            tables = fingerprint_tables(con)
    finally:
        candidate.discard()
    same_files = [one for one in builds.load(plan.home.lake) if one.inputs_sha256 == candidate.inputs_sha256]
    before = same_files[-1] if same_files else None
    was = before.table_fingerprints if before else {}
    different = sorted(name for name in {*was, *tables} if was.get(name) != tables.get(name))
    why = tell_differences(before.identity, identity) if before else ""
    return Rehearsal(combine(tables), before, different, why)
