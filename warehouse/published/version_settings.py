"""The settings of a published version, read from its own file: targets, rates, thresholds, territories and labels.

What pages, documents and mails show is what the version was built with (figures §4): a setting changed since takes
effect with the next build, except a stricter small-count threshold, which protects at once. Lives here too: what has
been changed since. Does not live here: the settings to come (programme/), writing them into a version (candidate.py,
marts.programme).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
from babel.numbers import format_decimal

from presentation.french import LOCALE, count, day, integer
from programme.config import Programme, load_geography
from programme.models import Territory
from warehouse.published.versions import Version, connect, current_version
from warehouse.settings import Home

#: Every setting of the programme, as the build freezes it (marts.programme), with its type.
SETTINGS = {
    "name": "VARCHAR",
    "budget_eur": "DECIMAL(18,2)",
    "hours_target": "INTEGER",
    "people_target": "INTEGER",
    "territories_target": "INTEGER",
    "lieux_target": "INTEGER",
    "state_rate": "DECIMAL(6,4)",
    "state_ceiling_eur": "DECIMAL(18,2)",
    "pic_share_target": "DECIMAL(6,4)",
    "agreement_signed_on": "DATE",
    "agreement_ends_on": "DATE",
    "mandate_months_after": "INTEGER",
    "mandate_ends_on": "DATE",
    "validity_tolerance_months": "INTEGER",
    "small_count_threshold": "INTEGER",
    "max_rejected_share": "DECIMAL(6,4)",
    "retention_months": "INTEGER",
    "expected_delivery_days": "INTEGER",
    "accepted_deliveries": "VARCHAR[]",
    "quiet_months": "INTEGER",
    "low_start_share": "DECIMAL(6,4)",
    "low_start_min_carnets": "INTEGER",
    "silent_lieux_share": "DECIMAL(6,4)",
    "lost_passes_share": "DECIMAL(6,4)",
    "uncounted_share": "DECIMAL(6,4)",
    "expiry_alert_days": "INTEGER",
    "run_expected_hours": "INTEGER",
    "reminder_days": "INTEGER",
    "trust_share_min": "DECIMAL(6,4)",
    "trust_share_max": "DECIMAL(6,4)",
    "trust_min_trials": "INTEGER",
}
_TERRITORIES = """
    select territory_code as code_insee, territory_name as nom, ami, joined_on as date_entree,
        participation_source as source, participation_status as statut, people_target as cible_personnes,
        hours_target as cible_heures
    from core.dim_territory where is_participating order by territory_code
"""


class VersionTooOld(Exception):
    """A version published before versions held their settings, or the figures of each month that pages and documents
    select (marts.measure_month); the French message says what to do."""


def settings_of(version: Version, current: Programme | None = None) -> Programme:
    """The programme as `version` was built with it.

    `current`: the settings in force today, None where they cannot be read. Of them only the small-count threshold
    counts, where it is stricter, and the outlines of the maps. Raises VersionTooOld (French).
    """
    with connect(version.path) as con:
        for table, what in _NEEDED.items():
            if con.execute("select 1 from duckdb_tables() where table_name = ?", [table]).fetchone() is None:
                raise VersionTooOld(
                    f"La version {version.build_id} vient d'une version du logiciel qui n'y gardait pas {what} : "
                    "lancez « passnum run » pour la construire à nouveau."
                )
        settings = _rows(con, "select * from marts.programme")[0]
        territories = _rows(con, _TERRITORIES)
    kept = {name: settings[name] for name in SETTINGS if name in Programme.model_fields and name in settings}
    kept["accepted_deliveries"] = tuple(kept.get("accepted_deliveries") or ())
    if current is not None:
        kept["small_count_threshold"] = max(kept["small_count_threshold"], current.small_count_threshold)
    geography = load_geography() if current is None else {name: getattr(current, name) for name in _GEOGRAPHY}
    known = [Territory.model_validate(row) for row in territories]
    return Programme.model_validate({**kept, **geography, "territories": known})


def settings_of_home(home: Home, read: Callable[[], Programme]) -> Programme:
    """The settings of the version published in `home`: what its mails go by, whatever was typed since.

    `read`: the settings in force, asked for only where no version says its own (nothing published, too old).
    """
    version = current_version(home)
    if version is None:
        return read()
    try:
        return settings_of(version)
    except VersionTooOld:
        return read()


def tell_changes(version: Version, current: Programme) -> str:
    """« Les réglages ont changé depuis la version publiée (…) : ils vaudront au prochain passage. »; empty when not.

    Raises VersionTooOld (French).
    """
    kept = settings_of(version)
    changes = [
        f"{name} : {_written(getattr(kept, name))} → {_written(getattr(current, name))}"
        for name in SETTINGS
        if name in Programme.model_fields and getattr(kept, name) != getattr(current, name)
    ]
    if territories := _territory_changes(kept, current):
        changes.append(f"territoires : {territories}")
    if not changes:
        return ""
    more = len(changes) - _SHOWN_CHANGES
    listed = " ; ".join(changes[:_SHOWN_CHANGES]) + (f" ; et {count(more, 'autre')}" if more > 0 else "")
    told = f"Les réglages ont changé depuis la version publiée ({listed}) : ils vaudront au prochain passage."
    if current.small_count_threshold > kept.small_count_threshold:
        told += " Le seuil des petits effectifs, relevé, protège déjà."
    return told


def _territory_changes(kept: Programme, current: Programme) -> str:
    """« 1 ajouté, 2 modifiés »."""
    before = {territory.code_insee: territory for territory in kept.territories}
    now = {territory.code_insee: territory for territory in current.territories}
    numbers = {
        "ajouté": len(now.keys() - before.keys()),
        "retiré": len(before.keys() - now.keys()),
        "modifié": sum(now[code] != before[code] for code in now.keys() & before.keys()),
    }
    return ", ".join(count(number, word) for word, number in numbers.items() if number)


def _written(value: Any) -> str:
    """A setting as a French reader writes it."""
    if isinstance(value, date):
        return day(value)
    if isinstance(value, tuple):
        return ", ".join(value) or "aucune"
    if isinstance(value, Decimal):
        return format_decimal(value, format="#,##0.####", locale=LOCALE)
    return integer(value) if isinstance(value, int) else str(value)


#: Tables without which a version can neither be shown nor told, and what it lacks then.
_NEEDED = {"programme": "les réglages", "measure_month": "les chiffres de chaque mois", "territory_rate": "les taux"}
_SHOWN_CHANGES = 4
_GEOGRAPHY = ("changes", "communes", "populations", "communes_geojson")


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    return con.execute(query).pl().to_dicts()
