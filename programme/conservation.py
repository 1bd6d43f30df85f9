"""How long each place keeps what may be somebody's, and why: `load_retention` reads conservation.csv.

Lives here: the places, their durations, their reasons. Lives elsewhere: what is past its term, and erasing it
(orchestration/retention.py).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from programme.config import ENVIRONMENT_VARIABLE, PROJECT_FOLDER, load_programme
from programme.errors import Problem, ProgrammeError
from programme.files import read_table
from programme.models import add_months

FILE = "conservation.csv"
Place = Literal[
    "originaux",
    "quarantaine",
    "rejets",
    "pseudonymes",
    "versions",
    "rapports",
    "analystes",
    "attaques",
    "journaux",
    "comptes",
]
PLACES: tuple[Place, ...] = get_args(Place)
#: Whose duration is the setting `retention_months` of programme.yaml.
ORIGINALS: Place = "originaux"
#: Never erased by a command: what a public accountant may ask for.
ACCOUNTS: Place = "comptes"
_EXPECTED = {
    "endroit": f"Écrivez l'un de : {', '.join(PLACES)}.",
    "mois": "Écrivez un nombre de mois entre 1 et 600.",
    "fondement": "Écrivez « choix » (durée choisie, à valider par le DPO) ou « loi » (durée imposée).",
    "raison": "Écrivez la raison de cette durée, en une phrase.",
}


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    endroit: Place
    mois: Annotated[
        Annotated[int, Field(ge=1, le=600)] | None, BeforeValidator(lambda v: v if str(v).strip() else None)
    ]
    fondement: Literal["choix", "loi"]
    raison: Annotated[str, Field(min_length=10)]


@dataclass(frozen=True)
class Retention:
    """Grain: one place. `months` from the day that the place counts from; `is_law`: imposed, not chosen."""

    place: Place
    months: int
    is_law: bool
    reason: str

    def ends_before(self, today: date) -> date:
        """What dates from before that day is past its term."""
        return add_months(today, -self.months)


def load_retention(folder: Path | None = None) -> dict[Place, Retention]:
    """The durations of `folder`, else of PASSNUM_PROGRAMME, else the project's own; all the places, in their order.

    A folder without conservation.csv has the project's. Raises ProgrammeError (French, every mistake at once).
    """
    folder = Path(folder or os.environ.get(ENVIRONMENT_VARIABLE) or PROJECT_FOLDER)
    path = folder / FILE if (folder / FILE).exists() else PROJECT_FOLDER / FILE
    rows = read_table(path, tuple(_Line.model_fields))
    lines: dict[Place, _Line] = {}
    problems: list[Problem] = []
    for row in rows:
        try:
            line = _Line.model_validate(row.values)
        except ValidationError as error:
            names = dict.fromkeys(str(item["loc"][0]) for item in error.errors())
            problems += [
                Problem(FILE, "valeur refusée", _EXPECTED[name], row.line, name, row.values[name]) for name in names
            ]
            continue
        if line.endroit in lines:
            problems.append(Problem(FILE, "endroit écrit deux fois", "Gardez une seule ligne.", row.line, "endroit"))
        if (line.mois is None) != (line.endroit == ORIGINALS):
            expected = f"Seule la ligne « {ORIGINALS} » est vide : sa durée est retention_months (programme.yaml)."
            problems.append(Problem(FILE, "durée mal placée", expected, row.line, "mois"))
        lines[line.endroit] = line
    missing = [place for place in PLACES if place not in lines]
    if missing and not problems:
        problems.append(Problem(FILE, f"endroits absents : {', '.join(missing)}", "Ajoutez une ligne pour chacun."))
    if problems:
        raise ProgrammeError(problems)
    originals = load_programme(folder).retention_months
    return {
        place: Retention(place, lines[place].mois or originals, lines[place].fondement == "loi", lines[place].raison)
        for place in PLACES
    }
