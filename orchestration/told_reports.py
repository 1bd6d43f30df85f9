"""Write the quality report of the last build and send it: the step of the schedules, and of a refusal at once.

Plain functions: `passnum run` and Dagster's hook and asset call the same. Does not live here: the report
(quality_report.py), the mails (report_mail.py), when they leave (reports.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from orchestration.telling import tell
from programme.clock import today_in_paris
from programme.models import Programme
from warehouse.settings import Home


class UnsentMail(Exception):
    """Somebody did not receive their letter; the French message says who and why."""


def report(home: Home, programme: Callable[[], Programme], programme_folder: Path | None) -> dict[str, str | int]:
    """Write the report of the last build and send it to those who did not receive it yet. Returns what was done.

    Raises NothingPublished, MailError, MailSettingsError, UnsentMail (French).
    """
    from orchestration.quality_report import write_report
    from orchestration.report_mail import send_report
    from reporting.quality.mail_settings import find_mail_file, load_mail_settings

    mail = load_mail_settings(find_mail_file(programme_folder))
    written = write_report(home, programme, today_in_paris(), tuple(mail.recipients.by_edition()))
    told: dict[str, str | int] = {
        "report": written.report_id,
        "verdict": written.complete.verdict,
        "folder": str(written.folder),
        "to_mend": sum(problem.lines.height for problem in written.complete.problems),
    }
    if mail.is_configured:
        told["sent"] = require_sent(send_report(home, written, mail, tell))
    return told


def report_refusal(home: Home, programme: Callable[[], Programme], programme_folder: Path | None) -> None:
    """At once when the gate refuses a build; a refusal already told (same files, same checks) is not told again.

    The person who runs the command is told when nobody could be; whatever prevented it then passes.
    """
    from ingestion.system_errors import explain_error
    from orchestration.quality_report import is_new_refusal

    if not is_new_refusal(home):
        return
    try:
        told = report(home, programme, programme_folder)
    except Exception as error:
        why = str(error) if _is_french(error) else explain_error(error)
        tell(f"Le rapport de qualité n'a pas pu être écrit et envoyé : {why}")
        raise
    tell(f"Rapport de qualité écrit dans {told['folder']}.")


def require_sent(entries: list) -> int:
    """How many letters left by now. Raises UnsentMail when one did not."""
    unsent = [f"{entry.to} : {entry.error}" for entry in entries if entry.status != "envoye"]
    if unsent:
        raise UnsentMail("Courriels non envoyés. " + " ".join(unsent))
    return len(entries)


def _is_french(error: Exception) -> bool:
    from reporting.quality.mail_settings import MailSettingsError
    from reporting.quality.outbox import MailError

    return isinstance(error, MailError | MailSettingsError | UnsentMail)
