"""The candidate of a national version: the marts of several published versions in one file, a column `siren` more.

Nothing is computed again: a row of `national.<mart>` is a row that a commanditaire published. Lives here: which
versions are found, the tables, the checks that nothing was lost or counted twice. Does not live here: the figures of
the pages (reporting/national), publishing (publish.py), the order of it all (orchestration/union.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from presentation.french import count, day, integer
from presentation.sentences import PEOPLE_TWICE
from programme.models import Commanditaire
from storage.sql_text import quoted
from warehouse.check_result import CheckResult
from warehouse.published.national import COMMANDITAIRE, FACT, SCHEMA, TOTAL, holds_national
from warehouse.published.versions import Version, connect, current_path, read_version
from warehouse.settings import ClosedHome, Home

#: Two commanditaires whose data are further apart than that are no picture of one moment.
DAYS_APART = 35
#: What a version must hold for its figures to be united.
NEEDED = ("programme", "programme_progress", "measure_month", "territory_progress", "lieu_activity", "audience_profile")
#: Of the figures that add up, those of which two commanditaires may have the same unit: they are counted again.
COUNTED_AGAIN = {
    "territories_active": "count(distinct territory_code) from national.measure_month"
    " where indicator = 'territories_active' and value > 0",
    "lieux_active": "count(distinct lieu_siret) from national.lieu_activity where passes_used > 0",
}
#: A share of the people equipped who answered: code → the question (figures §1).
SHARES = {"pic_share": "public_pic", "qpv_share": "residence_qpv"}
#: Half a cent: sums of hundredths in floating point.
_TOLERANCE = 0.005


@dataclass(frozen=True)
class Member:
    """One commanditaire as it was found. version: what it has published; without one, `why` says so (French)."""

    siren: str
    name: str
    home: Home
    version: Version | None
    why: str = ""


def find_members(listed: Sequence[Commanditaire]) -> list[Member]:
    """Who is in the list, with the version that each has in line. Nothing is written in their homes."""
    return [_member(one) for one in listed]


def _member(one: Commanditaire) -> Member:
    home = Home.at(one.maison)
    version, why = None, ""
    try:
        path = current_path(home)
        if path is None:
            why = "aucune version publiée" if home.root.is_dir() else "dossier introuvable"
        else:
            version, why = read_version(path), _unfit(path)
    except (duckdb.Error, OSError, ClosedHome):
        version, why = None, "version illisible"
    return Member(one.siren, one.nom, home, None if why else version, why)


def _unfit(path: Path) -> str:
    with connect(path) as con:
        if holds_national(con):
            return "maison nationale : ses commanditaires compteraient deux fois"
        known = {
            name
            for (name,) in con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        }
    return "" if set(NEEDED) <= known else "version trop ancienne : relancez « passnum run » dans cette maison"


def identity_of(members: Sequence[Member], code: str) -> str:
    """One mark of all that a national version is made of: who is in it, which versions, and the code."""
    told = [f"{m.siren} {m.name} {m.version.build_id if m.version else m.why}" for m in members]
    return hashlib.sha256("\n".join([code, *sorted(told)]).encode()).hexdigest()


def write(candidate: Path, members: Sequence[Member], facts: pl.DataFrame) -> list[CheckResult]:
    """Make the national file at `candidate`; the checks of it, bloquants where figures do not add up.

    facts: kind, place, span, measure, value (reporting/national/facts.py). A mart that a version does not have brings
    no row of it; a column that it does not have is null.
    """
    present = [member for member in members if member.version is not None]
    with duckdb.connect(str(candidate)) as con:
        con.execute(f"create schema {SCHEMA}")
        for number, member in enumerate(present):
            assert member.version is not None
            con.execute(f"attach {quoted(member.version.path)} as m{number} (read_only)")
        tables = _tables(con)
        for table, numbers in tables.items():
            parts = " union all by name ".join(
                f"select {quoted(present[number].siren)} as siren, * from m{number}.marts.{table}" for number in numbers
            )
            con.execute(f"create table {SCHEMA}.{table} as {parts}")
            _comment(con, table, f"m{numbers[0]}")
        _write_members(con, members)
        con.register("facts", facts.to_arrow())
        con.execute(f"create table {SCHEMA}.{FACT} as from facts")
        con.unregister("facts")
        con.execute(f"comment on table {SCHEMA}.{FACT} is 'Grain: one row a kind of place, place, span, measure.'")
        _write_totals(con)
        checks = [_all_rows(con, tables), _all_figures(con), _all_facts(con), *_of_members(members)]
        for number in range(len(present)):
            con.execute(f"detach m{number}")
    return checks


def _tables(con: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    """Mart → the members (by number) whose version has it."""
    found = con.execute(
        "select table_name, list(database_name[2:]::integer order by database_name[2:]::integer) from duckdb_tables()"
        " where schema_name = 'marts' and regexp_full_match(database_name, 'm\\d+') group by all order by all"
    ).fetchall()
    return dict(found)


def _comment(con: duckdb.DuckDBPyConnection, table: str, database: str) -> None:
    """What the first version says of the mart and of its columns is said of the national one."""
    words = con.execute(
        "select '', comment from duckdb_tables() where database_name = $d and schema_name = 'marts' and table_name = $t"
        " union all select column_name, comment from duckdb_columns()"
        " where database_name = $d and schema_name = 'marts' and table_name = $t",
        {"d": database, "t": table},
    ).fetchall()
    for column, comment in words:
        if comment and column:
            con.execute(f"comment on column {SCHEMA}.{table}.{column} is {quoted(comment)}")
        elif comment:
            con.execute(f"comment on table {SCHEMA}.{table} is {quoted(f'{comment} De chaque commanditaire (siren).')}")


def _write_members(con: duckdb.DuckDBPyConnection, members: Sequence[Member]) -> None:
    con.execute(
        f"create table {SCHEMA}.{COMMANDITAIRE} (siren varchar, name varchar, is_present boolean, reason varchar,"
        " build_id varchar, as_of date, published_at timestamp, fingerprint varchar, is_demo boolean)"
    )
    con.execute(f"comment on table {SCHEMA}.{COMMANDITAIRE} is 'Grain: one row a commanditaire of the list.'")
    for member in members:
        of = member.version
        known = (of.build_id, of.as_of, of.published_at, of.fingerprint, of.is_demo) if of else (None,) * 5
        row = [member.siren, member.name, of is not None, member.why, *known]
        con.execute(f"insert into {SCHEMA}.{COMMANDITAIRE} values ({', '.join('?' * len(row))})", row)


def _write_totals(con: duckdb.DuckDBPyConnection) -> None:
    """national.total: one row an indicator. Sums where figures add up; units that several may have are counted once."""
    summed = (
        "select indicator, sum(value) as value, sum(target) as target, count(*) as commanditaires"
        f" from {SCHEMA}.programme_progress"
    )
    again = " union all ".join(
        f"select {quoted(code)} as indicator, cast((select {question}) as double) as value"
        for code, question in COUNTED_AGAIN.items()
    )
    shares = " union all ".join(
        f"select {quoted(code)} as indicator, cast(sum(people_equipped) filter (category = 'oui') as double)"
        " / nullif(sum(people_equipped) filter (category in ('oui', 'non')), 0) as value"
        f" from {SCHEMA}.audience_profile where dimension = {quoted(question)}"
        for code, question in SHARES.items()
    )
    others = ", ".join(map(quoted, [*COUNTED_AGAIN, *SHARES]))
    con.execute(
        f"create table {SCHEMA}.{TOTAL} as"
        f" {summed} where indicator not in ({others}) group by all"
        " union all select other.indicator, other.value, null, (select count(*) from national.commanditaire"
        f" where is_present) from ({again} union all {shares}) as other order by indicator"
    )
    con.execute(
        f"comment on table {SCHEMA}.{TOTAL} is "
        + quoted(f"Grain: one row an indicator of the national programme. {PEOPLE_TWICE}")
    )


def _check(code: str, sentence: str, wrong: list[str], ok: str, severity: str = "bloquant") -> CheckResult:
    return CheckResult(
        code=code,
        table_name=SCHEMA,
        severity=severity,  # type: ignore[arg-type]
        status="ko" if wrong else "ok",
        observed=" ; ".join(wrong) or ok,
        expected="aucun écart",
        owner="MGP",
        sentence=sentence,
    )


def _all_rows(con: duckdb.DuckDBPyConnection, tables: dict[str, list[int]]) -> CheckResult:
    """UN-001: each mart has as many rows as the versions it is made of."""
    wrong, rows = [], 0
    for table, numbers in tables.items():
        of_members = " + ".join(f"(select count(*) from m{number}.marts.{table})" for number in numbers)
        counted = con.execute(f"select (select count(*) from {SCHEMA}.{table}), {of_members}").fetchone()
        found, expected = counted or (0, 0)
        rows += found
        wrong += [f"{table} : {integer(found)} lignes au lieu de {integer(expected)}"] if found != expected else []
    ok = f"{count(len(tables), 'table', 'tables')}, {count(rows, 'ligne', 'lignes')}"
    return _check("UN-001", "Chaque table a toutes les lignes des commanditaires, une fois.", wrong, ok)


def _all_figures(con: duckdb.DuckDBPyConnection) -> CheckResult:
    """UN-002: what adds up is, over the months of every commanditaire, what their programmes say since the start."""
    gaps = con.execute(
        f"""
        with added as (
            select siren, indicator, sum(value) as value from {SCHEMA}.measure_month group by all
        )
        select said.siren, said.indicator, said.value, coalesce(added.value, 0)
        from {SCHEMA}.programme_progress as said
        left join added using (siren, indicator)
        where said.indicator not in ('pic_share', 'qpv_share', 'state_share_due_eur')
            and abs(said.value - coalesce(added.value, 0)) > {_TOLERANCE}
        order by all
        """
    ).fetchall()
    wrong = [
        f"{indicator} de {siren} : {said} au programme, {added} par mois" for siren, indicator, said, added in gaps
    ]
    return _check("UN-002", "Les mois de chaque commanditaire font ce que dit son programme.", wrong, "chaque chiffre")


def _all_facts(con: duckdb.DuckDBPyConnection) -> CheckResult:
    """UN-003: the figures of the national pages are the sums of the totals, computed another way."""
    gaps = con.execute(
        f"""
        select fact.measure, fact.value, total.value
        from {SCHEMA}.{FACT} as fact
        inner join {SCHEMA}.{TOTAL} as total on total.indicator = fact.measure
        where fact.kind = 'national' and fact.span = 'tout' and abs(fact.value - total.value) > {_TOLERANCE}
        order by all
        """
    ).fetchall()
    wrong = [f"{measure} : {fact} sur les pages, {total} en tout" for measure, fact, total in gaps]
    return _check("UN-003", "Les pages nationales disent la somme des programmes.", wrong, "chaque chiffre")


def _of_members(members: Sequence[Member]) -> list[CheckResult]:
    """UN-004, UN-005: who is missing; whether the data are of one moment."""
    absent = [f"{member.name} ({member.siren}) : {member.why}" for member in members if member.version is None]
    dates = [member.version.as_of for member in members if member.version is not None]
    spread = (max(dates) - min(dates)).days if dates else 0
    apart = [f"du {day(min(dates))} au {day(max(dates))}"] if spread > DAYS_APART else []
    return [
        _check("UN-004", "Tous les commanditaires de la liste sont là.", absent, "tous", "avertissement"),
        _check(
            "UN-005",
            f"Les données des commanditaires ont moins de {DAYS_APART} jours d'écart.",
            apart,
            count(spread, "jour", "jours"),
            "avertissement",
        ),
    ]
