"""`passnum upgrade`: the lake of an older passnum written anew under today's rules.

Does not live here: what is written, and from what (ingestion/upgrading).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, console, french_errors, stop_without_lake


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("upgrade", help="Mettre le lac d'un passnum plus ancien à la règle d'aujourd'hui, depuis l'archive.")(
        upgrade
    )


def upgrade(
    home: HomeOption = None,
    others: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", exists=True, dir_okay=False,
            help="Extraction lue pour les identifiants dont l'original n'est plus dans l'archive.",
            metavar="FICHIER",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Write the pseudonyms of the lake anew where they are of an older rule: all of them, or none."""
    from ingestion.delivery import IngestionError
    from ingestion.intake import Folders
    from ingestion.lake import Lake, LakeCorruption
    from ingestion.locking import HomeIsBusy, home_lock
    from ingestion.secret import SecretError, load_secret
    from ingestion.upgrading import upgrade as upgrade_lake
    from presentation.french import count
    from warehouse.settings import Home

    place = Home.at(home)
    stop_without_lake(place)
    with (
        french_errors(place, HomeIsBusy, IngestionError, LakeCorruption, SecretError, OSError),
        home_lock(place.warehouse),
        home_lock(place.root),
    ):
        folders = Folders(place.landing, place.archive, place.quarantine, place.lake)
        done = upgrade_lake(folders, Lake(place.lake), load_secret(), others or ())
    if not done.files:
        console.print("Le lac est déjà à la règle d'aujourd'hui : rien n'a été changé.")
        return
    told = f"{count(done.before, 'personne')} avant, {count(done.after, 'personne')} maintenant"
    why = " (écrite de plusieurs façons, une personne était comptée plusieurs fois)" if done.after < done.before else ""
    console.print(
        f"Lac récrit et scellé de nouveau : {count(done.files, 'fichier')} ; {told}{why}. Lancez « passnum run » pour "
        "publier.",
        soft_wrap=True,
    )
