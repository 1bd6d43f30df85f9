"""What the bilan gives the points of attention: the figures of its period, of which nothing withheld can be read.

Does not live here: the sentences and their thresholds (tests/unit/presentation/test_attention*.py).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from reporting.bilan import attention
from tests.unit.reporting.publications import A, B, money, month, passes, rows_of, write

OCTOBER, NOVEMBER, DECEMBER = date(2023, 10, 1), date(2023, 11, 1), date(2023, 12, 1)
EARLIER = date(2022, 3, 1)
FEBRUARY = date(2024, 2, 1)
NEXT_YEAR = date(2025, 2, 1)
#: Both territories at work until the last month, with passes for another year: nothing to say of them.
AT_WORK = [month(A, DECEMBER, passes_used=500), month(B, DECEMBER, passes_used=500)]
STOCK = [passes(A, NEXT_YEAR, 100), passes(B, NEXT_YEAR, 100)]


def said(**data: Any) -> list[str]:
    """The points of a publication, with plain blanks."""
    given: dict[str, Any] = {"monthly": AT_WORK, "stock": STOCK, "hours_target": 1, "people_target": 1} | data
    publication = write(**given)
    found = attention.points(attention.facts(publication, rows_of(publication)))
    return [re.sub("[\u00a0\u202f]", " ", sentence) for sentence in found]


def about(word: str, **data: Any) -> str:
    """The one point that opens with `word`, empty when there is none."""
    found = [sentence for sentence in said(**data) if sentence.startswith(word)]
    assert len(found) < 2
    return found[0] if found else ""


# --- Passes about to lapse: what is usable on the period's last day and expires within expiry_alert_days ---


def test_what_lapses_soon_is_told_with_its_amount_its_day_and_the_territories() -> None:
    told = about("Expiration", stock=[passes(A, FEBRUARY, 3000), passes(B, FEBRUARY, 5000), *STOCK])
    assert "8 000 pass (80 000 €), 97,6 % des pass encore utilisables au 31 décembre 2023, expirent le 1er" in told
    assert "Plus gros montants : Montreuil (50 000 €), Vincennes (30 000 €)." in told
    assert about("Expiration") == "", "a year ahead is no alert"


def test_an_amount_that_would_say_withheld_uses_is_withheld_too() -> None:
    soon = [passes(A, FEBRUARY, 3000), passes(B, FEBRUARY, 5000)]
    told = about("Expiration", stock=soon, hidden=(f"uses|{B}|..2023-12",))
    assert "Montreuil" not in told
    assert "Territoire concerné : Vincennes (30 000 €)." in told
    whole = about("Expiration", stock=soon, hidden=("uses|P|..2023-12",))
    assert "secret statistique" in whole
    assert "€" not in whole


# --- Silence: épuisé, inactif, jamais commencé are three sentences, of the states that the mart gives ---

ONLY_B = [passes(B, NEXT_YEAR, 100)]


def test_an_exhausted_territory_is_told_apart_from_an_inactive_one() -> None:
    """« 16 territoires sans utilisation » were exactly those with no usable pass left."""
    found = said(states={A: "exhausted"}, stock=ONLY_B)
    assert any(s.startswith("Territoires épuisés : 1 territoire participant n'a plus aucun pass") for s in found)
    assert not any(s.startswith(("Territoires inactifs", "Territoires jamais")) for s in found)
    assert about("Territoires épuisés") == ""


@pytest.mark.parametrize(("months", "since"), [(3, "1er octobre 2023 (3 mois)"), (2, "1er novembre 2023 (2 mois)")])
def test_an_inactive_territory_is_told_since_when_and_what_is_left(months: int, since: str) -> None:
    """quiet_months, the last one included."""
    told = about("Territoires inactifs", states={A: "quiet"}, quiet_months=months)
    assert f"1 territoire participant n'a eu aucune utilisation depuis le {since}" in told
    assert "100 pass utilisables (1 000 €) au 31 décembre 2023 : Vincennes" in told
    assert about("Territoires épuisés", states={A: "quiet"}) == ""
    assert about("Territoires inactifs") == ""


def test_a_territory_that_never_used_a_pass_never_began() -> None:
    told = about("Territoires jamais commencés", states={A: "never"})
    assert "1 territoire participant n'a eu aucune utilisation depuis le début du programme : Vincennes" in told
    assert "100 pass utilisables (1 000 €) y restent au 31 décembre 2023" in told
    without = about("Territoires jamais commencés", states={A: "never"}, stock=ONLY_B)
    assert "aucun pass n'y est utilisable au 31 décembre 2023" in without
    assert about("Territoires jamais commencés") == ""


def test_a_territory_whose_uses_are_withheld_is_not_named_exhausted() -> None:
    hidden = (f"uses|{A}|..2023-12",)
    assert about("Territoires épuisés", states={A: "exhausted"}, stock=ONLY_B, hidden=hidden) == ""
    assert about("Territoires inactifs", states={A: "quiet"}, hidden=hidden) == ""
    assert about("Territoires jamais commencés", states={A: "never"}, hidden=hidden) != "", "its zero is shown"


def test_a_count_of_the_bilan_that_leaves_withheld_territories_out_says_so() -> None:
    hidden = (f"uses|{B}|..2023-12",)
    told = about("Territoires épuisés", states={A: "exhausted"}, stock=ONLY_B, hidden=hidden)
    assert "1 territoire participant, le seul dont les utilisations sont publiées, n'a plus" in told


# --- The State's share: due by the State, paid by the State ---


def test_the_amount_left_to_call_is_the_share_due_less_what_the_state_paid() -> None:
    """1,000 uses of 10 €, half of it due; the communes' receipts are none of the State's."""
    told = about("Part de l'État", measures=money(2000, 4000))
    assert "5 000 € dus sur les pass utilisés depuis le début du programme" in told
    assert "2 000 € reçus de l'État : 3 000 € restent à appeler au 31 décembre 2023." in told
    assert about("Part de l'État", measures=money(5000)) == ""
    assert about("Part de l'État", measures=money(1000, 4000)) != ""


def test_without_a_budget_entry_nothing_is_said_of_what_was_received() -> None:
    """« l'État en a versé 0 € » was said of a budget that nobody delivered."""
    told = about("Budget")
    assert "aucune écriture budgétaire n'est livrée au 31 décembre 2023" in told
    assert about("Part de l'État") == ""
    assert about("Budget", measures=money(2000)) == ""


def test_commitments_over_the_budget_are_told_in_the_bilan_too() -> None:
    over = [{"indicator": "budget_committed_eur", "month": DECEMBER, "value": 3_900_000.0}]
    assert "les engagements dépassent le budget de 100 000 €" in about("Budget", measures=over)
    assert said(measures=over)[0].startswith("Budget"), "a limit that is passed is read first"


def test_each_receipt_has_a_measure_of_its_own() -> None:
    rows = rows_of(write(monthly=AT_WORK, measures=money(2000, 4000)))
    names = ("received_eur", "received_state_eur", "received_communes_eur", "state_to_call_eur")
    assert [rows[name]["value_cum"] for name in names] == [6000, 2000, 4000, 3000]
    assert rows["state_to_call_eur"]["value_period"] is None, "a balance has no period"


def test_what_is_left_to_call_is_withheld_with_the_share_it_says() -> None:
    hidden = ("uses|P|..2023-12",)
    rows = rows_of(write(monthly=AT_WORK, hidden=hidden))
    assert rows["state_to_call_eur"]["mask_cum"]
    assert about("Part de l'État", hidden=hidden, measures=money(2000)) == ""
    assert about("Avoirs", hidden=hidden, measures=money(2000), credit_notes=LOST) == "", (
        "nor what is lost, issued less used"
    )


# --- What is of the period ---

LEDGER = [{"month": DECEMBER, "used_eur": 10_000}]
LOST = [(DECEMBER, 600)]


def test_passes_lost_are_those_of_the_period_and_credit_notes_those_since_the_start() -> None:
    """Lost in the period against what was used in it; owed since the start, less the credit notes received."""
    notes = [*LOST, (EARLIER, 400), (DECEMBER, -900)]
    given: dict[str, Any] = {"ledger": LEDGER, "credit_notes": notes, "measures": money(5000)}
    assert "600 € de valeur faciale expirée ou annulée, pour 10 000 € utilisés" in about("Pass perdus", **given)
    told = about("Avoirs", **given)
    assert "1 000 € de pass expirés ou annulés" in told and "900 € d'avoirs reçus : 100 € restent à recevoir" in told
    assert about("Pass perdus", **given, lost_passes_share="0.07") == ""
    assert about("Pass perdus", **given, hidden=("uses|P|2023-12..2023-12",)) == "", "beside uses that are withheld"
    assert about("Avoirs", ledger=LEDGER, measures=money(5000)) == ""


def test_carnets_handed_over_that_do_not_serve_are_told_where_they_may_be() -> None:
    monthly = [month(A, DECEMBER, passes_used=500, carnets_prescribed=100, carnets_started=50), AT_WORK[1]]
    assert "dans 1 territoire : Vincennes (50 %)" in about("Carnets remis", monthly=monthly)
    assert about("Carnets remis", monthly=monthly, hidden=(f"handed|{A}|..2023-12",)) == ""


@pytest.mark.parametrize(("months", "stopped"), [(3, True), (12, True), (24, False)])
def test_a_lieu_stopped_when_it_has_no_use_since_the_quiet_months_began(months: int, stopped: bool) -> None:
    """A lieu without a use in a long period was told, and one that stopped after its first month was not."""
    lieux = [
        {"lieu_siret": "1", "month": EARLIER, "passes_used": 30},
        {"lieu_siret": "2", "month": DECEMBER, "passes_used": 30},
    ]
    told = about("Lieux arrêtés", lieu_month=lieux, quiet_months=months)
    assert bool(told) is stopped
    assert ("1 des 2 lieux qui ont reçu un pass depuis le début du programme" in told) is stopped


def test_uses_of_the_period_that_do_not_count_are_told_unless_uses_are_withheld() -> None:
    out = [{"reason": "rejected", "month": DECEMBER, "lines": 25}, {"reason": "rejected", "month": EARLIER, "lines": 9}]
    assert "25 utilisations livrées pour la période ne sont pas comptées (2,4 % des lignes)" in about(
        "Qualité", exclusions=out
    )
    assert about("Qualité", exclusions=out, hidden=("uses|P|2023-10..2023-12",)) == ""


def test_the_pace_of_a_period_under_way_is_that_of_the_days_gone() -> None:
    """500 hours in 61 days of a quarter are about 250 a month, not a third of 500."""
    monthly = [month(A, OCTOBER, passes_used=1000), month(B, NOVEMBER, passes_used=10)]
    told = about("Rythme insuffisant", monthly=monthly, as_of=date(2023, 11, 30), hours_target=100_000)
    assert re.search(r"25\d heures de formation par mois sur la période", told)
    assert about("Rythme insuffisant", monthly=monthly, as_of=date(2023, 11, 30), hours_target=500) == ""


def test_a_pace_that_reads_as_the_one_needed_is_no_alert() -> None:
    """« 17 heures par mois, quand il en faudrait 17 »: 50 hours in the quarter, and 16.9 a month needed."""
    monthly = [month(A, DECEMBER, passes_used=100)]
    assert about("Rythme", monthly=monthly, hours_target=50 + 231) == ""
    assert "quand il en faudrait 18" in about("Rythme", monthly=monthly, hours_target=50 + 245)


# --- Their order ---


def test_the_points_with_the_most_euros_come_first_and_the_others_after() -> None:
    """The engine's order: euros at stake, the most first; then the points without euros, as they are written down."""
    data: dict[str, Any] = {
        "measures": money(2000), "credit_notes": LOST, "ledger": LEDGER, "hours_target": 100_000,
        "monthly": [month(A, EARLIER, passes_used=500), month(B, DECEMBER, passes_used=500)],
        "states": {A: "quiet"},
    }  # fmt: skip
    rest = ["Avoirs", "Pass perdus sur la période", "Rythme insuffisant"]
    small = [s.split(" :")[0] for s in said(**data, stock=[passes(A, FEBRUARY, 80), passes(B, NEXT_YEAR, 1)])]
    assert sorted(small[:3]) == ["Expiration", "Part de l'État", "Territoires inactifs"]
    assert small[0] == "Part de l'État" and small[3:] == rest
    large = [s.split(" :")[0] for s in said(**data, stock=[passes(B, FEBRUARY, 8000), passes(A, NEXT_YEAR, 80)])]
    assert large == ["Expiration", "Part de l'État", "Territoires inactifs", *rest]


def test_nothing_to_say_is_said() -> None:
    assert said(measures=money(5000)) == ["Aucun point d'attention n'est relevé sur cette période."]
