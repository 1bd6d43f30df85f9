"""docs/performance.md is written from the results: ratios, the code before beside the code now, and no second."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import report
from benchmarks.__main__ import keep


def _measure(cpu: float) -> dict[str, Any]:
    return {
        "cpu": cpu, "wall": cpu + 1, "peak": 1.5, "cpu_range": [cpu, cpu], "floor_range": [0.98, 1.03], "repeats": 5,
    }  # fmt: skip


@pytest.fixture
def results() -> dict[str, dict[str, Any]]:
    grown = {"peak_gb": 3.9, "delivered_mb": 88.7, "disk_lake": 0.2, "disk_published": 0.3, "disk_home": 0.8}
    return {
        "runs": {
            "carnets": 38_000, "run": _measure(3.2), "nothing_new": _measure(0.21),
            "small": {"carnets": 300, **_measure(1.1)},
        },
        "before-runs": {"carnets": 38_000, "run": _measure(8.1), "nothing_new": _measure(5.6)},
        "stages": {"stages": {"imports": 0.5, "SQL des modèles": 1.5}, "left_out": 0.25, "repeats": 3},
        "before-stages": {"stages": {"imports": 0.9, "Dagster": 0.4}, "left_out": 0.2, "repeats": 3},
        "growth": {
            "38000": {**_measure(3.2), **grown, "floor_growth": 1.0},
            "1000000": {**_measure(1.6), **grown, "floor_growth": 19.0},
        },
        "yardsticks": {"pandas": _measure(0.5), "polars": _measure(0.25), "postgres": {"skipped": "absent"}},
        "pages": {
            "pages": [{"page": "accueil", "cold": 3.0, "warm": 2.0, "filter": 1.0}, {"page": "mandat", "warm": 2.0}]
        },
    }  # fmt: skip


def test_the_run_is_told_before_and_now(results: dict[str, dict[str, Any]]) -> None:
    page = report.render(results, "- rien")
    assert "| `passnum run`, 38 000 carnets, avant | × 8,1 | × 9,1 |" in page.replace("\u202f", " ").replace(
        "\xa0", " "
    )
    assert "maintenant | × 3,2 | × 4,2 |" in page.replace("\xa0", " ")
    assert "rien de nouveau, maintenant | × 0,21 |" in page.replace("\xa0", " ")


def test_the_stages_add_up_and_an_old_one_stays_told(results: dict[str, dict[str, Any]]) -> None:
    """A stage that the code no longer has is a gain to show."""
    page = report.render(results, "- rien").replace("\xa0", " ")
    assert "| SQL des modèles | × 1,50 | 75 % | × 0,00 |" in page
    assert "| Dagster | × 0,00 | 0 % | × 0,40 |" in page
    assert "| ensemble | × 2,00 | 100 % | × 1,30 |" in page


def test_the_page_holds_no_second_of_the_machine(results: dict[str, dict[str, Any]]) -> None:
    """Issue 15: ratios only."""
    assert not re.search(r"\d[\s\u00a0\u202f]?(?:s|ms|secondes?)\b", report.render(results, "- rien"))


def test_what_was_tried_is_kept_as_written(results: dict[str, dict[str, Any]]) -> None:
    assert "## Ce qui a été essayé et n'aide pas\n\n- **Un seul fil** : non.\n" in report.render(
        results, "- **Un seul fil** : non.\n"
    )


def test_a_section_that_was_not_measured_says_how_to(results: dict[str, dict[str, Any]]) -> None:
    del results["growth"], results["pages"]
    page = report.render(results, "- rien")
    assert page.count("Pas encore mesuré") == 2
    assert "python -m benchmarks growth" in page


def test_a_yardstick_that_is_not_installed_is_said(results: dict[str, dict[str, Any]]) -> None:
    assert "PostgreSQL : absent." in report.render(results, "- rien")


def test_sizes_measured_apart_are_kept_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million carnets is measured on its own: the other sizes stay, in order."""
    monkeypatch.setattr("benchmarks.__main__.RESULTS", tmp_path)
    keep("growth", {"1000000": {"cpu": 1.6}, "38000": {"cpu": 3.0}}, before=False)
    path = keep("growth", {"200000": {"cpu": 1.9}, "38000": {"cpu": 3.2}}, before=False)
    assert list(report.read_results(tmp_path)["growth"].items()) == [
        ("38000", {"cpu": 3.2}), ("200000", {"cpu": 1.9}), ("1000000", {"cpu": 1.6}),
    ]  # fmt: skip
    assert path.name == "growth.json"
