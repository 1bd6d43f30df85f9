"""Where the files of a version are, and the state of their letters: written by sending.py, shown by the pages.

    reports/pass-a-sauver/<as_of>-<build>/   one workbook a structure, and etat.json: to whom, sent or not

Does not live here: preparing and sending (sending.py), what a file holds (content.py). It imports neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from presentation.labels import LETTER
from storage.atomic import write_atomically
from warehouse.published.versions import Version
from warehouse.settings import Home

FOLDER, STATE = "pass-a-sauver", "etat.json"


class PostsUnreadable(Exception):
    """What was prepared for a version can no longer be read; the French message says how to have it made again."""


@dataclass(frozen=True)
class Post:
    """Grain: one structure that has something to save. `told`: what, in words; `file`: its workbook, beside the state.

    sent: address → status of its letter (outbox.py), empty where no address is kept; errors: address → why it did not
    leave.
    """

    kind: str
    code: str
    name: str
    told: str
    file: str
    sent: dict[str, str]
    errors: dict[str, str]

    @property
    def letters(self) -> list[str]:
        """« ccas@ville.example : envoyé », and what prevented the others; « aucune adresse » where none is kept."""
        sent = [f"{box} : {LETTER.get(status, status)}" for box, status in self.sent.items()]
        return sent or ["aucune adresse"]


_POSTS = TypeAdapter(list[Post])


def folder_of(home: Home, version: Version) -> Path:
    """Where the files of a version are; nothing is created."""
    return home.reports / FOLDER / f"{version.as_of.isoformat()}-{version.build_id}"


def write_posts(folder: Path, posts: list[Post]) -> None:
    """Replace the state of a folder, whole."""
    write_atomically(folder / STATE, _POSTS.dump_json(posts, indent=1))


def read_posts(folder: Path) -> list[Post]:
    """The state of a folder; nothing where no file was prepared. Raises PostsUnreadable."""
    path = folder / STATE
    try:
        return _POSTS.validate_json(path.read_bytes()) if path.exists() else []
    except ValidationError as error:
        raise PostsUnreadable(
            f"L'état des fichiers préparés ({path}) est abîmé et ne peut plus être lu. « passnum report expiring » "
            "l'écrit de nouveau ; ce qui est déjà parti ne repart pas."
        ) from error
