"""What the report is made of, as frames: files, rejected lines, field issues, conflicts, checks of one build.

Lives here: reading them from the published version, and the same for a build that was refused. Does not live here:
who owns a problem, its wording, the comparison with the last report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from reporting.quality.seen import SEEN_SCHEMA, read_seen
from reporting.quality.wording import LIEU, PRESCRIBER
from warehouse.published.builds import BUILDS, BuildRecord
from warehouse.published.versions import connect

#: What the number of a pass or a carnet may look like inside a text.
NUMBER_WORD = r"[\p{L}\d-]{4,}"

FINDING_SCHEMA = {
    "file_id": pl.String,
    "file_name": pl.String,
    "dataset": pl.String,
    "line_number": pl.Int64,
    "column_name": pl.String,
    "value": pl.String,
    "reason": pl.String,
}
DELIVERED_SCHEMA = {
    "file_id": pl.String,
    "sha256": pl.String,
    "file_name": pl.String,
    "dataset": pl.String,
    "extract_date": pl.Date,
    "received_at": pl.Datetime("us"),
    "outcome": pl.String,
    "reason": pl.String,
    "lines_read": pl.Int64,
    "lines_rejected": pl.Int64,
    "explanation": pl.String,
}
CONFLICT_SCHEMA = {
    "dataset": pl.String,
    "extract_date": pl.Date,
    "key_value": pl.String,
    "file_names": pl.String,
}
CHECK_SCHEMA = dict.fromkeys(
    ("code", "table_name", "severity", "status", "observed", "expected", "owner", "sentence", "mend"), pl.String
)
FAILURE_SCHEMA = {
    "code": pl.String,
    "owner": pl.String,
    "territory_code": pl.String,
    "lieu_siret": pl.String,
    "prescriber_siret": pl.String,
    "source_file_id": pl.String,
    "source_lines": pl.String,
    "detail": pl.String,
    "passes": pl.Int64,
    "amount_eur": pl.Float64,
    "hours": pl.Float64,
}
LINE_SCHEMA = {
    "file_id": pl.String,
    "line_number": pl.Int64,
    "lieu_siret": pl.String,
    "prescriber_siret": pl.String,
    "passes": pl.Int64,
    "amount_eur": pl.Float64,
    "hours": pl.Float64,
}
NAME_SCHEMA = {"owner": pl.String, "siret": pl.String, "name": pl.String}
WEIGHT_SCHEMA = {"dataset": pl.String, "passes": pl.Float64, "amount_eur": pl.Float64, "hours": pl.Float64}


@dataclass(frozen=True)
class Sources:
    """Frames of one build. Euros and hours are what a line weighs in the published figures.

    `lines`: grain one delivered line with a field issue that is the current version of its key.
    `weights`: grain one data set, the average weight of one of its lines (for lines that were not read).
    `names`: grain one SIRET of a lieu, or of a prescriber (`owner`). `seen`: what a structure sees of
    its lines (seen.py). `delivered.explanation` is given by the caller (`explained`).
    `known_files`: the files the published version was made of. `guarded`: texts among the values that are
    pass or carnet numbers, never to be shown.
    """

    build_id: str
    status: str
    as_of: date
    is_demo: bool
    inputs_sha256: str
    delivered: pl.DataFrame
    rejected: pl.DataFrame
    issues: pl.DataFrame
    conflicts: pl.DataFrame
    checks: pl.DataFrame
    failures: pl.DataFrame
    lines: pl.DataFrame
    weights: pl.DataFrame
    names: pl.DataFrame
    seen: pl.DataFrame
    known_files: frozenset[str]
    guarded: frozenset[str]


def read_published(path: Path) -> Sources:
    """The sources of the published file at `path`."""
    with connect(path) as con:
        build = con.execute(
            "select build_id, status, as_of, is_demo, inputs_sha256 from quality.build order by build_id desc limit 1"
        ).fetchone()
        assert build is not None, f"{path} has no row in quality.build"
        delivered = _read(con, DELIVERED_SCHEMA, _DELIVERED)
        checks = _read(con, CHECK_SCHEMA, _CHECKS, [build[0]])
        failures = _read_kept(con, FAILURE_SCHEMA, "check_failure", "build_id = ?", [build[0]])
        rejected = _read(con, FINDING_SCHEMA, "select * from quality.rejected_line")
        issues = _read(con, FINDING_SCHEMA, "select * from quality.field_issue")
        conflicts = _read(con, CONFLICT_SCHEMA, _CONFLICTS)
        build_id, status, as_of, is_demo, inputs_sha256 = build
        return Sources(
            build_id=build_id,
            status=status,
            as_of=as_of,
            is_demo=is_demo,
            inputs_sha256=inputs_sha256,
            delivered=delivered,
            rejected=rejected,
            issues=issues,
            conflicts=conflicts,
            checks=checks,
            failures=failures,
            lines=_read_kept(con, LINE_SCHEMA, "line_weight"),
            weights=_read_kept(con, WEIGHT_SCHEMA, "dataset_weight"),
            names=_read(con, NAME_SCHEMA, _NAMES),
            seen=read_seen(con, build_id),
            known_files=frozenset(delivered["file_id"]),
            guarded=_guarded(con, rejected, issues, checks, failures),
        )


def explained(sources: Sources, explanations: pl.DataFrame) -> Sources:
    """The sources with what the reader said of each file: `explanations` has file_id, file_name, explanation."""
    told = explanations.unique(["file_id", "file_name"], keep="last", maintain_order=True)
    delivered = sources.delivered.drop("explanation").join(told, on=["file_id", "file_name"], how="left")
    return replace(sources, delivered=_shaped(delivered, DELIVERED_SCHEMA))


def without_accepted(sources: Sources, accepted: tuple[str, ...]) -> Sources:
    """The sources without the defects of the deliveries a person accepted (programme.yaml; file_id or sha256).

    Their acceptance itself stays visible: a check names it at every build.
    """
    is_accepted = pl.col("file_id").is_in(accepted) | pl.col("sha256").is_in(accepted)
    files = sources.delivered.filter(is_accepted).select("file_id").unique()
    return replace(
        sources,
        delivered=sources.delivered.filter(~(is_accepted & (pl.col("outcome") == "rejected"))),
        rejected=sources.rejected.join(files, on="file_id", how="anti"),
        issues=sources.issues.join(files, on="file_id", how="anti"),
    )


def of_refused_build(
    lake: Path,
    record: BuildRecord,
    published: Path | None,
    delivered: pl.DataFrame,
    rejected: pl.DataFrame,
    issues: pl.DataFrame,
    find_numbers: Callable[[pl.DataFrame], Iterable[str]],
) -> Sources:
    """The sources of a refused build: its checks kept beside the lake, and the files the lake holds by now.

    The candidate is gone: what a line weighs comes from the version still published, when there is one.
    `find_numbers`: which words of a frame (column `word`) are numbers of passes or carnets in the lake, where the
    files that were refused lie too.
    """
    base = _nothing() if published is None else read_published(published)
    folder = lake / BUILDS / record.build_id
    checks = _shaped(pl.read_parquet(folder / "checks.parquet", glob=False), CHECK_SCHEMA)
    kept = folder / "failures.parquet"
    failures = _shaped(
        pl.read_parquet(kept, glob=False) if kept.exists() else pl.DataFrame(schema=FAILURE_SCHEMA), FAILURE_SCHEMA
    )
    rejected, issues = _shaped(rejected, FINDING_SCHEMA), _shaped(issues, FINDING_SCHEMA)
    guarded = frozenset(find_numbers(_written_words(rejected, issues, checks, failures)))
    if published is not None:
        with connect(published) as con:
            guarded |= _guarded(con, rejected, issues, checks, failures)
    return replace(
        base,
        build_id=record.build_id,
        status=record.status,
        as_of=record.as_of,
        is_demo=record.is_demo,
        inputs_sha256=record.inputs_sha256,
        delivered=_shaped(delivered, DELIVERED_SCHEMA),
        rejected=rejected,
        issues=issues,
        checks=checks,
        failures=failures,
        guarded=guarded,
    )


def _nothing() -> Sources:
    schemas: dict[str, dict[str, Any]] = {
        "delivered": DELIVERED_SCHEMA,
        "rejected": FINDING_SCHEMA,
        "issues": FINDING_SCHEMA,
        "conflicts": CONFLICT_SCHEMA,
        "checks": CHECK_SCHEMA,
        "failures": FAILURE_SCHEMA,
        "lines": LINE_SCHEMA,
        "weights": WEIGHT_SCHEMA,
        "names": NAME_SCHEMA,
        "seen": SEEN_SCHEMA,
    }
    empty = {name: pl.DataFrame(schema=schema) for name, schema in schemas.items()}
    return Sources("", "", date.min, False, "", **empty, known_files=frozenset(), guarded=frozenset())


def _read(
    con: duckdb.DuckDBPyConnection, schema: dict[str, Any], sql: str, parameters: list[Any] | None = None
) -> pl.DataFrame:
    return _shaped(con.execute(sql, parameters or []).pl(), schema)


def _read_kept(
    con: duckdb.DuckDBPyConnection,
    schema: dict[str, Any],
    table: str,
    condition: str = "true",
    parameters: list[Any] | None = None,
) -> pl.DataFrame:
    """The rows of quality.`table`; none in a version published before there was one."""
    if con.execute("select 1 from duckdb_tables() where table_name = ?", [table]).fetchone() is None:
        return pl.DataFrame(schema=schema)
    return _read(con, schema, f"select * from quality.{table} where {condition}", parameters)


def _shaped(frame: pl.DataFrame, schema: dict[str, Any]) -> pl.DataFrame:
    """The columns of `schema`, with its types; a column the frame lacks is NULL."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )


def _guarded(con: duckdb.DuckDBPyConnection, *frames: pl.DataFrame) -> frozenset[str]:
    """The words of the frames' free texts that are the number of a pass or a carnet, issued or only written."""
    con.register("written_word", _written_words(*frames).to_arrow())
    found = con.execute(
        """
        select word from written_word where upper(word) in (
            select carnet_number from core.dim_carnet
            union all
            select carnet_number from core.fct_prescription where carnet_number is not null
        )
        union
        select word from written_word where word in (
            select pass_number from core.fct_pass
            union all
            select pass_number from core.fct_redemption where pass_number is not null
        )
        """
    ).fetchall()
    con.unregister("written_word")
    return frozenset(word for (word,) in found)


def _written_words(*frames: pl.DataFrame) -> pl.DataFrame:
    """Column `word`: every word of the frames' free texts that could be a number, once."""
    texts = [
        frame.select(pl.col(name).str.extract_all(NUMBER_WORD).alias("word"))
        for frame in frames
        for name in ("value", "observed", "detail")
        if name in frame.columns
    ]
    return pl.concat(texts).explode("word", empty_as_null=True).drop_nulls().unique()


_DELIVERED = """
    select
        file_id, sha256, file_name, dataset, extract_date, received_at, outcome, reason, lines_read, lines_rejected
    from quality.delivered_file
"""
_CHECKS = "select * from quality.check_result where build_id = ?"
_CONFLICTS = """
    with file as (
        select file_id, min(file_name) as file_name
        from quality.delivered_file
        where outcome = 'loaded'
        group by file_id
    )

    select conflict.dataset, conflict.extract_date, conflict.key_value,
        string_agg(file.file_name, ' ; ' order by file.file_name) as file_names
    from (select *, unnest(file_ids) as file_id from quality.conflicting_version) as conflict
    left join file on conflict.file_id = file.file_id
    group by conflict.dataset, conflict.extract_date, conflict.key_value
"""
_NAMES = f"""
    select '{LIEU}' as owner, lieu_siret as siret, lieu_name as name from core.dim_lieu
    union all
    select '{PRESCRIBER}', prescriber_siret, prescriber_name from core.dim_prescriber
"""
