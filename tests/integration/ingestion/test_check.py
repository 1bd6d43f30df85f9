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
from orchestration.commands.output import unbroken
from tests.integration.ingestion.test_order import FILES
from tests.unit.ingestion.books import write_book, write_sheet
from tests.unit.ingestion.kit import ROWS, TODAY, drop, make_home, run, write_csv


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


def test_how_a_file_is_read_is_shown(tmp_path: Path) -> None:
    """Issue 17, 7: format, encoding, separator, header, first and last days, three lines, personal columns masked."""
    lines = [
        {"id_beneficiaire": f"SECRET-{n}", "annee_naissance": "1931", "date_prescription": f"{n:02}/03/2021",
         "nom_prescripteur": "écrire à jean.dupont@exemple.fr"}
        for n in range(1, 6)
    ]  # fmt: skip
    path = tmp_path / "prescriptions_20221231093000.csv"
    path.write_bytes(("Titre\n\n" + write_csv("prescriptions", *lines)).encode("cp1252"))
    told = " ".join(_check(path, "--home", tmp_path / "home").output.replace("\xa0", " ").split())
    assert "format : texte, champs séparés par « ; » (point-virgule)" in told
    assert "encodage : Windows-1252" in told
    assert "en-tête : ligne 3, 14 colonnes reconnues sur 14" in told
    assert "date_prescription 01/03/2021 05/03/2021" in told
    assert "ligne 4" in told and "ligne 6" in told and "ligne 7" not in told
    assert "SECRET" not in told and "1931" not in told and "jean.dupont" not in told and "***" in told


def test_a_row_of_the_report_is_never_cut(tmp_path: Path) -> None:
    """A field is one row of the table, whatever its length: cut, its last lines would be read as fields of the file."""
    content = "x" * 30
    report = f"| champ | ligne 2 | ligne 3 | ligne 4 |\n|---|---|---|---|\n| f | {content} | {content} | {content} |"
    assert unbroken(report) == report
    assert len(unbroken("mot " * 60).splitlines()) > 1


def test_the_sheet_read_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "utilisations_2022-12-31.xlsx"
    path.write_bytes(
        write_book(
            {
                "Notes": write_sheet([["a", "b"]]),
                "Export": write_sheet([list(ROWS["utilisations"]), list(ROWS["utilisations"].values())]),
            }
        )
    )
    told = " ".join(_check(path, "--home", tmp_path / "home").output.replace("\xa0", " ").split())
    assert "format : classeur XLSX" in told and "feuille : la feuille 2 (« Export »)" in told


@pytest.mark.parametrize(
    "content",
    [
        write_csv("utilisations", {"montant": "?"}, {"statut": "?"}),
        write_csv("utilisations").replace("remboursee", "remboursee;").replace("CP-1", "CP-1;"),
        write_csv("utilisations").splitlines()[0] + "\n",
    ],
)
def test_a_file_that_would_give_no_line_is_told_and_the_exit_code_says_so(content: str, tmp_path: Path) -> None:
    """Issue 17, 4 and 7: 0 accepted lines are no success."""
    path = tmp_path / "utilisations_2022-12-31.csv"
    path.write_text(content, encoding="utf-8")
    told = _check(path, "--home", tmp_path / "home")
    assert told.exit_code == 1
    assert "aucune ligne ne serait chargée" in told.output and "1 fichier ne donnerait aucune ligne" in told.output


_IN_THE_WRONG_COLUMN = {
    "prescriptions": {
        "nom_prescripteur": "Madame Durand 12 rue des Lilas", "genre": "Mme Durand",
    },
    "utilisations": {
        "nom_lieu": "CCAS tel 06 12 34 56 78", "id_session": "M. Durand",
    },
}  # fmt: skip
_BAD = {
    "prescriptions": {
        "date_prescription": "DUPONT Jean-99",
        "statut": "Jean Dupont",
        "code_insee": "9 bis rue X",
        "id_prescription": "DURAND Marie",
    },
    "utilisations": {
        "date_utilisation": "DUPONT Jean-99",
        "statut": "Jean Dupont",
        "montant": "9 bis rue X",
        "id_utilisation": "DURAND Marie",
    },
}


@pytest.mark.parametrize("dataset", list(_BAD))
def test_no_raw_value_of_a_person_level_export_is_shown(dataset: str, tmp_path: Path) -> None:
    """Exports §4: the raw value of a bad enumeration, date, code or number of a person-level export is never
    reported: its shape stands for it; free text that holds a phone number or an address is masked whole."""
    path = tmp_path / f"{dataset}_2022-12-31.csv"
    bad = [{column: value} for column, value in _BAD[dataset].items()]
    path.write_text(write_csv(dataset, _IN_THE_WRONG_COLUMN[dataset], *bad))
    (checked,) = check_files([path], today=TODAY)
    assert (checked.delivery.lines_accepted, checked.delivery.lines_rejected) == (1, 4)
    for word in ("durand", "marie", "dupont", "jean", "lilas", "ccas tel", "9 bis"):
        assert word not in checked.report.lower(), word
    for shape in ("AAAAAA AAAAA", "`AAAAAA AAAA-99`", "`AAAA AAAAAA`", "***"):
        assert shape in checked.report, shape


def test_a_bad_value_of_another_export_is_shown_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "emissions_2022-12-31.csv"
    path.write_text(write_csv("emissions", {"statut": "egare"}))
    (checked,) = check_files([path], today=TODAY)
    assert "`egare`" in checked.report


def test_separators_are_never_spoken_of_for_a_workbook(tmp_path: Path) -> None:
    """A cell beyond the header is told as a cell; a workbook has no separators."""
    path = tmp_path / "utilisations_2022-12-31.xlsx"
    row = list(ROWS["utilisations"].values())
    path.write_bytes(write_book({"Export": write_sheet([list(ROWS["utilisations"]), row, [*row, "de trop"]])}))
    (checked,) = check_files([path], today=TODAY)
    assert checked.delivery.lines_rejected == 1
    assert "cellules sont remplies" in checked.report and "séparateur" not in checked.report
