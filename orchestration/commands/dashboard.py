"""`passnum dashboard`: the pages, on this machine. Does not live here: the pages (dashboards/)."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, console


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("dashboard", help="Ouvrir les tableaux de bord dans un navigateur.")(dashboard)


def dashboard(
    home: HomeOption = None,
    port: Annotated[int, typer.Option("--port", help="Port d'écoute.", min=1, max=65535)] = 8501,
    host: Annotated[str, typer.Option("--host", help="Adresse d'écoute (cette machine par défaut).")] = "127.0.0.1",
) -> None:
    """Serve the Streamlit pages until interrupted."""
    from warehouse.settings import HOME_VARIABLE, QUIET_ENVIRONMENT, ROOT, Home

    place = Home.at(home)
    console.print(f"Tableaux de bord : http://localhost:{port} (Ctrl+C pour arrêter)")
    environment = os.environ | QUIET_ENVIRONMENT | {HOME_VARIABLE: str(place.root)}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboards" / "app.py")]
    options = [f"--server.port={port}", f"--server.address={host}", "--server.headless=true"]
    finished = subprocess.run([*command, *options], env=environment, cwd=ROOT / "dashboards", check=False)
    raise typer.Exit(finished.returncode)
