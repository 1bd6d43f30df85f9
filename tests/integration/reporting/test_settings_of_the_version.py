"""Settings belong to the version: a setting changed without a build changes no published figure, document or mail.

One exception: a stricter small-count threshold protects at once. On the golden set, copied; nothing is built here.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from orchestration.cli import app
from programme.config import load_programme
from reporting.bilan.content import build as bilan_content
from reporting.figures.period import parse_period
from reporting.figures.publication import prepare
from reporting.figures.summary import summary
from reporting.quality.alert import look_for_alerts, tell_received
from reporting.quality.last_build import write_report
from tests.once import copy_home
from warehouse.published.versions import Version, connect, current_version
from warehouse.settings import ROOT, Home

PERIOD = "2022-T4"
Changed = Callable[..., Path]


@pytest.fixture
def home(golden_home: Path, tmp_path: Path) -> Home:
    return Home.at(copy_home(golden_home, tmp_path / "home"))


@pytest.fixture
def version(home: Home) -> Version:
    found = current_version(home)
    assert found is not None
    return found


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """A copy of the programme's folder in which settings were changed by hand."""

    def change(**settings: str) -> Path:
        folder = tmp_path / "programme"
        shutil.copytree(ROOT / "programme", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        path = folder / "programme.yaml"
        text = path.read_text(encoding="utf-8")
        for name, value in settings.items():
            text, found = re.subn(rf"(?m)^{name}: *[^#\s]*", f"{name}: {value} ", text)
            assert found == 1, name
        path.write_text(text, encoding="utf-8")
        return folder

    return change


def passnum(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(home.root)])


def flat(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def published(version: Version, indicator: str) -> float:
    with connect(version.path) as con:
        row = con.execute("select value from marts.programme_progress where indicator = ?", [indicator]).fetchone()
    assert row is not None
    return float(row[0])


def test_a_rate_changed_without_a_build_changes_no_figure(home: Home, version: Version, changed: Changed) -> None:
    """The published figure, the summary, the bilan and the ANCT export say the version's share, not today's."""
    folder = changed(state_rate="0.4", hours_target="200000")
    due = published(version, "state_share_due_eur")
    publication = prepare(version, load_programme(folder), parse_period(PERIOD), home)
    rows = summary(publication).rows_by_key("code", named=True, unique=True)
    assert rows["state_share_eur"]["value_cum"] == due > 0
    assert rows["hours"]["target"] == 100_000
    data, _ = bilan_content(publication, 1)
    (line,) = [line for line in data["budget"] if line[0] == "Part de l'État due"]
    assert line[2] == "s" or float(re.sub(r"[^\d,]", "", line[2]).replace(",", ".")) == round(due)
    issued = passnum(home, "export", "anct", "--period", PERIOD, "--programme", str(folder))
    assert issued.exit_code == 0, issued.output
    (path,) = (home.reports / "anct").rglob("synthese.csv")
    written = dict(pl.read_csv(path, infer_schema=False).select("code", "valeur_cumul").rows())
    targets = dict(pl.read_csv(path, infer_schema=False).select("code", "objectif").rows())
    assert written["state_share_eur"] == "s" or float(written["state_share_eur"]) == due
    assert float(targets["hours"]) == 100_000


@pytest.mark.parametrize(("threshold", "applied"), [("25", 25), ("2", 11)])
def test_only_a_stricter_small_count_threshold_applies_at_once(
    home: Home, changed: Changed, threshold: str, applied: int
) -> None:
    """Raised, it protects at once; lowered, it waits for the next build."""
    folder = changed(small_count_threshold=threshold)
    issued = passnum(home, "export", "anct", "--period", PERIOD, "--programme", str(folder))
    assert issued.exit_code == 0, issued.output
    (manifest,) = (home.reports / "anct").rglob("manifest.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["secret_statistique"]["seuil"] == applied


@pytest.mark.parametrize("command", [["export", "anct"], ["report", "bilan"], ["export", "open-data"]])
def test_a_version_without_its_settings_is_told_in_french(home: Home, version: Version, command: list[str]) -> None:
    """A version published before versions held their settings: what to do, never today's settings in their place."""
    with_settings = passnum(home, "status")
    assert "n'y gardait pas les réglages" not in flat(with_settings.output)
    version.path.chmod(0o600)
    with duckdb.connect(str(version.path)) as con:
        con.execute("drop table marts.programme")
    refused = passnum(home, *command, "--period", PERIOD)
    assert refused.exit_code == 1
    told = flat(refused.output)
    assert "n'y gardait pas les réglages : lancez « passnum run » pour la construire à nouveau." in told
    assert "n'y gardait pas les réglages" in flat(passnum(home, "status").output)


def test_the_status_names_the_settings_changed_since_the_version(home: Home, changed: Changed) -> None:
    """« Les réglages ont changé depuis la version publiée (state_rate : 0,5 → 0,4) … »; nothing when none has."""
    same = passnum(home, "status")
    assert same.exit_code == 0
    assert "Les réglages ont changé" not in same.output
    folder = changed(state_rate="0.4")
    told = flat(passnum(home, "status", "--programme", str(folder)).output)
    assert (
        "Les réglages ont changé depuis la version publiée (state_rate : 0,5 → 0,4) : ils vaudront au prochain passage."
    ) in told
    assert "protège déjà" not in told


def test_the_status_names_a_few_settings_and_the_territories(home: Home, changed: Changed) -> None:
    folder = changed(
        state_rate="0.4", hours_target="120000", agreement_ends_on="2024-01-31", small_count_threshold="15",
        quiet_months="4", reminder_days="2",
    )  # fmt: skip
    territories = (folder / "territories.csv").read_text(encoding="utf-8")
    (folder / "territories.csv").write_text(territories.replace(",1,2020-", ",2,2020-", 1), encoding="utf-8")
    assert territories != (folder / "territories.csv").read_text(encoding="utf-8")
    told = flat(passnum(home, "status", "--programme", str(folder)).output)
    assert "hours_target : 100 000 → 120 000 ; state_rate : 0,5 → 0,4" in told
    assert "agreement_ends_on : 17/12/2023 → 31/01/2024" in told
    assert "; et 3 autres)" in told
    assert "Le seuil des petits effectifs, relevé, protège déjà." in told
    (folder / "programme.yaml").write_text("budget_eur: beaucoup\n", encoding="utf-8")
    unreadable = passnum(home, "status", "--programme", str(folder))
    assert unreadable.exit_code == 0
    assert "le prochain passage les refusera" in flat(unreadable.output)


def test_a_territory_changed_is_told(home: Home, changed: Changed) -> None:
    folder = changed()
    path = folder / "territories.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",1,2020-", ",2,2020-", 1), encoding="utf-8")
    assert "(territoires : 1 modifié)" in flat(passnum(home, "status", "--programme", str(folder)).output)


def test_the_alert_goes_by_the_published_version_s_settings(home: Home, changed: Changed, tmp_path: Path) -> None:
    """What is late is what the version says; the settings of today where nothing was ever published."""
    folder = changed(run_expected_hours="1", expected_delivery_days="1")

    def read():
        return load_programme(folder)

    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=30)
    assert look_for_alerts(home, read, later) == []
    late = look_for_alerts(home, read, later + timedelta(hours=10))
    assert [alert.title for alert in late] == ["Le passage attendu n’a pas eu lieu"]
    # The same home, its version gone: the settings in force.
    home.published.unlink()
    assert [alert.title for alert in look_for_alerts(home, read, later)] == [
        "Le passage attendu n’a pas eu lieu", "Plus aucune livraison",
    ]  # fmt: skip


def test_nothing_late_does_not_hide_that_the_data_are_old(home: Home) -> None:
    """Files received this morning may tell of three years ago: « les dernières livraisons sont récentes » was false."""
    version = current_version(home)
    assert version is not None
    old = tell_received(home, load_programme, version.as_of + timedelta(days=36))
    assert "il y a 36" in old and "en retard, une livraison est attendue" in old
    fresh = tell_received(home, load_programme, version.as_of + timedelta(days=35))
    assert fresh == "le dernier passage et les derniers fichiers reçus sont récents."


def test_the_quality_report_goes_by_the_published_version_s_settings(home: Home, changed: Changed) -> None:
    """Deliveries accepted and days expected: the version's own while it is the last build, whatever was typed since."""
    version = current_version(home)
    assert version is not None
    version.path.chmod(0o600)
    with duckdb.connect(str(version.path)) as con:
        row = con.execute(
            "select file_id from quality.delivered_file where dataset = 'utilisations' limit 1"
        ).fetchone()
        assert row is not None
        con.execute(
            "insert into quality.rejected_line by name select ? as file_id, 'utilisations' as dataset, "
            "'u.csv' as file_name, 2 as line_number, 'montant' as column_name, 'gratuit' as value, "
            "'invalid_value' as reason",
            row,
        )
    folder = changed(expected_delivery_days="36500", accepted_deliveries=row[0])
    today = datetime.now(UTC).date()

    def read():
        return load_programme(folder)

    report = write_report(home, read, today)
    assert report.complete.freshness.expected_days == 35
    assert report.complete.freshness.is_late, "the golden set is of 2022"
    text = report.file(report.complete.edition, "rapport.txt").read_text(encoding="utf-8")
    assert "en retard" in text
    assert "gratuit" in text, "the version accepts nothing"
    # A version too old to say: the settings in force.
    with duckdb.connect(str(version.path)) as con:
        con.execute("drop table marts.programme")
    again = write_report(home, read, today)
    assert again.complete.freshness.expected_days == 36500
    assert not again.complete.freshness.is_late
    assert "gratuit" not in again.file(again.complete.edition, "rapport.txt").read_text(encoding="utf-8")
