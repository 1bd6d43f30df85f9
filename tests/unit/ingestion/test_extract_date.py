"""The extract date that a name holds (exports §2)."""

from __future__ import annotations

from datetime import date

import pytest

from ingestion.extract_date import find_extract_date

DAY = date(2022, 11, 30)


@pytest.mark.parametrize(
    "name",
    [
        "utilisations_20221130093000.csv",
        "20221130235959_utilisations.csv",
        "export-20221130000000.xlsx",
        "utilisations_202211300930.csv",
        "utilisations_20221130093000123.csv.gz",
        "u_20211231_20221130093000.csv",
        "livraison_20221130093000.zip/utilisations.csv",
        "utilisations_20221130T093000Z.csv",
        "utilisations_20221130_093000.csv",
        "utilisations_2022-11-30T09-30-00.csv",
    ],
)
def test_a_time_stamp_in_a_name_is_a_date(name: str) -> None:
    assert find_extract_date(name) == DAY


@pytest.mark.parametrize(
    "name",
    [
        "u_21940080900014.csv",  # a SIRET
        "u_20221130250000.csv",  # no hour
        "u_20221130096000.csv",  # no minute
        "u_2022113009300.csv",
        "u_20221330093000.csv",  # no month
        "u_00210006010000.csv",
    ],
)
def test_a_run_of_digits_that_is_no_instant_is_no_date(name: str) -> None:
    assert find_extract_date(name) is None
