"""The passes to save, from a version to mailboxes, by a real server: what is whose, once, told where it is not.

Does not live here: the page's own figures (tests/pages/test_decide.py), how a mail leaves (test_quality_mail.py).
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner, Result

from dashboards.access import Rights
from dashboards.connections import opened
from dashboards.queries_protected import ProtectedReader
from dashboards.reading import Filters
from orchestration.cli import app
from orchestration.commands import output
from presentation import french
from programme.config import PROJECT_FOLDER
from reporting.to_save.state import folder_of, read_posts
from tests.integration.reporting.conftest import marts
from tests.integration.reporting.smtp_server import Server, smtp_server
from warehouse.published.versions import Version
from warehouse.settings import Home

Keep = Callable[..., Path]
MINE = """
    select prescriber_siret, territory_code, sum(passes)::bigint as passes, sum(face_value_eur)::double as euros
    from marts.expiry_schedule where prescriber_siret != '(stock)'
        and last_usable_on < (select as_of + expiry_alert_days from marts.programme)
    group by all order by passes desc, prescriber_siret, territory_code
"""
BOX, OTHER_BOX, TOWN_BOX = "ccas@ville.example", "relais@ville.example", "mairie@ville.example"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mail server, and the settings that reach it named by PASSNUM_MAIL."""
    with smtp_server(tmp_path / "smtp") as running:
        path = tmp_path / "mail.yaml"
        path.write_text(yaml.safe_dump(running.settings), encoding="utf-8")
        monkeypatch.setenv("PASSNUM_MAIL", str(path))
        yield running


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Writes correspondants.csv of a copy of the programme; returns its folder."""
    folder = tmp_path / "programme"
    shutil.copytree(PROJECT_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))

    def write(*rows: tuple[str, str, str]) -> Path:
        with (folder / "correspondants.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("structure", "courriel", "nom"), *rows])
        return folder

    return write


@pytest.fixture(autouse=True)
def a_wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A console keeps the width it was made with, by whatever test came first: a narrow one folds the cells."""
    monkeypatch.setattr(output.console, "_width", 200)


@pytest.fixture(autouse=True)
def nothing_sent_yet(home: Home) -> None:
    """Each test starts with a home from which nothing was prepared nor sent."""
    shutil.rmtree(home.reports / "pass-a-sauver", ignore_errors=True)
    shutil.rmtree(home.reports / "qualite", ignore_errors=True)


def expiring(home: Home, programme: Path, *options: str) -> Result:
    arguments = ["report", "expiring", "--home", str(home.root), "--programme", str(programme), *options]
    return CliRunner().invoke(app, arguments)


def sheet_of(workbook: bytes) -> pl.DataFrame:
    """The lines under the headings of the one sheet, texts as they are written."""
    lines = pl.read_excel(io.BytesIO(workbook), has_header=False, infer_schema_length=0)
    (head,) = [n for n, first in enumerate(lines.to_series(0)) if first == "Dernier jour utilisable"]
    names = [name for name in lines.row(head) if name]
    return lines.slice(head + 1).select(pl.col(lines.columns[n]).alias(name) for n, name in enumerate(names))


def attached(message: EmailMessage) -> tuple[str, bytes]:
    (part,) = message.iter_attachments()
    return part.get_filename() or "", part.get_content()


def two_prescribers(version: Version) -> list[str]:
    return marts(version, MINE)["prescriber_siret"].unique(maintain_order=True)[:2].to_list()


def test_without_send_nothing_leaves_and_it_is_told_what_would(
    home: Home, version: Version, keep: Keep, server: Server
) -> None:
    first, second = two_prescribers(version)
    result = expiring(home, keep((first, BOX, "CCAS"), (second, OTHER_BOX, ""), ("94080", TOWN_BOX, "")))
    assert result.exit_code == 0, result.output
    assert server.mailbox.attempts == 0
    assert f"{BOX} : à envoyer" in result.output and f"{OTHER_BOX} : à envoyer" in result.output
    # A territory where nothing lapses within the notice has no file, which is said.
    posts = read_posts(folder_of(home, version))
    assert {post.file for post in posts} == {
        path.name for path in folder_of(home, version).iterdir() if path.suffix == ".xlsx"
    }
    assert ("94080" in {post.code for post in posts}) != ("Rien à sauver pour 94080" in result.output)
    without = sum(not post.sent for post in posts)
    assert f"{french.count(without, '', 'structures')} n'ont aucune adresse" in result.output


def test_each_prescriber_receives_its_own_carnets_and_nobody_elses(
    home: Home, version: Version, keep: Keep, server: Server
) -> None:
    first, second = two_prescribers(version)
    result = expiring(home, keep((first, BOX, ""), (second, OTHER_BOX, "")), "--send")
    assert result.exit_code == 0, result.output
    assert "Courriels envoyés : 2 sur 2" in result.output
    received = dict(server.mailbox.received)
    assert set(received) == {BOX, OTHER_BOX}
    for siret, box in ((first, BOX), (second, OTHER_BOX)):
        own = marts(version, MINE).filter(prescriber_siret=siret)
        name, workbook = attached(received[box])
        assert siret in name
        *lines, total = sheet_of(workbook).to_dicts()
        assert total["Dernier jour utilisable"] == "Total"
        assert int(total["Pass à sauver"]) == sum(int(line["Pass à sauver"]) for line in lines) == own["passes"].sum()
        assert float(total["Valeur faciale"]) == own["euros"].sum()
        told = received[box].get_body(("plain",)).get_content()
        assert french.count(own["passes"].sum(), "pass", "pass") in told and "données de démonstration" in told.lower()
        # The other's name is nowhere, and no number of a pass or carnet.
        assert (second if siret == first else first) not in told + name
        assert not re.search(r"\d{8,}", " ".join(str(value) for line in lines for value in line.values()))


def test_a_territory_reads_what_its_own_page_shows_and_no_more(
    home: Home, version: Version, keep: Keep, server: Server
) -> None:
    """Small counts: the file leaves the team, so that it is the page of that territory's reader, day by day."""
    seen = 0
    result = expiring(home, keep())
    assert result.exit_code == 0, result.output
    folder = folder_of(home, version)
    (end,) = marts(version, "select as_of + expiry_alert_days as last from marts.programme")["last"]
    for post in (post for post in read_posts(folder) if post.kind == "territoire"):
        rights = Rights("territoire", post.code, threshold=11)
        page = ProtectedReader(version.path, rights, opened(str(version.path), rights)).expiry_days(Filters())
        page = page.filter(pl.col("last_usable_on") < end, pl.col("passes").is_null() | (pl.col("passes") > 0))
        *lines, total = sheet_of((folder / post.file).read_bytes()).to_dicts()
        written = ["s" if passes is None else f"{passes:.0f}" for passes in page["passes"]]
        assert [line["Pass à sauver"] for line in lines] == written
        assert list(lines[0]) == ["Dernier jour utilisable", "Pass à sauver", "Valeur faciale"]
        assert all(value == "s" or int(value) >= 11 for value in [*written, total["Pass à sauver"]])
        assert ("s" in written) == (total["Pass à sauver"] == "s") == ("secret statistique" in post.told)
        seen += "s" in written
    assert seen, "no territory has anything withheld: this proves nothing"


def test_the_same_version_is_never_sent_twice_and_a_new_address_receives_its_own(
    home: Home, version: Version, keep: Keep, server: Server
) -> None:
    first, second = two_prescribers(version)
    for _ in range(2):
        assert expiring(home, keep((first, BOX, "")), "--send").exit_code == 0
    assert [to for to, _ in server.mailbox.received] == [BOX]
    result = expiring(home, keep((first, BOX, ""), (second, OTHER_BOX, "")), "--send")
    assert [to for to, _ in server.mailbox.received] == [BOX, OTHER_BOX]
    assert f"{BOX} : envoyé" in result.output and "Courriels envoyés : 2 sur 2" in result.output


def test_what_could_not_leave_is_told_and_tried_again(home: Home, version: Version, keep: Keep, server: Server) -> None:
    first, second = two_prescribers(version)
    server.mailbox.unknown = {BOX}
    programme = keep((first, BOX, ""), (second, OTHER_BOX, ""))
    result = expiring(home, programme, "--send")
    assert result.exit_code == 1
    assert f"{BOX} : adresse refusée" in result.output and "Courriels envoyés : 1 sur 2" in result.output
    (post,) = [post for post in read_posts(folder_of(home, version)) if post.code == first]
    assert post.sent == {BOX: "refuse"} and "550" in post.errors[BOX]
    server.mailbox.unknown = set()
    assert expiring(home, programme, "--send").exit_code == 0
    assert sorted(to for to, _ in server.mailbox.received) == sorted([BOX, OTHER_BOX])


def test_nobody_to_write_to_is_an_error_and_no_server_another(
    home: Home, version: Version, keep: Keep, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = expiring(home, keep(), "--send")
    assert result.exit_code == 1 and "correspondants.csv" in result.output
    monkeypatch.delenv("PASSNUM_MAIL")
    (first, _) = two_prescribers(version)
    result = expiring(home, keep((first, BOX, "")), "--send")
    assert result.exit_code == 1 and "Aucun serveur de courriel n'est indiqué" in result.output


def test_a_mistake_in_the_addresses_is_told_before_anything_is_written(
    home: Home, version: Version, keep: Keep, server: Server
) -> None:
    result = expiring(home, keep(("94080", "mairie@ville", "")), "--send")
    assert result.exit_code == 1
    assert (
        "correspondants.csv, ligne 2, colonne « courriel », valeur « mairie@ville » : valeur refusée" in result.output
    )
    assert not (home.reports / "pass-a-sauver").exists() and server.mailbox.attempts == 0
