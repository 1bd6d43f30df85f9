"""`passnum simulate`: demonstration deliveries. Does not live here: making them (simulation/simulate.py)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import ProgrammeOption, console, french_errors


class Dirt(StrEnum):
    """How dirty the deliveries are."""

    clean = "clean"
    real = "real"
    nasty = "nasty"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("simulate", help="Fabriquer des livraisons de démonstration (noms fictifs).")(simulate)


def simulate(
    out: Annotated[Path, typer.Option("--out", help="Dossier à remplir (vide ou à créer).", metavar="DOSSIER")],
    carnets: Annotated[int, typer.Option("--carnets", help="Nombre de carnets.", min=1)] = 38_000,
    seed: Annotated[int, typer.Option("--seed", help="Graine : mêmes arguments, mêmes fichiers.")] = 1,
    dirt: Annotated[
        Dirt, typer.Option("--dirt", help="clean : propres ; real : comme elles arrivent ; nasty : avec des pièges.")
    ] = Dirt.clean,
    programme: ProgrammeOption = None,
) -> None:
    """Write simulated deliveries in `out`."""
    from presentation.french import count, size
    from programme.config import ProgrammeError, load_programme
    from simulation.simulate import SimulationError
    from simulation.simulate import simulate as make

    with (
        french_errors(None, SimulationError, ProgrammeError),
        console.status("Fabrication des livraisons de démonstration…"),
    ):
        make(out, carnets=carnets, seed=seed, dirt=dirt.value, programme=load_programme(programme))
    files = [path for path in out.rglob("*") if path.is_file()]
    made = f"{count(len(files), 'fichier', 'fichiers')} ({size(sum(path.stat().st_size for path in files))})"
    console.print(
        f"Données de démonstration : {made} dans {out}, pour {count(carnets, 'carnet', 'carnets')} "
        f"(graine {seed}, {dirt.value}). Les noms sont fictifs, les chiffres n'ont pas de valeur.",
        soft_wrap=True,
    )
