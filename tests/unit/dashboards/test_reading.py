"""Rights are held in the query: a territory's reader meets its own rows, whatever is asked."""

from __future__ import annotations

import inspect
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.access import TEAM, Rights
from dashboards.queries import Reader
from dashboards.reading import ALL_TABLES, BY_LIEU, BY_TERRITORY, PROGRAMME_ONLY, SHARED, Filters, NotAllowed

OWN, OTHER = "94080", "93001"


@pytest.fixture(scope="module")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table the pages read: two rows a table, one a territory."""
    path = tmp_path_factory.mktemp("rights") / "passnum-test.duckdb"
    with duckdb.connect(str(path)) as con:
        for schema in ("core", "marts", "quality"):
            con.execute(f"create schema {schema}")
        for name, table in ALL_TABLES.items():
            code = "lieu_siret" if name in BY_LIEU else "territory_code"
            con.execute(f"create table {table} as select * from (values (?, ?)) as rows({code}, lieu)", [OWN, OWN])
            con.execute(f"insert into {table} values (?, ?)", [OTHER, OTHER])
        con.execute("alter table core.dim_lieu rename column lieu to lieu_siret")
    return path


def test_every_table_is_under_one_rule_and_one_only() -> None:
    rules = [SHARED, BY_TERRITORY, BY_LIEU, PROGRAMME_ONLY]
    assert sum(len(rule) for rule in rules) == len(ALL_TABLES)
    assert not {name for name in SHARED if "territory" in name or "lieu" in name}


@pytest.mark.parametrize("name", [*BY_TERRITORY, *BY_LIEU])
def test_a_territory_reads_its_own_rows(published_file: Path, name: str) -> None:
    reader = Reader(published_file, Rights("territoire", OWN))
    rows = reader.ask("from {" + name + "}")
    assert rows.to_series(0).to_list() == [OWN]
    assert Reader(published_file, TEAM).ask("from {" + name + "}").height == 2


@pytest.mark.parametrize("name", PROGRAMME_ONLY)
def test_a_territory_is_refused_the_tables_of_the_programme(published_file: Path, name: str) -> None:
    with pytest.raises(NotAllowed):
        Reader(published_file, Rights("territoire", OWN)).ask("from {" + name + "}")
    assert Reader(published_file, Rights("comite")).ask("from {" + name + "}").height == 2


def test_a_filter_cannot_widen_the_rights(published_file: Path) -> None:
    reader = Reader(published_file, Rights("territoire", OWN))
    asked = Filters(territories=(OTHER,))
    rows = reader.ask("from {territory_progress} where " + asked.where("territory_code"), asked)
    assert rows.is_empty()


def test_every_query_reads_rows_of_people_and_places_through_the_rights() -> None:
    """A query that named a table of marts itself would escape the rights; core names alone may be looked up."""
    source = "".join(inspect.getsource(cls) for cls in Reader.__mro__[:-1])
    direct = {table for table in ALL_TABLES.values() if f"from {table}" in source or f"join {table}" in source}
    assert direct <= {"core.dim_territory", "core.dim_lieu"}


def test_a_period_is_inclusive_and_open_ended() -> None:
    with duckdb.connect() as con:
        year = "generate_series(date '2021-01-01', date '2021-12-01', interval 1 month)"
        con.execute(f"create table t as select unnest({year})::date as month")

        def months(**values: Any) -> int:
            chosen = Filters(**values)
            bound = {k: v for k, v in chosen.values.items() if k in {"start", "end"}}
            return con.execute(f"select count(*) from t where {chosen.where('month')}", bound).fetchall()[0][0]

        assert months() == 12
        assert months(start=date(2021, 3, 1)) == 10
        assert months(start=date(2021, 3, 1), end=date(2021, 3, 1)) == 1
        assert months(end=date(2021, 3, 1)) == 3
