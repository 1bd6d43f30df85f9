"""Every check of data_quality/suites, found by itself: a new suite is a new module with CHECKS.

Does not live here: the checks (suites/), running them (gate).
"""

from __future__ import annotations

import importlib
import pkgutil

from data_quality.expectations import Check


def all_suites() -> dict[str, list[Check]]:
    """Suite (module of data_quality/suites) → its checks."""
    import data_quality.suites as suites

    return {
        module.name: importlib.import_module(f"data_quality.suites.{module.name}").CHECKS
        for module in pkgutil.iter_modules(suites.__path__)
    }


def all_checks() -> list[Check]:
    """Every check of data_quality/suites, in the order of the codes."""
    return sorted((check for checks in all_suites().values() for check in checks), key=lambda check: check.code)
