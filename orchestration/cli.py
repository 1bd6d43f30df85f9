"""The `passnum` command: it assembles the commands of orchestration/commands, nothing else.

Heavy modules are imported by the command that uses them: `passnum --help` answers at once.
"""

from __future__ import annotations

import sys

import typer

from orchestration import french
from orchestration.commands import (
    backup,
    check,
    dashboard,
    diff,
    doctor,
    export,
    lake,
    person,
    prune,
    purge,
    report,
    report_bilan,
    report_expiring,
    rgpd,
    rollback,
    run,
    serve,
    simulate,
    stack,
    status,
    trace,
    union,
    upgrade,
    verify,
    why,
)
from orchestration.commands import map as map_files
from storage.private import write_for_owner

app = typer.Typer(
    name="passnum",
    help="Entrepôt de données du Pass Numérique de la Métropole du Grand Paris.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    simulate,
    run,
    status,
    doctor,
    rollback,
    dashboard,
    serve,
    check,
    map_files,
    person,
    backup,
    prune,
    purge,
    upgrade,
    rgpd,
    trace,
    why,
    diff,
    verify,
    report,
    report_bilan,
    report_expiring,
    export,
    stack,
    union,
    lake,
):
    module.register(app)


def main() -> None:
    """Entry point: a mistake of the user is one French sentence, never a traceback. It writes for its owner."""
    write_for_owner()
    sys.exit(french.main(app))
