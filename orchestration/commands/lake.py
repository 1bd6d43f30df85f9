"""`passnum lake`: the shared lake of published versions, told, read and brought up to date.

Does not live here: the lake (warehouse/published/shared_lake.py), registering (warehouse/build/sharing.py), the setting
(programme/lac.yaml).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import HomeOption, ProgrammeOption, console, french_errors, share_or_stop, stop

if TYPE_CHECKING:
    from pathlib import Path

    from programme.models import SharedLake

lake_app = typer.Typer(help="Lac partagé (DuckLake) : les versions publiées, pour plusieurs.", no_args_is_help=True)
NOT_SET = (
    "Aucun lac partagé n'est réglé : remplissez « catalog » et « folder » de lac.yaml, dans le dossier de réglages "
    "(docs/exploitation.md)."
)


def register(app: typer.Typer) -> None:
    """Add the group `lake` to the application."""
    app.add_typer(lake_app, name="lake")


@lake_app.command("sync", help="Inscrire ce qui manque au lac partagé, en retirer ce qui n'est plus gardé.")
def sync(home: HomeOption = None, programme: ProgrammeOption = None) -> None:
    """What a run does after a publication. Exit codes: 0 done, 1 no lake is set, 5 it could not be written."""
    from ingestion.locking import LOCK_WAIT_SECONDS, HomeIsBusy, home_lock
    from presentation.sentences import NOTHING_PUBLISHED
    from warehouse.published.versions import current_path
    from warehouse.settings import Home

    place = Home.at(home)
    lake = _lake(programme)
    if current_path(place) is None:
        stop(NOTHING_PUBLISHED)
    with french_errors(place, HomeIsBusy), home_lock(place.warehouse, LOCK_WAIT_SECONDS):
        share_or_stop(place, programme)
    console.print(f"Le lac partagé « {lake.lake} » dit la même chose que {place.root}.", soft_wrap=True)


@lake_app.command("versions", help="Les versions que le lac partagé contient ; la dernière est la version courante.")
def versions(programme: ProgrammeOption = None) -> None:
    """Print them, oldest first."""
    from presentation.french import day, instant_long
    from warehouse.published.shared_lake import SharedLakeError, read_snapshots

    lake = _lake(programme)
    with french_errors(None, SharedLakeError):
        found = read_snapshots(lake)
    for one in found:
        current = ", courante" if one is found[-1] else ""
        told = f"{one.version} : données au {day(one.as_of)}, inscrite le {instant_long(one.since)} (heure de Paris)"
        console.print(f"{told}, {one.content}{current}", soft_wrap=True)
    if not found:
        console.print("Aucune version n'est inscrite : « passnum lake sync ».")


@lake_app.command("attach", help="Le SQL qui ouvre le lac partagé dans DuckDB, à la version courante ou à une autre.")
def attach(
    version: Annotated[
        str | None,
        typer.Argument(help="Une version du lac (ou le début de son nom) ; sinon, la courante.", metavar="VERSION"),
    ] = None,
    programme: ProgrammeOption = None,
) -> None:
    """Print the statement an analyst runs; a past version is named by its snapshot, which never changes."""
    from warehouse.published.shared_lake import NAME, SharedLakeError, attach_sql, find_snapshot, read_snapshots

    lake = _lake(programme)
    number = None
    with french_errors(None, SharedLakeError):
        if version is not None:
            number = find_snapshot(read_snapshots(lake), version).number
    console.print(f"{attach_sql(lake, snapshot=number)};", soft_wrap=True)
    console.print(f"use {NAME};")


def _lake(programme: Path | None) -> SharedLake:
    """The lake that is set; the command ends where there is none."""
    from programme.config import ProgrammeError, load_shared_lake

    with french_errors(None, ProgrammeError):
        return load_shared_lake(programme) or stop(NOT_SET)
