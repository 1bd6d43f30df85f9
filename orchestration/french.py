"""The command line's own words in French: headings of the help, metavars, and the mistakes of a person typing.

Lives here: what Typer says by itself. Does not live here: what our commands say (orchestration/commands).
"""

from __future__ import annotations

import difflib
import signal
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import typer
from typer import rich_utils
from typer._click.exceptions import BadParameter, ClickException, MissingParameter, NoSuchOption, UsageError

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143
_INTERRUPTED = "Interrompu. Rien n'est perdu : relancez la commande pour terminer."
_TERMINATED = "Arrêté par le système. Rien n'est perdu : relancez la commande pour terminer."

rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
rich_utils.ARGUMENTS_PANEL_TITLE = "Arguments"
rich_utils.OPTIONS_PANEL_TITLE = "Options"
rich_utils.DEFAULT_STRING = "[défaut : {}]"
rich_utils.ENVVAR_STRING = "[variable : {}]"
rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"

_METAVARS = {int: "N", float: "NOMBRE", str: "TEXTE"}
_EXPECTED = {int: "un nombre entier", float: "un nombre"}


def main(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run `app` on `arguments` (the process's own by default). Returns the exit code.

    2 for a mistake of typing, 130 for Ctrl-C, 143 for SIGTERM: what was begun is tidied up as after Ctrl-C.
    """
    from orchestration.commands.output import OWN_PROCESS, fail

    command = typer.main.get_command(app)
    for one in _walk(command):
        _polish(one)
    told, ended = _INTERRUPTED, EXIT_INTERRUPTED

    def end(*_: object) -> None:
        nonlocal told, ended
        told, ended = _TERMINATED, EXIT_TERMINATED
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        code = command.main(arguments, prog_name="passnum", standalone_mode=False, obj=OWN_PROCESS)
    except (KeyboardInterrupt, typer.Abort):
        fail(told)
        return ended
    except ClickException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            return EXIT_USAGE
        fail(explain(error))
        return EXIT_USAGE
    finally:
        signal.signal(signal.SIGTERM, before)
    if code == EXIT_INTERRUPTED:  # Typer has turned the interruption into its code already
        fail(told)
        return ended
    return code if isinstance(code, int) else 0


def explain(error: ClickException) -> str:
    """What was typed wrong, and how to mend it."""
    where = error.ctx.command_path if isinstance(error, UsageError) and error.ctx else "passnum"
    return f"{_what(error)} Aide : {where} --help"


def _what(error: ClickException) -> str:
    if isinstance(error, MissingParameter):
        return f"il manque {_name(error)}."
    if isinstance(error, NoSuchOption):
        near = f" Vouliez-vous dire {' ou '.join(sorted(error.possibilities))} ?" if error.possibilities else ""
        return f"option inconnue {error.option_name}.{near}"
    if isinstance(error, BadParameter) and error.param is not None:
        kind = _kind(error.param)
        bounds = error.param.type_descriptor.parameter_info  # type: ignore[attr-defined]
        expected = _EXPECTED.get(kind, "")
        expected += f", {bounds.min} ou plus" if bounds.min is not None else ""
        expected += f", {bounds.max} au plus" if bounds.max is not None else ""
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        if isinstance(kind, type) and issubclass(kind, Enum):
            choices = tuple(one.value for one in kind)
        if choices:
            expected = f"un de : {', '.join(map(str, choices))}"
        return f"valeur impossible pour {_name(error)}{f' ; attendu : {expected}' if expected else ''}."
    if error.message.startswith("No such command") and isinstance(error, UsageError) and error.ctx:
        typed = error.message.split("'")[1]
        near_ones = difflib.get_close_matches(typed, list(getattr(error.ctx.command, "commands", {})))
        near = f" Vouliez-vous dire {' ou '.join(near_ones)} ?" if near_ones else ""
        return f"commande inconnue « {typed} ».{near}"
    if error.message.startswith("Missing command"):
        return "il manque une commande."
    if error.message.startswith("Got unexpected extra argument"):
        return f"argument en trop : {error.message.split('(', 2)[-1].rstrip(').')}."
    if "requires an argument" in error.message:
        return f"l'option {getattr(error, 'option_name', '')} attend une valeur."
    return error.format_message()


def _name(error: BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "un argument")
    if error.param.param_type_name == "option":
        return error.param.opts[0]
    return f"l'argument {error.param.metavar or str(error.param.name).upper()}"


def _kind(param: Any) -> Any:
    """The annotation of a parameter: int, float, str, a Literal…"""
    return getattr(getattr(param, "type_descriptor", None), "annotation", None)


def _walk(command: Any) -> Iterator[Any]:
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from _walk(one)


def _polish(command: Any) -> None:
    if hasattr(command, "commands"):
        command.subcommand_metavar = "COMMANDE [ARGUMENTS]…"
    for param in command.params:
        if getattr(param, "is_flag", False):
            param.metavar = " "
        elif param.metavar is None:
            param.metavar = _METAVARS.get(_kind(param))
    build = command.get_help_option

    def in_french(ctx: Any) -> Any:
        option = build(ctx)
        if option is not None:
            option.help, option.metavar = "Afficher cette aide.", " "
        return option

    command.get_help_option = in_french
