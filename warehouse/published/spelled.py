"""What versions built under an older rule of identifiers call a person, by their prescriptions, however spelled.

Such a version may hold a spelling that no original gives any more. A prescription that the lake has under one
pseudonym alone is that person's in every version. Does not live here: the spellings of the originals
(ingestion/person), the search itself (person), the cutting (warehouse/build/versions).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from ingestion.cutting import ROWS
from ingestion.erased import pseudonyms
from ingestion.lake import Lake
from ingestion.person import Person
from warehouse.published.person import kept_versions
from warehouse.published.versions import connect
from warehouse.settings import Home

_CALLED = """
    select distinct beneficiary_key from core.fct_prescription
    where prescription_id in (select unnest($ids)) and beneficiary_key is not null
"""


def with_keys_of_versions(home: Home, person: Person) -> tuple[Person, list[Path]]:
    """The person, with every pseudonym that a kept version has for them; and the versions where one may be missing.

    Missing: on a prescription that passed from one person to another, a pseudonym that is nobody's of the lake.
    """
    sole, shared, others = _prescriptions(Lake(home.lake), person)
    versions = kept_versions(home)
    keys = {key for path in versions for key in _called(path, sole)}
    known = replace(person, older=tuple(sorted({*person.older, *keys} - {person.key})))
    told = {*known.keys, *others}
    return known, [path for path in versions if shared and _called(path, shared) - told]


def _prescriptions(lake: Lake, person: Person) -> tuple[list[str], list[str], set[str]]:
    """Those that are the person's alone in every file of the lake, those that were another's too, and the others."""
    lines = [pl.DataFrame(schema={"id": pl.String, "key": pl.String})]
    for receipt in lake.receipts():
        contract = lake.contracts[receipt.dataset or ""]
        for column in pseudonyms(contract):
            path = lake.folder_of(contract.dataset, receipt.file_id) / ROWS
            rows = pl.scan_parquet(path, glob=False).select(id=contract.keys[0].name, key=column)
            lines.append(rows.drop_nulls().unique().collect())
    held = pl.concat(lines).unique()
    theirs = held.filter(pl.col("key") == person.key)["id"]
    of_theirs = held.filter(pl.col("id").is_in(theirs.implode()))
    others = of_theirs.filter(pl.col("key") != person.key)
    shared = set(others["id"])
    return sorted(set(theirs) - shared), sorted(shared), set(others["key"])


def _called(path: Path, prescriptions: list[str]) -> set[str]:
    with connect(path) as con:
        return {key for (key,) in con.execute(_CALLED, {"ids": prescriptions}).fetchall()}
