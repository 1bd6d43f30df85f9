"""What a report says of a value, to somebody who must mend it in Excel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.accounting import write_receipt
from ingestion.contract import load_layouts
from ingestion.examine import examine
from ingestion.report import write_loading
from ingestion.unpack import unpack
from tests.unit.ingestion.kit import SIRET, TODAY, write_csv
from tests.unit.ingestion.test_sheet import make_xlsx, table

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SENTENCE = "Excel a changé cet identifiant en nombre ou en date"


def report(data: str | bytes, name: str = "f_2022-12-31.csv") -> str:
    content = data.encode() if isinstance(data, str) else data
    examined = examine(next(iter(unpack(name, content))), load_layouts(), TODAY, lambda _: None)
    return write_loading(examined, write_receipt(examined, [], NOW, "", ""))


@pytest.mark.parametrize("field", ["id_utilisation", "id_session", "numero_pass", "siret_lieu"])
def test_an_identifier_that_excel_rewrote_is_told_with_the_way_out(field: str) -> None:
    """Exports §2, Excel's damage in a key: the report says what happened and how to export it again."""
    told = report(write_csv("utilisations", {field: "2,02211E+15"}, {}))
    assert SENTENCE in told and "« Texte »" in told


def test_another_bad_value_is_not_blamed_on_excel() -> None:
    told = report(write_csv("utilisations", {"numero_pass": "abc"}, {"montant": "1,23E+13"}, {}))
    assert "valeur incorrecte" in told and SENTENCE not in told


@pytest.mark.parametrize("column", [0, 1])
def test_a_number_of_a_workbook_too_long_is_shown_without_the_mark_of_its_cell(column: int) -> None:
    """Exports §2: Excel keeps 15 digits. The mark of the cell is the reader's own, never shown."""
    rows: list[list[Any]] = [["U1", "0002100001", "30/11/2021", SIRET, 10, "validee"] for _ in range(2)]
    rows[1][column] = 2022110000000000
    told = report(make_xlsx(table(*rows)), "u_2022-12-31.xlsx")
    assert "`9999999999999999`" in told and SENTENCE in told
    assert "\ufffd" not in told and "\x1a" not in told
