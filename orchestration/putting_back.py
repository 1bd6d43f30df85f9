"""One damaged file of a home, or one folder, put back from a backup: only what a verification names, or what is gone.

Does not live here: what a backup is (backup.py), a whole home made from one (restoring.py), what is damaged
(integrity.py). Call it under the home's locks.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

from ingestion.receipt import hash_file
from ingestion.rewriting import STAGING
from orchestration.backup import HOME, BackupError, copy, read
from orchestration.integrity import verify_home
from presentation.french import count
from storage.atomic import fsync_path
from warehouse.settings import Home

#: What a backup holds of a home and cannot be made again; the rest is rebuilt by a run.
_PLACES = ("lake", "archive", "reports")


def put_back(source: Path, home: Home, wanted: Path) -> list[Path]:
    """Put back what `wanted` (under the home, or a path of this machine) names, as the backup in `source` holds it.

    Returns the files put back, each whole or not at all. Raises BackupError (French), before anything is written,
    where it is not of the backup, the backup's own is damaged, or a file in its place is not known to be damaged.
    """
    root = Path(os.path.normpath(home.root / wanted.expanduser()))
    if not root.is_relative_to(home.root) or root.relative_to(home.root).parts[:1] not in {(one,) for one in _PLACES}:
        raise BackupError(
            f"{wanted} n'est ni du lac, ni de l'archive, ni des rapports de {home.root} : nommez le fichier que dit "
            "« passnum verify », par exemple lake/…/rows.parquet."
        )
    seals = read(source).files
    name = f"{HOME}/{root.relative_to(home.root)}"
    found = {home.root / one.removeprefix(f"{HOME}/"): one for one in seals if f"{one}/".startswith(f"{name}/")}
    if not found:
        raise BackupError(f"{source} ne contient pas {root.relative_to(home.root)} : prenez-en une autre.")
    for one in found.values():
        if not (source / one).is_file() or hash_file(source / one) != seals[one].sha256:
            raise BackupError(f"{source / one} n'est plus tel qu'il a été sauvegardé : prenez une autre sauvegarde.")
    differing = [path for path, one in found.items() if not path.is_file() or hash_file(path) != seals[one].sha256]
    _refuse_whole(home, [path for path in differing if path.exists()])
    aside = home.lake / STAGING / uuid.uuid4().hex  # what a run removes, were this killed
    for rank, path in enumerate(differing):
        if copy(source / found[path], aside / str(rank)) != seals[found[path]]:
            raise BackupError(f"{path} n'a pas été écrit tel qu'il est dans la sauvegarde : rien n'a été remis.")
        fsync_path(aside / str(rank))
    for rank, path in enumerate(differing):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (aside / str(rank)).replace(path)
        fsync_path(path.parent)
    if differing:
        aside.rmdir()
    return differing


def _refuse_whole(home: Home, present: list[Path]) -> None:
    """A file that no verification names is not damaged: it may well be newer than the backup."""
    said = " ".join(f"{one.said} {one.mend}" for one in verify_home(home) if one.state != "bon")
    told = {path: [path, path.parent, path.relative_to(home.root)] for path in present}
    whole = [path for path, names in told.items() if not any(_names(said, one) for one in names)]
    if whole:
        more = f" (et {count(len(whole) - 1, 'autre')})" if len(whole) > 1 else ""
        raise BackupError(
            f"« passnum verify » ne dit pas que {whole[0]}{more} est abîmé : il est peut-être plus récent que la "
            "sauvegarde. Rien n'a été remis."
        )


def _names(said: str, path: Path) -> bool:
    """Whether `said` names that very path, and not something in it, nor a longer name."""
    return re.search(re.escape(str(path)) + r"(?![\w/-]|[.]\w)", said) is not None
