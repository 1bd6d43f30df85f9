"""A version that Spark built is published whole, in one step, and never an older one over a newer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.build.publish import PublicationError
from warehouse.build.spark.published import VERSIONS_KEPT, current, publish
from warehouse.settings import Home

ROWS = {"core.fct_pass": 3, "marts.rate": 1, "intermediate.int_line": 9}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home").create()


def built(home: Home, rows: dict[str, int] = ROWS) -> Path:
    """Tables as Spark leaves them, in a work folder."""
    tables = home.builds / "run" / "parquet"
    with duckdb.connect() as con:
        for name, count in rows.items():
            folder = tables / name.replace(".", "/")
            folder.mkdir(parents=True)
            con.execute(f"copy (select range as number from range({count})) to '{folder}/part-0.parquet'")
            (folder / "_SUCCESS").touch()
    (tables / "checks.json").write_text("[]")
    return tables


def test_a_version_is_a_folder_that_duckdb_opens_by_its_catalogue(home: Home) -> None:
    folder = publish(built(home), home, "20221130T060000Z-aaaaaa", date(2022, 11, 30), ROWS)
    assert current(home) == folder == home.spark_versions / "20221130T060000Z-aaaaaa"
    # Intermediate tables are not published; what was checked is.
    assert sorted(path.name for path in folder.iterdir()) == [
        "checks.json", "core", "marts", "passnum.duckdb", "version.json",
    ]  # fmt: skip
    with duckdb.connect(str(home.spark_published / "passnum.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from core.fct_pass").fetchone() == (3,)


def test_files_that_have_not_the_rows_that_were_written_are_not_published(home: Home) -> None:
    publish(built(home), home, "20221130T060000Z-aaaaaa", date(2022, 11, 30), ROWS)
    with pytest.raises(PublicationError, match=r"core.fct_pass, marts.rate"):
        publish(built(home), home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), {"core.fct_pass": 4})
    line = current(home)
    assert line is not None and line.name == "20221130T060000Z-aaaaaa"


def test_an_older_build_never_takes_the_place_of_a_newer_one(home: Home) -> None:
    publish(built(home), home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), ROWS)
    with pytest.raises(PublicationError, match="a été commencée après celle-ci"):
        publish(built(home), home, "20221130T060000Z-aaaaaa", date(2022, 11, 30), ROWS)
    line = current(home)
    assert line is not None and line.name == "20221201T060000Z-bbbbbb"


def test_a_reader_keeps_the_folder_it_opened_and_the_oldest_go(home: Home) -> None:
    builds = [f"2022120{day}T060000Z-aaaaaa" for day in range(1, 3 + VERSIONS_KEPT)]
    first = publish(built(home), home, builds[0], date(2022, 12, 1), ROWS)
    publish(built(home), home, builds[1], date(2022, 12, 2), ROWS)
    assert first.is_dir()
    for build_id in builds[2:]:
        publish(built(home), home, build_id, date(2022, 12, 3), ROWS)
    assert sorted(path.name for path in home.spark_versions.iterdir()) == builds[-VERSIONS_KEPT:]
