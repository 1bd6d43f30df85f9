"""`passnum union`: the national view of several programmes. Does not live here: making it (orchestration/union.py)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import (
    EXIT_REFUSED,
    EXIT_UNFINISHED,
    HomeOption,
    console,
    errors,
    french_errors,
    french_value,
    say,
    stop,
)

if TYPE_CHECKING:
    from orchestration.union import United

EXIT_CODES = (
    "Codes de sortie : 0, la vue nationale est publiée, ou rien n'est nouveau ; 1, la commande a échoué ; 3, des "
    "chiffres ne s'additionnent pas, rien n'est publié ; 5, publiée, mais une suite a échoué."
)
_HEADLINES = ("budget_committed_eur", "passes_issued", "passes_used", "hours", "people_equipped", "people_reached",
              "territories_active", "lieux_active")  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    told = "Réunir les versions publiées de plusieurs commanditaires en une vue nationale."
    app.command("union", help=told, epilog=EXIT_CODES)(union)


def union(
    listed: Annotated[
        Path,
        typer.Option(
            "--list",
            help="Fichier CSV des commanditaires : colonnes siren, nom, maison (leur dossier de données).",
            metavar="FICHIER",
        ),
    ],
    home: HomeOption = None,
    force: Annotated[bool, typer.Option("--force", help="Refaire, même si rien n'est nouveau.")] = False,
) -> None:
    """Unite what is published in each home of the list, and publish it in a home of its own. Their homes are only
    read, but for the protected figures that their own pages would make."""
    from ingestion.locking import HomeIsBusy
    from orchestration.commands.progress import shown
    from orchestration.union import UnionError, unite
    from programme.config import load_commanditaires
    from programme.errors import ProgrammeError
    from warehouse.build.publish import PublicationError
    from warehouse.published.version_settings import VersionTooOld
    from warehouse.settings import ClosedHome, Home

    place = Home.at(home)
    with french_errors(
        place, ProgrammeError, UnionError, HomeIsBusy, PublicationError, VersionTooOld, ClosedHome, OSError
    ):
        commanditaires = load_commanditaires(listed)
        with shown(console):
            made = unite(commanditaires, place, force=force)
    _tell(made)
    if made.published is None:
        raise typer.Exit(EXIT_REFUSED)
    if made.failures:
        for sentence in made.failures:
            say(errors, "À refaire", f" : {sentence}")
        raise typer.Exit(EXIT_UNFINISHED)


def _tell(made: United) -> None:
    from presentation.french import count, day, instant

    for check in made.checks:
        if check.status != "ok":
            say(console, f"{check.code} ({check.severity})", f" : {check.sentence} {check.observed}.")
    if made.published is None:
        stop("Rien n'a été publié : la vue nationale précédente, s'il y en a une, reste en ligne.", EXIT_REFUSED)
    there = len(made.members) - len(made.absent)
    whole = f"{count(there, 'commanditaire', 'commanditaires')} sur {len(made.members)}"
    if not made.is_new:
        console.print(
            f"Rien de nouveau : {whole}, vue nationale publiée le {instant(made.published.published_at)}, données au "
            f"{day(made.published.as_of)}.",
            soft_wrap=True,
        )
        return
    say(console, "Vue nationale publiée", f" : {whole}, données au {day(made.published.as_of)}.")
    for label, value in _headlines(made):
        console.print(f"  {label} : {value}", soft_wrap=True)
    close = "aucun n'est trop approché" if not made.close else f"{made.close} restent trop approchés"
    console.print(
        f"Hors de l'équipe nationale, {count(made.withheld, 'chiffre est secret', 'chiffres sont secrets')} (petits "
        f"effectifs) ; {close} par l'attaque.",
        soft_wrap=True,
    )
    console.print("Pour la voir : « passnum dashboard --home » de ce dossier.", soft_wrap=True)


def _headlines(made: United) -> list[tuple[str, str]]:
    from warehouse.published.versions import connect

    assert made.published is not None
    with connect(made.published.path) as con:
        rows = con.execute(
            "select indicator, label, value, unit from national.total inner join"
            " (select distinct on (code) code, label, unit from national.indicator order by code, siren) as named"
            " on named.code = indicator"
        ).fetchall()
    told = {indicator: (label, french_value(value, unit)) for indicator, label, value, unit in rows}
    return [told[name] for name in _HEADLINES if name in told]
