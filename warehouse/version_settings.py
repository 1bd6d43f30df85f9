"""The settings of a published version, read from its own file: targets, rates, thresholds, territories and labels.

What pages, documents and mails show is what the version was built with (figures §4): a setting changed since takes
effect with the next build, except a stricter small-count threshold, which protects at once. Does not live here: the
settings to come (programme/), writing them into a version (candidate.py, marts.programme).
"""

from __future__ import annotations

from typing import Any

import duckdb

from programme.config import Programme, load_geography
from programme.models import Territory
from warehouse.candidate import SETTINGS
from warehouse.published import Version, connect

_TERRITORIES = """
    select territory_code as code_insee, territory_name as nom, ami, joined_on as date_entree,
        participation_source as source, participation_status as statut, people_target as cible_personnes,
        hours_target as cible_heures
    from core.dim_territory where is_participating order by territory_code
"""


class VersionTooOld(Exception):
    """A version published before versions held their settings; the French message says what to do."""


def settings_of(version: Version, current: Programme | None = None) -> Programme:
    """The programme as `version` was built with it.

    `current`: the settings in force today, None where they cannot be read. Of them only the small-count threshold
    counts, where it is stricter, and the outlines of the maps. Raises VersionTooOld (French).
    """
    with connect(version.path) as con:
        try:
            settings = _rows(con, "select * from marts.programme")[0]
        except duckdb.CatalogException as error:
            raise VersionTooOld(
                f"La version {version.build_id} vient d'une version du logiciel qui n'y gardait pas les réglages : "
                "lancez « passnum run » pour la construire à nouveau."
            ) from error
        territories = _rows(con, _TERRITORIES)
    kept = {name: settings[name] for name in SETTINGS if name in Programme.model_fields and name in settings}
    kept["accepted_deliveries"] = tuple(kept.get("accepted_deliveries") or ())
    if current is not None:
        kept["small_count_threshold"] = max(kept["small_count_threshold"], current.small_count_threshold)
    geography = load_geography() if current is None else {name: getattr(current, name) for name in _GEOGRAPHY}
    known = [Territory.model_validate(row) for row in territories]
    return Programme.model_validate({**kept, **geography, "territories": known})


_GEOGRAPHY = ("changes", "communes", "communes_geojson")


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    return con.execute(query).pl().to_dicts()
