"""A refused build, for those who must mend it: the checks that refused it, its files, its rejected lines.

Read from what is kept beside the lake and from the lake as it is now. Never a rejected value: the lines
of an export of people would give them away. Does not live here: why a check exists (data_quality/), the report and its
mails (reporting/quality), how it is shown (dashboards/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from ingestion.lake import Lake, LakeCorruption
from presentation.mends import mend_of
from warehouse.published import builds
from warehouse.published.received import explanations
from warehouse.settings import Home


class Unreadable(Exception):
    """The lake is not what was written; the French message names the file."""


@dataclass(frozen=True)
class Refusal:
    """Why a build was refused. Grain of the frames:

    checks: one blocking check that failed (code, sentence, observed, expected, owner, mend); failures: one unit at
    fault (code, detail, file_name, source_lines); files: one file received since the build published before, or named
    by a check (file_id, file_name, dataset, extract_date, outcome, lines_read, lines_rejected, is_at_fault,
    explanation); rejected: one rejected line of those files (file_name, dataset, line_number, column_name, reason).
    """

    checks: pl.DataFrame
    failures: pl.DataFrame
    files: pl.DataFrame
    rejected: pl.DataFrame


def read_refusal(home: Home, build: builds.BuildRecord) -> Refusal:
    """What refused `build`. Raises Unreadable (French) when the lake is not what was written."""
    folder = home.lake / builds.BUILDS / build.build_id
    checks = _blocking(pl.read_parquet(folder / "checks.parquet", glob=False))
    failures = _failures(folder).filter(pl.col("code").is_in(checks["code"].implode()))
    try:
        delivered, lines = _lake(home)
    except LakeCorruption as error:
        raise Unreadable(str(error)) from error
    named = failures["source_file_id"].drop_nulls().unique()
    since = _published_before(home, build)
    files = (
        delivered.with_columns(is_at_fault=pl.col("file_id").is_in(named.implode()))
        .filter(pl.col("is_at_fault") | (pl.col("received_at") > since))
        .sort("is_at_fault", "received_at", "file_name", descending=[True, True, False])
    )
    names = delivered.unique("file_id", keep="last").select(pl.col("file_id").alias("source_file_id"), "file_name")
    at_fault = files.filter("is_at_fault") if files["is_at_fault"].any() else files
    return Refusal(
        checks,
        failures.join(names, on="source_file_id", how="left").select("code", "detail", "file_name", "source_lines"),
        files.drop("received_at"),
        lines.join(at_fault.select("file_id").unique(), on="file_id", how="semi").drop("file_id"),
    )


def _blocking(checks: pl.DataFrame) -> pl.DataFrame:
    failed = checks.filter((pl.col("severity") == "bloquant") & (pl.col("status") != "ok")).sort("code")
    # A build kept by an earlier version of this software may lack the column.
    said = failed["mend"] if "mend" in failed.columns else pl.Series([None] * failed.height, dtype=pl.String)
    told = [mend_of(owner, mend) for owner, mend in zip(failed["owner"], said, strict=True)]
    return failed.select("code", "sentence", "status", "observed", "expected", "owner").with_columns(
        pl.Series("mend", told, pl.String)
    )


def _failures(folder: Path) -> pl.DataFrame:
    kept = folder / "failures.parquet"
    if kept.exists():
        return pl.read_parquet(kept, glob=False)
    return pl.DataFrame(schema=dict.fromkeys(("code", "detail", "source_file_id", "source_lines"), pl.String))


def _published_before(home: Home, build: builds.BuildRecord) -> datetime:
    """When the build published before `build` began: what came later is new to it."""
    earlier = [one for one in builds.load(home.lake) if one.status == "published" and one.build_id < build.build_id]
    return earlier[-1].started_at if earlier else datetime.min


def _lake(home: Home) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The files received, and the rejected lines without their values."""
    with duckdb.connect() as con:
        Lake(home.lake).open_in(con, "lake")
        delivered = con.execute(
            "select file_id, file_name, dataset, extract_date, received_at, outcome, lines_read, lines_rejected"
            " from lake.delivered_file"
        ).pl()
        lines = con.execute(
            "select file_id, file_name, dataset, line_number, column_name, reason from lake.rejected_line"
            " order by file_name, line_number, column_name"
        ).pl()
    explained = explanations(home).unique(["file_id", "file_name"], keep="last")
    return delivered.join(explained, on=["file_id", "file_name"], how="left"), lines
