"""The points of attention say what the figures say, no more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from dashboards import sentences
from programme.config import Programme, load_programme

MANDATE_END = date(2025, 2, 17)
PROGRAMME = load_programme()


def progress(**values: float | None) -> dict[str, dict]:
    """Rows of programme_progress, by indicator."""
    targets = {
        "hours": 100_000,
        "people_reached": 34_000,
        "budget_committed_eur": 3_800_000,
        "state_share_due_eur": 1_800_000,
    }
    return {
        code: {
            "label": code,
            "value": value,
            "target": targets.get(code),
            "ratio": value / targets[code] if value is not None and code in targets else None,
            "answered_share": 0.9,
        }
        for code, value in values.items()
    }


def ahead(*medians: float, target: float, ceiling: float = 1e9, spread: float = 0.1) -> pl.DataFrame:
    """A projection, a month apart, the last at the mandate's end; the budget left would issue nothing."""
    months = range(1, len(medians) + 1)
    one = pl.DataFrame(
        {
            "target_on": [*[date(2024, month, 28) for month in months][:-1], MANDATE_END],
            "low": [value * (1 - spread) for value in medians],
            "median": list(medians),
            "high": [value * (1 + spread) for value in medians],
            "ceiling": [ceiling for _ in medians],
            "is_mandate_end": [month == len(medians) for month in months],
            "target": [float(target) for _ in medians],
            "is_indicative": [False for _ in medians],
        }
    )
    return pl.concat([one.with_columns(scenario=pl.lit(name)) for name in ("sans_reemission", "budget_restant")])


def targets(
    rows: dict[str, dict], projections: dict[str, pl.DataFrame], as_of: date = date(2023, 12, 31)
) -> list[sentences.Point]:
    """What is said of the targets, with the programme's own dates."""
    return sentences.targets(rows, projections, PROGRAMME, as_of)


def said(value: float, hours: pl.DataFrame) -> tuple[float, str]:
    """(weight, sentence) of the hours."""
    rows = progress(hours=value, people_reached=34_000)
    weight, _, text = targets(rows, {"hours": hours, "people_reached": hours})[0]
    return weight, text


def test_a_target_out_of_reach_of_the_passes_that_exist_is_missed_and_says_it_first() -> None:
    """Even if every usable pass served, the ceiling is under the target: never « atteint », whatever the band."""
    weight, text = said(90_000, ahead(92_000, 95_000, target=100_000, ceiling=99_000, spread=0.02))
    assert text == (
        "manqué : l'objectif de 100\u202f000\u00a0h ne peut plus être atteint avec les pass existants : au plus "
        "99\u202f000\u00a0h, si chaque pass valable servait ; au rythme actuel, de 93\u202f100 à 96\u202f900\u00a0h "
        "en fin de mandat (17 février 2025)."
    )
    reachable, other = said(90_000, ahead(92_000, 95_000, target=100_000, ceiling=100_000, spread=0.02))
    assert "ne peut plus" not in other and "au plus 100\u202f000\u00a0h, si chaque pass valable servait" in other
    assert weight > reachable


def test_a_band_under_the_target_is_missed_and_one_that_holds_it_is_uncertain() -> None:
    missed_weight, missed = said(50_000, ahead(52_000, 60_000, target=100_000))
    assert missed.startswith("manqué au rythme actuel : de 54\u202f000 à 66\u202f000\u00a0h en fin de mandat")
    assert "17 février 2025" in missed and "il manquerait 40\u202f000\u00a0h pour atteindre l'objectif" in missed
    short_weight, short = said(50_000, ahead(52_000, 95_000, target=100_000))
    assert short.startswith("incertain : ") and "il manquerait 5\u202f000\u00a0h" in short
    near_weight, near = said(50_000, ahead(99_000, 101_000, target=100_000))
    assert near.startswith("incertain : ") and "l'objectif serait atteint vers février 2025" in near
    sure_weight, sure = said(50_000, ahead(120_000, 130_000, target=100_000))
    assert sure.startswith("atteint au rythme actuel, vers janvier 2024 : de 117")
    assert missed_weight > short_weight > near_weight == sure_weight


def test_a_projection_is_called_indicative_only_while_it_is() -> None:
    rows = ahead(52_000, 60_000, target=100_000)
    assert "indicative" not in said(50_000, rows)[1]
    assert "(projection indicative)" in said(50_000, rows.with_columns(is_indicative=pl.lit(True)))[1]


def test_what_the_budget_left_would_add_is_said_where_it_adds_something() -> None:
    rows = ahead(52_000, 60_000, target=100_000)
    assert "budget restant" not in said(50_000, rows)[1]
    more = pl.when(pl.col("scenario") == "budget_restant").then(1.5).otherwise(1.0)
    richer = rows.with_columns(pl.col("low", "median", "high", "ceiling") * more)
    assert "en réémettant le budget restant, de 81\u202f000 à 99\u202f000\u00a0h" in said(50_000, richer)[1]


def test_a_target_met_is_said_and_a_programme_without_activity_too() -> None:
    empty = ahead(1.0, target=1.0).clear()
    points = targets(progress(hours=100_000, people_reached=10), {"hours": empty, "people_reached": empty})
    assert "est atteint" in points[0][2]
    assert "trop peu d'activité" in points[1][2]


def test_a_withheld_count_of_people_is_not_given_by_a_sentence() -> None:
    rows = progress(hours=10, people_reached=None, pic_share=None)
    few = {"hours": ahead(12.0, 20.0, target=100_000), "people_reached": ahead(7.0, 9.0, target=34_000)}
    points = targets(rows, few)
    assert points[1][2] == "leur nombre n'est pas donné (secret statistique)."
    assert sentences.public(rows, PROGRAMME)[0][2] == "la part du public PIC n'est pas donnée (secret statistique)."


def test_once_the_mandate_has_ended_a_target_is_missed_not_too_hard_to_project() -> None:
    """« trop peu d'activité pour projeter la fin du mandat » was said four months after it."""
    none = ahead(1.0, target=1.0).clear()
    rows = progress(hours=789, people_reached=34_000)
    ahead_of_it = targets(rows, {"hours": none, "people_reached": none}, date(2025, 2, 16))[0]
    assert ahead_of_it[2] == "trop peu d'activité pour projeter la fin du mandat."
    weight, _, text = targets(rows, {"hours": none, "people_reached": none}, date(2025, 6, 30))[0]
    assert text == (
        f"manqué : 789{NBSP}h au 30 juin 2025, pour un objectif de 100{THIN}000{NBSP}h ; "
        "le mandat a pris fin le 17 février 2025."
    )
    assert weight == 9


AS_OF = date(2023, 6, 30)
NBSP, THIN = "\u00a0", "\u202f"


def setting(**values: object) -> Programme:
    """The programme with other settings."""
    return PROGRAMME.model_copy(update=values)


def money(
    committed: float = 3_000_000,
    paid: float = 2_900_000,
    due: float = 900_000,
    *,
    lost: float = 0.0,
    credited: float | None = 0.0,
    received: float | None = 900_000.0,
    as_of: date = AS_OF,
) -> dict[str, tuple[float, str]]:
    """Subject → (weight, sentence) of the points about money."""
    rows = progress(budget_committed_eur=committed, budget_paid_eur=paid, state_share_due_eur=due)
    points = sentences.budget(rows, PROGRAMME, as_of, lost_eur=lost, credited_eur=credited, state_received_eur=received)
    return {subject: (weight, text) for weight, subject, text in points}


def test_an_amount_weighs_by_the_share_that_it_is() -> None:
    """stake: 4 and one for each twentieth of the largest share; from a quarter it passes a missed target (9)."""
    assert sentences.stake(0, 1000.0) == 4
    assert sentences.stake(250, 1000.0) == 9
    assert sentences.stake(300, 3_800_000.0, 1000.0) == 10
    assert sentences.stake(5000, 1000.0) == 24
    assert sentences.stake(10, 0.0) == 4, "nothing to be a share of"


def test_commitments_over_the_budget_come_before_a_missed_target() -> None:
    assert money(committed=3_900_000)["Budget"] == (9.5, f"les engagements dépassent le budget de 100{THIN}000{NBSP}€.")
    assert "dépassent" not in money()["Budget"][1]


def test_what_is_left_to_commit_can_no_longer_be_once_the_agreement_has_ended() -> None:
    """Nothing is committed after the agreement's term: the sentence no longer says « il reste à engager »."""
    assert f"il reste 800{THIN}000{NBSP}€ à engager" in money()["Budget"][1]
    ended = money(as_of=date(2023, 12, 31))["Budget"][1]
    assert "il reste" not in ended
    assert f"800{THIN}000{NBSP}€ n'ont pas été engagés avant le terme de l'accord-cadre (17 décembre 2023)" in ended
    assert "tout le budget est engagé" in money(committed=3_800_000)["Budget"][1]


def test_without_a_budget_entry_nothing_is_said_of_what_was_committed_or_received() -> None:
    """« tout l'engagé est mandaté », « 900 000 € restent à appeler »: of a budget that nobody delivered."""
    told = money(committed=0, paid=0, received=0.0, credited=0.0, lost=1000)
    assert told["Budget"][1].startswith("aucune écriture budgétaire n'est livrée")
    assert "appeler" not in told["Part de l'État"][1] and "Avoirs" not in told
    assert "aucune écriture" not in money(committed=0, paid=0, received=5.0)["Budget"][1]


def test_paid_is_said_under_over_or_equal_to_committed() -> None:
    assert "100\u202f000\u00a0€ séparent l'engagé du mandaté" in money()["Budget"][1]
    assert "dépasse l'engagé de 5\u202f000" in money(paid=3_005_000)["Budget"][1]
    assert "tout l'engagé est mandaté" in money(paid=3_000_000)["Budget"][1]


def test_the_state_s_share_is_set_against_the_state_s_receipts_alone() -> None:
    """Due − received from the State = still to call; what communes paid is not in it."""
    weight, text = money(received=535_000.0)["Part de l'État"]
    assert "900\u202f000\u00a0€ dus sur les pass utilisés, soit 50,0\u00a0% du plafond" in text
    assert "535\u202f000\u00a0€ reçus de l'État : 365\u202f000\u00a0€ restent à appeler" in text
    paid_weight, paid = money()["Part de l'État"]
    assert "restent à appeler" not in paid and paid.endswith("et reçus en entier.")
    assert weight > paid_weight
    assert "de plus que dû" in money(received=1_000_000.0)["Part de l'État"][1]
    assert "le plafond étant atteint" in money(due=1_800_000)["Part de l'État"][1]
    assert money(due=0, received=0.0)["Part de l'État"][1].endswith("rien à appeler.")


def test_a_reader_without_the_budget_is_not_told_what_was_received() -> None:
    told = money(received=None, credited=None, lost=1000)
    assert "reçus" not in told["Part de l'État"][1]
    assert told["Avoirs"][1].endswith("(avoirs déjà reçus non déduits).")


def test_credit_notes_already_received_are_no_longer_due() -> None:
    text = money(lost=47_450, credited=45_080.0)["Avoirs"][1]
    assert "45\u202f080\u00a0€ d'avoirs reçus : 2\u202f370\u00a0€ restent à recevoir" in text
    assert "aucun avoir reçu : 47\u202f450\u00a0€ restent" in money(lost=47_450)["Avoirs"][1]
    covered = money(lost=47_450, credited=47_450.0)["Avoirs"]
    assert "restent" not in covered[1] and "couvrent" in covered[1] and covered[0] == 1
    assert "Avoirs" not in money(), "nothing was lost"


def pic(share: float | None, floor: str = "0.5", answered: float | None = 0.9, equipped: float | None = 100):
    """The point on the PIC share."""
    rows = progress(pic_share=share, people_equipped=equipped)
    rows["pic_share"]["answered_share"] = answered
    return sentences.public(rows, setting(pic_share_target=Decimal(floor)))[0]


def test_a_pic_share_under_its_floor_is_said() -> None:
    low, high, level = pic(0.42), pic(0.58), pic(0.5)
    assert "en dessous du minimum de 50" in low[2] and "au-dessus" in high[2]
    assert "au niveau du minimum" in level[2] and level[0] == high[0]
    assert low[0] > high[0]
    assert "10,0\u00a0% n'ont pas donné de réponse exploitable" in low[2]
    assert "en dessous" in pic(0.58, floor="0.6")[2], "the floor is the setting"


def test_a_share_just_under_its_floor_does_not_read_as_the_floor() -> None:
    """« 50,0 %, en dessous du minimum de 50 % » would be taken for a mistake."""
    assert "49,97\u00a0% des personnes équipées ayant répondu, en dessous du minimum de 50\u00a0%" in pic(0.4997)[2]
    assert "50,004\u00a0%" in pic(0.50004)[2]
    assert "minimum de 12,50\u00a0%" in pic(0.3, floor="0.125")[2]


def test_who_did_not_answer_is_said_as_it_is() -> None:
    assert "toutes ont donné une réponse exploitable" in pic(0.6, answered=1.0)[2]
    assert "moins de 0,1\u00a0% n'ont pas" in pic(0.6, answered=0.9999)[2]
    assert pic(None, answered=None, equipped=0)[2] == "aucune personne n'est encore équipée."
    assert pic(None, answered=0.0)[2] == "aucune des personnes équipées n'a donné de réponse exploitable."
    assert pic(None, answered=None)[2] == "la part du public PIC n'est pas donnée (secret statistique)."


RISK = pl.DataFrame(
    {
        "horizon_days": [30, 45, 45],
        "status": ["prescribed", "prescribed", "in_stock"],
        "first_expiry_on": [date(2023, 7, 9), date(2023, 7, 9), date(2023, 8, 1)],
        "passes": [10, 20, 5],
        "face_value_eur": [100.0, 200.0, 50.0],
    }
)


def expiring(risk: pl.DataFrame, days: int, passes: int = 50, euros: float = 500.0) -> tuple[float, str]:
    """Weight and sentence of the point on expiry."""
    stock = {"passes": passes, "euros": euros}
    (point,) = sentences.expiry(risk, stock, setting(expiry_alert_days=days), AS_OF)
    return point[0], point[2]


def test_what_lapses_within_the_notice_is_told_with_its_share_of_the_stock() -> None:
    weight, text = expiring(RISK, 45)
    assert text == (
        "25\u00a0pass (250\u00a0€), 50,0\u00a0% des pass encore utilisables, expirent dans les 45\u00a0jours "
        "qui suivent le 30 juin 2023, les premiers le 9 juillet 2023."
    )
    assert weight == sentences.stake(250, 500.0) > 9, "half of the stock comes before a missed target"
    assert "10\u00a0pass (100\u00a0€)" in expiring(RISK, 30)[1], "the notice is the setting"
    assert (
        "1\u00a0pass (10\u00a0€), 2,0\u00a0% des pass encore utilisables, expire dans"
        in expiring(RISK[:1].with_columns(passes=1, face_value_eur=10.0), 30)[1]
    )


def test_nothing_lapses_or_nothing_is_left_are_two_things() -> None:
    weight, text = expiring(RISK.clear(), 45)
    assert text == "aucun pass utilisable n'expire dans les 45\u00a0jours qui suivent le 30 juin 2023." and weight == 1
    assert expiring(RISK.clear(), 45, passes=0)[1] == "aucun pass n'est plus utilisable au 30 juin 2023."


def test_expiry_is_read_first_when_it_is_the_largest_amount() -> None:
    """Of two amounts the larger is first: what lapses against what remains to call, to recover or to pay."""
    lapses = expiring(RISK.with_columns(face_value_eur=pl.lit(570_050.0) / 2), 45, passes=30, euros=847_000.0)[0]
    others = money(received=535_000.0, lost=47_450)
    assert lapses > max(weight for weight, _ in others.values())
    small = expiring(RISK, 45, passes=100_000, euros=1_000_000.0)[0]
    assert small < others["Part de l'État"][0]


SINCE = date(2023, 4, 1)


def states(**of: tuple[str, int]) -> pl.DataFrame:
    """Rows of marts.territory_state: name → (state, usable passes)."""
    rows = [{"territory_name": name, "state": state, "passes_usable": passes} for name, (state, passes) in of.items()]
    return pl.DataFrame(rows, schema={"territory_name": pl.String, "state": pl.String, "passes_usable": pl.Int64})


def lieux(active: int, stopped: int, never: int = 0) -> pl.DataFrame:
    """Rows of lieu_totals by their last month with a use."""
    months = [SINCE] * active + [date(2023, 3, 1)] * stopped + [None] * never
    return pl.DataFrame({"last_month": months}, schema={"last_month": pl.Date})


def silent(frame: pl.DataFrame, places: pl.DataFrame, share: str = "0.10") -> dict[str, str]:
    """Subject → sentence of the points on territories and lieux."""
    points = sentences.quiet(frame, places, SINCE, setting(silent_lieux_share=Decimal(share)))
    return {subject: text for _, subject, text in points}


def test_exhausted_quiet_and_never_started_are_three_things() -> None:
    """Exhausted: no usable pass left. Quiet: usable passes, no recent use. Never started: no use at all."""
    told = silent(
        states(Bondy=("exhausted", 0), Clamart=("exhausted", 0), Sceaux=("quiet", 12), Gagny=("never", 5),
               Rungis=("never", 0), Vincennes=("active", 80)),
        lieux(1, 0),
    )  # fmt: skip
    assert told == {
        "Territoires épuisés": "2\u00a0territoires participants n'ont plus aucun pass utilisable : Bondy, Clamart.",
        "Territoires inactifs": "1\u00a0territoire participant a encore 12\u00a0pass utilisables et aucune utilisation "
        "depuis avril 2023 : Sceaux.",
        "Territoires jamais commencés": "2\u00a0territoires participants n'ont jamais eu d'utilisation : Gagny, Rungis "
        "; 1 sans pass utilisable.",
    }
    assert silent(states(Vincennes=("active", 80)), lieux(1, 0)) == {}


def test_a_sentence_gives_four_names_and_counts_the_others() -> None:
    names = {f"Ville {rank}": ("exhausted", 0) for rank in range(1, 7)}
    assert silent(states(**names), lieux(1, 0))["Territoires épuisés"].endswith(
        "Ville 1, Ville 2, Ville 3, Ville 4 et 2\u00a0autres."
    )


def test_lieux_that_stopped_are_told_from_the_share_of_the_settings() -> None:
    """silent_lieux_share of the lieux ever used; those that never were are no lieux that stopped."""
    assert silent(states(), lieux(90, 10, never=50)) == {
        "Lieux": "10\u00a0lieux sur 100 déjà actifs n'ont reçu aucun pass depuis avril 2023 (page Lieux, « Qui s'est "
        "arrêté »)."
    }
    assert silent(states(), lieux(91, 9)) == {}
    assert "Lieux" in silent(states(), lieux(91, 9), share="0.05")
    assert silent(states(), lieux(5, 0), share="0") == {}
    assert "1\u00a0lieu sur 2 déjà actifs n'a reçu" in silent(states(), lieux(1, 1))["Lieux"]


def checked(**values: int) -> str:
    """The sentence on the checks of a version."""
    return sentences.quality({"checks": 136, "checks_ok": 136, "warnings": 0, "not_made": 0} | values)[0][2]


def test_all_is_well_only_when_every_check_was_made_and_succeeded() -> None:
    assert checked(checks_ok=136) == "136\u00a0contrôles réussis sur 136 pour cette version (page Qualité)."
    assert checked(checks_ok=134, warnings=2) == ("2\u00a0contrôles en avertissement sur cette version (page Qualité).")
    assert checked(checks_ok=133, warnings=3, not_made=1) == (
        "2\u00a0contrôles en avertissement et 1\u00a0contrôle non évalué sur cette version (page Qualité)."
    )
    assert checked(checks=0, checks_ok=0) == "aucun contrôle n'est gardé pour cette version."
