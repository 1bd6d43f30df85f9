"""`passnum check`: the verdict of a run, without any trace of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingestion.checking import check_files
from ingestion.intake import Folders
from ingestion.lake import Lake
from orchestration.cli import app
from tests.integration.ingestion.test_order import FILES
from tests.unit.ingestion.kit import TODAY, drop, make_home, run, write_csv


def _check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.fixture
def delivery(tmp_path: Path) -> Folders:
    """The files of the order tests: every outcome but the duplicate."""
    folders = make_home(tmp_path / "home")
    for name, content in FILES.items():
        drop(folders, name, content)
    good = FILES["emissions_2022-10-31.csv"]
    drop(folders, "emissions_2022-10-31.csv.sha256", hashlib.sha256(good).hexdigest())
    drop(folders, "a_2022-12-31.csv", write_csv("services"))
    drop(folders, "a_2022-12-31.csv.sha256", "0" * 64)
    drop(folders, ".cache_2022-12-31.csv", b"?")
    return folders


def test_the_verdict_is_the_one_of_the_run(delivery: Folders) -> None:
    """Issue 3, 9: same outcome, reason and accounts, for each table."""

    def tell(deliveries: list) -> dict[str, tuple]:
        return {
            Path(d.file_name).name: (d.outcome, d.reason, d.dataset, d.lines_read, d.lines_accepted, d.lines_rejected)
            for d in deliveries
        }

    before = sorted(delivery.landing.parent.rglob("*"))
    checked = tell([c.delivery for c in check_files([delivery.landing], today=TODAY)])
    assert sorted(delivery.landing.parent.rglob("*")) == before
    done = tell(list(run(delivery).values()))
    assert checked == done
    assert {outcome for outcome, *_ in done.values()} == {"loaded", "rejected"}


def test_a_file_already_loaded_is_told_so(delivery: Folders) -> None:
    run(delivery)
    path = drop(delivery, "emissions_2022-10-31.csv", FILES["emissions_2022-10-31.csv"])
    (checked,) = check_files([path], today=TODAY, lake=Lake(delivery.lake))
    assert (checked.delivery.outcome, checked.would_load) == ("duplicate", False)


def test_the_command_sums_up_and_says_what_to_do(delivery: Folders) -> None:
    home = delivery.landing.parent
    told = _check(delivery.landing, "--home", home)
    assert told.exit_code == 1
    assert "4 fichiers seraient refusés" in told.output and "5 fichiers seraient chargés" in told.output
    assert "Ceci est un contrôle : rien n’a été chargé ni déplacé." in told.output.replace("\xa0", " ")
    assert "gardé à côté de ce rapport" not in told.output
    assert _check(delivery.landing / "utilisations_2022-11-30.csv", "--home", home).exit_code == 0


def test_what_cannot_be_checked_is_said_in_french(tmp_path: Path) -> None:
    absent = _check(tmp_path / "absent_2022-12-31.csv")
    assert absent.exit_code == 1 and "fichier ou dossier introuvable" in absent.output
    (tmp_path / "vide").mkdir()
    nothing = _check(tmp_path / "vide")
    assert nothing.exit_code == 1 and "aucun fichier à contrôler" in nothing.output


def test_a_file_like_no_export_is_told_which_ones_are_known(tmp_path: Path) -> None:
    path = tmp_path / "inventaire.csv"
    path.write_text("Produit;Prix;Stock\nchaise;12;4\ntable;80;2\n", encoding="utf-8")
    told = " ".join(_check(path).output.split())
    assert "ne ressemblent à ceux d’aucun export connu" in told and "« Utilisations de pass »" in told
    assert "Colonnes du fichier : • Produit • Prix • Stock" in told
    assert "L’export attendu" not in told and "C’est à lui qu’il faut demander" not in told
