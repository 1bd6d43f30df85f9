"""`passnum map`: the fields of an export nobody has seen yet, proposed, then written into its contract.

Does not live here: proposing and writing (ingestion/mapping.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import HomeOption, console, french_errors

if TYPE_CHECKING:
    from ingestion.mapping import Proposal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("map", help="Proposer puis enregistrer le format d'un export inconnu.")(
        map_files
    )


def map_files(
    files: Annotated[list[Path], typer.Argument(help="Exports à reconnaître.", exists=True, metavar="FICHIER…")],
    home: HomeOption = None,
    layout: Annotated[str | None, typer.Option("--layout", help="Imposer un format.", metavar="FORMAT")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Enregistrer sans demander.")] = False,
) -> None:
    """Show the proposal for each file; on confirmation write the aliases into the contract."""
    from ingestion.contract import ContractError
    from ingestion.lake import Lake
    from ingestion.mapping import MappingError, propose, write_aliases
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, MappingError, ContractError):
        lake = Lake(place.lake) if place.lake.is_dir() else None
        for proposal in propose(files, lake=lake, layout=layout):
            _show(proposal)
            if not proposal.is_complete:
                console.print("Rien n'est enregistré : il manque des colonnes obligatoires.")
            elif yes or typer.confirm(f"Enregistrer ces en-têtes dans le format « {proposal.layout} » ?"):
                path = write_aliases(proposal.layout, proposal.aliases)
                console.print(f"En-têtes enregistrés dans {path}. Déposez le fichier, puis lancez « passnum run ».")


def _show(proposal: Proposal) -> None:
    from rich.table import Table

    table = Table(title=f"{proposal.file_name} — {proposal.title} (en-tête ligne {proposal.header_line})")
    for name in ("Colonne", "Champ proposé", "Pourquoi", "Exemples"):
        table.add_column(name, overflow="fold")
    for column in proposal.columns:
        field = (column.title + ("" if column.is_sure else " (à vérifier)")) if column.field else "laissée de côté"
        why = column.why + (f" Donnée personnelle : {column.personal}." if column.personal else "")
        table.add_row(column.header, field, why, ", ".join(column.samples))
    console.print(table)
    if proposal.missing:
        console.print(f"Colonnes obligatoires manquantes : {', '.join(proposal.missing)}")
    if proposal.doubtful:
        console.print(f"À vérifier : {', '.join(proposal.doubtful)}")
