"""`passnum verify`: with a code, whether a quoted figure was published; without, whether what is kept is intact.

Does not live here: deciding it (warehouse/published/verification.py, orchestration/integrity.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands.diff import print_causes, signed
from orchestration.commands.doctor import print_findings
from orchestration.commands.output import (
    HomeOption,
    console,
    french_errors,
    french_value,
    say,
    stop,
    stop_without_lake,
)

if TYPE_CHECKING:
    from warehouse.published.figure_address import Figure
    from warehouse.published.verification import Verdict


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(
        "verify",
        help="Un chiffre cité a-t-il été publié, et que vaut-il aujourd'hui ? Sans code : tout est-il intact ici ?",
    )(verify)


def verify(
    code: Annotated[
        str | None,
        typer.Argument(
            help="Code d'un chiffre, lu sur sa page : PN-…. Sans lui, le lac, l'archive, la version, l'historique "
            "et les documents émis sont relus.",
            metavar="CODE",
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Say in French what the code names, its value in its version, its value today, and what changed it.

    Without a code, verify what the home keeps. Exit code 1 where the figure was never published, or something is
    damaged.
    """
    from warehouse.published.diff import DiffError
    from warehouse.published.figure_address import AddressError
    from warehouse.published.verification import verify as verify_figure
    from warehouse.published.versions import NothingPublished
    from warehouse.settings import Home

    place = Home.at(home)
    if code is None:
        with french_errors(place):
            from orchestration.integrity import verify_home

            stop_without_lake(place)
            print_findings(place, verify_home(place))
        return
    with french_errors(place, NothingPublished, AddressError, DiffError):
        found = verify_figure(place, code)
    say(console, found.label, f", {scope_of(found.figure, found.place_name)}")
    told = _told(found)
    if found.state in ("unknown", "refused"):
        stop(told)
    console.print(told, soft_wrap=True)
    if found.state == "current":
        return
    console.print(
        f"Aujourd'hui (version {found.current.build_id}, données au {found.current.as_of:%d/%m/%Y}) : "
        f"{french_value(found.today, found.unit)}"
        + (f" ({signed(found.movement.change, found.unit)})." if found.movement else "."),
        soft_wrap=True,
    )
    if found.movement:
        console.print("Ce qui a fait bouger ce chiffre :")
        print_causes(found.movement)


def scope_of(figure: Figure, place_name: str) -> str:
    """« Vincennes, du mois de 01/2022 au mois de 03/2022 »: where and when a figure is of."""
    where = place_name or "tout le programme"
    if figure.start is None and figure.end is None:
        return f"{where}, depuis le début"
    first = f"du mois de {figure.start:%m/%Y}" if figure.start else "depuis le début"
    return f"{where}, {first} " + (f"au mois de {figure.end:%m/%Y}" if figure.end else "à la fin des données")


def _told(found: Verdict) -> str:
    version = f"version {found.figure.build_id}"
    if found.record is None and found.state == "unknown":
        return f"La {version} n'est pas de ce dossier de données : rien ne prouve que ce chiffre ait été publié ici."
    dated = f", données au {found.record.as_of:%d/%m/%Y}" if found.record else ""
    value = french_value(found.value, found.unit)
    if found.state == "refused":
        return f"La {version}{dated} a été refusée par un contrôle bloquant : ce chiffre n'a jamais été publié."
    if found.state == "current":
        return f"Publié : {value}, dans la {version}{dated}, celle qui est en ligne."
    if found.state == "kept":
        return f"Publié : {value}, dans la {version}{dated}."
    gone = f"La {version}{dated} a bien été publiée ; son fichier n'est plus gardé."
    if found.is_same_tables:
        return f"{gone} Ses tables étaient, à l'empreinte près, celles d'aujourd'hui : le chiffre publié était {value}."
    return f"{gone} La valeur qu'elle donnait ne peut plus être relue ; la reconstruire : passnum run --as-of " + (
        f"{found.record.as_of:%Y-%m-%d}." if found.record else "DATE."
    )
