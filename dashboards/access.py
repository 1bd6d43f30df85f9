"""Who may see what: open on this machine by default, sign-in and roles when an access file is there.

The access file (YAML, named by PASSNUM_ACCESS, else `access.yaml` in the home) makes sign-in compulsory. An address it
does not name is refused. A role is authorised in the query (queries.py), never in a widget. No Streamlit here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from warehouse.settings import Home

VARIABLE = "PASSNUM_ACCESS"
FILE_NAME = "access.yaml"
OIDC_SETTINGS = ("redirect_uri", "client_id", "server_metadata_url")

Role = Literal["equipe", "comite", "territoire"]
ROLE_LABELS = {"equipe": "Équipe du programme", "comite": "Comité de pilotage", "territoire": "Territoire"}


class AccessError(Exception):
    """The access file cannot be followed; the French message says why. Nobody is let in meanwhile."""


@dataclass(frozen=True)
class Rights:
    """What one reader may see. `territory_code` is set for the role `territoire` and for it alone."""

    role: Role
    territory_code: str | None = None

    def __post_init__(self) -> None:
        assert (self.role == "territoire") == (self.territory_code is not None)


TEAM = Rights("equipe")


@dataclass(frozen=True)
class Access:
    """The access file: the provider's settings, and the rights of each address (lower case).

    vouched: the provider says nothing of its addresses being verified, and the file answers for all of them.
    """

    oidc: dict[str, str]
    people: dict[str, Rights]
    vouched: bool = False

    def rights_of(self, email: str | None, email_verified: object = None) -> Rights | None:
        """The rights of an address, None (refused) when it is missing, not said to be verified, or unknown."""
        verified = str(email_verified).lower() == "true" or (email_verified is None and self.vouched)
        if not email or not verified:
            return None
        return self.people.get(email.strip().lower())


def access_path(home: Home) -> Path | None:
    """The access file in force, None when the pages are open (this machine only)."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    own = home.root / FILE_NAME
    return own if own.exists() else None


def load_access(path: Path) -> Access:
    """Read the access file; raises AccessError (French) rather than guess.

    `oidc` holds redirect_uri, client_id, server_metadata_url, and the two secrets as the path of a file each
    (client_secret_file, cookie_secret_file); `adresses_verifiees: true` where the provider sets the addresses itself
    and sends no `email_verified`. `personnes` lists courriel, role, and territoire (a code Insee).
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise AccessError(f"{path.name} : fichier d'accès illisible.") from error
    if not isinstance(content, dict) or not isinstance(content.get("oidc"), dict):
        raise AccessError(f"{path.name} : la partie « oidc » est absente.")
    oidc = {name: _setting(path, content["oidc"], name) for name in OIDC_SETTINGS}
    for name in ("client_secret", "cookie_secret"):
        oidc[name] = _secret(path, _setting(path, content["oidc"], f"{name}_file"))
    people = dict(_person(path, entry) for entry in content.get("personnes") or [])
    vouched = content["oidc"].get("adresses_verifiees", False)
    if not isinstance(vouched, bool):
        raise AccessError(f"{path.name} : le réglage « oidc.adresses_verifiees » vaut true ou false.")
    return Access(oidc, people, vouched)


def _setting(path: Path, settings: dict[str, Any], name: str) -> str:
    value = settings.get(name)
    if not isinstance(value, str) or not value.strip():
        raise AccessError(f"{path.name} : le réglage « oidc.{name} » est absent.")
    return value.strip()


def _secret(path: Path, name: str) -> str:
    place = path.parent / name
    try:
        value = place.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise AccessError(f"{path.name} : le fichier de secret « {name} » est illisible.") from error
    if len(value) < 16:
        raise AccessError(f"{path.name} : le secret du fichier « {name} » a moins de 16 caractères.")
    return value


def _person(path: Path, entry: Any) -> tuple[str, Rights]:
    if not isinstance(entry, dict) or "@" not in str(entry.get("courriel", "")):
        raise AccessError(f"{path.name} : une entrée de « personnes » n'a pas de « courriel ».")
    email, role, territory = str(entry["courriel"]).strip().lower(), entry.get("role"), entry.get("territoire")
    if role not in ROLE_LABELS:
        raise AccessError(f"{path.name} : rôle inconnu pour {email} (equipe, comite ou territoire).")
    if (role == "territoire") != (territory is not None):
        raise AccessError(f"{path.name} : {email} doit avoir « territoire » avec le rôle territoire, et lui seul.")
    return email, Rights(role, None if territory is None else str(territory))
