"""What was received, for those who must mend it: the lake as it is now, and what a contract expects of a column.

A refused build has no version of its own: its files are told from here. Never a value of a person. Does not live here:
reading files (ingestion/), who is told what and how (reporting/quality, dashboards/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import polars as pl

from ingestion.contract import Field, load_layouts
from ingestion.lake import Lake
from ingestion.receipt import Receipt
from ingestion.wording import TYPES
from warehouse.published.versions import Version, connect
from warehouse.settings import Home

_TABLES = ("delivered_file", "rejected_line", "field_issue")
_NUMBERS = """
    select word from written where upper(word) in (
        select numero_carnet from lake.emissions union all select numero_carnet from lake.prescriptions
    )
    union
    select word from written where word in (select numero_pass from lake.utilisations)
    union
    select written.word
    from written
    inner join lake.emissions as carnet
        on length(written.word) = length(carnet.premier_pass)
        and written.word between carnet.premier_pass and carnet.dernier_pass
"""


@dataclass(frozen=True)
class FieldGuide:
    """What a column of an export expects, in French: its title, the values allowed, an example of a right one."""

    title: str
    expected: str
    example: str = ""


def lake_frames(home: Home) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """delivered_file, rejected_line and field_issue as the lake holds them now."""
    with duckdb.connect() as con:
        Lake(home.lake).open_in(con, "lake")
        frames = [con.execute(f"select * from lake.{name}").pl() for name in _TABLES]
    return frames[0], frames[1], frames[2]


def explanations(home: Home) -> pl.DataFrame:
    """What the reader said of each refused file (file_id, file_name, explanation), oldest first."""
    found = [(one.file_id, one.file_name, one.explanation) for one in Lake(home.lake).other_receipts()]
    return pl.DataFrame(found, schema=dict.fromkeys(("file_id", "file_name", "explanation"), pl.String), orient="row")


def find_numbers(home: Home, words: pl.DataFrame) -> list[str]:
    """Which of `words` (column `word`) are numbers of passes or carnets in the lake: issued, prescribed or used."""
    with duckdb.connect() as con:
        Lake(home.lake).open_in(con, "lake")
        con.register("written", words.to_arrow())
        return [word for (word,) in con.execute(_NUMBERS).fetchall()]


def last_received(home: Home) -> dict[str, datetime]:
    """Data set → when its last loaded file was received (UTC without zone)."""
    last: dict[str, datetime] = {}
    for receipt in Lake(home.lake).receipts():
        if receipt.dataset:
            received = receipt.received_at.astimezone(UTC).replace(tzinfo=None)
            last[receipt.dataset] = max(received, last.get(receipt.dataset, received))
    return last


def received_after(version: Version, receipts: Iterable[Receipt]) -> int:
    """How many loaded files the version was built without: it is held, or what came after it was refused."""
    with connect(version.path) as con:
        rows = con.execute("select file_id from quality.delivered_file where outcome = 'loaded'").fetchall()
    return len({receipt.file_id for receipt in receipts} - {file_id for (file_id,) in rows})


def column_guides(without_example: Collection[str] = ()) -> dict[tuple[str, str], FieldGuide]:
    """(data set, column) → what its contract expects; no example of a personal value nor of `without_example`."""
    return {
        (contract.dataset, field.name): FieldGuide(
            title=field.title,
            expected=_expected(field),
            example="" if field.personal or field.name in without_example else field.example,
        )
        for contract in reversed(load_layouts())
        for field in contract.fields
    }


def _expected(field: Field) -> str:
    if field.values:
        return f"une de ces valeurs : {', '.join(field.values)}"
    # A bound that depends on the file (extract_year) is not a number: it is left out.
    least, most = (f"{b:g}" if isinstance(b, float) else "" for b in (field.minimum, field.maximum))
    bounds = f" de {least} à {most}" if least and most else f", au moins {least}" if least else ""
    return TYPES[field.type] + bounds
