"""What Dagster knows of the documents that leave the building: when they are issued, and a mistake told in French."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import defs
from orchestration.settings import RunSettings
from warehouse.published.versions import Version


def run(home: Path, period: str) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        defs.resolve_job_def("quarterly_exports_job").execute_in_process(
            instance=instance,
            resources={"settings": RunSettings(home_folder=str(home))},
            run_config={"ops": {"issue_exports": {"config": {"period": period}}}},
        )


def test_the_documents_are_issued_after_each_quarter() -> None:
    schedule = next(schedule for schedule in defs.schedules or [] if schedule.name == "quarterly_exports")
    assert schedule.cron_schedule == "0 10 5 1,4,7,10 *" and schedule.execution_timezone == "Europe/Paris"


def test_nothing_published_yet_fails_in_french(tmp_path: Path) -> None:
    with pytest.raises(dg.Failure, match="Rien n'est encore publié"):
        run(tmp_path, "2022-T4")


def test_a_period_that_is_none_fails_in_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the run's settings is the reader's to mend: no traceback of ours, no retry."""
    monkeypatch.setattr("warehouse.published.versions.current_version", lambda _home: Version.__new__(Version))
    with pytest.raises(dg.Failure, match="n'est pas une période") as caught:
        run(tmp_path, "2022-T9")
    assert caught.value.allow_retries is False
