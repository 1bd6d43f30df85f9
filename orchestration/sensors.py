"""The landing sensor: a run starts when files wait. Does not live here: reading them."""

import hashlib

import dagster as dg

from ingestion.landing import list_arrivals
from orchestration.schedules import job
from orchestration.settings import RunSettings


@dg.sensor(
    job=job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Lance un passage quand des fichiers attendent dans la zone de dépôt.",
)
def landing_sensor(context: dg.SensorEvaluationContext, settings: RunSettings) -> dg.RunRequest | dg.SkipReason:
    """One run for one set of waiting files, known by their names, sizes and dates."""
    arrivals, _ = list_arrivals(settings.home().landing, 0)
    if not arrivals:
        return dg.SkipReason("La zone de dépôt est vide.")
    waiting = sorted(f"{a.name} {a.path.stat().st_size} {a.path.stat().st_mtime_ns}" for a in arrivals)
    return dg.RunRequest(run_key=hashlib.sha256("\n".join(waiting).encode()).hexdigest())
