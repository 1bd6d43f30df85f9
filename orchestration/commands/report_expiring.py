"""`passnum report expiring`: the passes to save, told to each structure.

Does not live here: what is told, its files and mails (reporting/to_save).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration.commands.output import HomeOption, ProgrammeOption, console, french_errors, say, stop
from orchestration.commands.report import SendOption, report_app, tell, tell_sent
from presentation.sentences import DEMO, NOTHING_PUBLISHED

if TYPE_CHECKING:
    from reporting.to_save.sending import Prepared

_HELP = (
    "Les pass à sauver : un classeur par prescripteur et par territoire, envoyé à l'adresse que garde "
    "programme/correspondants.csv. Sans --send, rien ne part : les fichiers sont écrits, et la commande dit ce qui "
    "partirait, à qui."
)


def register(_app: typer.Typer) -> None:
    """Add the command to the group `report`, which is part of the application already."""
    report_app.command("expiring", help=_HELP)(expiring)


def expiring(
    home: HomeOption = None,
    send: SendOption = False,
    every: Annotated[
        bool, typer.Option("--toutes", help="Lister aussi les structures sans adresse, une par une.")
    ] = False,
    programme: ProgrammeOption = None,
) -> None:
    """Write the files, tell what would leave; send with --send. Exit codes: 0, or 1 where somebody has not theirs."""
    from programme.config import ProgrammeError, load_correspondents, load_programme
    from reporting.quality.mail_settings import MailSettingsError, find_mail_file, load_mail_settings
    from reporting.quality.outbox import MailError
    from reporting.quality.store import DamagedRecord
    from reporting.to_save.sending import prepare
    from reporting.to_save.sending import send as send_files
    from warehouse.published.version_settings import VersionTooOld, settings_of
    from warehouse.published.versions import current_version
    from warehouse.settings import Home

    place = Home.at(home)
    with french_errors(place, ProgrammeError, VersionTooOld, MailError, MailSettingsError, DamagedRecord):
        version = current_version(place) or stop(NOTHING_PUBLISHED)
        correspondents = load_correspondents(programme)
        settings = settings_of(version, load_programme(programme))
        prepared = prepare(place, version, settings, correspondents)
        if version.is_demo:
            say(console, DEMO, style="bold yellow")
        if not prepared.shares:
            console.print(f"Aucun pass n'expire dans les {settings.expiry_alert_days} jours : aucun fichier.")
            return
        if not send:
            _show(prepared, every)
            return
        mail = load_mail_settings(find_mail_file(programme))
        prepared, entries = send_files(place, prepared, correspondents, mail, tell)
        _show(prepared, every)
        tell_sent(entries, "Aucune des structures qui ont des pass à sauver n'a d'adresse dans correspondants.csv.")


def _show(prepared: Prepared, every: bool) -> None:
    """Who, what, where to, and where it stands; structures without an address are counted, or listed."""
    from presentation.french import count

    posts = [post for post in prepared.posts if post.sent or every]
    if posts:
        table = Table(show_lines=True)
        for name in ("Structure", "Ce qui expire", "À qui, et où en est le courriel"):
            table.add_column(name)
        for post in posts:
            table.add_row(post.name, post.told, "\n".join(post.letters))
        console.print(table)
    without = sum(not post.sent for post in prepared.posts)
    if without:
        told = count(without, "structure n'a aucune adresse", "structures n'ont aucune adresse")
        console.print(
            f"{told} dans programme/correspondants.csv : transmettez-leur leur fichier, ou ajoutez une ligne.",
            soft_wrap=True,
        )
    for one in prepared.strangers:
        console.print(
            f"Rien à sauver pour {one.structure} ({one.courriel}) : aucun fichier, aucun courriel.", soft_wrap=True
        )
    console.print(
        f"{count(len(prepared.posts), 'fichier écrit', 'fichiers écrits')} dans {prepared.folder}", soft_wrap=True
    )
