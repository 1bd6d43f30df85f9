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
from presentation.attention.money import ENTRIES
from reporting.cube import cube_of
from reporting.cube.moves import TOTAL_OF
from storage.sql_text import quoted
from warehouse.published.macros import copy_macros

#: What the team's pages read, whole. Name of the table there → what it is made of.
TEAM_TABLES = {
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
    "dim_territory": "core.dim_territory",
    "dim_lieu": "core.dim_lieu",
    "territory_progress": "marts.territory_progress",
    "territory_month": "marts.territory_month",
    "territory_state": "marts.territory_state",
    "territory_flows": "marts.territory_flows",
    "rate": "marts.rate",
    "territory_rate": "marts.territory_rate",
    "lieu_payment": "marts.lieu_payment",
    "lieu_quality": "marts.lieu_quality",
    "lieu_activity": "marts.lieu_activity",
    "pass_lifecycle": "marts.pass_lifecycle",
    "expiry_risk": "marts.expiry_risk",
    "expiry_pace": "marts.expiry_pace",
    "expiry_schedule": "marts.expiry_schedule",
    "scenario_basis": "marts.scenario_basis",
    "scenario_stock": "marts.scenario_stock",
    "territory_pace": "marts.territory_pace",
    "decision_outcome": "marts.decision_outcome",
    "dim_prescriber": "core.dim_prescriber",
    "mandate_ledger": "marts.mandate_ledger",
    "credit_note": "marts.credit_note",
    "audience_profile": "marts.audience_profile",
    "audience_month": "marts.audience_month",
    "measure_month": "marts.measure_month",
    "stock_month": "marts.stock_month",
    "lieu_source": "proof.lieu_source",
    "figure_source": "proof.figure_source",
    "counter_payment": "marts.counter_payment",
    "mandate_receivable": "marts.mandate_receivable",
    "source_file": "quality.delivered_file",
    "budget_month": "marts.budget_month",
    "state_share": "marts.state_share",
    "delivered_file": "quality.delivered_file",
    "rejects": "quality.rejected_line",
    "issues": "quality.field_issue",
}


def _as_the_team(*names: str) -> dict[str, str]:
    """Tables that are made of the same as the team's of that name."""
    return {name: TEAM_TABLES[name] for name in names}


#: What a reader outside the team has, in place of the marts that count: words, the cube (`fact`), names of files.
PROTECTED = _as_the_team(
    "programme", "projection", "projection_reliability", "indicator", "measure", "dim_service", "build",
    "check_result", "place", "progress_daily", "dim_territory", "dim_lieu", "figure_source", "lieu_source",
    "source_file", "rate",
) | {
    "calendar": "marts.territory_month",
    "territory_words": "marts.territory_progress",
    "territory_state_words": "marts.territory_state",
    "lieu_last": "marts.lieu_activity",
}  # fmt: skip
#: Of these, what the steering committee has and a territory's reader has not.
PROTECTED_PROGRAMME_ONLY = _as_the_team(
    "budget_month", "state_share", "measure_month", "delivered_file", "rejects", "issues",
    "scenario_basis", "scenario_stock", "territory_pace", "decision_outcome",
) | {
    "credit_received": "marts.credit_note",
}  # fmt: skip
#: Made of the cube: the figures, and the totals of the programme.
FROM_CUBE = ("fact", "programme_progress")
ALL_TABLES = dict.fromkeys(FROM_CUBE, "") | PROTECTED | PROTECTED_PROGRAMME_ONLY | TEAM_TABLES

_COUNTED = "select dataset, column_name, reason, count(*) as lines from {source} group by all"
#: What a page may know of a table, where that is not the whole of it: no line, no value.
_PART = {
    "place": "select territory_code, territory_name, ami from {source}",
    "source_file": "select distinct on (file_id) file_id as source_file_id, file_name, dataset, extract_date "
    "from {source} where outcome = 'loaded' order by file_id, received_at",
    "rejects": _COUNTED,
    "issues": _COUNTED,
}

#: The same, for a reader outside the team: the words of a table, and none of its counts.
_WORDS = _PART | {
    "calendar": "select distinct month from {source}",
    "progress_daily": "select date_day, budget_paid_eur, budget_committed_eur from {source}",
    "territory_words": "select territory_code, territory_name, territory_type, ami, is_participating,"
    " participation_status, ept_name, current_code, people_target, hours_target, lieux_active from {source}",
    "territory_state_words": "select * exclude (passes_usable) from {source}",
    "rate": "select * exclude (programme_value) from {source}",
    "lieu_last": "select lieu_siret, territory_code, max(month) as month from {source}"
    " where passes_used > 0 group by all",
    "figure_source": "select distinct indicator, territory_code, account_code, ami, month, source_file_id,"
    " null::bigint as lines, null::date as first_on, null::date as last_on, null::double as value,"
    " null::bigint as denominator from {source}",
    "lieu_source": "select distinct indicator, lieu_siret, territory_code, month, source_file_id,"
    " null::bigint as lines, null::date as first_on, null::date as last_on, null::double as value from {source}",
    "state_share": "select * from {source} order by month desc limit 1",
    "measure_month": "select * from {source} where territory_code is null and indicator in ("
    + ", ".join(map(quoted, ENTRIES))
    + ")",
    # Carnets that nobody has yet tell, with those issued, how many people were equipped: only the team moves them.
    "scenario_stock": "from {source} where batch != 'undistributed'",
    "territory_pace": "from {source} where false",
    "decision_outcome": "select * exclude (value_when_decided, value, weekly_before, weekly_since) from {source}",
    "credit_received": "select year(month) as year, sum(amount_eur) as received_eur from {source}"
    " where credit_note_eur < 0 group by all",
}
#: What the function `scenario` reads, under the names that it gives them.
SCENARIO_READS = ("scenario_basis", "scenario_stock", "territory_pace", "projection", "indicator", "programme")
#: Rows of a territory there.
_OWN = ("dim_territory", "dim_lieu", "territory_words", "territory_state_words", "lieu_last", "lieu_source")


_PROTECTED_ALONE = (PROTECTED.keys() | PROTECTED_PROGRAMME_ONLY.keys() | set(FROM_CUBE)) - TEAM_TABLES.keys()


class NotAllowed(Exception):
    """The reader's role does not open this table."""


def may_read(rights: Rights, name: str) -> bool:
    """Whether the reader's database has the table `name`."""
    if rights.role == "commanditaire":
        return False
    if not rights.is_protected:
        return name not in _PROTECTED_ALONE
    if name in PROTECTED_PROGRAMME_ONLY:
        return rights.territory_code is None
    return name in PROTECTED or name in FROM_CUBE


def open_for(path: Path, rights: Rights) -> duckdb.DuckDBPyConnection:
    """A database in memory with what `rights` may read of the published file at `path`, closed to everything else.

    A table that the file does not have (an earlier version) is not there. Raises duckdb.IOException for a file that
    cannot be read, NotAllowed for a reader of the national view.
    """
    if rights.role == "commanditaire":
        raise NotAllowed(path.name)
    # The questions of a page are small: handing them from thread to thread costs more than it saves.
    con = duckdb.connect(config={"threads": 1})
    con.execute(f"attach {quoted(path)} as published (read_only)")
    if rights.is_protected:
        _open_protected(con, path, rights)
        return _closed(con)
    known = _published_tables(con)
    for name, source in TEAM_TABLES.items():
        if source in known:
            con.execute(
                f"create table {name} as {_PART.get(name, 'from {source}').format(source=f'published.{source}')}"
            )
    _open_scenario(con, known)
    return _closed(con)


def _open_scenario(con: duckdb.DuckDBPyConnection, known: set[str]) -> None:
    """The function `scenario` of the file, on the tables of this reader."""
    if not {TEAM_TABLES[name] for name in SCENARIO_READS} <= known:
        return
    con.execute("create schema marts")
    for name in SCENARIO_READS:
        con.execute(f"create view marts.{name} as from main.{name}")
    copy_macros(con, "published", ["scenario"])


def _published_tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    """`schema.table` of the file attached: an earlier version has fewer."""
    told = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'published'"
    ).fetchall()
    return {name for (name,) in told}


def _closed(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The database, which can reach nothing else any more."""
    con.execute("detach published")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def _open_protected(con: duckdb.DuckDBPyConnection, path: Path, rights: Rights) -> None:
    """The tables of a reader outside the team: what the cube of the version lets it see, cut to its rights."""
    assert rights.threshold > 0, "a reader outside the team has a threshold"
    code, facts = rights.territory_code, cube_of(path, rights.threshold).facts
    con.register("cube", facts)
    con.execute("create table fact as from cube")
    con.unregister("cube")
    con.execute("create table programme_progress as from published.marts.programme_progress")
    known = _published_tables(con)
    secret = _secret_totals(con)
    con.execute(
        "update programme_progress set value = null, ratio = null, answered_share = null"
        " where list_contains($secret, indicator)", {"secret": secret}
    )  # fmt: skip
    for name, source in PROTECTED.items() | PROTECTED_PROGRAMME_ONLY.items():
        if not may_read(rights, name) or source not in known:
            continue
        rows = _WORDS.get(name, "from {source}").format(source=f"published.{source}")
        if code is not None and name == "figure_source":
            rows = f"select * from ({rows}) where {quoted(code)} in (territory_code, account_code)"
        elif code is not None and name in _OWN:
            rows = f"select * from ({rows}) where territory_code = {quoted(code)}"
        con.execute(f"create table {name} as {rows}")
    if code is None:
        _open_scenario(con, known)
    else:
        con.execute(
            "delete from fact where not (kind = 'programme' or kind in ('territory', 'lieux') and place = $code"
            " or kind = 'flow' and starts_with(place, $code || '>')"
            " or kind = 'lieu' and place in (select lieu_siret from dim_lieu))",
            {"code": code},
        )
        con.execute(
            "delete from source_file where source_file_id not in (select source_file_id from figure_source"
            " union select source_file_id from lieu_source)"
        )


#: A share is withheld with any of the answers that it is made of.
_SHARE_OF = {"pic_share": "public_pic=", "qpv_share": "residence_qpv="}


def _secret_totals(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The indicators of the programme that are withheld."""
    hidden = con.execute(
        "select measure, span from fact where kind = 'programme' and place = '' and value is null"
    ).pl()
    totals = set(hidden.filter(span="tout")["measure"])
    answers = hidden.filter(measure="people_equipped")["span"].to_list()
    secret = [name for name, fact in TOTAL_OF.items() if fact in totals]
    secret += [name for name, start in _SHARE_OF.items()
               if "people_equipped" in totals or any(span.startswith(start) for span in answers)]  # fmt: skip
    return secret
