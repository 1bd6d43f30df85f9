"""`passnum diff`: what moved between two versions, and why. Does not live here: comparing (warehouse/diff.py)."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, console, french_errors, french_value


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("diff", help="Ce qui a bougé entre deux versions publiées, et à cause de quels fichiers.")(diff)


def diff(
    before: Annotated[str, typer.Argument(help="Version A (défaut : l'avant-dernière).", metavar="A")] = "previous",
    after: Annotated[str, typer.Argument(help="Version B (défaut : la dernière).", metavar="B")] = "last",
    home: HomeOption = None,
) -> None:
    """Print each figure that moved, by how much, and the files that moved it."""
    from warehouse.diff import compare
    from warehouse.published import NothingPublished, find_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, NothingPublished):
        difference = compare(find_version(place, before), find_version(place, after))
    console.print(
        f"Données au {difference.as_of_before:%d/%m/%Y} → {difference.as_of_after:%d/%m/%Y} ; "
        f"{len(difference.files_added)} fichier(s) de plus, {len(difference.files_removed)} de moins."
    )
    if not difference.movements:
        console.print("Aucun chiffre n'a bougé.")
    for moved in difference.movements:
        sign = "+" if moved.change >= 0 else "−"
        console.print(
            f"\n[bold]{moved.label}[/] : {french_value(moved.before, moved.unit)} → "
            f"{french_value(moved.after, moved.unit)} ({sign}{french_value(abs(moved.change), moved.unit)})"
        )
        for cause in moved.causes[:10]:
            parts = [
                f"{count} {word}"
                for count, word in (
                    (cause.lines_added, "ligne(s) en plus"),
                    (cause.lines_removed, "ligne(s) en moins"),
                    (cause.lines_changed, "ligne(s) comptée(s) autrement"),
                )
                if count
            ]
            lines = ", ".join(str(line) for line in cause.example_lines)
            effect = ("+" if cause.effect >= 0 else "−") + french_value(abs(cause.effect), moved.unit)
            console.print(
                f"  {effect} : {cause.file_name} — {', '.join(parts)} (lignes {lines}…)", markup=False, soft_wrap=True
            )
        if len(moved.causes) > 10:
            console.print(f"  … et {len(moved.causes) - 10} autre(s) fichier(s).")
