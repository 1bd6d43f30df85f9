"""The whole intake against a second reading of the specification: nasty files by the hundred, every fact compared.

The oracle (tests/unit/ingestion/oracle.py) is written from exports §1 to §5, not from the product. More files:
`ORACLE_FILES=5000 pytest tests/integration/ingestion/test_oracle.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.unit.ingestion.dirty_files import DirtyFile, make_file
from tests.unit.ingestion.kit import SECRET, drop, lake_tables, make_home, run
from tests.unit.ingestion.oracle import Verdict

PARTS = 3
NUMBER = int(os.environ.get("ORACLE_FILES", "120"))
BANDS = ((18, "moins_18"), (25, "18_24"), (40, "25_39"), (60, "40_59"), (70, "60_69"), (1000, "70_plus"))


@pytest.mark.parametrize("part", range(PARTS))
def test_every_fact_of_every_file_is_the_one_of_the_specification(tmp_path: Path, part: int) -> None:
    """Outcome, reason, counts; line, column, value, reason of each reject and issue; every typed value."""
    files = [make_file(seed) for seed in range(part * NUMBER // PARTS, (part + 1) * NUMBER // PARTS)]
    folders = make_home(tmp_path)
    for file in files:
        drop(folders, file.name, file.data)
        if file.sidecar:
            drop(folders, file.name + ".sha256", file.sidecar)
    run(folders)
    found = Found(lake_tables(folders))
    problems = [p for file in files for p in found.compare(file)]
    assert not problems, "\n".join(map(str, problems[:20]))
    assert found.loaded > len(files) / 2
    assert found.lines > 5 * len(files)


class Found:
    """What the lake says of every file received."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self.tables = tables
        self.files = {row["file_name"]: row for row in tables["delivered_file"].to_dicts()}
        self.loaded = self.lines = 0

    def compare(self, file: DirtyFile) -> list[tuple]:
        """Every difference with the oracle, as (file, what, found, expected)."""
        return [(name, *p) for name, told in file.members.items() for p in self._compare_one(name, *told)]

    def _compare_one(self, name: str, _: bytes, dataset: str, verdict: Verdict) -> list[tuple]:
        row = self.files.get(name)
        if row is None:
            return [("delivered_file", None, "a row")]
        if row["outcome"] == "duplicate":
            return []  # two seeds that drew the same empty table
        outcome = ("rejected" if verdict.reason else "loaded", verdict.reason)
        if (row["outcome"], row["reason"]) != outcome:
            return [("outcome", (row["outcome"], row["reason"]), outcome)]
        if verdict.reason:
            return []
        self.loaded += 1
        self.lines += row["lines_read"]
        counts = tuple(row[f"lines_{n}"] for n in ("read", "accepted", "rejected", "duplicate"))
        problems: list[tuple[str, Any, Any]] = [] if counts == verdict.counts else [("counts", counts, verdict.counts)]
        problems += [] if row["dataset"] == dataset else [("dataset", row["dataset"], dataset)]
        problems += self._compare_findings("rejected_line", name, verdict.rejected)
        problems += self._compare_findings("field_issue", name, verdict.issues)
        return problems + self._compare_rows(dataset, row["file_id"], verdict.rows)

    def _compare_findings(self, table: str, name: str, expected: list[tuple]) -> list[tuple]:
        columns = ["line_number", "column_name", "reason", "value"]
        frame = self.tables[table].filter(pl.col("file_name") == name).select(columns)
        found = {row[:3]: row[3] for row in frame.rows()}
        told = {(line, column, reason): value for line, column, value, reason in expected}
        if Counter(found.keys()) != Counter(told.keys()) or frame.height != len(expected):
            return [(table, sorted(found.keys() - told.keys(), key=str), sorted(told.keys() - found.keys(), key=str))]
        # a native number of a sheet is not compared as text
        return [(table, found[k], v) for k, v in told.items() if v is not None and found[k] != v]

    def _compare_rows(self, dataset: str, file_id: str, expected: dict[int, dict]) -> list[tuple]:
        rows = self.tables[dataset].filter(pl.col("source_file_id") == file_id).to_dicts()
        found = {row["source_line"]: row for row in rows}
        if found.keys() != expected.keys():
            return [("rows", sorted(found.keys() - expected.keys()), sorted(expected.keys() - found.keys()))]
        return [
            (f"{dataset}.{column}, line {line}", found[line][column], value)
            for line, values in expected.items()
            for column, value in without_person(dataset, values).items()
            if not is_same(found[line][column], value)
        ]


def is_same(found: object, expected: object) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return abs(found - expected) < 1e-9
    return found == expected


def one_spelling(identifier: str) -> str:
    """Exports §4: without case, blanks, hyphens or the `.0` of a number; accents and zeros stay."""
    kept = "".join(c for c in identifier if not c.isspace() and unicodedata.category(c) not in ("Pd", "Cf"))
    bare = unicodedata.normalize("NFC", kept.upper())
    return bare[:-2] if bare.endswith(".0") and bare[:-2].isdigit() else bare


def without_person(dataset: str, values: dict) -> dict:
    """Exports §4: the two personal columns as they may be kept."""
    if dataset != "prescriptions":
        return values
    kept = {k: v for k, v in values.items() if k not in ("id_beneficiaire", "annee_naissance")}
    person, born = values["id_beneficiaire"], values["annee_naissance"]
    key = hmac.new(SECRET, one_spelling(person).encode(), hashlib.sha256).hexdigest() if person else None
    age = None if born is None else values["date_prescription"].year - born
    band = None if age is None else next(code for upper, code in BANDS if age < upper)
    return kept | {"beneficiary_key": key, "age_band": band}
