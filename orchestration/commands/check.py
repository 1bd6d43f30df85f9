"""`passnum check`: what would happen to files, without loading them. Does not live here: judging them (ingestion)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import EXIT_FAILURE, HomeOption, console, french_errors, stop, unbroken

_WORDS = {
    "loaded": ("fichier serait chargé", "fichiers seraient chargés"),
    "duplicate": ("fichier est déjà chargé", "fichiers sont déjà chargés"),
    "rejected": ("fichier serait refusé", "fichiers seraient refusés"),
    "left": ("fichier serait laissé en place", "fichiers seraient laissés en place"),
    "empty": ("fichier ne donnerait aucune ligne", "fichiers ne donneraient aucune ligne"),
}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check", help="Dire ce que deviendraient des fichiers, et comment ils sont lus, sans les charger.")(
        check
    )


def check(
    files: Annotated[list[Path], typer.Argument(help="Fichiers ou dossiers à contrôler.", metavar="FICHIER…")],
    home: HomeOption = None,
) -> None:
    """Print the report of each file and how it was read. Exit code 1 when one would be rejected or would give no line,
    or when there is none; 0 otherwise."""
    from rich.markdown import Markdown

    from ingestion.checking import check_files
    from ingestion.contract import ContractError
    from ingestion.lake import Lake, LakeCorruption
    from programme.clock import today_in_paris
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, ContractError, LakeCorruption, OSError):
        lake = Lake(place.lake) if place.lake.is_dir() else None
        checked = check_files(files, today=today_in_paris(), lake=lake)
    if not checked:
        stop("aucun fichier à contrôler dans ce qui a été désigné.")
    for item in checked:
        console.rule(style="dim")
        console.print(Markdown(unbroken(item.report)))
    console.rule(style="dim")
    outcomes = Counter(
        "empty" if item.delivery.outcome == "loaded" and not item.would_load else item.delivery.outcome
        for item in checked
    )
    told = [f"{count} {_WORDS[name][count > 1]}" for name, count in outcomes.items()]
    console.print(f"Bilan du contrôle : {', '.join(told)}.")
    if any(item.is_wrong for item in checked):
        raise typer.Exit(EXIT_FAILURE)
