"""Whether a run has anything to build: the published version is compared with what a build would be made of now.

What has not changed is not done again. Does not live here: what a version is made of (warehouse/identity.py), the
steps of a build (steps.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from ingestion.lake import Lake
from ingestion.secret import fingerprint, load_secret
from orchestration.plan import RunPlan
from orchestration.telling import tell
from programme.clock import today_in_paris
from programme.french import bind, day_long, instant_long
from warehouse import history
from warehouse.identity import Identity, identify, tell_differences
from warehouse.published import Version, as_of_path, connect, current_path, read_version
from warehouse.settings import Home


@dataclass(frozen=True)
class Decision:
    """`identity`: what a build would be made of now. `version`: the one that already is, None where one must be built.

    `why`: the reason to build, in French; empty where there is nothing to do.
    """

    identity: Identity
    version: Version | None
    why: str = ""


def decide(plan: RunPlan) -> Decision:
    """What the run must do. Where nothing is new, the lake is verified all the same: a damaged one is never silent.

    Raises LakeCorruption, SecretError, ProgrammeError (French).
    """
    lake = Lake(plan.home.lake)
    mark = fingerprint(load_secret())
    identity = identify(lake, plan.programme, mark, until=plan.as_of, today=today_in_paris())
    if plan.force:
        return Decision(identity, None, "vous l'avez demandé (--force)")
    version, why = _find_same(plan.home, plan.as_of, identity)
    if not why:
        lake.verify(plan.as_of)
    return Decision(identity, None if why else version, why)


def end_without_building(plan: RunPlan, version: Version) -> None:
    """Say that nothing is new and why, and keep that a run looked: a silence of builds is no silence of runs."""
    if plan.as_of is None:
        history.confirm(plan.home.lake, version.build_id, datetime.now(UTC).replace(tzinfo=None))
    tell(
        bind(
            f"Rien de nouveau : la version {version.build_id}, publiée le {instant_long(version.published_at)} (heure "
            f"de Paris), données au {day_long(version.as_of)}, est faite des mêmes fichiers, des mêmes réglages et des "
            "mêmes règles. Rien n'a été reconstruit ; pour reconstruire quand même, ajoutez --force à la commande."
        )
    )


def _find_same(home: Home, until: date | None, identity: Identity) -> tuple[Version | None, str]:
    """The version built from `identity`, whole; else None and why there is none (French)."""
    path = as_of_path(home, until.isoformat()) if until else current_path(home)
    if path is None or not path.exists():
        return None, "aucune version n'est publiée" if until is None else "cette date n'a pas encore été construite"
    try:
        version = read_version(path)
        marts = _marts(version) if until is None else set()
    except (duckdb.Error, AssertionError, OSError):
        return None, "la version publiée ne peut pas être relue"
    if version.identity is None:
        return None, "la version publiée ne dit pas de quoi elle est faite"
    if told := tell_differences(version.identity, identity):
        return None, told
    return version, _what_is_missing(home, version, marts) if until is None else ""


def _what_is_missing(home: Home, version: Version, marts: set[str]) -> str:
    """What the run that published `version` left undone, or was lost since; empty where all is there."""
    builds = history.load(home.lake)
    if not builds or builds[-1].build_id != version.build_id:
        return "le dernier passage n'est pas celui qui a publié cette version"
    if history.confirmed_at(home.lake, version.build_id) is None:
        return "le passage qui l'a publiée n'a pas tout terminé"
    if not marts <= {path.stem for path in home.parquet.glob("*.parquet")}:
        return "des copies Parquet manquent"
    return "" if (home.data_docs / "index.html").exists() else "la page des contrôles manque"


def _marts(version: Version) -> set[str]:
    with connect(version.path) as con:
        found = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
    return {name for (name,) in found}
