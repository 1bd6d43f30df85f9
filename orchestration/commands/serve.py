"""`passnum serve`: everything that stays up, together. Does not live here: keeping it up (serving.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.dashboard import WithoutSignInOption
from orchestration.commands.output import HomeOption, console, french_errors, refuse_taken_port, secure, stop


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("serve", help="Tenir ensemble Dagster (planification, interface) et les tableaux de bord.")(serve)


def serve(
    home: HomeOption = None,
    host: Annotated[str, typer.Option("--host", help="Adresse des tableaux de bord.", metavar="ADRESSE")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port des tableaux de bord.")] = 8501,
    dagster_port: Annotated[
        int, typer.Option("--dagster-port", min=1, max=65535, help="Port de l'interface de Dagster, sur cette machine.")
    ] = 3000,
    without_sign_in: WithoutSignInOption = False,
) -> None:
    """Stay until Ctrl-C, SIGTERM or the end of the terminal.

    Exit codes: 0 asked to stop, 1 a port is taken, or one of them ended by itself, 2 both ports are the same.
    """
    from orchestration.serving import keep, make_bases, services
    from warehouse.settings import ClosedHome, Home

    place = Home.at(home)
    if port == dagster_port:
        stop("--port et --dagster-port sont le même : donnez un port à chacun.", 2)
    refuse_taken_port(host, port, "--port")
    refuse_taken_port("127.0.0.1", dagster_port, "--dagster-port")
    secure(place)
    wanted = services(place, host, port, dagster_port, without_sign_in=without_sign_in)
    with french_errors(place, ClosedHome, OSError):
        place.create()
        console.print(f"Dossier de données : {place.root}")
        console.print(f"Tableaux de bord : http://localhost:{port} — Dagster : http://localhost:{dagster_port}")
        console.print("Ctrl+C pour tout arrêter.")
        make_bases(place)
        code = keep(place, wanted, lambda said: console.print(said, soft_wrap=True))
    raise typer.Exit(code)
