"""`passnum status`: what is published, what waits, what was refused. Does not live here: changing any of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from orchestration.commands.output import HomeOption, ProgrammeOption, console, french_errors, say, stop
from presentation.sentences import DEMO, NOTHING_PUBLISHED, refused_run

if TYPE_CHECKING:
    from warehouse.published.versions import Version


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("status", help="Ce qui est publié, ce qui attend, ce qui a été refusé.")(status)


def status(home: HomeOption = None, programme: ProgrammeOption = None) -> None:
    """Print the state of a home. Exit codes: 0, or 1 where the lake or the landing folder cannot be read."""
    from ingestion.lake import Lake, LakeCorruption
    from ingestion.landing import LandingUnreadable, list_arrivals
    from presentation.french import count, day_long, instant_long, integer
    from warehouse.published import builds
    from warehouse.published.held import HeldUnreadable, find_held
    from warehouse.published.received import received_after
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    unreadable = ""
    with french_errors(place, LakeCorruption):
        console.print(f"Dossier de données : {place.root}")
        try:
            waiting, left = list_arrivals(place.landing, 0) if place.lake.is_dir() else ([], [])
        except LandingUnreadable as error:
            unreadable = str(error)  # what is published is told all the same
        else:
            console.print(f"En attente dans la zone de dépôt : {count(len(waiting), 'fichier')}")
            for item in left:
                console.print(f"  {item.name} : {item.why}", soft_wrap=True)
        lake = Lake(place.lake)
        receipts = lake.receipts()
        rejected = sum(receipt.lines_rejected for receipt in receipts)
        refused = [receipt for receipt in lake.other_receipts() if receipt.outcome == "rejected"]
        lines = count(rejected, "ligne rejetée", "lignes rejetées")
        console.print(f"Fichiers chargés : {integer(len(receipts))} ({lines})")
        where = f" (rapports dans {place.quarantine_door})" if refused else ""
        console.print(f"Fichiers refusés : {integer(len(refused))}{where}", soft_wrap=True)
        version = current_version(place)
        if version is None:
            console.print(NOTHING_PUBLISHED)
        else:
            published = instant_long(version.published_at)
            console.print(f"Version publiée : {version.build_id}, le {published} (heure de Paris)")
            try:
                if held := find_held(place):
                    say(console, held.sentence, style="bold yellow")
            except HeldUnreadable as error:
                unreadable = f"{unreadable} {error}".strip()
            console.print(f"Date des données : {day_long(version.as_of)}")
            if version.is_demo:
                say(console, DEMO)
            if after := received_after(version, receipts):
                console.print(f"Chargés, et absents de cette version : {count(after, 'fichier')}", soft_wrap=True)
            if told := _tell_settings(version, programme):
                console.print(told, soft_wrap=True)
        if ended := builds.last_run_at(place.lake):
            console.print(f"Dernier passage : {instant_long(ended)} (heure de Paris)")
        kept = builds.load(place.lake)
        if kept and kept[-1].status == "refused":
            say(console, f"{refused_run(kept[-1].build_id)}.", style="bold red")
    if unreadable:
        stop(unreadable)


def _tell_settings(version: Version, folder: Path | None) -> str:
    """What of the settings has changed since the version, or why it cannot be told; empty when nothing has."""
    from programme.config import ProgrammeError, load_programme
    from warehouse.published.version_settings import VersionTooOld, tell_changes

    try:
        return tell_changes(version, load_programme(folder))
    except ProgrammeError as error:
        return f"Les réglages en vigueur ne peuvent pas être lus : le prochain passage les refusera. {error}"
    except VersionTooOld as error:
        return str(error)
