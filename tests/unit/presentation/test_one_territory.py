"""The sheet of one territory: its state, its place beside the average, and the three answers that hold them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from presentation.attention.engine import Facts, points
from presentation.attention.one_territory import Own, Standing, own_points, standing_sentence
from presentation.attention.passes import Stock
from presentation.attention.point import Call
from presentation.attention.targets import Target
from presentation.attention.verdict import RISK, STANDS, Tone, territory_answers
from tests.unit.presentation.attention_facts import AS_OF, PROGRAMME, SINCE, plain

ACTIVE = Own({"state": "active", "passes_usable": 12, "last_used_on": date(2023, 6, 1)}, 120.0)
BELOW = Standing("Personnes formées pour 1 000 habitants", "0,16", "0,18", "au-dessous", 23, 34)
STOCK = Stock(
    pl.DataFrame(
        {
            "territory_name": ["Vincennes"], "expires_on": [date(2023, 8, 1)], "passes": [12],
            "face_value_eur": [120.0], "is_named": [True],
        }
    )
)  # fmt: skip


def test_where_it_stands_says_the_average_and_the_rank() -> None:
    assert standing_sentence(BELOW) == (
        "Personnes formées pour 1 000 habitants : 0,16, au-dessous de la moyenne du programme (0,18), 23e sur 34."
    )
    first = replace(BELOW, beside="égal", place=1)
    assert standing_sentence(first).endswith(", égal à la moyenne du programme (0,18), 1er sur 34.")


def test_a_rate_that_is_withheld_has_neither_value_nor_rank() -> None:
    """Small counts: its value is not written, and no average is compared with it."""
    told = standing_sentence(Standing("Part", None, "0,18"))
    assert told == "Part : secret statistique, ou habitants non renseignés."
    assert standing_sentence(Standing("Part", "0,2")) == "Part : 0,2."


def test_a_territory_that_is_not_active_asks_for_what_its_state_asks() -> None:
    (active,) = own_points(ACTIVE, AS_OF, SINCE)
    assert (active.call, active.asks, active.euros) == (Call.RECORD, "", 0)
    (quiet,) = own_points(Own({**ACTIVE.state, "state": "quiet"}, 120.0), AS_OF, SINCE)
    assert (quiet.call, quiet.asks, quiet.euros) == (Call.DECIDE, "Relancer les prescripteurs et les lieux", 120.0)
    (empty,) = own_points(Own({**ACTIVE.state, "state": "exhausted", "passes_usable": 0}, 0.0), AS_OF, SINCE)
    assert (empty.asks, empty.euros) == ("Décider de nouveaux carnets, ou d'un transfert", 0.0)
    (never,) = own_points(Own({"state": "never", "passes_usable": None, "last_used_on": None}), AS_OF, SINCE)
    assert never.asks == "Décider si ses carnets lui restent" and "secret" in never.text


def test_the_three_answers_are_the_state_the_engine_s_first_alert_and_what_it_asks() -> None:
    """One engine: the risk of the sheet is the point of the expiry, with its euros and its last day."""
    found = points(Facts(PROGRAMME, AS_OF, SINCE, stock=STOCK, own=ACTIVE))
    stands, risk, decide = territory_answers(ACTIVE, BELOW, [], found, PROGRAMME, AS_OF)
    assert (stands.question, stands.status, stands.tone) == (STANDS, "Actif, au-dessous de la moyenne", Tone.OPEN)
    assert stands.steps[-1].text == "Aucun objectif propre au territoire n'est fixé"
    assert (risk.question, plain(risk.status)) == (RISK, "120 € en jeu")
    assert risk.steps[0].by == date(2023, 7, 31) == decide.steps[0].by


def test_a_target_of_the_territory_is_judged_where_it_is_set() -> None:
    goal = Target("people_reached", "Personnes formées", 40.0, 30.0, None)
    found = points(Facts(PROGRAMME, AS_OF, SINCE, own=ACTIVE, targets=[goal]))
    above = replace(BELOW, beside="au-dessus")
    stands, *_ = territory_answers(ACTIVE, above, [goal], found, PROGRAMME, AS_OF)
    assert stands.tone is Tone.GOOD
    assert plain(stands.steps[-1].text) == "Personnes formées : objectif de 30 personnes atteint"
    dead = territory_answers(Own({**ACTIVE.state, "state": "quiet"}), above, [], found, PROGRAMME, AS_OF)[0]
    assert dead.tone is Tone.BAD
