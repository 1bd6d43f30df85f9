"""The configuration of the programme: the shipped one, and what a person reads after a mistake."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from programme.config import PROJECT_FOLDER, Programme, ProgrammeError, load_programme

Edit = Callable[[str, str, str], Path]


#: The end of the header of decisions.csv, the last thing in the file shipped; and what follows it once one is noted.
END, NOTED = ",scenario\n", ",scenario\n"


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """A copy of the shipped configuration with one text replaced in one file."""

    def replace(file: str, old: str, new: str) -> Path:
        lists = ("territories.csv", "territory_changes.csv", "populations.csv", "decisions.csv")
        for name in ("programme.yaml", *lists):
            shutil.copy(PROJECT_FOLDER / name, tmp_path / name)
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return replace


def test_shipped_figures_are_those_of_the_deliberation() -> None:
    """Figures §1: 3.8 M€; 100,000 h; 34,000 people; 34 territories; 100 lieux; 50 % up to 1.8 M€; PIC 50 %."""
    programme = load_programme()
    assert programme.budget_eur == 3_800_000
    assert (programme.hours_target, programme.people_target) == (100_000, 34_000)
    assert (programme.territories_target, programme.lieux_target) == (34, 100)
    assert (programme.state_rate, programme.state_ceiling_eur) == (Decimal("0.5"), 1_800_000)
    assert programme.pic_share_target == Decimal("0.5")
    assert programme.agreement_signed_on == date(2019, 12, 17)
    assert programme.agreement_ends_on == date(2023, 12, 17)
    assert (programme.validity_tolerance_months, programme.small_count_threshold) == (1, 11)
    assert programme.max_rejected_share == Decimal("0.20")


def test_the_mandate_ends_fourteen_months_after_the_term() -> None:
    """Figures §1: mandate end = term + 14 months."""
    assert load_programme().mandate_ends_on == date(2025, 2, 17)


def test_a_month_later_is_the_last_day_of_a_shorter_month(edit: Edit) -> None:
    """Figures §4: one month later = the same day of the next month, or its last day."""
    folder = edit("programme.yaml", "agreement_ends_on: 2023-12-17", "agreement_ends_on: 2023-12-31")
    assert load_programme(folder).mandate_ends_on == date(2025, 2, 28)


def test_territories_shipped(programme: Programme) -> None:
    """Figures §1: 34 rows, Vincennes attested, the others examples; 93059 and 93066 exercise the merger."""
    codes = {territory.code_insee: territory for territory in programme.territories}
    assert len(codes) == len(programme.territories) == 34
    assert [t.nom for t in programme.territories if t.statut == "atteste"] == ["Vincennes"]
    assert {"93059", "93066"} <= codes.keys()
    assert {t.date_entree for t in programme.territories if t.ami == 1} == {date(2020, 2, 11)}
    assert {t.date_entree for t in programme.territories if t.ami == 2} == {date(2021, 12, 9)}
    assert any(code.startswith("75") for code in codes)
    names = {commune.code_insee: commune.nom for commune in programme.communes}
    assert {code: t.nom for code, t in codes.items()} == {code: names[code] for code in codes}


def test_the_merger_of_2025_is_dated(programme: Programme) -> None:
    """Figures §1: Pierrefitte-sur-Seine merged into Saint-Denis on 2025-01-01."""
    change = programme.changes[0]
    assert (change.code_insee, change.code_actuel, change.date_effet) == ("93059", "93066", date(2025, 1, 1))


def test_communes_carry_their_article(programme: Programme) -> None:
    names = {commune.code_insee: commune.nom for commune in programme.communes}
    assert len(names) == 150
    assert (names["93027"], names["94038"], names["92035"]) == (
        "La Courneuve",
        "L'Haÿ-les-Roses",
        "La Garenne-Colombes",
    )
    assert names["75101"] == "Paris 1er arrondissement"


def test_configuration_cannot_be_changed_in_memory(programme: Programme) -> None:
    with pytest.raises(ValidationError):
        programme.budget_eur = Decimal(1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "value", "words"),
    [
        ("territories.csv", "94080,Vincennes,1", "94080,Vincennes,3", 16, "ami", "3", "1 ou 2"),
        ("territories.csv", "94080,Vincennes,1", "94080,Vincennes,", 16, "ami", "", "valeur absente"),
        ("territories.csv", "94080,Vincennes", "99999,Vincennes", 16, "code_insee", "99999", "a le code 94080"),
        ("territories.csv", "94080,Vincennes", "4080,Vincennes", 16, "code_insee", "4080", "cinq caractères"),
        ("territories.csv", "94080,Vincennes", "75118,Paris", 16, "code_insee", "75118", "déjà à la ligne 2"),
        ("territories.csv", "94080,Vincennes", "94079,Vincennes", 16, "nom", "Vincennes", "code 94080"),
        ("territories.csv", ",atteste,", ",sûr,", 16, "statut", "sûr", "« exemple »"),
        ("territories.csv", ",atteste,,", ",atteste,douze,", 16, "cible_personnes", "douze", "nombre entier"),
        ("territories.csv", "code_insee,nom,ami", "code_insee,nom,appel", 1, "ami", None, "absente"),
        ("programme.yaml", "budget_eur: 3800000", "budget_eur: beaucoup", 12, "budget_eur", "beaucoup", "euros"),
        ("programme.yaml", "budget_eur: 3800000", "budget_eur: -1", 12, "budget_eur", "-1", "supérieur à zéro"),
        ("programme.yaml", "budget_eur: 3800000", "budget_eur: nan", 12, "budget_eur", "nan", "euros"),
        ("programme.yaml", "state_rate: 0.5", "state_rate: 50", 20, "state_rate", "50", "entre 0 et 1"),
        ("programme.yaml", "budget_eur:", "budjet_eur:", 12, "budjet_eur", None, "« budget_eur »"),
        ("programme.yaml", "2023-12-17", "2019-12-16", 27, "agreement_ends_on", "2019-12-16", "signature"),
        ("programme.yaml", "min: 0.70", "min: 0.96", 65, "trust_share_min", "0.96", "dépasse trust_share_max"),
        ("decisions.csv", END, NOTED + "hier,A,B,,,,,\n", 2, "prise_le", "hier", "AAAA-MM-JJ"),
        ("decisions.csv", END, NOTED + "2022-01-01,A,,,,,,\n", 2, "porteur", "", "service"),
        ("decisions.csv", END, NOTED + "2022-01-01,A,B,dix,,,,\n", 2, "montant_eur", "dix", "en euros"),
        ("decisions.csv", END, NOTED + "2022-01-01,A,B,,repas,1,2022-06-01,\n", 2, "indicateur", "repas", "heures"),
        ("decisions.csv", END, NOTED + "2022-01-01,A,B,,heures,,2022-06-01,\n", 2, "attendu", "", "les trois"),
        ("decisions.csv", END, NOTED + "2022-01-01,A,B,,heures,9,2021-06-01,\n", 2, "echeance", "2021-06-01", "après"),
        ("populations.csv", ",16266,", ",beaucoup,", 2, "population", "beaucoup", "nombre d'habitants"),
        ("populations.csv", ",16266,2017-01-01,", ",16266,2017,", 2, "date_population", "2017", "AAAA-MM-JJ"),
        ("populations.csv", ",16266,2017-01-01,", ",16266,,", 2, "date_population", None, "avec sa date et sa source"),
        (
            "populations.csv",
            'municipale)",,,',
            'municipale)",20000,2018-01-01,Insee',
            2,
            "population_qpv",
            "20000",
            "16266",
        ),
        ("populations.csv", 'municipale)",,,', 'municipale)",120,,Insee', 2, "date_qpv", None, "valeur absente"),
        ("populations.csv", "75102,", "75101,", 3, "code_insee", "75101", "déjà à la ligne 2"),
        ("territory_changes.csv", "93066", "00000", 2, "code_actuel", "00000", "n'est pas celui"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    edit: Edit, file: str, old: str, new: str, line: int, column: str, value: str | None, words: str
) -> None:
    """Architecture: the configuration is validated at start, with file, line, column, value and how to mend."""
    with pytest.raises(ProgrammeError) as caught:
        load_programme(edit(file, old, new))
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.column) == (file, line, column)
    assert value is None or problem.value == value
    assert words in str(caught.value)
    assert f"{file}, ligne {line}" in str(caught.value)


def test_a_decision_is_read_as_a_person_writes_it(edit: Edit) -> None:
    """Issue 20, 3: text, date, who, amount; French words, dates of a spreadsheet, the whole address of the page."""
    line = '05/03/2022,"Relancer, vite",CCAS,12 000,Personnes formées,34 000,2022-12-31,'
    folder = edit(
        "decisions.csv", END, f"{NOTED}{line}http://localhost:8501/scenarios?reemission=50+%25&rythme=%2B20+%25\n"
    )
    (decision,) = load_programme(folder).decisions
    assert decision.model_dump() == {
        "prise_le": date(2022, 3, 5), "decision": "Relancer, vite", "porteur": "CCAS", "montant_eur": Decimal(12000),
        "indicateur": "people_reached", "attendu": 34000, "echeance": date(2022, 12, 31),
        "scenario": "reemission=50+%25&rythme=%2B20+%25",
    }  # fmt: skip


def test_populations_shipped_are_dated_and_sourced_and_qpv_are_said_unknown(programme: Programme) -> None:
    """Issue 20, 4: a row a commune of the Métropole; no number that nobody published."""
    rows = {row.code_insee: row for row in programme.populations}
    assert rows.keys() == {commune.code_insee for commune in programme.communes}
    assert (rows["94080"].population, rows["94080"].date_population) == (49_891, date(2017, 1, 1))
    assert all(row.population and row.source_population and row.date_population for row in rows.values())
    assert {row.population_qpv for row in rows.values()} == {None}


def test_every_mistake_of_a_file_is_told_at_once(edit: Edit) -> None:
    folder = edit("territories.csv", "94080,Vincennes,1", "94080,Vincennes,9")
    path = folder / "territories.csv"
    path.write_text(path.read_text("utf-8").replace("75118,Paris 18e arrondissement,1", "75118,,x"), "utf-8")
    with pytest.raises(ProgrammeError) as caught:
        load_programme(folder)
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, "nom"), (2, "ami"), (16, "ami")]


def test_the_number_of_territories_is_the_announced_one(edit: Edit) -> None:
    """Issue 2: 34 territories."""
    folder = edit("programme.yaml", "territories_target: 34", "territories_target: 35")
    with pytest.raises(ProgrammeError, match=r"territories\.csv : 34 territoires inscrits.* 35 .*ligne"):
        load_programme(folder)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("programme.yaml", "name: [a\n", "YAML"),
        ("programme.yaml", "", "aucun réglage"),
        ("programme.yaml", "name: a\nname: b\n", "deux fois"),
        ("programme.yaml", "name: [a, b]\n", "liste"),
        ("programme.yaml", "name: a\n", "réglage absent"),
        ("territories.csv", "", "colonne absente"),
        ("communes.geojson", "{}", "GeoJSON"),
    ],
)
def test_a_broken_file_gives_a_message_not_a_traceback(edit: Edit, file: str, content: str, words: str) -> None:
    folder = edit("programme.yaml", "name:", "name:")
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(ProgrammeError, match=words):
        load_programme(folder)


def test_a_missing_folder_or_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match="dossier de configuration introuvable"):
        load_programme(tmp_path / "absent")
    with pytest.raises(ProgrammeError, match=r"territories\.csv.*introuvable"):
        load_programme(tmp_path)


def test_a_table_saved_by_a_french_spreadsheet_is_read(edit: Edit, programme: Programme) -> None:
    """A user edits territories.csv with a spreadsheet: `;`, Windows-1252, dd/mm/yyyy, « Atteste »."""
    folder = edit("territories.csv", ",atteste,", ",Attesté,")
    path = folder / "territories.csv"
    text = path.read_text("utf-8").replace(",", ";").replace("2020-02-11", "11/02/2020")
    path.write_bytes(text.replace("\n", "\r\n").encode("cp1252"))
    plain = load_programme(folder)
    expected = [t.model_dump(exclude={"source"}) for t in programme.territories]
    assert [t.model_dump(exclude={"source"}) for t in plain.territories] == expected


def test_numbers_may_be_written_the_french_way(edit: Edit) -> None:
    folder = edit("programme.yaml", "3800000", "3 800 000,50")
    assert load_programme(folder).budget_eur == Decimal("3800000.50")


def test_the_environment_names_another_folder(edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures §4: PASSNUM_PROGRAMME takes another folder than the project's."""
    monkeypatch.setenv("PASSNUM_PROGRAMME", str(edit("programme.yaml", "name: Pass", "name: Autre Pass")))
    assert load_programme().name == "Autre Pass Numérique de la Métropole du Grand Paris"
