"""Who may see what: open on this machine by default, sign-in and roles when an access file is in force.

The access file (YAML) is the one PASSNUM_ACCESS names, else `access.yaml` of the user's configuration folder: outside
the data. Whether sign-in is required is decided once for a process (`decided`), from then on a file that is missing or
cannot be followed lets nobody in. An address it does not name is refused. A role is authorised in the query
(queries.py), never in a widget. No Streamlit here. Does not live here: the sessions (signed_in.py), the door (gate.py).
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlparse

import yaml

from storage.atomic import write_atomically
from storage.private import SecretRefused, read_strong_secret, user_folder
from warehouse.settings import Home

VARIABLE = "PASSNUM_ACCESS"
FILE_NAME = "access.yaml"
#: In a home whose pages were once served with sign-in: the access file. Without that file they do not open any more.
REMEMBERED = ".access"
OIDC_SETTINGS = ("redirect_uri", "client_id", "server_metadata_url")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SESSION_HOURS = 10
LONGEST_SESSION_HOURS = 24

Role = Literal["equipe", "comite", "territoire", "commanditaire"]
ROLE_LABELS = {
    "equipe": "Équipe du programme",
    "comite": "Comité de pilotage",
    "territoire": "Territoire",
    "commanditaire": "Commanditaire",
}
#: The roles that see one part alone: what their entry names it by, in the access file.
PARTS = {"territoire": "territoire", "commanditaire": "commanditaire"}


class AccessError(Exception):
    """The access file cannot be followed; the French message says why. Nobody is let in meanwhile."""


@dataclass(frozen=True)
class Rights:
    """What one reader may see. `territory_code` is set for the role `territoire` and for it alone, `siren` for the role
    `commanditaire`, which reads a national view (dashboards/national.py) and no programme's pages.

    threshold: small counts under it are withheld; zero for the team alone, whose figures are not protected.
    issued: documents issued when the page opens, with which its figures are protected: one more is another reader.
    """

    role: Role
    territory_code: str | None = None
    threshold: int = 0
    issued: int = 0
    siren: str | None = None

    def __post_init__(self) -> None:
        assert (self.role == "territoire") == (self.territory_code is not None)
        assert (self.role == "commanditaire") == (self.siren is not None)

    @property
    def is_protected(self) -> bool:
        """Whether small counts are withheld: for everyone but the programme's team."""
        return not self.is_team

    @property
    def is_team(self) -> bool:
        """Whether it is the programme's team: who has the commands, the rejected lines and the addressed reports."""
        return self.role == "equipe"


TEAM = Rights("equipe")


@dataclass(frozen=True)
class Access:
    """The access file: the provider's settings, and the rights of each address (lower case).

    vouched: the provider says nothing of its addresses being verified, and the file answers for all of them.
    session_hours: how long a sign-in lasts.
    """

    oidc: dict[str, str]
    people: dict[str, Rights]
    vouched: bool = False
    session_hours: float = SESSION_HOURS

    @property
    def is_encrypted(self) -> bool:
        """Whether readers reach the pages through TLS: every cookie is then for TLS alone."""
        return self.oidc["redirect_uri"].startswith("https://")

    def rights_of(self, email: str | None, email_verified: object = None) -> Rights | None:
        """The rights of an address, None (refused) when it is missing, not said to be verified, or unknown."""
        verified = str(email_verified).lower() == "true" or (email_verified is None and self.vouched)
        if not email or not verified:
            return None
        return self.people.get(email.strip().lower())


def access_path(home: Home) -> Path | None:
    """The access file in force, whether it is there or not; None when the pages are open (this machine only)."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    for place in (user_folder() / FILE_NAME, home.root / FILE_NAME):
        if os.path.lexists(place):
            return place
    remembered = home.root / REMEMBERED
    return Path(remembered.read_text(encoding="utf-8").strip()) if remembered.exists() else None


@functools.lru_cache(maxsize=64)  # a server has one home: its decision never leaves
def decided(root: Path) -> Path | None:
    """The access file of the home at `root`, as it was when this process first asked: moving it away opens nothing."""
    return access_path(Home.at(root))


def rights_now(home: Home) -> Access | None:
    """What the access file says now; None where the pages are open. Raises AccessError: nobody is let in."""
    path = decided(home.root)
    if path is not None:
        return load_access(path)
    if access_path(home) is not None:
        raise AccessError("Un fichier d'accès est apparu depuis le démarrage : arrêtez puis relancez les pages.")
    return None


def remember(home: Home, path: Path) -> None:
    """Note in the home that its pages are served with sign-in: losing the access file will not open them."""
    note = home.root / REMEMBERED
    if home.root.is_dir() and not (note.exists() and note.read_text(encoding="utf-8").strip() == str(path)):
        write_atomically(note, f"{path}\n".encode(), mode=0o600)


def forget(home: Home) -> None:
    """A person says that the pages of this home may open without sign-in again."""
    (home.root / REMEMBERED).unlink(missing_ok=True)


def load_access(path: Path) -> Access:
    """Read the access file; raises AccessError (French) rather than guess.

    `oidc` holds redirect_uri, client_id, server_metadata_url, and the two secrets as the path of a file each
    (client_secret_file, cookie_secret_file); `adresses_verifiees: true` where the provider sets the addresses itself
    and sends no `email_verified`. `personnes` lists courriel, role, and territoire (a code Insee) or commanditaire (a
    SIREN: national view). `heures_de_session`:
    how long a sign-in lasts.
    """
    try:
        content = _parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AccessError(f"{path.name} : fichier d'accès absent ou illisible.") from error
    if not isinstance(content, dict) or not isinstance(content.get("oidc"), dict):
        raise AccessError(f"{path.name} : la partie « oidc » est absente.")
    oidc = {name: _setting(path, content["oidc"], name) for name in OIDC_SETTINGS}
    for name in ("redirect_uri", "server_metadata_url"):
        _refuse_clear(path, name, oidc[name])
    for name in ("client_secret", "cookie_secret"):
        oidc[name] = _secret(path, _setting(path, content["oidc"], f"{name}_file"))
    people: dict[str, Rights] = {}
    for email, rights in (_person(path, entry) for entry in content.get("personnes") or []):
        if email in people:
            raise AccessError(f"{path.name} : {email} y est deux fois ; gardez une entrée, celle du rôle voulu.")
        people[email] = rights
    vouched = content["oidc"].get("adresses_verifiees", False)
    if not isinstance(vouched, bool):
        raise AccessError(f"{path.name} : le réglage « oidc.adresses_verifiees » vaut true ou false.")
    hours = content.get("heures_de_session", SESSION_HOURS)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= LONGEST_SESSION_HOURS:
        raise AccessError(f"{path.name} : « heures_de_session » va de 0 (exclu) à {LONGEST_SESSION_HOURS}.")
    return Access(oidc, people, vouched, hours)


@functools.lru_cache(maxsize=2)
def _parsed(text: str) -> Any:
    """The file is read again at every page, and parsed again when it says something else."""
    return yaml.safe_load(text)


def _refuse_clear(path: Path, name: str, address: str) -> None:
    """What identifies a person goes through TLS, or does not leave this machine."""
    parts = urlparse(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise AccessError(f"{path.name} : le réglage « oidc.{name} » commence par https://.")


def _setting(path: Path, settings: dict[str, Any], name: str) -> str:
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise AccessError(f"{path.name} : le réglage « oidc.{name} » est absent.")
    return value.strip()


def _secret(path: Path, name: str) -> str:
    try:
        return read_strong_secret(path.parent / name, "Le secret").decode()
    except SecretRefused as error:
        raise AccessError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(f"{path.name} : le fichier de secret « {name} » est illisible.") from error


def _person(path: Path, entry: Any) -> tuple[str, Rights]:
    if not isinstance(entry, dict) or "@" not in str(entry.get("courriel", "")):
        raise AccessError(f"{path.name} : une entrée de « personnes » n'a pas de « courriel ».")
    email, role = str(entry["courriel"]).strip().lower(), entry.get("role")
    if role not in ROLE_LABELS:
        raise AccessError(f"{path.name} : rôle inconnu pour {email} ({', '.join(ROLE_LABELS)}).")
    parts = {of: entry.get(named) for of, named in PARTS.items()}
    for of, part in parts.items():
        if (role == of) != bool(part is not None and str(part).strip()):
            raise AccessError(f"{path.name} : {email} doit avoir « {PARTS[of]} » avec le rôle {of}, et lui seul.")
    territory, siren = (str(part).strip() if role == of else None for of, part in parts.items())
    return email, Rights(role, territory, siren=siren)
