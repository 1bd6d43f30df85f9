"""What each reader's own database holds: the published tables of the pages, cut to the rights of that reader.

A question runs in a database made for one role from one published file, in memory, and nothing else can be named there:
core, proof, staging and the lines of quality were never in it, and no file can be attached or read. (Views over the
attached file would leave the file's own tables one name away: DuckDB has no rights of its own.) No Streamlit here. Does
not live here: who has which rights (access.py), the queries (queries*.py), keeping a database open (connections.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dashboards.access import Rights
from storage.sql_text import quoted

#: Totals of the programme and words: for every reader. Name of the table there → what it is made of.
SHARED = {
    "programme_progress": "marts.programme_progress",
    "programme": "marts.programme",
    "progress_daily": "marts.progress_daily",
    "projection": "marts.projection",
    "projection_reliability": "marts.projection_reliability",
    "indicator": "marts.indicator",
    "measure": "proof.measure",
    "dim_service": "core.dim_service",
    "build": "quality.build",
    "check_result": "quality.check_result",
    "place": "core.dim_territory",
}
#: Rows of a territory: for the programme's readers all of them, for a territory's reader its own.
BY_TERRITORY = {
    "dim_territory": "core.dim_territory",
    "dim_lieu": "core.dim_lieu",
    "territory_progress": "marts.territory_progress",
    "territory_month": "marts.territory_month",
    "territory_state": "marts.territory_state",
    "territory_flows": "marts.territory_flows",
    "lieu_activity": "marts.lieu_activity",
    "pass_lifecycle": "marts.pass_lifecycle",
    "expiry_risk": "marts.expiry_risk",
    "mandate_ledger": "marts.mandate_ledger",
    "credit_note": "marts.credit_note",
    "audience_profile": "marts.audience_profile",
    "measure_month": "marts.measure_month",
    "stock_month": "marts.stock_month",
    "lieu_source": "proof.lieu_source",
}
#: Rows of a territory, as its events count or as the mandate's account is kept (that of the carnet).
BY_ACCOUNT = {"figure_source": "proof.figure_source"}
#: Rows of a lieu, without a territory of their own.
BY_LIEU = {"counter_payment": "marts.counter_payment", "mandate_receivable": "marts.mandate_receivable"}
#: Rows of a delivered file: for a territory's reader, of the files that say something of it.
BY_FILE = {"source_file": "quality.delivered_file"}
#: For the programme's team and its steering committee alone.
PROGRAMME_ONLY = {
    "budget_month": "marts.budget_month",
    "state_share": "marts.state_share",
    "delivered_file": "quality.delivered_file",
    "rejects": "quality.rejected_line",
    "issues": "quality.field_issue",
}
ALL_TABLES = SHARED | BY_TERRITORY | BY_ACCOUNT | BY_LIEU | BY_FILE | PROGRAMME_ONLY

_COUNTED = "select dataset, column_name, reason, count(*) as lines from {source} group by all"
#: What a page may know of a table, where that is not the whole of it: no line, no value.
_PART = {
    "place": "select territory_code, territory_name, ami from {source}",
    "source_file": "select distinct on (file_id) file_id as source_file_id, file_name, dataset, extract_date "
    "from {source} where outcome = 'loaded' order by file_id, received_at",
    "rejects": _COUNTED,
    "issues": _COUNTED,
}

#: The tables, made before, that say which rows of another are a territory's.
_CUT_BY = dict.fromkeys(BY_LIEU, ("dim_lieu",)) | dict.fromkeys(BY_FILE, ("figure_source", "lieu_source"))


class NotAllowed(Exception):
    """The reader's role does not open this table."""


def may_read(rights: Rights, name: str) -> bool:
    """Whether the reader's database has the table `name`."""
    return rights.territory_code is None or name not in PROGRAMME_ONLY


def open_for(path: Path, rights: Rights) -> duckdb.DuckDBPyConnection:
    """A database in memory with what `rights` may read of the published file at `path`, closed to everything else.

    A table that the file does not have (an earlier version) is not there. Raises duckdb.IOException for a file that
    cannot be read.
    """
    # The questions of a page are small: handing them from thread to thread costs more than it saves.
    con = duckdb.connect(config={"threads": 1})
    con.execute(f"attach {quoted(path)} as published (read_only)")
    own = _own_column(con)
    known = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'published'"
    ).fetchall()
    made: set[str] = set()
    for name, source in ALL_TABLES.items():
        if may_read(rights, name) and (source,) in known and made.issuperset(_CUT_BY.get(name, ())):
            con.execute(f"create table {name} as {_rows(name, rights, own)}")
            made.add(name)
    con.execute("detach published")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def _own_column(con: duckdb.DuckDBPyConnection) -> str:
    """Which territories of a source are its reader's: that of the event and, where the file has it, of the carnet."""
    found = con.execute(
        "select 1 from duckdb_columns() where database_name = 'published' and table_name = 'figure_source' "
        "and column_name = 'account_code'"
    ).fetchone()
    return "(territory_code, account_code)" if found else "(territory_code)"


def _rows(name: str, rights: Rights, own_of_source: str) -> str:
    """SQL of the rows of a table that the reader may have, from the file and from the tables already made."""
    whole = _PART.get(name, "from {source}").format(source=f"published.{ALL_TABLES[name]}")
    code = rights.territory_code
    if code is None or name in SHARED:
        return whole
    if name in BY_ACCOUNT:
        return f"select * from ({whole}) where {quoted(code)} in {own_of_source}"
    if name in BY_TERRITORY:
        return f"select * from ({whole}) where territory_code = {quoted(code)}"
    if name in BY_LIEU:
        return f"select * from ({whole}) semi join dim_lieu using (lieu_siret)"
    assert name in BY_FILE, name
    own = "select source_file_id from figure_source union select source_file_id from lieu_source"
    return f"select * from ({whole}) where source_file_id in ({own})"
