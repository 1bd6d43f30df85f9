"""Marked people planted in every column, header and name of a delivery are found in the archive alone (exports §4).

The real road: a run, the mails of a real SMTP server, reports, exports, `check`, `status`, Dagster told of it. Every
byte of the home is searched, and every table and workbook opened.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from orchestration.cli import app
from programme.config import PROJECT_FOLDER
from tests.integration.golden import deliveries
from tests.integration.privacy.places import numbers_in, search_home
from tests.integration.privacy.planting import KINDS, Planted, drop_planted, write
from tests.integration.reporting.smtp_server import smtp_server

DOCUMENT = Path(__file__).parents[3] / "docs" / "donnees-personnelles.md"
COMMANDS = (
    ("status",),
    ("report", "quality", "--send"),
    ("report", "bilan", "--period", "2022-T4"),
    ("export", "anct", "--period", "2022-T4"),
    ("export", "open-data", "--period", "2022"),
)


@dataclass
class Road:
    """A home after the whole road, what was planted, and where some of it was found."""

    home: Path
    planted: Planted
    found: dict[str, set[int]]


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """The golden set and the planted delivery, walked once."""
    folder = tmp_path_factory.mktemp("planted")
    home = folder / "home"
    deliveries.drop(home / "landing")
    planted = drop_planted(home / "landing")
    copies = [str(shutil.copy(path, folder / path.name)) for path in sorted((home / "landing").glob("*plante*"))]
    said: list[str] = []
    with smtp_server(folder / "smtp") as server, pytest.MonkeyPatch.context() as patched:
        _settings(folder, server.settings)
        patched.setenv("PASSNUM_MAIL", str(folder / "mail.yaml"))
        patched.setenv("DAGSTER_HOME", str(home / "dagster"))
        (home / "dagster").mkdir(parents=True)
        (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
        said += [_passnum(home, "check", *copies, codes=(0, 1, 3))]
        said += [_passnum(home, "run", "--programme", str(folder / "programme"))]
        said += [_passnum(home, *command) for command in COMMANDS]
        mails = "\n".join(part for _, message in server.mailbox.received for part in _parts(message))
        assert server.mailbox.received
    # Dagster was told of the run: there is something of it to search
    assert any(path.suffix == ".db" for path in (home / "dagster").rglob("*"))
    found = search_home(home) | {"sortie des commandes": numbers_in("\n".join(said)), "courriels": numbers_in(mails)}
    return Road(home, planted, found)


def _settings(folder: Path, server: dict) -> None:
    """A programme that publishes however many lines are rejected, and mails that leave."""
    shutil.copytree(PROJECT_FOLDER, folder / "programme", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "programme" / "programme.yaml"
    path.write_text(re.sub("max_rejected_share: 0.20", "max_rejected_share: 1.0", path.read_text()), encoding="utf-8")
    to = ["equipe@ville.example"]
    mail = server | {"recipients": {"complet": to, "MGP": to, "#APTIC": to}}
    (folder / "mail.yaml").write_text(yaml.safe_dump(mail, allow_unicode=True), encoding="utf-8")


def _passnum(home: Path, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    result = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    assert result.exit_code in codes, result.output
    return str(result.output)


def _parts(message) -> list[str]:
    headers = [f"{name}: {value}" for name, value in message.items()]
    return headers + [p.get_content() for p in message.walk() if p.get_content_maintype() == "text"]


def test_nothing_planted_is_found_outside_the_archive(road: Road) -> None:
    """Issue 18, item 3."""
    where = {
        place: [road.planted.where.get(n, n) for n in sorted(found)] for place, found in road.found.items() if found
    }
    assert where == {}


def test_every_kind_was_planted_everywhere_and_would_be_found(road: Road) -> None:
    """The originals hold every planting: the search knows each form, and the test above had something to find."""
    assert {kind for *_, kind in road.planted.where.values()} == set(KINDS)
    texts = "\n".join(c.decode("utf-8", errors="ignore") for n, c in road.planted.files.items() if n.endswith("csv"))
    names = "\n".join(road.planted.files)
    written = numbers_in(texts) | numbers_in(names)
    others = {n for n, (place, *_) in road.planted.where.items() if place in ("nom de feuille", "membre d’archive")}
    missed = {n: road.planted.where[n] for n in set(road.planted.where) - others - written}
    assert missed == {}
    assert all(n in numbers_in(write(kind, n)) for n, (*_, kind) in road.planted.where.items())


def test_an_operator_still_finds_the_line(road: Road) -> None:
    """Each reject and issue says its file, line, column and reason; the archive has the line."""
    with duckdb.connect(str((road.home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        rows = con.execute(
            """
            select file_id, line_number, column_name, value from quality.rejected_line
            where dataset = 'utilisations' and file_name like 'utilisations_plante%' and column_name = 'statut'
            """
        ).fetchall()
    assert len(rows) == len(KINDS)
    (original,) = (road.home / "archive").glob("*/*_utilisations_plante_*.csv")
    lines = original.read_text(encoding="utf-8").splitlines()
    assert all(numbers_in(lines[number - 1]) for _, number, _, _ in rows)
    assert {value for *_, value in rows} == {"***", "AAAAAAAAA AAAAAAA-AAAA"}


def test_the_document_tells_the_places_and_how_many_were_planted(road: Road) -> None:
    """docs/donnees-personnelles.md: each place searched, 0 found."""
    text = DOCUMENT.read_text(encoding="utf-8")
    told = dict(re.findall(r"(?m)^\| (.+?) \| [0-9—]+ \| ([0-9]+) \|$", text))
    assert told == {place: "0" for place in road.found if not place.startswith(".")}
    assert f"\n{len(road.planted.where)} données plantées" in text
