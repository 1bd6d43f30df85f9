"""`passnum trace`: from a figure down to files and lines. Does not live here: the tracing (warehouse/)."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, console, french_errors, french_value, parse_month


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("trace", help="D'un chiffre jusqu'aux fichiers et aux lignes qui le composent.")(trace)


def trace(
    indicator: Annotated[str, typer.Argument(help="Code de l'indicateur, par exemple hours.", metavar="INDICATEUR")],
    home: HomeOption = None,
    territory: Annotated[str | None, typer.Option("--territory", help="Code INSEE.", metavar="CODE")] = None,
    month: Annotated[str | None, typer.Option("--month", help="Un mois, par exemple 2022-11.", metavar="MOIS")] = None,
    version: Annotated[str, typer.Option("--version", help="Version (défaut : la dernière).")] = "last",
) -> None:
    """Print the files behind a figure, their first lines, and the proof that they add up to it."""
    from rich.table import Table

    from warehouse.published.trace import TraceError
    from warehouse.published.trace import trace as trace_figure
    from warehouse.published.versions import NothingPublished, connect, find_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, NothingPublished, TraceError), connect(find_version(place, version)) as con:
        found = trace_figure(con, indicator, territory=territory, month=parse_month(month, "--month"))
    scope = (f", territoire {territory}" if territory else "") + (f", mois {month}" if month else "")
    if not found.files:
        console.print(f"{found.label}{scope} : {french_value(found.value, found.unit)}", soft_wrap=True)
        console.print("Aucune ligne des fichiers livrés n'y contribue.")
        return
    table = Table(title=f"{found.label}{scope} : {french_value(found.value, found.unit)}")
    # A file's name is never cut: it is what the reader will look for.
    table.add_column("Fichier", overflow="fold", min_width=28)
    for name in ("Extraction", "Lignes", "Premières lignes", "Part"):
        table.add_column(name)
    for file in found.files:
        lines = ", ".join(str(line) for line in file.first_lines) + ("…" if file.lines > len(file.first_lines) else "")
        day = f"{file.extract_date:%d/%m/%Y}" if file.extract_date else ""
        table.add_row(file.file_name, day, str(file.lines), lines, french_value(file.value, found.unit))
    console.print(table)
    console.print(f"{found.lines} ligne(s), {len(found.files)} fichier(s).")
    if found.published is not None:
        same = abs((found.value or 0.0) - found.published) < 1e-6
        shown = french_value(found.published, found.unit)
        console.print(f"Chiffre publié : {shown} — " + ("la somme est exacte." if same else "[red]ÉCART[/]"))
