"""Kept versions from before the masking rule: they still hold values that the lake holds no more.

A version is never written anew for it: the lake rebuilds it. Does not live here: the rule, and the lake masked again
(ingestion/masking_again); what is said of it (orchestration/doctor).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from ingestion.lake import Lake
from ingestion.masking_again import unmasked
from ingestion.personal import RULE
from ingestion.personal_text import mask_names
from warehouse.published.person import kept_versions
from warehouse.published.received import lake_frames
from warehouse.published.versions import connect
from warehouse.settings import Home

_FINDINGS = """
    select distinct file_id, dataset, column_name, value, reason from (
        select * from quality.rejected_line union all by name select * from quality.field_issue
    )
"""
_NAMES = "select distinct file_id, file_name from quality.delivered_file where file_name is not null"


def find_unmasked(home: Home) -> dict[Path, int]:
    """The versions that hold values of lines set aside, or names of files, as no masked lake has them; how many.

    A version that cannot be read is passed over (it is told elsewhere). Raises LakeCorruption.
    """
    found = {}
    masked: tuple[pl.DataFrame, pl.DataFrame] | None = None
    for path in kept_versions(home):
        try:
            with connect(path) as con:
                findings, names = unmasked(con.execute(_FINDINGS).pl()), con.execute(_NAMES).pl()
        except duckdb.Error:
            continue
        names = names.filter(names["file_name"] != pl.Series(mask_names(names["file_name"].to_list()), dtype=pl.String))
        if findings.height or names.height:
            masked = masked or _masked(home)
            number = findings.join(masked[0], on=["file_id", "value"], how="anti").height
            number += names.join(masked[1], on=["file_id", "file_name"], how="anti").height
            if number:
                found[path] = number
    return found


def _masked(home: Home) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the files of the lake that are of today's rule hold: values by file, names by file."""
    lake = Lake(home.lake)
    receipts = [r for r in [*lake.receipts(), *lake.other_receipts()] if r.masking_rule == RULE]
    names = pl.DataFrame(
        [(r.file_id, r.file_name) for r in receipts],
        schema={"file_id": pl.String, "file_name": pl.String},
        orient="row",
    )
    _, rejected, issues = lake_frames(home)
    values = pl.concat([rejected, issues], how="diagonal").select("file_id", "value")
    return values.join(names, on="file_id", how="semi"), names
