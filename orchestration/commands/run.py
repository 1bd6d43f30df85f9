"""`passnum run`: from the dropped files to the published version, and its headline figures.

Does not live here: the steps (orchestration/steps.py), the figures (dbt models).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import (
    EXIT_REFUSED,
    EXIT_UNFINISHED,
    OWN_PROCESS,
    HomeOption,
    ProgrammeOption,
    console,
    errors,
    fail,
    french_errors,
    parse_day,
    say,
    secure,
    stop,
    unexpected,
)
from orchestration.expected import EXPECTED
from presentation.sentences import DEMO

if TYPE_CHECKING:
    from orchestration.plan import RunPlan
    from orchestration.run import RunOutcome
    from warehouse.settings import Home

HEADLINES = (
    "budget_committed_eur", "budget_paid_eur", "hours", "people_equipped", "people_reached",
    "passes_issued", "passes_used", "passes_expired", "territories_active", "lieux_active",
)  # fmt: skip
EXIT_CODES = (
    "Codes de sortie : 0, une version est publiée, ou rien n'est nouveau ; 1, le passage a échoué ; 2, la commande est "
    "mal tapée ; 3, un contrôle bloquant a refusé la publication ; 5, la version est publiée, mais une suite du "
    "passage a échoué ; 130, interrompu (Ctrl-C) ; 143, arrêté par le système (SIGTERM)."
)
_NOTHING = "Rien n'a été publié."


class Engine(StrEnum):
    """What builds."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    told = "Lire les fichiers déposés, construire, contrôler et publier l'entrepôt."
    app.command("run", help=told, epilog=EXIT_CODES)(run)


def run(
    context: typer.Context,
    home: HomeOption = None,
    landing: Annotated[
        Path | None, typer.Option("--landing", help="Autre zone de dépôt que <home>/landing.", metavar="DOSSIER")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Le programme tel qu'on le connaissait à cette date.", metavar="DATE"),
    ] = None,
    programme: ProgrammeOption = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Reconstruire et publier, même si rien n'a changé."),
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option("--engine", help="Qui construit : DuckDB, ou Spark (docs/echelle.md).", envvar="PASSNUM_ENGINE"),
    ] = Engine.DUCKDB,
) -> None:
    """Walk the whole road. Exit codes: those of EXIT_CODES.

    Nothing new: the published version is made of the same files, settings and rules; nothing is built.
    5: the version is published and readers see it, but something that follows a publication failed (a report, a copy).
    """
    from ingestion.locking import HomeIsBusy
    from orchestration.plan import RunPlan
    from programme.errors import ProgrammeError
    from warehouse.settings import ClosedHome, Home

    day = parse_day(as_of, "--as-of")
    if day is not None:
        _refuse_the_future(day)
    place = Home.at(home, landing)
    plan = RunPlan(place, day, programme, force, engine.value)
    with french_errors(place, ProgrammeError, HomeIsBusy, ClosedHome, state=_NOTHING):
        _ = plan.programme  # a mistake in the settings is told before anything is read
        _create(place)
        outcome = _execute(plan, context.obj == OWN_PROCESS)
    if outcome.verdict == "failed" and outcome.error is not None:
        stop(_told(outcome.error, place, _NOTHING))
    if outcome.verdict == "refused":
        _print_refusal(outcome)
        raise typer.Exit(EXIT_REFUSED)
    if engine is Engine.SPARK:
        return
    with french_errors(place, state="La version est publiée.", code=EXIT_UNFINISHED):
        version = _print_headlines(place, day.isoformat() if day else None)
    if outcome.error is not None:
        state = f"La version {version} est publiée ; le passage n'a pas pu tout terminer ensuite."
        fail(_told(outcome.error, place, state))
        raise typer.Exit(EXIT_UNFINISHED)


def _told(error: Exception, home: Home, state: str) -> str:
    """What failed, for a person: an expected error as it says itself, an unexpected one with its log."""
    kind = getattr(error, "kind", "").rsplit(".", 1)[-1]
    if kind == "OSError":
        return f"{error} {state}"
    if kind in EXPECTED:
        return str(error) if state == _NOTHING else f"{state} {error}"
    return unexpected(error, getattr(error, "trace", str(error)), home, state)


def _create(home: Home) -> None:
    from presentation.system_errors import explain_error

    try:
        secure(home)
        home.create()
    except OSError as error:
        stop(f"Le dossier de données ne peut pas être préparé : {explain_error(error)}. {_NOTHING}")


def _refuse_the_future(day: date) -> None:
    """Nobody knew the programme at a day to come: its passes would all be seen expired (exports §3)."""
    from programme.clock import today_in_paris

    today = today_in_paris()
    if day > today:
        stop(
            f"--as-of : le {day:%d/%m/%Y} est à venir. Donnez une date passée, au plus tard aujourd'hui "
            f"({today:%d/%m/%Y}) ; pour ce qui vient, voyez la projection.",
            2,
        )


def _execute(plan: RunPlan, own_process: bool) -> RunOutcome:
    from orchestration.commands.progress import shown
    from orchestration.run import execute

    console.print(f"Dossier de données : {plan.home.root}")
    with shown(console):
        return execute(plan, own_process)


def _print_refusal(outcome: RunOutcome) -> None:
    say(errors, "Publication refusée", " : la version précédente reste en ligne.", "bold red")
    for check in outcome.blocking:
        errors.print(f"  {check.code} — {check.sentence}", soft_wrap=True)
        errors.print(f"      observé : {check.observed} ; attendu : {check.expected} ({check.owner})", soft_wrap=True)


def _print_headlines(home: Home, as_of: str | None) -> str:
    """Print the headline figures of what is published. Returns the version's name."""
    from rich.table import Table

    from presentation import format_fr
    from presentation.french import day_long, part_of
    from warehouse.published.versions import connect, current_path, find_version, read_version

    path = find_version(home, as_of) if as_of else current_path(home)
    assert path is not None
    version = read_version(path)
    with connect(path) as con:
        rows = con.execute(
            """
            select dictionary.label, dictionary.unit, progress.value, progress.target, dictionary.code
            from marts.programme_progress as progress
            inner join marts.indicator as dictionary on progress.indicator = dictionary.code
            order by dictionary.rank
            """
        ).fetchall()
    table = Table(title=f"Le programme au {day_long(version.as_of)}")
    for name, justify in (("Indicateur", "left"), ("Valeur", "right"), ("Objectif", "right"), ("Avancement", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for label, unit, value, target, code in rows:
        if code in HEADLINES:
            share = part_of(value or 0, target) if target else ""
            goal = format_fr.write(target, format_fr.ROUND_WRITERS[unit]) if target else ""
            table.add_row(label, format_fr.write(value, format_fr.UNIT_WRITERS[unit]), goal, share)
    console.print(table)
    if version.is_demo:
        say(console, DEMO)
    console.print(f"Version {version.build_id} — empreinte {version.fingerprint}")
    if not as_of:
        console.print(
            "Pour lire les pages : passnum dashboard"
            + (f" --home {quote(str(home.root))}" if _is_elsewhere(home) else "")
        )
    return version.build_id


def _is_elsewhere(home: Home) -> bool:
    """Whether the commands that follow must be told the home."""
    from warehouse.settings import Home as Places

    return Places.at().root != home.root
