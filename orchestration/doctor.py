"""What is wrong, or soon will be, with a home and the machine it is on: every finding with its remedy. Reads only.

Nothing is created, mended or locked for longer than a look: whoever asks may not be able to write. Does not live here:
printing it (commands/doctor.py), what was kept and how it is verified (integrity.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dashboards.access import AccessError, access_path, load_access
from ingestion.lake import LakeCorruption
from ingestion.landing import LandingUnreadable, list_arrivals
from ingestion.locking import LOCK_NAME, HomeIsBusy, home_lock
from ingestion.secret import SecretError, fingerprint, load_secret, secret_path
from orchestration import integrity
from orchestration.integrity import Finding, Part, look_at, receipts, records
from orchestration.sharing import look_at_shared_lake
from presentation.french import count, instant_long, percent, size
from programme.config import load_programme
from programme.errors import ProgrammeError
from reporting.quality.alert import SET_CLOCK, is_clock_behind, tell_clock
from reporting.quality.mail_settings import MailSettingsError, find_mail_file, load_mail_settings
from reporting.quality.store import DamagedRecord
from reporting.quality.waiting import GIVE_UP_DAYS, look_at_waiting, put_aside, why_it_waits
from storage.disk import FULL_SHARE, disk_of
from warehouse.build.left_overs import find_left_overs
from warehouse.build.room import room_needed
from warehouse.published.last_backup import find_last_backup
from warehouse.published.unmasked import find_unmasked
from warehouse.published.versions import current_path
from warehouse.settings import ClosedHome, Home

_LIBRARIES = ("duckdb", "polars", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "streamlit")
_LOCK_FILE = Path(__file__).resolve().parents[1] / "requirements.lock"


def examine(home: Home, programme_folder: Path | None = None, now: datetime | None = None) -> list[Finding]:
    """Everything that can be looked at without writing, in the order in which one would mend it.

    One part that cannot be looked at is a finding, and hides no other. `now`: UTC without zone, the machine's clock
    unless told.
    """
    instant = now or datetime.now(UTC).replace(tzinfo=None)
    parts: list[Part] = [
        ("Logiciels", lambda: _software(home)),
        ("Disque", lambda: _disk(home)),
        ("Horloge", lambda: _clock(home, instant)),
        ("Droits", lambda: _rights(home)),
        ("Secret", lambda: _secret(home)),
        ("Réglages", lambda: _settings(programme_folder)),
        ("Courriels", lambda: _mails(programme_folder)),
        ("Courriels en attente", lambda: _letters(home, instant)),
        ("Accès aux pages", lambda: _access(home)),
        ("Verrous", lambda: _locks(home)),
        ("Zone de dépôt", lambda: _landing(home)),
        *integrity.parts(home),
        ("Valeurs masquées", lambda: _unmasked(home)),
        *look_at_shared_lake(home, programme_folder),
        ("Sauvegarde", lambda: _backup(home, instant)),
        ("Restes", lambda: _left_overs(home)),
    ]
    return look_at(parts)


def _software(home: Home) -> Iterator[Finding]:
    """The libraries against the versions that were locked: another one may compute, or write, otherwise."""
    try:
        home.read_format()
    except ClosedHome as error:
        yield Finding("Logiciels", "à réparer", "Ce dossier de données ne peut pas servir tel quel.", str(error))
        return
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
    share, free = disk_of(home.root)
    needed = room_needed(home)
    said = f"{size(free)} libres, {percent(share, 0)} occupés ; un passage demande environ {size(needed)}."
    if free < needed:
        yield Finding(
            "Disque",
            "à réparer",
            said,
            "Libérez de la place avant le prochain passage : « passnum prune », puis « passnum purge ».",
        )
    elif share > FULL_SHARE:
        yield Finding("Disque", "à voir", said, "Le disque se remplit : « passnum prune », ou un disque plus grand.")
    else:
        yield Finding("Disque", "bon", said)


def _clock(home: Home, now: datetime) -> Iterator[Finding]:
    """An instant of the home that is still to come: the clock was put back, or was wrong then."""
    known = [receipt.received_at.replace(tzinfo=None) for receipt in receipts(home)]
    known += [record.finished_at for record in records(home)[0]]
    latest = max(known, default=None)
    if latest and is_clock_behind(now, latest):
        yield Finding(
            "Horloge", "à réparer",
            f"{tell_clock(now, latest)}.",
            f"{SET_CLOCK} avant le prochain passage.",
        )  # fmt: skip
    else:
        yield Finding("Horloge", "bon", f"{instant_long(now)} (heure de Paris).")


def _rights(home: Home) -> Iterator[Finding]:
    if not home.root.exists():
        yield Finding("Droits", "à réparer", f"{home.root} n'existe pas.", "Désignez le dossier de données (--home).")
        return
    if not home.root.is_dir():
        yield Finding("Droits", "à réparer", f"{home.root} est un fichier.", "Désignez le dossier de données (--home).")
        return
    closed = [path for path in (home.root, home.lake, home.warehouse) if path.exists() and not os.access(path, os.W_OK)]
    if closed and os.statvfs(home.root).f_flag & os.ST_RDONLY:
        said = f"Le disque de {home.root} est monté en lecture seule."
        mend = (
            "Cherchez pourquoi (« journalctl -k » ; un disque qui faiblit est souvent refermé par le système), puis "
            "remontez-le : « mount -o remount,rw »."
        )
        yield Finding("Droits", "à réparer", said, mend)
    elif closed:
        said = f"Vous ne pouvez pas écrire dans {', '.join(map(str, closed))}."
        yield Finding("Droits", "à réparer", said, "Rendez-vous en propriétaire (chown), ou lancez sous son compte.")
    elif home.is_shared:
        said = "D'autres personnes de cette machine peuvent entrer dans le dossier de données."
        yield Finding("Droits", "à réparer", said, f"chmod 700 {home.root}")
    else:
        yield Finding("Droits", "bon", "Le dossier de données n'est lisible que de son propriétaire.")


def _secret(home: Home) -> Iterator[Finding]:
    path = secret_path()
    marks = {receipt.secret_fingerprint for receipt in receipts(home)} - {None}
    if not path.exists():
        said = f"Le secret des pseudonymes n'est pas à sa place ({path})."
        if marks:
            mend = (
                "Rétablissez-le depuis sa sauvegarde ; sans lui, plus aucun fichier n'est lu (docs/procedures.md, 7)."
            )
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


def _mails(folder: Path | None) -> Iterator[Finding]:
    """What would keep a failure from being told: nothing is sent here, and no server is asked."""
    path = find_mail_file(folder)
    try:
        mail = load_mail_settings(path)
        if mail.is_configured:
            mail.require_sending()
        if mail.user:
            mail.password()
    except MailSettingsError as error:
        said = "Aucun courriel ne peut partir : personne ne serait prévenu d'un passage qui échoue."
        yield Finding("Courriels", "à réparer", said, str(error))
        return
    if not mail.is_configured:
        said = "Aucun serveur n'est réglé : personne n'est prévenu d'un passage qui échoue."
        yield Finding("Courriels", "à voir", said, f"Remplissez {path} (docs/rapport-qualite.md).")
    elif not mail.recipients.alerte:
        said = "Aucune adresse ne reçoit les alertes : personne n'est prévenu d'un passage qui échoue."
        yield Finding("Courriels", "à voir", said, f"Remplissez « alerte », sous « recipients », dans {path}.")
    else:
        told = count(len(mail.recipients.alerte), "adresse reçoit", "adresses reçoivent")
        yield Finding("Courriels", "bon", f"Par {mail.server} ; {told} les alertes.")


def _letters(home: Home, now: datetime) -> Iterator[Finding]:
    """Letters that a server would not take yet: whoever does not receive theirs must be known before they complain."""
    subject = "Courriels en attente"
    letters, unreadable = look_at_waiting(home)
    if lost := [*unreadable, *put_aside(home)]:
        said = f"{count(len(lost), 'courriel gardé est illisible', 'courriels gardés sont illisibles')} ({lost[0]})."
        yield Finding(subject, "à voir", said, "Refaites l'envoi dont il vient, puis effacez ce fichier.")
    if not letters:
        if not lost:
            yield Finding(subject, "bon", "Aucun.")
        return
    since = letters[0].since.replace(tzinfo=None)
    try:
        why = why_it_waits(home, letters[0])
    except DamagedRecord as error:
        yield Finding(subject, "à réparer", "Le registre de courriels qui attendent est abîmé.", str(error))
        return
    people = count(len({one.to for one in letters}), "personne", "personnes")
    waiting = count(len(letters), "courriel attend", "courriels attendent")
    said = f"{waiting} de partir, pour {people} ; le plus ancien depuis le {instant_long(since)}. {why}".rstrip()
    until = since + timedelta(days=GIVE_UP_DAYS)
    at_once = "« passnum report alert --send » essaie aussitôt."
    if now > until + timedelta(days=1):  # a morning at least has passed, that would have given it up
        mend = f"Plus rien ne les essaie : la planification (« passnum serve ») tourne-t-elle ? {at_once}"
        yield Finding(subject, "à réparer", said, mend)
    else:
        mend = (
            f"Essayés à chaque envoi et tous les matins, pendant {GIVE_UP_DAYS} jours (pour le plus ancien, jusqu'au "
            f"{instant_long(until)}) ; {at_once}"
        )
        yield Finding(subject, "à voir", said, mend)


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
        if not os.access(folder / LOCK_NAME, os.W_OK):
            said = "Sans pouvoir écrire, on ne sait pas si un traitement est en cours."
            yield Finding("Verrous", "à voir", said, "Réparez d'abord « Droits », puis relancez « passnum doctor ».")
            return
        try:
            with home_lock(folder):
                pass
        except HomeIsBusy as error:
            yield Finding("Verrous", "à voir", f"{what} est en cours.", str(error))
            return
    yield Finding("Verrous", "bon", "Rien n'est en cours.")


def _landing(home: Home) -> Iterator[Finding]:
    """Where files are dropped: not mounted, or closed to us, nothing new is ever read."""
    if not home.lake.is_dir():
        yield Finding("Zone de dépôt", "bon", "Le premier passage la crée.")
        return
    try:
        waiting, _ = list_arrivals(home.landing, 0)
    except LandingUnreadable as error:
        yield Finding("Zone de dépôt", "à réparer", "Aucun fichier ne peut être lu.", str(error))
        return
    yield Finding("Zone de dépôt", "bon", f"{count(len(waiting), 'fichier')} en attente dans {home.landing}.")


def _unmasked(home: Home) -> Iterator[Finding]:
    """Versions from before the masking rule keep raw values of rejects; the lake masks its own at the next run."""
    try:
        found = find_unmasked(home)
    except LakeCorruption:  # the lake's own finding
        return
    if not found:
        yield Finding("Valeurs masquées", "bon", "Aucune version ne garde de valeur d'avant le masquage.")
        return
    dates = [path.stem.removeprefix("passnum-asof-") for path in found if path.parent == home.as_of_versions]
    steps = ["« passnum run --force » publie une version masquée"] if current_path(home) in found else []
    steps += [f"« passnum run --as-of {one} » refait celle du {one}" for one in dates]
    if len(found) > len(dates):
        steps.append("« passnum prune --keep 1 --yes » efface les versions d'avant (levez d'abord un maintien)")
    said = (
        f"{count(len(found), 'version garde', 'versions gardent')} des valeurs rejetées ou des noms de fichiers "
        f"d'avant le masquage des données personnelles ({', '.join(sorted(path.stem for path in found))})."
    )
    yield Finding("Valeurs masquées", "à réparer", said, f"{' ; '.join(steps)}.")


def _backup(home: Home, now: datetime) -> Iterator[Finding]:
    last = find_last_backup(home)
    mend = "passnum backup --out DOSSIER (un autre disque)"
    if last is None:
        yield Finding("Sauvegarde", "à voir", "Aucune sauvegarde n'a été faite par passnum.", mend)
    elif last.is_late(now):
        yield Finding("Sauvegarde", "à voir", f"La dernière date du {instant_long(last.at)} : {last.folder}.", mend)
    else:
        yield Finding("Sauvegarde", "bon", f"Faite le {instant_long(last.at)} : {last.folder}.")


def _left_overs(home: Home) -> Iterator[Finding]:
    """What a killed process was writing: nobody reads it, and the next run removes it."""
    if found := find_left_overs(home):
        said = f"{count(len(found), 'reste')} d'un traitement interrompu, ou en cours ({found[0]})."
        yield Finding("Restes", "à voir", said, "Le prochain passage les enlève.")
    else:
        yield Finding("Restes", "bon", "Aucun.")
