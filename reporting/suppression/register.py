"""The internal register of what left the building: the next edition takes all of it as known.

It holds true values, small ones included: its folder and files are readable by their owner alone and are never part
of what is sent. Does not live here: joining it to the current tables (tables.join).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from reporting.suppression.examine import NOT_ATTACKED, Attacked
from reporting.suppression.mask import Mask
from reporting.suppression.tables import Earlier, Tables
from storage.atomic import write_atomically


@dataclass(frozen=True)
class Entry:
    """One publication: its name (« 2022-T4 »), what it held, the threshold it was protected with, what that left, and
    the rule it was protected by: 1, until November 2026, knew sums alone and took a masked cell for a possible 0; 2, in
    that month, wrote the empty months of a territory 0."""

    name: str
    earlier: Earlier
    threshold: int
    exposed: frozenset[str] = frozenset()
    rule: int = 1
    attacked: Attacked = NOT_ATTACKED


#: The rule that publications are protected by now: what the outsider is supposed to know (docs/petits-effectifs.md).
RULE = 3


class Register:
    """The publications of one home, in the order they were made. One file each, never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[Entry]:
        """Every publication so far; none when the folder does not exist."""
        return [_read(path) for path in sorted(self.folder.glob("*.json.gz"))]

    def add(
        self,
        name: str,
        tables: Tables,
        own: Iterable[str],
        mask: Mask,
        threshold: int,
        attacked: Attacked = NOT_ATTACKED,
    ) -> bool:
        """Write a publication down. own: its cells, without those of earlier editions. False when the very same
        values, shown and withheld, are already there."""
        own = set(own)
        shown = sorted((tables.published - mask.hidden) & own)
        content = {
            "name": name,
            "threshold": threshold,
            "values": {cell: tables.values[cell] for cell in sorted(own)},
            "rule": RULE,
            "sums": [[total, list(parts)] for total, parts in tables.sums if total in own and own.issuperset(parts)],
            "at_most": [list(pair) for pair in tables.at_most if own.issuperset(pair)],
            "limits": [[list(term) for term in limit] for limit in tables.limits if own.issuperset(dict(limit))],
            "veiled": sorted(tables.veiled & own),
            "shown": shown,
            "hidden": sorted(mask.hidden),
            "exposed": sorted(mask.exposed),
            "attacked": asdict(attacked),
        }
        text = _text(content)
        digest = hashlib.sha256(text).hexdigest()[:16]
        if list(self.folder.glob(f"*-{digest}.json.gz")):
            return False
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        number = len(list(self.folder.glob("*.json.gz"))) + 1
        path = self.folder / f"{number:04d}-{digest}.json.gz"
        write_atomically(path, gzip.compress(text, mtime=0), mode=0o600)
        return True


def _text(content: dict[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _read(path: Path) -> Entry:
    content = json.loads(gzip.decompress(path.read_bytes()))
    earlier = Earlier(
        values=content["values"],
        sums=tuple((total, tuple(parts)) for total, parts in content["sums"]),
        shown=frozenset(content["shown"]),
        hidden=frozenset(content["hidden"]),
        # Registers of before November 2026 do not say what follows.
        at_most=tuple((small, large) for small, large in content.get("at_most", [])),
        limits=tuple(tuple((cell, factor) for cell, factor in limit) for limit in content.get("limits", [])),
        veiled=frozenset(content.get("veiled", [])),
    )
    exposed, rule = frozenset(content.get("exposed", [])), content.get("rule", 1)
    attacked = Attacked(**content.get("attacked", {}))
    return Entry(content["name"], earlier, content["threshold"], exposed, rule, attacked)
