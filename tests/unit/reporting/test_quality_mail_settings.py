"""The mail settings: what is shipped sends nothing, and every mistake is named in French."""

from __future__ import annotations

from pathlib import Path

import pytest

from programme.config import PROJECT_FOLDER
from reporting.quality.editions import Edition
from reporting.quality.mail_settings import MailSettingsError, find_mail_file, load_mail_settings

SIRET = "21940080900014"
SENT = "server: smtp.ville.example\nsender: Pass Numérique <pass@ville.example>\n"
ANSWERED = f"{SENT}contact: Claire Martin\nreply_to: Le pass <reponses@ville.example>\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "mail.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_right_and_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSNUM_MAIL", raising=False)
    monkeypatch.delenv("PASSNUM_PROGRAMME", raising=False)
    assert find_mail_file() == PROJECT_FOLDER / "mail.yaml"
    settings = load_mail_settings()
    assert not settings.is_configured
    assert settings.recipients.by_edition() == {}
    with pytest.raises(MailSettingsError, match="Aucun serveur de courriel"):
        settings.require_sending()


def test_the_file_is_the_one_named_else_the_programmes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSNUM_MAIL", raising=False)
    assert find_mail_file(tmp_path) == PROJECT_FOLDER / "mail.yaml"
    own = write(tmp_path, "server: a.example\n")
    assert find_mail_file(tmp_path) == own
    monkeypatch.setenv("PASSNUM_MAIL", str(tmp_path / "ailleurs.yaml"))
    assert find_mail_file(tmp_path) == tmp_path / "ailleurs.yaml"
    with pytest.raises(MailSettingsError, match="introuvables"):
        load_mail_settings()


def test_recipients_are_read_by_edition(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f"""{ANSWERED}user:
recipients:
  complet: [a@ville.example, b@ville.example, a@ville.example]
  "#APTIC": [c@aptic.example]
  MGP:
  lieu: {{}}
""",
    )
    settings = load_mail_settings(path)
    assert settings.sender_address == "pass@ville.example"
    assert settings.recipients.by_edition() == {
        Edition(): ["a@ville.example", "b@ville.example"],
        Edition("#APTIC"): ["c@aptic.example"],
    }
    settings.require_sending()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("port: beaucoup\n", "port : valeur « beaucoup » refusée ; attendu : un nombre de 1 à 65535"),
        ("security: ssl\n", "security : valeur « ssl » refusée ; attendu : starttls, tls ou none"),
        ("serveur: x\n", "serveur : réglage inconnu"),
        ("sender: pas une adresse\n", "« pas une adresse » n'est pas une adresse électronique"),
        ('sender: "A <a@b.fr>\\r\\nBcc: x@y.fr"\n', "n'est pas une adresse électronique"),
        ("recipients:\n  complet: [a b@c.fr]\n", "recipients > complet : « a b@c.fr » n'est pas une adresse"),
        ("recipients:\n  complet: ['a@b.fr, c@d.fr']\n", "n'est pas une adresse électronique"),
        (f"recipients:\n  lieu: {{'{SIRET}': [a@b.fr]}}\n", "recipients > lieu : les adresses des lieux et des"),
        (
            f"recipients:\n  prescripteur: {{'{SIRET}': [a@b.fr]}}\n",
            "sont dans correspondants.csv, une ligne par adresse",
        ),
        ("answer_days: 0\n", "answer_days : valeur « 0 » refusée ; attendu : un nombre de jours, de 1 à 90"),
        ('contact: "Claire\\nMartin"\n', "attendu : un nom, sur une seule ligne"),
        ("reply_to: personne\n", "« personne » n'est pas une adresse électronique"),
        ("recipients:\n  complet: a@b.fr\n", "une liste d'adresses est attendue"),
        ("server: [a\n", "ligne 2 : écriture YAML incorrecte"),
        ("bonjour\n", "écrivez « nom: valeur »"),
    ],
)
def test_a_mistake_is_named_in_french(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(MailSettingsError) as caught:
        load_mail_settings(path)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            SENT,
            "« contact », la personne ou le service à qui répondre et « reply_to », l'adresse où",
        ),
        (f"{SENT}contact: Claire Martin\n", "remplissez « reply_to », l'adresse où arrivent les réponses"),
        (f"{SENT}reply_to: a@ville.example\n", "remplissez « contact », la personne ou le service à qui répondre"),
    ],
)
def test_nothing_is_sent_without_somebody_to_answer(tmp_path: Path, written: str, told: str) -> None:
    """« a named contact and Reply-To that are settings without which sending is refused »."""
    path = write(tmp_path, written)
    with pytest.raises(MailSettingsError) as caught:
        load_mail_settings(path).require_sending()
    assert told in str(caught.value) and str(path) in str(caught.value)
    load_mail_settings(write(tmp_path, ANSWERED)).require_sending()


def test_a_password_others_can_read_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("motdepasse\n", encoding="utf-8")
    path = write(tmp_path, "server: a.example\nuser: moi\npassword_file: secret\n")
    secret.chmod(0o644)
    with pytest.raises(MailSettingsError, match="chmod 600"):
        load_mail_settings(path).password()
    secret.chmod(0o600)
    assert load_mail_settings(path).password() == "motdepasse"
    secret.unlink()
    with pytest.raises(MailSettingsError, match="illisible"):
        load_mail_settings(path).password()
