"""Records and fields, against Python's csv module on what is well formed, and by hand on what is not."""

from __future__ import annotations

import csv
import io
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.quoting import assemble, count_fields, extract_fields
from ingestion.refusal import Refusal

CELL = st.text(alphabet='a";\n ,x|\té', max_size=6)
ROW = st.lists(CELL, min_size=2, max_size=4)


def split(text: str, separator: str) -> tuple[list[tuple[str, ...]], list[int], int | None]:
    lines = pl.read_lines(text.encode(), name="text", row_index_name="line", row_index_offset=1)
    records = assemble(lines.with_columns(pl.col("line").cast(pl.Int64)), separator)
    counts = count_fields(records.frame["text"], separator).to_list()
    cells = extract_fields(records.frame["text"], separator, list(range(max(counts))))
    rows = [row[:n] for row, n in zip(cells.rows(), counts, strict=True)]
    return rows, records.frame["line"].to_list(), records.open_from


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(ROW, min_size=1, max_size=5),
    separator=st.sampled_from([";", ",", "|", "\t"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_reads_what_the_csv_module_writes(rows: list[list[str]], separator: str, quoting: Literal[0, 1]) -> None:
    """Exports §2: quoted fields holding separators and line breaks."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(rows)
    found, lines, open_from = split(out.getvalue(), separator)
    assert found == [tuple(row) for row in rows]
    breaks = [sum(cell.count("\n") for cell in row) for row in rows]
    assert lines == [1 + i + sum(breaks[:i]) for i in range(len(rows))]
    assert open_from is None


def test_a_record_that_spans_lines_has_the_number_of_its_first() -> None:
    """Exports §5: a record that spans lines has its first line's number."""
    rows, lines, _ = split('a;"b\nc\nd"\ne;f\n', ";")
    assert rows == [("a", "b\nc\nd"), ("e", "f")]
    assert lines == [1, 4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a;5" écran;c', ("a", '5" écran', "c")),
        ('a;"b" ;c', ("a", "b", "c")),
        ('a; "b;x";c', ("a", "b;x", "c")),
        ('a;"b"x;c', ("a", '"b"x', "c")),
        ('"a""b";"";c', ('a"b', "", "c")),
    ],
)
def test_a_quote_that_does_not_quote_is_kept_as_written(text: str, expected: tuple[str, ...]) -> None:
    assert split(text, ";")[0] == [expected]


def test_a_quote_never_closed_is_told_where_it_opens() -> None:
    """Exports §3: unterminated quote → unreadable (the reader refuses the file)."""
    assert split('a;b\nc;"d\ne;f\n', ";")[2] == 2


def test_a_quote_closed_in_the_middle_of_a_word_is_a_missing_quote() -> None:
    """Nothing guessed: the lines in between would be swallowed by one record."""
    with pytest.raises(Refusal, match="ligne 3"):
        split('a;"b\nc;d\ne;"f";g\n', ";")
