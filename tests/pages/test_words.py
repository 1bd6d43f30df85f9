"""No code on the pages: no name of a table, of a column or of a setting, no « (s) »; a file and its fields keep theirs.

The pages are those of the menu: a new one is read as soon as it is there. Does not live here: the words of Streamlit's
own parts (tests/browser/test_pages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import Rights
from ingestion.contract import load_contracts
from ingestion.receipt import Reason
from presentation import labels
from tests.pages.drawn import Element, blocks

Open = Callable[..., AppTest]
#: A file as it was delivered or made, a file of the settings, a command to type: what a person has under that name.
_NAMED = re.compile(r"[^«»\n]*?\.(?:csv|xlsx|zip|txt|tsv|pdf|html|duckdb|gz)\b|« passnum [^»]+»")
_CODE = re.compile(r"\w*[a-z0-9]_[a-z0-9]\w*|\b(?:core|marts|proof|quality)\.\w+|\w\((?:s|e|es|nt)\)")
_ENGLISH = re.compile(r"\b(?:the|of|and|with|loaded|rejected|missing|unknown|columns?|rows?|build|empty)\b")
_INLINE = ("a", "abbr", "em", "span", "strong", "wbr")
PAGES = {page.address or "vue": page.file for page in menu.entries()}


def text_of(element: Element) -> str:
    """The text of an element, on lines of their own for each part that is a block: a cell is not read with the next."""
    told = ""
    for part in element.inside:
        if isinstance(part, str):
            told += part
        elif part.tag not in ("style", "script"):
            told += text_of(part) if part.tag in _INLINE else f"\n{text_of(part)}\n"
    return told


def words(pages: AppTest) -> str:
    """What the page says, a part a line."""
    written = [*pages.markdown, *pages.warning, *pages.info, *pages.error]
    return "\n".join([*(text_of(block) for block in blocks(pages)), *(str(one.value) for one in written)])


def codes(text: str) -> set[str]:
    """What is no French word, in a text of which the fields of the exports are let by."""
    fields = {field.name for contract in load_contracts().values() for field in contract.fields}
    left = _NAMED.sub(" ", text)
    return {code for code in _CODE.findall(left) if code not in fields} | set(_ENGLISH.findall(left))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_no_code(at_address: Open, address: str) -> None:
    """Issue 20, 6: « core.dim_territory », « missing_columns », « 0 ligne(s) » are for nobody who reads a page."""
    assert codes(words(at_address(PAGES[address]))) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Chaque territory_code est connu",
        "lu dans core.pass",
        "0 ligne(s) en défaut",
        "Motif missing_columns",
        "the end",
    ],
)
def test_a_code_is_found(text: str) -> None:
    assert codes(text)


def test_every_reason_to_refuse_a_file_has_its_words() -> None:
    assert set(get_args(Reason)) == set(labels.FILE_REASON)


@pytest.mark.parametrize("address", ["territoires", "territoire", "scenarios"])
def test_a_reader_outside_the_team_is_sent_to_no_file_of_the_settings(
    at_address: Open, read_by: Callable[[Rights], None], address: str
) -> None:
    """The team edits them; a member of the committee, or an elected official, has none."""
    settings = re.compile(r"\w+\.(?:csv|yaml)\b")
    assert settings.search(words(at_address(PAGES[address]))), "the team is told where to write"
    read_by(Rights("comite"))
    assert not settings.search(words(at_address(PAGES[address])))
