"""The mail settings, read and checked: server, security, account, sender, who receives which edition.

The file is programme/mail.yaml, that of the programme's folder in use, or the one PASSNUM_MAIL names. Does not live
here: composing and sending.
"""

from __future__ import annotations

import os
import re
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from programme.config import PROJECT_FOLDER, folder_in_force
from programme.models import MAILBOX_PATTERN
from reporting.quality.editions import Edition
from reporting.quality.wording import APTIC, LIEU, MGP, PRESCRIBER
from storage.private import SecretRefused, read_secret

MAIL_VARIABLE = "PASSNUM_MAIL"
FILE_NAME = "mail.yaml"
_ADDRESS = re.compile(MAILBOX_PATTERN)
#: Structures were written here once: one list of addresses is enough.
_MOVED = (PRESCRIBER, LIEU)
_MOVE_TO = (
    "les adresses des lieux et des prescripteurs sont dans correspondants.csv, une ligne par adresse "
    "(structure,courriel,nom) : déplacez-les, puis retirez ce réglage"
)
#: Without these a recipient would not know whom to answer: nothing is sent.
_ANSWERS = {
    "contact": "la personne ou le service à qui répondre",
    "reply_to": "l'adresse où arrivent les réponses",
}


class MailSettingsError(ValueError):
    """The settings cannot be used; the French message names the file, the setting and what is expected."""


def _check_address(value: str) -> str:
    if not _ADDRESS.match(value):
        raise ValueError("adresse électronique impossible")
    return value


def _check_sender(value: str) -> str:
    if value and not _ADDRESS.match(parseaddr(value)[1]):
        raise ValueError("adresse électronique impossible")
    return _check_line(value)


def _check_line(value: str) -> str:
    if any(ord(letter) < 32 for letter in value):
        raise ValueError("caractère de contrôle")
    return value


Mailbox = Annotated[str, AfterValidator(_check_address)]
Text = Annotated[str, AfterValidator(_check_line)]
Sender = Annotated[str, AfterValidator(_check_sender)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True)


class Recipients(_Strict):
    """Which team receives which edition. The lieux and the prescribers are in correspondants.csv (addressees.py)."""

    complet: list[Mailbox] = []
    mgp: Annotated[list[Mailbox], Field(alias=MGP)] = []
    aptic: Annotated[list[Mailbox], Field(alias=APTIC)] = []
    alerte: list[Mailbox] = []

    def by_edition(self) -> dict[Edition, list[str]]:
        """The editions a team receives, and their addresses, each once."""
        found = {Edition(): self.complet, Edition(MGP): self.mgp, Edition(APTIC): self.aptic}
        return {edition: list(dict.fromkeys(boxes)) for edition, boxes in found.items() if boxes}


class MailSettings(_Strict):
    """How mails leave. `server` empty = nothing is ever sent."""

    server: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    user: str = ""
    password_file: str = ""
    sender: Sender = ""
    reply_to: Sender = ""
    contact: Text = ""
    contact_phone: Text = ""
    answer_days: Annotated[int, Field(ge=1, le=90)] = 15
    attempts: Annotated[int, Field(ge=1, le=10)] = 4
    first_wait_seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    all_is_well: bool = False
    recipients: Recipients = Recipients()
    path: Path = Path(FILE_NAME)

    @property
    def is_configured(self) -> bool:
        """Whether a server is given: without one, reports are written and not sent."""
        return bool(self.server)

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def sender_header(self) -> Address:
        return _header(self.sender)

    @property
    def reply_header(self) -> Address:
        return _header(self.reply_to)

    @property
    def contact_line(self) -> str:
        """Who answers, and where: « Direction du numérique, pass@metropole.example, 01 23 45 67 89 »."""
        return ", ".join(filter(None, [self.contact, parseaddr(self.reply_to)[1], self.contact_phone]))

    def require_sending(self) -> None:
        """Raises MailSettingsError when nothing could leave with these settings."""
        if not self.server:
            raise MailSettingsError(
                f"Aucun serveur de courriel n'est indiqué : remplissez « server » et « sender » dans {self.path} "
                f"(ou dans le fichier que nomme {MAIL_VARIABLE}). Le rapport est écrit, il n'est pas envoyé."
            )
        if not self.sender:
            raise MailSettingsError(f"{self.path} : remplissez « sender », l'adresse d'expédition des courriels.")
        lacking = [f"« {name} », {what}" for name, what in _ANSWERS.items() if not getattr(self, name)]
        if lacking:
            raise MailSettingsError(
                f"{self.path} : remplissez {' et '.join(lacking)}. Sans personne à qui répondre, aucun courriel ne "
                "part."
            )
        if self.user and self.security == "none":
            raise MailSettingsError(
                f"{self.path} : avec « security: none », le mot de passe de « {self.user} » circulerait en clair. "
                "Choisissez starttls ou tls, ou laissez « user » vide."
            )

    def password(self) -> str:
        """The password, read from its file when it is needed. Raises MailSettingsError (French)."""
        if not self.password_file:
            raise MailSettingsError(f"{self.path} : « user » est rempli ; indiquez aussi « password_file ».")
        path = self._beside(self.password_file)
        try:
            return read_secret(path, "Le fichier du mot de passe").decode()
        except SecretRefused as error:
            raise MailSettingsError(str(error)) from None
        except UnicodeDecodeError:
            raise MailSettingsError(f"Fichier du mot de passe illisible ({path}) : texte UTF-8 attendu.") from None
        except OSError as error:
            raise MailSettingsError(f"Fichier du mot de passe illisible ({path}) : {error.strerror}.") from None

    def ca_path(self) -> Path | None:
        """The certificate of the internal authority, None for the public ones."""
        return self._beside(self.ca_file) if self.ca_file else None

    def _beside(self, name: str) -> Path:
        return (self.path.parent / Path(name).expanduser()).resolve()


def _header(written: str) -> Address:
    name, box = parseaddr(written)
    user, _, domain = box.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)


def find_mail_file(programme_folder: Path | None = None) -> Path:
    """PASSNUM_MAIL, else mail.yaml of the programme's folder, else the project's."""
    if os.environ.get(MAIL_VARIABLE):
        return Path(os.environ[MAIL_VARIABLE]).expanduser()
    own = folder_in_force(programme_folder) / FILE_NAME
    return own if own.exists() else PROJECT_FOLDER / FILE_NAME


def load_mail_settings(path: Path | None = None) -> MailSettings:
    """The settings of `path`, else of `find_mail_file`. Raises MailSettingsError naming every mistake, in French."""
    path = path or find_mail_file()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise MailSettingsError(f"Réglages des courriels introuvables : {path}.") from None
    except (OSError, UnicodeDecodeError):
        raise MailSettingsError(f"Réglages des courriels illisibles : {path} (texte UTF-8 attendu).") from None
    except yaml.MarkedYAMLError as error:
        line = f", ligne {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise MailSettingsError(
            f"{path}{line} : écriture YAML incorrecte (« nom: valeur », sans tabulation)."
        ) from None
    if not isinstance(content, dict):
        raise MailSettingsError(f"{path} : écrivez « nom: valeur », un réglage par ligne.")
    try:
        return MailSettings.model_validate({**_without_blanks(content), "path": path.resolve()})
    except ValidationError as error:
        told = [f"  - {_where(item['loc'])} : {_expected(item)}" for item in error.errors()]
        raise MailSettingsError("\n".join([f"Les réglages des courriels ({path}) sont à corriger :", *told])) from None


def _without_blanks(content: dict[str, Any]) -> dict[str, Any]:
    """A setting left empty (`user:`) is its default."""
    cleaned = {name: value for name, value in content.items() if value is not None}
    boxes = cleaned.get("recipients")
    if isinstance(boxes, dict):
        cleaned["recipients"] = {
            name: value for name, value in boxes.items() if value is not None and not (name in _MOVED and value == {})
        }
    return cleaned


def _where(place: tuple[int | str, ...]) -> str:
    return " > ".join(str(part) for part in place if not isinstance(part, int) and part != "[key]")


def _expected(item: Any) -> str:
    place = item["loc"]
    if item["type"] == "extra_forbidden":
        moved = "recipients" in place and place[-1] in _MOVED
        return f"{_MOVE_TO}." if moved else "réglage inconnu."
    if "recipients" in place and item["type"] == "list_type":
        return "une liste d'adresses est attendue, par exemple [equipe@ville.example]."
    if "recipients" in place or place[0] in {"sender", "reply_to"}:
        return f"« {item['input']} » n'est pas une adresse électronique."
    expected = {
        "port": "un nombre de 1 à 65535.",
        "security": "starttls, tls ou none.",
        "contact": "un nom, sur une seule ligne.",
        "contact_phone": "un numéro, sur une seule ligne.",
        "answer_days": "un nombre de jours, de 1 à 90.",
        "attempts": "un nombre de 1 à 10.",
        "first_wait_seconds": "un nombre de secondes de 0 à 600.",
        "timeout_seconds": "un nombre de secondes, 600 au plus.",
        "all_is_well": "true ou false.",
    }
    return f"valeur « {item['input']} » refusée ; attendu : {expected.get(str(place[0]), 'un texte.')}"
