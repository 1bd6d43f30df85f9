"""What the analysts are promised: sample queries that run, comments in the file, Parquet beside it, read-only."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
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
    """Row for row once the types are put back: no cent is lost on the way to a number."""
    folder = golden_home / "warehouse" / "parquet"
    marts = [
        name
        for (name,) in published.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
    ]
    assert sorted(path.stem for path in folder.glob("*.parquet")) == marts
    for mart in marts:
        columns = published.execute(
            "select column_name, data_type from duckdb_columns() where schema_name = 'marts' and table_name = ?", [mart]
        ).fetchall()
        back = ", ".join(
            f"string_split({name}, ' | ') as {name}" if kind.endswith("[]") else f"cast({name} as {kind}) as {name}"
            for name, kind in columns
            if name != "accepted_deliveries"  # an empty list and an empty text
        )
        asked = ", ".join(name for name, _ in columns if name != "accepted_deliveries")
        file = f"select {back} from read_parquet('{folder / mart}.parquet')"
        table = f"select {asked} from marts.{mart}"
        assert (
            published.execute(f"({file} except all {table}) union all ({table} except all {file})").fetchall() == []
        ), mart


def test_pandas_reads_numbers_days_and_codes_as_such(golden_home: Path) -> None:
    """No column of Python objects; a code keeps its zeros and is no number."""
    folder = golden_home / "warehouse" / "parquet"
    frames = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    objects = [
        f"{mart}.{name}" for mart, frame in frames.items() for name in frame.columns if frame[name].dtype == object
    ]
    assert objects == []
    months = frames["territory_month"]
    assert months["month"].dt.year.max() == 2022
    assert months["face_value_used_eur"].dtype == "float64"
    assert set(months["territory_code"]) >= {"94080"}
    assert frames["lieu_activity"]["lieu_siret"].str.len().eq(14).all()


def test_a_parquet_file_says_its_version_in_its_metadata_and_in_a_name(
    published: duckdb.DuckDBPyConnection, golden_home: Path
) -> None:
    folder = golden_home / "warehouse" / "parquet"
    build_id, as_of = published.execute("select max(build_id), any_value(as_of) from quality.build").fetchone() or (
        "",
        "",
    )
    said = {
        key.decode(): value.decode()
        for key, value in pq.read_schema(folder / "territory_month.parquet").metadata.items()
        if key != b"ARROW:schema"
    }
    assert said["build_id"] == build_id
    assert said["as_of"] == str(as_of)
    assert said["is_demo"] == "false"
    assert said["description"].startswith("Grain: one row per territory × month")
    dated = folder / "dated" / f"territory_month_{as_of}_{build_id}.parquet"
    assert dated.read_bytes() == (folder / "territory_month.parquet").read_bytes()
    assert len(list((folder / "dated").iterdir())) == len(list(folder.glob("*.parquet")))


def test_the_keys_are_told_in_the_file_and_hold(published: duckdb.DuckDBPyConnection) -> None:
    """A tool that reads comments, or quality.table_key, finds the joins; each of them holds on the published rows."""
    comments = {
        (table, column): comment
        for table, column, comment in published.execute(
            "select schema_name || '.' || table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
    }
    keys = published.execute(
        "select table_name, string_split(column_names, ', '), kind, to_table, to_columns, coalesce(row_filter, 'true') "
        "from quality.table_key"
    ).fetchall()
    assert {kind for _, _, kind, *_ in keys} == {"primary", "foreign"}
    for table, columns, kind, to_table, to_columns, row_filter in keys:
        names = ", ".join(columns)
        if kind == "primary":
            wrong = f"select {names} from {table} group by all having count(*) > 1"
            told = "Clé primaire"
        else:
            wrong = (
                f"select {names} from {table} where {row_filter} "
                f"and {names} not in (select {to_columns} from {to_table})"
            )
            told = f"Clé étrangère vers {to_table}({to_columns})"
        assert published.execute(wrong).fetchall() == [], (table, names)
        assert [name for name in columns if told not in comments[table, name]] == []
    assert ("core.fct_attendance", ["person_key"], "foreign", "core.dim_person", "person_key", "true") in keys


def test_every_table_with_a_key_test_tells_a_primary_key(published: duckdb.DuckDBPyConnection) -> None:
    """Of core, proof and marts, only the contributions have none: they are lines and events."""
    without = published.execute(
        "select schema_name || '.' || table_name as name from duckdb_tables() "
        "where schema_name in ('core', 'proof', 'marts') "
        "and name not in (select table_name from quality.table_key where kind = 'primary')"
    ).fetchall()
    assert without == []


def test_a_reader_cannot_write(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        published.execute("delete from marts.indicator")
