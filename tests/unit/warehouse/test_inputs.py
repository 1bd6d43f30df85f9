"""The programme's tables that a build starts from. Does not live here: what the models make of them (golden set)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest
from pydantic import BaseModel

from programme.config import load_programme
from programme.models import Commune, Decision, Territory, TerritoryChange
from warehouse.build.inputs import _TABLES, write_inputs


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """A database with the inputs of the shipped programme, its State rate changed for one with four decimals."""
    con = duckdb.connect()
    programme = load_programme().model_copy(update={"state_rate": Decimal("0.3333"), "name": "L'été"})
    write_inputs(con, programme, as_of=date(2022, 11, 30), build_id="essai")
    return con


def test_the_tables_have_the_types_that_they_are_declared_with(con: duckdb.DuckDBPyConnection) -> None:
    """Money is DECIMAL(18,2): no type is guessed from the values of the day, an empty list or a blank included."""
    found = con.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'inputs' order by all"
    ).fetchall()
    declared = sorted((table, name, kind) for table, columns in _TABLES.items() for name, kind in columns.items())
    assert found == declared


def test_the_values_are_the_programme_s_own_to_the_last_digit(con: duckdb.DuckDBPyConnection) -> None:
    """Settings belong to the version: what the build freezes is what the programme says, decimals exact."""
    columns = "as_of, name, budget_eur, state_rate, state_ceiling_eur, accepted_deliveries"
    assert con.execute(f"select {columns} from inputs.programme").fetchall() == [
        (date(2022, 11, 30), "L'été", Decimal("3800000.00"), Decimal("0.3333"), Decimal("1800000.00"), [])
    ]
    programme = load_programme()
    territories = con.execute("select * from inputs.territory").fetchall()
    assert territories == [tuple(territory.model_dump().values()) for territory in programme.territories]
    assert con.execute("select count(*) from inputs.commune").fetchone() == (len(programme.communes),)
    assert con.execute("select name from inputs.holiday where holiday_on = '2022-07-14'").fetchone() is not None


def test_no_column_of_a_place_is_left_out() -> None:
    """A column added to a list of places reaches the warehouse, or this fails."""
    places: dict[str, type[BaseModel]] = {
        "territory": Territory,
        "territory_change": TerritoryChange,
        "commune": Commune,
        "decision": Decision,
    }
    assert {name: list(_TABLES[name]) for name in places} == {
        name: list(model.model_fields) for name, model in places.items()
    }
