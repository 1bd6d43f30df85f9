"""From a figure down to the lines of the deliveries that make it up, summing back to it exactly.

The lines are a selection from proof.contribution, by the row of proof.measure of the version asked. Does not live here:
what a line brings to a figure (dbt_project/models/proof), what a figure sums (the dictionary), printing
(orchestration/commands).
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

import duckdb

from presentation.sentences import not_a_period

_MINUTES_PER_HOUR = 60
_FINEST = Decimal("1e-10")
_PERIOD = re.compile(r"^(\d{4})(?:-?T([1-4])|-(\d{2})(?:-(\d{2}))?)?$")


class TraceError(Exception):
    """The request cannot be traced; the French message says why and what to ask instead."""


@dataclass(frozen=True)
class Scope:
    """What part of a figure is traced: a territory, a lieu, days (both included); all of them optional."""

    territory: str | None = None
    lieu: str | None = None
    start: date | None = None
    end: date | None = None

    @property
    def months(self) -> tuple[date, date] | None:
        """The first and the last month, where the days are whole months."""
        if self.start is None or self.end is None or self.start.day != 1 or (self.end + timedelta(days=1)).day != 1:
            return None
        return self.start, self.end.replace(day=1)


#: The whole programme, since the start.
PROGRAMME = Scope()


@dataclass(frozen=True)
class TracedLine:
    """What one line brings, exact: `amount` in the unit of the sum (minutes for hours), `value` in the figure's."""

    file_id: str
    line: int
    territory_code: str | None
    lieu_siret: str | None
    happened_on: date
    amount: Decimal
    value: Decimal


@dataclass(frozen=True)
class TracedFile:
    """The part of a figure that comes from one delivered file, and every line of it."""

    file_id: str
    file_name: str
    extract_date: date
    lines: list[TracedLine]
    value: Decimal


@dataclass(frozen=True)
class Proof:
    """What the lines are proved against: a published figure, and where it is published.

    `value` is None where no table publishes that cut: the sum of the lines is the figure.
    """

    value: float | None
    where: str

    def holds(self, value: Decimal | None) -> bool:
        """Whether the published figure is the sum, to the last digit of a float."""
        return math.isclose(float(value or 0), self.value or 0.0, rel_tol=1e-12, abs_tol=1e-9)


_UNPUBLISHED = Proof(None, "")


@dataclass(frozen=True)
class Trace:
    """A figure and the lines that make it up. `value` = sum of the lines' values; None for a share of nobody."""

    indicator: str
    label: str
    unit: str
    value: Decimal | None
    proof: Proof
    lines: int
    files: list[TracedFile]


@dataclass(frozen=True)
class Measure:
    """What a figure sums, as its version says: a column of the contributions of one event.

    `rule`: how the sum is read (sum, ratio, capped, lieu_month); `by_territory`: whether its lines have a territory.
    """

    code: str
    label: str
    event: str
    column: str
    natures: list[str]
    rule: str
    unit: str
    by_territory: bool

    @property
    def lines(self) -> str:
        """SQL of the lines behind it, one row per (file, line, territory, lieu, day), with what each contributes."""
        return f"""
            select source_file_id, source_line, territory_code, lieu_siret, event_on as happened_on,
                   sum({self.column}) as contribution
            from proof.contribution
            where {self._condition}
            group by all
        """

    @property
    def divisor(self) -> str:
        """SQL aggregate over these lines that turns their sum into the unit; each answer of a ratio is one line."""
        if self.rule == "ratio":
            return "count(*)"
        if self.rule == "capped":  # a ceiling is no sum: each line has its part of what is published
            total = f"(select sum({self.column}) from proof.contribution where {self._condition})"
            published = f"(select value from marts.programme_progress where indicator = '{self.code}')"
            return f"{total} / nullif({published}, 0)"
        return str(_MINUTES_PER_HOUR) if self.unit == "heure" else "1"

    @property
    def _condition(self) -> str:
        named = ", ".join(f"'{nature}'" for nature in self.natures)
        return f"event = '{self.event}'" + (f" and nature in ({named})" if named else "")


def measure_of(con: duckdb.DuckDBPyConnection, code: str) -> Measure:
    """The measure `code` of the version that `con` is on. Raises TraceError (French) for an unknown one."""
    row = con.execute(
        "select code, label, event, measure, coalesce(string_split(natures, ' | '), []), rule, unit, by_territory "
        "from proof.measure where code = ?",
        [code],
    ).fetchone()
    if row is None:
        known = con.execute("select string_agg(code, ', ' order by code) from proof.measure").fetchone()
        raise TraceError(f"Indicateur inconnu : « {code} ». Indicateurs possibles : {known[0] if known else ''}.")
    return Measure(*row)


def trace(con: duckdb.DuckDBPyConnection, indicator: str, scope: Scope = PROGRAMME) -> Trace:
    """The lines behind a figure, for the programme or a part of it, and the published figure that proves them.

    Raises TraceError (French) for an unknown measure, or a scope it does not have.
    """
    measure = measure_of(con, indicator)
    _check_scope(con, measure, scope)
    con.execute(
        f"""
        create or replace temp table traced as
        select *, contribution::decimal(18, 2) as amount from ({measure.lines})
        where ($territory is null or territory_code = $territory)
          and ($lieu is null or lieu_siret = $lieu)
          and ($start::date is null or happened_on >= $start)
          and ($end::date is null or happened_on <= $end)
        """,
        {"territory": scope.territory, "lieu": scope.lieu, "start": scope.start, "end": scope.end},
    )
    divisor = con.execute(f"select ({measure.divisor})::decimal(28, 10) from traced").fetchone()
    size = Decimal(divisor[0]) if divisor and divisor[0] else Decimal(1)
    (total,) = con.execute("select coalesce(sum(amount), 0) from traced").fetchone() or (Decimal(0),)
    files = _files(con, size)
    lines = sum(len(file.lines) for file in files)
    return Trace(
        indicator=indicator,
        label=measure.label,
        unit=measure.unit,
        value=None if lines == 0 and measure.rule == "ratio" else exact(total / size),
        proof=_proof(con, measure, scope),
        lines=lines,
        files=files,
    )


def _files(con: duckdb.DuckDBPyConnection, size: Decimal) -> list[TracedFile]:
    """The files of the lines traced, by extract date; the lines of each by number."""
    rows = con.execute(
        """
        with name as (
            select distinct on (file_id) file_id, file_name, extract_date
            from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
        )
        select traced.source_file_id, name.file_name, name.extract_date, traced.source_line, traced.territory_code,
               traced.lieu_siret, traced.happened_on, traced.amount
        from traced
        left join name on traced.source_file_id = name.file_id
        order by name.extract_date, traced.source_file_id, traced.source_line, traced.happened_on
        """
    ).fetchall()
    files = []
    for (file_id, name, day), group in groupby(rows, itemgetter(0, 1, 2)):
        lines = [
            TracedLine(file_id, line, territory, lieu, on, exact(amount), exact(amount / size))
            for _, _, _, line, territory, lieu, on, amount in group
        ]
        files.append(
            TracedFile(file_id, name, day, lines, exact(sum((line.amount for line in lines), Decimal(0)) / size))
        )
    return files


def exact(value: Decimal) -> Decimal:
    """Without the noughts that a type adds (12.50 → 12.5) nor an exponent; an endless division, to ten places."""
    plain = value.quantize(_FINEST)
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain.normalize()


def find_territory(con: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The code of a territory given by its code or its name, whatever its case, accents and hyphens.

    Raises TraceError (French) for an unknown or ambiguous one, with the nearest.
    """
    rows = con.execute("select territory_code, territory_name from core.dim_territory order by 1").fetchall()
    wanted = _plain(asked)
    names = {code: _plain(name) for code, name in rows}
    for matches in (
        [code for code in names if code == asked.strip()],
        [code for code, name in names.items() if name == wanted],
        [code for code, name in names.items() if wanted and name.startswith(wanted)],
        [code for code, name in names.items() if len(wanted) > 3 and wanted in name],
    ):
        if len(matches) == 1:
            return str(matches[0])
        if matches:
            told = ", ".join(f"{name} ({code})" for code, name in rows if code in matches)
            raise TraceError(f"Plusieurs territoires se nomment « {asked} » : {told}. Donnez un code.")
    near = difflib.get_close_matches(wanted, names.values(), 3)
    told = ", ".join(f"{name} ({code})" for found in near for code, name in rows if names[code] == found)
    advice = f"Les plus proches : {told}." if told else "Donnez un nom, ou un code INSEE, par exemple 94080."
    raise TraceError(f"Territoire inconnu : « {asked} ». {advice}")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in letters if not unicodedata.combining(c))))


def parse_period(text: str) -> tuple[date, date]:
    """A day (2022-05-03), a month (2022-05), a quarter (2022-T2), a year (2022): first and last day, both included.

    Raises TraceError (French) for anything else.
    """
    found = _PERIOD.match(text.strip().upper())
    if found is None:
        raise TraceError(
            not_a_period(
                text, ("une année (2022)", "un trimestre (2022-T2)", "un mois (2022-05)", "un jour (2022-05-03)")
            )
        )
    year, quarter, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, (quarter * 3 - 2) if quarter else month or 1, day or 1)
    except ValueError as error:
        raise TraceError(f"« {text} » n'est pas une période : ce jour n'existe pas.") from error
    if day:
        return first, first
    after = first.month - 1 + (1 if month else 3 if quarter else 12)
    return first, date(first.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _check_scope(con: duckdb.DuckDBPyConnection, measure: Measure, scope: Scope) -> None:
    if scope.territory is not None and not measure.by_territory:
        raise TraceError(f"L'indicateur « {measure.code} » n'est pas réparti par territoire : retirez --territory.")
    if scope.lieu is not None:
        known = con.execute("select 1 from core.dim_lieu where lieu_siret = ?", [scope.lieu]).fetchone()
        if known is None:
            raise TraceError(f"Lieu inconnu : « {scope.lieu} ». Donnez le SIRET d'un lieu, quatorze chiffres.")
        has_lieu = f"select 1 from ({measure.lines}) where lieu_siret is not null limit 1"
        if con.execute(has_lieu).fetchone() is None:
            raise TraceError(f"L'indicateur « {measure.code} » n'est pas réparti par lieu : retirez --lieu.")
    if scope.start and scope.end and scope.end < scope.start:
        raise TraceError("La période finit avant de commencer : échangez --from et --to.")


#: Columns of a mart that do not bear the name of their measure.
_NAMED = {("amount_used_eur", "lieu_activity"): "amount_eur"}
_MONTHLY = {"territory": ("territory_month", "territory_code"), "lieu": ("lieu_activity", "lieu_siret")}


def _proof(con: duckdb.DuckDBPyConnection, measure: Measure, scope: Scope) -> Proof:
    """The published figure of the scope: a cell, or the sum of the monthly cells of whole months."""
    if scope == PROGRAMME:
        sql = "select value from marts.programme_progress where indicator = ?"
        row = con.execute(sql, [measure.code]).fetchone()
        if row is not None:
            return Proof(row[0], "marts.programme_progress")
    if scope == Scope(territory=scope.territory) and scope.territory:
        return _cells(con, measure, "territory_progress", {"territory_code": scope.territory}, None)
    if (scope.territory and scope.lieu) or (scope.months is None and (scope.start or scope.end)):
        return _UNPUBLISHED
    is_one_month = scope.months is not None and scope.months[0] == scope.months[1]
    if measure.rule == "lieu_month" and not (scope.lieu and is_one_month):  # adds up over neither
        return _UNPUBLISHED
    if measure.rule not in ("sum", "lieu_month") or (scope.months is None and scope.lieu is None):
        return _UNPUBLISHED
    cut = "lieu" if scope.lieu else "territory"
    mart, column = _MONTHLY[cut]
    where = {column: value} if (value := scope.lieu or scope.territory) else {}
    return _cells(con, measure, mart, where, scope.months)


def _cells(
    con: duckdb.DuckDBPyConnection, measure: Measure, mart: str, where: dict[str, str], months: tuple[date, date] | None
) -> Proof:
    """The sum of the cells of a mart. A month or a territory without activity has no row: its figure is 0."""
    name = _NAMED.get((measure.code, mart), measure.code)
    columns = columns_of(con, mart)
    renamed = name in {new for (_, m), new in _NAMED.items() if m == mart} and name == measure.code
    if name not in columns or renamed:
        return _UNPUBLISHED
    conditions = [f"{column} = ?" for column in where] + (["month between ? and ?"] if months else [])
    values = [*where.values(), *(months or ())]
    row = con.execute(
        f"select sum({name})::double, count(*) from marts.{mart} where {' and '.join(conditions) or 'true'}", values
    ).fetchone()
    total, cells = row or (None, 0)
    nothing = None if measure.rule == "ratio" else 0.0
    told = f"marts.{mart}" if cells < 2 else f"marts.{mart}, {cells} cellules additionnées"
    return Proof(nothing if total is None else total, told)


def columns_of(con: duckdb.DuckDBPyConnection, mart: str) -> set[str]:
    """The columns of a mart of the published file `con` is on."""
    rows = con.execute(
        "select column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'marts' and table_name = ?",
        [mart],
    ).fetchall()
    return {name for (name,) in rows}
