"""A national version from a list of homes, in its order: find, read, protect, write, check, publish, keep.

Does not live here: what is in the version (warehouse/build/national.py, reporting/national), how the command speaks
(commands/union.py).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path

import duckdb

from ingestion.locking import home_lock
from orchestration.deciding import is_as_left
from orchestration.telling import advance, tell
from orchestration.verdict import keep_results
from presentation.french import count
from programme.models import Commanditaire
from reporting.cube import cube_file
from reporting.national import facts, store
from reporting.national.protected import protected
from warehouse.build import history, national
from warehouse.build.candidate import new_build_id
from warehouse.build.fingerprint import combine, fingerprint_tables
from warehouse.build.national import Member
from warehouse.build.publish import UnfinishedPublication, publish
from warehouse.check_result import CheckResult
from warehouse.published.builds import BuildRecord
from warehouse.published.national import MEMBERS, SCHEMA, is_national, is_programme
from warehouse.published.version_settings import settings_of
from warehouse.published.versions import Version, connect, current_version, home_of
from warehouse.settings import ROOT, Home

#: Processes that protect the figures of commanditaires side by side, where several are to be done.
WORKERS = min(4, os.cpu_count() or 1)


class UnionError(Exception):
    """No national version can be made of this list, or in this home; the French message says why."""


@dataclass(frozen=True)
class United:
    """What a call did. published: the version now in line, None where it is refused; is_new: made by this call."""

    members: list[Member]
    published: Version | None
    is_new: bool
    checks: list[CheckResult] = field(default_factory=list)
    withheld: int = 0
    close: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def absent(self) -> list[Member]:
        return [member for member in self.members if member.version is None]


def unite(listed: Sequence[Commanditaire], home: Home, *, force: bool) -> United:
    """Make and publish in `home` the national version of the commanditaires listed; nothing where nothing changed.

    Raises UnionError, HomeIsBusy, PublicationError.
    """
    if is_programme(home):
        raise UnionError(
            f"{home.root} est la maison d'un programme : des fichiers y ont été reçus. Donnez à --home un autre "
            "dossier, pour la vue nationale seule."
        )
    with home_lock(home.root):
        home.secure()
        home.national_mark.touch(mode=0o600)
        members = [_believed(member) for member in national.find_members(listed)]
        _refuse_copies(members)
        if not any(member.version for member in members):
            raise UnionError("Aucun commanditaire de la liste n'a de version à réunir : " + _whys(members) + ".")
        identity = national.identity_of(members, version_of("passnum"))
        current = current_version(home)
        if current is not None and not is_national(current.path):
            raise UnionError(f"{home.root} garde les versions d'un programme. Donnez à --home un autre dossier.")
        same = current is not None and (current.identity or {}).get(MEMBERS) == identity
        if same and current is not None and store.load(current.path) is not None and not force:
            return United(members, current, is_new=False)
        return _made(members, home, identity)


def _believed(member: Member) -> Member:
    """The member, left out where its version is no longer as its run left it."""
    if member.version is None or is_as_left(member.home, member.version):
        return member
    return replace(
        member, version=None, why="version altérée depuis sa publication (« passnum verify » dans sa maison)"
    )


def _refuse_copies(members: Sequence[Member]) -> None:
    """One version under two SIREN would count twice: a home that was copied. Raises UnionError."""
    seen: dict[str, str] = {}
    for member in members:
        if member.version is None:
            continue
        if (first := seen.setdefault(member.version.build_id, member.name)) != member.name:
            raise UnionError(
                f"{first} et {member.name} ont la même version ({member.version.build_id}) : l'une des maisons est une "
                "copie de l'autre, et ses chiffres compteraient deux fois. Corrigez la liste."
            )


def _whys(members: Sequence[Member]) -> str:
    return " ; ".join(f"{member.name} : {member.why}" for member in members)


def _made(members: list[Member], home: Home, identity: str) -> United:
    started_at = datetime.now(UTC).replace(tzinfo=None)
    present = [(member.siren, member.version) for member in members if member.version is not None]
    versions = [(siren, version.path) for siren, version in present]
    threshold = max(settings_of(version, None).small_count_threshold for _, version in present)
    _tell_who_left(current_version(home), members)
    tell(f"Chiffres de {count(len(versions), 'commanditaire', 'commanditaires')}.")
    true = facts.read(versions)
    waiting = [path for _, path in versions if not cube_file(path, threshold).exists()]
    if waiting:
        tell(f"Petits effectifs à protéger : {count(len(waiting), 'commanditaire', 'commanditaires')}.")
    for number, path in enumerate(_cubes(waiting, threshold), start=1):
        advance("Petits effectifs", number, len(waiting), home_of(path).root.name)
    shown = protected(true, versions, threshold)
    build_id = new_build_id(home, started_at)
    home.builds.mkdir(parents=True, exist_ok=True)
    candidate = home.builds / f"national-{build_id}.duckdb"
    try:
        tell("Réunion des tables, contrôles.")
        checks = national.write(candidate, members, true)
        record = _record(candidate, build_id, started_at, [version for _, version in present], identity, checks)
        with duckdb.connect(str(candidate)) as con:
            history.write_into(con, home.lake, record, checks)
        if record.status == "refused":
            return United(members, None, is_new=False, checks=checks, failures=keep_results(home, record, checks))
        failures: list[str] = []
        try:
            path = publish(candidate, home, build_id)
        except UnfinishedPublication as error:
            failures += error.failures
            path = home.published.resolve()
        store.keep(path, shown.facts)
        failures += keep_results(home, record, checks)
        return United(members, current_version(home), True, checks, shown.withheld, shown.close, failures)
    finally:
        candidate.unlink(missing_ok=True)


def _tell_who_left(before: Version | None, members: Sequence[Member]) -> None:
    """A commanditaire fewer: what it withholds is near to what two national versions differ by."""
    if before is None:
        return
    with connect(before.path) as con:
        was = con.execute("select siren, name from national.commanditaire where is_present").fetchall()
    there = {member.siren for member in members if member.version is not None}
    if gone := sorted(name for siren, name in was if siren not in there):
        tell(
            f"Attention : {', '.join(gone)} n'est plus dans les sommes. Qui a gardé la vue précédente peut en "
            "soustraire celle-ci et retrouver ses petits effectifs (docs/national.md)."
        )


def _cubes(paths: list[Path], threshold: int) -> Iterator[Path]:
    """Have the cube of each version made, several at once, each in a process of its own; each path as it is done. One
    that could not be is made, or says why, where it is read."""
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in as_completed(pool.submit(_cube, path, threshold) for path in paths):
            yield done.result()


def _cube(path: Path, threshold: int) -> Path:
    command = [sys.executable, "-m", "reporting.cube", str(path), str(threshold)]
    subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return path


def _record(
    candidate: Path, build_id: str, started_at: datetime, of: list[Version], identity: str, checks: list[CheckResult]
) -> BuildRecord:
    with duckdb.connect(str(candidate)) as con:
        tables = fingerprint_tables(con, [SCHEMA])
    finished_at = datetime.now(UTC).replace(tzinfo=None)
    return BuildRecord(
        build_id=build_id,
        status="refused" if any(check.blocks for check in checks) else "published",
        as_of=max(version.as_of for version in of),
        started_at=started_at,
        finished_at=finished_at,
        duration_seconds=(finished_at - started_at).total_seconds(),
        input_files=len(of),
        inputs_sha256=hashlib.sha256("".join(sorted(version.build_id for version in of)).encode()).hexdigest(),
        is_demo=any(version.is_demo for version in of),
        code_version=version_of("passnum"),
        fingerprint=combine(tables),
        table_fingerprints=tables,
        identity={MEMBERS: identity},
    )
