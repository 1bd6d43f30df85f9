"""From a figure down to the lines of the deliveries that make it up, summing back to it exactly.

Each indicator has one query over core giving the lines that contribute: (source_file_id, source_line,
contribution, territory_code, happened_on). Value = sum of contributions / divisor. Does not live here:
computing the figures (dbt models) or printing them (orchestration/commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

_CARNET_LINES = """
    select carnet.source_file_id, carnet.source_line, pass.{territory} as territory_code,
           pass.{day} as happened_on, {measure} as contribution
    from core.fct_pass as pass
    inner join core.dim_carnet as carnet using (carnet_number)
    where {condition}
"""
_REDEMPTION_LINES = """
    select source_file_id, source_line, territory_code, redeemed_on as happened_on, {measure} as contribution
    from core.fct_redemption
    where is_counted and {condition}
"""
# An attendance's duration stands on the line that gave it: the longest, then the smallest id.
_ATTENDANCE_LINES = """
    with line as (
        select distinct on (attendance_id) attendance_id, source_file_id, source_line
        from core.fct_redemption
        where is_counted
        order by attendance_id, duration_minutes desc nulls last, redemption_id
    )
    select line.source_file_id, line.source_line, attendance.territory_code,
           attendance.attended_on as happened_on, attendance.minutes as contribution
    from core.fct_attendance as attendance
    inner join line using (attendance_id)
    where {condition}
"""
_SESSION_LINES = """
    with line as (
        select distinct on (attendance_id) attendance_id, source_file_id, source_line
        from core.fct_redemption
        where is_counted
        order by attendance_id, duration_minutes desc nulls last, redemption_id
    ),
    session as (
        select distinct on (session_id) session_id, attendance_id, attended_on, territory_code, minutes
        from core.fct_attendance
        order by session_id, minutes desc, attendance_id
    )
    select line.source_file_id, line.source_line, session.territory_code,
           session.attended_on as happened_on, session.minutes as contribution
    from session
    inner join line using (attendance_id)
"""
_EQUIPPED_LINES = """
    select distinct on (person.person_key)
        prescription.source_file_id, prescription.source_line, person.territory_code,
        person.equipped_on as happened_on, 1 as contribution
    from core.dim_person as person
    inner join core.fct_prescription as prescription
        on person.person_key = prescription.beneficiary_key
        and prescription.is_holding and prescription.prescribed_on = person.equipped_on
    where person.is_identified
    order by person.person_key, prescription.prescription_id
"""
_REACHED_LINES = """
    with carnet_person as (
        select carnet.carnet_number,
               coalesce(prescription.beneficiary_key, 'carnet:' || carnet.carnet_number) as person_key
        from core.dim_carnet as carnet
        left join core.fct_prescription as prescription
            on carnet.holding_prescription_id = prescription.prescription_id
    )
    select distinct on (person.person_key)
        redemption.source_file_id, redemption.source_line, person.territory_code,
        person.reached_on as happened_on, 1 as contribution
    from core.dim_person as person
    inner join carnet_person using (person_key)
    inner join core.fct_redemption as redemption using (carnet_number)
    where redemption.is_counted and redemption.redeemed_on = person.reached_on and {condition}
    order by person.person_key, redemption.redeemed_at, redemption.redemption_id
"""
_ANSWER_LINES = """
    select distinct on (person.person_key)
        prescription.source_file_id, prescription.source_line, person.territory_code,
        person.equipped_on as happened_on, case when person.{answer} = 'oui' then 1 else 0 end as contribution
    from core.dim_person as person
    inner join core.fct_prescription as prescription
        on person.person_key = prescription.beneficiary_key and prescription.is_live
    where person.is_identified and person.{answer} in ('oui', 'non')
    order by person.person_key, prescription.prescribed_on, prescription.prescription_id
"""
_BUDGET_LINES = """
    select source_file_id, source_line, null::varchar as territory_code, entered_on as happened_on,
           {measure} as contribution
    from core.fct_budget_entry
    where is_counted and {condition}
"""
_ACTIVE_LINES = """
    select distinct on ({key})
        redemption.source_file_id, redemption.source_line, {territory} as territory_code,
        redemption.redeemed_on as happened_on, 1 as contribution
    from core.fct_redemption as redemption
    {join}
    where redemption.is_counted and {condition}
    order by {key}, redemption.redeemed_at, redemption.redemption_id
"""


# A share is of the lines that say something: each of them is one person's answer.
SHARE = "count(*)"


@dataclass(frozen=True)
class TraceRule:
    """How an indicator comes down to lines. `divisor`: SQL over those lines (60 turns minutes into hours)."""

    lines: str
    divisor: str = "1"
    has_territory: bool = True


def _carnet(territory: str, day: str, condition: str, measure: str = "1") -> TraceRule:
    return TraceRule(_CARNET_LINES.format(territory=territory, day=day, condition=condition, measure=measure))


_STATE_SHARE = """
    with used as (
        select source_file_id, source_line, territory_code, redeemed_on as happened_on, face_value_eur
        from core.fct_redemption
        where is_counted
    ),
    due as (
        select (select value from marts.programme_progress where indicator = 'state_share_due_eur')
            / nullif((select sum(face_value_eur) from used), 0) as share
    )
    select source_file_id, source_line, territory_code, happened_on, face_value_eur * due.share as contribution
    from used cross join due
"""

RULES: dict[str, TraceRule] = {
    "budget_committed_eur": TraceRule(
        _BUDGET_LINES.format(measure="amount_incl_tax_eur", condition="nature = 'engagement'"),
        has_territory=False,
    ),
    "budget_paid_eur": TraceRule(
        _BUDGET_LINES.format(
            measure="case nature when 'avoir' then -amount_incl_tax_eur else amount_incl_tax_eur end",
            condition="nature in ('mandatement', 'avoir')",
        ),
        has_territory=False,
    ),
    "passes_issued": _carnet("territory_code", "issued_on", "true"),
    "passes_prescribed": _carnet("use_territory_code", "prescribed_on", "pass.is_prescribed"),
    "passes_used": TraceRule(_REDEMPTION_LINES.format(measure="1", condition="true")),
    "passes_expired": _carnet("territory_code", "left_on", "pass.status = 'expired'"),
    "face_value_issued_eur": _carnet("territory_code", "issued_on", "true", "pass.face_value_eur"),
    "face_value_used_eur": TraceRule(_REDEMPTION_LINES.format(measure="face_value_eur", condition="true")),
    "reimbursed_eur": TraceRule(
        _REDEMPTION_LINES.format(measure="amount_eur", condition="source_status = 'remboursee'")
    ),
    "state_share_due_eur": TraceRule(_STATE_SHARE),
    "hours": TraceRule(_ATTENDANCE_LINES.format(condition="true"), divisor="60"),
    "hours_nominal": TraceRule(_ATTENDANCE_LINES.format(condition="attendance.hours_source = 'nominal'"), divisor="60"),
    "session_hours": TraceRule(_SESSION_LINES, divisor="60"),
    "people_equipped": TraceRule(_EQUIPPED_LINES),
    "people_reached": TraceRule(_REACHED_LINES.format(condition="true")),
    "people_reached_identified": TraceRule(_REACHED_LINES.format(condition="person.is_identified")),
    "people_reached_anonymous": TraceRule(_REACHED_LINES.format(condition="not person.is_identified")),
    "pic_share": TraceRule(_ANSWER_LINES.format(answer="pic_answer"), divisor=SHARE),
    "qpv_share": TraceRule(_ANSWER_LINES.format(answer="qpv_answer"), divisor=SHARE),
    "territories_active": TraceRule(
        _ACTIVE_LINES.format(
            key="redemption.territory_code",
            territory="redemption.territory_code",
            join="inner join core.dim_territory as territory using (territory_code)",
            condition="territory.is_participating",
        )
    ),
    "lieux_active": TraceRule(
        _ACTIVE_LINES.format(
            key="redemption.lieu_siret",
            territory="lieu.territory_code",  # a lieu is active where it stands, whoever comes to it
            join="inner join core.dim_lieu as lieu using (lieu_siret)",
            condition="not lieu.is_inferred",
        )
    ),
}


class TraceError(Exception):
    """The request cannot be traced; the French message says why and what to ask instead."""


@dataclass(frozen=True)
class TracedFile:
    """The part of a figure that comes from one delivered file."""

    file_id: str
    file_name: str
    extract_date: date
    lines: int
    first_lines: list[int]
    value: float


@dataclass(frozen=True)
class Trace:
    """A figure and the files that make it up. `value` = sum of the files' values = the published figure.

    A share of nobody has no value: None.
    """

    indicator: str
    label: str
    unit: str
    value: float | None
    published: float | None
    lines: int
    files: list[TracedFile]


def line_query(indicator: str) -> str:
    """SQL of the lines behind `indicator`, one row per (file, line): contributions of one line are added up."""
    return f"""
        select source_file_id, source_line, territory_code, happened_on, sum(contribution) as contribution
        from ({_rule(indicator).lines})
        group by all
    """


def divisor_of(indicator: str) -> str:
    """SQL aggregate that turns summed contributions into the indicator's unit."""
    return _rule(indicator).divisor


def trace(
    con: duckdb.DuckDBPyConnection, indicator: str, *, territory: str | None = None, month: date | None = None
) -> Trace:
    """The deliveries behind a figure, for the programme or one territory and/or one month.

    `published` is the figure of marts.programme_progress, territory_progress or territory_month where one exists
    for the scope, None elsewhere. Raises TraceError (French) for an unknown indicator or a scope it does not have.
    """
    rule = _rule(indicator)
    if territory is not None and not rule.has_territory:
        raise TraceError(f"L'indicateur « {indicator} » n'est pas réparti par territoire : retirez --territory.")
    label, unit = con.execute("select label, unit from marts.indicator where code = ?", [indicator]).fetchone() or (
        indicator,
        "",
    )
    _check_territory(con, territory)
    con.execute(
        f"""
        create or replace temp table traced as
        select * from ({line_query(indicator)})
        where (?::varchar is null or territory_code = ?)
          and (?::date is null or date_trunc('month', happened_on) = ?)
        """,
        [territory, territory, month, month],
    )
    divisor = con.execute(f"select ({rule.divisor})::double from traced").fetchone()
    unit_size = float(divisor[0]) if divisor and divisor[0] else 1.0
    total, lines = con.execute("select coalesce(sum(contribution), 0)::double, count(*) from traced").fetchone() or (
        0.0,
        0,
    )
    files = con.execute(
        """
        with name as (
            select distinct on (file_id) file_id, file_name, extract_date
            from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
        )
        select traced.source_file_id, name.file_name, name.extract_date, count(*),
               list(traced.source_line order by traced.source_line)[1:10], sum(traced.contribution)::double / ?
        from traced
        left join name on traced.source_file_id = name.file_id
        group by all
        order by name.extract_date, traced.source_file_id
        """,
        [unit_size],
    ).fetchall()
    return Trace(
        indicator=indicator,
        label=label,
        unit=unit,
        value=None if lines == 0 and rule.divisor == SHARE else total / unit_size,
        published=_published_value(con, indicator, territory, month),
        lines=lines,
        files=[TracedFile(*row) for row in files],
    )


def _rule(indicator: str) -> TraceRule:
    if indicator not in RULES:
        known = ", ".join(sorted(RULES))
        raise TraceError(f"Indicateur inconnu : « {indicator} ». Indicateurs possibles : {known}.")
    return RULES[indicator]


def _check_territory(con: duckdb.DuckDBPyConnection, territory: str | None) -> None:
    if territory is None:
        return
    known = con.execute("select 1 from core.dim_territory where territory_code = ?", [territory]).fetchone()
    if known is None:
        raise TraceError(
            f"Territoire inconnu : « {territory} ». Donnez un code INSEE à cinq caractères, par exemple 94080."
        )


def _published_value(
    con: duckdb.DuckDBPyConnection, indicator: str, territory: str | None, month: date | None
) -> float | None:
    if month is None and territory is None:
        row = con.execute("select value from marts.programme_progress where indicator = ?", [indicator]).fetchone()
        return None if row is None else row[0]
    mart = "territory_progress" if month is None else "territory_month"
    if indicator not in columns_of(con, mart):
        return None
    # A month without activity has no row of its own: its figure is 0, and so is a territory's that has none.
    row = con.execute(
        f"""
        select case when count(*) = 0 then 0 else sum({indicator}) end::double from marts.{mart}
        where (?::varchar is null or territory_code = ?) and {"true" if month is None else "month = ?"}
        """,
        [territory, territory, *([] if month is None else [month])],
    ).fetchone()
    return None if row is None else row[0]


def columns_of(con: duckdb.DuckDBPyConnection, mart: str) -> set[str]:
    """The columns of a mart of the published file `con` is on."""
    rows = con.execute(
        "select column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'marts' and table_name = ?",
        [mart],
    ).fetchall()
    return {name for (name,) in rows}
