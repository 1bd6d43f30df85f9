"""`passnum prune`: make room, from what is not the truth. Does not live here: what may go (pruning.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.output import (
    HomeOption,
    ProgrammeOption,
    console,
    french_errors,
    share_or_stop,
    stop_without_lake,
)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("prune", help="Faire de la place : versions anciennes, restes, journaux, base de Dagster.")(prune)


def prune(
    keep: Annotated[
        int, typer.Option("--keep", min=1, help="Versions de l'entrepôt à garder, celle en ligne toujours.")
    ] = 3,
    days: Annotated[
        int, typer.Option("--days", min=0, help="Versions à une date, journaux et passages de Dagster à garder.")
    ] = 90,
    yes: Annotated[bool, typer.Option("--yes", help="Le faire. Sans cette option, rien n'est effacé.")] = False,
    home: HomeOption = None,
    programme: ProgrammeOption = None,
) -> None:
    """Tell what may go and what that frees, then remove it with --yes. The lake, the archive and the documents stay."""
    from ingestion.locking import HomeIsBusy, home_lock
    from orchestration.pruning import find_spare
    from presentation.french import size
    from warehouse.published.held import HeldUnreadable
    from warehouse.settings import Home

    place = Home.at(home)
    stop_without_lake(place)
    with french_errors(place, HomeIsBusy, HeldUnreadable, OSError), home_lock(place.warehouse), home_lock(place.root):
        found = find_spare(place, versions_kept=keep, days=days)
        for spare in found:
            console.print(f"- {spare.sentence} : {size(spare.octets)}", soft_wrap=True)
            if yes:
                spare.remove()
        octets = size(sum(spare.octets for spare in found))
        if not found:
            console.print("Rien n'est de trop.")
        elif yes:
            console.print(f"Fait : {octets} rendus. Le lac, l'archive et les documents émis n'ont pas été touchés.")
        else:
            console.print(f"{octets} seraient rendus. Rien n'a été effacé : ajoutez --yes pour le faire.")
        if yes:
            share_or_stop(place, programme)
