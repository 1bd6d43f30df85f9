"""The analysts' file: the same figures as the published version, and no key of a pass, a carnet or a person in it."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest

from reporting.analysts import KEYS, LEFT_OUT
from tests.conftest import passnum_here
from tests.once import copy_home


@pytest.fixture(scope="module")
def homes(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The published file and the analysts' one."""
    home = copy_home(golden_home, tmp_path_factory.mktemp("analysts") / "home")
    passnum_here("export", "analystes", home=home)
    (made,) = (home / "reports" / "analystes").iterdir()
    return (home / "warehouse" / "passnum.duckdb").resolve(), made


def test_no_key_is_in_the_file(homes: tuple[Path, Path]) -> None:
    """Issue 18, item 6: no column of theirs, no value of theirs in any text column, no byte of theirs."""
    published, made = homes
    with duckdb.connect(str(published), read_only=True) as con:
        keys = {
            str(key)
            for column, table in (
                ("person_key", "dim_person"), ("carnet_number", "dim_carnet"), ("pass_number", "fct_pass"),
                ("prescription_id", "fct_prescription"), ("redemption_id", "fct_redemption"),
            )
            for (key,) in con.execute(f"select distinct {column} from core.{table}").fetchall()
            if key is not None
        }  # fmt: skip
    assert len(keys) > 100
    with duckdb.connect(str(made), read_only=True) as con:
        columns = con.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall()
        assert not {name for *_, name, _ in columns} & set(KEYS)
        assert not {f"{schema}.{table}" for schema, table, *_ in columns} & set(LEFT_OUT)
        for schema, table, name, kind in columns:
            if kind == "VARCHAR":
                found = con.execute(f'select distinct "{name}" from "{schema}"."{table}"').fetchall()
                assert not {text for (text,) in found} & keys, (schema, table, name)
    raw = made.read_bytes()
    assert not [key for key in keys if len(key) > 8 and key.encode() in raw]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_the_figures_are_those_of_the_published_version(homes: tuple[Path, Path]) -> None:
    """Every mart, row for row; `metric` answers the same in every cut."""
    published, made = homes
    with duckdb.connect() as con:
        con.execute(f"attach '{published}' as published (read_only)")
        con.execute(f"attach '{made}' as made (read_only)")
        tables = con.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = 'marts'"
        ).fetchall()
        assert len(tables) > 10
        for (table,) in tables:
            columns = ", ".join(f'"{name}"' for name, *_ in con.execute(f"describe made.marts.{table}").fetchall())
            sides = [f"select {columns} from {side}.marts.{table}" for side in ("published", "made")]
            differing = con.execute(f"({sides[0]} except all {sides[1]}) union all ({sides[1]} except all {sides[0]})")
            assert differing.fetchall() == [], table
        asked = "select * from metric('hours', by := 'territory, month') order by all"
        answers = []
        for name in ("published", "made"):
            con.execute(f"use {name}")
            answers.append(con.execute(asked).fetchall())
        con.execute("use memory")
    assert answers[0] == answers[1] and len(answers[0]) > 1


def test_nothing_published_is_told(tmp_path: Path) -> None:
    told = passnum_here("export", "analystes", home=tmp_path / "home", exit_code=1)
    assert "Aucune version" in told
