"""docs/phrases.md names tests that exist: a sentence without its test would be found here."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from data_quality import registry
from data_quality.expectations import Check

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "phrases.md"


def test_every_test_that_the_page_names_exists() -> None:
    known = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 40
    assert named - known == set()


def test_every_place_that_the_page_names_exists_and_no_sentence_is_written_twice() -> None:
    """One place a sentence: the pages, the bilan and the mails ask for it there."""
    rows = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    named = {place for row in rows for place in re.findall(r"`([\w/]+(?:\.py|/))`", row[1])}
    assert len(named) > 15
    assert [place for place in sorted(named) if not (PAGE.parents[1] / place).exists()] == []
    twice = {name for name in (row[0] for row in rows) if [row[0] for row in rows].count(name) > 1}
    assert twice == set()


# A text that is the same for every version may not say the value of a setting: it would be false once it is changed.
_VALUES_OF_SETTINGS = re.compile(
    r"100\s?000|34\s?000|\bles 34\b|50\s?% de public|public PIC de 50|1,8\s?M|3,8\s?M|20\s?% de lignes rejetées"
    r"|tolérance d'un mois|un mois après la fin de validité|\b90 jours|\b35 jours"
)


@pytest.mark.parametrize("check", registry.all_checks(), ids=lambda check: check.code)
def test_no_text_of_a_check_says_the_value_of_a_setting(check: Check) -> None:
    told = " ".join((check.sentence, check.expected, check.why, check.mend))
    assert _VALUES_OF_SETTINGS.search(told) is None, told


def test_no_definition_says_the_value_of_a_setting() -> None:
    seed = TESTS.parent / "dbt_project" / "seeds" / "indicator_dictionary.csv"
    with seed.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            assert _VALUES_OF_SETTINGS.search(" ".join(row.values())) is None, row["code"]
