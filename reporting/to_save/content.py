"""What each structure is told of the passes to save: a prescriber its own carnets, a territory its protected days.

A prescriber reads its own carnets as they are. A territory's file leaves the team: it is read from the protected cube
of the version, as the pages of that territory's reader are. Structures, never persons; no number of a pass or carnet.
Does not live here: files (workbook.py), mails (letters.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from presentation import labels
from presentation.attention.passes import last_usable_on, notice_ends_on
from programme.config import Programme
from programme.models import Correspondent
from reporting.cube import cube_of
from reporting.cube.reading import lapsing_by_day, whole_sum
from warehouse.published.versions import Version, connect

PRESCRIBER, TERRITORY = "prescripteur", "territoire"

_OF_PRESCRIBERS = """
    select schedule.prescriber_siret as code,
        coalesce(prescriber.prescriber_name, 'Prescripteur ' || schedule.prescriber_siret) as name,
        coalesce(territory.territory_name, schedule.territory_code) as territory_name, schedule.lot_code,
        schedule.status, schedule.last_usable_on, schedule.carnets, schedule.passes, schedule.face_value_eur
    from marts.expiry_schedule as schedule
    inner join core.dim_prescriber as prescriber using (prescriber_siret)
    left join core.dim_territory as territory on territory.territory_code = schedule.territory_code
    where schedule.last_usable_on < $before
    order by schedule.last_usable_on, territory_name, schedule.lot_code, schedule.status
"""


@dataclass(frozen=True)
class Share:
    """What one structure may still save within the notice.

    rows: its lines, soonest first; passes, euros: their sum (None: withheld); first_on, last_on: the last usable days.
    """

    kind: str
    code: str
    name: str
    rows: pl.DataFrame
    passes: int | None
    euros: float | None
    first_on: date
    last_on: date

    @property
    def title(self) -> str:
        """What its file and its mail are called."""
        return f"Pass à sauver : {self.name}"

    @property
    def slug(self) -> str:
        """The name of its file and of its letter: prescripteur-21940080900014, territoire-94080."""
        return f"{self.kind}-{self.code}"


def read_shares(version: Version, programme: Programme) -> list[Share]:
    """One share a prescriber, then one a territory, each by name; none where nothing lapses within the notice.

    programme: the settings of the version. Its threshold of small counts is that of the territories' days.
    """
    before = notice_ends_on(programme, version.as_of)
    return [*_of_prescribers(version, before), *_of_territories(version, programme, before)]


def _of_prescribers(version: Version, before: date) -> list[Share]:
    with connect(version.path) as con:
        rows = con.execute(_OF_PRESCRIBERS, {"before": before}).pl()
    rows = rows.with_columns(status=pl.col("status").replace_strict(labels.STATUS, default=pl.col("status")))
    return _by_structure(PRESCRIBER, rows)


def _of_territories(version: Version, programme: Programme, before: date) -> list[Share]:
    facts = cube_of(version.path, programme.small_count_threshold).facts
    days = lapsing_by_day(facts.filter(kind="territory")).with_columns(last_usable_on())
    names = pl.DataFrame(
        [(territory.code_insee, territory.nom) for territory in programme.territories],
        schema={"code": pl.String, "name": pl.String},
        orient="row",
    )
    rows = days.filter(pl.col("last_usable_on") < before).rename({"place": "code"}).join(names, on="code")
    # A day that is withheld keeps its line; a day of nothing has none.
    rows = rows.filter(pl.col("passes").is_null() | (pl.col("passes") > 0))
    columns = ("code", "name", "last_usable_on", "passes", "face_value_eur")
    return _by_structure(TERRITORY, rows.select(columns).sort("last_usable_on"))


def _by_structure(kind: str, rows: pl.DataFrame) -> list[Share]:
    sums = rows.group_by("code", "name").agg(
        whole_sum("passes"), whole_sum("face_value_eur"), first_on=pl.col("last_usable_on").min(),
        last_on=pl.col("last_usable_on").max(),
    ).sort("name", "code")  # fmt: skip
    parts = rows.partition_by("code", as_dict=True, include_key=False)
    return [_share(kind, found, parts[(found["code"],)].drop("name")) for found in sums.to_dicts()]


def _share(kind: str, found: dict[str, Any], rows: pl.DataFrame) -> Share:
    passes, euros = found["passes"], found["face_value_eur"]
    return Share(
        kind, found["code"], found["name"], rows, None if passes is None else int(passes),
        None if euros is None else float(euros), found["first_on"], found["last_on"],
    )  # fmt: skip


def addresses_of(share: Share, correspondents: list[Correspondent]) -> list[str]:
    """Where this share is sent."""
    return [one.courriel for one in correspondents if one.structure == share.code and one.receives_to_save]
