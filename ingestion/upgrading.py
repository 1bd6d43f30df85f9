"""A lake whose pseudonyms were made under an older rule: written anew under today's, from the originals of the archive.

Each identifier of an original gives its pseudonym under the old rule and under today's: the first is looked for in the
lake and replaced by the second, so that a changed original can put nothing wrong there, and one extraction may stand
for another. Pseudonyms that were cut (erased) name nobody: they stay. All of it is done, or nothing (rewriting). Call
it under the home's lock. Does not live here: the rules (pseudonym), whether a lake needs it (identifier_rule).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from ingestion.cutting import ROWS
from ingestion.delivery import IngestionError
from ingestion.erased import pseudonyms, register_of
from ingestion.identifier_rule import refuse_later_rule, rule_of, written_otherwise
from ingestion.intake import Folders, refuse_other_secret
from ingestion.lake import Lake
from ingestion.parquet import read_parts
from ingestion.person import originals, read_identifiers
from ingestion.pseudonym import pseudonymise
from ingestion.receipt import IDENTIFIER_RULE, Receipt
from ingestion.rewriting import Anew, finish, rewrite
from presentation.french import count

NAMED = 10
"""Files whose original is missing that are told by name; the others are counted."""


@dataclass(frozen=True)
class Upgraded:
    """What was written anew: files, and the distinct pseudonyms they held before and hold now."""

    files: int
    before: int
    after: int


def upgrade(folders: Folders, lake: Lake, secret: bytes, others: Sequence[Path] = ()) -> Upgraded:
    """Write every file of people under today's rule. Nothing to do: no file.

    `others`: extractions whose identifiers stand for those of originals that are gone; read, neither loaded nor kept.
    Raises LakeCorruption, or IngestionError (another secret, a later rule, pseudonyms that no original gives): nothing
    has changed then. OSError passes through: asked again, it is whole.
    """
    finish(lake.root)
    behind = written_otherwise(lake)
    refuse_later_rule(behind)
    if not behind:
        return Upgraded(0, 0, 0)
    refuse_other_secret(lake, secret)
    lake.verify()  # what is sealed anew was what had been written
    columns = {receipt.file_id: pseudonyms(lake.contracts[receipt.dataset or ""])[0] for receipt in behind}
    held = pl.concat([_pseudonyms_of(lake, receipt, columns[receipt.file_id]) for receipt in behind])
    wanted = held.filter(~pl.col("old").is_in(register_of(lake, held["old"]).implode()))
    known = _known(
        [*others, *_originals(folders)], wanted["old"].unique(), {rule_of(receipt) for receipt in behind}, secret
    )
    missing = wanted.join(known, on="old", how="anti")
    if missing.height:
        raise IngestionError(_tell_missing(missing, behind))
    changes = []
    for receipt in behind:
        anew = partial(_rows_anew, lake, receipt, columns[receipt.file_id], known)
        changes.append(Anew(receipt, {ROWS: anew}, {"identifier_rule": IDENTIFIER_RULE}))
    rewrite(lake, changes)
    after = held.select(pl.col("old").replace(known["old"], known["new"])).drop_nulls()
    return Upgraded(len(behind), held["old"].n_unique(), after["old"].n_unique())


def _pseudonyms_of(lake: Lake, receipt: Receipt, column: str) -> pl.DataFrame:
    """The distinct pseudonyms of one file: file_id, old."""
    rows = pl.scan_parquet(_rows(lake, receipt), glob=False)
    return rows.select(file_id=pl.lit(receipt.file_id), old=pl.col(column)).drop_nulls().unique().collect()


def _rows_anew(lake: Lake, receipt: Receipt, column: str, known: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for part in read_parts(_rows(lake, receipt)):
        yield part.with_columns(pl.col(column).replace(known["old"], known["new"]))


def _rows(lake: Lake, receipt: Receipt) -> Path:
    return lake.folder_of(receipt.dataset or "", receipt.file_id) / ROWS


def _known(paths: Sequence[Path], wanted: pl.Series, rules: Collection[int], secret: bytes) -> pl.DataFrame:
    """The pseudonyms wanted (`old`) and today's (`new`, null where nobody is named), as far as those files tell."""
    found = pl.DataFrame(schema={"old": pl.String, "new": pl.String})
    for identifiers in read_identifiers(paths) if len(wanted) else ():
        new = pseudonymise(identifiers, secret)
        told = [pl.DataFrame({"old": pseudonymise(identifiers, secret, rule), "new": new}) for rule in sorted(rules)]
        given = pl.concat(told).filter(pl.col("old").is_in(wanted.implode()))
        found = pl.concat([found, given]).unique("old", keep="first", maintain_order=True)
        if found.height == len(wanted):
            break
    return found


def _originals(folders: Folders) -> list[Path]:
    """Those of the archive, newest first: later extractions repeat. A refused file has nothing in the lake."""
    return [path for path in reversed(originals(folders.archive)) if not path.is_relative_to(folders.quarantine)]


def _tell_missing(missing: pl.DataFrame, behind: Sequence[Receipt]) -> str:
    names = {receipt.file_id: receipt.file_name for receipt in behind}
    numbers = dict(missing.group_by("file_id").len().sort("file_id").rows())
    told = [f"{names[file_id]} ({count(number, 'pseudonyme')})" for file_id, number in numbers.items()]
    more = f", et {count(len(told) - NAMED, 'autre')}" if len(told) > NAMED else ""
    return (
        f"L’archive n’a plus l’original de ce que portent ces fichiers du lac : {', '.join(told[:NAMED])}{more}. Rien "
        "n’a été changé. Désignez ces originaux, pris d’une sauvegarde, ou une extraction des mêmes prescriptions "
        "depuis le début (elle est lue, ni chargée ni gardée) : passnum upgrade --from FICHIER. Sans eux, il faut un "
        "dossier de données neuf et une extraction depuis le début."
    )
