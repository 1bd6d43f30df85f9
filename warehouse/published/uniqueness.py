"""How far the people of a version can be told apart by what is kept of them: k-anonymity, by what somebody may know.

A person alone in their group is found by whoever knows those things of them. Over identified people, once each
(core.dim_person). Does not live here: the text that tells it (orchestration/rgpd.py), protected publication
(reporting/suppression).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse.published.versions import connect

#: Column of core.dim_person, or its expression → what it is, in French.
KNOWN = {
    "territory_code": "territoire",
    "age_band": "tranche d’âge",
    "gender": "genre",
    "situation": "situation",
    "pic_answer": "PIC",
    "qpv_answer": "QPV",
    "date_trunc('month', equipped_on)": "mois de la remise du carnet",
}
_TERRITORY, _AGE, _GENDER, _SITUATION, _PIC, _QPV, _MONTH = KNOWN
#: What somebody may know of a person together, from the least to the most.
COMBINATIONS = (
    (_TERRITORY,),
    (_AGE, _GENDER),
    (_TERRITORY, _AGE),
    (_TERRITORY, _AGE, _GENDER),
    (_TERRITORY, _AGE, _GENDER, _SITUATION),
    (_TERRITORY, _AGE, _GENDER, _SITUATION, _PIC),
    (_TERRITORY, _AGE, _GENDER, _SITUATION, _PIC, _QPV),
    (_TERRITORY, _AGE, _GENDER, _SITUATION, _PIC, _QPV, _MONTH),
)
SQL = """
select count(*) as groups, coalesce(sum(people), 0)::bigint as people,
    coalesce(sum(people) filter (where people = 1), 0)::bigint as alone,
    coalesce(sum(people) filter (where people < {threshold}), 0)::bigint as under_threshold
from (select count(*) as people from core.dim_person where is_identified group by {columns})
"""


@dataclass(frozen=True)
class Uniqueness:
    """What a combination does. `groups` of people alike; `alone`: people with nobody alike (k = 1); `under_threshold`:
    people in groups of fewer than the threshold of small counts."""

    columns: tuple[str, ...]
    groups: int
    people: int
    alone: int
    under_threshold: int

    @property
    def title(self) -> str:
        return ", ".join(KNOWN[column] for column in self.columns)


def measure(version: Path, threshold: int) -> list[Uniqueness]:
    """The people of a published version, by each combination."""
    found = []
    with connect(version) as con:
        for columns in COMBINATIONS:
            row = con.execute(SQL.format(columns=", ".join(columns), threshold=int(threshold))).fetchone()
            assert row is not None
            found.append(Uniqueness(columns, *row))
    return found
