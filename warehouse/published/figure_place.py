"""Which rows a figure is of: its places, its call for projects and its months, as one condition of SQL.

For the tables of sources (figure_files.py) and for the lines themselves (trace.py, diff.py). Does not live here: the
code of a figure (figure_address.py).
"""

from __future__ import annotations

from typing import Any

from warehouse.published.figure_address import Figure

_CODES = "string_split($code, '+')"
_OF_CALL = "(select territory_code from {place} where ami = $ami)"
#: Place → the column of its codes, in a table of sources.
_COLUMN = {"territory": "territory_code", "account": "account_code", "lieu": "lieu_siret", "lieux": "territory_code"}


def of_sources(figure: Figure) -> str:
    """Of proof.figure_source or, for lieux, proof.lieu_source, whose territory is the lieu's. `{place}`: the names of
    all territories."""
    return f"{_places(figure)} and month >= coalesce($start::date, month) and month <= coalesce($end::date, month)"


def of_lines(figure: Figure) -> str:
    """Of proof.contribution, in the published file itself."""
    places = _places(figure)
    if figure.place in ("lieu", "lieux"):
        places = f"lieu_siret in (select lieu_siret from core.dim_lieu where {places})"
    places = places.format(place="core.dim_territory")
    return (
        f"{places} and event_on >= coalesce($start::date, event_on)"
        " and event_on < coalesce($end::date + interval 1 month, event_on + interval 1 day)"
    )


def values(figure: Figure) -> dict[str, Any]:
    """What the condition binds."""
    bound: dict[str, Any] = {"start": figure.start, "end": figure.end}
    if figure.code:
        bound["code"] = figure.code
    return bound if figure.ami is None else bound | {"ami": figure.ami}


def _places(figure: Figure) -> str:
    column = _COLUMN.get(figure.place, "")
    conditions = [f"list_contains({_CODES}, {column})"] if figure.code else []
    if figure.ami is not None:
        of_event = figure.place in ("programme", "territory")
        of_account = "account_code" if figure.place == "account" else "territory_code"
        conditions.append("ami = $ami" if of_event else f"{of_account} in {_OF_CALL}")
    return " and ".join(conditions) or "true"
