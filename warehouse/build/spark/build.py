"""A whole build on Spark: what it reads handed over, the models by dbt, every table a folder of Parquet.

Does not live here: the candidate (warehouse/build/candidate.py), the publication (published.py), the checks
(data_quality).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from ingestion.lake import Lake
from storage.sql_text import quoted
from warehouse.build import transform
from warehouse.build.candidate import Candidate
from warehouse.build.spark import adapter, session
from warehouse.build.spark.engine import Engine
from warehouse.settings import DBT_PROJECT

#: Models side by side: a small one leaves Spark's cores waiting for its driver.
MODELS_AT_ONCE = 2
_TARGET = ["--target", "spark"]
_BUILD = ["run", "--no-populate-cache", "--threads", str(MODELS_AT_ONCE)]
_SEEDS = "seeds"


def build(
    candidate: Candidate,
    lake: Lake,
    on_node: transform.OnNode | None = None,
    on_test: transform.OnNode | None = None,
) -> tuple[Engine, list[transform.NodeResult]]:
    """Build every model of the project from the lake and the candidate's inputs, then count every data test.

    Returns the engine, its tables written, and what each test did. `on_node`, `on_test`: told as each ends. Raises
    TransformError naming the first model that failed.
    """
    work = candidate.folder / "spark"
    engine = Engine(session.open_session(work), candidate.folder / "parquet")
    adapter.install(engine)
    hand_over_lake(engine, lake, candidate)
    hand_over_tables(engine, candidate.sources, work)
    with transform.inside_project(candidate.environment() | transform.folders(candidate.folder / "dbt")):
        manifest = transform.run_dbt(["parse", *_TARGET]).result
        hand_over_seeds(engine, manifest, work)
        models = sum(node.resource_type == "model" for node in manifest.nodes.values())
        transform.well_built(transform.invoke([*_BUILD, *_TARGET], manifest, transform.counting(on_node, models)))
        tests = transform.count_tests(manifest, [*_TARGET], on_test)
    return engine, tests


def hand_over_lake(engine: Engine, lake: Lake, candidate: Candidate) -> None:
    """The lake's own Parquet files, where they are."""
    for name, (columns, files) in lake.views(candidate.until).items():
        engine.hand_over("lake", name, columns, files)


def hand_over_tables(engine: Engine, sources: Path, work: Path) -> None:
    """The programme's tables and the files received, written as Parquet from the candidate's sources."""
    with duckdb.connect(str(sources), read_only=True) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables() where not internal").fetchall()
        for schema, table in tables:
            _hand_over(engine, con, schema, table, f'from "{schema}"."{table}"', work)


def hand_over_seeds(engine: Engine, manifest: Any, work: Path) -> None:
    """The project's seeds, read as dbt-duckdb reads them: an empty cell is null."""
    with duckdb.connect() as con:
        for name, path, types in _seeds(manifest):
            told = "{" + ", ".join(f"{quoted(column)}: {quoted(kind)}" for column, kind in types.items()) + "}"
            rows = f"from read_csv({quoted(path)}, header = true, columns = {told}, nullstr = '')"
            _hand_over(engine, con, _SEEDS, name, rows, work)


def _seeds(manifest: Any) -> Iterator[tuple[str, Path, dict[str, str]]]:
    for node in manifest.nodes.values():
        if node.resource_type == "seed":
            yield node.name, DBT_PROJECT / node.original_file_path, node.config.column_types


def _hand_over(engine: Engine, con: duckdb.DuckDBPyConnection, schema: str, table: str, rows: str, work: Path) -> None:
    path = work / "read" / schema / f"{table}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: str(kind) for name, kind, *_ in con.execute(f"describe {rows}").fetchall()}
    con.execute(f"copy ({rows}) to {quoted(path)} (format parquet)")
    engine.hand_over(schema, table, columns, [path])
