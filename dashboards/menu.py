"""The menu of the pages, read from the pages themselves: a new page is one new file of app_pages/, and nothing else.

A page says its TITLE and its place, MENU = (section, rank); without MENU it is only linked to. ADDRESS where the end of
its address is not the name of its file. Read, not imported: importing a page draws it. Does not live here: drawing the
menu (app.py).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PAGES = Path(__file__).resolve().parent / "app_pages"
#: The pages of a home that unites several programmes (passnum union).
NATIONAL_PAGES = PAGES.with_name("national_pages")
#: In this order; a section that a page names and that is not here comes after.
SECTIONS = ("Piloter", "Rendre compte", "Comprendre")


@dataclass(frozen=True)
class Entry:
    """A page. section: None for a page outside the menu. address: empty for the first page."""

    file: Path
    title: str
    address: str
    section: str | None
    rank: int


def entries(folder: Path = PAGES) -> list[Entry]:
    """Every page of the folder: those of the menu in its order, then those that are only linked to.

    Raises ValueError, naming the file, for a page that does not say its title.
    """
    files = [path for path in folder.glob("*.py") if path.stem != "__init__"]
    return sorted((_entry(path, path.stat().st_mtime_ns) for path in files), key=_place)


def entry(file: Path) -> Entry:
    """What one page says of itself."""
    return _entry(file, file.stat().st_mtime_ns)


def sections(found: list[Entry]) -> dict[str, list[Entry]]:
    """The pages of the menu, by section."""
    names = dict.fromkeys(page.section for page in found if page.section is not None)
    return {name: [page for page in found if page.section == name] for name in names}


@lru_cache(maxsize=64)
def _entry(file: Path, _written: int) -> Entry:
    """Once for a file as it is written."""
    said = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("TITLE", "MENU", "ADDRESS")
    }
    if "TITLE" not in said:
        raise ValueError(f'{file.name}: a page says its title (TITLE = "…") and its place (MENU = ("…", 1))')
    section, rank = said.get("MENU", (None, 0))
    return Entry(file, said["TITLE"], said.get("ADDRESS", file.stem), section, rank)


def _place(page: Entry) -> tuple[int, str, int, str]:
    if page.section is None:
        return len(SECTIONS) + 1, "", 0, page.title
    order = SECTIONS.index(page.section) if page.section in SECTIONS else len(SECTIONS)
    return order, page.section, page.rank, page.title
