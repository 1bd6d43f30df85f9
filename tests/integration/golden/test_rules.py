"""The rules beside their models: every dbt data test passes, and the tables depend on nothing but the files.

Does not live here: the figures themselves (test_golden.py), the unit tests of dbt (quality/test_warehouse_codes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.intake import Folders, ingest
from ingestion.secret import load_secret
from programme.config import load_programme
from simulation.simulate import simulate
from tests.integration.data_quality.planting import Planter, weekdays
from warehouse.build import transform
from warehouse.build.candidate import Candidate, prepare
from warehouse.build.fingerprint import fingerprint_tables
from warehouse.build.transform import build_and_test, build_models, run_data_tests
from warehouse.settings import Home

Build = Callable[..., Candidate]


@pytest.fixture
def build() -> Iterator[Build]:
    """Build a candidate from a home's lake, thrown away afterwards."""
    made: list[Candidate] = []

    def make(home: Home, name: str, shares_lines: bool = False) -> Candidate:
        candidate = prepare(home, load_programme(), run_id=name, as_of=None, today=date(2026, 1, 1))
        candidate = replace(candidate, shares_lines=shares_lines or candidate.shares_lines)
        made.append(candidate)
        build_models(candidate)
        return candidate

    yield make
    for candidate in made:
        candidate.discard()


def test_every_data_test_passes_on_the_golden_set(golden_home: Path) -> None:
    """Keys, relationships and accounting identities, one code each; built and tested at one go, as a run does."""
    candidate = prepare(Home.at(golden_home), load_programme(), run_id="data", as_of=None, today=date(2026, 1, 1))
    built: list[tuple[int, int, str]] = []
    tested: list[tuple[int, int, str]] = []
    held: dict[str, set[str]] = {}

    def on_node(done: int, total: int, name: str) -> None:
        built.append((done, total, name))
        held[name] = _intermediate_tables()

    try:
        models, results = build_and_test(candidate, on_node=on_node, on_test=lambda *node: tested.append(node))
        assert not candidate.scratch.exists(), "the intermediate tables of a run are held in memory"
    finally:
        candidate.discard()
    assert len({result.meta["code"] for result in results}) == len(results)
    assert {result.name: result.message for result in results if result.status != "pass"} == {}
    # Each node is told once, as it ends, out of all there are: what a progress bar reads.
    for told, nodes in ((built, models), (tested, results)):
        assert told == [(rank, len(nodes), node.name) for rank, node in enumerate(nodes, 1)]
    # What no model or test still to come reads is let go, also where a view is between; what a test reads is kept. No
    # test reads the lines themselves: a large build needs their room for what each of them brings.
    assert {"int_redemption", "int_counter_payment"} <= held["int_redemption"] | held["int_counter_payment"]
    gone = {"stg_utilisations", "int_issued_pass", "int_redemption", "int_counter_payment", "int_first_use"}
    assert held["contribution"] & gone == set()
    assert {"int_staged_total", "int_carnet_pass"} <= held[built[-1][2]]


def _intermediate_tables() -> set[str]:
    """The tables that the build in course holds in memory."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    cursor = DuckDBConnectionManager.env().handle().cursor()
    rows = cursor.execute("select table_name from duckdb_tables() where database_name = 'scratch'").fetchall()
    return {name for (name,) in rows}


def _rows(path: Path) -> dict[str, str]:
    """`schema.table` → a digest of its rows: as they are stored, order included, in the marts; whatever it in core."""
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("set threads = 1")
        names = con.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name = 'marts' order by all"
        ).fetchall()
        return fingerprint_tables(con) | {
            f"{schema}.{table}": con.execute(
                f"""select count(*) || '-' || coalesce(sum(hash(line, place)::hugeint), 0)
                from (select line, row_number() over () as place from "{schema}"."{table}" as line)"""
            ).fetchone()[0]  # type: ignore[index]
            for schema, table in names
        }


#: DuckDB gives a thread a row group at a time: a smaller table is read by one thread, however many there are.
ROW_GROUP = 122_880


def _deliver_many_passes(landing: Path) -> None:
    """A simulated programme for the variety of its lines, and carnets of fifty passes, of which fifteen are used, for
    their number: a tenth of the carnets that the simulator would need."""
    simulate(landing, carnets=300, seed=3, dirt="clean", programme=load_programme())
    plant = Planter()
    lieux, days = [plant.lieu(f"Lieu {number}") for number in range(20)], weekdays(40)
    for number in range(2_500):
        carnet = plant.held(50)
        for rank in range(15):
            plant.use(carnet, rank, lieux[number % len(lieux)], days[(number + rank) % len(days)])
    plant.deliver(landing)


def test_the_same_lake_gives_the_same_rows_on_any_threads_and_memory(
    tmp_path: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enough passes for DuckDB to work on several row groups at once; the marts' rows compared in their stored order.

    The facts have none: sorting nine million passes costs more than making them. The second build has little memory: it
    spills to disk, and its file can still be opened again to be tested. In the first, four models are built at once,
    each on one thread; in the second, one at a time, on four. The first searches for lines of several records, though
    none of these files has any; the second, told so by their receipts, does not.
    """
    home = Home.at(tmp_path).create()
    _deliver_many_passes(home.landing)
    folders = Folders.of_home(home.root)
    ingest(folders, today=date(2026, 1, 1), secret=load_secret(), settle_seconds=0.0)
    found, asked = [], list[list[str]]()
    run = transform.run_dbt

    def listened(words: list[str], *rest: object) -> object:
        asked.append(words)
        return run(words, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(transform, "run_dbt", listened)
    monkeypatch.setenv("PASSNUM_THREADS", "4")
    for lines, memory in ((1_000_000, "4GB"), (0, "300MB")):
        monkeypatch.setattr("warehouse.build.candidate.LINES_OF_A_MODEL_EACH", lines)
        monkeypatch.setattr("warehouse.build.candidate.LINES_HELD_IN_MEMORY", lines)
        monkeypatch.setenv("PASSNUM_MEMORY_LIMIT", memory)
        candidate = build(home, f"a-model-each-up-to-{lines}", shares_lines=bool(lines))
        assert candidate.shares_lines == bool(lines)
        assert candidate.models_at_once == (4 if lines else 1)
        found.append(_rows(candidate.database))
    assert [words[words.index("--threads") + 1] for words in asked if "--threads" in words] == ["4", "1"]
    assert [result.name for result in run_data_tests(candidate) if result.status != "pass"] == []
    assert found[0] == found[1]
    assert len(found[0]) > 20
    with duckdb.connect(str(candidate.database), read_only=True) as con:
        for table in ("core.fct_pass", "proof.contribution"):
            assert con.table(table).shape[0] > ROW_GROUP, table
