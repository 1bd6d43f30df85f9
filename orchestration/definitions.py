"""Everything Dagster knows of, assembled; nothing else lives here."""

import dagster as dg

from orchestration.assets.gate import quality_gate
from orchestration.assets.lake import ingest_deliveries
from orchestration.assets.models import warehouse_models
from orchestration.assets.publication import published_warehouse
from orchestration.assets.quality_report import quality_report
from orchestration.schedules import (
    after_reading,
    build_job,
    daily_run,
    daily_silence_alert,
    failed_run,
    ghost_sensor,
    job,
    landing_sensor,
    monthly_retention,
    quality_report_job,
    quarterly_exports,
    quarterly_exports_job,
    reading_job,
    retention_job,
    silence_alert_job,
    weekly_quality_report,
)
from orchestration.settings import RunSettings

defs = dg.Definitions(
    assets=[ingest_deliveries, warehouse_models, quality_gate, published_warehouse, quality_report],
    jobs=[job, reading_job, build_job, quality_report_job, silence_alert_job, quarterly_exports_job, retention_job],
    schedules=[daily_run, weekly_quality_report, daily_silence_alert, quarterly_exports, monthly_retention],
    sensors=[landing_sensor, after_reading, failed_run, ghost_sensor],
    resources={"settings": RunSettings()},
    executor=dg.in_process_executor,
)
