"""The documents as their recipients open them, in one picture a document (`make document-pictures`).

Draws what a home has issued: the account and the bilan of a year, the ANCT workbook as LibreOffice prints it (where it
is installed), three mails in the widths of three clients, the open data's README. Figures and tags are tested
elsewhere; here a person looks. Does not live here: the pages (pictures.py).
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2
from markdown_it import MarkdownIt
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from presentation.french import bind
from reporting.files.editions import Edition, editions
from reporting.quality.letters import with_signature
from reporting.quality.report import HTML
from tests.browser.conftest import CHROMIUM, QUIET
from warehouse.settings import Home

#: Pixels: a phone, the pane of a mail program, a window.
WIDTHS = (320, 600, 900)
#: Of a mail, its first screens; of all, the colours that a page of text needs.
TALLEST, COLOURS, GAP = 1000, 16, 10
GREY = "#8793A5"
#: Whose answer the mails of the pictures give: `mail.yaml` is empty until a team fills it.
CONTACT = "Mission inclusion numérique, pass-numerique@metropole.example, 01 00 00 00 00"


def side_by_side(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """The pictures in rows, at their own size."""
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    width = max(sum(one.width + GAP for one in row) for row in rows)
    whole = Image.new("RGB", (width, sum(max(one.height for one in row) + GAP for row in rows)), GREY)
    top = 0
    for row in rows:
        left = 0
        for one in row:
            whole.paste(one, (left, top))
            left += one.width + GAP
        top += max(one.height for one in row) + GAP
    return whole


def printed(path: Path, pages: Sequence[int] | None, scale: float) -> list[Image.Image]:
    """Pages of a PDF, by their rank (−1: the last); None: all."""
    with pypdfium2.PdfDocument(path) as document:
        chosen = range(len(document)) if pages is None else [rank % len(document) for rank in pages]
        return [document[rank].render(scale=scale).to_pil() for rank in chosen]


def account(edition: Edition) -> Image.Image:
    """Who, the balance, the operations, the payments, the pieces, the page to sign."""
    (path,) = edition.folder.glob("*.pdf")
    return side_by_side(printed(path, (0, 1, 2, 4, -2, -1), 0.8), 2)


def bilan(edition: Edition) -> Image.Image:
    (path,) = edition.folder.glob("*.pdf")
    return side_by_side(printed(path, None, 0.8), 3)


def workbook(edition: Edition) -> Image.Image | None:
    """Its first sheets on paper; None without LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        return None
    (path,) = edition.folder.glob("*.xlsx")
    with tempfile.TemporaryDirectory() as made:
        command = [office, f"-env:UserInstallation=file://{made}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run([*command, "--outdir", made, str(path)], check=True, capture_output=True, timeout=600)
        (pdf,) = Path(made).glob("*.pdf")
        first, summary, territories = printed(pdf, (0, 1, 2), 0.9)
    return side_by_side([first.crop((0, 0, first.width, summary.height)), summary, territories], 3)


def mails(browser: Browser, folder: Path) -> Image.Image:
    """A lieu's letter, a prescriber's, the team's report: a row each, a column a width."""
    wanted = ("lieu-*", "prescripteur-*", "complet")
    chosen = [sorted(folder.glob(name))[0] for name in wanted if any(folder.glob(name))]
    shots = []
    for one in chosen:
        _, html = with_signature("", (one / HTML).read_text(encoding="utf-8"), CONTACT)
        shots += [_shot(browser, html, width, TALLEST) for width in WIDTHS]
    return side_by_side(shots, len(WIDTHS))


def readme(browser: Browser, edition: Edition) -> Image.Image:
    text = (edition.folder / "README.md").read_text(encoding="utf-8")
    style = "font-family:Arial,sans-serif;line-height:1.45;margin:24px"
    page = MarkdownIt("commonmark").enable("table").render(text)
    return _shot(browser, f"<html lang=fr><body style='{style}'>{bind(page)}</body></html>", 900, None)


def _shot(browser: Browser, html: str, width: int, tallest: int | None) -> Image.Image:
    page = browser.new_page(viewport={"width": width, "height": 600}, locale="fr-FR")
    page.set_content(html)
    found = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    page.close()
    return found if tallest is None else found.crop((0, 0, found.width, min(found.height, tallest)))


def take(home: Home, letters: Home, year: int, out: Path) -> list[str]:
    """Write `out/document-NAME.png` for each document. Returns what is not drawn, and why."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        drawn: dict[str, tuple[str, Callable[[Edition], Image.Image | None]]] = {
            "compte": ("mandat", account),
            "bilan": ("bilan", bilan),
            "anct": ("anct", workbook),
            "donnees-ouvertes": ("open-data", lambda edition: readme(browser, edition)),
        }
        lacking = []
        for name, (kind, draw) in drawn.items():
            found = editions(home.reports / kind / str(year))
            picture = draw(found[-1]) if found else None
            if picture is None:
                lacking.append(f"{name}: " + ("soffice is not installed" if found else f"no edition of {year}"))
            else:
                _save(picture, out / f"document-{name}.png")
        reports = sorted(path for path in (letters.reports / "qualite").glob("*") if (path / "complet").is_dir())
        if reports:
            _save(mails(browser, reports[-1]), out / "document-courriels.png")
        else:
            lacking.append("courriels: no quality report")
        browser.close()
    return lacking


def _save(picture: Image.Image, path: Path) -> None:
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(path, optimize=True)


def main() -> None:
    """`python -m tests.browser.document_pictures --home HOME --year 2022 [--letters OTHER_HOME]`."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, default=Path("data"))
    asked.add_argument("--letters", type=Path, help="the home whose quality report is drawn (that of --home)")
    asked.add_argument("--year", type=int, default=2022)
    asked.add_argument("--out", type=Path, default=Path("docs/images"))
    given = asked.parse_args()
    for lacking in take(Home.at(given.home), Home.at(given.letters or given.home), given.year, given.out):
        sys.stderr.write(f"{lacking}\n")


if __name__ == "__main__":
    main()
