"""The version that a person holds in line: after a step back, no run replaces it until the hold is lifted.

Lives here: reading the hold, and what is said of it. Does not live here: stepping back, lifting it (build/rollback.py).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from presentation.french import bind, instant_long
from warehouse.settings import Home


class Held(BaseModel):
    """`build_id`: the version held. `since`: UTC without zone. `instead_of`: the version that was in line before."""

    build_id: str
    since: datetime
    instead_of: str

    @property
    def words(self) -> str:
        """« maintenue en ligne depuis le … »: beside the name of the version."""
        return f"maintenue en ligne depuis le {instant_long(self.since)} (retour en arrière)"

    @property
    def sentence(self) -> str:
        """What holds, and how to lift it."""
        return bind(
            f"La version {self.build_id} est {self.words} : aucun passage ne la remplace. Les fichiers déposés sont "
            "lus et gardés dans le lac ; rien n'est construit, ni contrôlé. Pour que le prochain passage publie : "
            "« passnum rollback --release »."
        )


def held_path(home: Home) -> Path:
    """Where a hold is kept; no file where no version is held."""
    return home.warehouse / "held.json"


def find_held(home: Home) -> Held | None:
    """The hold there is. Raises ValueError where its file cannot be read: nothing may be published then either."""
    try:
        content = held_path(home).read_bytes()
    except FileNotFoundError:
        return None
    return Held.model_validate_json(content)
