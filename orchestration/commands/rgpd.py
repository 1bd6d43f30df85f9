"""`passnum rgpd`: the register entry, the DPIA material and the rights procedure, with this home's own facts.

Does not live here: what they say (docs/rgpd), their facts (orchestration/rgpd.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, ProgrammeOption, console, french_errors

rgpd_app = typer.Typer(
    help="Documents du RGPD : registre, analyse d'impact (AIPD), procédure des droits.", no_args_is_help=True
)
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Fichier Markdown à écrire (sinon, à l'écran).", metavar="FICHIER")
]


def register(app: typer.Typer) -> None:
    """Add the group `rgpd` to the application."""
    app.add_typer(rgpd_app, name="rgpd")


@rgpd_app.command("registre", help="La fiche du registre des traitements (article 30).")
def registre(home: HomeOption = None, programme: ProgrammeOption = None, out: OutOption = None) -> None:
    """Write the register entry."""
    _write("registre", home, programme, out)


@rgpd_app.command("aipd", help="De quoi faire l'analyse d'impact (article 35), unicité mesurée.")
def aipd(home: HomeOption = None, programme: ProgrammeOption = None, out: OutOption = None) -> None:
    """Write the DPIA material."""
    _write("aipd", home, programme, out)


@rgpd_app.command("droits", help="La procédure des demandes de personnes (articles 12 à 22).")
def droits(home: HomeOption = None, programme: ProgrammeOption = None, out: OutOption = None) -> None:
    """Write the rights procedure."""
    _write("droits", home, programme, out)


def _write(name: str, home: Path | None, programme: Path | None, out: Path | None) -> None:
    from orchestration.rgpd import Facts, render
    from programme.config import ProgrammeError, load_programme
    from programme.conservation import load_retention
    from storage.atomic import write_atomically
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, ProgrammeError, OSError):
        facts = Facts(load_programme(programme), load_retention(programme), current_version(place))
        text = render(name, facts)
        if out is None:
            console.print(text, soft_wrap=True, end="")
        else:
            write_atomically(out, text.encode(), mode=0o600)
            console.print(f"Document écrit : {out}", soft_wrap=True)
