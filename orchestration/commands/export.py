"""`passnum export`: the documents that leave the building as files. Does not live here: their content (reporting/)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.commands.output import HomeOption, ProgrammeOption, choosing, console, french_errors, say, stop
from presentation.french import count, integer
from presentation.sentences import DEMO, NOTHING_PUBLISHED, PERIOD_FORMS

export_app = typer.Typer(help="Exporter : ANCT, données ouvertes, compte du mandat.", no_args_is_help=True)

PeriodOption = Annotated[str, typer.Option("--period", help=f"{PERIOD_FORMS}.", metavar="PÉRIODE")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Dossier où copier l'édition (l'original reste dans reports/).", metavar="DOSSIER"),
]


def register(app: typer.Typer) -> None:
    """Add the group `export` to the application."""
    app.add_typer(export_app, name="export")


@export_app.command("anct", help="L'export de l'ANCT : classeur, CSV et schémas, figés par édition.")
def anct(
    period: PeriodOption, home: HomeOption = None, out: OutOption = None, programme: ProgrammeOption = None
) -> None:
    """Issue the export of a period; say so when the same was issued already."""
    from presentation.table import MappingError
    from programme.config import ProgrammeError, load_issuer, load_programme
    from reporting.anct.export import issue
    from reporting.figures.period import PeriodError, parse_period
    from reporting.files.catalogue import not_ready
    from warehouse.published.version_settings import VersionTooOld
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, PeriodError, MappingError, ProgrammeError, VersionTooOld, OSError):
        version = current_version(place) or stop(NOTHING_PUBLISHED)
        issuer = load_issuer(programme)
        asked, settings = parse_period(period), load_programme(programme)
        choosing()
        issued = issue(version, settings, asked, place, out, issuer=issuer)
    manifest = issued.edition.manifest
    number = issued.edition.number
    if not issued.is_new:
        console.print(f"Cet export est déjà émis, à l'identique : édition {number}, rien n'a été réécrit.")
    elif number > 1:
        changed = count(issued.changes, "valeur changée", "valeurs changées")
        console.print(f"Export ANCT, édition {number} émise : {changed} depuis l'édition {number - 1}.")
        for sentence in issued.told:
            console.print(f"  {sentence}", soft_wrap=True)
    else:
        console.print("Export ANCT, édition 1 émise.")
    secret = manifest["secret_statistique"]
    console.print(
        f"Secret statistique : {count(secret['cases_masquees'], 'case masquée', 'cases masquées')}, "
        f"dont {integer(secret['dont_complementaires'])} pour en protéger d'autres."
    )
    if secret["non_protegeables"]:
        words = ("case à protéger déjà calculable", "cases à protéger déjà calculables")
        exposed = count(secret["non_protegeables"], *words)
        say(console, "Attention", f" : {exposed}.")
    show(issued.copy or issued.edition.folder, manifest["demonstration"])
    if told := not_ready(issuer):
        console.print(told, soft_wrap=True)


@export_app.command("open-data", help="Les données ouvertes : lieux au standard national, activité agrégée.")
def open_data(
    period: PeriodOption, home: HomeOption = None, out: OutOption = None, programme: ProgrammeOption = None
) -> None:
    """Issue the open data of a period."""
    from presentation.table import MappingError
    from programme.config import ProgrammeError, load_issuer, load_programme
    from reporting.figures.period import PeriodError, parse_period
    from reporting.files.catalogue import not_ready
    from reporting.open_data.export import issue
    from warehouse.published.version_settings import VersionTooOld
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, PeriodError, MappingError, ProgrammeError, VersionTooOld, OSError):
        version = current_version(place) or stop(NOTHING_PUBLISHED)
        issuer = load_issuer(programme)
        settings = load_programme(programme)
        asked = parse_period(period)
        choosing()
        edition, is_new, copy = issue(version, settings, asked, place, out, issuer)
    words = "émise" if is_new else "déjà émise, à l'identique"
    console.print(f"Données ouvertes, édition {edition.number} {words}.")
    show(copy or edition.folder, edition.manifest["demonstration"])
    if told := not_ready(issuer):
        console.print(told, soft_wrap=True)


@export_app.command("mandat", help="Le compte annuel du mandat (D. 1611-25 du CGCT) : classeur et PDF.")
def mandat(
    year: Annotated[int, typer.Option("--year", help="Année du compte, par exemple 2022.", metavar="ANNÉE")],
    rectifying: Annotated[
        bool,
        typer.Option(
            "--rectificative",
            help="Émettre une édition rectificative d'un compte arrêté, avec la liste de ce qui a bougé.",
        ),
    ] = False,
    home: HomeOption = None,
    out: OutOption = None,
    programme: ProgrammeOption = None,
) -> None:
    """Issue the yearly account of the mandate, which closes its year; say what has come since when it is closed."""
    from programme.config import ProgrammeError, load_issuer, load_mandate, load_programme
    from reporting.figures.period import PeriodError
    from reporting.mandate.export import issue
    from reporting.mandate.identity import Parties, lacking_sentence
    from reporting.mandate.wording import issued_sentences
    from warehouse.published.version_settings import VersionTooOld
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, PeriodError, ProgrammeError, VersionTooOld, OSError):
        version = current_version(place) or stop(NOTHING_PUBLISHED)
        parties = Parties(load_issuer(programme), load_mandate(programme))
        issued = issue(version, load_programme(programme), year, place, out, rectifying=rectifying, parties=parties)
    for sentence in issued_sentences(issued, year, rectifying):
        console.print(sentence, soft_wrap=True)
    show(issued.copy or issued.edition.folder, issued.edition.manifest["demonstration"])
    if told := lacking_sentence(parties.mandate, None if issued.edition.manifest["provisoire"] else year):
        console.print(told, soft_wrap=True)


@export_app.command("analystes", help="Le fichier DuckDB des analystes : sans clé de pass, de carnet ni de personne.")
def analystes(home: HomeOption = None, out: OutOption = None) -> None:
    """Write the analysts' file of the published version."""
    from reporting.analysts import write_analysts_file
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, OSError):
        version = current_version(place) or stop(NOTHING_PUBLISHED)
        path = write_analysts_file(version, place, out)
    console.print("Fichier des analystes écrit : aucune clé de pass, de carnet ni de personne n'y est.")
    show(path, version.is_demo)


def show(folder: Path, is_demo: bool) -> None:
    """Where the files are, and that they are worth nothing when the data are made up."""
    console.print(f"Fichiers : {folder}", soft_wrap=True)
    if is_demo:
        say(console, DEMO)
