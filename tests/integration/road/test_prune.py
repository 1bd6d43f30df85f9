"""`passnum prune`: room is made, and what readers see stays."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import dagster as dg

from orchestration.pruning import find_spare
from presentation.french import NBSP
from tests.conftest import ROOT, passnum_here
from tests.once import copy_home, without_suites
from warehouse.published.versions import current_path, version_paths
from warehouse.settings import Home


def test_room_is_made_and_the_version_in_line_stays(corrected_home: Path, tmp_path: Path) -> None:
    """Dry unless asked; what is held in line is never removed, were it the oldest."""
    home = Home.at(copy_home(corrected_home, tmp_path / "home"))
    with without_suites():
        passnum_here("rollback", home=home.root)
    held = current_path(home)
    log = home.logs / "erreur-20200101T000000Z.log"
    log.write_text("x" * 5000, encoding="utf-8")
    os.utime(log, (0, 0))
    (home.warehouse / ".passnum-x.duckdb.part").write_bytes(b"half")
    told = passnum_here("prune", "--keep", "1", home=home.root)
    assert "Rien n'a été effacé" in told and f"1{NBSP}journal : 5,0" in told
    assert log.exists()
    assert len(version_paths(home)) == 2
    passnum_here("prune", "--keep", "1", "--yes", home=home.root)
    assert not log.exists()
    assert not list(home.warehouse.glob(".*.part"))
    assert held in [path.resolve() for path in version_paths(home)]
    passnum_here("rollback", "--release", home=home.root)
    assert "Rien n'est de trop" in passnum_here("prune", "--keep", "2", home=home.root)


def test_the_base_of_dagster_gets_smaller(tmp_path: Path) -> None:
    """Runs that ended go with their events; one that is under way stays."""
    home = Home.at(tmp_path / "home").create()
    (home.root / "dagster").mkdir()
    shutil.copy(ROOT / "orchestration" / "dagster.yaml", home.root / "dagster")

    @dg.op
    def nothing() -> None: ...

    @dg.job
    def some_job() -> None:
        nothing()

    with dg.DagsterInstance.from_config(str(home.root / "dagster")) as instance:
        some_job.execute_in_process(instance=instance)
        under_way = instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED)
    (spare,) = find_spare(home, versions_kept=3, days=0)
    assert spare.sentence == f"1{NBSP}passage dans la base de Dagster"
    assert spare.octets > 0
    spare.remove()
    with dg.DagsterInstance.from_config(str(home.root / "dagster")) as instance:
        assert [run.run_id for run in instance.get_runs()] == [under_way.run_id]
    assert find_spare(home, versions_kept=3, days=0) == []
