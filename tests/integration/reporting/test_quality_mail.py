"""Mails by a real SMTP server: encrypted, signed in, retried, never twice, and clear words when it cannot be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from reporting.quality.letters import SIGNATURE, compose
from reporting.quality.mail_settings import MailSettings, MailSettingsError
from reporting.quality.outbox import Ledger, Letter, MailError, send_letters
from tests.integration.reporting.smtp_server import smtp_server

# Long and accented: folded in several encoded words, from which no space may be lost.
SUBJECT = "[Pass Numérique] Qualité des données : à surveiller (données au 31/12/2023, 12 nouveaux, 3 corrigés)"


def make_letters(settings: MailSettings, *addresses: str, key: str = "rapport-1|complet") -> list[Letter]:
    """Letters of one report for these addresses."""
    return [compose(settings, key, to, SUBJECT, "Bonjour à tous", f"<p>Été</p>{SIGNATURE}") for to in addresses]


def statuses(path: Path) -> dict[str, str]:
    """Address → status, as the ledger's file says."""
    return {item["to"]: item["status"] for item in json.loads(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_arrives_encrypted_after_signing_in(tmp_path: Path, security: str) -> None:
    with smtp_server(tmp_path, security) as server:
        settings = MailSettings(**server.settings)
        ledger = Ledger(tmp_path / "envois.json")
        (entry,) = send_letters(make_letters(settings, "equipe@ville.example"), settings, ledger)
    assert entry.status == "envoye"
    ((to, message),) = server.mailbox.received
    assert server.mailbox.encrypted == [True]
    assert to == "equipe@ville.example"
    assert message["Subject"] == SUBJECT
    assert message["From"] == "Pass Numérique <pass@metropole.example>"
    assert message["Reply-To"] == "Équipe du pass <reponses@metropole.example>"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert "Bonjour à tous" in message.get_body(("plain",)).get_content()
    assert "Été" in message.get_body(("html",)).get_content()
    assert statuses(tmp_path / "envois.json") == {"equipe@ville.example": "envoye"}
    assert (tmp_path / "envois.json").stat().st_mode & 0o077 == 0


def test_the_same_report_is_never_sent_twice(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        settings = MailSettings(**server.settings)
        for _ in range(3):
            letters = make_letters(settings, "a@ville.example", "b@ville.example")
            send_letters(letters, settings, Ledger(tmp_path / "envois.json"))
        send_letters(
            make_letters(settings, "a@ville.example", key="rapport-2|complet"),
            settings,
            Ledger(tmp_path / "envois.json"),
        )
    assert sorted(to for to, _ in server.mailbox.received) == ["a@ville.example", "a@ville.example", "b@ville.example"]


def test_a_busy_server_is_tried_again_and_no_more_than_asked(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        settings = MailSettings(**server.settings)
        server.mailbox.replies = ["451 try later", "452 still busy"]
        (entry,) = send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "1.json"))
        assert (entry.status, entry.attempts, server.mailbox.attempts) == ("envoye", 3, 3)
        server.mailbox.replies = ["451 a", "451 b", "451 c", "451 d"]
        (entry,) = send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "2.json"))
        assert (entry.status, server.mailbox.attempts) == ("echec", 6)
        assert "451 c" in entry.error
        # What failed for good may be tried again later.
        server.mailbox.replies = []
        (entry,) = send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "2.json"))
        assert entry.status == "envoye"
    assert len(server.mailbox.received) == 2


def test_a_greylisted_address_is_tried_again_without_repeating_the_others(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        settings = MailSettings(**server.settings)
        server.mailbox.busy = {"b@ville.example"}
        letters = make_letters(settings, "a@ville.example", "b@ville.example", "c@ville.example")
        entries = send_letters(letters, settings, Ledger(tmp_path / "envois.json"))
    assert [entry.status for entry in entries] == ["envoye"] * 3
    assert sorted(to for to, _ in server.mailbox.received) == ["a@ville.example", "b@ville.example", "c@ville.example"]


def test_a_wrong_recipient_is_named_and_the_others_receive_theirs(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        settings = MailSettings(**server.settings)
        server.mailbox.unknown = {"parti@ville.example"}
        letters = make_letters(settings, "parti@ville.example", "b@ville.example")
        refused, sent = send_letters(letters, settings, Ledger(tmp_path / "envois.json"))
        assert (refused.status, sent.status) == ("refuse", "envoye")
        assert "refuse l'adresse parti@ville.example (550" in refused.error
        assert "Vérifiez-la" in refused.error
        # Once the address is mended at the server, the letter leaves; nobody else receives a second one.
        server.mailbox.unknown = set()
        refused, sent = send_letters(
            make_letters(settings, "parti@ville.example", "b@ville.example"), settings, Ledger(tmp_path / "envois.json")
        )
        assert (refused.status, sent.status) == ("envoye", "envoye")
    assert [to for to, _ in server.mailbox.received] == ["b@ville.example", "parti@ville.example"]


def test_a_connection_lost_after_the_text_is_uncertain_and_not_repeated(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        settings = MailSettings(**server.settings)
        server.mailbox.replies = ["hang up"]
        (entry,) = send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"))
        assert entry.status == "incertain"
        assert "peut-être arrivé" in entry.error
        (entry,) = send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"))
        assert entry.status == "incertain"
        assert server.mailbox.attempts == 1


_SENDER = """
    import sys
    from pathlib import Path
    import yaml
    from reporting.quality.mail_settings import load_mail_settings
    from reporting.quality.outbox import Ledger, send_letters
    from tests.integration.reporting.test_quality_mail import make_letters
    settings = load_mail_settings(Path(sys.argv[1]))
    send_letters(make_letters(settings, "a@ville.example", "b@ville.example"), settings, Ledger(Path(sys.argv[2])))
"""


def test_a_process_killed_while_sending_never_sends_the_same_mail_twice(tmp_path: Path) -> None:
    """Killed after the server took the first letter and before its answer was written down: the worst moment."""
    import yaml

    ledger = tmp_path / "envois.json"
    with smtp_server(tmp_path) as server:
        (tmp_path / "mail.yaml").write_text(yaml.safe_dump(server.settings), encoding="utf-8")
        arguments = [str(tmp_path / "mail.yaml"), str(ledger)]
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(_SENDER), *arguments], cwd=Path.cwd())
        server.mailbox.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
        assert statuses(ledger) == {"a@ville.example": "en_cours"}
        server.mailbox.on_data = lambda: None
        settings = MailSettings(**server.settings)
        entries = send_letters(make_letters(settings, "a@ville.example", "b@ville.example"), settings, Ledger(ledger))
    assert [entry.status for entry in entries] == ["incertain", "envoye"]
    assert [to for to, _ in server.mailbox.received] == ["a@ville.example", "b@ville.example"]
    assert statuses(ledger) == {"a@ville.example": "incertain", "b@ville.example": "envoye"}


def test_a_refused_login_says_where_to_look(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        wrong = tmp_path / "autre"
        wrong.write_text("pas le bon", encoding="utf-8")
        wrong.chmod(0o600)
        settings = MailSettings(**server.settings | {"password_file": str(wrong)})
        with pytest.raises(MailError, match=r"refuse l'identification de « passnum » \(535\)"):
            send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"))
    assert server.mailbox.attempts == 0


def test_an_unknown_certificate_is_refused(tmp_path: Path) -> None:
    with smtp_server(tmp_path, "tls") as server:
        settings = MailSettings(**server.settings | {"ca_file": ""})
        with pytest.raises(MailError, match=r"certificat du serveur localhost, port .* n'est pas reconnu"):
            send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"))
    assert server.mailbox.attempts == 0


def test_a_server_without_encryption_is_not_given_the_password(tmp_path: Path) -> None:
    with smtp_server(tmp_path, "none", with_account=False) as server:
        settings = MailSettings(**server.settings | {"security": "starttls"})
        with pytest.raises(MailError, match="ne propose pas STARTTLS"):
            send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"))
        plain = MailSettings(**server.settings)
        (entry,) = send_letters(make_letters(plain, "a@ville.example"), plain, Ledger(tmp_path / "envois.json"))
        assert entry.status == "envoye"
        with pytest.raises(MailSettingsError, match="circulerait en clair"):
            MailSettings(**server.settings | {"user": "passnum"}).require_sending()


def test_a_silent_server_is_told_with_each_attempt(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        settings = MailSettings(**server.settings)
    told: list[str] = []
    started = time.monotonic()
    (entry,) = send_letters(
        make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"), told.append
    )
    assert time.monotonic() - started < 10
    assert entry.status == "echec"
    assert "ne répond pas" in entry.error
    assert len(told) == 2
    assert "Nouvel essai dans 0.04 s (3 sur 3)" in told[1]


def test_an_unknown_server_says_what_to_mend(tmp_path: Path) -> None:
    settings = MailSettings(
        server="serveur.invalid", sender="a@ville.example", contact="Claire Martin", reply_to="b@ville.example",
        attempts=1, timeout_seconds=5, first_wait_seconds=0,
    )  # fmt: skip
    (entry,) = send_letters(make_letters(settings, "a@ville.example"), settings, Ledger(tmp_path / "envois.json"))
    assert entry.status == "echec"
    assert "serveur.invalid est introuvable" in entry.error or "ne répond pas" in entry.error


def test_no_server_no_mail(tmp_path: Path) -> None:
    settings = MailSettings()
    with pytest.raises(MailSettingsError, match="Aucun serveur de courriel n'est indiqué"):
        send_letters([], settings, Ledger(tmp_path / "envois.json"))
