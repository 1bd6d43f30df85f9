"""A run that Dagster started by itself and that failed, told by mail with its cause in French.

A refused build is told by the quality report instead (quality_report.py). Does not live here: how a mail leaves
(reporting/quality), what a step says of its failure (retried.py).
"""

from __future__ import annotations

import dagster as dg

from orchestration.ghosts import ENDED
from orchestration.settings import RunSettings
from orchestration.telling import tell
from presentation.french import instant_long
from reporting.quality.alert import Alert

_REFUSED = "DagsterAssetCheckFailedError"
_REMEDY = (
    "Corrigez ce que dit cette phrase, puis relancez le travail dans Dagster, ou « passnum run ». « passnum doctor » "
    "relit tout et donne les remèdes. La dernière bonne version reste en ligne."
)


def alert_of(context: dg.RunFailureSensorContext) -> Alert | None:
    """What is told of a failed run; None for a refused build."""
    run = context.dagster_run
    record = context.instance.get_run_record_by_id(run.run_id)
    began = f" du {instant_long(record.create_timestamp.replace(tzinfo=None))}" if record else ""
    causes = [_cause(event) for event in context.get_step_failure_events()]
    if any(one is None for one in causes):
        return None
    said = " ".join(one for one in causes if one) or _of_the_run(context.failure_event.message or "")
    return Alert(
        f"echec|{run.run_id}",
        "Un passage planifié a échoué",
        f"Le travail « {run.job_name} »{began} s’est arrêté. {said}",
        _REMEDY,
    )


def _cause(event: dg.DagsterEvent) -> str | None:
    """Why a step failed; None where it is a blocking check."""
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    kind = data.error.cls_name if data.error else ""
    return None if kind == _REFUSED else f"Erreur inattendue ({kind}), dont le détail est dans Dagster."


def _of_the_run(message: str) -> str:
    if ENDED in message:
        return f"{ENDED} Il est recommencé par Dagster, deux fois au plus."
    return "Dagster l’a arrêté avant sa fin : il n’a pas démarré, ou il a duré bien trop longtemps."


def tell_failure(context: dg.RunFailureSensorContext, settings: RunSettings) -> dg.SkipReason | None:
    """Send the alert to the people of `alerte`, with those that could not leave before; without a mail server, leave it
    in the sensor's log. One that cannot leave is kept: Dagster does not tell of the same run again."""
    from reporting.quality.kept_alerts import forget_alerts, keep_alert, kept_alerts
    from reporting.quality.mail_settings import MailSettingsError, find_mail_file, load_mail_settings
    from reporting.quality.outbox import MailError
    from reporting.quality.sending import UnsentMail, require_sent, send_alerts
    from reporting.quality.store import DamagedRecord

    alert = alert_of(context)
    if alert is None:
        return dg.SkipReason("Le contrôle a refusé cette version : le rapport de qualité le dit, à qui doit corriger.")
    context.log.error(f"{alert.title}. {alert.sentence}")
    home = settings.home()
    try:
        mail = load_mail_settings(find_mail_file(settings.programme_path()))
        if not mail.is_configured:
            return dg.SkipReason(f"{alert.sentence} Aucun serveur de courriel n'est réglé : personne n'a été prévenu.")
        require_sent(send_alerts(home, [*kept_alerts(home), alert], mail, tell))
    except (MailError, MailSettingsError, UnsentMail, DamagedRecord):
        keep_alert(home, alert)
        raise
    forget_alerts(home)
    return None
