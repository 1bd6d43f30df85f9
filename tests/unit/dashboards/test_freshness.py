"""Ages are counted to today as well as to the date of the data; the pace is the one of the check PN-407."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from dashboards import freshness
from presentation.freshness import Freshness, late_sentences
from programme import clock, deliveries

AS_OF, LIMIT = date(2023, 12, 31), 35


def delivered(**last: date) -> pl.DataFrame:
    """`Reader.freshness` with a last extract a dataset; those not named were extracted on the date of the data."""
    names = [*deliveries.MONTHLY, *deliveries.QUARTERLY, "services"]
    return pl.DataFrame({"dataset": names, "last_extract_on": [last.get(name, AS_OF) for name in names]}).with_columns(
        files_loaded=pl.lit(1), files_left=pl.lit(0), lines_read=pl.lit(100), lines_rejected=pl.lit(2)
    )


def told(today: date, **last: date) -> list[tuple[bool, str]]:
    return late_sentences(freshness.ages(delivered(**last), AS_OF, today, LIMIT), AS_OF, today)


def test_fresh_at_the_date_of_the_data_and_late_today() -> None:
    (late, today), (was_late, then) = told(date(2026, 11, 26))
    assert late and "utilisations de pass, il y a 1\u202f061\u00a0jours" in today and "26 novembre 2026" in today
    assert "catalogue" not in today, "the catalogue comes when there is news"
    assert (
        not was_late and then == "À la date des données (31 décembre 2023), aucune livraison attendue n'est en retard."
    )


def test_nothing_is_late_on_the_last_day_and_a_month_is_on_the_next() -> None:
    """Late = more than expected_delivery_days days; a quarterly export has four times that."""
    assert [late for late, _ in told(date(2024, 2, 4))] == [False, False]
    late, sentence = told(date(2024, 2, 5))[0]
    assert late and "prescriptions" in sentence and "budg" not in sentence
    assert "écritures budgétaires" in told(date(2024, 5, 20))[0][1]
    assert "écritures budgétaires" not in told(date(2024, 5, 19))[0][1]


def test_late_at_the_date_of_the_data_is_said_too() -> None:
    (_, today), (late, then) = told(date(2024, 1, 2), prescriptions=date(2023, 11, 1))
    assert late and "prescriptions, il y a 60\u00a0jours (attendu tous les 35\u00a0jours)" in then
    assert "il y a 62\u00a0jours" in today and "utilisations" not in then + today


def test_an_export_never_delivered_is_late() -> None:
    fresh = freshness.ages(delivered().filter(pl.col("dataset") != "budget"), AS_OF, AS_OF, LIMIT)
    assert late_sentences(fresh, AS_OF, AS_OF)[0] == (
        True,
        "Aujourd'hui (31 décembre 2023), livraisons en retard : écritures budgétaires, jamais livré.",
    )


def test_the_delay_is_the_setting() -> None:
    fresh = freshness.ages(delivered(), AS_OF, date(2024, 2, 5), 36)
    assert not fresh["late_today"].any()


def test_the_head_of_a_page_adds_the_age_only_once_it_is_late() -> None:
    assert Freshness(AS_OF, date(2024, 2, 4), LIMIT).lateness == {}
    assert Freshness(AS_OF, date(2026, 11, 26), LIMIT).lateness == {
        "Données au": "31 décembre 2023 (il y a 1\u202f061\u00a0jours)",
        "Livraisons": "en retard au 26 novembre 2026, attendues tous les 35\u00a0jours au plus",
    }


def test_a_day_is_a_day_in_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    """23:30 UTC on a 30th of June is the 1st of July in Paris."""

    class Evening(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 6, 30, 23, 30, tzinfo=ZoneInfo("UTC")).astimezone(tz)

    monkeypatch.setattr(clock, "datetime", Evening)
    assert clock.today_in_paris() == date(2026, 7, 1)
