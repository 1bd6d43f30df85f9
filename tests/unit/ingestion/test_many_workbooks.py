"""Two hundred and forty workbooks, cell by cell: each cell is what it is (exports §2)."""

from __future__ import annotations

import pytest

from ingestion.cell_marks import DAY_MARK, ERROR_MARK, UNCALCULATED_MARK
from ingestion.sheet import Workbook
from tests.unit.ingestion.many_books import Book, Held, make_book

BOOKS = 240


def told(held: Held) -> str | None:
    """The text that our reader gives of a cell."""
    match held.kind:
        case "number":
            return f"{float(held.value):.15g}"
        case "day":
            return held.value.removesuffix(" 00:00:00") + DAY_MARK
        case "error":
            return ERROR_MARK + held.value
        case "uncalculated":
            return UNCALCULATED_MARK
        case "empty":
            return None
    return held.value


def expected_of(book: Book) -> list[list[str | None]]:
    rows = [[told(held) for held in row] for row in book.rows]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


@pytest.mark.parametrize("start", range(0, BOOKS, 40))
def test_every_cell_of_every_workbook(start: int) -> None:
    for seed in range(start, start + 40):
        book = make_book(seed)
        opened = Workbook(book.data)
        assert opened.uses_1904 == book.uses_1904, (seed, book.features)
        expected = expected_of(book)
        width = max((len(row) for row in expected), default=0)
        found = [list(row) for row in opened.load(1).frame.rows()]
        padded = [(row + [None] * width)[: len(found[0]) if found else 0] for row in expected]
        assert found == padded, (seed, book.features)


def test_the_workbooks_hold_every_oddity() -> None:
    """What is not among them proves nothing."""
    features = {feature for seed in range(BOOKS) for feature in make_book(seed).features}
    assert features == {
        "xlsxwriter", "by hand", "1904", "hidden sheet", "strict", "prefix", "no place", "backslash", "absolute target",
        "other folder", "huge dimension", "no strings",
    }  # fmt: skip
    kinds = {held.kind for seed in range(40) for row in make_book(seed).rows for held in row}
    assert len(kinds) == 7
