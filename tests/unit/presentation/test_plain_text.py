"""What is shown of a received text is read, and does nothing."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.commands.output import PlainConsole
from presentation.plain_text import plain, plain_name

#: Clears the screen, sets the title of the window, rings, goes back over the line, 8-bit control, turns letters round.
ACTING = [
    "\x1b[2J",
    "\x1b]0;pirate\x07",
    "\x07",
    "\r",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2066x",
    "\u200fx",
    "\u061cx",
    "\x08",
]


@pytest.mark.parametrize("text", ACTING)
def test_what_acts_is_shown_as_a_mark(text: str) -> None:
    assert plain(f"a{text}b").startswith("a\ufffd")
    assert not any(one in plain(text) for one in "\x1b\x07\r\x9b\u202e\u2066\u200f\u061c\x08")


def test_the_name_of_a_file_that_is_no_utf8_can_be_written() -> None:
    assert plain_name(os.fsdecode(b"caf\xe9.csv")) == "caf\ufffd.csv"


def test_an_ordinary_text_is_left_as_it_is() -> None:
    text = "Médiathèque « L'Œuvre » : 12,50\u00a0€\n\tligne\u202f2"
    assert plain(text) == text
    assert plain_name("a\nb\tc") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("text", ACTING)
@pytest.mark.parametrize("wrap", ["text", "markup", "Text", "Markdown", "Table", "title"])
def test_nothing_of_a_received_text_acts_on_the_terminal(text: str, wrap: str) -> None:
    """However it comes to the console; the colours of the house stay."""
    written = io.StringIO()
    console = PlainConsole(file=written, force_terminal=True, width=80, highlight=False)
    table = Table("Nom", title=text if wrap == "title" else None)
    table.add_row(text)
    shown = {"Text": Text(text, "bold"), "Markdown": Markdown(text), "Table": table, "title": table}.get(wrap, text)
    console.print(shown, markup=wrap == "markup")
    console.print("[bold red]Erreur[/]", markup=True)
    told = written.getvalue()
    assert not any(
        one in told for one in ("\x1b[2J", "\x1b]0", "\x07", "\r", "\x9b", "\u202e", "\u2066", "\u200f", "\x08")
    )
    assert "\x1b[1;31mErreur" in told


@pytest.mark.parametrize(
    "path", ["/data/[bold]x", "/data/[/]x", "/data/[/tmp]", "/data/[red]", "/data/[link=http://x]y"]
)
def test_a_path_is_never_markup(path: str) -> None:
    written = io.StringIO()
    console = PlainConsole(file=written, width=80, highlight=False)
    console.print(f"Rapport écrit dans {path}", soft_wrap=True)
    assert written.getvalue() == f"Rapport écrit dans {path}\n"


@pytest.mark.parametrize("name", ["\x1b[2Jx.csv", "[bold]x.csv", "\u202ex.csv"])
def test_a_name_of_the_archive_acts_on_no_terminal(name: str, tmp_path: Path) -> None:
    """`passnum purge` names the files of the archive: a name is neither an order nor markup."""
    path = tmp_path / "archive" / "2020-01-01" / f"0123456789abcdef_{name}"
    path.parent.mkdir(parents=True)
    path.write_text("x", encoding="utf-8")
    (tmp_path / "lake").mkdir()
    said = CliRunner().invoke(app, ["purge", "--before", "2021-01-01", "--home", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert plain(name) in said.output
    assert "\x1b" not in said.output and "\u202e" not in said.output
    assert path.exists()
