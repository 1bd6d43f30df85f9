"""Whether a quoted figure was published, what it was then, what it is now, and what took it from one to the other.

Reads the versions kept and, for one that was retired, the record of its build (builds.py). Does not live here: the
code of a figure (figure_address.py), the causes of a change (diff.py), printing (orchestration/commands).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import duckdb

from presentation.sentences import NOTHING_PUBLISHED
from warehouse.published import builds, diff, figure_address, versions
from warehouse.published.builds import BuildRecord
from warehouse.published.figure_address import AddressError, Figure
from warehouse.published.figure_files import value_of
from warehouse.settings import Home

#: current: of the version read today; kept: of an earlier one; retired: its file is gone, its record is not;
#: refused: of a build that was never published; unknown: of no build of this home.
State = Literal["current", "kept", "retired", "refused", "unknown"]


@dataclass(frozen=True)
class Verdict:
    """What is known of a quoted figure. Values are in its unit; a share of nobody is None.

    `record`: its build, None when unknown. `value`: what it was, known when its version is kept, or retired with the
    very tables of today (`is_same_tables`). `place_name`: of its territory or lieu, empty for the programme.
    `movement`: from `value` to `today`, when both files are there and differ.
    """

    figure: Figure
    label: str
    unit: str
    place_name: str
    state: State
    record: BuildRecord | None
    value: float | None
    today: float | None
    current: versions.Version
    is_same_tables: bool = False
    movement: diff.Movement | None = None


def verify(home: Home, code: str) -> Verdict:
    """What became of the figure that `code` names.

    Raises NothingPublished for a home without a version; AddressError for a code mistyped, or of an indicator, a
    territory or a lieu that the current version does not have. All in French.
    """
    current = versions.current_version(home)
    if current is None:
        raise versions.NothingPublished(NOTHING_PUBLISHED)
    with versions.connect(current.path) as con:
        known = indicators_of(con)
        figure = figure_address.read(code, known)
        label, unit = known[figure.indicator]
        name = place_name(con, figure)
        today = value_of(con, figure)
    record = next((build for build in builds.load(home.lake) if build.build_id == figure.build_id), None)
    path = versions.build_path(home, figure.build_id)
    facts = (figure, label, unit, name)
    if figure.build_id == current.build_id:
        return Verdict(*facts, "current", record, today, today, current)
    if path.exists():
        with versions.connect(path) as con:
            value = value_of(con, figure)
        moved = diff.bridge(path, current.path, figure, (value, today), home.lake) if value != today else None
        return Verdict(*facts, "kept", record, value, today, current, movement=moved)
    if record is None:
        return Verdict(*facts, "unknown", None, None, today, current)
    if record.status != "published":
        return Verdict(*facts, "refused", record, None, today, current)
    same = record.fingerprint == current.fingerprint
    return Verdict(*facts, "retired", record, today if same else None, today, current, is_same_tables=same)


def indicators_of(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """code → label, unit of every measure of the version; AddressError for one built before figures had addresses."""
    try:
        rows = con.execute("select code, label, unit from proof.measure").fetchall()
        con.execute("from proof.figure_source limit 0")
    except duckdb.CatalogException as error:
        raise AddressError(
            "La version publiée a été construite avant que les chiffres n'aient un code : "
            "relancez « passnum run --force »."
        ) from error
    return {code: (label, unit) for code, label, unit in rows}


def place_name(con: duckdb.DuckDBPyConnection, figure: Figure) -> str:
    """The figure's places in words, empty for the whole programme. AddressError (French): one unknown here."""
    names = [_name_of(con, figure, code) for code in figure.codes]
    told = " et ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    if figure.place == "lieux":
        told = f"les lieux de {told}" if told else "tous les lieux"
    if figure.place == "account" and told:
        told = f"les carnets de {told}"
    return told if figure.ami is None else f"{told or 'tout le programme'}, AMI {figure.ami}"


def _name_of(con: duckdb.DuckDBPyConnection, figure: Figure, code: str) -> str:
    table, column, name = (
        ("dim_lieu", "lieu_siret", "coalesce(lieu_name, 'Lieu ' || lieu_siret)")
        if figure.place == "lieu"
        else ("dim_territory", "territory_code", "territory_name")
    )
    row = con.execute(f"select {name} from core.{table} where {column} = ?", [code]).fetchone()
    if row is None:
        raise AddressError(f"Ce chiffre est celui de « {code} », que la version publiée ne connaît pas.")
    return str(row[0])
