"""Letters that a server would not take yet (greylisting, a busy or silent server), kept whole until they leave.

    envois/en-attente/<message>.json   one letter: its text, whose ledger it is in, since when it waits

A letter leaves with the next mails of any kind, and every morning: once, since its ledger is asked first. A newer
letter of the same `stream` to the same address takes its place; after GIVE_UP_DAYS it is given up, and its ledger says
so. Does not live here: sending (outbox.py), what a letter says.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from presentation.labels import LETTER
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import FAILED, GIVEN_UP, REPLACED, Ledger, Letter, send_letters
from reporting.quality.store import DamagedRecord, Entry, ledger_path, quality_folder, write_json
from warehouse.settings import Home

#: How long a mail server keeps trying: beyond, a person is to look.
GIVE_UP_DAYS = 5
_KEPT = (
    f"Il est gardé, et repart avec les prochains envois et chaque matin, {GIVE_UP_DAYS} jours au plus "
    "(« passnum report alert --send » l'essaie aussitôt)."
)
_GIVEN_UP = f"Essayé pendant {GIVE_UP_DAYS} jours sans succès : transmettez-le vous-même, ou vérifiez l'adresse."
_REPLACED = "Un courriel plus récent a pris sa place avant qu'il puisse partir."
_ASIDE = ".illisible"
_UNREADABLE = "Un courriel en attente est illisible, il est mis de côté ({aside}) : refaites l'envoi dont il vient."

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Waiting:
    """Grain: one letter that waits. `content`: the mail, in base 64; `since`: when it was first refused (UTC)."""

    ledger: str
    key: str
    to: str
    message_id: str
    stream: str
    since: datetime
    content: str

    @property
    def letter(self) -> Letter:
        return Letter(self.key, self.to, self.message_id, base64.b64decode(self.content), self.stream)


_WAITING = TypeAdapter(Waiting)


def look_at_waiting(home: Home) -> tuple[list[Waiting], list[Path]]:
    """The letters that wait, oldest first, and the files that should hold one and cannot be read. Writes nothing."""
    found, unreadable = [], []
    for path in sorted(_folder(home).glob("*.json")):
        try:
            found.append(_WAITING.validate_json(path.read_bytes()))
        except ValidationError:
            unreadable.append(path)
    return sorted(found, key=lambda one: (one.since, one.key, one.to)), unreadable


def waiting_letters(home: Home, tell: Tell = lambda _: None) -> list[Waiting]:
    """The letters that wait, oldest first. One that cannot be read is put aside, and told."""
    found, unreadable = look_at_waiting(home)
    for path in unreadable:
        aside = path.with_suffix(_ASIDE)
        path.replace(aside)
        tell(_UNREADABLE.format(aside=aside))
    return found


def why_it_waits(home: Home, one: Waiting) -> str:
    """What the server answered, as the ledger has it. Raises DamagedRecord (French)."""
    return Ledger(ledger_path(home, one.ledger)).read(one.letter).error.removesuffix(_KEPT).strip()


def put_aside(home: Home) -> list[Path]:
    """The letters that could not be read when they were to leave: nothing tries them any more."""
    return sorted(_folder(home).glob(f"*{_ASIDE}"))


def keep_what_waits(home: Home, name: str, letters: Iterable[Letter], entries: Iterable[Entry]) -> list[Entry]:
    """Keep the letters of the ledger `name` that the server would not take yet, forget the others. Returns the entries;
    those kept say so, in the ledger too."""
    ledger, now = Ledger(ledger_path(home, name)), datetime.now(UTC)
    told = []
    for letter, entry in zip(letters, entries, strict=True):
        path = _path(home, letter.message_id)
        if entry.status != FAILED:
            path.unlink(missing_ok=True)
            told.append(entry)
            continue
        if not path.exists():
            content = base64.b64encode(letter.content).decode()
            one = Waiting(name, letter.key, letter.to, letter.message_id, letter.stream, now, content)
            write_json(path, asdict(one) | {"since": now.isoformat()})
        told.append(ledger.write(replace(entry, error=f"{entry.error} {_KEPT}")))
    return told


def send_what_waits(
    home: Home, settings: MailSettings, tell: Tell, newer: Iterable[Letter] = (), now: datetime | None = None
) -> list[Entry]:
    """Try every letter that waits once more; those whose place a `newer` one takes are dropped. Returns their entries.

    The caller holds the lock of the reports (store.one_at_a_time). Raises MailError, MailSettingsError (French).
    """
    at = now or datetime.now(UTC)
    places = {(letter.stream, letter.to): letter.key for letter in newer if letter.stream}
    waiting = waiting_letters(home, tell)
    found = []
    for name in dict.fromkeys(one.ledger for one in waiting):
        try:
            ledger = Ledger(ledger_path(home, name))
        except DamagedRecord as error:
            tell(str(error))
            continue
        mine = [one for one in waiting if one.ledger == name]
        stale = [one for one in mine if places.get((one.stream, one.to), one.key) != one.key]
        for one in stale:
            ledger.write(replace(ledger.read(one.letter), status=REPLACED, error=_REPLACED))
        owed = [one for one in mine if one not in stale and ledger.read(one.letter).status == FAILED]
        # One connection, one attempt: the next sending is another.
        once = settings.model_copy(update={"attempts": 1})
        entries = send_letters([one.letter for one in owed], once, ledger, tell) if owed else []
        for one, entry in zip(owed, entries, strict=True):
            if entry.status == FAILED:
                late = at - one.since > timedelta(days=GIVE_UP_DAYS)
                status, more = (GIVEN_UP, _GIVEN_UP) if late else (FAILED, _KEPT)
                ledger.write(replace(entry, status=status, error=f"{entry.error} {more}"))
        for one in mine:
            entry = ledger.read(one.letter)
            if entry.status != FAILED:
                _path(home, one.message_id).unlink(missing_ok=True)
            tell(f"Courriel en attente pour {one.to} : {entry.error or LETTER[entry.status]}")
            found.append(entry)
    return found


def _folder(home: Home) -> Path:
    return quality_folder(home) / "envois" / "en-attente"


def _path(home: Home, message_id: str) -> Path:
    return _folder(home) / f"{hashlib.sha256(message_id.encode()).hexdigest()[:32]}.json"
