"""The original line of a delivered file, read again in the archive where it still is, without what is personal.

What may be shown: the columns of the contract, never those outside it; personal ones masked; a value that could not be
read, or any of a rejected line of a person-level export, by its shape. Pass and carnet numbers are the operator's.
Does not live here: the archive itself (ingestion/vault.py), what became of a line (why.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.vault import ORIGINAL_MARK, flat_name
from warehouse.published.delivered import DeliveredFile

if TYPE_CHECKING:
    import polars as pl

    from ingestion.contract import Contract, Field
    from ingestion.judging import Part

_Cells = dict[int, dict[str, str | None]]

HIDDEN = "***"
#: Whose numbers link a person to visits.
_NUMBERED = ("emissions", "prescriptions", "utilisations")


@dataclass(frozen=True)
class Original:
    """One line as it was written: where it is, and its cells by column (None where a cell is not to be shown)."""

    path: Path
    line: int
    cells: dict[str, str | None]


def find_originals(archive: Path, file: DeliveredFile) -> list[Path]:
    """The archived originals that may hold the file: itself, or an archive it was a member of; none once purged."""
    own = sorted(archive.glob(f"*/{file.sha256[:16]}_*"))
    names = {flat_name(name) for name in containers(file.file_name)}
    return own or sorted(path for path in archive.glob("*/*") if path.name[ORIGINAL_MARK:] in names)


def read_originals(
    archive: Path, file: DeliveredFile, lines: Sequence[int], *, is_operator: bool = False
) -> dict[int, Original]:
    """The lines asked of a file, as written, by number; those that cannot be found again are absent.

    Empty where the archive no longer holds the file, or holds another of its name.
    """
    for path in find_originals(archive, file) if lines else ():
        shown = _read(path, file, lines, is_operator=is_operator)
        if shown is not None:
            return {line: Original(path, line, cells) for line, cells in shown.items()}
    return {}


def _read(path: Path, file: DeliveredFile, lines: Sequence[int], *, is_operator: bool) -> _Cells | None:
    # Here, not above: most answers read no original, and wait for no Polars.
    from ingestion.contract import load_layouts
    from ingestion.parse import judge_lines
    from ingestion.reader import read_table
    from ingestion.refusal import Refusal
    from ingestion.unpack import unpack

    try:
        members = unpack(_delivered_name(path, file.file_name), path.read_bytes())
        member = next((m for m in members if m.sha256 == file.sha256), None)
        if member is None:
            return None
        table = read_table(member, load_layouts())
        year = file.extract_date.year if file.extract_date else file.received_at.year
        cells, part = judge_lines(table, lines, year)
    except (Refusal, OSError):
        return None
    return _shown(table.contract, cells, part, is_operator=is_operator)


def _shown(contract: Contract, cells: pl.DataFrame, part: Part, *, is_operator: bool) -> _Cells:
    """The cells that may be shown, by line and column."""
    import polars as pl

    from ingestion.cell_marks import show_cell
    from ingestion.personal import PERSON_LEVEL, mask_value, show_shape

    accepted = part.rows["line"].implode()
    person_level = contract.dataset in PERSON_LEVEL
    told = cells.select("line", is_accepted=pl.col("line").is_in(accepted))
    for field in contract.fields:
        if f"f_{field.name}" not in cells.columns:
            continue
        text = cells[f"f_{field.name}"].map_elements(show_cell, pl.String)
        if field.personal or (not is_operator and is_numbered(contract.dataset, field)):
            shown = text.set(text.str.contains(r"\S"), HIDDEN)
        else:
            read = told.join(part.rows.select("line", value=pl.col(field.name)), on="line", how="left")["value"]
            is_read = read.is_not_null() if person_level else pl.Series([True] * cells.height, dtype=pl.Boolean)
            shown = mask_value(field, text).zip_with(is_read, show_shape(text))
        told = told.with_columns(shown.alias(field.name))
    rows = told.drop("is_accepted").to_dicts()
    return {row.pop("line"): row for row in rows}


def is_numbered(dataset: str, field: Field) -> bool:
    """Whether a column holds a pass or carnet number, or a key that may hold one: the operator's alone."""
    numbers = field.role == "K" or field.type in ("digits", "digits_list") or field.name == "numero_carnet"
    return dataset in _NUMBERED and bool(numbers)


def containers(name: str) -> list[str]:
    """`dossier/a.zip/b.csv` may be a member of `dossier/a.zip`, or the file itself."""
    parts = name.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]


def _delivered_name(path: Path, file_name: str) -> str:
    """The name under which the archived original was delivered: a member's begins with it."""
    return next(
        (n for n in containers(file_name) if flat_name(n) == path.name[ORIGINAL_MARK:]), path.name[ORIGINAL_MARK:]
    )
