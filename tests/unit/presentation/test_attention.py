"""The points of attention say what the figures say: their order, targets, PIC public and quality.

A setting moved across its figure makes the sentence appear or disappear: no threshold is in the code. Money, passes and
places are in test_attention_stakes.py.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from presentation.attention import engine, money, passes, places, point, quality, targets
from presentation.attention.engine import Facts
from presentation.attention.point import Call, Point, in_order
from presentation.attention.quality import Checks, Uncounted, check_points, uncounted_points
from presentation.attention.targets import Answers, Pace, pic_points, target_points
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
    target,
)

# --- The order: what is asked, then the euros at stake, then as written ---


def test_a_limit_comes_first_then_the_most_euros_then_what_has_none_then_what_is_well() -> None:
    """One rule of order for the pages and the bilan."""
    given = [
        Point("record", "", Call.RECORD),
        Point("without euros", "", Call.DECIDE),
        Point("small", "", Call.DECIDE, 10.0),
        Point("follow", "", Call.FOLLOW),
        Point("large", "", Call.DECIDE, 1000.0),
        Point("limit", "", Call.LIMIT, 1.0),
        Point("without euros either", "", Call.DECIDE),
    ]
    assert [one.subject for one in in_order(given)] == [
        "limit", "large", "small", "without euros", "without euros either", "follow", "record",
    ]  # fmt: skip
    assert [one.subject for one in in_order(given) if not one.is_alert] == ["follow", "record"]


def test_a_fact_that_is_not_given_makes_no_point() -> None:
    assert engine.points(Facts(PROGRAMME, AS_OF, quiet_since=SINCE)) == []
    given = Facts(PROGRAMME, AS_OF, quiet_since=SINCE, checks=Checks(0, 0, 0), answers=Answers(0.4))
    assert [one.subject for one in engine.points(given)] == ["Public PIC", "Qualité"]


# --- Targets ---


def test_a_target_out_of_reach_of_the_passes_that_exist_is_missed_and_says_it_first() -> None:
    """Even if every usable pass served, the ceiling is under the target: never « atteint », whatever the band."""
    missed, text = said(90_000, ahead(92_000, 95_000, target=100_000, ceiling=99_000, spread=0.02))
    assert text == (
        "manqué : l'objectif de 100\u202f000\u00a0h ne peut plus être atteint avec les pass existants : au plus "
        "99\u202f000\u00a0h, si chaque pass valable servait ; au rythme actuel, de 93\u202f100 à 96\u202f900\u00a0h "
        "en fin de mandat (17 février 2025)."
    )
    reachable, other = said(90_000, ahead(92_000, 95_000, target=100_000, ceiling=100_000, spread=0.02))
    assert "ne peut plus" not in other and "au plus 100\u202f000\u00a0h, si chaque pass valable servait" in other
    assert reachable.euros == missed.euros
    # 5 000 of 100 000 hours short: that share of the budget is at stake.
    assert round(missed.euros) == round(3_800_000 * 0.05) and missed.is_alert


def test_a_band_under_the_target_is_missed_and_one_that_holds_it_is_uncertain() -> None:
    missed_point, missed = said(50_000, ahead(52_000, 60_000, target=100_000))
    assert missed.startswith("manqué au rythme actuel : de 54\u202f000 à 66\u202f000\u00a0h en fin de mandat")
    assert "17 février 2025" in missed and "il manquerait 40\u202f000\u00a0h pour atteindre l'objectif" in missed
    short_point, short = said(50_000, ahead(52_000, 95_000, target=100_000))
    assert short.startswith("incertain : ") and "il manquerait 5\u202f000\u00a0h" in short
    near_point, near = said(50_000, ahead(99_000, 101_000, target=100_000))
    assert near.startswith("incertain : ") and "l'objectif serait atteint vers février 2025" in near
    sure_point, sure = said(50_000, ahead(120_000, 130_000, target=100_000))
    assert sure.startswith("atteint au rythme actuel, vers janvier 2024 : de 117")
    calls = [one.call for one in (missed_point, short_point, near_point, sure_point)]
    assert calls == [Call.DECIDE, Call.FOLLOW, Call.FOLLOW, Call.RECORD]


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
    met, idle = target_points([target("hours", 102_300), target("people_reached", 10)], PROGRAMME, AS_OF)
    assert plain(met.text) == "l'objectif de 100 000 h est atteint (102,3 %)." and not met.is_alert
    assert idle.text == "trop peu d'activité pour projeter la fin du mandat." and not idle.is_alert


def test_a_withheld_count_of_people_is_not_given_by_a_sentence() -> None:
    few = ahead(7.0, 9.0, target=34_000)
    (found,) = target_points([target("people_reached", None, few)], PROGRAMME, AS_OF)
    assert found.text == "leur nombre n'est pas donné (secret statistique)."
    assert pic(None, answered=None).text == "la part du public PIC n'est pas donnée (secret statistique)."


def test_once_the_mandate_has_ended_a_target_is_missed_not_too_hard_to_project() -> None:
    """« trop peu d'activité pour projeter la fin du mandat » was said four months after it."""
    (before,) = target_points([target("hours", 789)], PROGRAMME, date(2025, 2, 16))
    assert before.text == "trop peu d'activité pour projeter la fin du mandat."
    (after,) = target_points([target("hours", 789)], PROGRAMME, date(2025, 6, 30))
    assert after.text == (
        f"manqué : 789{NBSP}h au 30 juin 2025, pour un objectif de 100{THIN}000{NBSP}h ; "
        "le mandat a pris fin le 17 février 2025."
    )
    assert after.is_alert and after.euros > 3_700_000


def test_a_pace_too_slow_is_told_with_the_one_it_takes() -> None:
    """What can be said of a period already passed, whose projection is another's."""
    (found,) = target_points([target("hours", 40_000, pace=Pace(6_000, 3))], PROGRAMME, date(2023, 12, 31))
    assert plain(found.sentence) == (
        "Rythme insuffisant : 2 000 heures de formation par mois sur la période, quand il en faudrait 4 411 chaque "
        "mois jusqu'à la fin du mandat (17 février 2025) pour l'objectif de 100 000."
    )
    assert target_points([target("hours", 40_000, pace=Pace(14_000, 3))], PROGRAMME, date(2023, 12, 31)) == []


# --- The PIC public ---


def pic(share: float | None, floor: str = "0.5", answered: float | None = 0.9, equipped: float | None = 100) -> Point:
    """The point on the PIC share."""
    (found,) = pic_points(Answers(share, answered, equipped), setting(pic_share_target=Decimal(floor)))
    return found


def test_a_pic_share_under_its_floor_is_said() -> None:
    low, high, level = pic(0.42), pic(0.58), pic(0.5)
    assert plain(low.text) == (
        "42,0 % des personnes équipées ayant répondu, depuis le début du programme, en dessous du minimum de 50 % "
        "demandé par l'État ; 10,0 % n'ont pas donné de réponse exploitable."
    )
    assert "au-dessus" in high.text and "au niveau du minimum" in level.text
    assert [one.call for one in (low, high, level)] == [Call.LIMIT, Call.RECORD, Call.RECORD]
    assert "en dessous" in pic(0.58, floor="0.6").text, "the floor is the setting"
    assert pic(0.42, answered=None).text.endswith("demandé par l'État."), "where it is not told who answered"


def test_a_share_just_under_its_floor_does_not_read_as_the_floor() -> None:
    """« 50,0 %, en dessous du minimum de 50 % » would be taken for a mistake."""
    just = plain(pic(0.4997).text)
    assert just.startswith("49,97 % des personnes équipées ayant répondu") and "en dessous du minimum de 50 %" in just
    assert "50,004\u00a0%" in pic(0.50004).text
    assert "minimum de 12,50\u00a0%" in pic(0.3, floor="0.125").text


def test_who_did_not_answer_is_said_as_it_is() -> None:
    assert "toutes ont donné une réponse exploitable" in pic(0.6, answered=1.0).text
    assert "moins de 0,1\u00a0% n'ont pas" in pic(0.6, answered=0.9999).text
    assert pic(None, answered=None, equipped=0).text == "aucune personne n'est encore équipée."
    assert pic(None, answered=0.0).text == "aucune des personnes équipées n'a donné de réponse exploitable."


# --- Quality ---


def checked(checks: int = 136, ok: int = 136, not_made: int = 0) -> Point:
    """The point on the checks of a version."""
    (found,) = check_points(Checks(checks, ok, not_made, " (page Qualité)"))
    return found


def test_all_is_well_only_when_every_check_was_made_and_succeeded() -> None:
    well, warned, unsure, none = checked(), checked(ok=134), checked(ok=133, not_made=1), checked(checks=0, ok=0)
    assert [plain(one.text) for one in (well, warned, unsure, none)] == [
        "136 contrôles réussis sur 136 pour cette version (page Qualité).",
        "134 contrôles réussis sur 136, 2 en avertissement pour cette version (page Qualité).",
        "133 contrôles réussis sur 136, 2 en avertissement, 1 non évalué pour cette version (page Qualité).",
        "aucun contrôle n'est gardé pour cette version (page Qualité).",
    ]
    assert [one.is_alert for one in (well, warned, unsure, none)] == [False, True, True, True]


@pytest.mark.parametrize(("share", "appears"), [("0.02", True), ("0.03", False)])
def test_the_share_of_uses_not_counted_is_a_setting(share: str, appears: bool) -> None:
    """uncounted_share: 25 lines left out of 1,025."""
    found = uncounted_points(Uncounted(25, 1000), setting(uncounted_share=Decimal(share)))
    assert [plain(one.sentence) for one in found] == [
        "Qualité : 25 utilisations livrées pour la période ne sont pas comptées (2,4 % des lignes)."
    ] * appears
    (one,) = uncounted_points(Uncounted(1, 9), PROGRAMME)
    assert "1 utilisation livrée pour la période n'est pas comptée" in one.text


# --- No threshold in the code ---


@pytest.mark.parametrize("module", [point, targets, money, passes, places, quality, engine])
def test_no_threshold_of_a_sentence_is_in_the_code(module: ModuleType) -> None:
    """Every decision threshold is a setting of programme.yaml, with its reason."""
    code = re.sub(r'"""[\s\S]*?"""|#[^\n]*|f?"[^"\n]*"', "", Path(str(module.__file__)).read_text(encoding="utf-8"))
    numbers = set(re.findall(r"(?<![\w.\[])\d+(?:\.\d+)?(?![\w\]])", code))
    # Nothing, one; ranks of Call and decimals of a share (2, 3, 4); names listed (5); what is written 0 € or 0,0 %.
    assert numbers <= {"0", "1", "2", "3", "4", "5", "0.0", "0.5", "0.0005", "0.001", "30.4375"}, numbers
