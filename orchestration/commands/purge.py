"""`passnum purge`: originals past their retention. Does not live here: finding and removing them (ingestion)."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, console, french_errors, parse_day


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("purge", help="Effacer les fichiers d'origine dont la conservation est terminée.")(purge)


def purge(
    before: Annotated[str, typer.Option("--before", help="Effacer ce qui a été reçu avant ce jour.", metavar="DATE")],
    home: HomeOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dire ce qui serait effacé, sans rien effacer.")] = False,
) -> None:
    """Remove the archived and quarantined originals received before a date; the lake is untouched."""
    from ingestion.intake import Folders, IngestionError
    from ingestion.locking import HomeIsBusy, home_lock
    from ingestion.purge import purge as remove
    from warehouse.settings import Home

    place = Home.at(home)
    day = parse_day(before, "--before")
    assert day is not None
    with french_errors(place, HomeIsBusy, IngestionError), home_lock(place.root):
        result = remove(Folders.of_home(place.root), day, dry_run=dry_run)
    for item in result.files:
        console.print(f"  {item.path} (reçu le {item.received_on:%d/%m/%Y})", soft_wrap=True)
    console.print(result.text, soft_wrap=True)
