"""What is wrong, or soon will be, with a home and the machine it is on: every finding with its remedy. Reads only.

Nothing is created, mended or locked for longer than a look: whoever asks may not be able to write. Does not live here:
printing it (commands/doctor.py), what each verification is (ingestion, warehouse, programme, storage).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import duckdb

from dashboards.access import AccessError, access_path, load_access
from ingestion.delivery import IngestionError
from ingestion.identifier_rule import refuse_other_rule
from ingestion.lake import Lake, LakeCorruption
from ingestion.locking import LOCK_NAME, HomeIsBusy, home_lock
from ingestion.receipt import Receipt, hash_file
from ingestion.secret import SecretError, fingerprint, load_secret, secret_path
from ingestion.vault import ORIGINAL_MARK, REPORT_NAME, flat_name
from orchestration.deciding import no_longer
from presentation.french import count, day_long, decimal, instant_long, percent
from presentation.system_errors import explain_error
from programme.config import load_programme
from programme.errors import ProgrammeError
from storage.atomic import PARTIAL_SUFFIX
from warehouse.published import builds
from warehouse.published.versions import current_path, read_version, version_paths
from warehouse.settings import Home

State = Literal["bon", "à voir", "à réparer"]
#: What a run needs beside what is there: the candidate and the version that it becomes, and as much to sort.
TIMES_A_VERSION = 2
FULL_DISK_SHARE = 0.80
#: A file of another machine may be dated by its clock: less than this is no sign of ours being wrong.
CLOCK_TOLERANCE_SECONDS = 120
_LIBRARIES = ("duckdb", "polars", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "streamlit")
_UNITS = ("o", "ko", "Mo", "Go", "To")
_LOCK_FILE = Path(__file__).resolve().parents[1] / "requirements.lock"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `said`: what was seen; `mend`: what to do, empty where all is well (both French)."""

    subject: str
    state: State
    said: str
    mend: str = ""


def examine(home: Home, programme_folder: Path | None = None, now: datetime | None = None) -> list[Finding]:
    """Everything that can be looked at without writing, in the order in which one would mend it.

    One part that cannot be looked at is a finding, and hides no other. `now`: UTC without zone, the machine's clock
    unless told.
    """
    instant = now or datetime.now(UTC).replace(tzinfo=None)
    parts: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("Logiciels", _software),
        ("Disque", lambda: _disk(home)),
        ("Horloge", lambda: _clock(home, instant)),
        ("Droits", lambda: _rights(home)),
        ("Secret", lambda: _secret(home)),
        ("Réglages", lambda: _settings(programme_folder)),
        ("Accès aux pages", lambda: _access(home)),
        ("Verrous", lambda: _locks(home)),
        ("Lac", lambda: _lake(home)),
        ("Originaux", lambda: _originals(home)),
        ("Version publiée", lambda: _published(home)),
        ("Historique", lambda: _history(home)),
        ("Restes", lambda: _left_overs(home)),
    ]
    found: list[Finding] = []
    for subject, look in parts:
        try:
            found += look()
        except (OSError, ValueError, duckdb.Error) as error:
            mend = "Réparez ce que dit le système, puis relancez « passnum doctor »."
            found.append(Finding(subject, "à réparer", f"Rien n'a pu être vérifié : {explain_error(error)}.", mend))
    return found


def _software() -> Iterator[Finding]:
    """The libraries against the versions that were locked: another one may compute, or write, otherwise."""
    locked = {}
    if _LOCK_FILE.is_file():
        lines = (line.split(" ")[0] for line in _LOCK_FILE.read_text(encoding="utf-8").splitlines())
        locked = dict(line.split("==") for line in lines if "==" in line)
    others, seen = [], []
    for name in _LIBRARIES:
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "absent"
        seen.append(f"{name} {installed}")
        if name in locked and locked[name] != installed:
            others.append(f"{name} {installed} au lieu de {locked[name]}")
    if others:
        yield Finding(
            "Logiciels", "à voir", f"Autres versions que celles du projet : {', '.join(others)}.", "make setup"
        )
    else:
        yield Finding("Logiciels", "bon", ", ".join(seen) + ".")


def _disk(home: Home) -> Iterator[Finding]:
    folder = next(path for path in (home.root, *home.root.parents) if path.exists())
    _, used, free = shutil.disk_usage(folder)
    share = used / (used + free)  # of what a user may fill, as `df` says it
    published = current_path(home)
    needed = TIMES_A_VERSION * published.stat().st_size if published and published.exists() else 0
    said = f"{_size(free)} libres, {percent(share, 0)} occupés ; un passage demande environ {_size(needed)}."
    if free < needed:
        yield Finding("Disque", "à réparer", said, "Libérez de la place avant le prochain passage : « passnum purge ».")
    elif share > FULL_DISK_SHARE:
        yield Finding("Disque", "à voir", said, "Le disque se remplit : « passnum purge », ou un disque plus grand.")
    else:
        yield Finding("Disque", "bon", said)


def _clock(home: Home, now: datetime) -> Iterator[Finding]:
    """An instant of the home that is still to come: the clock was put back, or was wrong then."""
    known = [receipt.received_at.replace(tzinfo=None) for receipt in _receipts(home)]
    known += [record.finished_at for record in _records(home)[0]]
    latest = max(known, default=None)
    if latest and (latest - now).total_seconds() > CLOCK_TOLERANCE_SECONDS:
        yield Finding(
            "Horloge", "à réparer",
            f"Il est {instant_long(now)}, et ce dossier connaît déjà le {instant_long(latest)} (heure de Paris).",
            "Remettez l'horloge de la machine à l'heure (NTP) avant le prochain passage.",
        )  # fmt: skip
    else:
        yield Finding("Horloge", "bon", f"{instant_long(now)} (heure de Paris).")


def _rights(home: Home) -> Iterator[Finding]:
    if not home.root.exists():
        yield Finding("Droits", "à réparer", f"{home.root} n'existe pas.", "Désignez le dossier de données (--home).")
        return
    closed = [path for path in (home.root, home.lake, home.warehouse) if path.exists() and not os.access(path, os.W_OK)]
    if closed:
        said = f"Vous ne pouvez pas écrire dans {', '.join(map(str, closed))}."
        yield Finding("Droits", "à réparer", said, "Rendez-vous en propriétaire (chown), ou lancez sous son compte.")
    elif home.is_shared:
        said = "D'autres personnes de cette machine peuvent entrer dans le dossier de données."
        yield Finding("Droits", "à réparer", said, f"chmod 700 {home.root}")
    else:
        yield Finding("Droits", "bon", "Le dossier de données n'est lisible que de son propriétaire.")


def _secret(home: Home) -> Iterator[Finding]:
    path = secret_path()
    marks = {receipt.secret_fingerprint for receipt in _receipts(home)} - {None}
    if not path.exists():
        said = f"Le secret des pseudonymes n'est pas à sa place ({path})."
        if marks:
            mend = "Rétablissez-le depuis sa sauvegarde : sans lui, aucun fichier de plus ne peut être lu (docs)."
            yield Finding("Secret", "à réparer", said, mend)
        else:
            yield Finding("Secret", "bon", f"{said} Le premier passage le tirera.")
        return
    try:
        mark = fingerprint(load_secret())
    except SecretError as error:
        yield Finding("Secret", "à réparer", "Le secret des pseudonymes ne peut pas servir.", str(error))
        return
    if marks - {mark}:
        said = "Le secret des pseudonymes n'est pas celui des fichiers déjà chargés."
        yield Finding("Secret", "à réparer", said, "Rétablissez le secret d'origine (PASSNUM_SECRET_FILE).")
    else:
        yield Finding("Secret", "bon", f"{path} : lisible de vous seul, le même que celui du lac.")


def _settings(folder: Path | None) -> Iterator[Finding]:
    try:
        programme = load_programme(folder)
    except ProgrammeError as error:
        yield Finding("Réglages", "à réparer", "Les réglages ne peuvent pas être lus.", str(error))
        return
    yield Finding("Réglages", "bon", f"{count(len(programme.territories), 'territoire')}, lus et validés.")


def _access(home: Home) -> Iterator[Finding]:
    path = access_path(home)
    if path is None:
        yield Finding("Accès aux pages", "bon", "Aucun fichier d'accès : les pages n'ouvrent que sur cette machine.")
        return
    try:
        people = load_access(path).people
    except AccessError as error:
        yield Finding("Accès aux pages", "à réparer", "Le fichier d'accès ne laisse entrer personne.", str(error))
        return
    yield Finding("Accès aux pages", "bon", f"{path} : {count(len(people), 'personne')}.")


def _locks(home: Home) -> Iterator[Finding]:
    for folder, what in ((home.root, "Un traitement"), (home.warehouse, "Un passage")):
        if not (folder / LOCK_NAME).exists():
            continue
        try:
            with home_lock(folder):
                pass
        except HomeIsBusy as error:
            yield Finding("Verrous", "à voir", f"{what} est en cours.", str(error))
            return
    yield Finding("Verrous", "bon", "Rien n'est en cours.")


def _lake(home: Home) -> Iterator[Finding]:
    lake = Lake(home.lake)
    try:
        checked = lake.verify()
        receipts = lake.receipts()
        refuse_other_rule(lake)
    except LakeCorruption as error:
        yield Finding("Lac", "à réparer", "Le lac n'est plus tel qu'il a été écrit.", str(error))
        return
    except IngestionError as error:
        yield Finding("Lac", "à réparer", "Ses pseudonymes ne sont pas de la règle d'aujourd'hui.", str(error))
        return
    latest = lake.greatest_extract_date()
    until = f", données au {day_long(latest)}" if latest else ""
    files = count(len(receipts), "fichier chargé", "fichiers chargés")
    yield Finding("Lac", "bon", f"{files}{until} ; {count(checked, 'empreinte relue', 'empreintes relues')}.")


def _originals(home: Home) -> Iterator[Finding]:
    """Each original against the sha256 of its name; those that an erasure rewrote or emptied are others."""
    rewritten = {flat_name(r.file_name.split("/")[0]) for r in _receipts(home) if r.original}
    damaged, right = [], 0
    for path in sorted(home.archive.glob("[0-9]*/*")):
        if not path.is_file() or path.name.startswith(".") or path.suffix == ".sha256" or path.name == REPORT_NAME:
            continue
        if hash_file(path).startswith(path.name[: ORIGINAL_MARK - 1]) or path.name[ORIGINAL_MARK:] in rewritten:
            right += 1
        else:
            damaged.append(path)
    if damaged:
        said = (
            f"{count(len(damaged), 'original n’est plus celui', 'originaux ne sont plus ceux')} reçus : {damaged[0]}."
        )
        mend = "Restaurez-le depuis une sauvegarde ; le lac, vérifié à part, n'en dépend pas."
        yield Finding("Originaux", "à réparer", said, mend)
    else:
        yield Finding("Originaux", "bon", f"{count(right, 'original conservé', 'originaux conservés')}, intacts.")


def _published(home: Home) -> Iterator[Finding]:
    path = current_path(home)
    if path is None:
        yield Finding("Version publiée", "à voir", "Aucune version n'est publiée.", "passnum run")
        return
    try:
        published = read_version(path)
    except (duckdb.Error, AssertionError, OSError):
        back = next((kept for kept in version_paths(home) if kept != path and _is_readable(kept)), None)
        mend = "Reconstruisez-la : « passnum run --force »." + (
            f" La précédente se lit encore : {back}." if back else ""
        )
        yield Finding("Version publiée", "à réparer", f"{path} ne peut pas être lue.", mend)
        return
    left = builds.confirmed_files(home.lake, published.build_id)
    changed = list(no_longer(home, left))
    dated = f"Version {published.build_id}, données au {day_long(published.as_of)}"
    if not left:
        yield Finding("Version publiée", "à voir", f"{dated} : son passage n'a pas tout terminé.", "passnum run")
    elif changed:
        number = count(len(changed), "fichier a changé ou manque", "fichiers ont changé ou manquent")
        said = f"{dated} : {number} ({changed[0]})."
        yield Finding("Version publiée", "à réparer", said, "passnum run --force")
    else:
        yield Finding("Version publiée", "bon", f"{dated} ; {count(len(left), 'fichier relu', 'fichiers relus')}.")


def _history(home: Home) -> Iterator[Finding]:
    """The record and the checks of every build; one that cannot be read stops the next build."""
    known, damaged = _records(home)
    if damaged:
        said = f"{count(len(damaged), 'passage')} de l'historique ne peut pas être lu : {damaged[0]}."
        mend = "Restaurez ce dossier depuis une sauvegarde, ou mettez-le de côté hors du lac."
        yield Finding("Historique", "à réparer", said, mend)
    else:
        yield Finding("Historique", "bon", f"{count(len(known), 'passage')} en mémoire.")


def _left_overs(home: Home) -> Iterator[Finding]:
    """What a killed process was writing: nobody reads it, and the next run removes it."""
    places = (home.lake, home.archive, home.warehouse, home.reports)
    found = [path for place in places if place.is_dir() for path in place.rglob(f".*{PARTIAL_SUFFIX}")]
    if home.builds.is_dir():
        found += list(home.builds.iterdir())
    if found:
        said = f"{count(len(found), 'reste')} d'un traitement interrompu, ou en cours ({found[0]})."
        yield Finding("Restes", "à voir", said, "Le prochain passage les enlève.")
    else:
        yield Finding("Restes", "bon", "Aucun.")


def _records(home: Home) -> tuple[list[builds.BuildRecord], list[Path]]:
    """The builds kept, and the folders of those that cannot be read."""
    known, damaged = [], []
    for path in builds.kept_files(home.lake, builds.BUILD):
        try:
            record = builds.RECORD.validate_json(path.read_bytes())
        except (ValueError, OSError):
            damaged.append(path.parent)
            continue
        if (path.parent / builds.CHECKS).is_file():
            known.append(record)
        else:
            damaged.append(path.parent)
    return known, damaged


def _receipts(home: Home) -> list[Receipt]:
    """The receipts that can be read; what cannot is the lake's finding."""
    try:
        return Lake(home.lake).receipts() if home.lake.is_dir() else []
    except LakeCorruption:
        return []


def _is_readable(path: Path) -> bool:
    try:
        read_version(path)
    except (duckdb.Error, AssertionError, OSError):
        return False
    return True


def _size(octets: float) -> str:
    """« 1,2 Go »: three figures are enough to decide."""
    power = 0
    while octets >= 1000 and power < len(_UNITS) - 1:
        octets, power = octets / 1000, power + 1
    return f"{decimal(octets)} {_UNITS[power]}"
