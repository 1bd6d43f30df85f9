"""A version that Spark built is published whole, in one step, and never an older one over a newer."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.retention import _old_versions
from warehouse.build.publish import PublicationError
from warehouse.build.spark.published import VERSIONS_KEPT, is_whole, publish, publish_beside, write_catalogue
from warehouse.build.versions import cut_from_versions
from warehouse.published.person import find_in_versions
from warehouse.published.spark_folders import connect_folder, current_folder, describe, spark_folders
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
    folder = publish(built(home), home, "20221130T060000Z-aaaaaa", date(2022, 11, 30), ROWS, {})
    assert current_folder(home) == folder == home.spark_versions / "20221130T060000Z-aaaaaa"
    # Intermediate tables are not published; what was checked is.
    assert sorted(path.name for path in folder.iterdir()) == [
        "checks.json", "core", "marts", "passnum.duckdb", "version.json",
    ]  # fmt: skip
    with duckdb.connect(str(home.spark_published / "passnum.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from core.fct_pass").fetchone() == (3,)


def test_files_that_have_not_the_rows_that_were_written_are_not_published(home: Home) -> None:
    publish(built(home), home, "20221130T060000Z-aaaaaa", date(2022, 11, 30), ROWS, {})
    with pytest.raises(PublicationError, match=r"core.fct_pass, marts.rate"):
        publish(built(home), home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), {"core.fct_pass": 4}, {})
    line = current_folder(home)
    assert line is not None and line.name == "20221130T060000Z-aaaaaa"


def test_an_older_build_never_takes_the_place_of_a_newer_one(home: Home) -> None:
    publish(built(home), home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), ROWS, {})
    with pytest.raises(PublicationError, match="a été commencée après celle-ci"):
        publish(built(home), home, "20221130T060000Z-aaaaaa", date(2022, 11, 30), ROWS, {})
    line = current_folder(home)
    assert line is not None and line.name == "20221201T060000Z-bbbbbb"


def test_a_reader_keeps_the_folder_it_opened_and_the_oldest_go(home: Home) -> None:
    builds = [f"2022120{day}T060000Z-aaaaaa" for day in range(1, 3 + VERSIONS_KEPT)]
    first = publish(built(home), home, builds[0], date(2022, 12, 1), ROWS, {})
    publish(built(home), home, builds[1], date(2022, 12, 2), ROWS, {})
    assert first.is_dir()
    for build_id in builds[2:]:
        publish(built(home), home, build_id, date(2022, 12, 3), ROWS, {})
    assert sorted(path.name for path in home.spark_versions.iterdir()) == builds[-VERSIONS_KEPT:]


def test_a_version_as_of_a_date_is_beside_the_one_in_line(home: Home) -> None:
    line = publish(built(home), home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), ROWS, {})
    for build_id in ("20221202T060000Z-cccccc", "20221203T060000Z-dddddd"):
        folder = publish_beside(built(home), home, build_id, date(2021, 12, 31), ROWS, {"day": "2021-12-31"})
        assert folder == home.spark_as_of / "2021-12-31" and describe(folder)["build_id"] == build_id
    assert current_folder(home) == line
    assert spark_folders(home) == [line, folder]


def test_what_is_published_is_its_owner_s_alone(home: Home) -> None:
    """Hadoop opens what it writes to all."""
    tables = built(home)
    for path in tables.rglob("*"):
        path.chmod(0o755)
    folder = publish(tables, home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), ROWS, {})
    assert {oct(path.stat().st_mode & 0o077) for path in [folder, *folder.rglob("*")]} == {"0o0"}


def test_a_home_that_moved_or_whose_name_is_a_pattern_is_read(home: Home) -> None:
    publish(built(home), home, "20221201T060000Z-bbbbbb", date(2022, 12, 1), ROWS, {})
    moved = Home.at(home.root.rename(home.root.with_name("région [île] d'été {a}")))
    folder = current_folder(moved)
    assert folder is not None and is_whole(folder)
    with connect_folder(folder) as con:
        assert con.execute("select count(*) from core.fct_pass").fetchone() == (3,)
    write_catalogue(folder)
    with duckdb.connect(str(moved.spark_published / "passnum.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from core.fct_pass").fetchone() == (3,)
    next(folder.glob("core/fct_pass/*.parquet")).unlink()
    assert not is_whole(folder)


def test_a_pseudonym_is_cut_from_every_version_of_spark(home: Home) -> None:
    """Nothing of it stays in a file, rows and the other people do not move, and its tables join still."""
    folders: list[Path] = []
    for build_id in ("20221201T060000Z-bbbbbb", "20221202T060000Z-cccccc"):
        tables = built(home)
        with duckdb.connect() as con:
            for table in ("dim_person", "fct_prescription"):
                (tables / "core" / table).mkdir()
                for part, keys in enumerate((["aa", "bb"], ["cc"])):
                    values = ", ".join(f"('{key}', {part}, date '2022-01-01')" for key in keys)
                    con.execute(
                        f"copy (from (values {values}) as t(person_key, part, day)) to "
                        f"'{tables}/core/{table}/part-{part}.parquet'"
                    )
                    (tables / "core" / table / f".part-{part}.parquet.crc").touch()
        rows = ROWS | {"core.dim_person": 3, "core.fct_prescription": 3}
        put = publish if not folders else publish_beside
        folders.append(put(tables, home, build_id, date(2022, 12, 1), rows, {}))
    assert find_in_versions(home, ["bb"]) == {
        folder: {"core.dim_person.person_key": 1, "core.fct_prescription.person_key": 1} for folder in folders
    }
    untouched = {path: path.read_bytes() for folder in folders for path in folder.glob("*/*/part-1.parquet")}
    assert cut_from_versions(home, ["bb"]) == folders
    assert find_in_versions(home, ["bb"]) == {}
    drawn = set()
    for folder in folders:
        assert is_whole(folder)
        assert sorted(path.name for path in (folder / "core" / "dim_person").iterdir()) == [
            ".part-1.parquet.crc", "part-0.parquet", "part-1.parquet",
        ]  # fmt: skip
        with connect_folder(folder) as con:
            people = con.execute("from core.dim_person order by part, person_key").fetchall()
            assert con.execute("from core.fct_prescription order by part, person_key").fetchall() == people
        assert {row[0] for row in people} >= {"aa", "cc"} and all(row[2] == date(2022, 1, 1) for row in people)
        drawn |= {row[0] for row in people} - {"aa", "cc"}
    assert len(drawn) == 2, "each version draws its own"
    assert all(path.read_bytes() == data for path, data in untouched.items())


def test_what_is_past_its_term_goes_but_the_version_in_line(home: Home) -> None:
    builds = ("20221201T060000Z-bbbbbb", "20221202T060000Z-cccccc")
    old, line = (publish(built(home), home, build_id, date(2022, 12, 1), ROWS, {}) for build_id in builds)
    for folder in (old, line):
        os.utime(folder, (0, 0))
    assert _old_versions(home, date(2022, 1, 1)) == [old]
