"""What a committee asks in a meeting is answered in two clicks at most, on the first screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE
from tests.browser.questions import QUESTIONS, Question, answer

MOST = 2


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_committee_s_question_is_answered_in_two_clicks(site: str, tab: Page, question: Question) -> None:
    assert len(question.clicks) <= MOST
    found = answer(tab, site, question)
    expect(found).to_contain_text(question.says)
    place = found.bounding_box()
    assert place is not None and place["y"] < WIDE["height"], "the answer begins on the first screen"
