"""The steps of a run, as plain functions: take in, build, judge, publish. No Dagster here, no command line.

`passnum run` (run.py) and the Dagster assets call the very same ones. Each tells what it does (telling.py). What one
step leaves to the next is one record (under_way.py) or in the home. Does not live here: whether to build at all
(deciding.py), reading files (ingestion/), models (dbt_project/), checks (data_quality/), the swap (warehouse/).
"""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.claiming import remove_empty_claims
from ingestion.delivery import Delivery, Progress
from ingestion.lake import Lake
from ingestion.landing import list_arrivals
from ingestion.locking import LOCK_WAIT_SECONDS, home_lock
from ingestion.rewriting import finish, is_under_way
from ingestion.secret import load_secret
from orchestration.apart import Do, here
from orchestration.deciding import Decision, files_left, is_as_left
from orchestration.plan import RunPlan
from orchestration.telling import MODELS, PUBLISHING, READING, SUITES, TESTS, advance, begin, tell
from presentation.french import count, day, integer
from presentation.sentences import PUT_BACK
from programme.clock import today_in_paris
from warehouse.build import history
from warehouse.check_result import CheckResult
from warehouse.published import builds

if TYPE_CHECKING:
    from orchestration.under_way import UnderWay
    from warehouse.build.transform import NodeResult

_OUTCOMES = {
    "loaded": ("chargé", "chargés"),
    "duplicate": ("déjà connu", "déjà connus"),
    "rejected": ("refusé", "refusés"),
    "left": ("laissé en place", "laissés en place"),
}


@dataclass(frozen=True)
class Built:
    """A candidate with its models and dbt's data tests; `made.tests` are those tests as checks, in their order."""

    made: UnderWay
    nodes: list[NodeResult]
    tests: list[NodeResult]


@dataclass(frozen=True)
class Published:
    """A version that readers see. `unfinished`: what failed after the publication (French sentences)."""

    record: builds.BuildRecord
    path: Path
    unfinished: list[str] = field(default_factory=list)


def is_waiting(plan: RunPlan) -> bool:
    """Whether anything is in the landing folder, even a file that will stay there."""
    return any(list_arrivals(plan.home.landing, 0))


def finish_what_was_begun(plan: RunPlan) -> None:
    """Put in place what a killed erasure or purge had decided: until then the lake's seals do not hold."""
    if is_under_way(plan.home.lake):
        with home_lock(plan.home.root, wait_seconds=LOCK_WAIT_SECONDS):
            finish(plan.home.lake)


def tidy(plan: RunPlan) -> None:
    """Remove what killed runs left in the warehouse, and say what of it could not be recognised."""
    import duckdb

    from warehouse.build.left_overs import remove_left_overs
    from warehouse.published.versions import build_of, current_path

    remove_empty_claims(plan.home.landing)
    for sentence in remove_left_overs(plan.home):
        tell(sentence)
    for folder in builds.damaged(plan.home.lake):
        tell(f"Un passage de l'historique est abîmé, et passé sous silence : {folder} ; {PUT_BACK}.")
    path = current_path(plan.home)
    with contextlib.suppress(duckdb.Error):  # one that cannot be read is told when it is compared
        if path is not None and history.adopt(plan.home.lake, path):
            tell(f"Le passage de la version {build_of(path)}, interrompu juste après sa publication, est inscrit.")


def take_in(plan: RunPlan) -> list[Delivery]:
    """Take in every file of the landing folder. Raises IngestionError, SecretError, HomeIsBusy, LakeCorruption."""
    from ingestion.intake import Folders, ingest

    home = plan.home
    folders = Folders(home.landing, home.archive, home.quarantine, home.lake)
    with home_lock(home.root, wait_seconds=LOCK_WAIT_SECONDS):
        deliveries = ingest(
            folders,
            today=today_in_paris(),
            secret=load_secret(Lake(home.lake).secret_marks()),
            on_progress=_tell_progress,
            settle_seconds=plan.programme.settle_seconds,
            on_wait=_tell_wait,
        )
    tell_deliveries(deliveries)
    if plan.as_of and any(delivery.outcome == "loaded" for delivery in deliveries):
        tell("La version courante ne contient pas encore ces fichiers : lancez aussi « passnum run » sans --as-of.")
    return deliveries


def build(plan: RunPlan, run_id: str, decision: Decision, do: Do = here) -> Built:
    """Build the whole candidate from the whole lake, then run every data test on it. Raises TransformError.

    `do`: where dbt works.
    """
    from orchestration.under_way import UnderWay
    from warehouse.build import transform
    from warehouse.build.candidate import prepare

    tell(f"Une version est à construire : {decision.why}.")
    tell_an_empty_build(plan)
    tidy(plan)
    candidate = prepare(plan.home, plan.programme, run_id=run_id, as_of=plan.as_of, today=today_in_paris())
    tell(f"Construction de l'entrepôt : {count(candidate.input_files, 'fichier')}, données au {day(candidate.as_of)}.")
    begin(MODELS)
    nodes, tests = do(transform.build_and_test, candidate, on_node=_tell_model, on_test=partial(advance, TESTS))
    made = UnderWay(candidate=candidate, identity=decision.identity, tests=transform.to_check_results(tests))
    made.keep()
    return Built(made, nodes, tests)


def _tell_model(done: int, total: int, name: str) -> None:
    """A model ended; after the last one dbt goes on with its tests by itself, so their stage is begun here."""
    advance(MODELS, done, total, name)
    if done == total:
        tell("Contrôles des clés, des relations et des identités comptables.")
        begin(TESTS)


def judge(plan: RunPlan, made: UnderWay, do: Do = here) -> list[CheckResult]:
    """Every check of the candidate, dbt's and the suites'. Where one blocks, the candidate is refused and removed.

    `do`: where Great Expectations works.
    """
    from orchestration import verdict

    tell("Contrôles de vraisemblance (Great Expectations).")
    begin(SUITES)
    made.results = verdict.judge(made, plan.programme, _readable_version(plan), do)
    made.keep()
    if any(result.blocks for result in made.results):
        unkept = verdict.refuse(made, plan.home)
        tell("Publication refusée : la version précédente reste en ligne.")
        for sentence in unkept:
            tell(sentence)
    return made.results


def publish(plan: RunPlan, made: UnderWay) -> Published:
    """Publish the candidate, atomically; an as-of build is kept beside the current version.

    What follows the publication is tried whole, and told. Raises PublicationError where nothing was published.
    """
    from orchestration import verdict
    from warehouse.build.publish import UnfinishedPublication, publish, publish_beside
    from warehouse.published.versions import current_path

    begin(PUBLISHING)
    home, candidate = plan.home, made.candidate
    record = verdict.record_build(made, home, "published")
    unfinished: list[str] = []
    if candidate.until is not None:
        path = publish_beside(candidate.database, home, candidate.until.isoformat())
        tell(f"Version au {candidate.until:%d/%m/%Y} écrite à côté de la version courante : {path}")
    else:
        try:
            publish(candidate.database, home, candidate.build_id)
        except UnfinishedPublication as error:
            unfinished += error.failures
        tell(f"Version {candidate.build_id} publiée.")
        unfinished += verdict.keep_results(home, record, made.results)
        path = current_path(home) or home.published
        if not unfinished:
            left = files_left(home, path)
            history.confirm(home.lake, record.build_id, datetime.now(UTC).replace(tzinfo=None), left)
    candidate.discard()
    return Published(record, path, unfinished)


def tell_deliveries(deliveries: list[Delivery]) -> None:
    """What came, and what must be said of each file."""
    if not deliveries:
        tell("Aucun nouveau fichier dans la zone de dépôt.")
        return
    outcomes = Counter(delivery.outcome for delivery in deliveries)
    told = [count(outcomes[name], *words) for name, words in _OUTCOMES.items() if outcomes[name]]
    tell("Fichiers : " + ", ".join(told) + ".")
    for delivery in deliveries:
        told = list(delivery.notes)
        if delivery.lines_rejected:
            rejected = count(delivery.lines_rejected, "ligne rejetée", "lignes rejetées")
            told.insert(0, f"{rejected} sur {integer(delivery.lines_read)}.")
        if told and delivery.outcome != "duplicate":
            where = f" Rapport : {delivery.report_path}" if delivery.report_path else ""
            tell(f"  {delivery.file_name} : {' '.join(told)}{where}")


def _tell_wait(seconds: float) -> None:
    tell(
        "Des fichiers viennent d'arriver dans la zone de dépôt : "
        f"{count(math.ceil(seconds), 'seconde')} d'attente, pour ne pas en lire un qui s'écrit encore."
    )


def _tell_progress(progress: Progress) -> None:
    if progress.done == 0:
        tell(f"Lecture de {count(progress.total, 'fichier')}.")
    advance(READING, progress.done, progress.total, progress.file_name)


def tell_an_empty_build(plan: RunPlan) -> None:
    """Zeros everywhere would look like figures: say that no file is behind them, and what to do."""
    lake, until = Lake(plan.home.lake), plan.as_of
    if lake.receipts(until):
        return
    earliest = min((receipt.extract_date for receipt in lake.receipts() if receipt.extract_date), default=None)
    if earliest is not None and until is not None:
        tell(
            f"Aucun fichier chargé n'était extrait au {until:%d/%m/%Y} (le plus ancien est du {earliest:%d/%m/%Y}) : "
            "tout sera à zéro."
        )
    else:
        landing = plan.home.landing
        tell(
            f"Aucun fichier n'est chargé : tout sera à zéro. Déposez les exports dans {landing}, ou fabriquez "
            f"une démonstration : passnum simulate --out {landing}"
        )


def _readable_version(plan: RunPlan) -> Path | None:
    """The published version that the candidate is compared with; one that cannot be read is told, and passed over."""
    import duckdb

    from warehouse.published.versions import current_path, read_version

    path = current_path(plan.home)
    try:
        if path is None or is_as_left(plan.home, read_version(path)):
            return path
    except (duckdb.Error, AssertionError, OSError):
        tell("La version publiée ne peut pas être relue : la nouvelle ne lui est pas comparée.")
        return None
    tell("La version publiée n'est plus telle qu'elle a été écrite : la nouvelle ne lui est pas comparée.")
    return None
