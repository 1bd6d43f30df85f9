"""Between two published versions: which figures moved, by how much, and because of which files and lines."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import fastexcel
import polars as pl
import pytest

from tests.conftest import passnum_here
from tests.integration.road.conftest import CORRECTION, Passnum
from warehouse.published.diff import Difference, DiffError, compare
from warehouse.published.versions import find_version
from warehouse.settings import Home


def _spaces(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.fixture(scope="module")
def difference(corrected_home: Path) -> Difference:
    """Of the corrected home and the golden one, by every line the lake keeps."""
    place = Home.at(corrected_home)
    return compare(find_version(place, "previous"), find_version(place, "last"), lake=place.lake)


def test_a_correction_is_explained_to_the_line(corrected_home: Path, difference: Difference) -> None:
    """U002, one of three passes of an attendance, is cancelled later: a pass and ten euros less, not an hour less.

    The correcting deliveries also repeat U001 and U003 word for word: a line said again moves nothing.
    """
    again = ["utilisations_2022-11-20.csv", "utilisations_2022-11-25.csv"]
    assert difference.files_added == [CORRECTION, *again]
    assert difference.files_removed == []
    assert {movement.indicator: movement.change for movement in difference.movements} == {
        "passes_used": -1,
        "face_value_used_eur": -10,
        "reimbursed_eur": -10,
        "state_share_due_eur": -5,
    }
    for moved in difference.movements:
        (cause,) = moved.causes
        assert cause.effect == pytest.approx(moved.change), moved.indicator
        assert (cause.file_name, cause.lines_corrected, cause.example_lines) == (CORRECTION, 1, [3])
        assert cause.replaced_files == ["utilisations_2022-10-31.csv"]
    assert difference.territories == [("94080", "Vincennes")]

    told = _spaces(passnum_here("diff", home=corrected_home))
    assert "3 fichiers de plus, 0 de moins" in told
    assert f"De plus : {', '.join([CORRECTION, *again])}" in told
    assert "Pass utilisés : 20 → 19 (−1)" in told
    assert f"−1 : {CORRECTION} — 1 ligne qui corrige (ligne 3), à la place de utilisations_2022-10-31.csv" in told
    assert "1 territoire dont les chiffres ont bougé : 94080 Vincennes" in told
    assert "Aucun chiffre du programme n'a bougé" in passnum_here("diff", "last", "last", home=corrected_home)
    assert "place est déjà prise" in passnum_here("diff", "--out", __file__, home=corrected_home, exit_code=1)
    assert "Aucune version « 1999 »" in passnum_here("diff", "1999", "last", home=corrected_home, exit_code=1)


def test_the_delivery_that_brought_a_change_is_named_not_those_that_repeat_it(
    corrected_home: Path, difference: Difference, tmp_path: Path
) -> None:
    """The correction of 15 November is said again, word for word, on the 20th and the 25th."""
    place = Home.at(corrected_home)
    assert {cause.file_name for moved in difference.movements for cause in moved.causes} == {CORRECTION}
    without = compare(find_version(place, "previous"), find_version(place, "last"))
    (told_without,) = without.movements[0].causes
    assert told_without.file_name == "utilisations_2022-11-25.csv", "the lake is what tells them apart"

    passnum_here("diff", "--out", str(tmp_path / "tables"), home=corrected_home)
    figures = pl.read_csv(tmp_path / "tables" / "chiffres.csv")
    lines = pl.read_csv(tmp_path / "tables" / "lignes.csv")
    deliveries = pl.read_csv(tmp_path / "tables" / "livraisons.csv")
    for table in (lines, deliveries):
        summed = table.group_by("indicateur").agg(pl.col("effet").sum())
        assert dict(summed.sort("indicateur").rows()) == pytest.approx(dict(figures["indicateur", "ecart"].rows()))
    assert set(lines["fichier"]) == {CORRECTION} == set(deliveries["fichier"])
    assert set(lines["nature"]) == {"ligne qui corrige"}
    assert set(deliveries["livraison"]) == {"de plus"}
    assert fastexcel.read_excel(tmp_path / "tables" / "differences.xlsx").sheet_names == [
        "Chiffres",
        "Livraisons",
        "Lignes",
    ]


def test_a_version_from_before_figures_kept_their_lines_is_said_so(published_home: Path, passnum: Passnum) -> None:
    """A version without proof.contribution cannot be compared: the sentence says what to do, not a SQL error."""
    place = Home.at(published_home)
    last = find_version(place, "last")
    old = last.with_name("passnum-20200101T000000Z-000000.duckdb")
    shutil.copyfile(last, old)
    with duckdb.connect(str(old)) as con:
        con.execute("drop schema proof cascade")
    with pytest.raises(DiffError, match="construite avant que chaque chiffre ne garde ses lignes"):
        compare(old, last)
    told = passnum("diff", "2020", "last")
    assert told.exit_code == 1
    assert "« passnum run --as-of 2022-" in _spaces(told.output)


def test_a_version_from_before_its_measures_had_words_is_compared_all_the_same(
    corrected_home: Path, tmp_path: Path
) -> None:
    """Versions kept when a measure's label was in the indicators alone, and one that did not have a measure yet."""
    place = Home.at(corrected_home)
    old, last = tmp_path / "passnum-old.duckdb", find_version(place, "last")
    shutil.copyfile(find_version(place, "previous"), old)
    with duckdb.connect(str(old)) as con:
        con.execute("alter table proof.measure drop column label")
        con.execute("delete from proof.measure where code = 'reimbursed_eur'")
        con.execute("delete from marts.programme_progress where indicator = 'reimbursed_eur'")
    moved = {one.indicator: one for one in compare(old, last, lake=place.lake).movements}
    assert moved["passes_used"].change == -1
    (cause,) = moved["passes_used"].causes
    assert (cause.file_name, cause.effect) == (CORRECTION, -1)
    assert moved["reimbursed_eur"].before is None
    assert sum(cause.effect for cause in moved["reimbursed_eur"].causes) == pytest.approx(moved["reimbursed_eur"].after)


def test_the_figures_of_a_territory_are_explained_too(hindered_home: Path) -> None:
    """P08 is corrected: prescribed in Vincennes, not Saint-Denis. Its person comes, and its uses, counted otherwise."""
    place = Home.at(hindered_home)
    versions = find_version(place, "previous"), find_version(place, "last")
    difference = compare(*versions, "94080")
    moved = {movement.indicator: movement for movement in difference.movements}
    for movement in difference.movements:
        assert sum(cause.effect for cause in movement.causes) == pytest.approx(movement.change), movement.indicator
    (person,) = moved["people_equipped"].causes
    assert (person.effect, person.file_name, person.lines_corrected) == (1, "prescriptions_2022-12-01.csv", 1)
    # U009–U011 are C011's; U020 of 1 December is now on or before the date of the data: it counts from today.
    (uses_of_carnet,) = moved["passes_used"].causes
    assert (uses_of_carnet.effect, uses_of_carnet.lines_changed) == (4, 4)
    assert {"93066", "94080"} <= {code for code, _ in difference.territories}
    told = _spaces(passnum_here("diff", "--territory", "94080", home=hindered_home))
    assert "+1 : prescriptions_2022-12-01.csv — 1 ligne qui corrige (ligne 2)" in told
    with pytest.raises(DiffError, match="Aucune des deux versions ne donne de chiffres au territoire « 99999 »"):
        compare(*versions, "99999")
