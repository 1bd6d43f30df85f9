"""What is past its term, place after place, and its erasing; by `passnum purge` and every month by Dagster.

Figures do not move: the lake keeps every line, and rebuilds the warehouse whole. What the law keeps is told, with its
term. Does not live here: durations and reasons (programme/conservation.csv), how each place is erased (ingestion/purge,
ingestion/cutting, warehouse).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.intake import Folders, IngestionError
from ingestion.lake import Lake
from presentation.french import count
from presentation.system_errors import tell_error
from programme.conservation import ACCOUNTS, Place, Retention
from warehouse.settings import Home

TITLES: dict[Place, str] = {
    "originaux": "Originaux de l’archive",
    "quarantaine": "Fichiers refusés (quarantaine)",
    "rejets": "Valeurs des lignes rejetées ou mises de côté",
    "pseudonymes": "Pseudonymes dont la dernière prescription est ancienne",
    "versions": "Versions de l’entrepôt",
    "rapports": "Rapports de qualité, fichiers des pass à sauver et registre des courriels",
    "analystes": "Fichiers des analystes",
    "attaques": "Rapports d’attaque des éditions",
    "journaux": "Journaux des passages et des erreurs",
    "comptes": "Comptes annuels arrêtés",
}
#: What is counted in each place, one and several, where it is not files.
_UNITS = {"rejets": ("valeur", "valeurs"), "pseudonymes": ("pseudonyme", "pseudonymes"), "versions": ("version",)}


@dataclass(frozen=True)
class Past:
    """What one place holds that is past its term: how many, which paths (none for what is inside the lake)."""

    retention: Retention
    before: date
    number: int
    paths: tuple[Path, ...] = ()
    keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_kept(self) -> bool:
        """The law keeps it: told, and never erased here."""
        return self.retention.place == ACCOUNTS

    @property
    def sentence(self) -> str:
        """What goes, or would, and why."""
        words = _UNITS.get(self.retention.place, ("fichier",))
        kept = " — gardé, jamais effacé par une commande" if self.is_kept else ""
        why = f"{self.retention.months} mois{' (loi)' if self.retention.is_law else ''} : {self.retention.reason}"
        held = f"{count(self.number, *words)} d’avant le {self.before:%d/%m/%Y}"
        return f"{TITLES[self.retention.place]} : {held}{kept}. {why}"


def find_past(home: Home, retentions: Mapping[Place, Retention], today: date) -> list[Past]:
    """What is past its term in every place, those where nothing is included. Raises LakeCorruption."""
    return [_find(home, retention, retention.ends_before(today)) for retention in retentions.values()]


def _find(home: Home, retention: Retention, before: date) -> Past:
    from ingestion.purge import keys_before, originals_before, values_before

    lake = Lake(home.lake)
    match retention.place:
        case "originaux" | "quarantaine":
            root = home.archive if retention.place == "originaux" else home.quarantine
            paths = tuple(item.path for item in originals_before(root, before))
        case "rejets":
            return Past(retention, before, sum(values_before(lake, before).values()))
        case "pseudonymes":
            keys = tuple(keys_before(lake, before))
            return Past(retention, before, len(keys), keys=keys)
        case "versions":
            paths = tuple(_old_versions(home, before))
        case _:
            paths = tuple(sorted(path for path in _listed(home, retention.place) if _day_of(path) < before))
    return Past(retention, before, len(paths), paths)


def _old_versions(home: Home, before: date) -> list[Path]:
    """All but those that readers see, of DuckDB and of Spark."""
    from warehouse.published.person import kept_versions
    from warehouse.published.spark_folders import current_folder
    from warehouse.published.versions import current_path

    in_line = (current_path(home), current_folder(home))
    return [path for path in kept_versions(home) if path.resolve() not in in_line and _day_of(path) < before]


def _listed(home: Home, place: Place) -> list[Path]:
    reports = home.reports
    folders: dict[str, list[Path]] = {
        "rapports": [
            *reports.glob("qualite/[0-9]*-[0-9]*-*"),
            *reports.glob("qualite/envois/*.json"),
            *reports.glob("qualite/envois/en-attente/*"),
            *reports.glob("qualite/alertes-illisibles-*.json"),
            *reports.glob("pass-a-sauver/[0-9]*-[0-9]*-*"),
        ],
        "analystes": list(reports.glob("analystes/*.duckdb")),
        "attaques": list(reports.glob(".attaques/*")),
        "journaux": [path for path in home.logs.glob("*") if path.is_file()],
        "comptes": list(reports.glob(".comptes/*/*")),
    }
    return folders[place]


def _day_of(path: Path) -> date:
    """When it was last written."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def apply(home: Home, found: list[Past], tell: Callable[[str], None]) -> None:
    """Erase what was found, place after place; what the law keeps stays. Call it under the home's locks.

    Raises IngestionError (French) where something cannot be erased: what went is gone, the rest stays for the next
    time. Raises LakeCorruption before the lake is written.
    """
    from ingestion.cutting import cut
    from ingestion.erased import RETENTION
    from ingestion.purge import forget_values, originals_before, remove_originals
    from warehouse.build.versions import cut_from_versions

    folders = Folders(home.landing, home.archive, home.quarantine, home.lake)
    lake = Lake(home.lake)
    for past in (one for one in found if one.number and not one.is_kept):
        match past.retention.place:
            case "originaux" | "quarantaine":
                root = home.archive if past.retention.place == "originaux" else home.quarantine
                remove_originals(folders, originals_before(root, past.before))
            case "rejets":
                forget_values(lake, past.before)
            case "pseudonymes":
                cut_from_versions(home, past.keys)
                cut(lake, past.keys, RETENTION)
            case _:
                for path in past.paths:
                    _remove(path)
        tell(f"Fait. {past.sentence}")


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise IngestionError(f"{path} ne peut pas être effacé ({tell_error(error)}).") from error
