"""The figures of a page, from the HTML that the server sends: the browser only lays it out.

Does not live here: running the page (conftest.py), what a figure must open (test_every_figure.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NamedTuple

from streamlit.testing.v1 import AppTest

#: Elements without an end.
_VOID = {"br", "hr", "img", "input", "wbr"}


class Shown(NamedTuple):
    """A figure as the page shows it. `where`: its table or its card; `row`: which row of the table, 0 on a card;
    `opens`: the address its link leads to; `is_told`: a sentence tells what it comes from."""

    where: str
    row: int
    text: str
    opens: str | None
    is_told: bool


@dataclass
class Element:
    """An element and what is in it, in order."""

    tag: str
    attributes: dict[str, str | None]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its text, as a browser reads it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    def all(self, tag: str, of_class: str = "") -> Iterator[Element]:
        """Every element of this tag, and of this class where one is named, at any depth, in order."""
        for part in self.inside:
            if isinstance(part, Element):
                if part.tag == tag and (not of_class or of_class in (part.attributes.get("class") or "").split()):
                    yield part
                yield from part.all(tag, of_class)

    def one(self, tag: str, of_class: str = "") -> Element | None:
        """The first of them."""
        return next(self.all(tag, of_class), None)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def blocks(pages: AppTest) -> list[Element]:
    """Every block of HTML of the page, read."""
    return [read(node.proto.body) for node in pages.get("html")]


def read(html: str) -> Element:
    """What a piece of HTML holds."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0]


def number(text: str) -> float:
    """The number that a text shows."""
    return float(re.sub(r"[^\d,−-]", "", text).replace(",", ".").replace("−", "-"))


def said(pages: AppTest) -> str:
    """All the text of the page, its warnings and sentences included, in the order of their kinds."""
    written = [*pages.markdown, *pages.warning, *pages.info, *pages.error]
    return " ".join([*(block.text for block in blocks(pages)), *(str(node.value) for node in written)])


def tables(pages: AppTest, caption: str) -> list[list[list[str]]]:
    """The cells of every table of the page that has this name, row by row, as a person reads them."""
    regions = [div for block in blocks(pages) for div in block.all("div", "pn-scroll")]
    return [
        [
            [cell.text for cell in row.inside if isinstance(cell, Element)]
            for body in region.all("tbody")
            for row in body.all("tr")
        ]
        for region in regions
        if region.attributes["aria-label"] == caption
    ]


def table(pages: AppTest, caption: str) -> list[list[str]]:
    """The cells of the one table of that name."""
    (rows,) = tables(pages, caption)
    return rows


def figures(pages: AppTest) -> list[Shown]:
    """Every figure of the page, in its order."""
    return [figure for block in blocks(pages) for figure in (*_of_tables(block), *_of_cards(block))]


def _of_tables(block: Element) -> Iterator[Shown]:
    told = block.one("p", "pn-derived") is not None
    for table in block.all("table", "pn-table"):
        caption = table.one("caption")
        assert caption is not None
        for rank, row in enumerate(table.all("tr")):
            for cell in row.inside:
                if isinstance(cell, Element) and "data-figure" in cell.attributes:
                    link = cell.one("a", "pn-opens")
                    opens = link.attributes["href"] if link is not None else None
                    yield Shown(caption.text, rank, cell.text, opens, told and "data-derived" in cell.attributes)


def _of_cards(block: Element) -> Iterator[Shown]:
    for card in block.all("section", "pn-card"):
        heading, value = card.one("h3"), card.one("p", "pn-value")
        if heading is None or value is None:
            continue
        whys = [why for why in card.all("p", "pn-why") if "pn-derived" not in str(why.attributes["class"])]
        links = [link.attributes["href"] for why in whys for link in why.all("a")]
        yield Shown(heading.text, 0, value.text, links[0] if links else None, card.one("p", "pn-derived") is not None)
