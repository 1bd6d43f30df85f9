"""`passnum stack`: the ANCT exports of several carriers, as one. Does not live here: stacking (reporting/anct)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import console, french_errors, say
from presentation.french import count


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("stack", help="Empiler les exports ANCT de plusieurs porteurs : schémas, clés et éditions vérifiés.")(
        stack
    )


def stack(
    folders: Annotated[
        list[Path], typer.Argument(help="Dossiers reçus : une édition, ou un dossier qui en contient.", metavar="DIR…")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Dossier à créer : CSV empilés et datapackage.json.", metavar="DOSSIER")
    ],
) -> None:
    """Write the lines of every carrier in one folder; say which editions were left out, and what to know."""
    from reporting.anct.stack import StackError
    from reporting.anct.stack import stack as stack_exports

    with french_errors(None, StackError, OSError, state="Rien n'a été écrit."):
        made = stack_exports(folders, out)
    carriers = len({export.of[0] for export in made.kept})
    console.print(
        f"{count(len(made.kept), 'édition', 'éditions')} de {count(carriers, 'porteur', 'porteurs')} : "
        f"{count(made.lines, 'ligne', 'lignes')}."
    )
    for export in made.kept:
        console.print(f"  {export.name}", soft_wrap=True)
    if made.left_out:
        say(console, "Laissées de côté :")
        for sentence in made.left_out:
            console.print(f"  {sentence}", soft_wrap=True)
    for note in made.notes:
        say(console, "À savoir", f" : {note}")
    console.print(f"Fichiers : {made.folder}", soft_wrap=True)
