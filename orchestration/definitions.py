"""Everything Dagster knows of, assembled; nothing else lives here."""

import dagster as dg

from orchestration.dbt import warehouse_models
from orchestration.exports import quarterly_exports, quarterly_exports_job
from orchestration.ingestion import ingest_deliveries
from orchestration.publication import published_warehouse
from orchestration.quality import quality_gate
from orchestration.reports import (
    daily_silence_alert,
    quality_report,
    quality_report_job,
    silence_alert_job,
    weekly_quality_report,
)
from orchestration.schedules import daily_run, job
from orchestration.sensors import landing_sensor
from orchestration.settings import RunSettings

defs = dg.Definitions(
    assets=[ingest_deliveries, warehouse_models, quality_gate, published_warehouse, quality_report],
    jobs=[job, quality_report_job, silence_alert_job, quarterly_exports_job],
    schedules=[daily_run, weekly_quality_report, daily_silence_alert, quarterly_exports],
    sensors=[landing_sensor],
    resources={"settings": RunSettings()},
    executor=dg.in_process_executor,
)
