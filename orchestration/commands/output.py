"""What every command says the same way: French numbers, errors, progress, and the options of several.

Does not live here: what a command does.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from presentation.plain_text import plain
from presentation.system_errors import explain_error, find_system_error

if TYPE_CHECKING:
    from warehouse.settings import Home

EXIT_FAILURE = 1
EXIT_REFUSED = 3
EXIT_UNFINISHED = 5

#: What the entry point hands to the commands: the process is theirs alone. Who calls one from its own hands nothing.
OWN_PROCESS = "own process"

#: What is true of most commands when they fail: they never publish.
UNTOUCHED = "La version publiée n'a pas changé."


class PlainConsole(Console):
    """A console on which a text is a text: no markup unless asked for, and nothing received acts on the terminal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "highlight": False} | options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The pieces of what is printed, whatever it is made of, `plain`; rich's own orders to the terminal stay."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(plain(piece.text), piece.style)


console = PlainConsole()
errors = PlainConsole(stderr=True)

#: The commands that a national home understands: the others read a programme's lines.
OF_ANY_HOME = ("union", "dashboard", "rollback", "prune", "backup", "restore")


def _of_a_programme(context: typer.Context, home: Path | None) -> Path | None:
    """The home given, where the command can work in it. Ends the command in a national home that it cannot read."""
    from warehouse.settings import Home

    place = Home.at(home)
    if place.is_national and context.info_name not in OF_ANY_HOME:
        stop(
            f"{place.root} garde une vue nationale (passnum union) : « {context.info_name} » se demande dans la maison "
            "d'un commanditaire. Ici : " + ", ".join(OF_ANY_HOME) + ".",
            2,
        )
    return home


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Dossier de données (défaut : ./data, ou PASSNUM_HOME).",
        metavar="DOSSIER",
        callback=_of_a_programme,
    ),
]
TerritoryOption = Annotated[
    str | None, typer.Option("--territory", help="Un territoire, par son nom ou son code INSEE.", metavar="NOM")
]
ProgrammeOption = Annotated[
    Path | None,
    typer.Option("--programme", help="Autre dossier de réglages que programme/.", metavar="DOSSIER"),
]


def say(where: Console, head: str, rest: str = "", style: str = "bold") -> None:
    """Print a sentence whose beginning stands out. What is received may be in either part: neither is markup."""
    where.print(Text.assemble((head, style), rest), soft_wrap=True)


def choosing() -> None:
    """Say, before it begins, that a document may take minutes: it is protected with all those issued before."""
    console.print(
        "• Lecture des chiffres, choix du secret statistique : de quelques secondes à quelques minutes.", soft_wrap=True
    )


def fail(message: str) -> None:
    """Print an error a person can act on."""
    say(errors, "Erreur", f" : {message}", "bold red")


def stop(message: str, code: int = EXIT_FAILURE) -> NoReturn:
    """Print the error and end the command."""
    fail(message)
    raise typer.Exit(code)


def stop_without_lake(home: Home) -> None:
    """End the command where nothing was ever loaded: whoever mistyped a folder is told, and none is made there."""
    if not home.lake.is_dir():
        stop(f"Il n'y a pas de lac dans {home.root} : rien n'y a été chargé.")


def share_or_stop(home: Home, programme: Path | None) -> None:
    """Bring the shared lake, where one is set, to what the command left; end it (code 5) where that cannot be done.

    Call it under the runs' lock.
    """
    from orchestration.sharing import share

    unshared = share(home, programme, lambda told: console.print(told, soft_wrap=True))
    if unshared is not None:
        raise typer.Exit(EXIT_UNFINISHED)


@contextlib.contextmanager
def french_errors(
    home: Home | None = None, *expected: type[Exception], state: str = UNTOUCHED, code: int = EXIT_FAILURE
) -> Iterator[None]:
    """Turn the exceptions of the block into a French sentence; an unexpected one goes whole into a log file.

    `state`: what has become of the published version, told with an unexpected error. `code`: the exit code.
    """
    try:
        yield
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        raise
    except expected as error:
        stop(explain_error(error) if isinstance(error, OSError) else str(error), code)
    except Exception as error:  # noqa: BLE001 — the last barrier: nobody is shown a traceback, it goes to the log
        if find_system_error(error) is not None:
            stop(f"La commande s'est arrêtée : {explain_error(error)}. {state}", code)
        stop(unexpected(error, "".join(traceback.format_exception(error)), home, state), code)


def unexpected(error: Exception, trace: str, home: Home | None, state: str = UNTOUCHED) -> str:
    """Write the trace of an unexpected error in the home's logs. Returns the sentence to show, with `state`."""
    kind = getattr(error, "kind", "") or type(error).__name__
    if home is None:
        return f"Erreur inattendue ({kind})."
    path = home.logs / f"erreur-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
    try:
        home.logs.mkdir(parents=True, exist_ok=True)
        path.write_text(trace, encoding="utf-8")
        path.chmod(0o600)
    except OSError as unwritten:
        return f"Erreur inattendue ({kind}). {state} Le détail n'a pas pu être écrit : {explain_error(unwritten)}."
    return f"Erreur inattendue ({kind}). {state} Le détail est dans {path} : joignez-le à votre demande."


def refuse_taken_port(host: str, port: int, option: str) -> None:
    """End the command where a port is in use: said in French, before a server says it in English."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = "est déjà pris : d'autres pages, ou un autre service, y sont peut-être ouverts"
            what = taken if error.errno == errno.EADDRINUSE else f"ne peut pas être ouvert : {explain_error(error)}"
            other = port + 1 if port < 65535 else 8502
            stop(f"Le port {port} de l'adresse {host} {what}. Choisissez-en un autre : {option} {other}")


def secure(home: Home) -> None:
    """Close a home that others could read, and say so; say it too where that cannot be done."""
    if not home.secure():
        return
    if home.is_shared:
        told = (
            f"Le dossier de données {home.root} reste lisible par d'autres personnes de cette machine : il n'est pas à "
            "vous, ou son disque n'a pas de droits. Choisissez-en un autre (--home, ou PASSNUM_HOME)."
        )
    else:
        told = f"Le dossier de données {home.root} n'était pas privé : il n'est plus lisible que par vous (chmod 700)."
    errors.print(told, soft_wrap=True)


def parse_day(value: str | None, option: str) -> date | None:
    """A day written 2022-11-30 or 30/11/2022."""
    if value is None:
        return None
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(value.strip(), pattern).date()
    stop(f"{option} : « {value} » n'est pas une date. Écrivez par exemple 2022-11-30.", 2)


def parse_month(value: str | None, option: str) -> date | None:
    """A month written 2022-11 or 11/2022: its first day."""
    if value is None:
        return None
    for pattern in ("%Y-%m", "%m/%Y"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(value.strip(), pattern).date()
    stop(f"{option} : « {value} » n'est pas un mois. Écrivez par exemple 2022-11.", 2)


def french_value(value: float | Decimal | None, unit: str) -> str:
    """An exact figure with its unit: 3 800 000,00 €, 97 512,5 h, 54,2 %. A headline is rounder (run.py)."""
    from presentation import french

    if value is None:
        return "—"
    writers: dict[str, Callable[[float | Decimal], str]] = {
        "euro": french.euros,
        "ratio": french.percent,
        "heure": french.hours_exact,
    }
    return writers.get(unit, french.integer)(value)


def unbroken(text: str) -> str:
    """The text on lines of the screen's width, none of which begins with French punctuation.

    Rich, left to itself, breaks a line at a no-break space. A row of a Markdown table stays one line: it is a row no
    more when it is cut.
    """
    from textwrap import fill

    from presentation.french import bind

    wide = console.width
    return "\n".join(
        line if line.startswith("|") else fill(line, wide, break_long_words=False, break_on_hyphens=False)
        for line in bind(text).split("\n")
    )
