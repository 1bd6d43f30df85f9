"""`passnum map`: the fields of an export nobody has seen yet, proposed, then written into its contract.

Does not live here: proposing and writing (ingestion/mapping.py).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import EXIT_FAILURE, HomeOption, console, french_errors, say, stop

if TYPE_CHECKING:
    from ingestion.mapping import Proposal


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("map", help="Proposer puis enregistrer le format d’un export inconnu.")(map_files)


def map_files(
    files: Annotated[
        list[Path], typer.Argument(help="Exports à reconnaître (fichiers ou dossiers).", metavar="FICHIER…")
    ],
    home: HomeOption = None,
    layout: Annotated[str | None, typer.Option("--layout", help="Imposer un format.", metavar="FORMAT")] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            help="Corriger la proposition : ce champ pour cette colonne ; sans champ, la colonne est laissée de côté.",
            metavar="'EN-TÊTE=champ'",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Enregistrer sans demander.")] = False,
) -> None:
    """Show the proposal for each file; on confirmation write the aliases into the contract.

    Exit code 1 when a file lacks required columns: it would be refused as it is.
    """
    from ingestion.contract import ContractError
    from ingestion.lake import Lake
    from ingestion.mapping import MappingError, propose
    from warehouse.settings import Home

    place = Home.at(home)
    is_complete = True
    with french_errors(place, MappingError, ContractError):
        lake = Lake(place.lake) if place.lake.is_dir() else None
        for proposal in propose(files, lake=lake, layout=layout, imposed=_imposed(field or [])):
            _show(proposal)
            is_complete = is_complete and proposal.is_complete
            if not proposal.is_complete:
                _tell("Rien n’est enregistré : sans ces colonnes, le fichier serait refusé. Demandez un export "
                      "complet, désignez la bonne colonne avec « --field 'EN-TÊTE=champ' », ou imposez un autre format "
                      "avec « --layout ».")  # fmt: skip
            elif not proposal.new_aliases:
                _tell("Rien à enregistrer : tous ces en-têtes sont déjà connus.")
            elif yes or _confirm(f"Enregistrer ces en-têtes dans le format « {proposal.layout} » ?"):
                _write(proposal)
            else:
                _tell(
                    "Rien n’est enregistré. Pour corriger : « --field 'EN-TÊTE=champ' », autant de fois qu’il le faut."
                )
    if not is_complete:
        raise typer.Exit(EXIT_FAILURE)


def _imposed(corrections: list[str]) -> dict[str, str]:
    """`EN-TÊTE=champ` → header and field; the last `=` counts, a header may hold one."""
    found = {}
    for correction in corrections:
        header, sign, name = correction.rpartition("=")
        if not sign or not header.strip():
            stop(f"--field : « {correction} » n’est pas de la forme 'EN-TÊTE=champ'.", 2)
        found[header.strip()] = name.strip()
    return found


def _write(proposal: Proposal) -> None:
    from ingestion.mapping import write_aliases

    path = write_aliases(proposal.layout, proposal.aliases)
    _tell(f"En-têtes enregistrés dans {path}.")
    _tell("Déposez le fichier dans la zone de dépôt, puis lancez « passnum run ».")


def _confirm(question: str) -> bool:
    """Ask in French; anything but oui is a no. Where nobody can answer, the command ends with the option to give."""
    try:
        answer = typer.prompt(f"{question} [o/N]", default="n", show_default=False)
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        stop("Personne ne peut répondre ici (pas de terminal) : rien n’est enregistré. Ajoutez --yes pour le faire.", 2)
    return answer.strip().lower() in ("o", "oui", "y", "yes")


def _tell(sentence: str) -> None:
    console.print(sentence, soft_wrap=True)


def _show(proposal: Proposal) -> None:
    from rich.table import Table

    say(
        console,
        proposal.file_name,
        f" : {proposal.title} (format « {proposal.layout} », en-tête à la ligne {proposal.header_line})",
    )
    table = Table()
    for name in ("Colonne", "Champ proposé", "Pourquoi", "Exemples"):
        table.add_column(name, overflow="fold")
    for column in proposal.columns:
        field = (column.title + ("" if column.is_sure else " (à vérifier)")) if column.field else "laissée de côté"
        why = column.why + (f". Donnée personnelle : {column.personal}" if column.personal else "")
        table.add_row(column.header, field, why, ", ".join(column.samples))
    console.print(table)
    if proposal.missing:
        _tell(f"Colonnes obligatoires absentes : {', '.join(proposal.missing_titles)}.")
    if proposal.unfilled_titles:
        _tell(f"Champs facultatifs sans colonne (ils resteront vides) : {', '.join(proposal.unfilled_titles)}.")
    if proposal.doubtful:
        _tell(f"À vérifier avant d’accepter : {', '.join(proposal.doubtful)}.")
