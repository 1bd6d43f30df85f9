"""correspondants.csv: where each structure is written to, and what a person reads after a mistake."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from programme.config import PROJECT_FOLDER, ProgrammeError, load_correspondents, load_programme

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A programme whose correspondants.csv holds these lines under its heading."""

    def one(lines: str) -> Path:
        for name in ("programme.yaml", "territories.csv"):
            shutil.copy(PROJECT_FOLDER / name, tmp_path / name)
        (tmp_path / "correspondants.csv").write_text(f"structure,courriel,nom\n{lines}", encoding="utf-8")
        return tmp_path

    return one


def test_the_file_shipped_writes_to_nobody() -> None:
    assert load_correspondents() == []


def test_a_folder_without_the_file_writes_to_nobody(write: Write) -> None:
    folder = write("")
    (folder / "correspondants.csv").unlink()
    assert load_correspondents(folder) == []


def test_structures_and_their_addresses_are_read_as_a_person_writes_them(write: Write) -> None:
    found = load_correspondents(
        write("219 400 809 00014, ccas@ville.example ,CCAS\n21940080900014,b@ville.example,\n94080,m@v.example,\n")
    )
    assert [(one.structure, one.courriel, one.is_structure) for one in found] == [
        ("21940080900014", "ccas@ville.example", True), ("21940080900014", "b@ville.example", True),
        ("94080", "m@v.example", False),
    ]  # fmt: skip


def test_a_structure_receives_both_kinds_of_mails_unless_its_line_names_one(write: Write) -> None:
    """One list of addresses for the passes to save and for what is to be mended."""
    folder = write("")
    lines = "94080,a@v.example,\n21940080900014,b@v.example,qualite\n21940080900014,c@v.example,pass-a-sauver\n"
    (folder / "correspondants.csv").write_text(f"structure,courriel,recoit\n{lines}", encoding="utf-8")
    found = [(one.receives_quality, one.receives_to_save) for one in load_correspondents(folder)]
    assert found == [(True, True), (True, False), (False, True)]
    (folder / "correspondants.csv").write_text("structure,courriel,recoit\n94080,a@v.example,tout\n", encoding="utf-8")
    with pytest.raises(ProgrammeError, match="qualite ou pass-a-sauver ; laissez vide pour les deux"):
        load_correspondents(folder)


@pytest.mark.parametrize(
    ("lines", "line", "column", "words"),
    [
        ("94080,mairie,\n", 2, "courriel", "une seule adresse électronique"),
        ("94080,a@v.example; b@v.example,\n", 2, "courriel", "une ligne par adresse"),
        ("9408,a@v.example,\n", 2, "structure", "SIRET"),
        ("94080,a@v.example,\n\n94016,b@v.example,\n", 4, "structure", "aucun territoire du programme"),
        ("94080,a@v.example,\n94080,A@V.example,\n", 3, "courriel", "déjà à la ligne 2"),
        (",a@v.example,\n", 2, "structure", "valeur absente"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(
    write: Write, lines: str, line: int, column: str, words: str
) -> None:
    with pytest.raises(ProgrammeError) as caught:
        load_correspondents(write(lines))
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.column) == ("correspondants.csv", line, column)
    assert words in str(caught.value)


def test_no_address_is_part_of_the_settings_of_a_version(write: Write) -> None:
    """A version is read by more people than this file: it holds none of it, and an address makes no new version."""
    folder = write("94080,elue@ville.example,\n")
    assert load_correspondents(folder)
    assert "elue@ville.example" not in load_programme(folder).model_dump_json()
