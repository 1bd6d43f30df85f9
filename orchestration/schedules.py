"""The job that walks the whole road, and when it runs by itself. Does not live here: the steps."""

import dagster as dg

from orchestration.reports import GROUP as REPORTS
from orchestration.reports import report_refusal
from programme.clock import PARIS

job = dg.define_asset_job(
    "passnum_run",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(REPORTS),
    hooks={report_refusal},
    description="Des fichiers déposés à la version publiée.",
    executor_def=dg.in_process_executor,
)

daily_run = dg.ScheduleDefinition(
    name="daily_run",
    job=job,
    cron_schedule="0 6 * * *",
    execution_timezone=PARIS.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Chaque matin à 6 h (Europe/Paris).",
)
