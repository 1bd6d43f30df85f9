"""Whether what a home keeps is still what was written: lake, archive, published version, history, issued documents.

`passnum verify` asks for this alone, `passnum doctor` beside the rest, `passnum backup` before it copies. Reads only.
Does not live here: what a machine is like (doctor.py), what a seal is (ingestion/receipt.py, reporting/files).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from ingestion.delivery import IngestionError
from ingestion.identifier_rule import refuse_other_rule
from ingestion.lake import Lake, LakeCorruption
from ingestion.receipt import Receipt, hash_file
from ingestion.vault import ORIGINAL_MARK, REPORT_NAME, flat_name
from orchestration.deciding import no_longer
from presentation.french import count, day_long, in_paris
from presentation.sentences import PUT_BACK
from presentation.system_errors import explain_error
from reporting.figures.period import PeriodError
from reporting.files.editions import MANIFEST, altered, editions
from reporting.mandate.closing import closed_years
from warehouse.published import builds
from warehouse.published.held import HeldUnreadable, find_held
from warehouse.published.originals import containers
from warehouse.published.versions import current_path, read_version, version_paths
from warehouse.settings import Home

State = Literal["bon", "à voir", "à réparer"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `said`: what was seen; `mend`: what to do, empty where all is well (both French)."""

    subject: str
    state: State
    said: str
    mend: str = ""


_MEND = f"{PUT_BACK[0].upper()}{PUT_BACK[1:]}."
#: A subject and what looks at it.
Part = tuple[str, Callable[[], Iterator[Finding]]]


def verify_home(home: Home) -> list[Finding]:
    """Everything that is kept, verified."""
    return look_at(parts(home))


def parts(home: Home) -> list[Part]:
    """What is kept, in the order in which one would mend it."""
    return [
        ("Lac", lambda: _lake(home)),
        ("Originaux", lambda: _originals(home)),
        ("Version publiée", lambda: _published(home)),
        ("Historique", lambda: _history(home)),
        ("Documents émis", lambda: _documents(home)),
    ]


def look_at(parts: list[Part]) -> list[Finding]:
    """Every finding; one part that cannot be looked at is a finding, and hides no other."""
    found: list[Finding] = []
    for subject, look in parts:
        try:
            found += look()
        except (OSError, ValueError, duckdb.Error) as error:
            mend = "Réparez ce que dit le système, puis relancez « passnum doctor »."
            found.append(Finding(subject, "à réparer", f"Rien n'a pu être vérifié : {explain_error(error)}.", mend))
    return found


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
    rewritten = {flat_name(name) for r in receipts(home) if r.original for name in containers(r.file_name)}
    damaged, right = [], 0
    for path in sorted(home.archive.glob("[0-9]*/*")):
        if not path.is_file() or path.name.startswith(".") or path.suffix == ".sha256" or path.name == REPORT_NAME:
            continue
        if hash_file(path).startswith(path.name[: ORIGINAL_MARK - 1]) or path.name[ORIGINAL_MARK:] in rewritten:
            right += 1
        else:
            damaged.append(path)
    if not damaged and (lost := _lost_originals(home)):
        said = f"{count(len(lost), 'original manque', 'originaux manquent')} dans l'archive : {lost[0]}."
        mend = f"{_MEND} Le lac, vérifié à part, n'en dépend pas."
        yield Finding("Originaux", "à voir", said, mend)
        return
    yield _judge(
        "Originaux",
        f"{count(right, 'original intact', 'originaux intacts')}.",
        damaged,
        count(len(damaged), "original n’est plus celui reçu", "originaux ne sont plus ceux reçus"),
        f"{_MEND} Le lac, vérifié à part, n'en dépend pas.",
    )


def _lost_originals(home: Home) -> list[str]:
    """Files loaded whose original is gone, and was not purged: a purge takes whole days, oldest first.

    A member of a ZIP or of a workbook has no original of its own.
    """
    days = [path.name for path in home.archive.glob("[0-9]*-*-*") if any(path.iterdir())]
    there = {path.name[: ORIGINAL_MARK - 1] for path in home.archive.glob("[0-9]*/*")}
    alone = [one for one in receipts(home) if not one.original and "/" not in one.file_name]
    kept = [one for one in alone if days and in_paris(one.received_at).date().isoformat() >= min(days)]
    return [one.file_name for one in kept if one.sha256[: ORIGINAL_MARK - 1] not in there]


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
    held, unreadable = None, ""
    try:
        held = find_held(home)
    except HeldUnreadable as error:
        unreadable = str(error)
    if builds.has_damaged_confirmation(home.lake, published.build_id):
        said = f"{dated} : « {builds.CONFIRMED} », qui dit ce que son passage a laissé, est abîmé."
        mend = f"passnum rollback {published.build_id}" if held or unreadable else "passnum run"
        yield Finding("Version publiée", "à réparer", said, mend)
    elif not left:
        yield Finding("Version publiée", "à voir", f"{dated} : son passage n'a pas tout terminé.", "passnum run")
    elif changed:
        number = count(len(changed), "fichier a changé ou manque", "fichiers ont changé ou manquent")
        said = f"{dated} : {number} ({changed[0]})."
        lost = (held or unreadable) and path in changed  # nothing is built while it is held
        mend = "passnum rollback --release, puis passnum run" if lost else "passnum run --force"
        yield Finding("Version publiée", "à réparer", said, mend)
    else:
        yield Finding("Version publiée", "bon", f"{dated} ; {count(len(left), 'fichier relu', 'fichiers relus')}.")
    if unreadable:
        yield Finding("Version maintenue", "à réparer", "Le maintien est abîmé.", unreadable)
    elif held is not None and held.build_id != published.build_id:
        said = "Le retour en arrière s'est arrêté avant la fin."
        yield Finding("Version maintenue", "à réparer", said, f"passnum rollback {held.build_id}")
    elif held is not None:
        yield Finding("Version maintenue", "à voir", held.sentence, "passnum rollback --release")


def _history(home: Home) -> Iterator[Finding]:
    """The record and the checks of every build; a damaged one is passed over by the next build."""
    known, damaged = records(home)
    yield _judge(
        "Historique",
        f"{count(len(known), 'passage')} en mémoire.",
        damaged,
        f"{count(len(damaged), 'passage')} de l'historique ne peut pas être lu",
        f"{_MEND} Sinon, mettez ce dossier de côté, hors du lac.",
    )


def _documents(home: Home) -> Iterator[Finding]:
    """Frozen editions against their manifests, and the closing of each account against its edition's."""
    issued = [one for folder in _edition_folders(home) for one in editions(folder)]
    damaged = [one.folder / altered(one)[0] for one in issued if altered(one)]
    try:
        for closing in closed_years(home).values():
            if closing.has_snapshot:
                closing.read()
    except PeriodError as error:
        yield Finding(
            "Documents émis", "à réparer", "L'arrêté d'un compte n'est plus celui qui a été écrit.", str(error)
        )
    yield _judge(
        "Documents émis",
        f"{count(len(issued), 'édition relue', 'éditions relues')}.",
        damaged,
        count(len(damaged), "édition n’est plus celle émise", "éditions ne sont plus celles émises"),
        f"{_MEND} Une édition émise ne se réécrit pas.",
    )


def _judge(subject: str, well: str, damaged: Sequence[Path], how: str, mend: str) -> Finding:
    """`well` is said where nothing is damaged; else `how` it is, of the first one, and its remedy."""
    if damaged:
        return Finding(subject, "à réparer", f"{how} : {damaged[0]}.", mend)
    return Finding(subject, "bon", well)


def _edition_folders(home: Home) -> set[Path]:
    return {path.parents[1] for path in home.reports.rglob(f"edition-*/{MANIFEST}")}


def records(home: Home) -> tuple[list[builds.BuildRecord], list[Path]]:
    """The builds kept, and the folders of those that are not as they were written."""
    return builds.load(home.lake), builds.damaged(home.lake)


def receipts(home: Home) -> list[Receipt]:
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
