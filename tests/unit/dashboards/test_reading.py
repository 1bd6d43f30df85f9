"""Rights are held by the database of each reader: what is not there cannot be asked, whatever a page forgets.

The team's here, on a file of two rows; those of the others on a real one (tests/integration/reporting/test_cube.py).
"""

from __future__ import annotations

import inspect
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards.access import TEAM, Rights
from dashboards.queries import Reader
from dashboards.reading import Filters
from dashboards.rights import FROM_CUBE, PROTECTED, TEAM_TABLES, NotAllowed, open_for

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
ROLES = [TEAM]


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
        for table in TEAM_TABLES.values():
            columns = "territory_code, lieu_siret, source_file_id, account_code"
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


@pytest.mark.parametrize("name", sorted({"fact", "territory_words", *FROM_CUBE, *PROTECTED} - set(TEAM_TABLES)))
def test_the_team_has_no_table_of_the_others(published_file: Path, name: str) -> None:
    with pytest.raises(NotAllowed):
        Reader(published_file, TEAM).ask("from {" + name + "}")


def test_the_team_reads_every_row(published_file: Path) -> None:
    assert Reader(published_file, TEAM).ask("from {lieu_activity}")["territory_code"].to_list() == [OWN, OTHER]
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
        assert {name for *_, name in tables} <= set(TEAM_TABLES)
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
