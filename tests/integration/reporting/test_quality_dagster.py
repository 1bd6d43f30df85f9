"""What Dagster knows of the reports: the schedules, and that the daily job does not send the weekly report."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from orchestration.definitions import defs
from orchestration.settings import RunSettings


def test_the_weekly_report_and_the_daily_alert_are_scheduled_in_paris() -> None:
    schedules = {schedule.name: schedule for schedule in defs.schedules or []}
    assert schedules["weekly_quality_report"].cron_schedule == "0 8 * * 1"
    assert schedules["daily_silence_alert"].cron_schedule == "0 9 * * *"
    assert {schedule.execution_timezone for schedule in schedules.values()} == {"Europe/Paris"}


def test_the_daily_job_writes_no_weekly_report_and_tells_a_refusal() -> None:
    job = defs.resolve_job_def("passnum_run")
    assert "reports__quality" not in {node.name for node in job.nodes}
    assert {hook.name for hook in job.hook_defs} == {"report_refusal"}
    assert {node.name for node in defs.resolve_job_def("quality_report_job").nodes} == {"reports__quality"}


def test_a_silence_is_told_by_the_alert_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mail.yaml").write_text("server: ''\n", encoding="utf-8")
    monkeypatch.setenv("PASSNUM_MAIL", str(tmp_path / "mail.yaml"))
    settings = RunSettings(home_folder=str(tmp_path / "home"))
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def("silence_alert_job")
        assert job.execute_in_process(instance=instance, resources={"settings": settings}).success
    assert "Aucun passage" in capfd.readouterr().err
