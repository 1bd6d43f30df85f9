"""What machines are told of a home after a run, where a setting asks for it: metrics in a file, lineage events.

Nothing leaves unless asked: PASSNUM_METRICS_FILE names a text file for Prometheus' node exporter; OpenLineage's own
variables (OPENLINEAGE_URL, OPENLINEAGE_CONFIG, OPENLINEAGE__TRANSPORT__…) say where its events go. Does not live here:
the journal (journal.py), the mails (reporting/quality).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.lake import Lake
from orchestration.telling import tell
from presentation.system_errors import explain_error
from storage.disk import disk_of
from warehouse.published import builds
from warehouse.published.held import held_path
from warehouse.published.versions import connect, current_path, read_version
from warehouse.settings import Home

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent

METRICS_VARIABLE = "PASSNUM_METRICS_FILE"
_OPENLINEAGE = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE__TRANSPORT")
_PRODUCER = "https://passnum.invalid/orchestration"
NAMESPACE = "passnum"


def observe(home: Home, verdict: str, began: datetime, run: str) -> None:
    """Tell whoever is to be told; what cannot be is said, and changes nothing of the run."""
    wanted: list[tuple[str, Callable[[], None]]] = []
    if path := os.environ.get(METRICS_VARIABLE):
        wanted.append(
            (
                f"Les mesures ({path}) n'ont pas pu être transmises",
                lambda: write_metrics(home, verdict, began, Path(path)),
            )
        )
    if any(name.startswith(_OPENLINEAGE) for name in os.environ):
        wanted.append(("Le lignage (OpenLineage) n'a pas pu être transmis", lambda: emit(home, verdict, began, run)))
    for what, do in wanted:
        try:
            do()
        except Exception as error:  # noqa: BLE001 — the run is done, whoever watches it
            tell(f"{what} : {explain_error(error)}.")


def write_metrics(home: Home, verdict: str, began: datetime, path: Path) -> None:
    """Write the state of the home for Prometheus, whole or not at all. Instants are seconds since 1970 (UTC)."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()

    def gauge(name: str, meaning: str, value: float, **labels: str) -> None:
        if name not in known:
            known[name] = Gauge(f"passnum_{name}", meaning, list(labels), registry=registry)
        made = known[name]
        (made.labels(**labels) if labels else made).set(value)

    known: dict[str, Gauge] = {}
    now = datetime.now(UTC)
    gauge("last_run_timestamp_seconds", "Fin du dernier passage", now.timestamp())
    gauge("last_run_duration_seconds", "Durée du dernier passage", (now - began).total_seconds())
    for one in ("published", "unchanged", "refused", "failed"):
        gauge("last_run_verdict", "1 pour le verdict du dernier passage", one == verdict, verdict=one)
    lake = Lake(home.lake)
    receipts = lake.receipts()
    gauge("files_loaded", "Fichiers chargés", len(receipts))
    gauge("files_rejected", "Fichiers refusés", sum(r.outcome == "rejected" for r in lake.other_receipts()))
    gauge("lines_rejected", "Lignes rejetées des fichiers chargés", sum(r.lines_rejected for r in receipts))
    share, free = disk_of(home.root)
    gauge("disk_used_ratio", "Part occupée du disque des données", share)
    gauge("disk_free_bytes", "Octets libres sur le disque des données", free)
    gauge("version_held", "1 si une version est maintenue en ligne", held_path(home).exists())
    if version := current_path(home):
        published = read_version(version)
        as_of = datetime(published.as_of.year, published.as_of.month, published.as_of.day, tzinfo=UTC)
        gauge(
            "published_timestamp_seconds",
            "Publication de la version",
            published.published_at.replace(tzinfo=UTC).timestamp(),
        )
        gauge("data_timestamp_seconds", "Date des données de la version", as_of.timestamp())
        gauge("version_bytes", "Taille de la version", version.stat().st_size)
        with connect(version) as con:
            rows = con.execute(
                "select status, count(*) from quality.check_result where build_id = (select max(build_id) from "
                "quality.build) group by all"
            ).fetchall()
        for status, number in rows:
            gauge("checks", "Contrôles de la version, par résultat", number, status=status)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def emit(home: Home, verdict: str, began: datetime, run: str) -> None:
    """Send the start and the end of the run, with what it read and what it made."""
    from openlineage.client import OpenLineageClient

    client = OpenLineageClient()
    for event in lineage_events(home, verdict, began, run):
        client.emit(event)


def lineage_events(home: Home, verdict: str, began: datetime, run: str) -> list[RunEvent]:
    """START, then COMPLETE (published, nothing new) or FAIL: exports of the lake in, tables of the version out."""
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import error_message_run, output_statistics_output_dataset
    from openlineage.client.generated.base import RunFacet

    from warehouse.build.publish import rows_of

    job = Job(NAMESPACE, "passnum_run")
    datasets = sorted({receipt.dataset for receipt in Lake(home.lake).receipts() if receipt.dataset})
    inputs = [InputDataset(NAMESPACE, f"lake.{dataset}") for dataset in datasets]
    outputs = []
    path = current_path(home)
    if verdict == "published" and path is not None:
        for table, rows in rows_of(path).items():
            statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)
            outputs.append(OutputDataset(NAMESPACE, table, outputFacets={"outputStatistics": statistics}))
    failed = verdict in ("refused", "failed")
    last = builds.load(home.lake)[-1:]
    told = f"{verdict} {last[0].build_id if last else ''}".strip()
    facets: dict[str, RunFacet] = {}
    if failed:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(told, "Python")

    def event(kind: RunState, at: datetime, of: Run, made: list[OutputDataset]) -> RunEvent:
        return RunEvent(
            eventTime=at.isoformat(), producer=_PRODUCER, run=of, job=job, eventType=kind, inputs=inputs, outputs=made
        )

    ended = RunState.FAIL if failed else RunState.COMPLETE
    return [
        event(RunState.START, began, Run(run), []),
        event(ended, datetime.now(UTC), Run(run, facets), outputs),
    ]
