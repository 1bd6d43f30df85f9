"""The quality report and the alert as Dagster knows them: weekly, at once on a refusal, and when a run is missing.

Does not live here: writing and sending them (told_reports.py), the road's own job (schedules.py).
"""

import dagster as dg

from orchestration import told_reports
from orchestration.dagster_events import PUBLISHED
from orchestration.dagster_log import told_in
from orchestration.settings import RunSettings
from programme.clock import PARIS

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
    try:
        told = told_reports.report(settings.home(), settings.programme, settings.programme_path())
    except told_reports.UnsentMail as error:
        raise dg.Failure(description=str(error)) from error
    return dg.MaterializeResult(metadata=told)


@dg.op(description="Prévient quand le passage n'a pas eu lieu ou que plus rien n'est livré.")
def look_for_silence(context: dg.OpExecutionContext, settings: RunSettings) -> None:
    """Send the alerts there are; without a mail server, they are told in the log of the run."""
    from orchestration.report_mail import look_for_alerts, send_alerts
    from reporting.quality.mail_settings import find_mail_file, load_mail_settings

    home = settings.home()
    alerts = look_for_alerts(home, settings.programme)
    for alert in alerts:
        context.log.warning(f"{alert.title}. {alert.sentence}")
    mail = load_mail_settings(find_mail_file(settings.programme_path()))
    if alerts and mail.is_configured:
        try:
            told_reports.require_sent(send_alerts(home, alerts, mail, context.log.info))
        except told_reports.UnsentMail as error:
            raise dg.Failure(description=str(error)) from error


@dg.failure_hook(required_resource_keys={"settings"})
def report_refusal(context: dg.HookContext) -> None:
    """At once when the gate refuses a build; a refusal already told (same files, same checks) is not told again."""
    settings = context.resources.settings
    with told_in(context.log):
        told_reports.report_refusal(settings.home(), settings.programme, settings.programme_path())


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
