"""One description of a column, for pages, workbooks, CSV and documents."""

from __future__ import annotations

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from presentation.format_fr import KINDS, PEOPLE_KINDS, SIGNED, TEXT_KINDS, UNIT_WRITERS
from presentation.looks import DOCUMENT, DOWNLOAD, LIST
from presentation.table import Column, Layout, MappingError, fill
from reporting.files.tabular import schema_of

ROOT = Path(__file__).parents[3]
ROOMS = ("presentation", "reporting", "dashboards", "orchestration", "warehouse")


def test_one_class_says_what_a_column_is() -> None:
    """Pages and documents had one each, and the grid of a workbook a third."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Column")
    ]
    assert found == ["presentation/table.py"]


def test_every_kind_has_its_cell_in_every_workbook() -> None:
    """A number format is written once: a look adds its borders and its font."""
    for name, kind in KINDS.items():
        assert DOCUMENT.kinds[name]["num_format"] == kind.cell
        assert DOCUMENT.styles[f"total_{name}"]["num_format"] == kind.cell
        assert name in DOWNLOAD.kinds
        assert name in TEXT_KINDS or LIST.kinds[name]["num_format"] == kind.cell
    assert DOWNLOAD.kinds["euros_round"]["num_format"] == KINDS["euros"].cell, "a file to work on shows the cents"


def test_the_kinds_named_elsewhere_exist() -> None:
    """Of units, of people, of differences; a difference is written with its sign."""
    assert {*UNIT_WRITERS.values(), *PEOPLE_KINDS, *SIGNED} <= set(KINDS)
    assert KINDS["signed_euros"].write(Decimal(5)) == "+5,00\u00a0€"
    assert KINDS["signed_euros"].cell == KINDS["euros"].cell


def test_the_kind_of_each_row_may_differ() -> None:
    frame = pl.DataFrame({"value": [1.0, 2.0], "kind": ["euros", "share"]})
    assert Column("value", "Valeur", kind_from="kind").kinds(frame) == ["euros", "share"]
    assert Column("value", "Valeur", "hours").kinds(frame) == ["hours", "hours"]


def test_a_column_is_filled_declared_and_written_from_one_description() -> None:
    """`source` is the column of the figures, the column's own name where it says none."""
    columns = (Column("jour", "Jour", "date", "day"), Column("hours", "Heures", "hours"))
    frame = pl.DataFrame({"day": [date(2023, 1, 2)], "hours": [1.5]})
    table = fill(Layout("t", "T", "Titre", "f", ("jour",), columns), frame)
    assert table.text().rows() == [("2023-01-02", "1.5")]
    fields = schema_of(table)["fields"]
    assert [(field["name"], field["title"], field["type"]) for field in fields] == [
        ("jour", "Jour", "date"), ("hours", "Heures", "number"),
    ]  # fmt: skip
    assert fields[0]["format"] == "%Y-%m-%d"


def test_a_kind_that_does_not_exist_is_refused_by_name() -> None:
    layout = Layout("t", "T", "Titre", "f", (), (Column("a", "A", "montant"),))
    with pytest.raises(MappingError, match=r"le type « montant » n'existe pas\. Types possibles : text, "):
        fill(layout, pl.DataFrame({"a": [1]}))
