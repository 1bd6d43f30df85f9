"""`passnum report`: the reports sent to people. Does not live here: their content (reporting/), their schedules.

Other reports add their command to `report_app` from a module of their own (see report_bilan.py).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.output import HomeOption, ProgrammeOption, console, errors, french_errors, say
from presentation.sentences import QUALITY_REPORT

if TYPE_CHECKING:
    from reporting.quality.outbox import Entry

EXIT_UNSENT = 1
EXIT_ALERT = 4

report_app = typer.Typer(help="Écrire et envoyer les rapports.", no_args_is_help=True)

SendOption = Annotated[
    bool, typer.Option("--send", help="Envoyer par courriel (réglages : programme/mail.yaml, ou PASSNUM_MAIL).")
]


def register(app: typer.Typer) -> None:
    """Add the group `report` to the application."""
    app.add_typer(report_app, name="report")


@report_app.command("quality", help=f"{QUALITY_REPORT}.")
def quality(home: HomeOption = None, send: SendOption = False, programme: ProgrammeOption = None) -> None:
    """Write the report of the last build. Exit codes: 0 written (and sent), 1 somebody did not receive theirs."""
    from programme.clock import today_in_paris
    from programme.config import ProgrammeError, load_programme
    from reporting.quality.addressees import read_addressees
    from reporting.quality.last_build import write_report
    from reporting.quality.mail_settings import MailSettingsError, find_mail_file, load_mail_settings
    from reporting.quality.outbox import MailError
    from reporting.quality.sending import UNKNOWN, send_report
    from reporting.quality.store import DamagedRecord
    from reporting.quality.view import make_view
    from warehouse.published.versions import NothingPublished
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, NothingPublished, ProgrammeError, MailError, MailSettingsError, DamagedRecord):
        settings = load_mail_settings(find_mail_file(programme))
        to = read_addressees(settings, programme)
        report = write_report(place, partial(load_programme, programme), today_in_paris(), to)
        view = make_view(report.complete)
        console.print(f"Qualité des données au {view.as_of}, {view.age}")
        say(console, view.verdict_title)
        for sentence in [*view.summary, view.compared]:
            console.print(sentence, soft_wrap=True)
        for figure, label in view.tiles:
            console.print(f"  {label} : {figure}")
        console.print(f"Rapport écrit dans {report.folder}", soft_wrap=True)
        for stranger in report.strangers:
            tell(UNKNOWN.format(stranger=stranger))
        if send:
            tell_sent(send_report(place, report, settings, tell))


@report_app.command("alert", help="Prévenir si le passage n'a pas eu lieu ou si plus rien n'est livré.")
def alert(home: HomeOption = None, send: SendOption = False, programme: ProgrammeOption = None) -> None:
    """Say what is late. Exit codes: 0 nothing, 4 something is late, 1 it could not be sent."""
    from programme.config import ProgrammeError, load_programme
    from reporting.quality.alert import look_for_alerts, tell_received
    from reporting.quality.mail_settings import MailSettingsError, find_mail_file, load_mail_settings
    from reporting.quality.outbox import MailError
    from reporting.quality.sending import send_alerts, send_waiting
    from reporting.quality.store import DamagedRecord
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, ProgrammeError, MailError, MailSettingsError, DamagedRecord):
        alerts = look_for_alerts(place, partial(load_programme, programme))
        if send and (settings := load_mail_settings(find_mail_file(programme))).is_configured:
            send_waiting(place, settings, tell)
        if not alerts:
            console.print(f"Rien en retard : {tell_received(place, partial(load_programme, programme))}")
            return
        for found in alerts:
            say(errors, "Alerte", f" : {found.title}. {found.sentence}", "bold red")
            errors.print(f"  Que faire : {found.remedy}", soft_wrap=True)
        if send:
            settings = load_mail_settings(find_mail_file(programme))
            tell_sent(send_alerts(place, alerts, settings, tell))
    raise typer.Exit(EXIT_ALERT)


def tell(message: str) -> None:
    errors.print(message, soft_wrap=True)


def tell_sent(
    entries: list[Entry], nobody: str = "Aucun destinataire n'est indiqué dans les réglages des courriels (recipients)."
) -> None:
    """One line a recipient; ends the command with an error when somebody did not receive theirs."""
    if not entries:
        tell(nobody)
        raise typer.Exit(EXIT_UNSENT)
    unsent = [entry for entry in entries if entry.status != "envoye"]
    console.print(f"Courriels envoyés : {len(entries) - len(unsent)} sur {len(entries)}")
    for entry in unsent:
        tell(f"  {entry.to} : {entry.error}")
    if unsent:
        raise typer.Exit(EXIT_UNSENT)
