"""docs/preuve.sql, the proof that anyone can run: every published figure is the sum of its lines, to the month."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse.published.versions import current_path
from warehouse.settings import Home

PROOF = (Path(__file__).parents[3] / "docs" / "preuve.sql").read_text(encoding="utf-8")
TABLE, INDICATOR, CELLS, SHOWN, GAPS = range(5)


@pytest.fixture(scope="module")
def version(simulated_home: Path) -> Path:
    path = current_path(Home.at(simulated_home))
    assert path is not None
    return path


def gaps(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """(table, indicator) → cells that differ, of those that do."""
    return {(row[TABLE], row[INDICATOR]): row[GAPS] for row in con.execute(PROOF).fetchall() if row[GAPS]}


def test_every_indicator_of_every_territory_and_month_is_the_sum_of_its_lines(version: Path) -> None:
    """All indicators × territories × months of a real-dirt home: contribution sums = marts, in one SQL (issue 16)."""
    with duckdb.connect(str(version), read_only=True) as con:
        rows = con.execute(PROOF).fetchall()
        places, months = con.execute(
            "select (select count(*) from marts.territory_progress) + 1,"
            " (select datediff('month', min(month), max(month)) + 1 from marts.measure_month)"
        ).fetchone() or (0, 0)
        indicators = {code for (code,) in con.execute("select code from marts.indicator").fetchall()}
        measures = {code for (code,) in con.execute("select code from proof.measure").fetchall()}
    assert [row for row in rows if row[GAPS]] == []
    by_table = {
        table: {row[INDICATOR] for row in rows if row[TABLE] == table} for table in {row[TABLE] for row in rows}
    }
    assert by_table["programme_progress"] == indicators
    assert by_table["measure_month"] | by_table["audience_month"] == measures - {"people_welcomed"}
    assert {row[CELLS] for row in rows if row[TABLE] == "measure_month"} == {places * months}
    assert places >= 35
    # Nothing is proved of figures that are all zero.
    assert sum(row[SHOWN] for row in rows) > 5000


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("update proof.contribution set passes = passes + 1 where event = 'use' and rowid = "
         "(select min(rowid) from proof.contribution where event = 'use')", ("measure_month", "passes_used")),
        ("delete from proof.contribution where event = 'carnet_started'", ("measure_month", "carnets_started")),
        ("update marts.measure_month set value = 0 where indicator = 'sessions'", ("measure_month", "sessions")),
        ("update marts.audience_month set people_equipped = 0", ("audience_month", "pic_share")),
        ("update marts.lieu_activity set hours = hours + 1", ("lieu_activity", "hours")),
        ("delete from marts.lieu_activity where month = (select min(month) from marts.lieu_activity)",
         ("lieu_activity", "passes_used")),
        ("update marts.progress_daily set people_reached = people_reached + 1", ("progress_daily", "people_reached")),
        ("update marts.measure_month set ami = 3 - ami where indicator = 'hours'", ("measure_month, par AMI", "hours")),
        ("update marts.programme_progress set value = value + 1", ("programme_progress", "qpv_share")),
        ("update marts.mandate_ledger set expired_eur = expired_eur + 1", ("mandate_ledger", "face_value_expired_eur")),
        ("delete from marts.measure_month where indicator = 'state_share_due_eur' and month = "
         "(select max(month) from marts.measure_month where indicator = 'state_share_due_eur')",
         ("measure_month, total", "state_share_due_eur")),
    ],
)  # fmt: skip
def test_a_figure_that_is_not_the_sum_of_its_lines_is_found(
    version: Path, tmp_path: Path, damage: str, found: tuple[str, str]
) -> None:
    copy = tmp_path / "passnum.duckdb"
    shutil.copy(version, copy)
    copy.chmod(0o600)
    with duckdb.connect(str(copy)) as con:
        assert gaps(con) == {}
        con.execute(damage)
        assert found in gaps(con)
