"""`passnum purge`: each place keeps what it must and no longer; the warehouse is rebuilt whole from the lake."""

from __future__ import annotations

import os
import re
import shutil
import time
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingestion.lake import Lake
from ingestion.receipt import RECEIPT_NAME, Receipt
from orchestration.retention import find_past
from programme.config import PROJECT_FOLDER
from programme.conservation import ACCOUNTS, ORIGINALS, PLACES, load_retention
from tests.conftest import passnum_here
from tests.integration.golden import deliveries
from tests.integration.road.conftest import fingerprints
from tests.once import copy_home
from warehouse.settings import Home

BESIDE = (
    "reports/analystes/passnum_analystes_x.duckdb", "logs/erreur-x.log", "reports/qualite/envois/x.json",
    "reports/qualite/2020-01-01-x/r.html", "reports/.comptes/2015/edition-1.parquet",
    "reports/.attaques/2020-T1-1/attaque.csv", "reports/pass-a-sauver/2020-01-01-x/etat.json",
    "reports/qualite/envois/en-attente/x.json", "reports/qualite/alertes-illisibles-x.json",
)  # fmt: skip
LONG_AGO = 40 * 31 * 86_400


@pytest.fixture
def old_home(asked_home: Path, tmp_path: Path) -> Path:
    """A home of two versions, whose first one and everything beside date from forty months ago."""
    home = copy_home(asked_home, tmp_path / "home")
    passnum_here("run", "--force", home=home)
    deliveries.drop(home / "landing")  # known: no change but copies received
    for name in BESIDE:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    then = time.time() - LONG_AGO
    current = (home / "warehouse" / "passnum.duckdb").resolve()
    for path in home.rglob("*"):
        if path.resolve() != current and "lake" not in path.parts:
            os.utime(path, (then, then), follow_symlinks=False)
    twelve_years = time.time() - 12 * 366 * 86_400
    os.utime(home / "reports" / ".comptes" / "2015" / "edition-1.parquet", (twelve_years, twelve_years))
    _received(home, date.fromtimestamp(then))
    return home


def _received(home: Path, day: date) -> None:
    """Date the receipts of the lake and the folders of the archive."""
    for path in (home / "lake").glob(f"*/*/{RECEIPT_NAME}"):
        receipt = Receipt.from_json(path.read_bytes())
        at = receipt.received_at.replace(year=day.year, month=day.month, day=day.day)
        path.write_bytes(receipt.model_copy(update={"received_at": at}).to_json())
    for root in (home / "archive", home / "archive" / "quarantine"):
        for folder in list(root.glob("2*-*-*")):
            folder.rename(root / day.isoformat())


def _settings(tmp_path: Path, **months: int) -> Path:
    """The settings, some durations changed."""
    folder = tmp_path / "programme"
    shutil.copytree(PROJECT_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "conservation.csv"
    text = path.read_text(encoding="utf-8")
    for place, number in months.items():
        text, done = re.subn(rf"(?m)^{place};\d+", f"{place};{number}", text)
        assert done == 1
    path.write_text(text, encoding="utf-8")
    return folder


def _values(home: Path) -> int:
    found = [
        pl.read_parquet(p)["value"].count() for n in ("rejected", "issues") for p in home.glob(f"lake/*/*/{n}.parquet")
    ]
    return sum(found)


def test_each_place_loses_what_is_past_its_term_and_keeps_the_rest(old_home: Path, tmp_path: Path) -> None:
    """Told first, with the reason; nothing is erased without --yes. Originals stay sixty months, accounts by law."""
    before = sorted(old_home.rglob("*"))
    said = passnum_here("purge", "--files", home=old_home).replace("\xa0", " ")
    assert sorted(old_home.rglob("*")) == before
    for told in (
        "Originaux de l’archive : 0 fichier", "Versions de l’entrepôt : 1 version",
        "Fichiers des analystes : 1 fichier", "Rapports d’attaque des éditions : 1 fichier",
        "Journaux des passages et des erreurs : 2 fichiers",
        "Rapports de qualité, fichiers des pass à sauver et registre des courriels : 5 fichiers",
        "Comptes annuels arrêtés : 1 fichier", "gardé, jamais effacé par une commande", "120 mois (loi)",
        "passnum_analystes_x.duckdb", "Rien n'a été effacé.",
    ):  # fmt: skip
        assert told in said, told
    rejected = _values(old_home)
    done = passnum_here("purge", "--yes", home=old_home)
    assert done.count("Fait.") == len([1 for line in said.splitlines() if re.match(r"- .* : [1-9]", line)]) - 1
    assert rejected > 0
    assert _values(old_home) == 0
    gone = {str(p.relative_to(old_home)) for p in before} - {str(p.relative_to(old_home)) for p in old_home.rglob("*")}
    assert {g for g in gone if "/_" not in g and not g.startswith("warehouse/versions/")} == {
        "logs/erreur-x.log", "logs/passages.jsonl",
        "reports/analystes/passnum_analystes_x.duckdb", "reports/qualite/2020-01-01-x",
        "reports/qualite/2020-01-01-x/r.html", "reports/qualite/envois/x.json",
        "reports/qualite/envois/en-attente/x.json", "reports/qualite/alertes-illisibles-x.json",
        "reports/pass-a-sauver/2020-01-01-x", "reports/pass-a-sauver/2020-01-01-x/etat.json",
        "reports/.attaques/2020-T1-1", "reports/.attaques/2020-T1-1/attaque.csv",
        *(g for g in gone if g.startswith("archive/quarantine/") and not g.endswith("rapport.md")),
    }  # fmt: skip
    assert len([g for g in gone if g.startswith("warehouse/versions/")]) == 1
    assert (old_home / "reports" / ".comptes" / "2015" / "edition-1.parquet").exists()
    assert "Rien n'est à effacer." in passnum_here("purge", home=old_home)


def test_the_warehouse_is_rebuilt_whole_from_the_lake_after_everything_went(old_home: Path, tmp_path: Path) -> None:
    """Durations of a month: no original is left, no pseudonym is anybody's, and every figure is the same."""
    figures = fingerprints(old_home)
    short: dict[str, int] = {place: 1 for place in PLACES if place not in (ORIGINALS, ACCOUNTS)}
    folder = _settings(tmp_path, **short)
    programme = folder / "programme.yaml"
    text = programme.read_text(encoding="utf-8")
    programme.write_text(re.sub(r"(?m)^retention_months: \d+", "retention_months: 1", text), encoding="utf-8")
    keys = {
        key for p in old_home.glob("lake/prescriptions/*/rows.parquet") for key in pl.read_parquet(p)["beneficiary_key"]
    }
    passnum_here("purge", "--programme", str(folder), "--yes", home=old_home)
    originals = [p for p in (old_home / "archive").rglob("*") if p.is_file() and p.name != "rapport.md"]
    assert originals == []
    now = {
        key for p in old_home.glob("lake/prescriptions/*/rows.parquet") for key in pl.read_parquet(p)["beneficiary_key"]
    }
    assert len(now) == len(keys) > 5
    assert now & keys == {None}
    with duckdb.connect(str((old_home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        published = {
            key for (key,) in con.execute("select person_key from core.dim_person where is_identified").fetchall()
        }
    assert published & keys == set()
    assert Lake(old_home / "lake").verify() > 5
    shutil.rmtree(old_home / "landing")
    (old_home / "landing").mkdir()
    passnum_here("run", home=old_home)
    after = fingerprints(old_home)
    assert {t for t in figures if figures[t] != after[t] and not t.startswith("core.")} == set()
    # asked again there is nothing: a pseudonym is cut once
    found = find_past(Home.at(old_home), load_retention(folder), date.today())
    assert {past.retention.place: past.number for past in found if past.number} == {"comptes": 1}


def test_the_schedule_does_it_too(old_home: Path) -> None:
    """What Dagster launches on the first of the month erases, and tells each place in the log of the run."""
    from dagster import DagsterInstance

    from orchestration.schedules import monthly_retention, retention_job
    from orchestration.settings import RunSettings

    assert monthly_retention.job_name == retention_job.name
    assert monthly_retention.cron_schedule == "0 5 1 * *"
    with DagsterInstance.ephemeral() as instance:
        settings = RunSettings(home_folder=str(old_home))
        assert retention_job.execute_in_process(resources={"settings": settings}, instance=instance).success
    assert not (old_home / "logs" / "erreur-x.log").exists()
    assert (old_home / "reports" / ".comptes" / "2015" / "edition-1.parquet").exists()
    assert "Rien n'est à effacer." in passnum_here("purge", home=old_home)


def test_a_folder_mistyped_or_a_day_to_come_erases_nothing(tmp_path: Path, golden_home: Path) -> None:
    """A home that is not there is told, and not made; a day to come would take every original."""
    assert "pas de lac" in passnum_here("purge", home=tmp_path / "nowhere", exit_code=1)
    assert not (tmp_path / "nowhere").exists()
    assert "pas encore venu" in passnum_here("purge", "--before", "2999-01-01", "--yes", home=golden_home, exit_code=2)
