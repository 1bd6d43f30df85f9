"""The points of attention: each on figures that call for it and on figures that do not, and their order.

A setting moved across its figure makes the sentence appear or disappear: no threshold is in the code.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reporting.bilan import attention, content, quiet
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
    found = attention.points(publication, rows_of(publication))
    return [re.sub("[\u00a0\u202f]", " ", sentence) for sentence in found]


def about(word: str, **data: Any) -> str:
    """The one point that opens with `word`, empty when there is none."""
    found = [sentence for sentence in said(**data) if sentence.startswith(word)]
    assert len(found) < 2
    return found[0] if found else ""


# --- Passes about to lapse: what is usable on the period's last day and expires within expiry_alert_days ---


def test_what_lapses_soon_is_told_with_its_amount_its_day_and_the_territories() -> None:
    told = about("Pass près d'expirer", stock=[passes(A, FEBRUARY, 3000), passes(B, FEBRUARY, 5000), *STOCK])
    assert "80 000 € (8 000 pass) encore utilisables au 31 décembre 2023 expirent le 1er février 2024." in told
    assert "Plus gros montants : Montreuil (50 000 €), Vincennes (30 000 €)." in told
    assert about("Pass près d'expirer") == "", "a year ahead is no alert"


@pytest.mark.parametrize(("days", "appears"), [(31, False), (32, True), (90, True)])
def test_the_notice_of_what_lapses_is_a_setting(days: int, appears: bool) -> None:
    """expiry_alert_days: the first of February is thirty-two days after the thirty-first of December."""
    assert bool(about("Pass près", stock=[passes(A, FEBRUARY, 10)], expiry_alert_days=days)) is appears


def test_several_days_of_expiry_are_told_with_the_largest() -> None:
    told = about("Pass près", stock=[passes(A, FEBRUARY, 10), passes(B, date(2024, 3, 1), 700)])
    assert "7 100 € (710 pass)" in told
    assert "dans les 90 jours qui suivent, dont 7 000 € le 1er mars 2024" in told


def test_an_amount_that_would_say_withheld_uses_is_withheld_too() -> None:
    soon = [passes(A, FEBRUARY, 3000), passes(B, FEBRUARY, 5000)]
    told = about("Pass près", stock=soon, hidden=(f"uses|{B}|..2023-12",))
    assert "Montreuil" not in told
    assert "Territoire concerné : Vincennes (30 000 €)." in told
    whole = about("Pass près", stock=soon, hidden=("uses|P|..2023-12",))
    assert "secret statistique" in whole
    assert "€" not in whole


# --- Silence: épuisé, inactif, jamais commencé are three sentences, of the states that the mart gives ---

ONLY_B = [passes(B, NEXT_YEAR, 100)]


def test_an_exhausted_territory_is_told_apart_from_an_inactive_one() -> None:
    """« 16 territoires sans utilisation » were exactly those with no usable pass left."""
    found = said(states={A: "exhausted"}, stock=ONLY_B)
    assert any(s.startswith("Épuisé : 1 territoire participant sans plus aucun pass utilisable au") for s in found)
    assert not any(s.startswith(("Inactif", "Jamais")) for s in found)
    assert about("Épuisé") == ""


@pytest.mark.parametrize(("months", "since"), [(3, "1er octobre 2023 (3 mois)"), (2, "1er novembre 2023 (2 mois)")])
def test_an_inactive_territory_is_told_since_when_and_what_is_left(months: int, since: str) -> None:
    """quiet_months, the last one included."""
    told = about("Inactif", states={A: "quiet"}, quiet_months=months)
    assert f"1 territoire participant sans aucun pass utilisé depuis le {since}" in told
    assert "1 000 € de pass utilisables au 31 décembre 2023 (Vincennes)" in told
    assert about("Épuisé", states={A: "quiet"}) == ""
    assert about("Inactif") == ""


def test_a_territory_that_never_used_a_pass_never_began() -> None:
    told = about("Jamais commencé", states={A: "never"})
    assert "1 territoire participant sans aucun pass utilisé depuis le début du programme" in told
    assert "où 1 000 € de pass sont utilisables au 31 décembre 2023 (Vincennes)" in told
    without = about("Jamais commencé", states={A: "never"}, stock=ONLY_B)
    assert "sans aucun pass utilisé depuis le début du programme (Vincennes)" in without
    assert about("Jamais commencé") == ""


def test_a_territory_whose_uses_are_withheld_is_not_named_exhausted() -> None:
    hidden = (f"uses|{A}|..2023-12",)
    assert about("Épuisé", states={A: "exhausted"}, stock=ONLY_B, hidden=hidden) == ""
    assert about("Inactif", states={A: "quiet"}, hidden=hidden) == ""


def test_a_count_that_leaves_withheld_territories_out_says_so() -> None:
    """The page said 16 exhausted territories and the bilan 14: two were withheld, and nothing told it."""
    hidden = (f"uses|{B}|..2023-12",)
    told = about("Épuisé", states={A: "exhausted"}, stock=ONLY_B, hidden=hidden)
    assert "1 territoire participant, le seul dont les utilisations sont publiées, sans plus" in told
    assert ", le seul dont" in about("Inactif", states={A: "quiet"}, hidden=hidden)
    assert "publiées" not in about("Épuisé", states={A: "exhausted"}, stock=ONLY_B)


# --- The State's share: due by the State, paid by the State ---


def test_the_amount_left_to_call_is_the_share_due_less_what_the_state_paid() -> None:
    """1,000 uses of 10 €, half of it due; the communes' receipts are none of the State's."""
    told = about("Recettes à appeler", measures=money(2000, 4000))
    assert "la part de l'État due s'élève à 5 000 € ; l'État en a versé 2 000 €" in told
    assert "il reste 3 000 € à lui appeler au 31 décembre 2023" in told
    assert about("Recettes", measures=money(5000)) == ""
    assert about("Recettes", measures=money(1000, 4000)) != ""


def test_without_a_budget_entry_nothing_is_said_of_what_was_received() -> None:
    """« l'État en a versé 0 € » was said of a budget that nobody delivered."""
    told = about("Budget")
    assert "aucune écriture budgétaire n'est livrée au 31 décembre 2023" in told
    assert about("Recettes") == ""
    assert about("Budget", measures=money(2000)) == ""


def test_each_receipt_has_a_measure_of_its_own() -> None:
    rows = rows_of(write(monthly=AT_WORK, measures=money(2000, 4000)))
    names = ("received_eur", "received_state_eur", "received_communes_eur", "state_to_call_eur")
    assert [rows[name]["value_cum"] for name in names] == [6000, 2000, 4000, 3000]
    assert rows["state_to_call_eur"]["value_period"] is None, "a balance has no period"


def test_what_is_left_to_call_is_withheld_with_the_share_it_says() -> None:
    hidden = ("uses|P|..2023-12",)
    rows = rows_of(write(monthly=AT_WORK, hidden=hidden))
    assert rows["state_to_call_eur"]["mask_cum"]
    assert about("Recettes", hidden=hidden) == ""


def test_the_card_of_the_share_says_what_is_left_or_paid_too_much() -> None:
    def notes(paid: int) -> str:
        rows = rows_of(write(monthly=AT_WORK, measures=money(paid)))
        (card,) = [card for card in content._cards(write(), rows) if card["label"] == "Part de l'État due"]
        return re.sub("[\u00a0\u202f]", " ", " | ".join(card["notes"]))

    assert "reçu de l'État : 2 000 € | reste à appeler : 3 000 €" in notes(2000)
    assert "trop-perçu : 1 000 €" in notes(6000)
    assert "reste" not in notes(6000)


# --- The other thresholds ---

LEDGER = [{"month": DECEMBER, "used_eur": 10_000, "expired_eur": 600}]


@pytest.mark.parametrize(("share", "appears"), [("0.05", True), ("0.06", True), ("0.07", False)])
def test_the_share_of_passes_lost_is_a_setting(share: str, appears: bool) -> None:
    """lost_passes_share: 600 € lost for 10,000 € used."""
    assert bool(about("Pass perdus sur la période", ledger=LEDGER, lost_passes_share=share)) is appears


@pytest.mark.parametrize(("share", "appears"), [("0.60", True), ("0.50", False), ("0.40", False)])
def test_the_share_of_carnets_started_is_a_setting(share: str, appears: bool) -> None:
    """low_start_share: half of the carnets handed over have served."""
    monthly = [month(A, DECEMBER, passes_used=500, carnets_prescribed=100, carnets_started=50), AT_WORK[1]]
    told = about("Carnets remis", monthly=monthly, low_start_share=share)
    assert bool(told) is appears
    assert ("dans 1 territoire (Vincennes (50 %))" in told) is appears


@pytest.mark.parametrize(("least", "appears"), [(100, True), (101, False)])
def test_the_carnets_that_make_a_share_worth_telling_are_a_setting(least: int, appears: bool) -> None:
    """low_start_min_carnets."""
    monthly = [month(A, DECEMBER, passes_used=500, carnets_prescribed=100, carnets_started=50), AT_WORK[1]]
    assert bool(about("Carnets remis", monthly=monthly, low_start_min_carnets=least)) is appears


@pytest.mark.parametrize(("share", "appears"), [("0.5", True), ("0.51", False)])
def test_the_share_of_silent_lieux_is_a_setting(share: str, appears: bool) -> None:
    """silent_lieux_share: one of two lieux received nothing in the period."""
    lieux = [
        {"lieu_siret": "1", "month": EARLIER, "passes_used": 30},
        {"lieu_siret": "2", "month": DECEMBER, "passes_used": 30},
    ]
    told = about("Lieux sans activité", lieu_month=lieux, silent_lieux_share=share)
    assert bool(told) is appears
    assert ("1 des 2 lieux qui ont reçu un pass depuis le début du programme" in told) is appears


@pytest.mark.parametrize(("share", "appears"), [("0.02", True), ("0.03", False)])
def test_the_share_of_uses_not_counted_is_a_setting(share: str, appears: bool) -> None:
    """uncounted_share: 25 lines left out of 1,025."""
    out = [{"reason": "rejected", "month": DECEMBER, "lines": 25}]
    assert bool(about("Qualité", exclusions=out, uncounted_share=share)) is appears


def test_the_pace_of_a_period_under_way_is_that_of_the_days_gone() -> None:
    """500 hours in 61 days of a quarter are about 250 a month, not a third of 500."""
    monthly = [month(A, OCTOBER, passes_used=1000), month(B, NOVEMBER, passes_used=10)]
    told = about("Rythme insuffisant", monthly=monthly, as_of=date(2023, 11, 30), hours_target=100_000)
    assert re.search(r"25\d heures de formation par mois sur la période", told)
    assert about("Rythme insuffisant", monthly=monthly, as_of=date(2023, 11, 30), hours_target=500) == ""


def test_one_is_written_in_the_singular() -> None:
    lieux = [
        {"lieu_siret": "1", "month": EARLIER, "passes_used": 30},
        {"lieu_siret": "2", "month": DECEMBER, "passes_used": 30},
    ]
    assert "1 des 2 lieux qui ont reçu un pass depuis le début du programme n'en a reçu" in about(
        "Lieux", lieu_month=lieux
    )
    alone = about("Lieux", lieu_month=lieux[:1])
    assert "le seul lieu qui a reçu un pass depuis le début du programme n'en a reçu aucun" in alone
    two = about("Lieux", lieu_month=[lieux[0], lieux[0] | {"lieu_siret": "3"}])
    assert "2 des 2 lieux qui ont reçu un pass depuis le début du programme n'en ont reçu" in two
    out = [{"reason": "rejected", "month": DECEMBER, "lines": 1}]
    told = about("Qualité", exclusions=out, uncounted_share="0")
    assert "1 utilisation livrée pour la période n'est pas comptée" in told
    few = [month(A, DECEMBER, passes_used=6), month(B, DECEMBER, passes_used=0)]
    assert "1 heure de formation par mois" in about("Rythme", monthly=few, hours_target=100_000)


def test_a_pace_that_reads_as_the_one_needed_is_no_alert() -> None:
    """« 17 heures par mois, quand il en faudrait 17 »: 50 hours in the quarter, and 16.9 a month needed."""
    monthly = [month(A, DECEMBER, passes_used=100)]
    assert about("Rythme", monthly=monthly, hours_target=50 + 231) == ""
    assert "quand il en faudrait 18" in about("Rythme", monthly=monthly, hours_target=50 + 245)


def test_what_was_lost_is_not_said_owed_for_credit_notes_may_have_come() -> None:
    assert "Elle donne lieu à avoir (avoirs déjà reçus non déduits)." in about("Pass perdus", ledger=LEDGER)


# --- Their order ---


def test_the_points_with_the_most_euros_come_first_and_the_others_after() -> None:
    """One rule: euros at stake, the most first; then the points without euros, as they are written down."""
    data: dict[str, Any] = {
        "measures": money(2000), "ledger": LEDGER, "hours_target": 100_000,
        "monthly": [month(A, EARLIER, passes_used=500), month(B, DECEMBER, passes_used=500)],
        "states": {A: "quiet"},
    }  # fmt: skip
    small = [s.split(" :")[0] for s in said(**data, stock=[passes(A, FEBRUARY, 80), passes(B, NEXT_YEAR, 1)])]
    assert small == [
        "Recettes à appeler", "Pass près d'expirer", "Inactif", "Pass perdus sur la période", "Rythme insuffisant",
    ]  # fmt: skip
    large = [s.split(" :")[0] for s in said(**data, stock=[passes(B, FEBRUARY, 8000), passes(A, NEXT_YEAR, 80)])]
    assert large == [
        "Pass près d'expirer", "Recettes à appeler", "Inactif", "Pass perdus sur la période", "Rythme insuffisant",
    ]  # fmt: skip


def test_nothing_to_say_is_said() -> None:
    assert said(measures=money(5000)) == ["Aucun point d'attention n'est relevé sur cette période."]


# --- No threshold in the code; every figure says its span ---


@pytest.mark.parametrize("module", [attention, quiet])
def test_no_threshold_of_a_sentence_is_in_the_code(module: Any) -> None:
    """Every decision threshold is a setting of programme.yaml, with its reason."""
    code = re.sub(r'"""[\s\S]*?"""|f?"[^"\n]*"', "", Path(module.__file__).read_text(encoding="utf-8"))
    numbers = set(re.findall(r"(?<![\w.\[])\d+(?:\.\d+)?(?![\w\]])", code))
    # 0 and 1 compare with nothing and one; 5 names are listed; days of a month.
    assert numbers <= {"0", "1", "5", "0.0", "30.4375"}, numbers


def test_every_card_says_its_two_spans() -> None:
    for card in content._cards(write(), rows_of(write(monthly=AT_WORK))):
        assert card["since"] == "depuis le début"
        assert card["notes"][-1].startswith("sur la période : ")
