"""Letters that a real server would not take yet: not lost, not sent twice, and the ledger says where they stand."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.doctor import Finding, examine
from presentation.french import instant_long
from reporting.quality.alert import Alert
from reporting.quality.kept_alerts import forget_alerts, keep_alert, kept_alerts
from reporting.quality.letters import SIGNATURE, compose
from reporting.quality.mail_settings import MailSettings, MailSettingsError
from reporting.quality.outbox import Ledger, Letter, send_letters
from reporting.quality.sending import send_once, send_waiting
from reporting.quality.store import DamagedRecord, ledger_path, one_at_a_time, quality_folder, read_records
from reporting.quality.waiting import send_what_waits, waiting_letters
from tests.integration.reporting.smtp_server import Server, smtp_server
from warehouse.settings import Home

A, B = "a@ville.example", "b@ville.example"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


def letters(settings: MailSettings, *boxes: str, report: str = "r1") -> list[Letter]:
    """The letters of one report."""
    page = f"<p>Bonjour</p>{SIGNATURE}"
    return [
        compose(settings, f"{report}|complet", to, f"Rapport {report}", "Bonjour", page, stream="complet")
        for to in boxes
    ]


def once(server: Server) -> MailSettings:
    return MailSettings(**server.settings | {"attempts": 1})


def standing(home: Home, name: str = "r1") -> dict[str, str]:
    """Address → status, as the ledger's file says."""
    found = json.loads(ledger_path(home, name).read_text(encoding="utf-8"))
    return {one["to"]: one["status"] for one in found}


def test_a_greylisted_letter_is_kept_then_leaves_once(tmp_path: Path, home: Home) -> None:
    """« a greylisting one »: a 4xx the first time is tried again later, not lost, and sent once."""
    told: list[str] = []
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        server.mailbox.busy = {B}
        _, kept = send_once(home, "r1", letters(settings, A, B), settings, told.append)
        assert kept.status == "echec" and "451 greylisted" in kept.error and "Il est gardé" in kept.error
        assert standing(home) == {A: "envoye", B: "echec"}
        assert [one.to for one in waiting_letters(home)] == [B]
        # What waits holds addresses: its owner alone reads it.
        (path,) = (quality_folder(home) / "envois" / "en-attente").iterdir()
        assert path.stat().st_mode & 0o077 == 0
        (entry,) = send_waiting(home, settings, told.append)
        assert (entry.status, standing(home)) == ("envoye", {A: "envoye", B: "envoye"})
        assert send_waiting(home, settings, told.append) == []
        send_once(home, "r1", letters(settings, A, B), settings, told.append)
    assert [to for to, _ in server.mailbox.received] == [A, B]
    assert f"Courriel en attente pour {B} : envoyé" in told


def test_a_letter_of_a_server_that_was_silent_leaves_with_the_next_of_any_kind(tmp_path: Path, home: Home) -> None:
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        dead = settings.model_copy(update={"port": 1})
        (entry,) = send_once(home, "r1", letters(settings, A), dead, lambda _: None)
        assert entry.status == "echec" and "ne répond pas" in entry.error
        send_once(home, "alertes", letters(settings, B, report="alerte"), settings, lambda _: None)
    assert sorted(to for to, _ in server.mailbox.received) == [A, B]
    assert standing(home) == {A: "envoye"}


def waiting_told(home: Home, now: datetime) -> list[Finding]:
    found = examine(home, now=now.replace(tzinfo=None))
    return [one for one in found if one.subject == "Courriels en attente"]


def test_doctor_counts_the_letters_that_wait_since_when_and_what_to_do(tmp_path: Path, home: Home) -> None:
    """Who does not receive theirs is known before they complain; one that nothing tries any more is to be mended."""
    home.root.mkdir()
    now = datetime.now(UTC)
    assert [(one.state, one.said) for one in waiting_told(home, now)] == [("bon", "Aucun.")]
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        server.mailbox.busy = {A, B}
        send_once(home, "r1", letters(settings, A, B), settings, lambda _: None)
    (found,) = waiting_told(home, now + timedelta(days=1))
    assert found.state == "à voir" and found.said.replace("\xa0", " ").startswith("2 courriels attendent")
    assert "2 personnes" in found.said.replace("\xa0", " ") and instant_long(now)[:-5] in found.said
    assert "451 greylisted" in found.said and "passnum report alert --send" in found.mend
    assert instant_long(now + timedelta(days=5))[:-5] in found.mend
    (late,) = waiting_told(home, now + timedelta(days=7))
    assert late.state == "à réparer" and "passnum serve" in late.mend


def test_doctor_leaves_a_letter_that_cannot_be_read_where_it_is_and_names_it(tmp_path: Path, home: Home) -> None:
    """It changes nothing: putting aside is for whoever sends, and what was put aside is told still."""
    folder = quality_folder(home) / "envois" / "en-attente"
    folder.mkdir(parents=True)
    torn, aside = folder / "a.json", folder / "b.illisible"
    torn.write_text("{", encoding="utf-8")
    aside.write_text("{", encoding="utf-8")
    (found,) = waiting_told(home, datetime.now(UTC))
    assert found.state == "à voir" and str(torn) in found.said and found.said.startswith("2")
    assert torn.exists() and aside.exists()


def test_a_newer_edition_takes_the_place_of_one_that_waits(tmp_path: Path, home: Home) -> None:
    """The same person does not receive last week's report beside this week's."""
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        server.mailbox.busy = {A}
        send_once(home, "r1", letters(settings, A), settings, lambda _: None)
        send_once(home, "r2", letters(settings, A, report="r2"), settings, lambda _: None)
    assert [message["Subject"] for _, message in server.mailbox.received] == ["Rapport r2"]
    assert (standing(home), standing(home, "r2")) == ({A: "remplace"}, {A: "envoye"})
    assert waiting_letters(home) == []


def test_a_letter_that_waits_too_long_is_given_up_and_said_to_be(tmp_path: Path, home: Home) -> None:
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        server.mailbox.busy = {A}
        send_once(home, "r1", letters(settings, A), settings, lambda _: None)
        server.mailbox.replies = ["451 later"] * 2
        now = datetime.now(UTC)
        with one_at_a_time(home):
            (entry,) = send_what_waits(home, settings, lambda _: None, now=now + timedelta(days=4))
            assert entry.status == "echec"
            (entry,) = send_what_waits(home, settings, lambda _: None, now=now + timedelta(days=6))
    assert entry.status == "abandonne" and "transmettez-le vous-même" in entry.error
    assert standing(home) == {A: "abandonne"} and waiting_letters(home) == []


def test_a_refusing_server_keeps_nothing_and_names_the_address(tmp_path: Path, home: Home) -> None:
    """« a refusing one »: waiting would not mend a wrong address."""
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        server.mailbox.unknown = {A}
        (entry,) = send_once(home, "r1", letters(settings, A), settings, lambda _: None)
    assert entry.status == "refuse" and A in entry.error
    assert waiting_letters(home) == []


@pytest.mark.parametrize(("seconds", "status"), [(0.3, "envoye"), (2.0, "incertain")])
def test_a_slow_server_is_waited_for_and_beyond_the_delay_nothing_is_repeated(
    tmp_path: Path, home: Home, seconds: float, status: str
) -> None:
    """« a slow one »: its answer is waited for; where it is late, the mail may have arrived and is not sent again."""
    with smtp_server(tmp_path / "smtp") as server:
        settings = MailSettings(**server.settings | {"timeout_seconds": 1.0})
        server.mailbox.on_data = lambda: time.sleep(seconds)
        (entry,) = send_once(home, "r1", letters(settings, A), settings, lambda _: None)
        assert entry.status == status
        server.mailbox.on_data = lambda: None
        (again,) = send_once(home, "r1", letters(settings, A), settings, lambda _: None)
    assert again.status == status and server.mailbox.attempts == 1


def test_a_damaged_ledger_stops_its_mails_and_says_how_to_mend_it(tmp_path: Path, home: Home) -> None:
    path = ledger_path(home, "r1")
    path.parent.mkdir(parents=True)
    path.write_text('[{"key": "r1|comp', encoding="utf-8")
    with smtp_server(tmp_path / "smtp") as server:
        settings = once(server)
        with pytest.raises(DamagedRecord) as caught:
            send_once(home, "r1", letters(settings, A), settings, lambda _: None)
        assert server.mailbox.attempts == 0
        # The others are not held up by it.
        send_once(home, "r2", letters(settings, B, report="r2"), settings, lambda _: None)
    assert [to for to, _ in server.mailbox.received] == [B]
    told = str(caught.value)
    assert "Le registre des envois est illisible" in told and str(path) in told
    assert "passnum restore --only" in told and "renommez ce fichier" in told


def test_a_damaged_state_of_the_reports_is_told_with_its_remedy(home: Home) -> None:
    path = quality_folder(home) / "etat.json"
    path.parent.mkdir(parents=True)
    path.write_text("[]]", encoding="utf-8")
    with pytest.raises(DamagedRecord, match=r"L'état des rapports de qualité est illisible .*passnum restore --only"):
        read_records(home)


def test_a_waiting_letter_that_cannot_be_read_is_put_aside_and_told(tmp_path: Path, home: Home) -> None:
    folder = quality_folder(home) / "envois" / "en-attente"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text("{", encoding="utf-8")
    told: list[str] = []
    assert waiting_letters(home, told.append) == []
    assert (folder / "x.illisible").exists() and "illisible" in told[0]


def test_alerts_that_waited_in_a_damaged_file_are_said_to_be_lost(home: Home) -> None:
    """Nothing would otherwise ever say that a failed run was told to nobody."""
    keep_alert(home, Alert("echec|1", "Un passage planifié a échoué", "Pourquoi.", "Quoi faire."))
    assert [one.key for one in kept_alerts(home)] == ["echec|1"]
    path = quality_folder(home) / "alertes-en-attente.json"
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    (lost,) = kept_alerts(home)
    assert lost.title == "Des alertes n’ont pas pu être dites" and "passnum doctor" in lost.remedy
    assert [one.key for one in kept_alerts(home)] == [lost.key]
    (aside,) = quality_folder(home).glob("alertes-illisibles-*.json")
    assert "Pourquoi." in aside.read_text(encoding="utf-8")
    keep_alert(home, Alert("echec|2", "Autre", "Pourquoi.", "Quoi faire."))
    assert [one.key for one in kept_alerts(home)] == [lost.key, "echec|2"]
    forget_alerts(home)
    assert kept_alerts(home) == []


def test_every_mail_names_who_answers_in_its_page_and_in_its_text(tmp_path: Path) -> None:
    with smtp_server(tmp_path / "smtp") as server:
        settings = MailSettings(**server.settings | {"contact_phone": "01 23 45 67 89"})
        send_letters(letters(settings, A), settings, Ledger(tmp_path / "envois.json"))
    ((_, message),) = server.mailbox.received
    contact = "Votre contact : Claire Martin, direction du numérique, reponses@metropole.example, 01 23 45 67 89."
    assert message["Reply-To"] == "Équipe du pass <reponses@metropole.example>"
    for kind in ("plain", "html"):
        assert contact in message.get_body((kind,)).get_content().replace("\u00a0", " ")


def test_without_anybody_to_answer_nothing_is_sent(tmp_path: Path, home: Home) -> None:
    with smtp_server(tmp_path / "smtp") as server:
        settings = MailSettings(**server.settings | {"contact": ""})
        with pytest.raises(MailSettingsError, match="remplissez « contact »"):
            send_once(home, "r1", [], settings, lambda _: None)
        with pytest.raises(MailSettingsError, match="remplissez « contact »"):
            send_waiting(home, settings, lambda _: None)
    assert server.mailbox.attempts == 0
