"""When work is done without anyone asking: every job, schedule and sensor. Does not live here: the work (assets/)."""

import hashlib
import os
import time
from functools import partial
from typing import Any

import dagster as dg

from ingestion.landing import list_arrivals
from orchestration.assets.documents import issue_exports
from orchestration.assets.failures import tell_failure
from orchestration.assets.quality_report import GROUP as REPORTS
from orchestration.assets.quality_report import QUALITY_REPORT, look_for_silence, report_refusal
from orchestration.assets.retention import erase_what_is_past
from orchestration.assets.retried import cause
from orchestration.dagster_events import LAKE
from orchestration.dagster_log import told_in
from orchestration.deciding import decide, end_without_building
from orchestration.ghosts import end_ghosts
from orchestration.settings import RunSettings
from orchestration.sharing import share
from programme.clock import PARIS

#: How often sensors look, at least; a deposit is whole when two looks see the same.
LOOK_EVERY_SECONDS = int(os.environ.get("PASSNUM_LOOK_SECONDS", 60))
#: After a first, second, third… failure on the same files; the last one again and again.
RETRY_AFTER_SECONDS = tuple(LOOK_EVERY_SECONDS * times for times in (5, 15, 60))
#: On a run: the files for which it was asked.
LANDING_TAG = "passnum/depot"
_FAILED = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
#: A run whose process died is started again whole, twice; a step that fails says itself whether it is tried again.
_AGAIN = {"dagster/max_retries": "2", "dagster/retry_strategy": "ALL_STEPS"}

#: One process a job: each step of its own would import everything again.
_job = partial(dg.define_asset_job, executor_def=dg.in_process_executor)
_ROAD = dg.AssetSelection.all() - dg.AssetSelection.groups(REPORTS)
job = _job(
    "passnum_run",
    selection=_ROAD,
    hooks={report_refusal},
    description="Des fichiers déposés à la version publiée, d'un coup : pour une personne.",
    tags=_AGAIN,
)
#: What runs by itself is in two: files that cannot be read leave the checks of the last version as they were.
reading_job = _job(
    "passnum_read",
    selection=dg.AssetSelection.groups(LAKE),
    description="Les fichiers déposés, lus et rangés dans le lac.",
    tags=_AGAIN,
)
build_job = _job(
    "passnum_build",
    selection=_ROAD - dg.AssetSelection.groups(LAKE),
    hooks={report_refusal},
    description="Une version construite de tout le lac, contrôlée et publiée.",
    tags=_AGAIN,
)
quality_report_job = _job(
    "quality_report_job",
    selection=dg.AssetSelection.assets(QUALITY_REPORT),
    description="Le rapport de qualité, écrit et envoyé.",
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
    job=reading_job,
    cron_schedule="0 6 * * *",
    description="Chaque matin à 6 h (Europe/Paris) : la lecture, puis la construction s'il y a du nouveau.",
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


_ALL_JOBS: list[Any] = [
    job, reading_job, build_job, quality_report_job, silence_alert_job, quarterly_exports_job, retention_job,
]  # fmt: skip


@dg.sensor(
    job=reading_job,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lance la lecture quand un dépôt est terminé : rien n'y a bougé d'un regard au suivant.",
)
def landing_sensor(context: dg.SensorEvaluationContext, settings: RunSettings) -> dg.SensorResult | dg.SkipReason:
    """One run for one settled set of files (names, sizes, dates); where it failed, another, later and later."""
    arrivals, _ = list_arrivals(settings.home().landing, 0)
    if not arrivals:
        return dg.SensorResult(skip_reason="La zone de dépôt est vide.", cursor="")
    waiting = sorted(f"{a.name} {a.path.stat().st_size} {a.path.stat().st_mtime_ns}" for a in arrivals)
    key = hashlib.sha256("\n".join(waiting).encode()).hexdigest()
    if context.cursor != key:
        return dg.SensorResult(skip_reason="Un dépôt est en cours : il sera lu quand plus rien n'y bouge.", cursor=key)
    tried = context.instance.get_run_records(dg.RunsFilter(job_name=reading_job.name, tags={LANDING_TAG: key}))
    if any(record.dagster_run.status not in _FAILED for record in tried):
        return dg.SkipReason("Ces fichiers sont en cours de lecture, ou ont été lus.")
    if tried:
        wait = RETRY_AFTER_SECONDS[min(len(tried), len(RETRY_AFTER_SECONDS)) - 1]
        ended = max(record.end_time or 0 for record in tried)
        if time.time() < ended + wait:
            return dg.SkipReason(f"La lecture de ces fichiers a échoué : nouvel essai {wait // 60} minutes après.")
    request = dg.RunRequest(run_key=f"{key}-{len(tried)}", tags={LANDING_TAG: key})
    return dg.SensorResult([request], cursor=key)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[reading_job],
    request_job=build_job,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Après chaque lecture, construit, contrôle et publie ; rien si la version publiée est déjà celle-là.",
)
def after_reading(context: dg.RunStatusSensorContext, settings: RunSettings) -> dg.RunRequest | dg.SkipReason:
    """A run where there is something to build; what cannot be decided here is told by the run itself."""
    plan = settings.plan()
    with told_in(context.log):
        try:
            decision = decide(plan)
        except Exception as error:  # noqa: BLE001 — the run meets it too, fails with its cause, and is told
            context.log.warning(cause(error))
        else:
            if decision.version is not None:
                end_without_building(plan, decision.version, decision.held)
                if share(plan.home, plan.programme_folder) is None:
                    return dg.SkipReason(
                        "Rien n'est à construire : la version en ligne reste celle-là (voir le journal)."
                    )
    return dg.RunRequest(run_key=context.dagster_run.run_id)


@dg.run_failure_sensor(
    monitored_jobs=_ALL_JOBS,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Prévient par courriel (alerte) quand un travail échoue, avec sa cause.",
)
def failed_run(context: dg.RunFailureSensorContext, settings: RunSettings) -> dg.SkipReason | None:
    """One mail a failed run."""
    return tell_failure(context, settings)


@dg.sensor(
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Termine les passages dont le processus n'existe plus ; Dagster les recommence (deux fois au plus).",
)
def ghost_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """A run that died neither stays « started » nor keeps the queue."""
    ended = end_ghosts(context.instance)
    return dg.SkipReason(f"Passages terminés faute de processus : {', '.join(ended)}" if ended else "Rien à terminer.")
