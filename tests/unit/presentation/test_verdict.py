"""The first screen's three answers say what the points and the projections say, and nothing of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from presentation.attention.point import Call, Point, in_order
from presentation.attention.targets import TOO_SLOW, Pace, required_pace
from presentation.attention.verdict import DECIDE, REACHED, RISK, Answer, Tone, answers
from tests.unit.presentation.attention_facts import AS_OF, MANDATE_END, PROGRAMME, ahead, plain, target

HOURS_MET = ahead(101_000, 110_000, target=100_000, ceiling=120_000, spread=0.01)
PEOPLE_MISSED = ahead(30_000, 32_000, target=34_000, ceiling=35_000, spread=0.01)
PEOPLE_OUT = ahead(30_000, 32_000, target=34_000, ceiling=33_000, spread=0.01)
PEOPLE_UNSURE = ahead(30_000, 34_000, target=34_000, ceiling=36_000, spread=0.05)


def _first(hours: object, people: object, done: float = 30_000.0, on: date = AS_OF) -> Answer:
    given = [target("hours", 90_000, hours), target("people_reached", done, people)]  # type: ignore[arg-type]
    return answers(given, [], PROGRAMME, on)[0]


def test_the_worst_of_the_targets_is_the_answer_and_each_says_where_it_stands() -> None:
    """Will the targets be met: the projection's own verdict, never a second one."""
    found = _first(HOURS_MET, PEOPLE_MISSED)
    assert (found.question, found.status, found.tone) == (REACHED, "Non, si rien ne change", Tone.BAD)
    assert [plain(step.text) for step in found.steps] == [
        "hours : objectif atteint vers janvier 2024",
        "people_reached : il manquerait 2 000 personnes sur 34 000 personnes",
    ]
    assert [step.by for step in found.steps] == [None, MANDATE_END]
    assert _first(HOURS_MET, PEOPLE_OUT).status == "Non, hors d'atteinte"
    assert (_first(HOURS_MET, PEOPLE_UNSURE).status, _first(HOURS_MET, PEOPLE_UNSURE).tone) == ("Incertain", Tone.OPEN)
    assert (_first(HOURS_MET, None, done=34_000).status, _first(None, None).status) == ("Oui", "Pas encore connu")


def test_once_the_mandate_has_ended_a_target_that_is_short_is_a_no_without_a_day() -> None:
    found = _first(None, None, on=date(2025, 6, 30))
    assert (found.status, found.tone) == ("Non", Tone.BAD)
    assert "mandat terminé" in found.steps[0].text and {step.by for step in found.steps} == {None}


def test_a_target_whose_value_is_withheld_is_not_judged() -> None:
    """Small counts: what is secret on the card is secret in the answer."""
    found = answers([target("people_reached", None)], [], PROGRAMME, AS_OF)[0]
    assert (found.status, found.steps[0].text) == ("Pas encore connu", "people_reached : secret statistique")


def test_a_target_that_has_the_pace_of_a_period_is_judged_by_it() -> None:
    """For the bilan of a period that ended before the data: a projection starts from these."""

    def found(kept: float) -> Answer:
        one = replace(target("hours", 90_000), pace=Pace(kept * 3, 3))
        return answers([one, target("people_reached", 34_000)], [], PROGRAMME, AS_OF)[0]

    assert (found(10).status, found(10).tone) == ("Non, si rien ne change", Tone.BAD)
    assert plain(found(10).steps[0].text) == "hours : 10 h par mois sur la période, pour 509 h nécessaires"
    assert (found(509).status, found(509).tone) == ("Oui, si ce rythme tient", Tone.OPEN)
    reached = replace(target("hours", 100_000), pace=Pace(30, 3))
    assert answers([reached], [], PROGRAMME, AS_OF)[0].status == "Oui", "reached: whatever its pace"


def test_a_pace_that_is_too_slow_is_the_first_answer_s_not_a_risk() -> None:
    slow = Point(TOO_SLOW, "10 h par mois.", Call.DECIDE, asks="Relancer")
    assert answers([], [slow], PROGRAMME, AS_OF)[1].status == "Aucun signalé"


def test_the_risk_is_the_first_alert_that_is_no_target_with_its_euros_its_day_and_its_page() -> None:
    """Ranked by euros, then by days; the targets are the first question's."""
    lapse = Point(
        "Expiration", "4 pass expirent. Prévenir.", Call.DECIDE, 40.0, "Prévenir", date(2024, 1, 31), "parcours"
    )
    sooner = Point("Autre", "plus tôt.", Call.DECIDE, 40.0, "Agir", date(2024, 1, 1))
    missed = Point("hours", "manqué.", Call.DECIDE, 500.0, "Relancer")
    well = Point("Qualité", "tout va bien.", Call.RECORD, 0.0)
    ordered = in_order([well, lapse, sooner, missed])
    assert [point.subject for point in ordered] == ["hours", "Autre", "Expiration", "Qualité"]
    _, risk, decide = answers([target("hours", 90_000, HOURS_MET)], in_order([well, lapse, missed]), PROGRAMME, AS_OF)
    assert (risk.question, plain(risk.status)) == (RISK, "40 € en jeu")
    (step,) = risk.steps
    assert (step.text, step.by, step.page) == ("Expiration : 4 pass expirent.", date(2024, 1, 31), "parcours")
    assert (decide.question, plain(decide.status)) == (DECIDE, "2 décisions à prendre")
    assert [(one.text, one.euros) for one in decide.steps] == [("Relancer", 500.0), ("Prévenir", 40.0)]


def test_where_nothing_asks_for_a_decision_it_says_so() -> None:
    _, risk, decide = answers([], [Point("Qualité", "tout va bien.", Call.RECORD)], PROGRAMME, AS_OF)
    assert (risk.status, risk.tone) == ("Aucun signalé", Tone.GOOD)
    assert (decide.status, decide.tone) == ("Rien d'urgent", Tone.GOOD)


def test_one_decision_asked_for_twice_is_taken_once_and_a_screen_holds_three_and_says_how_many_more() -> None:
    asked = [Point(f"s{n}", "t.", Call.DECIDE, 10.0 - n, "même" if n < 2 else f"d{n}") for n in range(6)]
    found = answers([], asked, PROGRAMME, AS_OF)[2]
    assert plain(found.status) == "5 décisions à prendre"
    assert [plain(step.text) for step in found.steps] == ["même", "d2", "d3", "2 autres, dans les points d'attention"]


def test_the_pace_that_a_target_needs_is_what_is_left_over_the_months_left() -> None:
    """The same for the bilan's sentence and the card: (target − done) ÷ months until the mandate's end."""
    months = (MANDATE_END - AS_OF).days / 30.4375
    assert required_pace(40_000, 100_000, PROGRAMME, AS_OF) == 60_000 / months
    assert required_pace(100_001, 100_000, PROGRAMME, AS_OF) == 0
