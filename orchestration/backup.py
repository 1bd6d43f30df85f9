"""A backup of a home: what cannot be made again, copied under the locks, sealed by sha256, whole or not at all.

Lives here: what a backup holds, making one, verifying one. Does not live here: making a home from it (restoring.py).
The secret of the pseudonyms is never in it: only the mark that tells it from another.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from importlib.metadata import version as version_of
from pathlib import Path

from pydantic import BaseModel, ValidationError

from dashboards.access import REMEMBERED
from ingestion.contract import contracts_folder
from ingestion.lake import Lake
from ingestion.locking import home_lock
from ingestion.receipt import hash_file
from orchestration.integrity import verify_home
from presentation.french import count, day_long, size
from presentation.system_errors import tell_error
from programme.config import folder_in_force
from storage.atomic import PARTIAL_SUFFIX, folder_atomically, remove_left_overs
from storage.disk import disk_of
from warehouse.published.held import held_path
from warehouse.published.last_backup import LastBackup, note_backup
from warehouse.published.versions import current_path, read_version
from warehouse.settings import Home

#: What this module writes and reads. Another number: restoring.py refuses it in French.
FORMAT = 1
MANIFEST = "sauvegarde.json"
#: Folders of a backup: the home's own places, under their own names, then what lives beside it.
HOME, PROGRAMME, CONTRACTS = "home", "programme", "contracts"
_NAMED = "passnum-"
_FREE_SHARE = 1.05
#: How long a backup of another home, under way in the same folder, is waited for.
_WAIT_SECONDS = 600.0
_BLOCK = 4096


class BackupError(Exception):
    """A backup that cannot be made, or is not one; the French message says what to do."""


class Sealed(BaseModel):
    """One file of a backup."""

    sha256: str
    octets: int


class Backup(BaseModel):
    """What a backup says of itself. Instants are UTC without zone; `files`: path in the backup → its seal."""

    format: int
    made_at: datetime
    code_version: str
    build_id: str | None
    as_of: date | None
    secret_mark: str | None
    files: dict[str, Sealed]

    @property
    def octets(self) -> int:
        return sum(file.octets for file in self.files.values())


def make(home: Home, programme: Path | None, out: Path) -> Path:
    """Copy what cannot be made again into a new folder of `out`, verified. Returns it. Under the home's locks.

    Raises BackupError (French) where what is kept is damaged already, there is no room, or a copy is not the original.
    """
    out = out.expanduser().resolve()
    if out.exists() and not out.is_dir():
        raise BackupError(f"{out} est un fichier : nommez un dossier, où la sauvegarde aura le sien.")
    if out.is_relative_to(home.root):
        raise BackupError(f"{out} est dans le dossier de données : il se perdrait avec lui. Prenez un autre disque.")
    home.read_format()
    _refuse_damaged(home)
    sources = dict(_sources(home, folder_in_force(programme)))
    with home_lock(out, _WAIT_SECONDS):
        remove_left_overs(out, f"{_NAMED}*")  # of a backup that was killed: nobody else writes there
        require_room(out, (path.stat().st_size for path in sources.values()))
        now = datetime.now(UTC).replace(tzinfo=None)
        target = out / f"{_NAMED}{now:%Y%m%dT%H%M%SZ}"
        if target.exists():
            raise BackupError(
                f"{target} existe déjà : une sauvegarde n'en remplace jamais une autre. Relancez la commande."
            )
        _copy_whole(home, sources, now, target)
    note_backup(home, LastBackup(at=now, folder=str(target)))
    return target


def _copy_whole(home: Home, sources: dict[str, Path], now: datetime, target: Path) -> None:
    path = current_path(home)
    published = read_version(path) if path else None
    marks = Lake(home.lake).secret_marks()
    with folder_atomically(target) as aside:
        aside.chmod(0o700)
        backup = Backup(
            format=FORMAT,
            made_at=now,
            code_version=version_of("passnum"),
            build_id=published.build_id if published else None,
            as_of=published.as_of if published else None,
            secret_mark=min(marks, default=None),
            files={name: copy(source, aside / name) for name, source in sources.items()},
        )
        (aside / MANIFEST).write_text(backup.model_dump_json(indent=1), encoding="utf-8")
        if wrong := damaged(aside, backup):
            raise BackupError(
                f"{wrong[0]} n'a pas été copié tel qu'il est : le disque de {target.parent} n'est pas sûr."
            )


def retire(out: Path, made: Path, keep: int) -> list[Path]:
    """Remove the oldest backups of `out` beyond `keep`, the one just `made` counted. Returns those removed.

    A backup keeps what a purge erases: one that is never removed keeps it for ever. Only whole folders that say they
    are backups of the same secret go: those of another home, and what is not a backup, stay.
    """
    mark = read(made).secret_mark
    with home_lock(out, _WAIT_SECONDS):
        others = sorted((one for one in out.glob(f"{_NAMED}*Z") if one != made and _is_of(one, mark)), reverse=True)
        removed = others[keep - 1 :]
        for folder in removed:
            aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}{PARTIAL_SUFFIX}")
            folder.rename(aside)  # killed from here on, the next backup removes it
            shutil.rmtree(aside)
    return removed


def _is_of(folder: Path, secret_mark: str | None) -> bool:
    try:
        return read(folder).secret_mark == secret_mark
    except BackupError:
        return False


def told(backup: Backup) -> str:
    """« 214 fichiers, 12,3 Mo, relus à l'octet près ; version …, données au … »."""
    files = f"{count(len(backup.files), 'fichier')}, {size(backup.octets)}, relus à l'octet près"
    if backup.build_id is None or backup.as_of is None:
        return f"{files} ; aucune version n'était publiée."
    return f"{files} ; version en ligne {backup.build_id}, données au {day_long(backup.as_of)}."


def read(folder: Path) -> Backup:
    """What the backup in `folder` says of itself. Raises BackupError (French) for none, or a later one."""
    try:
        backup = Backup.model_validate_json((folder / MANIFEST).read_bytes())
    except NotADirectoryError:
        raise BackupError(
            f"{folder} est un fichier : nommez le dossier de la sauvegarde ({folder.parent} ?)."
        ) from None
    except FileNotFoundError:
        if not folder.exists():
            raise BackupError(f"{folder} n'existe pas : le disque des sauvegardes est-il monté ?") from None
        others = ", ".join(str(path.parent) for path in sorted(folder.glob(f"*/{MANIFEST}")))
        more = f" Ce dossier en contient : nommez-en une ({others})." if others else ""
        raise BackupError(f"{folder} n'est pas une sauvegarde de passnum.{more}") from None
    except OSError as error:
        raise BackupError(f"{folder / MANIFEST} ne peut pas être lu : {tell_error(error)}.") from error
    except ValidationError as error:
        raise BackupError(f"{folder / MANIFEST} ne peut pas être lu : prenez une autre sauvegarde.") from error
    if backup.format > FORMAT:
        raise BackupError(f"{folder} a été écrite par un passnum plus récent : reprenez-le pour la restaurer.")
    return backup


def damaged(folder: Path, backup: Backup) -> list[str]:
    """The files of a backup that are missing, changed, or that it does not tell of."""
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    unknown = there - set(backup.files)
    changed = [n for n, seal in backup.files.items() if n not in there or hash_file(folder / n) != seal.sha256]
    return sorted([*unknown, *changed])


def require_intact(folder: Path, backup: Backup) -> None:
    """Raises BackupError (French) where a file of the backup is not as it was written."""
    if wrong := damaged(folder, backup):
        more = f", et {len(wrong) - 1} autres" if len(wrong) > 1 else ""
        raise BackupError(f"{folder} n'est plus telle qu'elle a été écrite : {wrong[0]}{more}. Prenez-en une autre.")


def _refuse_damaged(home: Home) -> None:
    """A backup of what is damaged would take the place of a good one."""
    vital = {"Lac", "Originaux", "Historique", "Documents émis"}
    for finding in verify_home(home):
        if finding.subject in vital and finding.state == "à réparer":
            raise BackupError(f"{finding.subject} : {finding.said} {finding.mend} Rien n'a été copié.")


def _sources(home: Home, programme: Path) -> Iterator[tuple[str, Path]]:
    """Path in the backup → the file: lake, archive, documents, the version in line, its hold, settings, contracts."""
    for place in (home.lake, home.archive, home.reports):
        for path in sorted(place.rglob("*")):
            if path.is_file() and not path.is_symlink() and not _is_passing(path.relative_to(place)):
                yield f"{HOME}/{path.relative_to(home.root)}", path
    current = current_path(home)
    for one in (current, held_path(home), home.root / REMEMBERED, home.format_path):
        if one is not None and one.is_file():
            yield f"{HOME}/{one.relative_to(home.root)}", one
    for name, folder in ((PROGRAMME, programme), (CONTRACTS, contracts_folder())):
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.suffix != ".py" and not path.name.startswith("."):
                yield f"{name}/{path.name}", path


def _is_passing(path: Path) -> bool:
    """A lock, or what another process is writing, or was when it was killed: nobody reads it."""
    return path.name.endswith(".lock") or any(part.endswith(PARTIAL_SUFFIX) for part in path.parts)


def require_room(out: Path, files: Iterable[int]) -> None:
    """Raises BackupError (French) where the disk of `out` has no room for files of these sizes (octets)."""
    octets = sum(-(-one // _BLOCK) * _BLOCK for one in files)  # a file of ten octets takes a whole block
    _, free = disk_of(out)
    if free < octets * _FREE_SHARE:
        raise BackupError(f"Il faut {size(octets)} dans {out}, il y reste {size(free)} : libérez de la place.")


def copy(source: Path, target: Path) -> Sealed:
    """Copy one file for its owner alone. Returns the seal of what was read. Raises OSError, which names the file."""
    digest, octets = hashlib.sha256(), 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with source.open("rb") as read_from, target.open("xb") as write_to:
            while chunk := read_from.read(1 << 20):
                digest.update(chunk)
                octets += len(chunk)
                write_to.write(chunk)
        target.chmod(0o600)
    except OSError as error:
        if error.filename is None:  # a write that is refused names nothing
            error.filename = str(target)
        raise
    return Sealed(sha256=digest.hexdigest(), octets=octets)
