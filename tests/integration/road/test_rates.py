"""The rates and the payments of a real run, computed again from the lines of core by another SQL.

Does not live here: each rule of a rate (dbt unit tests), what a page shows of them (tests/pages/test_sheets.py).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

Ask = Callable[..., list[tuple]]

#: Territory → people reached, hours, euros used, passes issued, used, expired, from persons, attendances and passes.
LINES = """
    with place as (select territory_code, population from core.dim_territory where is_participating),
    person as (
        select territory_code, count(*) filter (where reached_on is not null) as reached,
            count(*) filter (where equipped_on is not null) as equipped from core.dim_person group by 1
    ),
    used as (
        select territory_code, sum(face_value_eur) as eur from core.fct_redemption where is_counted group by 1
    ),
    attended as (
        select territory_code, sum(hours) as hours from core.fct_attendance group by 1
    ),
    pass as (
        select territory_code, count(*) as issued, count(*) filter (where status = 'used') as used,
            count(*) filter (where status = 'expired') as expired from core.fct_pass group by 1
    )
    select place.territory_code, {} as value from place left join person using (territory_code)
    left join used using (territory_code) left join attended using (territory_code)
    left join pass using (territory_code)
"""
RATES = {
    "people_reached_per_1000": "coalesce(reached, 0) / population * 1000",
    "people_equipped_per_1000": "coalesce(equipped, 0) / population * 1000",
    "hours_per_1000": "coalesce(hours, 0) / population * 1000",
    "use_rate": "pass.used / issued",
    "expiry_rate": "expired / issued",
    "eur_per_hour": "eur / nullif(hours, 0)",
    "eur_per_person": "eur / nullif(reached, 0)",
}


@pytest.mark.parametrize("rate", RATES)
def test_a_rate_is_what_the_lines_give(ask: Ask, rate: str) -> None:
    """Issue 20, 4: every rate of every participating territory, from persons, attendances, uses and passes."""
    expected = dict(ask(LINES.format(RATES[rate])))
    published = dict(ask("select territory_code, value from marts.territory_rate where rate = ?", rate))
    assert published.keys() == expected.keys() and len(published) == 34
    assert {code: value and float(value) for code, value in expected.items()} == pytest.approx(published)
    assert any(published.values())


def test_a_rank_counts_those_before(ask: Ask) -> None:
    """1 + how many have a better rate: a lower one where the lowest comes first."""
    wrong = ask("""
        select * from marts.territory_rate as own inner join marts.rate as known using (rate)
        where value is not null and place <> 1 + (
            select count(*) from marts.territory_rate as other where other.rate = own.rate
            and case when rank_from = 'highest' then other.value > own.value else other.value < own.value end
        )
    """)
    assert wrong == []
    assert ask("select count(*) from marts.territory_rate where place = 1") != [(0,)]


def test_what_a_lieu_was_paid_and_what_waits_make_what_it_used(ask: Ask) -> None:
    """Paid and waiting are the counted uses of the lieu, in passes and in euros."""
    published = ask("select lieu_siret, passes_paid + passes_waiting, paid_eur + waiting_eur from marts.lieu_payment")
    lines = ask("""
        select lieu_siret, count(*), sum(amount_eur) from core.fct_redemption
        where is_counted and lieu_siret is not null group by 1
    """)
    assert sorted(published) == sorted(lines) and lines
    delays = ask("""
        select lieu_siret, delay_days, (select median(date_diff('day', redeemed_on, reimbursed_on))
            from core.fct_redemption as line where line.lieu_siret = lieu_payment.lieu_siret and is_counted
            and source_status = 'remboursee' and reimbursed_on >= redeemed_on)
        from marts.lieu_payment
    """)
    assert all(told == expected for _, told, expected in delays) and any(told for _, told, _ in delays)


def test_the_lines_of_a_lieu_are_those_delivered(ask: Ask) -> None:
    told = ask("select line_kind, sum(delivered_lines) from marts.lieu_quality group by 1 order by 1")
    ((all_lines, out, odd),) = ask("""
        select count(*), count(*) filter (where not is_counted), sum(len(anomalies)) from core.fct_redemption
        where lieu_siret is not null
    """)
    assert told == [("anomaly", odd), ("delivered", all_lines), ("uncounted", out)]
