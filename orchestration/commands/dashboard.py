"""`passnum dashboard`: the pages, on this machine. Does not live here: the pages (dashboards/)."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import HomeOption, console

if TYPE_CHECKING:
    from warehouse.settings import Home


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("dashboard", help="Ouvrir les tableaux de bord dans un navigateur.")(dashboard)


def dashboard(
    home: HomeOption = None,
    port: Annotated[int, typer.Option("--port", help="Port d'écoute.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option("--host", help="Adresse d'écoute (cette machine par défaut).")] = "127.0.0.1",
    without_sign_in: Annotated[
        bool, typer.Option("--sans-connexion", help="Ouvrir au réseau sans fichier d'accès (réseau déjà protégé).")
    ] = False,
) -> None:
    """Serve the Streamlit pages until interrupted."""
    from warehouse.settings import HOME_VARIABLE, QUIET_ENVIRONMENT, ROOT, Home

    place = Home.at(home)
    _refuse_open_network(place, host, without_sign_in)
    _refuse_taken_port(host, port)
    console.print(f"Tableaux de bord : http://localhost:{port} (Ctrl+C pour arrêter)")
    environment = os.environ | QUIET_ENVIRONMENT | {HOME_VARIABLE: str(place.root)}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboards" / "server.py")]
    options = [f"--server.port={port}", f"--server.address={host}", "--server.headless=true"]
    # Streamlit greets in English on its standard output; what goes wrong is on the other one, and stays.
    finished = subprocess.run(
        [*command, *options], env=environment, cwd=ROOT / "dashboards", stdout=subprocess.DEVNULL, check=False
    )
    raise typer.Exit(finished.returncode)


def _refuse_open_network(place: Home, host: str, without_sign_in: bool) -> None:
    """Pages without sign-in stay on this machine, unless the person says that the network is protected."""
    from dashboards.access import FILE_NAME, VARIABLE, access_path

    if host in {"127.0.0.1", "localhost", "::1"} or without_sign_in or access_path(place) is not None:
        return
    console.print(
        f"L'adresse {host} ouvre les pages à d'autres machines, sans connexion. Placez un fichier d'accès {FILE_NAME} "
        f"dans {place.root} (ou nommez-le par {VARIABLE}), ou ajoutez --sans-connexion si le réseau est déjà protégé."
    )
    raise typer.Exit(1)


def _refuse_taken_port(host: str, port: int) -> None:
    """A port in use is said in French before Streamlit says it in English."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            what = "est déjà pris" if error.errno == errno.EADDRINUSE else "ne peut pas être ouvert"
            other = port + 1 if port < 65535 else 8502
            console.print(
                f"Le port {port} de l'adresse {host} {what} : d'autres tableaux de bord y sont peut-être ouverts. "
                f"Choisissez-en un autre : passnum dashboard --port {other}"
            )
            raise typer.Exit(1) from None
