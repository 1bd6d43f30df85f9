"""Every page as a reader meets it, in one sheet a view: wide, dark, a phone, enlarged twice, printed (`make pictures`).

Pages are found in the menu of the server itself, whatever its version: two versions give sheets that compare. What
is told of a page (texts, axe) is in the tests; here a person looks.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pypdfium2
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET, serving, settle, until, visit
from tests.browser.questions import QUESTIONS, answer
from warehouse.settings import Home

#: Of each page, what fits in a thumbnail: its width, and three screens at most.
THUMBNAIL = 360
SCREENS = 3
#: Of a page on paper, its first sheets, at less than the resolution of a screen.
SHEETS = 4
INK = 0.8
COLUMNS = 6
CAPTION = 22
GAP = 8
#: A page has elements that scroll inside others: its height is that of the tallest.
HEIGHT = "Math.max(...[...document.querySelectorAll('*')].map(one => one.scrollHeight))"
#: Charts are drawn after the page is; and what a window grown taller shows settles in a moment.
DRAWN = "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(one => one.querySelector('canvas, svg'))"
MOMENT = 700


@dataclass(frozen=True)
class View:
    """One way to meet a page: a window (CSS pixels), how many dots a pixel, its colours; `printed`: on A4 paper."""

    name: str
    window: ViewportSize
    dots: float = 1
    colours: Literal["light", "dark"] = "light"
    printed: bool = False


VIEWS = (
    View("1440", {"width": 1440, "height": 900}),
    View("sombre", {"width": 1440, "height": 900}, colours="dark"),
    View("390", {"width": 390, "height": 844}),
    # A browser enlarged twice has half the pixels, each of two dots.
    View("200", {"width": 720, "height": 450}, dots=2),
    View("papier", {"width": 1440, "height": 900}, printed=True),
)


def menu(page: Page, site: str) -> list[tuple[str, str]]:
    """The title and the address of each page, in the order of the menu, then the sheets that lists link to."""
    visit(page, site)
    links = page.locator("[data-testid=stSidebar] a[href]")
    links.first.wait_for()  # the menu is drawn after the page
    found = [(link.inner_text().strip(), str(link.evaluate("node => node.href"))) for link in links.all()]
    visit(page, f"{site}/lieux")
    sheets = page.locator("a[href*='lieu=']")
    if sheets.count():
        found.append(("Fiche d'un lieu", str(sheets.first.evaluate("node => node.href"))))
    return [
        (title, address) for title, address in dict(found).items() if address.startswith(site) and "#" not in address
    ]


def picture(page: Page, address: str, view: View) -> Image.Image:
    """The page, from its top: three screens at most, or its sheets of paper side by side."""
    page.set_viewport_size(view.window)
    visit(page, address)
    _wait(page)
    if view.printed:
        return _paper(page)
    tall = min(int(page.evaluate(HEIGHT)), SCREENS * view.window["height"])
    page.set_viewport_size({"width": view.window["width"], "height": max(tall, view.window["height"])})
    settle(page)
    _wait(page)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _wait(page: Page) -> None:
    until(page, DRAWN)
    page.wait_for_timeout(MOMENT)


def _paper(page: Page) -> Image.Image:
    paper = pypdfium2.PdfDocument(page.pdf(format="A4"))
    sheets = [paper[place].render(scale=INK).to_pil() for place in range(min(len(paper), SHEETS))]
    width = max(sheet.width for sheet in sheets)
    whole = Image.new("RGB", (2 * width + GAP, -(-len(sheets) // 2) * (sheets[0].height + GAP)), "#B8C0CC")
    for place, sheet in enumerate(sheets):
        whole.paste(sheet, (place % 2 * (width + GAP), place // 2 * (sheet.height + GAP)))
    return whole


def sheet(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """The pictures in rows, each under its title; a row is as tall as its tallest."""
    small = [(title, one.resize((THUMBNAIL, round(one.height * THUMBNAIL / one.width)))) for title, one in pictures]
    rows = [small[start : start + COLUMNS] for start in range(0, len(small), COLUMNS)]
    heights = [max(one.height for _, one in row) + CAPTION + GAP for row in rows]
    whole = Image.new("RGB", (COLUMNS * (THUMBNAIL + GAP), sum(heights)), "#8793A5")
    pen, letters, top = ImageDraw.Draw(whole), ImageFont.truetype("DejaVuSans.ttf", 14), 0
    for row, height in zip(rows, heights, strict=True):
        for place, (title, one) in enumerate(row):
            left = place * (THUMBNAIL + GAP)
            pen.text((left + 4, top + 2), title, fill="white", font=letters)
            whole.paste(one, (left, top + CAPTION))
        top += height
    return whole


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def take(site: str, out: Path, prefix: str, kept: Path | None = None) -> None:
    """Write `out/prefix-VIEW.webp` for each view of the server at `site`; each picture whole in `kept`, to look at."""
    out.mkdir(parents=True, exist_ok=True)
    with _browser() as browser:
        pages = menu(browser.new_page(viewport=VIEWS[0].window), site)
        for view in VIEWS:
            context = browser.new_context(
                viewport=view.window, device_scale_factor=view.dots, color_scheme=view.colours, locale="fr-FR"
            )
            context.set_default_timeout(120_000)
            page = context.new_page()
            pictures = [(title, picture(page, address, view)) for title, address in pages]
            if kept is not None:
                kept.mkdir(parents=True, exist_ok=True)
                for place, (_, one) in enumerate(pictures):
                    one.save(kept / f"{prefix}-{view.name}-{place:02}.png")
            sheet(pictures).save(out / f"{prefix}-{view.name}.webp", quality=72, method=6)
            sys.stderr.write(f"{prefix}-{view.name} : {len(pictures)} pages\n")
            context.close()


def take_questions(site: str, out: Path) -> None:
    """Write `out/reunion-NAME.png` for each question of a committee: the screen where it is answered."""
    with _browser() as browser:
        page = browser.new_page(viewport=VIEWS[0].window, locale="fr-FR")
        page.set_default_timeout(120_000)
        for question in QUESTIONS:
            answer(page, site, question).wait_for()
            _wait(page)
            screen = Image.open(io.BytesIO(page.screenshot())).convert("P", palette=Image.Palette.ADAPTIVE)
            screen.save(out / f"reunion-{question.name}.png", optimize=True)


def main() -> None:
    """`python -m tests.browser.pictures --home HOME --out FOLDER`, or `--address` of a server that runs."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, default=Path("data"))
    asked.add_argument("--address", help="a server that runs already, of any version")
    asked.add_argument("--out", type=Path, default=Path("docs/images"))
    asked.add_argument("--prefix", default="pages")
    asked.add_argument("--kept", type=Path, help="a folder for each picture whole")
    given = asked.parse_args()
    if given.address:
        take(given.address.rstrip("/"), given.out, given.prefix, given.kept)
        return
    if not Home.at(given.home).published.exists():
        asked.error(f"{given.home}: nothing is published there (passnum run --home {given.home})")
    with serving(given.home) as site:
        take(site, given.out, given.prefix, given.kept)
        take_questions(site, given.out)


if __name__ == "__main__":
    main()
