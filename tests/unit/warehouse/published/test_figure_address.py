"""The code of a figure: read back as it was written, and never taken for another when it is mistyped."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from warehouse.published.figure_address import AddressError, Figure, joined, read, write

BUILD = "20261126T114208Z-4a7cab"
DICTIONARY = Path(__file__).parents[4] / "dbt_project" / "seeds" / "indicator_dictionary.csv"
with DICTIONARY.open(encoding="utf-8", newline="") as _lines:
    CODES = [row["code"] for row in csv.DictReader(_lines)]
FIGURES = [
    Figure("hours", BUILD),
    Figure("hours", BUILD, "territory", "94080"),
    Figure("passes_used", BUILD, "territory", "2A004", date(2022, 1, 1), date(2022, 6, 1)),
    Figure("passes_used", BUILD, "lieu", "21940080300017", None, date(2022, 6, 1)),
    Figure("passes_used", BUILD, "lieux", "", date(2022, 1, 1)),
    Figure("passes_used", BUILD, "lieux", "94080"),
]
#: Longer: of several places, of a call for projects, of the mandate's account.
WIDER = [
    Figure("passes_used", BUILD, "account", "94080"),
    Figure("passes_used", BUILD, "account", "", ami=2),
    Figure("received_eur", BUILD, start=date(2021, 1, 1), end=date(2021, 12, 1), ami=1),
    Figure("passes_used", BUILD, "territory", joined(["94080", "2A004", "93066"]), date(2022, 1, 1), ami=1),
    Figure("hours", BUILD, "lieux", joined(str(93001 + place) for place in range(34)), ami=2),
    Figure("hours", BUILD, "lieu", joined(["21940080300017", "21930660300021"])),
]


@pytest.mark.parametrize("figure", [*FIGURES, *WIDER], ids=lambda figure: f"{figure.place}-{figure.code}"[:40])
def test_a_code_reads_back_as_its_figure(figure: Figure) -> None:
    assert read(write(figure), CODES) == figure
    assert len({write(other) for other in [*FIGURES, *WIDER]}) == len(FIGURES) + len(WIDER)


def test_the_order_of_several_places_does_not_count() -> None:
    one, other = (
        Figure("hours", BUILD, "territory", joined(codes)) for codes in (["94080", "93066"], ["93066", "94080"])
    )
    assert write(one) == write(other)
    assert one.codes == ("93066", "94080")


@pytest.mark.parametrize("indicator", CODES)
def test_every_indicator_of_the_dictionary_has_an_address(indicator: str) -> None:
    """Its two bytes are no other's: a new indicator that met one would have to be named otherwise."""
    assert read(write(Figure(indicator, BUILD)), CODES).indicator == indicator


def test_a_code_is_short_enough_to_be_copied_by_hand() -> None:
    assert write(FIGURES[0]) == "PN-037EA-TR83C-84MZ5-B03TJ-C"
    assert max(len(write(figure)) for figure in FIGURES) <= 50


def test_a_hand_may_write_it_its_own_way() -> None:
    """Small letters, no dashes, spaces, the letter O for a zero and L or I for a one."""
    code = write(FIGURES[1])
    for way in (
        code.lower(),
        code.replace("-", " "),
        code.replace("-", ""),
        code.replace("0", "o"),
        code.replace("1", "l"),
    ):
        assert read(way, CODES) == FIGURES[1]


def test_one_letter_wrong_is_seen() -> None:
    """Every letter, replaced by every other: the key never lets a wrong code through as another figure."""
    code, taken = write(FIGURES[1]), 0
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for position in range(3, len(code)):
        if code[position] == "-":
            continue
        for letter in letters.replace(code[position], ""):
            try:
                found = read(code[:position] + letter + code[position + 1 :], CODES)
            except AddressError:
                continue
            taken += found != FIGURES[1]
    assert taken == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "un code commence par"),
        ("hours", "un code commence par"),
        ("PN-401", "mal recopié"),
        ("PN-éé", "un code commence par"),
        (write(FIGURES[0])[:-3], "mal recopié"),
    ],
)
def test_what_is_no_code_is_said_so(text: str, words: str) -> None:
    with pytest.raises(AddressError, match=words):
        read(text, CODES)


def test_an_indicator_taken_away_is_said_so() -> None:
    with pytest.raises(AddressError, match="ne connaît plus"):
        read(write(FIGURES[0]), [code for code in CODES if code != "hours"])


def test_a_version_without_a_published_name_has_no_address() -> None:
    with pytest.raises(AddressError, match="n'a pas un nom de version"):
        write(Figure("hours", "essai"))
