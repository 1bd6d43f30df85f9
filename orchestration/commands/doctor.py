"""`passnum doctor`: is this home, and this machine, fit to run? Does not live here: what is looked at (doctor.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from orchestration.commands.output import EXIT_FAILURE, HomeOption, ProgrammeOption, console, french_errors, say

if TYPE_CHECKING:
    from orchestration.integrity import Finding
    from warehouse.settings import Home

_STYLES = {"bon": "green", "à voir": "yellow", "à réparer": "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("doctor", help="Ce dossier et cette machine sont-ils en état ? Ce qui ne va pas, et le remède.")(doctor)


def doctor(home: HomeOption = None, programme: ProgrammeOption = None) -> None:
    """Print every finding with its remedy. Exit code 1 where something is to be mended, else 0. Nothing is changed."""
    from orchestration.doctor import examine
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place):
        print_findings(place, examine(place, programme))


def print_findings(place: Home, found: list[Finding]) -> None:
    """Each finding with its remedy; ends the command with 1 where something is to be mended."""
    from presentation.french import count

    table = Table(title=None, show_lines=True)
    for name in ("Quoi", "État", "Constat et remède"):
        table.add_column(name, overflow="fold")
    for finding in found:
        told = Text(finding.said)
        if finding.mend:
            told.append(f"\n→ {finding.mend}", style="bold")
        table.add_row(finding.subject, Text(finding.state, style=_STYLES[finding.state]), told)
    console.print(f"Dossier de données : {place.root}", soft_wrap=True)
    console.print(table)
    broken = [finding for finding in found if finding.state == "à réparer"]
    doubtful = sum(finding.state == "à voir" for finding in found)
    if broken:
        console.print(f"{count(len(broken), 'point est', 'points sont')} à réparer.", style="bold red")
        for finding in broken:  # again, on one line: a path that a table cut in two cannot be copied
            say(console, finding.subject, f" : {finding.said} → {finding.mend}")
        raise typer.Exit(EXIT_FAILURE)
    console.print("Rien n'est à réparer." if not doubtful else f"Rien n'est à réparer ; à voir : {doubtful}.")
