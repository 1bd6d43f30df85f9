"""The letters in the widths of three mail clients: what is told stands in its frame."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from reporting.quality.page import write_notice_html
from tests.browser.document_pictures import WIDTHS
from tests.unit.reporting.test_quality_notice import letter

#: Of each element of the page, how far it goes beyond the frame it is in.
BEYOND = """
[...document.querySelectorAll('.problem *')].map(one =>
    one.getBoundingClientRect().right - one.closest('.problem').getBoundingClientRect().right)
"""


@pytest.mark.parametrize("width", WIDTHS)
def test_the_columns_of_a_letter_stand_in_their_frame(chromium: Browser, width: int) -> None:
    """At 600 pixels, those that a lieu sees ran over the edge: they are under one another up to 640."""
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.set_content(write_notice_html(letter()))
    beyond = page.evaluate(BEYOND)
    assert len(beyond) > 20 and max(beyond) <= 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".seen .heads").first.is_visible() == (width > 640)
    page.close()
