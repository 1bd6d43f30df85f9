"""The gate on tiny profiles: what passes, what fails, what could not be judged, and that it does so in silence."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_quality import lines
from data_quality.context import GateContext, in_context
from data_quality.expectations import LineCheck, Table, TableCheck, expect
from data_quality.gate import failing_rows, run_checks
from data_quality.units import Failing
from warehouse.check_result import MAX_FAILURES

CONTEXT = GateContext(as_of=date(2023, 12, 31))
CHECK = LineCheck(
    code="PN-499",
    table_name="unit",
    owner="lieu",
    sentence="Aucune unité ne dépasse dix.",
    expected="au plus 10",
    why="Un seuil d'essai.",
    mend="Rien.",
    unit="unité",
    maximum=10,
    profile="from (values (3, 'a', 1.0), (10, 'b', 2.0)) as unit(value, detail, amount_eur)",
)

PLACES = Table(
    name="place",
    grain="un lieu",
    sql="select * from (values ('ici', 48.8, 10.0), ('là', 2.4, 20.0)) as place(name, latitude, amount_eur)",
)
LATITUDE = TableCheck(
    code="PN-471",
    table_name="place",
    owner="MGP",
    sentence="Les lieux sont en Île-de-France.",
    expected="latitude entre 48,1 et 49,3",
    why="Un seuil d'essai.",
    mend="Rien.",
    unit="lieu",
    table=PLACES,
    expectations=(expect("ExpectColumnValuesToBeBetween", column="latitude", min_value=48.1, max_value=49.3),),
    units="select latitude as value, name as detail, amount_eur from chosen",
)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _values(*rows: tuple[object, str, float]) -> str:
    values = ", ".join(f"({value}, '{detail}', {amount})" for value, detail, amount in rows)
    return f"from (values {values}) as unit(value, detail, amount_eur)"


def test_at_the_threshold_a_check_holds(con: duckdb.DuckDBPyConnection) -> None:
    (result,) = run_checks(con, CONTEXT, [CHECK])
    assert (result.status, result.observed, list(result.failures)) == ("ok", "au plus 10", [])


def test_above_it_the_failing_units_are_named_the_dearest_first(con: duckdb.DuckDBPyConnection) -> None:
    profile = _values((11, "peu", 5), (99, "beaucoup", 7), (12, "cher", 80), (10, "juste", 900))
    (result,) = run_checks(con, CONTEXT, [replace(CHECK, profile=profile)])
    assert result.status == "ko"
    assert result.observed == "3\u00a0unités en défaut ; en tête : beaucoup"
    assert [failure["detail"] for failure in result.failures] == ["cher", "beaucoup", "peu"]
    assert result.failures[0]["amount_eur"] == 80.0
    assert result.failures[0]["passes"] is None
    assert not result.blocks


def test_a_minimum_names_the_lowest(con: duckdb.DuckDBPyConnection) -> None:
    check = replace(CHECK, minimum=0.1, maximum=None, kind="share")
    (low,) = run_checks(con, CONTEXT, [replace(check, profile=_values((0.05, "bas", 1), (0.5, "haut", 2)))])
    (high,) = run_checks(con, CONTEXT, [replace(check, profile=_values((0.256, "bas", 1), (0.5, "haut", 2)))])
    assert low.observed == "1\u00a0unité en défaut ; en tête : bas"
    assert high.observed == "au moins 25,6\u00a0%"


def test_a_unit_without_a_value_is_not_judged(con: duckdb.DuckDBPyConnection) -> None:
    (result,) = run_checks(con, CONTEXT, [replace(CHECK, profile=_values(("null", "trop peu de lignes", 1)))])
    assert (result.status, result.observed) == ("ok", "rien à signaler")


def test_no_unit_at_all_holds(con: duckdb.DuckDBPyConnection) -> None:
    (result,) = run_checks(con, CONTEXT, [replace(CHECK, profile="select 1 as value, 'a' as detail where false")])
    assert result.status == "ok"


@pytest.mark.parametrize(
    "broken",
    [
        replace(CHECK, profile="select value from a_table_that_is_not_there"),
        replace(CHECK, profile="select 'dix' as value, 'a' as detail"),
        # No value lies between its bounds: a fault of the check.
        replace(CHECK, minimum=20, maximum=10),
    ],
    ids=["sql", "type", "bounds"],
)
def test_an_exception_is_an_error_of_the_check_alone(con: duckdb.DuckDBPyConnection, broken: LineCheck) -> None:
    """Never a failure of the data, never a pass; the others of the suite are judged all the same."""
    sound, failing = replace(CHECK, code="PN-497"), replace(CHECK, code="PN-498", profile=_values((11, "a", 1)))
    results = {result.code: result for result in run_checks(con, CONTEXT, [sound, broken, failing])}
    assert {code: result.status for code, result in results.items()} == {
        "PN-497": "ok", "PN-498": "ko", "PN-499": "erreur",
    }  # fmt: skip
    assert results["PN-499"].observed
    assert not results["PN-499"].failures


def test_a_blocking_check_that_could_not_be_judged_blocks(con: duckdb.DuckDBPyConnection) -> None:
    broken = replace(CHECK, severity="bloquant", profile="select 1 / 'x' as value, 'a' as detail")
    (result,) = run_checks(con, CONTEXT, [broken])
    assert (result.status, result.blocks) == ("erreur", True)


def test_without_a_previous_version_there_is_nothing_to_compare(con: duckdb.DuckDBPyConnection) -> None:
    check = replace(CHECK, needs_previous=True, profile="select 1 as value from previous.core.fct_pass")
    (result,) = run_checks(con, CONTEXT, [check])
    assert (result.status, result.observed) == ("ok", "aucune version précédente à comparer")


def test_every_failing_unit_is_kept_up_to_a_bound_no_programme_reaches(con: duckdb.DuckDBPyConnection) -> None:
    """A hundred lieux over four years of monthly files are 5,000 units: what the reports add up must be whole."""
    assert MAX_FAILURES >= 3 * 5_000
    check = replace(CHECK, profile="select 11 as value, 'unité ' || range as detail, 1 as amount_eur from range(5000)")
    (result,) = run_checks(con, CONTEXT, [check])
    assert result.observed.startswith("5\u202f000\u00a0unités en défaut")
    assert len(result.failures) == len(failing_rows(con, CONTEXT, check)) == 5_000
    assert sum(failure["amount_eur"] or 0 for failure in result.failures) == 5_000
    many = replace(check, profile=check.profile.replace("5000", str(MAX_FAILURES + 1)))
    assert len(failing_rows(con, CONTEXT, many)) == MAX_FAILURES


def test_only_failing_units_leave_duckdb(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million units that hold cost one row of counts; those that fail are fetched, bounded."""
    fetched: list[int] = []
    fetch = lines.fetch_failing

    def count_rows(*arguments: Any, **named: Any) -> Failing:
        failing = fetch(*arguments, **named)
        fetched.append(len(failing.failures))
        return failing

    monkeypatch.setattr(lines, "fetch_failing", count_rows)
    million = "select case when range < {failing} then 11 else 3 end as value, 'unité ' || range as detail "
    million += "from range(1000000)"
    run_checks(con, CONTEXT, [replace(CHECK, profile=million.format(failing=0))])
    assert fetched == []
    run_checks(con, CONTEXT, [replace(CHECK, profile=million.format(failing=2))])
    assert fetched == [2]


def test_what_is_not_a_number_is_not_judged(con: duckdb.DuckDBPyConnection) -> None:
    (result,) = run_checks(con, CONTEXT, [replace(CHECK, profile=_values(("'nan'::double", "0 sur 0", 1)))])
    assert (result.status, result.observed) == ("ok", "rien à signaler")


def test_progress_is_told_as_each_check_ends(con: duckdb.DuckDBPyConnection) -> None:
    told: list[tuple[int, int, str]] = []
    broken = replace(CHECK, code="PN-498", profile="select value from a_table_that_is_not_there")
    run_checks(con, CONTEXT, [CHECK, broken, LATITUDE], lambda *said: told.append(said))
    assert [(done, total) for done, total, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert {code for _, _, code in told} == {"PN-499", "PN-498", "PN-471"}


def test_the_connection_is_left_as_it_was_found(con: duckdb.DuckDBPyConnection) -> None:
    run_checks(con, CONTEXT, [CHECK, LATITUDE])
    assert con.execute("select getvariable('as_of')").fetchone() == (None,)
    assert con.execute("select table_name from duckdb_tables()").fetchall() == []
    macros = "select function_name from duckdb_functions() where starts_with(function_name, 'fr_')"
    assert con.execute(macros).fetchall() == []


def test_the_macros_write_french(con: duckdb.DuckDBPyConnection) -> None:
    with in_context(con, CONTEXT):
        row = con.execute(
            "select fr_int(1234567), fr_share(0.1234), fr_decimal(12345.67), fr_eur(1234.5), "
            "fr_day(date '2023-08-01'), fr_month(date '2023-08-01'), getvariable('as_of')"
        ).fetchone()
    assert row == (
        "1\u202f234\u202f567", "12,3\u00a0%", "12\u202f345,7", "1\u202f234,50\u00a0€", "01/08/2023", "août 2023",
        date(2023, 12, 31),
    )  # fmt: skip


@pytest.mark.slow
def test_great_expectations_says_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    """No progress bar, no log, no temporary folder, even where the caller logs everything."""
    script = (
        "import logging; logging.basicConfig(level=logging.INFO)\n"
        "import duckdb\n"
        "from tests.unit.data_quality.test_gate import CHECK, CONTEXT, run_checks\n"
        "assert run_checks(duckdb.connect(), CONTEXT, [CHECK])[0].status == 'ok'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[3], capture_output=True, text=True,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger("great_expectations").level == logging.WARNING
