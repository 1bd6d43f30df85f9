"""`passnum check`: what would happen to files, without loading them. Does not live here: judging them (ingestion)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import EXIT_FAILURE, HomeOption, console, french_errors


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check", help="Dire ce que deviendraient des fichiers, sans les charger.")(check)


def check(
    files: Annotated[list[Path], typer.Argument(help="Fichiers à contrôler.", exists=True, metavar="FICHIER…")],
    home: HomeOption = None,
) -> None:
    """Print the report of each file; exit code 1 when one would be rejected."""
    from rich.markdown import Markdown

    from ingestion.checking import check_files
    from ingestion.lake import Lake
    from orchestration.settings import today_in_paris
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place):
        lake = Lake(place.lake) if place.lake.is_dir() else None
        checked = check_files(files, today=today_in_paris(), lake=lake)
    for item in checked:
        console.rule(item.title)
        console.print(Markdown(item.report))
    if any(item.delivery.outcome == "rejected" for item in checked):
        raise typer.Exit(EXIT_FAILURE)
