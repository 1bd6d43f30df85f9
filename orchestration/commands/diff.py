"""`passnum diff`: what moved between two versions, and why. Does not live here: comparing (warehouse/)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import HomeOption, TerritoryOption, console, french_errors, french_value, say
from presentation.french import count, integer

if TYPE_CHECKING:
    from warehouse.published.diff import Cause, Movement

SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("diff", help="Ce qui a bougé entre deux versions publiées, et à cause de quels fichiers.")(diff)


def diff(
    before: Annotated[str, typer.Argument(help="Version A (défaut : l'avant-dernière).", metavar="A")] = "previous",
    after: Annotated[str, typer.Argument(help="Version B (défaut : la dernière).", metavar="B")] = "last",
    home: HomeOption = None,
    territory: TerritoryOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Écrire aussi les chiffres, les livraisons et les lignes (CSV et XLSX).", metavar="DIR"
        ),
    ] = None,
) -> None:
    """Print each figure that moved, by how much, and the files and lines that moved it."""
    from warehouse.published.diff import DiffError, compare
    from warehouse.published.measure import TraceError
    from warehouse.published.trace import find_territory
    from warehouse.published.versions import NothingPublished, connect, find_version, read_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, NothingPublished, DiffError, TraceError, OSError):
        older, newer = find_version(place, before), find_version(place, after)
        with connect(newer) as con:
            territory = find_territory(con, territory) if territory else None
        difference = compare(older, newer, territory, place.lake)
        if out is not None:
            from reporting.difference import write_difference

            scope = f"territoire {territory}" if territory else "tout le programme"
            written = write_difference(difference, read_version(older), read_version(newer), scope, out)
            console.print(f"Tables écrites : {', '.join(str(path) for path in written)}", soft_wrap=True)
    console.print(
        f"Données au {difference.as_of_before:%d/%m/%Y} → {difference.as_of_after:%d/%m/%Y} ; "
        f"{count(len(difference.files_added), 'fichier')} de plus, {integer(len(difference.files_removed))} de moins."
    )
    _print_files("De plus", difference.files_added)
    _print_files("De moins", difference.files_removed)
    if not difference.movements:
        scope = f"du territoire {territory}" if territory else "du programme"
        console.print(f"Aucun chiffre {scope} n'a bougé.")
    for moved in difference.movements:
        say(
            console,
            f"\n{moved.label}",
            f" : {french_value(moved.before, moved.unit)} → {french_value(moved.after, moved.unit)} "
            f"({signed(moved.change, moved.unit)})",
        )
        print_causes(moved)
    if difference.territories and territory is None:
        names = [f"{code} {name}" for code, name in difference.territories]
        console.print(
            f"\n{count(len(names), 'territoire')} dont les chiffres ont bougé : {_shortened(names)}. "
            "Le détail de l'un d'eux : passnum diff A B --territory CODE.",
            soft_wrap=True,
        )


def print_causes(moved: Movement) -> None:
    """The causes of a movement, largest first; those past the tenth together."""
    for cause in moved.causes[:SHOWN]:
        console.print(f"  {_told(cause, moved)}", soft_wrap=True)
    if len(moved.causes) > SHOWN:
        rest = sum(cause.effect for cause in moved.causes[SHOWN:])
        console.print(
            f"  {signed(rest, moved.unit)} : {count(len(moved.causes) - SHOWN, 'autre fichier', 'autres fichiers')}.",
            soft_wrap=True,
        )


def _told(cause: Cause, moved: Movement) -> str:
    """One cause as a line: its effect, its file, its lines, what they replaced."""
    corrects = ("ligne d'avant, revenue", "lignes d'avant, revenues")
    corrects = corrects if moved.is_back else ("ligne qui corrige", "lignes qui corrigent")
    parts = [
        count(number, *words)
        for number, words in (
            (cause.lines_added, ("ligne en plus", "lignes en plus")),
            (cause.lines_corrected, corrects),
            (cause.lines_removed, ("ligne en moins", "lignes en moins")),
            (cause.lines_changed, ("ligne comptée autrement", "lignes comptées autrement")),
        )
        if number
    ]
    total = cause.lines_added + cause.lines_corrected + cause.lines_removed + cause.lines_changed
    lines = ", ".join(str(line) for line in cause.example_lines) + ("…" if total > len(cause.example_lines) else "")
    of_lines = "ligne" if total == 1 else "lignes"
    replaced = f", à la place de {_shortened(cause.replaced_files)}" if cause.replaced_files else ""
    return f"{signed(cause.effect, moved.unit)} : {cause.file_name} — {', '.join(parts)} ({of_lines} {lines}){replaced}"


def _print_files(title: str, names: list[str]) -> None:
    if names:
        console.print(f"  {title} : {_shortened(names)}", soft_wrap=True)


def _shortened(names: list[str]) -> str:
    more = f" et {count(len(names) - SHOWN, 'autre')}" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def signed(change: float, unit: str) -> str:
    """A change with its sign, in its unit."""
    told = french_value(abs(change), unit)
    if unit == "ratio":  # points, not a share: two shares are told apart by tenths of a point
        told = told.replace("%", "points" if abs(change) >= 0.02 else "point")
    return ("+" if change >= 0 else "−") + told
