"""Whether a run has anything to build: the published version is compared with what a build would be made of now.

What has not changed is not done again. Does not live here: what a version is made of (warehouse/build/identity.py), the
steps of a build (steps.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingestion.identifier_rule import refuse_other_rule
from ingestion.lake import Lake
from ingestion.receipt import hash_file
from ingestion.secret import fingerprint, load_secret
from orchestration.plan import RunPlan
from orchestration.telling import tell
from presentation.french import bind, day_long, instant_long
from presentation.sentences import nothing_new
from programme.clock import today_in_paris
from warehouse.build import history
from warehouse.build.identity import Identity, identify, tell_differences
from warehouse.published import builds
from warehouse.published.held import Held, find_held
from warehouse.published.versions import Version, as_of_path, build_path, current_path, read_version
from warehouse.settings import Home

#: Folder of the home → what a run leaves in it.
_LEFT = {"versions": "la version publiée", "parquet": "une copie Parquet", "data_docs": "la page des contrôles"}


@dataclass(frozen=True)
class Decision:
    """`identity`: what a build would be made of now. `version`: the one that already is, None where one must be built.

    `why`: the reason to build, in French; empty where there is nothing to do. `held`: `version` is held by a person,
    whatever a build would be made of.
    """

    identity: Identity
    version: Version | None
    why: str = ""
    held: Held | None = None


def decide(plan: RunPlan) -> Decision:
    """What the run must do. Where nothing is new, the lake is verified all the same: a damaged one is never silent.

    Raises, in French, LakeCorruption, IngestionError (pseudonyms of another rule), SecretError, ProgrammeError,
    PublicationError (the version held is damaged).
    """
    lake, identity = Lake(plan.home.lake), identity_now(plan)
    if plan.as_of is None and (held := find_held(plan.home)):
        lake.verify()
        return Decision(identity, _find_held_version(plan.home, held), held=held)
    if plan.force:
        return Decision(identity, None, "vous l'avez demandé (--force)")
    version, why = _find_same(plan.home, plan.as_of, identity)
    if not why:
        lake.verify(plan.as_of)
    return Decision(identity, None if why else version, why)


def identity_now(plan: RunPlan) -> Identity:
    """What a build of `plan` would be made of now. Raises LakeCorruption, IngestionError, SecretError (French)."""
    lake = Lake(plan.home.lake)
    refuse_other_rule(lake)
    mark = fingerprint(load_secret(lake.secret_marks()))
    return identify(lake, plan.programme, mark, until=plan.as_of, today=today_in_paris())


def end_without_building(plan: RunPlan, version: Version, held: Held | None = None) -> None:
    """Say that nothing is new and why, and keep that a run looked: a silence of builds is no silence of runs."""
    if held is not None:
        _finish_stepping_back(plan.home, version)
        last = builds.load(plan.home.lake)[-1].build_id  # not the one held: it is the last that tells of the last run
        left = builds.confirmed_files(plan.home.lake, last)
        history.confirm(plan.home.lake, last, datetime.now(UTC).replace(tzinfo=None), left)
        tell(held.sentence)
        return
    if plan.as_of is None:
        left = builds.confirmed_files(plan.home.lake, version.build_id)
        history.confirm(plan.home.lake, version.build_id, datetime.now(UTC).replace(tzinfo=None), left)
    tell(
        bind(
            nothing_new(
                f"{version.build_id}, publiée le {instant_long(version.published_at)} (heure de Paris), données au "
                f"{day_long(version.as_of)}"
            )
        )
    )


def _find_held_version(home: Home, held: Held) -> Version:
    path = build_path(home, held.build_id)
    try:
        version = read_version(path)
    except (duckdb.Error, AssertionError, OSError):
        version = None
    if version is None or not is_as_left(home, version):
        from warehouse.build.publish import PublicationError

        raise PublicationError(
            f"La version {held.build_id}, maintenue en ligne, n'est plus telle qu'elle a été écrite ({path}). Mettez "
            "en ligne une autre (« passnum rollback VERSION »), ou levez le maintien (« passnum rollback --release ») "
            "et relancez « passnum run »."
        )
    return version


def _finish_stepping_back(home: Home, version: Version) -> None:
    """A step back that was killed, or whose copies were lost since, is finished: a run mends what it can build."""
    left = builds.confirmed_files(home.lake, version.build_id)
    if current_path(home) == version.path and left and not any(no_longer(home, left)):
        return
    from warehouse.build.rollback import put_in_line

    put_in_line(home, version.path)
    confirm_now(home, version)
    tell(f"La version maintenue {version.build_id} n'était pas entière en ligne, avec ses copies : elle l'est.")


def _find_same(home: Home, until: date | None, identity: Identity) -> tuple[Version | None, str]:
    """The version built from `identity`, whole; else None and why there is none (French)."""
    path = as_of_path(home, until.isoformat()) if until else current_path(home)
    if path is None or not path.exists():
        return None, "aucune version n'est publiée" if until is None else "cette date n'a pas encore été construite"
    try:
        version = read_version(path)
    except (duckdb.Error, AssertionError, OSError):
        return None, "la version publiée ne peut pas être relue"
    if version.identity is None:
        return None, "la version publiée ne dit pas de quoi elle est faite"
    if told := tell_differences(version.identity, identity):
        return None, told
    return version, _what_is_missing(home, version) if until is None else ""


def files_left(home: Home, version: Path) -> dict[str, str]:
    """Path under the home → sha256 of what a run leaves: the version, its copies, the page of its checks."""
    left = [version, *sorted(home.parquet.glob("*.parquet")), _page_of_checks(home)]
    return {str(path.relative_to(home.root)): hash_file(path) for path in left}


def confirm_now(home: Home, version: Version) -> None:
    """Keep that `version` is in line whole, with what a run leaves, as it now is."""
    left = files_left(home, version.path)
    history.confirm(home.lake, version.build_id, datetime.now(UTC).replace(tzinfo=None), left)


def no_longer(home: Home, left: Mapping[str, str]) -> Iterator[Path]:
    """Of what a run left (`files_left`), what is missing since, or is no longer as it was written."""
    for name, expected in left.items():
        path = home.root / name
        if not path.is_file() or hash_file(path) != expected:
            yield path


def is_as_left(home: Home, version: Version) -> bool:
    """Whether the file of `version` is the one that its run left; one whose run did not end whole is believed."""
    name = str(version.path.relative_to(home.root))
    expected = builds.confirmed_files(home.lake, version.build_id).get(name)
    return expected is None or hash_file(version.path) == expected


def _page_of_checks(home: Home) -> Path:
    return home.data_docs / "index.html"


def _what_is_missing(home: Home, version: Version) -> str:
    """What the run that published `version` left undone, or was lost or changed since; empty where all is there."""
    kept = builds.load(home.lake)
    if not kept or kept[-1].build_id != version.build_id:
        return "le dernier passage n'est pas celui qui a publié cette version"
    left = builds.confirmed_files(home.lake, version.build_id)
    if not left:
        return "le passage qui l'a publiée n'a pas tout terminé"
    for path in no_longer(home, left):
        what = next(words for folder, words in _LEFT.items() if path.is_relative_to(getattr(home, folder)))
        return f"{what} n'est plus telle qu'elle a été écrite" if path.is_file() else f"{what} manque"
    return ""
