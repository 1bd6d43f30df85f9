"""What one run did, step by step, for whoever reports it. Does not live here: the steps (steps.py), reporting it."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.delivery import Delivery
from orchestration.steps import Built, Published
from warehouse.check_result import CheckResult


@dataclass
class Walk:
    """Filled as the run goes; None where it did not get there."""

    deliveries: list[Delivery] | None = None
    built: Built | None = None
    results: list[CheckResult] | None = None
    published: Published | None = None
