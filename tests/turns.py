"""The long files of tests, and whose turn it is: `make test` leaves them out, CI runs one group of them a day.

Together they take four times what all the others do. `make test-all` runs them all, and so does pytest unless told.
Of the unit tests, CI and `make test-unit` run every file, `make check` and `make test` all but SLOW_UNITS.
`python -m tests.turns` says whether this is a day on which CI measures them.
Does not live here: the options (conftest.py), the samples of one walk (some.py).
"""

from __future__ import annotations

import os
import sys
from datetime import date

#: As many days as it takes CI to run every long file.
GROUPS = 16
#: CI measures the unit tests one day in so many: the measure takes half as long again as they do.
MEASURED = 4

_DAY = "PASSNUM_TESTS_DAY"

#: The files that pay for roads, servers or walks of their own, by their place under tests/, with what each takes: about
#: a tenth of the road of the golden set being 1 (measured together, on two workers).
LONG = {
    "browser/test_figures.py": 41,
    "browser/test_files.py": 17,
    "browser/test_history.py": 12,
    "browser/test_pages.py": 55,
    "browser/test_provenance.py": 9,
    "browser/test_relay.py": 13,
    "browser/test_sheets.py": 23,
    "browser/test_sign_in.py": 53,
    "browser/test_states.py": 20,
    "browser/test_tables.py": 12,
    "integration/benchmarks/test_floor.py": 24,
    "integration/benchmarks/test_yardsticks.py": 10,
    "integration/data_quality/test_false_alarms.py": 20,
    "integration/data_quality/test_gate_on_the_road.py": 15,
    "integration/data_quality/test_past.py": 15,
    "integration/data_quality/test_planted.py": 15,
    "integration/data_quality/test_warehouse_codes.py": 26,
    "integration/golden/test_analysts.py": 14,
    "integration/golden/test_metric.py": 20,
    "integration/golden/test_rules.py": 35,
    "integration/golden/test_trace.py": 17,
    "integration/golden/test_why.py": 27,
    "integration/ingestion/test_fuzz.py": 7,
    "integration/ingestion/test_hostile.py": 13,
    "integration/ingestion/test_mapping.py": 25,
    "integration/ingestion/test_one_run.py": 9,
    "integration/ingestion/test_oracle.py": 6,
    "integration/ingestion/test_order.py": 11,
    "integration/ingestion/test_personal_data.py": 11,
    "integration/ingestion/test_simulated_dirt.py": 16,
    "integration/lake/test_many.py": 10,
    "integration/lake/test_registration.py": 30,
    "integration/national/test_union.py": 40,
    "integration/privacy/test_identifier_rule.py": 24,
    "integration/privacy/test_person.py": 47,
    "integration/privacy/test_planting.py": 34,
    "integration/privacy/test_retention.py": 27,
    "integration/reporting/test_attack_report.py": 43,
    "integration/reporting/test_cube.py": 27,
    "integration/reporting/test_exports.py": 35,
    "integration/reporting/test_mandate_years.py": 24,
    "integration/reporting/test_protected_rates.py": 12,
    "integration/reporting/test_quality_report.py": 20,
    "integration/reporting/test_second_edition.py": 20,
    "integration/reporting/test_settings_of_the_version.py": 7,
    "integration/reporting/test_stack_carriers.py": 20,
    "integration/reporting/test_to_save.py": 17,
    "integration/road/test_after_publication.py": 15,
    "integration/road/test_backup.py": 54,
    "integration/road/test_chaos.py": 35,
    "integration/road/test_dagster.py": 27,
    "integration/road/test_diff.py": 18,
    "integration/road/test_nothing_new.py": 33,
    "integration/road/test_one_place.py": 19,
    "integration/road/test_publication.py": 28,
    "integration/road/test_road.py": 47,
    "integration/road/test_rollback.py": 20,
    "integration/road/test_verify.py": 8,
    "pages/test_decide.py": 14,
    "pages/test_every_figure.py": 18,
    "pages/test_in_time.py": 11,
    "pages/test_kept.py": 28,
    "pages/test_national.py": 30,
    "pages/test_preparing.py": 13,
}

#: The files of unit tests of more than a second and a half, but those of the rules of the house, which every change may
#: break: three quarters of what all the unit tests take.
SLOW_UNITS = frozenset(
    {
        "unit/dashboards/test_connections.py",
        "unit/dashboards/test_drawing.py",
        "unit/dashboards/test_reading.py",
        "unit/data_quality/test_gate.py",
        "unit/data_quality/test_redelivery.py",
        "unit/data_quality/test_tables.py",
        "unit/ingestion/test_codepages.py",
        "unit/ingestion/test_days.py",
        "unit/ingestion/test_evidence.py",
        "unit/ingestion/test_forgetting.py",
        "unit/ingestion/test_layout.py",
        "unit/ingestion/test_lieux.py",
        "unit/ingestion/test_many_workbooks.py",
        "unit/ingestion/test_masking_again.py",
        "unit/ingestion/test_nothing.py",
        "unit/ingestion/test_parse.py",
        "unit/ingestion/test_personal_text.py",
        "unit/ingestion/test_pollock.py",
        "unit/ingestion/test_quoting.py",
        "unit/ingestion/test_rewriting.py",
        "unit/ingestion/test_shape.py",
        "unit/ingestion/test_sheet.py",
        "unit/ingestion/test_together.py",
        "unit/ingestion/test_upgrading.py",
        "unit/ingestion/test_values.py",
        "unit/ingestion/test_workbook_process.py",
        "unit/ingestion/test_workbooks.py",
        "unit/orchestration/test_french.py",
        "unit/reporting/test_bilan_attention.py",
        "unit/reporting/test_bilan_comparison.py",
        "unit/reporting/test_bilan_first_page.py",
        "unit/reporting/test_bilan_territories.py",
        "unit/reporting/test_cells.py",
        "unit/reporting/test_quality_scope.py",
        "unit/reporting/test_suppression.py",
    }
)


def today() -> int:
    """The day of this run of the tests, the same for its workers though midnight may pass between them."""
    return int(os.environ.setdefault(_DAY, str(date.today().toordinal())))


def turn(day: int) -> frozenset[str]:
    """The long files of one day: the groups cost about as much as one another, and GROUPS days in a row run all."""
    groups: list[list[str]] = [[] for _ in range(GROUPS)]
    for file in sorted(LONG, key=lambda one: (-LONG[one], one)):
        min(groups, key=lambda group: sum(LONG[one] for one in group)).append(file)
    return frozenset(groups[day % GROUPS])


def left_out(part: str, day: int) -> frozenset[str]:
    """The files that a run leaves out. Of "short" the long ones and the slow units; of "turn" the long ones but those
    of the day; of "all" none."""
    long = frozenset(LONG)
    return {"short": long | SLOW_UNITS, "turn": long - turn(day), "all": frozenset[str]()}[part]


if __name__ == "__main__":
    sys.stdout.write("coverage-unit" if today() % MEASURED == 0 else "test-unit")
