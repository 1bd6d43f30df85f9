"""docs/phrases.md names tests that exist: a sentence without its test would be found here."""

from __future__ import annotations

import ast
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


# --- No sentence stands in two places ---

ROOMS = ("presentation", "reporting", "dashboards", "orchestration", "warehouse")
#: Nine words in a row, the same in two files: a sentence written twice.
RUN = 9
#: The account of the mandate is drawn up apart, with the words of its own law.
_APART = "reporting/mandate/"


def sentences(code: str) -> list[str]:
    """The strings of a module for people: docstrings and SQL left out, « ¤ » where a value is put."""
    tree = ast.parse(code)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(str(part.value) if isinstance(part, ast.Constant) else " ¤ " for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            found.append(node.value)
    return [text for text in found if re.search(r"\b(?:select|from|insert|create)\b", text) is None]


def runs(text: str) -> set[str]:
    """Every run of RUN words of a text, blind to capitals, apostrophes and markup."""
    words = re.findall(r"[\w'¤]+", re.sub(r"<[^>]+>", " ", text.lower().replace("’", "'")))
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def test_no_sentence_is_written_in_two_places() -> None:
    """What several pages, documents, mails or commands say is written once (presentation/)."""
    root = PAGE.parents[1]
    places: dict[str, set[str]] = {}
    for path in (path for room in ROOMS for path in (root / room).rglob("*.py")):
        name = path.relative_to(root).as_posix()
        for run in {run for text in sentences(path.read_text(encoding="utf-8")) for run in runs(text)}:
            places.setdefault(run, set()).add(name)
    twice = {run: sorted(names) for run, names in places.items() if len(names) > 1}
    assert {run: names for run, names in twice.items() if not any(name.startswith(_APART) for name in names)} == {}


def test_a_sentence_written_again_is_seen() -> None:
    """In an f-string or not, with another figure, with markup, with typographic apostrophes."""
    one, other = (
        sentences(code)[0]
        for code in (
            """x = f"il reste {euros(left)} à appeler auprès de l'État au titre de sa part.\"""",
            """x = f"<b>Il reste {amount}</b> à appeler auprès de l’État au titre de sa part\"""",
        )
    )
    assert runs(one) & runs(other)
    assert not runs(one) & runs("il reste 3 € à engager auprès de l'État au titre de sa part")
    assert sentences('"""Docstring."""\nq = "select a from b"') == []


# --- No text says the value of a setting ---

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
