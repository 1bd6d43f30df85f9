"""`passnum stack`: what is stacked, what is left out, each reason to refuse, in French (reporting/anct/stack.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package
from typer.testing import CliRunner

from orchestration.cli import app
from presentation.table import Column, Layout, Table, nothing_withheld
from reporting.anct.stack import StackError, stack
from reporting.files.editions import json_bytes
from reporting.files.package import PACKAGE, digest, package, path_of
from reporting.files.stamp import Stamp
from reporting.files.tabular import csv_bytes, schema_of

METROPOLE, PARIS = "200054781", "217500016"
LAYOUT = Layout("territoires", "Territoires", "Territoires", "", ("code_insee",), (
    Column("code_insee", "Code INSEE"), Column("pass", "Pass utilisés", "integer"),
))  # fmt: skip
Row = tuple[str, int]
Edition = Callable[..., Path]


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    """Write the folder of an edition, as an export does."""

    def one(siren: str = METROPOLE, period: str = "2023-T4", number: int = 1, rows: Sequence[Row] = (("75110", 40),), *,
            place: str = "", layout: Layout = LAYOUT, lines_of: str = "", made_up: bool = False,
            start: str = "2023-10-01", name: str = "") -> Path:  # fmt: skip
        folder = tmp_path / "received" / (place or f"{siren}-{period}-{number}")
        values = pl.DataFrame(list(rows), schema=[column.name for column in layout.columns], orient="row")
        table = Stamp(lines_of or siren, period, number).on(Table(layout, values, nothing_withheld(values)))
        files = {path_of(layout.name): csv_bytes(table)}
        own = {
            "document": "anct", "porteur_siren": siren, "porteur": name or f"Porteur {siren}", "periode": period,
            "edition": number, "date_des_donnees": "2023-12-31", "provisoire": False, "demonstration": made_up,
            "debut": start, "fin": "2023-12-31",
        }  # fmt: skip
        schemas = {layout.name: schema_of(table)}
        files[PACKAGE] = json_bytes(package("x", "X", "2024-01-01T00:00:00Z", "P", own, schemas, files))
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    return one


def stacked(tmp_path: Path, table: str = "territoires") -> pl.DataFrame:
    return pl.read_csv(tmp_path / "out" / "csv" / f"{table}.csv", infer_schema=False)


def test_the_lines_of_every_carrier_are_stacked_and_none_is_added_up(edition: Edition, tmp_path: Path) -> None:
    """Two carriers may count the same commune: their lines stay two, and the key holds."""
    made = stack([edition(METROPOLE), edition(PARIS, rows=[("75110", 12), ("75111", 13)])], tmp_path / "out")
    assert stacked(tmp_path).select("porteur_siren", "code_insee", "pass").rows() == [
        (METROPOLE, "75110", "40"), (PARIS, "75110", "12"), (PARIS, "75111", "13"),
    ]  # fmt: skip
    assert (made.lines, len(made.kept), made.left_out, made.notes) == (3, 2, (), ())
    assert Package(str(tmp_path / "out" / PACKAGE)).validate().valid  # type: ignore[misc]


def test_what_a_carrier_wrote_runs_in_no_spreadsheet(edition: Edition, tmp_path: Path) -> None:
    """A stack gathers files of others: a carrier's name, or a text of its tables, is never a formula."""
    folder = edition(rows=[("75110", 40), ("=1+1;", 2)], name="=HYPERLINK(1)")
    file = folder / path_of("territoires")
    file.write_bytes(file.read_bytes().replace(b"'=1", b"=1"))
    own = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    for resource in own["resources"]:
        resource |= {"hash": digest(file.read_bytes()), "bytes": len(file.read_bytes())}
    (folder / PACKAGE).write_bytes(json_bytes(own))
    stack([folder], tmp_path / "out")
    assert stacked(tmp_path)["code_insee"].to_list() == ["75110", "'=1+1;"]
    assert stacked(tmp_path, "porteurs")["porteur"].to_list() == ["'=HYPERLINK(1)"]


def test_of_a_period_the_latest_edition_holds_and_the_others_are_named(edition: Edition, tmp_path: Path) -> None:
    edition(number=2, rows=[("75110", 41)])
    edition(number=10, rows=[("75110", 42)])
    edition(period="2023-T3", rows=[("75110", 30)], start="2023-07-01")
    edition(number=1)
    made = stack([tmp_path / "received"], tmp_path / "out")
    assert sorted(stacked(tmp_path).select("periode", "edition", "pass").rows()) == [
        ("2023-T3", "1", "30"), ("2023-T4", "10", "42"),
    ]  # fmt: skip
    assert [line.endswith("remplacée par l'édition 10.") for line in made.left_out] == [True, True]
    kept = dict(stacked(tmp_path, "porteurs").filter(periode="2023-T4").select("edition", "retenue").rows())
    assert kept == {"1": "false", "2": "false", "10": "true"}


def test_the_same_edition_given_twice_counts_once(edition: Edition, tmp_path: Path) -> None:
    made = stack([edition(place="a"), edition(place="b")], tmp_path / "out")
    assert stacked(tmp_path).height == 1 and "donnée deux fois" in made.left_out[0]


def test_the_same_edition_with_two_contents_is_refused(edition: Edition, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="la même édition, et deux contenus"):
        stack([edition(place="a"), edition(place="b", rows=[("75110", 41)])], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (LAYOUT.columns[:1], "colonnes absentes : pass"),
        ((*LAYOUT.columns, Column("heures", "Heures", "integer")), "colonnes en trop : heures"),
        ((LAYOUT.columns[0], Column("pass", "Pass", "text")), "colonnes d'un autre type : pass"),
        (LAYOUT.columns[::-1], "colonnes dans un autre ordre"),
    ],
)
def test_another_form_is_named_with_its_carrier(
    edition: Edition, tmp_path: Path, columns: tuple[Column, ...], words: str
) -> None:
    """The form of most is the form: the one that differs is named, not the others."""
    others = [edition(METROPOLE), edition(METROPOLE, "2023-T3")]
    rows = [tuple({"code_insee": "75110", "pass": 40, "heures": 3}[column.name] for column in columns)]
    odd = edition(PARIS, rows=rows, layout=replace(LAYOUT, columns=columns))
    with pytest.raises(StackError, match=f"SIREN {PARIS}.*{words}") as caught:
        stack([*others, odd], tmp_path / "out")
    assert METROPOLE not in str(caught.value)


def test_a_table_that_one_carrier_lacks_is_named(edition: Edition, tmp_path: Path) -> None:
    odd = edition(PARIS, layout=replace(LAYOUT, name="lieux"))
    with pytest.raises(StackError) as caught:
        stack([edition(METROPOLE), edition(METROPOLE, "2023-T3"), odd], tmp_path / "out")
    assert "« territoires » absente" in str(caught.value) and "« lieux » en trop" in str(caught.value)


def test_a_file_saved_by_a_spreadsheet_is_refused_by_name(edition: Edition, tmp_path: Path) -> None:
    folder = edition()
    path = folder / "csv" / "territoires.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    with pytest.raises(StackError, match="a été modifié depuis son émission"):
        stack([folder], tmp_path / "out")
    path.unlink()
    with pytest.raises(StackError, match=r"csv/territoires\.csv manque"):
        stack([folder], tmp_path / "out")


def test_lines_of_another_carrier_are_refused(edition: Edition, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"1\xa0ligne de csv/territoires.csv d'un autre porteur.*{PARIS}"):
        stack([edition(METROPOLE, lines_of=PARIS)], tmp_path / "out")


def test_a_key_given_twice_is_refused_with_the_first(edition: Edition, tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"1\xa0clé en double, la première : {METROPOLE}, 2023-T4, 1, 75110"):
        stack([edition(rows=[("75110", 40), ("75110", 41), ("94080", 1)])], tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"porteur_siren": "200054782"}, "SIREN n'est pas valable"),  # its last digit does not hold
        ({"document": "mandat"}, "pas le descripteur d'un export ANCT"),
        ({"edition": "1"}, "pas le descripteur d'un export ANCT"),
    ],
)
def test_a_descriptor_that_is_not_ours_is_refused(
    edition: Edition, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    path = edition() / PACKAGE
    content = json.loads(path.read_text(encoding="utf-8"))
    content["passnum"] |= change
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StackError, match=words):
        stack([path.parent], tmp_path / "out")


def test_a_table_is_a_file_of_its_own_edition(edition: Edition, tmp_path: Path) -> None:
    """A descriptor comes from outside: its names lead nowhere else on the disk."""
    path = edition() / PACKAGE
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["resources"][0] |= {"name": "../../../secret", "hash": digest(secret.read_bytes())}
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StackError, match="pas le descripteur"):
        stack([path.parent], tmp_path / "out")


def test_what_who_adds_up_must_know_is_said(edition: Edition, tmp_path: Path) -> None:
    year = edition(period="2023", start="2023-01-01", name="Métropole")
    notes = stack([edition(made_up=True), year], tmp_path / "out").notes
    assert len(notes) == 3 and notes[0].startswith("1\xa0édition de démonstration")
    assert f"SIREN {METROPOLE} : plusieurs noms (Métropole, Porteur {METROPOLE})." in notes
    assert f"SIREN {METROPOLE} : 2023 et 2023-T4 se recouvrent, ne les additionnez pas." in notes


def test_the_command_says_what_it_did_and_never_writes_over(edition: Edition, tmp_path: Path) -> None:
    edition(), edition(number=2, rows=[("75110", 41)])
    arguments = ["stack", str(tmp_path / "received"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "1\xa0édition de 1\xa0porteur : 1\xa0ligne." in done.output and "remplacée par l'édition 2" in done.output
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 1 and "existe déjà" in again.output


def test_a_folder_without_an_export_is_told(tmp_path: Path) -> None:
    for folder, words in ((tmp_path, "aucune édition"), (tmp_path / "absent", "n'existe pas")):
        with pytest.raises(StackError, match=words):
            stack([folder], tmp_path / "out")
