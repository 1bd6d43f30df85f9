"""Whose pseudonym was cut: the register of erasures, which names nobody, and what it makes of lines delivered again.

A pseudonym that is cut is one drawn at random: no secret and no identifier gives it. The register keeps the sha256 of
each, the day, how many lines, what is kept and why; the lake's own lines say which prescription is under which. A
prescription delivered again goes back under it at the door, so that no figure moves. Does not live here: the cutting
(cutting), the search for a person (person).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from ingestion.contract import Contract

if TYPE_CHECKING:
    from ingestion.lake import Lake

REGISTER = "_erased"
REQUEST, RETENTION = "demande", "conservation"
KEPT = (
    "Restent, sous un pseudonyme tiré au hasard que rien ne permet de recalculer : les prescriptions, leurs carnets, "
    "les pass utilisés et leur paiement (pièces justificatives de dépenses publiques : obligation légale, art. 17.3.b "
    "du RGPD), avec les réponses codées qui font les statistiques (tranche d’âge, genre, situation, PIC, QPV)."
)


@dataclass(frozen=True)
class Erasure:
    """Grain: one erasure (a person's request, or the end of a retention). `lines`: of the lake, all versions.

    `keys_sha256`: of the pseudonyms drawn. `originals`: what became of each original (rewritten, erased) → how many.
    """

    erasure_id: str
    erased_at: datetime
    why: str
    keys_sha256: tuple[str, ...]
    lines: int
    files: int
    originals: dict[str, int]
    kept: str = KEPT

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str).encode()

    @property
    def place(self) -> str:
        """Its file, under the lake."""
        return f"{REGISTER}/{self.erasure_id}.json"


def new_key() -> str:
    """A pseudonym like any other, drawn at random."""
    return secrets.token_hex(32)


def mark(key: str) -> str:
    """What the register keeps of a pseudonym."""
    return hashlib.sha256(key.encode()).hexdigest()


def load(lake: Lake) -> list[dict[str, Any]]:
    """The register, oldest first."""
    return [json.loads(path.read_bytes()) for path in sorted((lake.root / REGISTER).glob("[!.]*.json"))]


def register_of(lake: Lake, keys: Iterable[str]) -> pl.Series:
    """Of those pseudonyms, the ones that were drawn at random in the place of one that was cut."""
    marks = _marks(lake)
    return pl.Series(_drawn(keys, marks) if marks else [], dtype=pl.String)


class Cut:
    """The prescriptions whose pseudonym was cut, as the lake holds them; read once, when first asked for."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    @cached_property
    def _marks(self) -> frozenset[str]:
        return _marks(self.lake)

    @cached_property
    def _known(self) -> Mapping[str, pl.DataFrame]:
        """Data set → its keys, and the pseudonym that was drawn for each (column `cut`)."""
        return {
            dataset: _known_of(self.lake, contract, self._marks)
            for dataset, contract in self.lake.contracts.items()
            if pseudonyms(contract)
        }

    def keep(self, rows: pl.DataFrame, dataset: str) -> pl.DataFrame:
        """Rows about to be loaded: those of a prescription whose pseudonym was cut go under the one drawn for it."""
        if not self._marks or dataset not in self._known or rows.is_empty():
            return rows
        contract = self.lake.contracts[dataset]
        (column,) = pseudonyms(contract)
        keys = [field.name for field in contract.keys]
        joined = rows.join(self._known[dataset], on=keys, how="left", maintain_order="left")
        return joined.with_columns(pl.coalesce("cut", column).alias(column)).drop("cut")


def pseudonyms(contract: Contract) -> list[str]:
    """The columns of the lake that hold a pseudonym."""
    return [field.pseudonym for field in contract.fields if field.pseudonym]


def _marks(lake: Lake) -> frozenset[str]:
    """What the register keeps of every pseudonym drawn."""
    return frozenset(one for erasure in load(lake) for one in erasure["keys_sha256"])


def _known_of(lake: Lake, contract: Contract, marks: frozenset[str]) -> pl.DataFrame:
    (column,) = pseudonyms(contract)
    keys = [field.name for field in contract.keys]
    paths = [
        lake.folder_of(contract.dataset, receipt.file_id) / "rows.parquet"
        for receipt in lake.receipts()
        if receipt.dataset == contract.dataset
    ]
    if not paths:
        return pl.DataFrame(schema=dict.fromkeys((*keys, "cut"), pl.String))
    rows = pl.scan_parquet(paths, glob=False).select(*keys, cut=column).unique().collect()
    drawn = _drawn(rows["cut"].drop_nulls().unique(), marks)
    return rows.filter(pl.col("cut").is_in(drawn)).unique(keys, keep="first", maintain_order=True)


def _drawn(keys: Iterable[str], marks: frozenset[str]) -> list[str]:
    return [key for key in keys if mark(key) in marks]
