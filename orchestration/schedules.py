"""When work is done without anyone asking: every job, schedule and sensor. Does not live here: the work (assets/)."""

import hashlib
from functools import partial

import dagster as dg

from ingestion.landing import list_arrivals
from orchestration.assets.documents import issue_exports
from orchestration.assets.quality_report import GROUP as REPORTS
from orchestration.assets.quality_report import QUALITY_REPORT, look_for_silence, report_refusal
from orchestration.assets.retention import erase_what_is_past
from orchestration.settings import RunSettings
from programme.clock import PARIS

job = dg.define_asset_job(
    "passnum_run",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups(REPORTS),
    hooks={report_refusal},
    description="Des fichiers déposés à la version publiée.",
    executor_def=dg.in_process_executor,
)
quality_report_job = dg.define_asset_job(
    "quality_report_job",
    selection=dg.AssetSelection.assets(QUALITY_REPORT),
    description="Le rapport de qualité, écrit et envoyé.",
    executor_def=dg.in_process_executor,
)


@dg.job(executor_def=dg.in_process_executor, description="L'alerte sur le passage et les livraisons.")
def silence_alert_job() -> None:
    """One step: look, and tell."""
    look_for_silence()


@dg.job(executor_def=dg.in_process_executor, description="Les documents d'un trimestre, émis.")
def quarterly_exports_job() -> None:
    """One step: issue."""
    issue_exports()


@dg.job(executor_def=dg.in_process_executor, description="La conservation, appliquée.")
def retention_job() -> None:
    """One step: erase what is past its term."""
    erase_what_is_past()


#: In Paris time, running as soon as Dagster's daemon does.
_in_paris = partial(
    dg.ScheduleDefinition, execution_timezone=PARIS.key, default_status=dg.DefaultScheduleStatus.RUNNING
)
daily_run = _in_paris(
    name="daily_run",
    job=job,
    cron_schedule="0 6 * * *",
    description="Chaque matin à 6 h (Europe/Paris).",
)
weekly_quality_report = _in_paris(
    name="weekly_quality_report",
    job=quality_report_job,
    cron_schedule="0 8 * * 1",
    description="Chaque lundi à 8 h (Europe/Paris), aussi quand tout va bien.",
)
daily_silence_alert = _in_paris(
    name="daily_silence_alert",
    job=silence_alert_job,
    cron_schedule="0 9 * * *",
    description="Chaque matin à 9 h (Europe/Paris), après le passage de 6 h.",
)
quarterly_exports = _in_paris(
    name="quarterly_exports",
    job=quarterly_exports_job,
    cron_schedule="0 10 5 1,4,7,10 *",
    description="Le 5 du mois qui suit chaque trimestre, à 10 h (Europe/Paris), une fois livré le dernier mois.",
)
monthly_retention = _in_paris(
    name="monthly_retention",
    job=retention_job,
    cron_schedule="0 5 1 * *",
    description="Le premier de chaque mois à 5 h (Europe/Paris), avant le passage : ce dont la conservation est finie.",
)


@dg.sensor(
    job=job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lance un passage quand des fichiers attendent dans la zone de dépôt.",
)
def landing_sensor(context: dg.SensorEvaluationContext, settings: RunSettings) -> dg.RunRequest | dg.SkipReason:
    """One run for one set of waiting files, known by their names, sizes and dates."""
    arrivals, _ = list_arrivals(settings.home().landing, 0)
    if not arrivals:
        return dg.SkipReason("La zone de dépôt est vide.")
    waiting = sorted(f"{a.name} {a.path.stat().st_size} {a.path.stat().st_mtime_ns}" for a in arrivals)
    return dg.RunRequest(run_key=hashlib.sha256("\n".join(waiting).encode()).hexdigest())
