"""`passnum person`: what the home holds of a person, and their pseudonym cut from it (RGPD, arts. 15 and 17).

The identifier is asked, or read from a file; given as an argument, which a shell keeps and a machine shows, the way
to avoid it is told. It is neither printed nor logged. Does not live here: the search (ingestion/erasing,
warehouse/published/person), its laying out (orchestration/person_report.py).
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import (
    HomeOption,
    ProgrammeOption,
    console,
    errors,
    french_errors,
    share_or_stop,
    stop,
    stop_without_lake,
)

if TYPE_CHECKING:
    from ingestion.person import Person
    from warehouse.settings import Home

person_app = typer.Typer(
    help="Droits d'une personne : ce qui est détenu sur elle, et son effacement.", no_args_is_help=True
)

#: Said whenever the identifier was an argument.
IN_HISTORY = (
    "L'identifiant tapé dans la commande reste dans l'historique du terminal : effacez-en cette ligne, et la prochaine "
    "fois ne l'y écrivez pas (il sera demandé sans s'afficher), ou mettez-le dans un fichier (--identifiant FICHIER)."
)
#: Several words: a blank that was not quoted is part of the identifier, and never shown by a mistake of typing.
WordsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help="Identifiant du bénéficiaire ; omis, il est demandé sans s'afficher, et le terminal n'en garde rien.",
        metavar="ID",
        show_default=False,
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--identifiant",
        help="Fichier dont la première ligne est l'identifiant (sinon il est demandé, sans s'afficher).",
        metavar="FICHIER",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group `person` to the application."""
    app.add_typer(person_app, name="person")


@person_app.command("show", help="Tout ce que le dossier de données détient sur une personne (droit d'accès).")
def show(
    words: WordsArgument = None,
    home: HomeOption = None,
    identifier: FileOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Écrire le détail : .json ou .xlsx.", metavar="FICHIER")
    ] = None,
) -> None:
    """Print where the person is found, and how many lines; the detail goes to a file alone (0600)."""
    from orchestration.person_report import collect, summarise, write

    if out is not None and out.suffix.lower() not in (".json", ".xlsx"):
        stop("--out : le nom du fichier se termine par .json ou .xlsx.", 2)
    with _asked(home, words, identifier) as (place, person, secret):
        report = collect(place, person, secret)
        for sentence in summarise(report):
            console.print(sentence, soft_wrap=True)
        if out is not None:
            write(report, out)
            console.print(f"Détail écrit dans {out}, lisible de vous seul : il contient des données personnelles.")
        elif not report.is_empty:
            console.print("Pour le détail à remettre à la personne : --out FICHIER.xlsx")


@person_app.command("erase", help="Effacer une personne (droit à l'effacement) ; dit d'abord ce qui serait fait.")
def erase(
    words: WordsArgument = None,
    home: HomeOption = None,
    identifier: FileOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Le faire. Sans cette option, rien n'est changé.")] = False,
    programme: ProgrammeOption = None,
) -> None:
    """Say what would be done, or do it: cut the pseudonym, empty the person's cells in the originals."""
    from ingestion.erased import KEPT
    from orchestration.person_report import collect, erase_person, summarise

    with _asked(home, words, identifier) as (place, person, secret):
        report = collect(place, person, secret)
        for sentence in summarise(report):
            console.print(sentence, soft_wrap=True)
        if report.is_empty:
            if yes:  # an erasure that was cut short before it reached the shared lake
                share_or_stop(place, programme)
            return
        if not yes:
            console.print("Rien n'a été changé. Pour effacer cette personne : la même commande avec --yes.")
            console.print(KEPT, soft_wrap=True)
            return
        for sentence in erase_person(place, person, secret, lambda told: console.print(told, soft_wrap=True)):
            console.print(sentence, soft_wrap=True)
        share_or_stop(place, programme)


@contextlib.contextmanager
def _asked(home: Path | None, words: list[str] | None, file: Path | None) -> Iterator[tuple[Home, Person, bytes]]:
    """The home, alone in it, and the person asked for. French errors, of which none quotes the identifier."""
    from ingestion.identifier_rule import refuse_other_rule
    from ingestion.intake import IngestionError, refuse_other_secret
    from ingestion.lake import Lake, LakeCorruption
    from ingestion.locking import HomeIsBusy, home_lock
    from ingestion.person import PersonError, identify
    from ingestion.secret import SecretError, load_secret
    from warehouse.settings import Home

    place = Home.at(home)
    if words:
        errors.print(IN_HISTORY, soft_wrap=True)
        if file is not None:
            stop("L'identifiant est donné deux fois : dans la commande et par --identifiant.", 2)
    stop_without_lake(place)
    with (
        french_errors(place, HomeIsBusy, IngestionError, LakeCorruption, SecretError, PersonError, OSError),
        home_lock(place.warehouse),
        home_lock(place.root),
    ):
        secret = load_secret()
        refuse_other_secret(Lake(place.lake), secret)
        refuse_other_rule(Lake(place.lake))
        yield place, identify(_read(words, file), secret), secret


def _read(words: list[str] | None, file: Path | None) -> str:
    if words:
        return " ".join(words)
    if file is not None:
        return file.read_text(encoding="utf-8-sig").split("\n")[0]
    if sys.stdin.isatty():
        return str(typer.prompt("Identifiant du bénéficiaire, tel que l'écrivent les fichiers livrés", hide_input=True))
    return sys.stdin.readline()
