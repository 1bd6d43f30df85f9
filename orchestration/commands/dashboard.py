"""`passnum dashboard`: the pages, on this machine. Does not live here: the pages (dashboards/)."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from orchestration.commands.output import HomeOption, console, errors, refuse_taken_port, secure, stop

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Home


#: Of every command that opens the pages.
WithoutSignInOption = Annotated[
    bool, typer.Option("--sans-connexion", help="Ouvrir au réseau sans fichier d'accès (réseau déjà protégé).")
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("dashboard", help="Ouvrir les tableaux de bord dans un navigateur.")(dashboard)


def dashboard(
    home: HomeOption = None,
    port: Annotated[int, typer.Option("--port", help="Port d'écoute.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option("--host", help="Adresse d'écoute (cette machine par défaut).")] = "127.0.0.1",
    without_sign_in: WithoutSignInOption = False,
) -> None:
    """Serve the Streamlit pages until interrupted."""
    from dashboards.access import VARIABLE
    from dashboards.gate import OPEN_VARIABLE
    from warehouse.settings import HOME_VARIABLE, QUIET_ENVIRONMENT, Home

    place = Home.at(home)
    secure(place)
    access = _access_in_force(place, host, without_sign_in)
    refuse_taken_port(host, port, "--port")
    environment = os.environ | QUIET_ENVIRONMENT | {HOME_VARIABLE: str(place.root)}
    if access is not None:
        # Named, it is required whatever becomes of the file before the server looks.
        environment[VARIABLE] = str(access)
    environment[OPEN_VARIABLE] = "1" if without_sign_in else ""
    console.print(f"Tableaux de bord : http://localhost:{port} (Ctrl+C pour arrêter)")
    _become_server(environment, port, host)


def _become_server(environment: dict[str, str], port: int, host: str) -> NoReturn:
    """This process becomes the server: whatever ends the command, even SIGKILL, ends the pages."""
    from warehouse.settings import ROOT

    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboards" / "server.py")]
    options = [f"--server.port={port}", f"--server.address={host}", "--server.headless=true"]
    os.chdir(ROOT / "dashboards")
    # Streamlit greets in English on its standard output; what goes wrong is on the other one, and stays.
    sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.execve(sys.executable, [*command, *options], environment)


def _access_in_force(place: Home, host: str, without_sign_in: bool) -> Path | None:
    """The access file the pages will follow; None when they open without sign-in, on this machine or as a person says.

    Stops the command where the file in force cannot be followed: nobody could enter.
    """
    from dashboards.access import FILE_NAME, LOOPBACK, AccessError, access_path, forget, load_access, remember
    from storage.private import user_folder

    path = access_path(place)
    if path is not None and without_sign_in and not path.exists():
        forget(place)
        path = access_path(place)
    if path is None:
        if host not in LOOPBACK and not without_sign_in:
            stop(
                f"L'adresse {host} ouvre les pages à d'autres machines, sans connexion. Placez un fichier d'accès "
                f"{FILE_NAME} dans {user_folder()} (ou nommez-le par PASSNUM_ACCESS), ou ajoutez --sans-connexion si "
                "le réseau est déjà protégé."
            )
        return None
    path = path.resolve()
    try:
        load_access(path)
    except AccessError as error:
        stop(
            f"Les pages demandent une connexion (fichier d'accès {path}), et il ne peut pas être suivi. {error} "
            "Remettez-le en place, ou nommez-en un autre par PASSNUM_ACCESS."
        )
    remember(place, path)
    if path.is_relative_to(place.root):
        errors.print(
            f"Le fichier d'accès est dans le dossier de données, qui se vide et se restaure : déplacez {path}, avec "
            f"ses deux secrets, dans {user_folder()}.",
            soft_wrap=True,
        )
    return path
