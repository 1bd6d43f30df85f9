"""Page 1 of the bilan: the answers of the one engine, the three targets, what is at stake; nothing withheld is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from presentation.attention import engine
from presentation.attention.targets import Target
from presentation.attention.verdict import DECIDE, REACHED, RISK, answers
from programme.config import load_programme
from reporting.bilan import attention, outlook
from reporting.bilan.first_page import _target, first_page
from reporting.figures.publication import Publication
from tests.unit.reporting.publications import A, B, money, month, passes, rows_of, write

DECEMBER, FEBRUARY = date(2023, 12, 1), date(2024, 2, 1)
AT_WORK = [month(A, DECEMBER, passes_used=500), month(B, DECEMBER, passes_used=500)]


def page(publication: Publication) -> dict[str, Any]:
    rows = rows_of(publication)
    return first_page(publication, rows, attention.facts(publication, rows))


def said(cards: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Label → value and notes, with plain blanks."""
    return {
        card["label"]: (plain(card["value"]), plain(" | ".join(card["notes"]))) for card in cards
    }  # fmt: skip


def plain(text: str) -> str:
    return re.sub("[\u00a0\u202f]", " ", text)


def stakes(**data: Any) -> dict[str, tuple[str, str]]:
    return said(page(write(monthly=AT_WORK, **data))["stakes"])


def test_the_three_answers_are_those_of_the_one_engine() -> None:
    """The overview's own functions: same questions, same status, same steps, in the same order."""
    publication = write(monthly=AT_WORK, stock=[passes(A, FEBRUARY, 3000)], measures=money(2000))
    facts = attention.facts(publication, rows_of(publication))
    expected = answers(facts.targets, engine.points(facts), facts.programme, facts.on)
    shown = page(publication)["answers"]
    assert [one["question"] for one in shown] == [REACHED, RISK, DECIDE]
    assert [(one["status"], one["tone"], one["sign"]) for one in shown] == [
        (one.status, one.tone.value, one.tone.sign) for one in expected
    ]
    assert [[step["note"] for step in one["steps"]] for one in shown] == [
        [step.note for step in one.steps] for one in expected
    ]
    assert plain(shown[1]["status"]) == "30 000 € en jeu"
    assert plain(shown[1]["steps"][0]["note"]) == "jusqu'au 31 janvier 2024"


def test_the_first_page_names_few_territories() -> None:
    """Thirty-four names in a box of the first page left no room for the rest."""
    publication = write(monthly=AT_WORK, states={A: "never", B: "never"})
    rows = rows_of(publication)
    facts = attention.facts(publication, rows)
    assert facts.territories is not None
    frame = pl.concat([facts.territories.frame.head(1)] * 30)
    frame = frame.with_columns(territory_name=pl.Series([f"T{number}" for number in range(30)]))
    many = replace(facts, territories=replace(facts.territories, frame=frame), money=None)
    (point,) = [point for point in engine.points(many) if "jamais" in point.subject]
    assert "T18, T19 et 10\u00a0autres" in point.text
    assert "T3 et 26\u00a0autres" in first_page(publication, rows, many)["answers"][1]["steps"][0]["text"]


def test_there_are_three_targets_each_with_its_share_and_its_period() -> None:
    publication = write(monthly=AT_WORK, hours_target=1000, people_target=4000)
    found = page(publication)["targets"]
    assert [card["label"] for card in found] == [
        "Heures de formation", "Personnes formées", "Public PIC (éloigné de l'emploi)",
    ]  # fmt: skip
    value, notes = said(found)["Heures de formation"]
    assert value == "500" and notes.startswith(
        "50,0 % de l'objectif de 1 000 h | sur la période : 500 | 167 h par mois"
    )
    assert found[0]["bar"] == {"done": 0.5} and found[1]["bar"] == {"done": 0.25}


def test_a_target_that_is_projected_shows_its_band_and_its_ceiling() -> None:
    row = {"low": 31_530.0, "median": 32_169.0, "high": 32_840.0, "ceiling": 33_470.0, "target": 34_000.0}
    ahead = pl.DataFrame([row | {"indicator": "people_reached", "scenario": "sans_reemission", "is_mandate_end": True,
                                 "target_on": date(2025, 2, 17), "is_indicative": False}])  # fmt: skip
    found = outlook.Outlook.of(ahead)
    one = Target("people_reached", "Personnes formées", 30_903.0, 34_000.0, 30_903 / 34_000, found,
                 write=outlook._to_the_hundred("people_reached"))  # fmt: skip
    summary = {"mask_cum": False, "value_cum": 30_903.0, "mask_period": True, "unit": "personne"}
    facts = engine.Facts(load_programme(), date(2023, 12, 31), DECEMBER)
    card = _target(one, summary, facts)
    notes = plain(" | ".join(card["notes"]))
    assert "sur la période : s" in notes
    assert "en fin de mandat : de 31 500 à 32 800 personnes, objectif manqué, hors d'atteinte" in notes
    assert "plafond : au plus 33 500 personnes, si chaque pass valable servait" in notes
    assert card["bar"]["ceiling"] == 33_500 / 34_000, "to the hundred: a drawing can be measured"
    assert card["bar"]["low"] < card["bar"]["high"] < card["bar"]["ceiling"]


def test_a_target_that_is_withheld_is_neither_told_nor_drawn_nor_judged() -> None:
    found = page(write(monthly=AT_WORK, hidden=("reached|P|..2023-12",)))
    card = found["targets"][1]
    assert (card["value"], card["bar"]) == ("s", None) and "sur la période" not in " ".join(card["notes"])
    assert "Personnes formées : secret statistique" in [step["text"] for step in found["answers"][0]["steps"]]


def test_the_card_of_the_share_says_what_is_left_or_paid_too_much() -> None:
    label = "Part de l'État à appeler"
    assert stakes(measures=money(2000))[label] == (
        "3 000 €", "due : 5 000 €, 0,3 % du plafond de 1 800 000 € | reçue de l'État : 2 000 €"
    )  # fmt: skip
    value, notes = stakes(measures=money(6000))[label]
    assert value == "0 €" and "l'État a versé 1 000 € de plus que la part due" in notes
    value, notes = stakes()[label]
    assert value == "—" and "aucune écriture budgétaire livrée" in notes
    assert stakes(measures=money(2000), hidden=("uses|P|..2023-12",))[label] == ("s", "plafond : 1 800 000 €")


def test_what_lapses_is_told_with_its_last_day_or_withheld_or_nothing() -> None:
    label = "Pass qui expirent d'ici 90 jours"
    soon = [passes(A, FEBRUARY, 3000)]
    value, notes = stakes(stock=soon)[label]
    assert value == "30 000 €" and "dernier jour du plus gros montant : 31 janvier 2024" in notes
    value, notes = stakes(stock=soon, hidden=("uses|P|..2023-12",))[label]
    assert value == "s" and "€" not in notes
    value, notes = stakes(stock=[passes(A, date(2025, 2, 1), 3000)])[label]
    assert value == "0 €" and notes.startswith("Aucun pass utilisable n'expire")
    assert "Pass qui expirent d'ici 30 jours" in stakes(stock=soon, expiry_alert_days=30)


def test_a_budget_that_nobody_delivered_is_said_so() -> None:
    value, notes = stakes()["Budget engagé"]
    assert value == "—" and notes.startswith("Aucune écriture budgétaire n'est livrée au 31 décembre 2023")
    committed = [{"indicator": "budget_committed_eur", "month": DECEMBER, "value": 380_000.0}]
    value, notes = stakes(measures=committed)["Budget engagé"]
    assert value == "380 000 €" and notes.startswith("10,0 % du budget de 3 800 000 €")


@pytest.mark.parametrize(("target", "status"), [(510, "Oui, si ce rythme tient"), (100_000, "Non, si rien ne change")])
def test_a_period_that_is_over_is_judged_by_its_pace(target: int, status: str) -> None:
    """« Trop peu d'activité pour projeter » was said of a period that ended before the data."""
    found = page(write(monthly=AT_WORK, hours_target=target, people_target=1))["answers"][0]
    assert found["status"] == status
    assert re.search(r"Heures de formation : 167 h par mois sur la période, pour", plain(found["steps"][0]["text"]))
