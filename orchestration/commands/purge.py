"""`passnum purge`: what is past its retention, everywhere. Does not live here: finding and removing it (retention)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import (
    HomeOption,
    ProgrammeOption,
    console,
    french_errors,
    parse_day,
    share_or_stop,
    stop,
    stop_without_lake,
)

if TYPE_CHECKING:
    from datetime import date

    from warehouse.settings import Home


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("purge", help="Effacer ce dont la conservation est terminée ; dit d'abord quoi, et pourquoi.")(purge)


def purge(
    home: HomeOption = None,
    programme: ProgrammeOption = None,
    before: Annotated[
        str | None,
        typer.Option(
            "--before", help="Seulement les fichiers d'origine reçus avant ce jour, quelle que soit leur durée.",
            metavar="DATE",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Le faire. Sans cette option, rien n'est effacé.")] = False,
    show_files: Annotated[bool, typer.Option("--files", help="Nommer chaque fichier.")] = False,
) -> None:  # fmt: skip
    """Tell what each place holds past its term (programme/conservation.csv), then erase it with --yes."""
    from programme.clock import today_in_paris
    from programme.conservation import load_retention
    from warehouse.settings import Home

    place = Home.at(home)
    day = parse_day(before, "--before")
    if day is not None and day > today_in_paris():
        stop(f"Le {day:%d/%m/%Y} n'est pas encore venu : tous les fichiers d'origine seraient effacés.", 2)
    stop_without_lake(place)
    with _alone(place):
        if day is not None:
            _purge_originals(place, day, yes=yes)
            return
        from orchestration.retention import apply, find_past

        found = find_past(place, load_retention(programme), today_in_paris())
        for past in found:
            console.print(f"- {past.sentence}", soft_wrap=True)
            for path in past.paths if show_files else ():
                console.print(f"    {path}", soft_wrap=True)
        due = [past for past in found if past.number and not past.is_kept]
        if not due:
            console.print("Rien n'est à effacer.")
        elif not yes:
            console.print("Rien n'a été effacé. Pour le faire : la même commande avec --yes.")
        else:
            apply(place, due, lambda told: console.print(told, soft_wrap=True))
            console.print("L’entrepôt se reconstruit entièrement depuis le lac : ses chiffres ne changent pas.")
            share_or_stop(place, programme)


def _purge_originals(home: Home, day: date, *, yes: bool) -> None:
    """The originals received before a day, of the archive and of the quarantine; the lake is untouched."""
    from ingestion.intake import Folders
    from ingestion.purge import originals_before, remove_originals
    from presentation.french import size

    found = [item for root in (home.archive, home.quarantine) for item in originals_before(root, day)]
    if yes:
        remove_originals(Folders(home.landing, home.archive, home.quarantine, home.lake), found)
    for item in found:
        console.print(f"  {item.path} (reçu le {item.since:%d/%m/%Y})", soft_wrap=True)
    if not found:
        console.print(f"Aucun original reçu avant le {day:%d/%m/%Y} : il n’y a rien à effacer.")
        return
    one, many = ("a été effacé", "ont été effacés") if yes else ("serait effacé", "seraient effacés")
    which = f"1 original reçu avant le {day:%d/%m/%Y} {one}" if len(found) == 1 else (
        f"{len(found)} originaux reçus avant le {day:%d/%m/%Y} {many}"
    )  # fmt: skip
    room = size(sum(item.size_bytes for item in found))
    console.print(f"{which} ({room}). L’entrepôt se reconstruit entièrement sans eux, depuis le lac.", soft_wrap=True)
    if not yes:
        console.print("Rien n'a été effacé. Pour le faire : la même commande avec --yes.")


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Neither a run nor another purge meanwhile; what a killed one had decided is finished first."""
    from ingestion.intake import IngestionError
    from ingestion.lake import LakeCorruption
    from ingestion.locking import HomeIsBusy, home_lock
    from ingestion.rewriting import finish
    from programme.config import ProgrammeError

    with (
        french_errors(home, HomeIsBusy, IngestionError, LakeCorruption, ProgrammeError),
        home_lock(home.warehouse),
        home_lock(home.root),
    ):
        finish(home.lake)
        yield
