"""Sends mails by SMTP, each once: who was sent what is written before and after.

    new ──▶ en_cours (written just before the text leaves) ──▶ envoye
                 │ the server answered no: nothing left ──▶ echec (may be tried again) or refuse
                 └ no answer, or this process was killed ──▶ incertain: never sent again by itself

Lives here: the connection, retries, the ledger. Does not live here: what a mail says (letters.py), the settings.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from reporting.quality.mail_settings import MailSettings, MailSettingsError
from reporting.quality.store import Entry, read_ledger, write_json

NEW, SENDING, SENT, FAILED, REFUSED, UNCERTAIN = "nouveau", "en_cours", "envoye", "echec", "refuse", "incertain"
#: Of a letter that waited (waiting.py): given up after some days, or a newer one took its place.
GIVEN_UP, REPLACED = "abandonne", "remplace"
LONGEST_WAIT_SECONDS = 300.0


class MailError(Exception):
    """A mail could not leave; the French message says why and what to do."""


class _Temporary(MailError):
    """Worth trying again: the server is silent or busy."""


class _WrongRecipient(MailError):
    """The server refuses this address; the others may still receive theirs."""


@dataclass(frozen=True)
class Letter:
    """One mail to one address, ready to leave. `key` names it for ever: two letters of one key are the same mail.

    `stream`: what it is an edition of; a newer one takes the place of one that still waits. Empty: nothing does.
    """

    key: str
    to: str
    message_id: str
    content: bytes
    stream: str = ""


class Ledger:
    """Who was sent what, in one JSON file readable by its owner alone, replaced atomically at every change.

    Raises DamagedRecord (French) where that file can no longer be read: nothing is sent by guess.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries = {(entry.key, entry.to): entry for entry in read_ledger(path)}

    def entries(self) -> list[Entry]:
        """Every letter that was ever tried, as it stands."""
        return [_as_it_stands(entry) for entry in self._entries.values()]

    def read(self, letter: Letter) -> Entry:
        """The entry of a letter; a new one when it was never tried. What was under way when a process died is
        uncertain: it may have arrived."""
        entry = self._entries.get((letter.key, letter.to)) or Entry(letter.key, letter.to, NEW)
        return _as_it_stands(entry)

    def write(self, entry: Entry) -> Entry:
        """Keep the entry, durably, before anything else happens."""
        stamped = replace(entry, at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._entries[(entry.key, entry.to)] = stamped
        write_json(self.path, [asdict(one) for one in self._entries.values()])
        return stamped


def _as_it_stands(entry: Entry) -> Entry:
    return replace(entry, status=UNCERTAIN) if entry.status == SENDING else entry


def send_letters(
    letters: list[Letter], settings: MailSettings, ledger: Ledger, tell: Callable[[str], None] = lambda _: None
) -> list[Entry]:
    """Send each letter that never left. Returns the entry of every letter; raises MailError when nothing can leave.

    A silent or busy server is tried `settings.attempts` times in all, waiting four times longer each time. A refused
    address does not stop the others. A letter that was sent, or may have been, is left alone.
    """
    settings.require_sending()
    known = {letter: ledger.read(letter) for letter in letters}
    for letter, entry in known.items():
        if entry.status == UNCERTAIN:
            known[letter] = ledger.write(replace(entry, error=_UNCERTAIN))
    waiting = [letter for letter, entry in known.items() if entry.status in {NEW, FAILED, REFUSED, GIVEN_UP}]
    wait, attempt, last = settings.first_wait_seconds, 0, None
    while waiting and attempt < settings.attempts:
        if attempt:
            tell(f"{last} Nouvel essai dans {wait:g} s ({attempt + 1} sur {settings.attempts}).")
            time.sleep(wait)
            wait = min(wait * 4, LONGEST_WAIT_SECONDS)
        attempt += 1
        try:
            with _connect(settings) as server:
                for letter in list(waiting):
                    known[letter] = _send_one(server, letter, settings, ledger, known[letter])
                    if known[letter].status != FAILED:
                        waiting.remove(letter)
                    else:
                        last = MailError(known[letter].error)
        except _Temporary as error:
            last = error
            for letter in waiting:
                # Of the letter that was leaving, only the ledger knows how far it went.
                known[letter] = ledger.read(letter)
                if known[letter].status in {NEW, FAILED, REFUSED, GIVEN_UP}:
                    known[letter] = ledger.write(replace(known[letter], status=FAILED, error=str(error)))
            waiting = [letter for letter in waiting if known[letter].status == FAILED]
    return [known[letter] for letter in letters]


_UNCERTAIN = (
    "L'envoi a été interrompu : le courriel est peut-être arrivé. Il n'est pas renvoyé, pour ne pas le donner deux "
    "fois ; demandez au destinataire, ou transmettez-lui le fichier vous-même."
)


def _send_one(server: smtplib.SMTP, letter: Letter, settings: MailSettings, ledger: Ledger, entry: Entry) -> Entry:
    entry = replace(entry, attempts=entry.attempts + 1, message_id=letter.message_id, error="")
    with _explained(settings):
        _answer(server.mail(settings.sender_address), f"l'adresse d'expédition {settings.sender_address}", server)
        try:
            _answer(server.rcpt(letter.to), f"l'adresse {letter.to}", server, _WrongRecipient)
        except _WrongRecipient as error:
            return ledger.write(replace(entry, status=REFUSED, error=str(error)))
        except _Temporary as error:
            return ledger.write(replace(entry, status=FAILED, error=str(error)))
    entry = ledger.write(replace(entry, status=SENDING))
    told: bytes | str
    try:
        code, told = server.data(letter.content)
    except smtplib.SMTPDataError as error:
        code, told = error.smtp_code, error.smtp_error
    except (OSError, smtplib.SMTPException) as error:
        ledger.write(replace(entry, status=UNCERTAIN, error=_UNCERTAIN))
        raise _Temporary(f"Le serveur {settings.server} s'est tu pendant l'envoi ({error}).") from error
    if code == 250:
        return ledger.write(replace(entry, status=SENT))
    # The server answered that it did not take the text: nothing left.
    _reset(server)
    status = FAILED if 400 <= code < 500 else REFUSED
    return ledger.write(replace(entry, status=status, error=f"Le serveur refuse le courriel ({code} {_text(told)})."))


def _answer(reply: tuple[int, bytes], what: str, server: smtplib.SMTP, refused: type[MailError] = MailError) -> None:
    code, told = reply
    if code in {250, 251}:
        return
    _reset(server)
    said = f"Le serveur refuse {what} ({code} {_text(told)})."
    if 400 <= code < 500:
        raise _Temporary(said)
    raise refused(f"{said} Vérifiez-la dans les réglages des courriels.")


def _reset(server: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPServerDisconnected):
        server.rset()


@contextlib.contextmanager
def _connect(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    """An open, encrypted, signed-in connection."""
    with _explained(settings):
        server = _open(settings)
        server.ehlo_or_helo_if_needed()
        if settings.user:
            server.login(settings.user, settings.password())
    try:
        yield server
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()


def _open(settings: MailSettings) -> smtplib.SMTP:
    if settings.security == "none":
        return smtplib.SMTP(settings.server, settings.port, timeout=settings.timeout_seconds)
    authority = settings.ca_path()
    try:
        tls = ssl.create_default_context(cafile=str(authority) if authority else None)
    except (OSError, ssl.SSLError):
        raise MailSettingsError(f"Certificat de l'autorité illisible : {authority} (« ca_file »).") from None
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.server, settings.port, timeout=settings.timeout_seconds, context=tls)
    server = smtplib.SMTP(settings.server, settings.port, timeout=settings.timeout_seconds)
    try:
        server.starttls(context=tls)
    except BaseException:
        server.close()
        raise
    return server


@contextlib.contextmanager
def _explained(settings: MailSettings) -> Iterator[None]:
    """What smtplib raises, as a French sentence; temporary when trying again may help."""
    place = f"{settings.server}, port {settings.port}"
    try:
        yield
    except (MailError, MailSettingsError):
        raise
    except smtplib.SMTPAuthenticationError as error:
        if 400 <= error.smtp_code < 500:
            raise _Temporary(f"Le serveur {place} ne peut pas identifier maintenant ({error.smtp_code}).") from error
        raise MailError(
            f"Le serveur {place} refuse l'identification de « {settings.user} » ({error.smtp_code}). "
            f"Vérifiez « user » et le fichier du mot de passe dans {settings.path}."
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        what = "STARTTLS" if "STARTTLS" in str(error) else "l'identification"
        raise MailError(
            f"Le serveur {place} ne propose pas {what}. Vérifiez « port » et « security » dans {settings.path}."
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise MailError(
            f"Le certificat du serveur {place} n'est pas reconnu ({error.verify_message}). Vérifiez « server » ; "
            "pour une autorité interne, indiquez son certificat dans « ca_file »."
        ) from error
    except ssl.SSLError as error:
        raise MailError(
            f"Le serveur {place} ne parle pas TLS comme demandé ({error.reason}). Vérifiez « port » et « security » : "
            "587 va avec starttls, 465 avec tls."
        ) from error
    except socket.gaierror as error:
        raise _Temporary(
            f"Le serveur de courriel {settings.server} est introuvable. Vérifiez « server » dans {settings.path}, "
            "et le réseau."
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise _Temporary(
            f"Le serveur de courriel {place} ne répond pas ({told}). Vérifiez « server », « port » et le réseau."
        ) from error


def _text(told: bytes | str) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
