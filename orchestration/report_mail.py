"""Send what was written: the mails of a report or of an alert, each once, and what is late in a home.

Does not live here: the report (quality_report.py), the mails (reporting/quality), the command, the schedules.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from ingestion.lake import Lake
from programme.clock import today_in_paris
from programme.deliveries import MONTHLY
from programme.models import Programme
from reporting.quality.alert import Alert, Expected, alert_letters, find_alerts
from reporting.quality.letters import report_letters
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import Entry, Ledger, Letter, send_letters
from reporting.quality.report import QualityReport
from reporting.quality.store import ledger_path, one_at_a_time
from warehouse.build import history
from warehouse.published.freshness import Freshness
from warehouse.published.version_settings import settings_of_home
from warehouse.published.versions import current_version
from warehouse.settings import Home

Tell = Callable[[str], None]


def send_report(home: Home, report: QualityReport, settings: MailSettings, tell: Tell) -> list[Entry]:
    """Send every recipient their edition of the report; nobody twice. Raises MailError, MailSettingsError."""
    settings.require_sending()
    return _send(home, report.report_id, report_letters(report, settings), settings, tell)


def send_alerts(home: Home, alerts: list[Alert], settings: MailSettings, tell: Tell) -> list[Entry]:
    """Tell the people of `alerte`; the same silence is told again once a week."""
    settings.require_sending()
    return _send(home, "alertes", alert_letters(alerts, settings), settings, tell)


def look_for_alerts(home: Home, programme: Callable[[], Programme], now: datetime | None = None) -> list[Alert]:
    """What is late in this home: its runs (published, refused, or with nothing new) and the files loaded.

    Late is what the published version's own settings say; those in force (`programme`) where it says nothing.
    """
    expected = Expected.of(settings_of_home(home, programme))
    last_run = history.last_run_at(home.lake)
    last_received: dict[str, datetime] = {}
    for receipt in Lake(home.lake).receipts():
        if receipt.dataset:
            received = receipt.received_at.astimezone(UTC).replace(tzinfo=None)
            last_received[receipt.dataset] = max(received, last_received.get(receipt.dataset, received))
    return find_alerts(now or datetime.now(UTC).replace(tzinfo=None), last_run, last_received, expected, MONTHLY)


def tell_received(home: Home, programme: Callable[[], Programme], today: date | None = None) -> str:
    """Where nothing is late: what was received is recent, and how old the data are that it holds when that is late."""
    told = "le dernier passage et les derniers fichiers reçus sont récents."
    version = current_version(home)
    if version is None:
        return told
    days = settings_of_home(home, programme).expected_delivery_days
    fresh = Freshness(version.as_of, today or today_in_paris(), days)
    return f"{told} {fresh.sentence}" if fresh.is_late else told


def _send(home: Home, name: str, letters: list[Letter], settings: MailSettings, tell: Tell) -> list[Entry]:
    with one_at_a_time(home):
        return send_letters(letters, settings, Ledger(ledger_path(home, name)), tell)
