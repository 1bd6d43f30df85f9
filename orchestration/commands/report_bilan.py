"""`passnum report bilan`: the committee's PDF. Does not live here: its content (reporting/bilan)."""

from __future__ import annotations

import typer

from orchestration.commands.export import OutOption, PeriodOption, show
from orchestration.commands.output import HomeOption, ProgrammeOption, choosing, console, french_errors, stop
from orchestration.commands.report import report_app
from presentation.sentences import NOTHING_PUBLISHED


def register(_app: typer.Typer) -> None:
    """Add the command to the group `report`, which is part of the application already."""
    report_app.command("bilan", help="Le bilan du comité de pilotage : PDF de quelques pages, prêt à imprimer.")(bilan)


def bilan(
    period: PeriodOption, home: HomeOption = None, out: OutOption = None, programme: ProgrammeOption = None
) -> None:
    """Issue the bilan of a period."""
    from programme.config import ProgrammeError, load_programme
    from reporting.bilan.export import issue
    from reporting.figures.period import PeriodError, parse_period
    from warehouse.published.version_settings import VersionTooOld
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, PeriodError, ProgrammeError, VersionTooOld, OSError):
        version = current_version(place) or stop(NOTHING_PUBLISHED)
        asked, settings = parse_period(period), load_programme(programme)
        choosing()
        edition, is_new, copy = issue(version, settings, asked, place, out)
    words = "émise" if is_new else "déjà émise, à l'identique"
    console.print(f"Bilan, édition {edition.number} {words}.")
    show(copy or edition.folder, edition.manifest["demonstration"])
