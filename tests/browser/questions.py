"""Five questions that a committee asks in a meeting: the links to click from the first page, and where the answer is.

Tried by test_questions.py; taken as pictures, in docs/reunion.md, by pictures.py. Does not live here: the answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.browser.conftest import settle, visit


@dataclass(frozen=True)
class Question:
    """A question; clicks: the links to follow, by what they say; answered: a selector, then what is read there."""

    name: str
    asked: str
    clicks: tuple[str | re.Pattern[str], ...]
    answered: str
    says: re.Pattern[str]


QUESTIONS = (
    Question(
        "objectifs",
        "Atteindra-t-on les objectifs avant la fin du mandat ?",
        (),
        ".pn-answer",
        re.compile(r"Atteindra-t-on les objectifs.*(Oui|Non|Incertain|Pas encore connu)", re.DOTALL),
    ),
    Question(
        "expiration",
        "Quels pass allons-nous perdre, et d'ici quand ?",
        ("Pass à sauver",),
        ".pn-table",
        re.compile(r"Dernier jour utilisable.*\d{2}/\d{2}/\d{4}.*€", re.DOTALL),
    ),
    Question(
        "territoires",
        "Quels territoires touchent le plus d'habitants, et lesquels décrochent ?",
        ("Territoires",),
        "p:has-text('Moyenne du programme')",
        re.compile(r"Moyenne du programme : [\d,]+.*pour 1 000 habitants", re.DOTALL),
    ),
    Question(
        "fiche",
        "Où en est une commune, et que dire à ses élus ?",
        ("Territoires", "Montreuil"),
        ".pn-answer",
        re.compile(r"Où en est le territoire"),
    ),
    Question(
        "etat",
        "Combien l'État doit-il encore à la Métropole ?",
        ("Budget",),
        ".pn-card:has-text('appeler')",
        re.compile(r"appeler.*\d\s€", re.DOTALL),
    ),
)


def answer(tab: Page, site: str, question: Question) -> Locator:
    """From the first page, follow the links of the question. Returns where the answer is."""
    visit(tab, site)
    for name in question.clicks:
        tab.get_by_role("link", name=name, exact=True).first.click()
        settle(tab)
    return tab.locator(question.answered).first
