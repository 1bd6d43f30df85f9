"""How lines are cited: one and two by name, more as a range, with how many where the range holds others too."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.published.cited import EUROS, gathered, lines_told, one_line


@pytest.mark.parametrize(
    ("first", "last", "lines", "told"),
    [
        ("12", "12", 1, "ligne 12"),
        ("2", "9", 2, "lignes 2 et 9"),
        ("2", "4", 3, "lignes 2 à 4"),
        ("2", "40", 12, "lignes 2 à 40 (12 lignes)"),
        ("null", "null", 0, ""),
    ],
)
def test_lines_are_told(first: str, last: str, lines: int, told: str) -> None:
    """« P3, lignes 2 à 40 (12 lignes) »: an accountant finds the lines, and knows that others lie between."""
    assert duckdb.sql(f"select {lines_told(first, last, str(lines))}").fetchall() == [(told,)]


def test_a_line_that_bears_several_operations_is_cited_once() -> None:
    """Ten passes of one carnet are one line."""
    operations = """(values ('a', 'f', 3, 10.0), ('a', 'f', 3, 10.0), ('a', 'g', 7, 5.0), ('b', 'f', 4, 1.0))
        as operation (nature, source_file_id, source_line, amount_eur)"""
    found = duckdb.sql(
        gathered(operations, {"nature": "nature"}, {"amount_eur": EUROS}) + " order by nature"
    ).fetchall()
    assert [(nature, float(amount)) for nature, amount, _ in found] == [("a", 25.0), ("b", 1.0)]
    assert found[0][2] == [{"file_id": "f", "said": "ligne 3"}, {"file_id": "g", "said": "ligne 7"}]


def test_a_row_of_one_line_is_cited_in_the_same_words() -> None:
    told = duckdb.sql(f"select {one_line()} from (select 'f' as source_file_id, 8 as source_line)").fetchone()
    assert told == ([{"file_id": "f", "said": "ligne 8"}],)
