"""The points of attention say what the figures say: euros, passes about to lapse, territories and lieux.

A setting moved across its figure makes the sentence appear or disappear. The order of the points, targets, PIC public
and quality are in test_attention.py.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from presentation.attention import places
from presentation.attention.money import Lost, Money, left_to_call, lost_points, money_points
from presentation.attention.passes import Stock, expiry_points
from presentation.attention.places import Lieux, Territories, lieu_points, slow_points, state_sentence, territory_points
from presentation.attention.point import Call, Point, in_order
from tests.unit.presentation.attention_facts import (
    AS_OF,
    NBSP,
    PROGRAMME,
    SINCE,
    THIN,
    ahead,
    plain,
    said,
    setting,
)


def told_of_money(
    committed: float = 3_000_000,
    paid: float = 2_900_000,
    due: float = 900_000,
    *,
    lost: float = 0.0,
    credited: float | None = 0.0,
    received: float | None = 900_000.0,
    as_of: date = AS_OF,
    is_delivered: bool = True,
) -> dict[str, Point]:
    """Subject → the point about money."""
    left = None if received is None else due - received
    owed = None if credited is None else lost - credited
    given = Money(is_delivered, committed, paid, due, due / 1_800_000, received, left, lost, credited, owed)
    return {one.subject: one for one in money_points(given, PROGRAMME, as_of)}


def test_commitments_over_the_budget_come_before_a_missed_target() -> None:
    """A limit that is passed is read before any amount."""
    over = told_of_money(committed=3_900_000)["Budget"]
    assert (over.call, over.text) == (Call.LIMIT, f"les engagements dépassent le budget de 100{THIN}000{NBSP}€.")
    missed, _ = said(50_000, ahead(52_000, 60_000, target=100_000))
    assert in_order([missed, over]) == [over, missed]
    assert "dépassent" not in told_of_money()["Budget"].text


def test_what_is_left_to_commit_can_no_longer_be_once_the_agreement_has_ended() -> None:
    """Nothing is committed after the agreement's term: the sentence no longer says « il reste à engager »."""
    assert f"il reste 800{THIN}000{NBSP}€ à engager" in told_of_money()["Budget"].text
    ended = told_of_money(as_of=date(2023, 12, 31))["Budget"].text
    assert "il reste" not in ended
    assert f"800{THIN}000{NBSP}€ n'ont pas été engagés avant le terme de l'accord-cadre (17 décembre 2023)" in ended
    assert "tout le budget est engagé" in told_of_money(committed=3_800_000)["Budget"].text


def test_without_a_budget_entry_nothing_is_said_of_what_was_committed_or_received() -> None:
    """« tout l'engagé est mandaté », « 900 000 € restent à appeler »: of a budget that nobody delivered."""
    told = told_of_money(committed=0, paid=0, received=0.0, credited=0.0, lost=1000, is_delivered=False)
    assert told["Budget"].text == (
        "aucune écriture budgétaire n'est livrée au 30 juin 2023 : ce qui est engagé, mandaté, reçu et rendu en avoirs "
        "n'est pas connu, et les montants à zéro n'en disent rien."
    )
    assert "appeler" not in told["Part de l'État"].text and "Avoirs" not in told
    assert "aucune écriture" not in told_of_money(committed=0, paid=0, received=5.0)["Budget"].text


def test_paid_is_said_under_over_or_equal_to_committed() -> None:
    assert "100\u202f000\u00a0€ séparent l'engagé du mandaté" in told_of_money()["Budget"].text
    assert "dépasse l'engagé de 5\u202f000" in told_of_money(paid=3_005_000)["Budget"].text
    assert "tout l'engagé est mandaté" in told_of_money(paid=3_000_000)["Budget"].text


def test_the_state_s_share_is_set_against_the_state_s_receipts_alone() -> None:
    """Due − received from the State = still to call; what communes paid is not in it."""
    found = told_of_money(received=535_000.0)["Part de l'État"]
    assert plain(found.text) == (
        "900 000 € dus sur les pass utilisés depuis le début du programme, soit 50,0 % du plafond ; 535 000 € reçus de "
        "l'État : 365 000 € restent à appeler au 30 juin 2023."
    )
    paid = told_of_money()["Part de l'État"]
    assert "restent à appeler" not in paid.text and paid.text.endswith("et reçus en entier.")
    assert found.is_alert and not paid.is_alert and found.euros == 365_000
    over = told_of_money(received=1_000_000.0)["Part de l'État"]
    assert plain(over.text).endswith("1 000 000 € reçus de l'État au 30 juin 2023, 100 000 € de plus que dû.")
    assert over.is_alert
    assert "le plafond étant atteint" in told_of_money(due=1_800_000)["Part de l'État"].text
    assert told_of_money(due=0, received=0.0)["Part de l'État"].text.endswith("rien à appeler.")


def test_a_reader_without_the_budget_is_not_told_what_was_received() -> None:
    told = told_of_money(received=None, credited=None, lost=1000)
    assert "reçus" not in told["Part de l'État"].text
    assert told["Avoirs"].text.endswith("(avoirs déjà reçus non déduits).")


def test_credit_notes_already_received_are_no_longer_due() -> None:
    """The bilan said « avoirs déjà reçus non déduits » of credit notes that the page deducted."""
    text = told_of_money(lost=47_450, credited=45_080.0)["Avoirs"].text
    assert "47\u202f450\u00a0€ de pass expirés ou annulés depuis le début du programme donnent lieu à avoir" in text
    assert "45\u202f080\u00a0€ d'avoirs reçus : 2\u202f370\u00a0€ restent à recevoir" in text
    assert "aucun avoir reçu : 47\u202f450\u00a0€ restent" in told_of_money(lost=47_450)["Avoirs"].text
    covered = told_of_money(lost=47_450, credited=47_450.0)["Avoirs"]
    assert "restent" not in covered.text and "couvrent" in covered.text and not covered.is_alert
    assert "Avoirs" not in told_of_money(), "nothing was lost"


def test_what_is_left_to_call_is_named_or_what_was_paid_too_much() -> None:
    """The same words on the card of the bilan and of the page Budget."""
    assert plain(left_to_call(3_000)) == "reste à appeler : 3 000 €"
    assert plain(left_to_call(-0.2)) == "reste à appeler : 0 €"
    assert plain(left_to_call(-1_000)) == "l'État a versé 1 000 € de plus que la part due"


@pytest.mark.parametrize(("share", "appears"), [("0.05", True), ("0.06", True), ("0.07", False)])
def test_the_share_of_passes_lost_is_a_setting(share: str, appears: bool) -> None:
    """lost_passes_share: 600 € lost for 10,000 € used."""
    found = lost_points(Lost(600, 10_000), setting(lost_passes_share=Decimal(share)))
    assert [plain(one.sentence) for one in found] == [
        "Pass perdus sur la période : 600 € de valeur faciale expirée ou annulée, pour 10 000 € utilisés."
    ] * appears


# --- Passes about to lapse ---

JULY, AUGUST, LATER = date(2023, 7, 9), date(2023, 8, 10), date(2024, 8, 1)


def stock(*rows: tuple[str, date, int, bool], is_withheld: bool = False) -> Stock:
    """territory, day of expiry, passes of 10 €, whether it may be named."""
    schema = {"territory_name": pl.String, "expires_on": pl.Date, "passes": pl.Int64, "is_named": pl.Boolean}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    return Stock(frame.with_columns(face_value_eur=pl.col("passes") * 10.0), is_withheld)


USABLE = stock(("Bondy", JULY, 20, True), ("Gagny", AUGUST, 5, True), ("Gagny", LATER, 25, True))


def expiring(given: Stock, days: int = 45) -> tuple[Point, str]:
    """The point on expiry, and its text with plain blanks."""
    (found,) = expiry_points(given, setting(expiry_alert_days=days), AS_OF)
    return found, plain(found.text)


def test_what_lapses_within_the_notice_is_told_with_its_share_of_the_stock() -> None:
    """Its amount, its share, its days, where, and what to do."""
    found, text = expiring(USABLE)
    assert text == (
        "25 pass (250 €), 50,0 % des pass encore utilisables au 30 juin 2023, expirent dans les 45 jours qui suivent, "
        "dont 200 € dès le 9 juillet 2023. Plus gros montants : Bondy (200 €), Gagny (50 €). "
        "Prévenir les prescripteurs et les bénéficiaires."
    )
    assert found.euros == 250 and found.is_alert
    assert (
        "1 pass (10 €), 100 % des pass encore utilisables au 30 juin 2023, expire le 9 juillet 2023"
        in expiring(stock(("Bondy", JULY, 1, True)))[1]
    )
    later = expiring(stock(("Bondy", JULY, 2, True), ("Gagny", AUGUST, 5, True)))[1]
    assert ", les premiers le 9 juillet 2023 et le plus gros montant (50 €) le 10 août 2023." in later


@pytest.mark.parametrize(("days", "appears"), [(9, True), (8, False)])
def test_the_notice_of_what_lapses_is_a_setting(days: int, appears: bool) -> None:
    """expiry_alert_days: the ninth of July is nine days after the thirtieth of June."""
    assert expiring(USABLE, days)[0].is_alert is appears


def test_nothing_lapses_or_nothing_is_left_are_two_things() -> None:
    none, text = expiring(stock(("Gagny", LATER, 25, True)))
    assert text == "aucun pass utilisable n'expire dans les 45 jours qui suivent le 30 juin 2023." and not none.is_alert
    assert expiring(stock())[1] == "aucun pass n'est plus utilisable au 30 juin 2023."


def test_a_withheld_amount_is_not_given_nor_a_territory_whose_uses_are() -> None:
    whole = expiring(Stock(USABLE.frame, is_withheld=True))[1]
    assert "secret statistique" in whole and "€" not in whole
    named = expiring(stock(("Bondy", JULY, 20, False), ("Gagny", AUGUST, 5, True)))[1]
    assert "Bondy" not in named and "Territoire concerné : Gagny (50 €)." in named


def test_expiry_is_read_first_when_it_is_the_largest_amount() -> None:
    """Of two amounts the larger is first: what lapses against what remains to call, to recover or to pay."""
    others = [*told_of_money(received=535_000.0, lost=47_450).values()]
    large, small = (expiring(stock(("Bondy", JULY, passes, True)))[0] for passes in (57_005, 25))
    assert in_order([*others, large])[0] == large
    assert in_order([*others, small])[0].subject == "Part de l'État"


# --- Territories and lieux ---


def states(**of: tuple[str, int]) -> pl.DataFrame:
    """Name → (state, usable passes of 10 €); the state « hidden » is of a territory whose uses are withheld."""
    rows = [(name, "active" if state == "hidden" else state, passes, 10.0 * passes, state != "hidden")
            for name, (state, passes) in of.items()]  # fmt: skip
    names = ["territory_name", "state", "passes_usable", "face_value_usable_eur", "is_named"]
    return pl.DataFrame(rows, schema=names, orient="row")


def silent(frame: pl.DataFrame, names: int = 4, **settings: object) -> dict[str, str]:
    """Subject → sentence of the points on territories."""
    found = territory_points(Territories(frame, names), setting(**settings), AS_OF, SINCE)
    return {one.subject: plain(one.text) for one in found}


def test_exhausted_quiet_and_never_started_are_three_things() -> None:
    """Exhausted: no usable pass left. Quiet: usable passes, no recent use. Never started: no use at all."""
    told = silent(
        states(Bondy=("exhausted", 0), Clamart=("exhausted", 0), Sceaux=("quiet", 12), Gagny=("never", 5),
               Rungis=("never", 0), Vincennes=("active", 80)),
    )  # fmt: skip
    assert told == {
        "Territoires inactifs": "1 territoire participant n'a eu aucune utilisation depuis le 1er avril 2023 (3 mois), "
        "alors qu'il y reste 12 pass utilisables (120 €) au 30 juin 2023 : Sceaux. "
        "Relancer les prescripteurs et les lieux.",
        "Territoires épuisés": "2 territoires participants n'ont plus aucun pass utilisable au 30 juin 2023 : Bondy, "
        "Clamart. Sans nouveaux carnets, plus aucun pass n'y sera utilisé.",
        "Territoires jamais commencés": "2 territoires participants n'ont eu aucune utilisation depuis le début du "
        "programme : Gagny, Rungis ; 5 pass utilisables (50 €) y restent au 30 juin 2023, 1 sans pass utilisable.",
    }
    assert silent(states(Vincennes=("active", 80))) == {}


def test_a_territory_that_never_began_and_has_nothing_to_use_says_so() -> None:
    told = silent(states(Rungis=("never", 0)))["Territoires jamais commencés"]
    assert told.endswith(": Rungis ; aucun pass n'y est utilisable au 30 juin 2023.")


def test_a_sentence_gives_four_names_and_counts_the_others() -> None:
    names = {f"Ville {rank}": ("exhausted", 0) for rank in range(1, 7)}
    told = silent(states(**names))["Territoires épuisés"]
    assert "Ville 1, Ville 2, Ville 3, Ville 4 et 2 autres." in told
    assert "Ville 5, Ville 6." in silent(states(**names), names=20)["Territoires épuisés"]


def test_a_count_that_leaves_withheld_territories_out_says_so() -> None:
    """The page said 16 exhausted territories and the bilan 14: two were withheld, and nothing told it."""
    told = silent(states(Bondy=("exhausted", 0), Clamart=("hidden", 0)))["Territoires épuisés"]
    assert told.startswith("1 territoire participant, le seul dont les utilisations sont publiées, n'a plus aucun")
    two = silent(states(Bondy=("quiet", 1), Sceaux=("active", 1), Clamart=("hidden", 0)))["Territoires inactifs"]
    assert two.startswith("1 territoire participant, parmi les 2 dont les utilisations sont publiées, n'a eu")
    assert "publiées" not in silent(states(Bondy=("exhausted", 0)))["Territoires épuisés"]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("never", "Jamais commencé : aucune utilisation depuis le début du programme, 5 pass utilisables au 30 juin"),
        ("exhausted", "Épuisé : plus aucun pass utilisable au 30 juin 2023, dernière utilisation le 2 mars 2023."),
        ("quiet", "Inactif : aucune utilisation depuis le 1er avril 2023, 5 pass utilisables au 30 juin 2023, dern"),
        ("active", "Actif : 5 pass utilisables au 30 juin 2023, dernière utilisation le 2 mars 2023."),
    ],
)
def test_a_territory_s_sheet_says_where_it_stands(state: str, told: str) -> None:
    row = {"state": state, "passes_usable": 5, "last_used_on": None if state == "never" else date(2023, 3, 2)}
    assert plain(state_sentence(row, AS_OF, SINCE)).startswith(told)


@pytest.mark.parametrize(("share", "appears"), [("0.10", True), ("0.11", False)])
def test_lieux_that_stopped_are_told_from_the_share_of_the_settings(share: str, appears: bool) -> None:
    """silent_lieux_share of the lieux ever used, since the quiet months began: on pages and in the bilan."""
    found = lieu_points(Lieux(100, 10), setting(silent_lieux_share=Decimal(share)), SINCE)
    assert [plain(one.sentence) for one in found] == [
        "Lieux arrêtés : 10 des 100 lieux qui ont reçu un pass depuis le début du programme n'en ont reçu aucun depuis "
        "le 1er avril 2023 (3 mois)."
    ] * appears


def test_one_lieu_is_written_in_the_singular_and_none_makes_no_point() -> None:
    def told(used: int, stopped: int) -> str:
        (found,) = lieu_points(Lieux(used, stopped, " (page Lieux)"), PROGRAMME, SINCE)
        return plain(found.text)

    assert told(2, 1).startswith("1 des 2 lieux qui ont reçu un pass depuis le début du programme n'en a reçu aucun")
    assert told(1, 1).startswith("le seul lieu qui a reçu un pass depuis le début du programme n'en a reçu aucun")
    assert told(2, 2).endswith("n'en ont reçu aucun depuis le 1er avril 2023 (3 mois) (page Lieux).")
    assert lieu_points(Lieux(5, 0), setting(silent_lieux_share=Decimal(0)), SINCE) == []


CARNETS = pl.DataFrame(
    {"territory_name": ["Bondy", "Gagny"], "carnets_prescribed": [100, 100], "carnets_started": [50, 90]}
)


@pytest.mark.parametrize(("share", "appears"), [("0.60", True), ("0.50", False), ("0.40", False)])
def test_the_share_of_carnets_started_is_a_setting(share: str, appears: bool) -> None:
    """low_start_share: half of the carnets handed over have served."""
    found = slow_points(CARNETS, setting(low_start_share=Decimal(share)))
    assert [plain(one.sentence) for one in found] == [
        "Carnets remis mais peu entamés : depuis le début du programme, moins de 60 % des carnets dans 1 territoire : "
        "Bondy (50 %). Relancer les prescripteurs et les bénéficiaires."
    ] * appears


@pytest.mark.parametrize(("least", "appears"), [(100, True), (101, False)])
def test_the_carnets_that_make_a_share_worth_telling_are_a_setting(least: int, appears: bool) -> None:
    """low_start_min_carnets."""
    assert bool(slow_points(CARNETS, setting(low_start_min_carnets=least))) is appears


def test_territories_given_as_examples_are_told() -> None:
    assert places.examples(["atteste", "atteste"]) == ""
    assert plain(places.examples(["exemple", "atteste"])) == (
        "1 des 2 territoires participants est un exemple : la liste réelle des participants est à saisir dans les "
        "réglages du programme."
    )
    assert "2 des 2 territoires participants sont des exemples" in plain(places.examples(["exemple"] * 2))
