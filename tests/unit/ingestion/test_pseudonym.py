"""One person is one pseudonym however their identifier is written (exports §4)."""

from __future__ import annotations

import hashlib
import hmac

import polars as pl
import pytest

from ingestion.pseudonym import RULES, normalise, pseudonymise
from ingestion.receipt import IDENTIFIER_RULE
from tests.unit.ingestion.kit import SECRET

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
BLANKS = " \t\u00a0\u202f\u2009\u200b\u200c\u200d\ufeff\u2060\u00ad"
SPELLINGS = ["ab-12", "AB 12", "Ab12", " aB--12 ", *(f"ab{mark}12" for mark in DASHES + BLANKS)]


def _keys(*identifiers: str | None, rule: int = IDENTIFIER_RULE) -> list[str | None]:
    return pseudonymise(pl.Series(identifiers, dtype=pl.String), SECRET, rule).to_list()


@pytest.mark.parametrize(
    "alike",
    [
        SPELLINGS,
        ["é-1", "e\u0301-1", "É1", "E\u03011"],
        ["12", "12.0", "12,0", "12.00", "1 2.0"],
        ["0012", "00-12", "0012.0"],
    ],
)
def test_one_person_is_one_pseudonym_in_every_spelling(alike: list[str]) -> None:
    """Neither case, blanks (no-break, narrow, zero-width), hyphens of any kind, composition nor the `.0` of a sheet."""
    assert len(set(_keys(*alike))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("0012", "12"), ("É1", "E1"), ("A.0", "A"), ("12.5", "12"), ("120", "12.0"), ("1.0.0", "1"), ("A_1", "A1")],
)
def test_two_people_stay_two(one: str, other: str) -> None:
    """Leading zeros and accents stay; a `.0` counts where what stands before is not digits alone."""
    first, second = _keys(one, other)
    assert first != second


def test_an_identifier_of_which_nothing_is_left_is_a_missing_one() -> None:
    """Hyphens and blanks alone name nobody: all those people would be one."""
    assert _keys("--", " \u2014 ", "\u200b", None) == [None] * 4
    assert _keys() == []


def test_the_pseudonym_is_the_hmac_of_the_one_spelling() -> None:
    """Equal to Python's, in the order of the identifiers; rule 0 is that of a lake from before: as it was written."""
    expected = hmac.new(SECRET, b"AB12", hashlib.sha256).hexdigest()
    assert _keys("ab-12", None, "AB 12") == [expected, None, expected]
    assert _keys("ab-12", rule=0) == [hmac.new(SECRET, b"ab-12", hashlib.sha256).hexdigest()]


def test_todays_rule_is_the_last_and_changes_nothing_twice() -> None:
    """A spelling given again is itself."""
    assert max(RULES) == IDENTIFIER_RULE
    spelled = pl.DataFrame({"a": [*SPELLINGS, "12-3.0", "ß-1", "1.0.0", "\u01f0"]}).select(normalise(pl.col("a")))
    assert spelled.select(normalise(pl.col("a"))).equals(spelled)
