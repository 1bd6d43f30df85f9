"""What was read of the landing folder and is not put where it belongs yet: originals, and their tables.

Does not live here: reading and judging tables (examine), where they go (intake).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingestion import limits
from ingestion.claiming import give_back, is_dropped_again, is_still, remove_empty
from ingestion.content import Taken
from ingestion.delivery import Delivery
from ingestion.examine import Begun, Examined
from ingestion.landing import CLAIMED, Arrival
from ingestion.refusal import Refusal
from ingestion.unpack import Member, check_sidecar, unpack
from presentation.system_errors import tell_error

WAITING_TABLES = 500
"""Tables read before they are settled, however small: a run shows that it goes on."""


@dataclass
class Original:
    """A file of the landing folder, its bytes, and its `.sha256`. `folder`: where what is not held may be written."""

    arrival: Arrival
    taken: Taken
    sidecar: bytes | None
    folder: Path
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return self.taken.sha256

    def members(self) -> Iterator[Member]:
        """Its tables; a file that is not the one its `.sha256` tells, or a broken archive, is one refused table."""
        wrong = check_sidecar(self.arrival.path.name, self.sha256, self.sidecar)
        if wrong is not None:
            yield self._refused(wrong)
            return
        try:
            yield from unpack(self.arrival.name, self.taken.data, self.sha256, self.folder)
        except Refusal as refusal:
            yield self._refused(refusal)

    def _refused(self, refusal: Refusal) -> Member:
        return Member(self.arrival.name, self.taken.data, self.sha256, "text", refusal)

    def remove(self, landing: Path) -> str | None:
        """Take the original out of the landing folder, now that it is kept. Returns a note when it cannot.

        It is read again first. One written since it was read is another file: it goes back for the next run.
        """
        changed = "Il a changé depuis sa lecture : ce qui y est maintenant sera lu au prochain passage."
        try:
            if self.arrival.path.exists() and not is_still(self.arrival, self.sha256):
                give_back(self.arrival, landing)
                return changed
            self.arrival.path.unlink(missing_ok=True)
            if self.arrival.sidecar:
                self.arrival.sidecar.unlink(missing_ok=True)
            remove_empty(self.arrival.path.parent, landing / CLAIMED)
            if is_dropped_again(self.arrival, landing):
                return changed
        except OSError as error:
            return f"Il est traité mais n’a pas pu être retiré de la zone de dépôt ({tell_error(error)})."
        return None


@dataclass
class Waiting:
    """Tables read and not yet settled, each with its original; behind the last one of an original, None."""

    tables: list[tuple[Original, Begun | Examined | None]] = field(default_factory=list)
    file_ids: set[str] = field(default_factory=set)
    size: int = 0

    def add(self, original: Original, begun: Begun | Examined) -> None:
        self.tables.append((original, begun))
        self.file_ids.add(begun.file_id)
        self.size += begun.table.size if isinstance(begun, Begun) else len(begun.member.data)

    def has_room_for(self, arrival: Arrival) -> bool:
        """Whether that file can be held beside those that wait: two large ones are never in memory together."""
        return not self.tables or self.size + arrival.size <= limits.TOGETHER_BYTES

    @property
    def is_full(self) -> bool:
        return self.size > limits.TOGETHER_BYTES or len(self.file_ids) >= WAITING_TABLES
