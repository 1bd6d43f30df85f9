"""The two engines on the same deliveries: every table row for row, every check with the same verdict (docs/echelle.md).

Needs Spark's environment: `make test-scale`. What Spark alone shows is tried here; the rules of its SQL, without it, in
tests/unit/warehouse/test_spark_translation.py.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest

from tests.conftest import passnum_here, settle
from tests.scale.comparison import compare
from warehouse.published.versions import current_path
from warehouse.settings import Home

ASKED = "PASSNUM_SCALE"
#: Carnets, dirt: one with every dirt there is, one ten times larger.
WORLDS = [(600, "nasty"), (6000, "real")]

pytestmark = pytest.mark.skipif(
    ASKED not in os.environ, reason="Spark's environment, a quarter of an hour: make test-scale"
)


@pytest.fixture(params=WORLDS, ids=lambda world: f"{world[0]}-{world[1]}", scope="module")
def built_twice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home whose version was built by DuckDB, then by Spark."""
    carnets, dirt = request.param
    home = tmp_path_factory.mktemp("scale") / "home"
    passnum_here("simulate", "--out", str(home / "landing"), "--carnets", str(carnets), "--dirt", dirt)
    settle(home / "landing")
    passnum_here("run", home=home)
    passnum_here("run", "--engine", "spark", home=home)
    return Home.at(home)


@pytest.mark.timeout(3600)
def test_every_table_is_the_same_row_for_row(built_twice: Home) -> None:
    version = current_path(built_twice)
    assert version is not None
    compared = compare(version, built_twice.spark_published)
    print(f"\n{len(compared)} tables, {sum(table.rows for table in compared)} rows")  # noqa: T201 — what the docs tell
    assert [table for table in compared if not table.is_equal] == []
    assert len(compared) > 60
    assert all(table.rows for table in compared if table.table in ("core.fct_pass", "proof.contribution", "marts.rate"))


def test_every_check_has_the_same_verdict_and_as_many_units(built_twice: Home) -> None:
    version = current_path(built_twice)
    with duckdb.connect(str(version), read_only=True) as con:
        mine = con.execute("select code, table_name, status, observed from quality.check_result").fetchall()
    told = json.loads((built_twice.spark_published / "checks.json").read_bytes())
    theirs = [(check["code"], check["table_name"], check["status"], check["observed"]) for check in told]
    assert sorted(theirs) == sorted(mine)
    assert len(theirs) > 200


def test_the_folder_is_opened_with_duckdb_by_its_catalogue(built_twice: Home) -> None:
    version = current_path(built_twice)
    asked = "select indicator, round(value, 6) from marts.programme_progress order by 1"
    with duckdb.connect(str(version), read_only=True) as con:
        expected = con.execute(asked).fetchall()
    catalogue = Path(built_twice.spark_published.resolve()) / "passnum.duckdb"
    with duckdb.connect(str(catalogue), read_only=True) as con:
        assert con.execute(asked).fetchall() == expected
