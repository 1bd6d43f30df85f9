"""The quality report and the alert as Dagster knows them: weekly, at once on a refusal, and when a run is missing.

Does not live here: writing and sending them (reporting/quality), the jobs and when they run (schedules.py).
"""

from datetime import UTC, datetime

import dagster as dg

from orchestration.assets.retried import told_failures
from orchestration.dagster_events import PUBLISHED
from orchestration.dagster_log import told_in
from orchestration.observed import observe
from orchestration.settings import RunSettings
from orchestration.telling import tell
from presentation import sentences

GROUP = "reports"
QUALITY_REPORT = dg.AssetKey(["reports", "quality"])


@dg.asset(
    key=QUALITY_REPORT,
    group_name=GROUP,
    deps=[PUBLISHED],
    description=f"{sentences.QUALITY_REPORT} ; envoyé si un serveur est réglé.",
)
def quality_report(settings: RunSettings) -> dg.MaterializeResult:
    """Write the report of the last build and send it to those who did not receive it yet."""
    from reporting.quality.sending import write_and_send

    with told_failures():
        told = write_and_send(settings.home(), settings.programme, settings.programme_path(), tell)
    return dg.MaterializeResult(metadata=told)


@dg.op(description="Prévient quand le passage n'a pas eu lieu ou que plus rien n'est livré.")
def look_for_silence(context: dg.OpExecutionContext, settings: RunSettings) -> None:
    """Send the alerts there are; without a mail server, they are told in the log of the run."""
    from reporting.quality.alert import look_for_alerts, tell_received
    from reporting.quality.kept_alerts import forget_alerts, kept_alerts
    from reporting.quality.mail_settings import find_mail_file, load_mail_settings
    from reporting.quality.sending import require_sent, send_alerts, send_all_is_well, send_waiting

    home = settings.home()
    alerts = [*kept_alerts(home), *look_for_alerts(home, settings.programme)]
    for alert in alerts:
        context.log.warning(f"{alert.title}. {alert.sentence}")
    mail = load_mail_settings(find_mail_file(settings.programme_path()))
    if not mail.is_configured:
        return
    with told_failures():
        send_waiting(home, mail, context.log.info)
        if alerts:
            require_sent(send_alerts(home, alerts, mail, context.log.info))
            forget_alerts(home)
        elif mail.all_is_well:
            told = tell_received(home, settings.programme)
            require_sent(send_all_is_well(home, told[0].upper() + told[1:], mail, context.log.info))


@dg.failure_hook(required_resource_keys={"settings"})
def report_refusal(context: dg.HookContext) -> None:
    """At once when the gate refuses a build; a refusal already told (same files, same checks) is not told again."""
    from reporting.quality.sending import tell_refusal

    settings = context.resources.settings
    with told_in(context.log):
        observe(settings.home(), "refused", datetime.now(UTC), context.run_id)
        tell_refusal(settings.home(), settings.programme, settings.programme_path(), tell)
