"""What Dagster is given: what runs by itself runs as soon as `make dagster` starts it, one run at a time.

Not here: the steps themselves (integration/road), the letters the schedules send (integration/reporting).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import defs

ROOT = Path(__file__).parents[3]


def test_schedules_and_the_landing_sensor_run_without_a_click() -> None:
    """docs/exploitation.md: « make dagster » starts the schedules and the sensor, not only the interface."""
    schedules = {one.name: one.default_status for one in defs.schedules or ()}
    assert set(schedules) == {"daily_run", "weekly_quality_report", "daily_silence_alert", "quarterly_exports"}
    assert set(schedules.values()) == {dg.DefaultScheduleStatus.RUNNING}
    assert [one.default_status for one in defs.sensors or ()] == [dg.DefaultSensorStatus.RUNNING]


def test_days_and_hours_are_those_of_paris() -> None:
    assert {one.execution_timezone for one in defs.schedules or ()} == {"Europe/Paris"}


def test_the_shipped_settings_queue_one_run_at_a_time_and_tell_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "orchestration" / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert not instance.telemetry_enabled
