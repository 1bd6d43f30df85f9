"""`passnum rollback`: an earlier version in line, held there. Does not live here: how (warehouse/build/rollback.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.output import (
    HomeOption,
    ProgrammeOption,
    console,
    french_errors,
    say,
    share_or_stop,
    stop,
)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "rollback", help="Remettre en ligne une version précédente ; elle y reste jusqu'à « rollback --release »."
    )(rollback)


def rollback(
    version: Annotated[
        str | None,
        typer.Argument(help="Une version gardée (ou le début de son nom) ; sinon, la précédente.", metavar="VERSION"),
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Lever le maintien : le prochain passage publie comme d'habitude.")
    ] = False,
    home: HomeOption = None,
    programme: ProgrammeOption = None,
) -> None:  # fmt: skip
    """Step back, or lift the hold. Exit codes: 0 done, 1 nothing to step back to, or a run is under way."""
    import duckdb

    from ingestion.locking import HomeIsBusy, home_lock
    from orchestration.deciding import confirm_now
    from presentation.french import day_long
    from warehouse.build import rollback as steps
    from warehouse.published.held import held_path
    from warehouse.published.versions import NothingPublished, read_version
    from warehouse.settings import Home

    place = Home.at(home)
    if release and version is not None:
        stop("--release lève le maintien : ne nommez pas de version avec lui.", 2)
    if not place.warehouse.is_dir():
        stop(f"Il n'y a pas d'entrepôt dans {place.root} : rien n'y a été publié.")
    with french_errors(place, HomeIsBusy, NothingPublished), home_lock(place.warehouse):
        if release:
            if not held_path(place).exists():
                stop("Aucune version n'est maintenue : les passages publient déjà comme d'habitude.")
            steps.release(place)
            again = "union" if place.is_national else "run"
            console.print(
                f"Le maintien est levé : le prochain passage construit et publie. Lancez « passnum {again} »."
            )
            return
        target = steps.find_target(place, version)
        try:
            held = steps.hold(place, target)
        except (duckdb.Error, AssertionError):
            stop(f"{target} ne peut pas être relue entièrement : choisissez-en une autre. Rien n'a changé.")
        confirm_now(place, read_version(target))
        say(console, f"Version {held.build_id} en ligne", f", données au {day_long(read_version(target).as_of)}.")
        console.print(held.sentence, soft_wrap=True)
        share_or_stop(place, programme)
