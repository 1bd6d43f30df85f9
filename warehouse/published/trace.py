"""From a figure down to the lines of the deliveries that make it up, summing back to it exactly.

The lines are a selection from proof.contribution, by the row of proof.measure of the version asked. Does not live here:
what a line brings to a figure (dbt_project/models/proof), what a figure sums (the dictionary), printing
(orchestration/commands).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from presentation.sentences import not_a_period
from warehouse.published import figure_files, figure_place
from warehouse.published.figure_address import Figure
from warehouse.published.measure import PROGRAMME, Measure, Scope, TraceError, measure_of, plain
from warehouse.published.trace_proof import Proof, proof_of

_FINEST = Decimal("1e-10")
_PERIOD = re.compile(r"^(\d{4})(?:-?T([1-4])|-(\d{2})(?:-(\d{2}))?)?$")


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
class Trace:
    """A figure and the lines that make it up. `value` = sum of the lines' values; None for a share of nobody.

    `note`: how people are counted in this cut, where a reader would count them otherwise (French).
    """

    indicator: str
    label: str
    unit: str
    value: Decimal | None
    proof: Proof
    lines: int
    files: list[TracedFile]
    note: str = ""


def trace(con: duckdb.DuckDBPyConnection, indicator: str, scope: Scope = PROGRAMME) -> Trace:
    """The lines behind a figure, for the programme or a part of it, and the published figure that proves them.

    Raises TraceError (French) for an unknown measure, or a scope it does not have.
    """
    measure = measure_of(con, indicator)
    _check_scope(con, measure, scope)
    condition = """
        ($territory is null or territory_code = $territory) and ($lieu is null or lieu_siret = $lieu)
        and ($start::date is null or event_on >= $start) and ($end::date is null or event_on <= $end)
    """
    values = {"territory": scope.territory, "lieu": scope.lieu, "start": scope.start, "end": scope.end}
    found = _trace(con, measure, condition, values, proof_of(con, measure, scope))
    return replace(found, note=_how_people_count(measure, scope))


def _how_people_count(measure: Measure, scope: Scope) -> str:
    if measure.event == "reached" and scope.lieu:
        return (
            "Une personne compte une fois, au lieu de sa première utilisation : le lieu a pu en accueillir d'autres, "
            "déjà formées ailleurs. Les personnes accueillies d'un lieu, mois par mois : people_welcomed."
        )
    is_one_month = scope.months is not None and scope.months[0] == scope.months[1]
    if measure.rule == "lieu_month" and not (scope.lieu and is_one_month):
        return (
            "Ce n'est pas un nombre de personnes : qui vient dans deux lieux, ou deux mois, y est deux fois. Donnez un "
            "lieu et un mois, ou demandez people_reached."
        )
    return ""


def trace_figure(con: duckdb.DuckDBPyConnection, figure: Figure) -> Trace:
    """The lines behind a figure of a page, as its code names it, proved against what the page shows.

    Raises TraceError (French) for a measure that the version does not have.
    """
    measure = measure_of(con, figure.indicator)
    shown = Proof(figure_files.value_of(con, figure), "le chiffre de la page")
    return _trace(con, measure, figure_place.of_lines(figure), figure_place.values(figure), shown)


def _trace(
    con: duckdb.DuckDBPyConnection, measure: Measure, condition: str, values: dict[str, Any], proof: Proof
) -> Trace:
    con.execute(
        f"""
        create or replace temp table traced as
        select *, contribution::decimal(18, 2) as amount from ({measure.lines(condition)})
        """,
        values,
    )
    divisor = con.execute(f"select ({measure.divisor})::decimal(28, 10) from traced").fetchone()
    size = Decimal(divisor[0]) if divisor and divisor[0] else Decimal(1)
    (total,) = con.execute("select coalesce(sum(amount), 0) from traced").fetchone() or (Decimal(0),)
    files = _files(con, size)
    lines = sum(len(file.lines) for file in files)
    return Trace(
        indicator=measure.code,
        label=measure.label,
        unit=measure.unit,
        value=None if lines == 0 and measure.rule == "ratio" else exact(total / size),
        proof=proof,
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
    wanted = plain(asked)
    names = {code: plain(name) for code, name in rows}
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
        raise TraceError(f"« {text} » n'est pas une période : ce mois ou ce jour n'existe pas.") from error
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
        has_lieu = f"select 1 from ({measure.lines()}) where lieu_siret is not null limit 1"
        if con.execute(has_lieu).fetchone() is None:
            raise TraceError(f"L'indicateur « {measure.code} » n'est pas réparti par lieu : retirez --lieu.")
    if scope.start and scope.end and scope.end < scope.start:
        raise TraceError("La période finit avant de commencer : échangez --from et --to.")
