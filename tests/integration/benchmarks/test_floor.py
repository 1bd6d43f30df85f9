"""A yardstick that gave other figures would measure something else: the floor equals what `passnum run` publishes."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from benchmarks import floor
from benchmarks.worlds import THIS, Bench
from tests.integration.benchmarks.conftest import CARNETS
from tests.integration.benchmarks.corrections import CORRECTIONS


def test_the_floor_makes_the_published_tables_row_for_row(measured: tuple[Path, Path]) -> None:
    """Every table of core, marts and proof, compared whole and both ways."""
    published_file, floor_file = measured
    assert floor.differences(floor_file, published_file) == {}


def test_the_floor_compares_tables_that_hold_rows(measured: tuple[Path, Path]) -> None:
    """Two empty tables are equal, and prove nothing."""
    _, floor_file = measured
    with duckdb.connect(str(floor_file), read_only=True) as con:
        empty = [table for table in floor.TABLES if not con.execute(f"from {table} limit 1").fetchall()]
    assert empty == []


def test_the_corrections_leave_every_kind_of_debt(measured: tuple[Path, Path]) -> None:
    """Each cause but a use yet to come, a recovery of a lieu's debt, and one that no debt asks for."""
    _, floor_file = measured
    with duckdb.connect(str(floor_file), read_only=True) as con:
        causes = con.execute("select distinct cause from core.fct_counter_payment where cause is not null").fetchall()
        repaid = con.execute("select distinct lieu_siret is not null from core.fct_recovery").fetchall()
    assert {cause for (cause,) in causes} == {cause for cause in CORRECTIONS if not cause.startswith("sans_")}
    assert {is_of_a_lieu for (is_of_a_lieu,) in repaid} == {True, False}


def test_every_published_table_is_made_by_the_floor(measured: tuple[Path, Path]) -> None:
    """The same work, or the ratio of a run to its floor says nothing."""
    published_file, _ = measured
    with duckdb.connect(str(published_file), read_only=True) as con:
        rows = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('core', 'marts', 'proof')"
        ).fetchall()
    assert {name for (name,) in rows} == set(floor.TABLES)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("update core.fct_pass set status = 'expired' where rowid = 0", {"core.fct_pass": (1, 1)}),
        ("delete from marts.territory_month where rowid = 0", {"marts.territory_month": (1, 0)}),
        (
            "update proof.contribution set minutes = minutes + 1 where rowid in "
            "(select min(rowid) from proof.contribution where event = 'session')",
            {"proof.contribution": (1, 1)},
        ),
        ("insert into core.dim_service from core.dim_service limit 1", {"core.dim_service": (0, 1)}),
        (
            "update marts.projection_reliability set mean_width = mean_width + 1e-10; "
            "update marts.projection set high = high + 0.0001 where rowid = 0",
            {"marts.projection": (1, 1)},
        ),
    ],
)
def test_one_row_that_differs_is_seen(
    measured: tuple[Path, Path], tmp_path: Path, change: str, expected: dict[str, tuple[int, int]]
) -> None:
    """A row changed, lost or doubled: (missing from the floor, only in the floor); not the last bits of a double."""
    published_file, floor_file = measured
    copy = Path(shutil.copyfile(floor_file, tmp_path / "copy.duckdb"))
    with duckdb.connect(str(copy)) as con:
        con.execute(change)
    assert floor.differences(copy, published_file) == expected


def test_a_failing_check_leaves_no_floor(measured: tuple[Path, Path], tmp_path: Path) -> None:
    """Two carnets that claim the same passes break the key of fct_pass: the file is not renamed into place."""
    published_file, _ = measured
    bench = Bench(published_file.parent, THIS)
    landing = Path(shutil.copytree(bench.landing(CARNETS), tmp_path / "landing"))
    last = max(landing.glob("emissions_*.csv"), key=lambda path: path.stat().st_size)
    header, line = last.read_text(encoding="utf-8").splitlines()[:2]
    number, *rest = line.split(";")
    last.write_text("\n".join([header, line, ";".join([f"{number}-BIS", *rest]), ""]), encoding="utf-8")
    target = tmp_path / "floor.duckdb"
    with pytest.raises(floor.FloorError, match="a pass is in fct_pass once"):
        floor.build(landing, target, bench.settings(CARNETS), b"a secret of this test, not one")
    assert not target.exists()
