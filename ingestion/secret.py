"""The secret of the pseudonyms: where it lives, and its making at the first run (exports §4, §5).

Outside the repository and the data folder, so that all homes of one user agree. Does not live here: its use
(pseudonym).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection
from pathlib import Path

from presentation.system_errors import tell_error
from storage.atomic import write_atomically
from storage.private import SecretRefused, read_strong_secret, user_folder

SECRET_VARIABLE = "PASSNUM_SECRET_FILE"
_MEND = (
    "Désignez un autre fichier (PASSNUM_SECRET_FILE), par exemple tiré par « openssl rand -hex 32 » ; les originaux "
    "d'un lac écrit sous ce secret-ci sont à redéposer dans un dossier de données neuf."
)

LOST = (
    "Le secret des pseudonymes n'est pas à sa place ({path}), et des fichiers ont déjà été chargés avec lui : rien "
    "n'est lu ni construit, et aucun autre n'est tiré. Rétablissez-le depuis sa sauvegarde, ou désignez-le par "
    "PASSNUM_SECRET_FILE. S'il est perdu : docs/procedures.md."
)


class SecretError(Exception):
    """The secret cannot be read, is readable by others, short or easily guessed; the message is French."""


def secret_path() -> Path:
    """PASSNUM_SECRET_FILE, else `passnum/secret` in the user's configuration folder (XDG)."""
    configured = os.environ.get(SECRET_VARIABLE)
    if configured:
        return Path(configured).expanduser()
    return user_folder() / "secret"


def load_secret(marks: Collection[str | None] = ()) -> bytes:
    """The secret's bytes; generated (64 hexadecimal digits, mode 0600) when there is none yet.

    `marks`: fingerprints of the secret that wrote what is loaded already: then none is generated. Raises SecretError
    when the file is lost, cannot be read or written, is readable by others, or holds a weak secret.
    """
    path = secret_path()
    try:
        if not path.exists():
            if any(marks):
                raise SecretError(LOST.format(path=path))
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path)
        return read_strong_secret(path, "Le secret des pseudonymes", _MEND)
    except SecretRefused as error:
        raise SecretError(str(error)) from None
    except OSError as error:
        raise SecretError(
            f"Le secret des pseudonymes ne peut pas être lu ou créé dans {path} ({tell_error(error)}). "
            f"Rendez ce fichier accessible, ou désignez-en un autre par la variable {SECRET_VARIABLE}."
        ) from error


def fingerprint(secret: bytes) -> str:
    """A mark of the secret that does not give it: two secrets in one lake would count people twice."""
    return hmac.new(secret, b"passnum secret fingerprint", hashlib.sha256).hexdigest()[:16]


def _create(path: Path) -> None:
    """Two first runs at once agree: the link fails for the second, which then reads the first one's secret."""
    candidate = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_atomically(candidate, secrets.token_hex(32).encode() + b"\n", mode=0o600)
    try:
        os.link(candidate, path)
    except FileExistsError:
        return
    finally:
        candidate.unlink()
