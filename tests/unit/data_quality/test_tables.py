"""Checks of tables: each kind of expectation that the suites use, on a table of three rows, and their errors.

Does not live here: checks of lines (test_gate.py), what the suites say of the warehouse (integration/data_quality).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest

from data_quality.context import GateContext
from data_quality.expectations import Expect, Table, TableCheck, expect
from data_quality.gate import run_checks
from data_quality.registry import all_checks
from data_quality.validation import make
from warehouse.check_result import CheckResult

CONTEXT = GateContext(as_of=date(2023, 12, 31))
TABLE = Table(
    name="entry",
    grain="une écriture",
    sql="""
        select * from (values
            ('a', 'engagement', 100.00::decimal(18, 2), 80.00::decimal(18, 2), date '2023-01-01', true),
            ('b', 'engagement', 200.00, 220.00, date '2024-06-01', true),
            ('c', 'recette', 50.00, null, null, false)
        ) as entry(id, nature, incl_eur, excl_eur, entered_on, is_counted)
    """,
)
CHECK = TableCheck(
    code="PN-499",
    table_name="entry",
    owner="MGP",
    sentence="Un essai.",
    expected="un essai",
    why="Un seuil d'essai.",
    mend="Rien.",
    unit="écriture",
    table=TABLE,
    expectations=(),
    units="select 1 as value, id as detail, incl_eur as amount_eur from chosen",
)
ENGAGED = (("nature", "==", "engagement"),)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _judge(con: duckdb.DuckDBPyConnection, *expectations: Expect, **other: object) -> CheckResult:
    (result,) = run_checks(con, CONTEXT, [replace(CHECK, expectations=expectations, **other)])  # type: ignore[arg-type]
    return result


@pytest.mark.parametrize(
    ("expectation", "failing"),
    [
        (expect("ExpectColumnValuesToBeBetween", column="incl_eur", max_value=100), ["b"]),
        (expect("ExpectColumnValuesToBeBetween", column="incl_eur", max_value=200), []),
        # A bound of the settings; a day without date is not judged.
        (expect("ExpectColumnValuesToBeBetween", column="entered_on", max_value=lambda c: c.as_of), ["b"]),
        (expect("ExpectColumnValuesToBeBetween", column="entered_on", min_value=date(2023, 1, 1)), []),
        (
            expect(
                "ExpectColumnValuesToBeBetween",
                column="entered_on",
                min_value=lambda c: c.as_of + timedelta(days=1),
                when=(("id", "!=", "b"),),
            ),
            ["a"],
        ),
        (expect("ExpectColumnValuesToBeInSet", column="is_counted", value_set=[True]), ["c"]),
        (expect("ExpectColumnValuesToBeInSet", column="is_counted", value_set=[True], when=ENGAGED), []),
        (expect("ExpectColumnValuesToNotBeNull", column="excl_eur"), ["c"]),
        (expect("ExpectColumnValuesToNotBeNull", column="excl_eur", when=(("is_counted", "==", True),)), []),
        (expect("ExpectColumnValuesToBeUnique", column="nature"), ["b", "a"]),
        (expect("ExpectColumnValuesToBeUnique", column="id"), []),
        (expect("ExpectCompoundColumnsToBeUnique", column_list=["nature", "is_counted"]), ["b", "a"]),
        (expect("ExpectCompoundColumnsToBeUnique", column_list=["nature", "id"]), []),
        (
            expect(
                "ExpectColumnPairValuesAToBeGreaterThanB",
                column_A="incl_eur",
                column_B="excl_eur",
                or_equal=True,
                ignore_row_if="either_value_is_missing",
            ),
            ["b"],
        ),
        # Judged as a whole: the units are all the rows of its condition.
        (expect("ExpectColumnSumToBeBetween", column="incl_eur", max_value=300, when=ENGAGED), []),
        (expect("ExpectColumnSumToBeBetween", column="incl_eur", max_value=299.99, when=ENGAGED), ["b", "a"]),
    ],
    ids=lambda given: f"{given.type}-{len(given.when)}" if isinstance(given, Expect) else None,
)
def test_the_rows_that_fail_are_the_units(
    con: duckdb.DuckDBPyConnection, expectation: Expect, failing: list[str]
) -> None:
    result = _judge(con, expectation)
    assert result.status == ("ko" if failing else "ok"), result.observed
    assert [failure["detail"] for failure in result.failures] == failing


def test_a_row_that_fails_two_expectations_is_one_unit(con: duckdb.DuckDBPyConnection) -> None:
    twice = expect("ExpectColumnValuesToBeBetween", column="incl_eur", max_value=100)
    result = _judge(con, twice, expect("ExpectColumnValuesToBeBetween", column="excl_eur", max_value=100))
    assert result.observed == "1\u00a0écriture en défaut ; en tête : b"


def test_where_it_holds_the_value_nearest_the_threshold_is_said(con: duckdb.DuckDBPyConnection) -> None:
    """Among the rows judged only."""
    units = "select incl_eur / 1000 as value, id as detail from chosen"
    bounded = expect("ExpectColumnValuesToBeBetween", column="incl_eur", min_value=1, max_value=200)
    none = replace(bounded, when=(("nature", "==", "mandatement"),))
    assert _judge(con, bounded, units=units).observed == "rien à signaler"
    assert _judge(con, bounded, units=units, kind="share").observed == "au plus 20,0\u00a0%"
    assert _judge(con, bounded, units=units, kind="share", lowest_first=True).observed == "au moins 5,0\u00a0%"
    assert _judge(con, replace(bounded, when=ENGAGED), units=units, kind="share", lowest_first=True).observed == (
        "au moins 10,0\u00a0%"
    )
    assert _judge(con, none, units=units, kind="share").observed == "rien à signaler"


@pytest.mark.parametrize(
    "empty",
    [
        expect("ExpectColumnValuesToBeBetween", column="incl_eur", min_value=1),
        expect("ExpectColumnValuesToBeInSet", column="is_counted", value_set=[True]),
        expect("ExpectColumnValuesToNotBeNull", column="excl_eur", when=ENGAGED),
        expect("ExpectColumnValuesToBeUnique", column="id"),
        expect("ExpectCompoundColumnsToBeUnique", column_list=["nature", "id"], when=ENGAGED),
        expect("ExpectColumnPairValuesAToBeGreaterThanB", column_A="incl_eur", column_B="excl_eur", or_equal=True),
        expect("ExpectColumnSumToBeBetween", column="incl_eur", max_value=1, when=ENGAGED),
    ],
    ids=lambda given: given.type,
)
def test_a_table_without_a_row_holds(con: duckdb.DuckDBPyConnection, empty: Expect) -> None:
    table = replace(TABLE, sql=f"select * from ({TABLE.sql}) where false")
    assert _judge(con, empty, table=table).status == "ok", _judge(con, empty, table=table).observed


_SOUND = expect("ExpectColumnValuesToNotBeNull", column="id")


@pytest.mark.parametrize(
    "broken",
    [
        # Refused by Great Expectations when it is made, then inside the expectation.
        replace(CHECK, expectations=(expect("ExpectColumnValuesToBeBetween", column="incl_eur", min_value="vingt"),)),
        replace(CHECK, expectations=(expect("ExpectColumnValuesToBeNowhere", column="incl_eur"),)),
        replace(CHECK, expectations=(expect("ExpectColumnSumToBeBetween", column="nature", max_value=10),)),
        # Its rows fail, and the units that they are cannot be said.
        replace(CHECK, expectations=(expect("ExpectColumnValuesToNotBeNull", column="excl_eur"),), units="select gone"),
    ],
    ids=["kwargs", "type", "exception_info", "units"],
)
def test_an_exception_is_an_error_of_the_check_alone(con: duckdb.DuckDBPyConnection, broken: TableCheck) -> None:
    """Never a failure of the data, never a pass; the others of its table are judged all the same."""
    sound = replace(CHECK, code="PN-497", expectations=(_SOUND,))
    results = {result.code: result for result in run_checks(con, CONTEXT, [sound, broken])}
    assert {code: result.status for code, result in results.items()} == {"PN-497": "ok", "PN-499": "erreur"}
    assert results["PN-499"].observed
    assert not results["PN-499"].failures


def test_a_table_that_cannot_be_made_is_an_error_of_each_of_its_checks(con: duckdb.DuckDBPyConnection) -> None:
    table = Table("gone", "rien", "select * from a_table_that_is_not_there")
    gone = [replace(CHECK, code=code, table=table, expectations=(_SOUND,)) for code in ("PN-496", "PN-497")]
    sound = replace(CHECK, code="PN-498", expectations=(_SOUND,))
    results = run_checks(con, CONTEXT, [*gone, sound])
    assert {result.code: result.status for result in results} == {
        "PN-496": "erreur", "PN-497": "erreur", "PN-498": "ok",
    }  # fmt: skip


EXPECTATIONS = [
    pytest.param(expectation, id=f"{check.code}.{rank}")
    for check in all_checks()
    if isinstance(check, TableCheck)
    for rank, expectation in enumerate(check.expectations)
]


@pytest.mark.parametrize("expectation", EXPECTATIONS)
def test_every_expectation_of_the_suites_is_one_of_great_expectations(expectation: Expect) -> None:
    """It is of the library itself, takes these arguments, and judges the columns that it names."""
    made = make(expectation, CONTEXT)
    assert type(made).__name__ == expectation.type
    assert type(made).__module__.startswith("great_expectations.expectations.core.")
    assert expectation.columns
