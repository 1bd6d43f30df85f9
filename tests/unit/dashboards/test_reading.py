"""Rights are held by the database of each reader: what is not there cannot be asked, whatever a page forgets."""

from __future__ import annotations

import inspect
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.access import TEAM, Rights
from dashboards.queries import Reader
from dashboards.reading import Filters
from dashboards.rights import (
    ALL_TABLES,
    BY_ACCOUNT,
    BY_FILE,
    BY_LIEU,
    BY_TERRITORY,
    PROGRAMME_ONLY,
    SHARED,
    NotAllowed,
    open_for,
)

OWN, OTHER = "94080", "93001"


#: What no page may reach: every line, whoever reads.
RAW = {
    "core.fct_pass": "pass_number",
    "core.dim_person": "beneficiary_key",
    "proof.contribution": "source_line",
    "quality.rejected_line": "value",
    "quality.check_failure": "detail",
    "staging.stg_utilisations": "delivered_pass_number",
}
ROLES = [TEAM, Rights("comite"), Rights("territoire", OWN)]


@pytest.fixture(scope="module")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table the pages read, two rows a table, one a territory; and the lines that no page reads."""
    path = tmp_path_factory.mktemp("rights") / "passnum-test.duckdb"
    with duckdb.connect(str(path)) as con:
        for schema in ("core", "marts", "quality", "proof", "staging"):
            con.execute(f"create schema {schema}")
        con.execute("""
            create table quality.rejected_line as
                select 'budget' as dataset, 'montant' as column_name, 'invalid_value' as reason, 'SECRET' as value;
            create table quality.field_issue as from quality.rejected_line;
            create table quality.delivered_file as
                select *, file_id || '.csv' as file_name, 'budget' as dataset, date '2022-01-01' as extract_date,
                    date '2022-01-02' as received_at
                from (values ('94080', 'loaded'), ('93001', 'loaded'), ('late', 'rejected')) as file(file_id, outcome);
        """)
        special = {"quality.rejected_line", "quality.field_issue", "quality.delivered_file"}
        for name, table in ALL_TABLES.items():
            columns = "lieu_siret, k" if name in BY_LIEU else "territory_code, lieu_siret, source_file_id, account_code"
            values = ["('" + "', '".join([code] * len(columns.split(", "))) + "')" for code in (OWN, OTHER)]
            if table not in special:
                con.execute(
                    f"create table if not exists {table} as "
                    f"select *, 'Nom' as territory_name, 1 as ami from (values {', '.join(values)}) as rows({columns})"
                )
        for table, column in RAW.items():
            if table not in special:
                con.execute(f"create table {table} as select 'SECRET' as {column}")
    return path


def test_every_table_is_under_one_rule_and_one_only() -> None:
    rules = [SHARED, BY_TERRITORY, BY_ACCOUNT, BY_LIEU, BY_FILE, PROGRAMME_ONLY]
    assert sum(len(rule) for rule in rules) == len(ALL_TABLES)
    assert not {name for name in SHARED if "territory" in name or "lieu" in name}


@pytest.mark.parametrize("name", [*BY_TERRITORY, *BY_LIEU])
def test_a_territory_reads_its_own_rows(published_file: Path, name: str) -> None:
    reader = Reader(published_file, Rights("territoire", OWN))
    rows = reader.ask("from {" + name + "}")
    assert rows.to_series(0).to_list() == [OWN]
    assert Reader(published_file, TEAM).ask("from {" + name + "}").height == 2


def test_a_territory_reads_the_sources_of_its_events_and_of_its_carnets(published_file: Path, tmp_path: Path) -> None:
    """A use of its carnets elsewhere is of its account of the mandate; one of the carnets of others there, its own."""
    path = tmp_path / "passnum-account.duckdb"
    shutil.copy(published_file, path)
    with duckdb.connect(str(path)) as con:
        con.execute(
            "insert into proof.figure_source (territory_code, account_code, source_file_id) "
            "values (?, ?, 'a'), (?, ?, 'b'), (?, ?, 'c')",
            [OTHER, OWN, OWN, OTHER, OTHER, OTHER],
        )
    rows = Reader(path, Rights("territoire", OWN)).ask("from {figure_source}")
    assert sorted(rows["source_file_id"]) == sorted([OWN, "a", "b"])
    assert Reader(path, TEAM).ask("from {figure_source}").height == 5


@pytest.mark.parametrize("name", PROGRAMME_ONLY)
def test_a_territory_is_refused_the_tables_of_the_programme(published_file: Path, name: str) -> None:
    with pytest.raises(NotAllowed):
        Reader(published_file, Rights("territoire", OWN)).ask("from {" + name + "}")
    assert not Reader(published_file, Rights("comite")).ask("from {" + name + "}").is_empty()


def test_a_filter_cannot_widen_the_rights(published_file: Path) -> None:
    reader = Reader(published_file, Rights("territoire", OWN))
    asked = Filters(territories=(OTHER,))
    rows = reader.ask("from {territory_progress} where " + asked.where("territory_code"), asked)
    assert rows.is_empty()


def test_a_territory_reads_the_names_of_its_own_files(published_file: Path) -> None:
    assert Reader(published_file, ROLES[2]).ask("from {source_file}")["file_name"].to_list() == ["94080.csv"]
    everyone = Reader(published_file, TEAM).ask("from {source_file}")
    assert sorted(everyone["file_name"]) == ["93001.csv", "94080.csv"], "a file refused brings nothing"


def test_rejected_lines_are_counted_and_their_values_left_out(published_file: Path) -> None:
    rows = Reader(published_file, TEAM).ask("from {rejects}").rows()
    assert rows == [("budget", "montant", "invalid_value", 1)]


@pytest.mark.parametrize("rights", ROLES, ids=lambda rights: rights.role)
@pytest.mark.parametrize("table", RAW)
def test_no_role_can_name_a_raw_table(published_file: Path, rights: Rights, table: str) -> None:
    """role × schema: neither by its name, nor by the name it had while it was attached, nor in any catalogue."""
    with open_for(published_file, rights) as con:
        for name in (table, f"published.{table}", table.split(".")[1]):
            with pytest.raises(duckdb.CatalogException if "published" not in name else duckdb.Error):
                con.execute(f"from {name}")
        tables = con.execute("select database_name, schema_name, table_name from duckdb_tables()").fetchall()
        assert {(database, schema) for database, schema, _ in tables} == {("memory", "main")}
        assert {name for *_, name in tables} <= set(ALL_TABLES)
        held = con.execute("select distinct column_name from duckdb_columns() where not internal").fetchall()
        assert not {(column,) for column in RAW.values()} & set(held)


@pytest.mark.parametrize("rights", ROLES, ids=lambda rights: rights.role)
def test_no_role_can_get_out_of_its_database(published_file: Path, tmp_path: Path, rights: Rights) -> None:
    """Whatever SQL a page ran: the file cannot be attached, read, copied or imported again, nor the lock undone."""
    stolen = tmp_path / "stolen.csv"
    ways = [
        f"attach '{published_file}' as again (read_only)",
        f"from '{published_file}'",
        f"from read_text('{published_file}')",
        f"from read_blob('{published_file.parent}/*')",
        f"from glob('{published_file.parent}/*')",
        f"copy (select 1) to '{stolen}'",
        f"export database '{tmp_path}'",
        f"import database '{tmp_path}'",
        "set enable_external_access = true",
        "reset enable_external_access",
        "set lock_configuration = false",
        "reset lock_configuration",
        f"set allowed_directories = ['{published_file.parent}']",
        "set search_path = 'published'",
        "use published",
        "install httpfs",
    ]
    with open_for(published_file, rights) as con:
        for way in ways:
            with pytest.raises(duckdb.Error):
                con.execute(way)
            with pytest.raises(duckdb.Error):
                con.cursor().execute(way)
    assert not stolen.exists()


def test_no_page_opens_a_file_itself() -> None:
    """rights.py is the one way to the files: nothing else of the pages connects, and a question has no other names."""
    folder = Path(inspect.getfile(Reader)).parent
    connecting = {
        path.name for path in folder.rglob("*.py") if re.search(r"duckdb\.connect|versions\.connect", path.read_text())
    }
    assert connecting == {"rights.py"}
    source = "".join(inspect.getsource(cls) for cls in Reader.__mro__[:-1])
    assert not re.findall(r"(?:from|join)\s+(?:core|proof|marts|quality)\.", source)


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
