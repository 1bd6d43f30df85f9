"""Why an edition differs from the one before, where the earlier version is no longer kept (reporting/files/causes.py).

Does not live here: the causes of two versions that are kept (tests/integration/reporting/test_second_edition.py).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from reporting.files.causes import causes_since
from reporting.files.editions import Edition
from warehouse.published.versions import Version
from warehouse.settings import Home

BEFORE, NOW = "20240101T060000Z-aaaaaa", "20240201T060000Z-bbbbbb"


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """A version that has two deliveries, one received before the earlier build, one after it; and a refused one."""
    path = tmp_path / f"passnum-{NOW}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema quality")
        con.execute(
            """
            create table quality.delivered_file as
            from (values
                ('use_12.csv', 'utilisations', date '2023-12-31', timestamp '2023-12-31 20:00:00', 'loaded'),
                ('use_01.csv', 'utilisations', date '2024-01-31', timestamp '2024-01-31 20:00:00', 'loaded'),
                ('bad.csv', 'budget', date '2024-01-31', timestamp '2024-01-31 20:00:00', 'rejected')
            ) as t(file_name, dataset, extract_date, received_at, outcome)
            """
        )
    return Version(NOW, path, date(2024, 1, 31), datetime(2024, 2, 1, 6), False, "0" * 64)


def edition(build: str, **told: str) -> Edition:
    return Edition(1, Path(), {"version": {"construction": build, **told}})


def test_what_was_received_since_the_earlier_build_is_named(version: Version, tmp_path: Path) -> None:
    """« by cause, with the deliveries »: a version is pruned long before its documents are read again."""
    causes = causes_since(edition(BEFORE), version, Home.at(tmp_path))
    assert causes.deliveries == ("Utilisations de pass du 31/01/2024 (use_01.csv)",) and causes.moved is None


def test_the_public_is_told_the_data_set_and_its_day_alone(version: Version, tmp_path: Path) -> None:
    causes = causes_since(edition(BEFORE), version, Home.at(tmp_path), named=False)
    assert causes.deliveries == ("Utilisations de pass du 31/01/2024",)


def test_the_same_version_brought_nothing(version: Version, tmp_path: Path) -> None:
    assert causes_since(edition(NOW), version, Home.at(tmp_path)).deliveries == ()


def test_another_calculation_is_known_where_the_earlier_edition_kept_its_own(version: Version, tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    assert causes_since(edition(NOW, code="a"), version, home, "b").is_other_code
    assert not causes_since(edition(NOW, code="b"), version, home, "b").is_other_code
    assert not causes_since(edition(NOW), version, home, "b").is_other_code
