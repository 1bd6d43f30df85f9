"""The alert: a run that did not happen, a delivery that did not come, and no false alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest

from programme.config import load_programme
from reporting.quality.alert import Expected, alert_letters, backup_alerts, find_alerts
from reporting.quality.mail_settings import MailSettings
from warehouse.published.last_backup import LastBackup

NOW = datetime(2022, 12, 5, 9)
EXPECTED = Expected(delivery_days=35, run_hours=36, reminder_days=7)
MONTHLY = ("utilisations", "prescriptions")


def titles(last_run: datetime | None, **received_days_ago: int) -> list[str]:
    """The alerts' titles, when each export was last loaded so many days ago; 35 days are expected."""
    received = {name: NOW - timedelta(days=days) for name, days in received_days_ago.items()}
    return [alert.title for alert in find_alerts(NOW, last_run, received, EXPECTED, MONTHLY)]


def test_nothing_late_is_no_alert() -> None:
    assert titles(NOW - timedelta(hours=3), utilisations=30, prescriptions=35, budget=200) == []


@pytest.mark.parametrize(("hours", "late"), [(35, False), (36, False), (37, True), (24 * 30, True)])
def test_a_missed_run_is_told_after_a_day_and_a_half(hours: int, late: bool) -> None:
    found = titles(NOW - timedelta(hours=hours), utilisations=1, prescriptions=1)
    assert found == (["Le passage attendu n’a pas eu lieu"] if late else [])


@pytest.mark.parametrize(("run_hours", "found"), [(24, 1), (48, 0)])
def test_the_hours_without_a_run_are_a_setting(run_hours: int, found: int) -> None:
    """run_expected_hours: the same silence of thirty hours is late or not."""
    expected = replace(EXPECTED, run_hours=run_hours)
    alerts = find_alerts(NOW, NOW - timedelta(hours=30), {"budget": NOW}, expected)
    assert len(alerts) == found
    assert all("il y a 30\u00a0heures ; un passage est attendu toutes les 24" in alert.sentence for alert in alerts)


@pytest.mark.parametrize(("days", "found"), [(9, ["Plus aucune livraison"]), (11, [])])
def test_the_days_without_a_delivery_are_a_setting(days: int, found: list[str]) -> None:
    """expected_delivery_days: the same silence of ten days is late or not."""
    expected = replace(EXPECTED, delivery_days=days)
    alerts = find_alerts(NOW, NOW, {"budget": NOW - timedelta(days=10)}, expected)
    assert [alert.title for alert in alerts] == found


def test_the_settings_shipped_are_what_the_alert_goes_by() -> None:
    assert Expected.of(load_programme()) == EXPECTED


@pytest.mark.parametrize(("ahead", "told"), [(1, False), (3, True), (60 * 24 * 31, True)])
def test_a_clock_put_back_is_told_for_it_hides_every_silence(ahead: int, told: bool) -> None:
    """On a clock a month late a run that stopped is « recent » for a month; a minute apart is two machines."""
    received = {name: NOW + timedelta(minutes=ahead) for name in MONTHLY}
    alerts = find_alerts(NOW, NOW - timedelta(hours=1), received, EXPECTED, MONTHLY)
    assert [alert.title for alert in alerts] == (["L’horloge de la machine retarde"] if told else [])
    assert titles(NOW + timedelta(minutes=ahead), utilisations=1, prescriptions=1) == [one.title for one in alerts]
    assert all("NTP" in alert.remedy for alert in alerts)


def test_a_home_where_nothing_ever_happened_says_so() -> None:
    assert titles(None) == ["Aucun passage", "Aucune livraison"]


def test_no_delivery_for_longer_than_expected_is_one_alert() -> None:
    assert titles(NOW, utilisations=36, prescriptions=40, budget=50) == ["Plus aucune livraison"]


def test_a_silence_of_three_months_is_not_told_as_a_reminder() -> None:
    """« three months of silence, a first mail and a recurring fault each have their wording »."""

    def told(days: int) -> tuple[str, str, str]:
        (alert,) = find_alerts(NOW, NOW, {"budget": NOW - timedelta(days=days)}, EXPECTED)
        return alert.title, alert.sentence, alert.remedy

    first, again, lasting = told(36), told(60), told(90)
    assert (first[0], again[0]) == ("Plus aucune livraison",) * 2
    assert lasting[0] == "Plus aucune livraison depuis trois mois"
    assert "redite depuis" not in first[1]
    # Late from the 36th day: the 10th of November 2022 for a file of the 6th of October.
    assert again[1].endswith("Cette alerte vous est redite depuis le 10 novembre 2022.")
    assert "saisissez par écrit le responsable du contrat" in lasting[2]
    assert "saisissez" not in again[2]


def test_one_monthly_export_that_stopped_is_named_though_others_come() -> None:
    assert titles(NOW, utilisations=36, prescriptions=1) == ["Export manquant : utilisations de pass"]
    assert titles(NOW, prescriptions=1) == ["Export manquant : utilisations de pass"]


def test_a_lasting_silence_is_told_again_once_a_week() -> None:
    run = NOW - timedelta(days=10)
    expected = replace(EXPECTED, delivery_days=3650)
    keys = {find_alerts(NOW + timedelta(days=day), run, {"budget": NOW}, expected)[0].key for day in range(14)}
    assert len(keys) == 3
    daily = replace(expected, reminder_days=1)
    assert len({find_alerts(NOW + timedelta(days=day), run, {"budget": NOW}, daily)[0].key for day in range(14)}) == 14


@pytest.mark.parametrize(("days", "late"), [(0, False), (7, False), (8, True), (60, True)])
def test_backups_that_stopped_are_told(days: int, late: bool) -> None:
    """A week without one, where there were some: told, and told again; who never made one is told by the doctor."""
    last = LastBackup(at=NOW - timedelta(days=days), folder="/mnt/sauvegardes/passnum-x")
    found = backup_alerts(last, NOW, EXPECTED)
    assert [alert.title for alert in found] == (["Plus aucune sauvegarde"] if late else [])
    assert all(f"il y a {days}\u00a0jours (/mnt/sauvegardes/passnum-x)" in alert.sentence for alert in found)
    assert backup_alerts(None, NOW, EXPECTED) == []


def test_backups_that_stopped_are_told_again_once_a_week() -> None:
    last = LastBackup(at=NOW - timedelta(days=8), folder="/mnt/sauvegardes/passnum-x")
    days = [backup_alerts(last, NOW + timedelta(days=day), EXPECTED)[0].key for day in range(13)]
    assert len(set(days)) == 2


def test_the_letter_says_what_to_do() -> None:
    settings = MailSettings(
        server="x", sender="pass@ville.example", contact="Claire Martin", reply_to="reponses@ville.example",
        recipients={"alerte": ["a@ville.example", "a@ville.example"]},
    )  # fmt: skip
    alerts = find_alerts(NOW, None, {"budget": NOW}, EXPECTED)
    (letter,) = alert_letters(alerts, settings)
    message = message_from_bytes(letter.content, policy=policy.default)
    assert message["Subject"] == "[Pass Numérique] Alerte : Aucun passage"
    assert message["Reply-To"] == "reponses@ville.example"
    assert "passnum run" in message.get_body(("plain",)).get_content()
