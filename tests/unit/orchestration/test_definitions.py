"""What Dagster is given: what runs by itself runs as soon as `make dagster` starts it, one run at a time.

Not here: the steps themselves (integration/road), the letters the schedules send (integration/reporting).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dagster import Definitions

ROOT = Path(__file__).parents[3]
# Four seconds of imports, made when a test runs and not when tests are looked for.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def defs() -> Definitions:
    """Everything Dagster is given."""
    from orchestration.definitions import defs

    return defs


def test_schedules_and_the_landing_sensor_run_without_a_click(defs: Definitions) -> None:
    """docs/exploitation.md: « make dagster » starts the schedules and the sensor, not only the interface."""
    from dagster import DefaultScheduleStatus, DefaultSensorStatus

    schedules = {one.name: one.default_status for one in defs.schedules or ()}
    assert set(schedules) == {
        "daily_run",
        "weekly_quality_report",
        "daily_silence_alert",
        "quarterly_exports",
        "monthly_retention",
    }
    assert set(schedules.values()) == {DefaultScheduleStatus.RUNNING}
    sensors = {one.name: one.default_status for one in defs.sensors or ()}
    assert set(sensors) == {"landing_sensor", "after_reading", "failed_run", "ghost_sensor"}
    assert set(sensors.values()) == {DefaultSensorStatus.RUNNING}


def test_days_and_hours_are_those_of_paris(defs: Definitions) -> None:
    assert {one.execution_timezone for one in defs.schedules or ()} == {"Europe/Paris"}


def test_the_shipped_settings_queue_one_run_at_a_time_and_tell_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import DagsterInstance

    shutil.copy(ROOT / "orchestration" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with DagsterInstance.get() as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_retries_enabled
        assert not instance.run_retries_retry_on_asset_or_op_failure
