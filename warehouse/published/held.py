"""The version that a person holds in line: after a step back, no run replaces it until the hold is lifted.

Lives here: reading the hold, and what is said of it. Does not live here: stepping back, lifting it (build/rollback.py).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

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


class HeldUnreadable(Exception):
    """There is a hold, and nobody can read which version it names: nothing is published. The message is French."""


def held_path(home: Home) -> Path:
    """Where a hold is kept; no file where no version is held."""
    return home.warehouse / "held.json"


def find_held(home: Home) -> Held | None:
    """The hold there is. Raises HeldUnreadable where its file is damaged: nothing may be published then either."""
    try:
        content = held_path(home).read_bytes()
    except FileNotFoundError:
        return None
    try:
        return Held.model_validate_json(content)
    except ValidationError as error:
        raise HeldUnreadable(
            f"Une version est maintenue en ligne (retour en arrière), mais {held_path(home)} est abîmé et ne dit plus "
            "laquelle : rien n'est construit ni publié. « passnum rollback --release » lève ce maintien ; « passnum "
            "rollback VERSION » met en ligne, et maintient, celle que vous nommez."
        ) from error


def words_beside(home: Home, build_id: str) -> str:
    """What is said beside the name of the version in line, where it is held: « , maintenue en ligne… »; else empty."""
    try:
        held = find_held(home)
    except HeldUnreadable:
        return ", maintenue en ligne (retour en arrière)"
    return f", {held.words}" if held and held.build_id == build_id else ""
