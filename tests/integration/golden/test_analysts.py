"""What the analysts are promised: sample queries that run, comments in the file, Parquet beside it, read-only."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

ROOT = Path(__file__).parents[3]
QUERIES = sorted((ROOT / "docs" / "requetes").glob("*.sql"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_every_sample_query_runs_and_is_in_the_guide(published: duckdb.DuckDBPyConnection, query: Path) -> None:
    published.execute(query.read_text(encoding="utf-8")).fetchall()
    assert query.name in (ROOT / "docs" / "analystes.md").read_text(encoding="utf-8")


def test_there_are_ten_sample_queries() -> None:
    assert len(QUERIES) == 10


def test_every_published_table_and_column_carries_its_comment(published: duckdb.DuckDBPyConnection) -> None:
    tables = published.execute(
        "select schema_name || '.' || table_name, comment from duckdb_tables() where not temporary"
    ).fetchall()
    assert {name.split(".")[0] for name, _ in tables} == {"core", "proof", "marts", "quality"}
    assert [name for name, comment in tables if not (comment or "").startswith("Grain: one row per ")] == []
    columns = published.execute(
        "select schema_name || '.' || table_name || '.' || column_name from duckdb_columns() "
        "where not internal and database_name <> 'temp' and coalesce(comment, '') = ''"
    ).fetchall()
    assert columns == []


def test_one_parquet_file_per_mart_equal_to_it(published: duckdb.DuckDBPyConnection, golden_home: Path) -> None:
    folder = golden_home / "warehouse" / "parquet"
    marts = [
        name
        for (name,) in published.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
    ]
    assert sorted(path.stem for path in folder.glob("*.parquet")) == marts
    for mart in marts:
        expected = published.execute(f"select count(*) from marts.{mart}").fetchone()
        assert (pl.read_parquet(folder / f"{mart}.parquet").height,) == expected


def test_a_reader_cannot_write(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        published.execute("delete from marts.indicator")
