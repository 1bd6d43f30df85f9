"""The report and the alerts of a home, sent: the report written and mailed, a refusal told at once, each mail once.

`passnum report`, `passnum run` and Dagster call the same functions. Does not live here: writing the report
(last_build.py), the mails (letters.py), how they leave (outbox.py), when (orchestration/).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from presentation.system_errors import explain_error
from programme.clock import today_in_paris
from programme.models import Programme
from reporting.quality.addressees import read_addressees
from reporting.quality.alert import Alert, alert_letters, well_letters
from reporting.quality.last_build import is_new_refusal, write_report
from reporting.quality.letters import report_letters
from reporting.quality.mail_settings import MailSettings, MailSettingsError, find_mail_file, load_mail_settings
from reporting.quality.outbox import Entry, Ledger, Letter, MailError, send_letters
from reporting.quality.report import QualityReport
from reporting.quality.store import DamagedRecord, ledger_path, one_at_a_time
from reporting.quality.waiting import keep_what_waits, send_what_waits
from warehouse.settings import Home

Tell = Callable[[str], None]
#: An address of correspondants.csv that receives no quality report.
UNKNOWN = "Aucun lieu ni prescripteur de ce SIRET dans les données : {stranger} ne reçoit rien."


class UnsentMail(Exception):
    """Somebody did not receive their letter; the French message says who and why."""


def send_report(home: Home, report: QualityReport, settings: MailSettings, tell: Tell) -> list[Entry]:
    """Send every recipient their edition of the report; nobody twice. Raises MailError, MailSettingsError."""
    settings.require_sending()
    return send_once(home, report.report_id, report_letters(report, settings), settings, tell)


def send_alerts(home: Home, alerts: list[Alert], settings: MailSettings, tell: Tell) -> list[Entry]:
    """Tell the people of `alerte`; the same silence is told again once a week."""
    settings.require_sending()
    return send_once(home, "alertes", alert_letters(alerts, settings), settings, tell)


def send_all_is_well(home: Home, told: str, settings: MailSettings, tell: Tell) -> list[Entry]:
    """Tell the people of `alerte` that nothing is late, once a day."""
    settings.require_sending()
    return send_once(home, "alertes", well_letters(told, today_in_paris(), settings), settings, tell)


def write_and_send(
    home: Home, programme: Callable[[], Programme], programme_folder: Path | None, tell: Tell
) -> dict[str, str | int]:
    """Write the report of the last build and send it to those who did not receive it yet. Returns what was done.

    Raises NothingPublished, MailError, MailSettingsError, UnsentMail (French).
    """
    mail = load_mail_settings(find_mail_file(programme_folder))
    written = write_report(home, programme, today_in_paris(), read_addressees(mail, programme_folder))
    for stranger in written.strangers:
        tell(UNKNOWN.format(stranger=stranger))
    told: dict[str, str | int] = {
        "report": written.report_id,
        "verdict": written.complete.verdict,
        "folder": str(written.folder),
        "to_mend": sum(problem.lines.height for problem in written.complete.problems),
    }
    if mail.is_configured:
        told["sent"] = require_sent(send_report(home, written, mail, tell))
    return told


def tell_refusal(home: Home, programme: Callable[[], Programme], programme_folder: Path | None, tell: Tell) -> None:
    """At once when the gate refuses a build; a refusal already told (same files, same checks) is not told again.

    The person who runs the command is told when nobody could be; whatever prevented it then passes.
    """
    if not is_new_refusal(home):
        return
    try:
        told = write_and_send(home, programme, programme_folder, tell)
    except Exception as error:
        is_told = isinstance(error, MailError | MailSettingsError | UnsentMail | DamagedRecord)
        why = str(error) if is_told else explain_error(error)
        tell(f"Le rapport de qualité n'a pas pu être écrit et envoyé : {why}")
        raise
    tell(f"Rapport de qualité écrit dans {told['folder']}.")


def require_sent(entries: list[Entry]) -> int:
    """How many letters left by now. Raises UnsentMail when one did not."""
    unsent = [f"{entry.to} : {entry.error}" for entry in entries if entry.status != "envoye"]
    if unsent:
        raise UnsentMail("Courriels non envoyés. " + " ".join(unsent))
    return len(entries)


def send_once(home: Home, name: str, letters: list[Letter], settings: MailSettings, tell: Tell) -> list[Entry]:
    """Send each letter that never left, one process at a time; `name`: of the ledger. What waited since an earlier
    sending leaves first. Raises MailError, DamagedRecord (French)."""
    settings.require_sending()
    with one_at_a_time(home):
        send_what_waits(home, settings, tell, letters)
        entries = send_letters(letters, settings, Ledger(ledger_path(home, name)), tell)
        return keep_what_waits(home, name, letters, entries)


def send_waiting(home: Home, settings: MailSettings, tell: Tell) -> list[Entry]:
    """Try again what the server would not take yet; nothing where nothing waits. Raises MailError (French)."""
    settings.require_sending()
    with one_at_a_time(home):
        return send_what_waits(home, settings, tell)
