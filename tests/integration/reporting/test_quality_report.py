"""The report end to end: files delivered, built, told, mended, refused; mails by a real server."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner, Result

from orchestration.cli import app
from programme.config import PROJECT_FOLDER, load_programme
from reporting.quality.sending import tell_refusal
from tests.factories import make_siret, write_delivery
from tests.integration.golden import deliveries
from tests.integration.golden.deliveries import LIEU_1, LIEU_2, uses
from tests.integration.reporting.smtp_server import Server, smtp_server
from warehouse.settings import Home

TEAM, OPERATOR, PLACE = "equipe@ville.example", "operateur@aptic.example", "mediatheque@ville.example"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mail server, the settings that reach it named by PASSNUM_MAIL, and a lieu in correspondants.csv."""
    with smtp_server(tmp_path / "smtp") as running:
        recipients = {"complet": [TEAM], "#APTIC": [OPERATOR], "alerte": [TEAM]}
        own = tmp_path / "programme"
        shutil.copytree(PROJECT_FOLDER, own, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        lines = f"structure,courriel,nom\n{LIEU_2},{PLACE},\n{make_siret(99)},inconnu@ville.example,\n"
        (own / "correspondants.csv").write_text(lines, encoding="utf-8")
        monkeypatch.setenv("PASSNUM_PROGRAMME", str(own))
        path = tmp_path / "mail.yaml"
        path.write_text(yaml.safe_dump(running.settings | {"recipients": recipients}), encoding="utf-8")
        monkeypatch.setenv("PASSNUM_MAIL", str(path))
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose landing folder holds the golden set, with faults in the uses."""
    folder = tmp_path / "home"
    deliveries.drop(folder / "landing")
    return folder


def passnum(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


def take(server: Server) -> dict[str, EmailMessage]:
    """What each address received since the last look."""
    received = dict(server.mailbox.received)
    assert len(received) == len(server.mailbox.received), "somebody received two mails"
    server.mailbox.received.clear()
    return received


def text_of(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def numbers_of_passes() -> set[str]:
    """Every number of a pass and of a carnet that was delivered."""
    passes = {use["numero_pass"] for use in uses()}
    return passes | {carnet["numero_carnet"] for carnet in deliveries.carnets()}


def lines_sheet(message: EmailMessage) -> pl.DataFrame:
    """The sheet « Lignes » of the attached workbook."""
    (attached,) = message.iter_attachments()
    assert attached.get_filename().endswith(".xlsx")
    return pl.read_excel(io.BytesIO(attached.get_content()), sheet_name="Lignes", infer_schema_length=0)


def test_a_fault_is_told_then_mended_then_a_refusal_is_told_at_once(home: Path, server: Server) -> None:
    landing = home / "landing"
    faults = {0: {"montant": "=1+1"}, 1: {"numero_pass": "pas un numéro"}}
    lieu_rank = next(n for n, use in enumerate(uses()) if n > 1 and use["siret_lieu"] == LIEU_2)
    faults[lieu_rank] = {"duree_minutes": "9999"}
    broken = [use | faults.get(rank, {}) for rank, use in enumerate(uses())]
    name = "utilisations_2022-10-31.csv"
    assert (landing / name).exists()
    write_delivery(landing, name, broken)

    assert passnum(home, "run").exit_code == 0
    first = passnum(home, "report", "quality", "--send")
    assert first.exit_code == 0, first.output
    assert "Courriels envoyés : 3 sur 3" in first.output
    mails = take(server)
    assert set(mails) == {TEAM, OPERATOR, PLACE}
    assert "à surveiller" in mails[TEAM]["Subject"]
    # A value of a person's line is sent by its shape alone (exports §4): its file and line are enough to find it.
    assert "=9+9" in text_of(mails[TEAM])
    assert "=1+1" not in str(mails[TEAM])
    assert "pas un numéro" not in str(mails[TEAM])
    assert f"{make_siret(99)} (inconnu@ville.example) ne reçoit rien" in first.output
    told = text_of(mails[PLACE])
    # Which value of the line is to be mended, never the shape that is kept of it.
    assert "à corriger" in told and "premier courriel" in told and "À FAIRE avant le" in told
    assert "9999" not in told
    assert "=9+9" not in told
    assert LIEU_1 not in told
    # The operator's file and line, and the numbers of passes and carnets, are nothing to a lieu.
    assert not re.search(r"\.csv|Ligne :|redéposez", told) and not numbers_of_passes() & set(re.findall(r"\w+", told))
    assert broken[lieu_rank]["id_utilisation"] in told
    assert mails[PLACE]["Reply-To"] == "Équipe du pass <reponses@metropole.example>"
    assert "9999" not in text_of(mails[OPERATOR])
    sheet = lines_sheet(mails[TEAM]).filter(pl.col("Nature") == "ligne rejetée").sort("Ligne")
    assert sheet["Fichier"].to_list() == [name] * 2
    assert sheet["Ligne"].to_list() == ["2", "3"]
    assert sheet["Valeur"].to_list() == ["=9+9", "(numéro masqué)"]

    # The same report again: written again, sent to nobody.
    assert passnum(home, "report", "quality", "--send").exit_code == 0
    assert take(server) == {}

    # The operator delivers the file again, mended.
    write_delivery(landing, name, uses())
    assert passnum(home, "run").exit_code == 0
    second = passnum(home, "report", "quality", "--send")
    assert second.exit_code == 0, second.output
    mails = take(server)
    assert set(mails) == {TEAM, OPERATOR, PLACE}
    assert "CORRIGÉ DEPUIS LE DERNIER RAPPORT" in text_of(mails[TEAM])
    assert "Valeur incorrecte : Montant" in text_of(mails[OPERATOR])
    assert "9999" not in text_of(mails[PLACE])
    told = text_of(mails[PLACE]).replace("\r\n", "\n")
    assert "CORRIGÉ DEPUIS NOTRE DERNIER COURRIEL, MERCI\n- Des durées absentes ou à revoir" in told

    # A delivery the gate refuses is told at once, by the run itself, and once.
    write_delivery(landing, "utilisations_2022-12-31.csv", [use | {"montant": "dix euros"} for use in uses()])
    assert passnum(home, "run").exit_code == 3
    mails = take(server)
    assert "bloquant" in mails[TEAM]["Subject"]
    assert PLACE not in mails, "a refused build changes nothing for a lieu"
    assert "la version précédente reste en ligne" in text_of(mails[TEAM])
    assert "utilisations_2022-12-31.csv" in text_of(mails[OPERATOR])
    assert lines_sheet(mails[OPERATOR]).filter(pl.col("Valeur") == "AAA AAAAA").height == len(uses())
    # What every run that is refused ends with: the same refusal again is told to nobody.
    tell_refusal(Home.at(home), load_programme, None, pytest.fail)
    assert take(server) == {}

    records = json.loads((home / "reports" / "qualite" / "etat.json").read_text(encoding="utf-8"))
    assert [record["verdict"] for record in records] == ["à surveiller", records[1]["verdict"], "bloquant"]
    for record in records:
        folder = home / "reports" / "qualite" / record["report_id"]
        assert {"rapport.html", "rapport.txt", "rapport.xlsx"} == {path.name for path in (folder / "complet").iterdir()}


def test_the_report_of_a_home_never_built_says_what_to_do(home: Path) -> None:
    result = passnum(home, "report", "quality")
    assert result.exit_code == 1
    assert "lancez « passnum run »" in " ".join(result.output.split())


def test_the_alert_is_sent_once_and_its_exit_code_is_its_own(home: Path, server: Server) -> None:
    quiet = passnum(home, "report", "alert")
    assert quiet.exit_code == 4
    assert "Aucun passage" in quiet.output
    assert take(server) == {}
    sent = passnum(home, "report", "alert", "--send")
    assert sent.exit_code == 4, sent.output
    assert [message["Subject"] for _, message in server.mailbox.received] == [
        "[Pass Numérique] Alerte : Aucun passage",
        "[Pass Numérique] Alerte : Aucune livraison",
    ]
    assert passnum(home, "report", "alert", "--send").exit_code == 4
    assert len(server.mailbox.received) == 2


def test_sending_without_a_server_is_a_french_error(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mail.yaml"
    path.write_text("server: ''\n", encoding="utf-8")
    monkeypatch.setenv("PASSNUM_MAIL", str(path))
    result = passnum(home, "report", "alert", "--send")
    assert result.exit_code == 1
    assert "Aucun serveur de courriel" in result.output
