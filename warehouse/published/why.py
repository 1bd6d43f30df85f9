"""Is this line counted, in which figures, by which rule, and which line stands in its place: a look-up, no rule.

Looked up in proof.line and proof.contribution, core and quality of one published version. Does not live here: the
payments (why_payment.py), the French of an answer (answer.py), which file a name means (delivered.py), the original
line (originals.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

import duckdb

from presentation.french import integer
from warehouse.published.delivered import DeliveredFile, LookupFailed, file_of
from warehouse.published.versions import ask, too_old

State = Literal["counted", "described", "not_counted", "rejected", "duplicate", "merged", "no_data", "refused_file"]
#: A line stands for another, which may stand for a third: an old version of a line, of a pass used twice.
_LONGEST_CHAIN = 4
#: What a version must have to answer for its lines.
_READ = ("proof.line", "proof.contribution", "proof.measure", "quality.absorbed_line")


@dataclass(frozen=True)
class Brought:
    """What a line brings to one measure: its value there, exact (minutes for hours), or an event of no measure."""

    event: str
    nature: str | None
    event_on: date
    code: str | None
    label: str | None
    unit: str | None
    rule: str | None
    is_indicator: bool
    value: Decimal
    territory_code: str | None
    territory_name: str | None
    lieu_siret: str | None


@dataclass(frozen=True)
class Finding:
    """A value that was refused (with its line) or set aside: where, what (as it may be shown), and why."""

    column: str | None
    value: str | None
    reason: str


@dataclass(frozen=True)
class Answer:
    """What became of one delivered line. `other`: the answer of the line that stands in its place.

    `older_versions`: lines that it replaces. `records`: more than 1 for a line of several passes. `issues`: optional
    values of an accepted line that were set aside.
    """

    file: DeliveredFile
    line: int
    state: State
    reason: str | None = None
    other: Answer | None = None
    brought: list[Brought] = field(default_factory=list)
    rejection: Finding | None = None
    issues: list[Finding] = field(default_factory=list)
    older_versions: int = 0
    records: int = 1


Place = tuple[str, int]
T = TypeVar("T")


def check_lines(con: duckdb.DuckDBPyConnection) -> None:
    """Raises LookupFailed (French) for a version built before it said what became of each line."""
    if told := too_old(con, *_READ):
        raise LookupFailed(told)


def why_line(con: duckdb.DuckDBPyConnection, file: DeliveredFile, line: int) -> list[Answer]:
    """What became of one line: one answer (several for a line of several passes whose passes fared differently)."""
    if file.outcome == "rejected":
        return [Answer(file, line, "refused_file", file.reason)]
    found = why_lines(con, [(file.file_id, line)])
    return found or [Answer(file_of(con, file.file_id), line, "no_data")]


def why_lines(con: duckdb.DuckDBPyConnection, places: Sequence[Place], depth: int = _LONGEST_CHAIN) -> list[Answer]:
    """What became of some lines of loaded files, in the order of files and lines; nothing for what is no data line."""
    if not places:
        return []
    _ask(con, places)
    told = con.execute(_TOLD).fetchall()
    brought = _group(con.execute(_brought_sql(con)).fetchall(), Brought)
    rejections = _group(_shaped(con.execute(_REJECTED).fetchall()), Finding)
    issues = _group(_shaped(con.execute(_ISSUES).fetchall()), Finding)
    older = {(file, line): lines for file, line, lines in con.execute(_OLDER).fetchall()}
    others = sorted({(row[4], row[5]) for row in told if row[4] is not None})
    chain = {(a.file.file_id, a.line): a for a in why_lines(con, others, depth - 1)} if depth else {}
    files = {file_id: file_of(con, file_id) for file_id in {row[0] for row in told}}
    return [
        Answer(
            file=files[file_id],
            line=line,
            state=state,
            reason=reason,
            other=chain.get((other_file, other_line)),
            brought=brought.get((file_id, line), []),
            rejection=next(iter(rejections.get((file_id, line), [])), None),
            issues=issues.get((file_id, line), []),
            older_versions=older.get((file_id, line), 0),
            records=records,
        )
        for file_id, line, state, reason, other_file, other_line, records in told
    ]


def _shaped(findings: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The values of a person-level export as they may be shown: their shape (exports §4). Dataset last, dropped."""
    if not any(dataset in ("prescriptions", "utilisations") for *_, dataset in findings):
        return [row[:-1] for row in findings]
    # Here, not above: most answers have no such value, and wait for no Polars.
    import polars as pl

    from ingestion.personal import PERSON_LEVEL, show_finding_shapes

    columns = ["file_id", "line", "column", "value", "reason", "dataset"]
    frame = pl.DataFrame(findings, columns, orient="row", infer_schema_length=None)
    frame = frame.with_columns(pl.col("value").cast(pl.String), pl.col("column").cast(pl.String))
    is_personal = pl.col("dataset").is_in(PERSON_LEVEL)
    shown = pl.concat([show_finding_shapes(frame.filter(is_personal)), frame.filter(~is_personal)])
    return shown.drop("dataset").rows()


def _ask(con: duckdb.DuckDBPyConnection, places: Sequence[Place]) -> None:
    files, lines = ",".join(place[0] for place in places), ",".join(str(place[1]) for place in places)
    ask(
        con,
        "create or replace temp table asked as select distinct unnest(string_split($f, ',')) as file_id, "
        "unnest(string_split($l, ',')::bigint[]) as line",
        f=files,
        l=lines,
    )


def _group(rows: Iterable[tuple[Any, ...]], kind: Callable[..., T]) -> dict[Place, list[T]]:
    grouped: dict[Place, list[T]] = {}
    for file_id, line, *rest in rows:
        grouped.setdefault((file_id, line), []).append(kind(*rest))
    return grouped


# Every data line is in exactly one of the three (check PN-326).
_TOLD = """
    select
        asked.file_id,
        asked.line,
        case
            when told.reason is null then 'counted'
            when told.reason in ('describes', 'described_by_another') then 'described'
            else 'not_counted'
        end as state,
        told.reason,
        told.other_file_id,
        told.other_line,
        told.records
    from asked
    inner join proof.line as told on told.source_file_id = asked.file_id and told.source_line = asked.line
    union all
    select asked.file_id, asked.line, 'rejected', rejected.reason, null, null, 1
    from asked
    inner join quality.rejected_line as rejected
        on rejected.file_id = asked.file_id and rejected.line_number = asked.line
    union all
    select
        asked.file_id,
        asked.line,
        case absorbed.reason when 'copy' then 'duplicate' else 'merged' end,
        absorbed.reason,
        absorbed.file_id,
        absorbed.kept_line,
        1
    from asked
    inner join quality.absorbed_line as absorbed
        on absorbed.file_id = asked.file_id and absorbed.line_number = asked.line
    order by 1, 2, 3
"""
_REJECTED = """
    select asked.file_id, asked.line, found.column_name, found.value, found.reason, found.dataset
    from asked
    inner join quality.rejected_line as found on found.file_id = asked.file_id and found.line_number = asked.line
"""
_ISSUES = _REJECTED.replace("quality.rejected_line", "quality.field_issue") + " order by all"
_OLDER = """
    select asked.file_id, asked.line, count(*)
    from asked
    inner join proof.line as older on older.other_file_id = asked.file_id and older.other_line = asked.line
    where older.reason = 'older_version'
    group by all
"""


def _brought_sql(con: duckdb.DuckDBPyConnection) -> str:
    """What the asked lines bring, measure by measure: the columns are those that the dictionary names."""
    columns = [name for (name,) in con.execute("select distinct measure from proof.measure order by 1").fetchall()]
    picked = " ".join(f"when '{name}' then contribution.{name}::decimal(18, 2)" for name in columns)
    return f"""
        select
            asked.file_id,
            asked.line,
            contribution.event,
            contribution.nature,
            contribution.event_on,
            measure.code,
            measure.label,
            measure.unit,
            measure.rule,
            coalesce(measure.is_indicator, false),
            coalesce(case measure.measure {picked} else contribution.amount_eur end, 0)::decimal(18, 2),
            contribution.territory_code,
            territory.territory_name,
            contribution.lieu_siret
        from asked
        inner join proof.contribution as contribution
            on contribution.source_file_id = asked.file_id and contribution.source_line = asked.line
        left join proof.measure as measure
            on contribution.event = measure.event
            and (measure.natures is null or list_contains(string_split(measure.natures, ' | '), contribution.nature))
        left join core.dim_territory as territory using (territory_code)
        left join marts.indicator as indicator using (code)
        order by asked.file_id, asked.line, indicator.rank nulls last, measure.code, contribution.event
    """


@dataclass(frozen=True)
class PassAnswer:
    """What became of one pass: its status, and the lines that name it (its carnet's, its prescription's, its uses').

    `status` is None for a pass of no issued carnet; `digits`: lengths of the numbers that exist; `nearest`: the issued
    ones just before and after it.
    """

    number: str
    status: str | None
    carnet_number: str | None
    used_on: date | None
    lieu_name: str | None
    lines: list[Answer]
    digits: list[int]
    nearest: list[str]


def why_pass(con: duckdb.DuckDBPyConnection, number: str) -> PassAnswer:
    """What became of a pass, by its number (blanks and lost zeros forgiven). Never raises: an unknown pass is said."""
    wanted = "".join(number.split())
    known = ask(
        con,
        """
        select pass.pass_number, pass.status, pass.carnet_number, pass.used_on, lieu.lieu_name
        from core.fct_pass as pass
        left join core.dim_lieu as lieu using (lieu_siret)
        where ltrim(pass.pass_number, '0') = ltrim($n, '0')
        order by pass.pass_number <> $n
        """,
        n=wanted,
    )
    found = known[0] if known and (len(known) == 1 or known[0][0] == wanted) else (wanted, None, None, None, None)
    places = ask(
        con,
        """
        select source_file_id, source_line from core.dim_carnet where carnet_number = $carnet
        union
        select source_file_id, source_line from core.fct_prescription where carnet_number = $carnet
        union
        select source_file_id, source_line from core.fct_redemption where pass_number = $number
        """,
        carnet=found[2],
        number=found[0],
    )
    digits = con.execute("select list(distinct length(first_pass) order by 1) from core.dim_carnet").fetchone()
    around = [] if found[1] else _nearest_passes(con, wanted)
    known_number, status, carnet, used_on, lieu_name = found
    lengths = (digits and digits[0]) or []
    return PassAnswer(known_number, status, carnet, used_on, lieu_name, why_lines(con, places), lengths, around)


def _nearest_passes(con: duckdb.DuckDBPyConnection, wanted: str) -> list[str]:
    found = ask(
        con,
        """
        select max(pass_number) filter (where pass_number < $n), min(pass_number) filter (where pass_number > $n)
        from core.fct_pass where length(pass_number) = length($n)
        """,
        n=wanted,
    )[0]
    return [number for number in found if number]


def why_prescription(con: duckdb.DuckDBPyConnection, prescription_id: str) -> list[Answer]:
    """What became of a prescription's current line. Raises LookupFailed (French) for an unknown one."""
    wanted = prescription_id.strip()
    places = ask(
        con,
        "select source_file_id, source_line from core.fct_prescription where lower(prescription_id) = lower($p)",
        p=wanted,
    )
    if not places:
        (count,) = con.execute("select count(*) from core.fct_prescription").fetchone() or (0,)
        raise LookupFailed(
            f"Prescription inconnue : « {wanted} » n'est l'identifiant d'aucune des {integer(count)} prescriptions "
            "acceptées. Si sa ligne a été rejetée, demandez-la par FICHIER:LIGNE."
        )
    return why_lines(con, places)
