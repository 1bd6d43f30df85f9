"""What `passnum map` reads of a column once for several fields is what each of them reads."""

from __future__ import annotations

import polars as pl
import pytest

from ingestion.contract import load_layouts
from ingestion.evidence import _SETTING, Column
from ingestion.values import type_column

CELLS = {
    "numbers": ["1", "600", "601", "1968", "2101", "0", "00000000000000", "-3", "10,50"],
    "texts": ["validee", "Validée", "1,2E+13", "femme", "oui", "ccas; mairie", "MÃ©diathÃ¨que", "05/03/2021", "LOT-1"],
    "codes": ["94080", "2A004", "00542002100044", "542002100044", "12345678|12345679", "2022-01-31 10:00", "0", "#N/A"],
}


@pytest.mark.parametrize("cells", CELLS.values(), ids=list(CELLS))
def test_fields_that_share_a_reading_each_read_what_they_would_alone(cells: list[str]) -> None:
    """A reading is shared by fields that differ by their words alone, never by their rules."""
    column = Column.of(0, "colonne", pl.Series(cells))
    fields = [field for contract in load_layouts() for field in contract.fields]
    for field in fields:
        alone = type_column(field, column.values, _SETTING)
        assert column.typed_as(field).equals(alone), field.name
    assert 10 < len(column._typed) < len(fields) / 2, "readings are shared, and not by all"
