"""Everything Dagster knows of, assembled; nothing else lives here."""

import dagster as dg

from orchestration.dbt import warehouse_models
from orchestration.ingestion import ingest_deliveries
from orchestration.publication import published_warehouse
from orchestration.quality import quality_gate
from orchestration.schedules import daily_run, job
from orchestration.sensors import landing_sensor
from orchestration.settings import RunSettings

defs = dg.Definitions(
    assets=[ingest_deliveries, warehouse_models, quality_gate, published_warehouse],
    jobs=[job],
    schedules=[daily_run],
    sensors=[landing_sensor],
    resources={"settings": RunSettings()},
    executor=dg.in_process_executor,
)
