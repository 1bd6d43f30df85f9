"""Everything Dagster knows of, assembled; nothing else lives here."""

import dagster as dg

from orchestration.assets.gate import quality_gate
from orchestration.assets.lake import ingest_deliveries
from orchestration.assets.models import warehouse_models
from orchestration.assets.publication import published_warehouse
from orchestration.assets.quality_report import quality_report
from orchestration.schedules import JOBS, SCHEDULES, SENSORS
from orchestration.settings import RunSettings

defs = dg.Definitions(
    assets=[ingest_deliveries, warehouse_models, quality_gate, published_warehouse, quality_report],
    jobs=JOBS,
    schedules=SCHEDULES,
    sensors=SENSORS,
    resources={"settings": RunSettings()},
    executor=dg.in_process_executor,
)
