"""What a lieu is to be asked: each question on data that asks it, and on data that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from presentation.attention.one_lieu import Lines, OneLieu, Waiting, lieu_questions
from presentation.attention.point import Call
from tests.unit.presentation.attention_facts import AS_OF, PROGRAMME, SINCE, plain, setting

WELL = OneLieu(is_inferred=False, last_month=date(2023, 6, 1))


def asked(lieu: OneLieu, programme: object = PROGRAMME) -> list[tuple[str, str]]:
    found = lieu_questions(lieu, programme, AS_OF, SINCE)  # type: ignore[arg-type]
    return [(point.subject, plain(point.text)) for point in found]


def test_a_lieu_that_works_is_asked_nothing() -> None:
    fine = replace(WELL, waiting=Waiting(3, 30.0, date(2023, 6, 20)), lines=Lines(100, {}), to_recover_eur=0.0)
    assert asked(fine) == asked(WELL) == []


def test_a_lieu_out_of_the_directory_is_asked_who_it_is() -> None:
    assert asked(replace(WELL, is_inferred=True))[0][0] == "Annuaire"


def test_a_reference_that_ended_is_asked_for_only_where_passes_are_still_used() -> None:
    ended = replace(WELL, referenced_until=date(2023, 4, 30))
    assert "y sont encore utilisés en juin 2023" in asked(ended)[0][1]
    (quiet,) = lieu_questions(replace(ended, last_month=date(2023, 4, 1)), PROGRAMME, AS_OF, SINCE)
    assert quiet.call is Call.FOLLOW
    assert asked(replace(WELL, referenced_until=AS_OF)) == []


@pytest.mark.parametrize(("last", "words"), [(date(2023, 3, 1), "depuis mars 2023"), (None, "depuis le début")])
def test_a_lieu_without_a_recent_use_is_asked_why(last: date | None, words: str) -> None:
    ((subject, text),) = asked(replace(WELL, last_month=last))
    assert subject == "Activité" and words in text and "plus aucun pass" not in text
    ((_, exhausted),) = asked(replace(WELL, last_month=last, is_exhausted=True))
    assert "n'a plus aucun pass utilisable" in exhausted


def test_what_waits_longer_than_a_delivery_takes_is_asked_for() -> None:
    """expected_delivery_days: a use of less than that may simply be in the next file."""
    waiting = replace(WELL, waiting=Waiting(3, 30.0, date(2023, 5, 1)))
    ((subject, text),) = asked(waiting)
    assert subject == "Remboursement" and "3 pass utilisés attendent leur remboursement (30 €)" in text
    assert asked(waiting, setting(expected_delivery_days=90)) == []
    assert (
        "1 pass utilisé attend son remboursement"
        in asked(replace(WELL, waiting=Waiting(1, 10.0, date(2023, 5, 1))))[0][1]
    )


def test_lines_that_do_not_count_are_told_from_the_share_of_the_settings() -> None:
    lines = replace(WELL, lines=Lines(100, {"annulée": 2, "rejetée par l'opérateur": 1}))
    assert asked(lines) == [
        ("Saisie", "3 lignes livrées ne sont pas comptées (3,0 %) : annulée (2), rejetée par l'opérateur (1).")
    ]
    assert asked(replace(WELL, lines=Lines(200, {"annulée": 3}))) == []


def test_money_received_in_excess_comes_first_for_it_has_the_most_euros() -> None:
    both = replace(WELL, last_month=None, to_recover_eur=40.0)
    assert [subject for subject, _ in asked(both)] == ["Trop-perçu", "Activité"]
