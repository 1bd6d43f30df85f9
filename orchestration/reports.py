"""The quality report and the alert as Dagster knows them: weekly, at once on a refusal, and when a run is missing.

Does not live here: writing them (quality_report.py), sending them (report_mail.py), the road's own job (schedules.py).
"""

from pathlib import Path

import dagster as dg

from orchestration.publication import PUBLISHED
from orchestration.settings import RunSettings, tell
from programme.clock import today_in_paris
from programme.french import PARIS

GROUP = "reports"
QUALITY_REPORT = dg.AssetKey(["reports", "quality"])


@dg.asset(
    key=QUALITY_REPORT,
    group_name=GROUP,
    deps=[PUBLISHED],
    description="Le rapport de qualité des données : quoi corriger, qui, où ; envoyé si un serveur est réglé.",
)
def quality_report(settings: RunSettings) -> dg.MaterializeResult:
    """Write the report of the last build and send it to those who did not receive it yet."""
    return dg.MaterializeResult(metadata=_report(settings))


@dg.op(description="Prévient quand le passage n'a pas eu lieu ou que plus rien n'est livré.")
def look_for_silence(context: dg.OpExecutionContext, settings: RunSettings) -> None:
    """Send the alerts there are; without a mail server, they are told in the log of the run."""
    from orchestration.report_mail import look_for_alerts, send_alerts
    from reporting.quality.mail_settings import load_mail_settings

    home = settings.home()
    alerts = look_for_alerts(home, settings.programme)
    for alert in alerts:
        context.log.warning(f"{alert.title}. {alert.sentence}")
    mail = load_mail_settings(_mail_file(settings))
    if alerts and mail.is_configured:
        _require_sent(send_alerts(home, alerts, mail, context.log.info))


@dg.failure_hook(required_resource_keys={"settings"})
def report_refusal(context: dg.HookContext) -> None:
    """At once when the gate refuses a build; a refusal already told (same files, same checks) is not told again."""
    from ingestion.system_errors import explain_error
    from orchestration.quality_report import is_new_refusal
    from reporting.quality.mail_settings import MailSettingsError
    from reporting.quality.outbox import MailError

    settings = context.resources.settings
    if not is_new_refusal(settings.home()):
        return
    try:
        told = _report(settings)
    except (MailError, MailSettingsError, dg.Failure, OSError) as error:
        # A hook that fails is silent: the person who runs the command must know that nobody was told.
        why = explain_error(error) if isinstance(error, OSError) else getattr(error, "description", None) or error
        tell(f"Le rapport de qualité n'a pas pu être écrit et envoyé : {why}")
        raise
    tell(f"Rapport de qualité écrit dans {told['folder']}.")


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


weekly_quality_report = dg.ScheduleDefinition(
    name="weekly_quality_report",
    job=quality_report_job,
    cron_schedule="0 8 * * 1",
    execution_timezone=PARIS.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Chaque lundi à 8 h (Europe/Paris), aussi quand tout va bien.",
)
daily_silence_alert = dg.ScheduleDefinition(
    name="daily_silence_alert",
    job=silence_alert_job,
    cron_schedule="0 9 * * *",
    execution_timezone=PARIS.key,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Chaque matin à 9 h (Europe/Paris), après le passage de 6 h.",
)


def _report(settings: RunSettings) -> dict[str, str | int]:
    from orchestration.quality_report import write_report
    from orchestration.report_mail import send_report
    from reporting.quality.mail_settings import load_mail_settings

    home = settings.home()
    mail = load_mail_settings(_mail_file(settings))
    report = write_report(home, settings.programme, today_in_paris(), tuple(mail.recipients.by_edition()))
    told: dict[str, str | int] = {
        "report": report.report_id,
        "verdict": report.complete.verdict,
        "folder": str(report.folder),
        "to_mend": sum(problem.lines.height for problem in report.complete.problems),
    }
    if mail.is_configured:
        told["sent"] = _require_sent(send_report(home, report, mail, tell))
    return told


def _require_sent(entries: list) -> int:
    """How many letters left by now; a failure of the step when one did not, so that Dagster shows it."""
    unsent = [f"{entry.to} : {entry.error}" for entry in entries if entry.status != "envoye"]
    if unsent:
        raise dg.Failure(description="Courriels non envoyés. " + " ".join(unsent))
    return len(entries)


def _mail_file(settings: RunSettings) -> Path:
    from reporting.quality.mail_settings import find_mail_file

    return find_mail_file(Path(settings.programme_folder) if settings.programme_folder else None)
