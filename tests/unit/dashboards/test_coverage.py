"""Every figure says since when it counts, and which filter it does not follow; the list is held to the SQL."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from dashboards import coverage
from dashboards.coverage import Choice, covered
from dashboards.queries import Reader
from presentation.table import Column

YEAR_2021 = [Choice("du mois de", "janvier 2021", "period"), Choice("au mois de", "décembre 2021", "period")]
LIEU = Choice("lieux", "Médiathèque", "lieux")
#: What a condition of the SQL follows (reading.Filters.where, and the parameters of the lifecycle).
FOLLOWED = {
    '"month"': "period", '"territory_code"': "territories", '"ami"': "ami", '"ami_of_territory"': "ami",
    '"lieu_siret"': "lieux", "$lots": "lots", "$years": "years",
}  # fmt: skip
HOURS = Column("hours", "Heures de formation", "hours")
PEOPLE = Column("people_reached", "Personnes formées", "people")
NAME = Column("name", "Territoire")
MIXED = [NAME, *covered("territory_period", [HOURS]), *covered("territory_totals", [PEOPLE])]


@pytest.mark.parametrize(
    "question", sorted(set(coverage.QUESTIONS) - coverage.FILTERED_BY_THE_PAGE - set(coverage.THROUGH))
)
def test_a_question_covers_what_its_sql_filters(question: str) -> None:
    """A filter added to a query, or taken from it, is said on the pages and in the files."""
    source = inspect.getsource(getattr(Reader, question))
    asked = {key for word, key in FOLLOWED.items() if word in source}
    cover = coverage.QUESTIONS[question]
    assert {key for key in coverage.FILTERS if cover.obeys(key)} == asked


def test_every_question_that_takes_filters_says_what_it_covers() -> None:
    takes = {name for name, method in vars_of_reader() if "filters" in inspect.signature(method).parameters}
    assert takes <= set(coverage.QUESTIONS)


def vars_of_reader() -> list[tuple[str, Callable[..., Any]]]:
    """The questions: public methods of Reader, its own and those it joins."""
    methods = inspect.getmembers(Reader, inspect.isfunction)
    return [(name, method) for name, method in methods if not name.startswith("_") and name not in {"ask", "table"}]


def test_without_a_period_everything_is_since_the_start() -> None:
    assert coverage.about("Classement", MIXED) == "depuis le début"
    assert [column.title for column in coverage.titles(MIXED)] == ["Territoire", HOURS.title, PEOPLE.title]


def test_a_period_beside_people_is_said_in_each_title() -> None:
    """People are never counted for a period: side by side, each title says what it covers."""
    assert coverage.about("Classement", MIXED, YEAR_2021) == ""
    assert [column.title for column in coverage.titles(MIXED, YEAR_2021)] == [
        "Territoire", "Heures de formation (sur la période)", "Personnes formées (depuis le début)",
    ]  # fmt: skip
    assert coverage.about("Classement", MIXED[:2], YEAR_2021) == "sur la période"
    assert coverage.about("Activité sur la période", MIXED[:2], YEAR_2021) == "", "said once"


def test_a_file_says_it_in_every_title_for_it_is_read_away_from_its_page() -> None:
    titles = coverage.titles(MIXED[:2], YEAR_2021, always=True)
    assert [column.title for column in titles] == ["Territoire", "Heures de formation (sur la période)"]
    monthly = coverage.titles(covered("activity_by_month", [HOURS]), YEAR_2021, always=True)
    assert monthly[0].title == "Heures de formation (du mois)"
    state = coverage.titles(covered("lifecycle", [Column("passes", "Pass", "integer")]), always=True)
    assert state[0].title == "Pass (à la date des données)"


def test_a_filter_that_does_not_apply_to_a_figure_says_so_and_is_silent_otherwise() -> None:
    assert coverage.sentences(MIXED, YEAR_2021) == ["Ce filtre ne s'applique pas à « Personnes formées » : la période."]
    assert coverage.sentences(MIXED, []) == []
    assert coverage.sentences(MIXED[:2], YEAR_2021) == []
    assert coverage.sentences(MIXED, [LIEU]) == ["Ce filtre ne s'applique pas à ce tableau : les lieux."]
    assert coverage.deaf_sentence("progress", [*YEAR_2021, LIEU], "à ces chiffres") == (
        "Ces filtres ne s'appliquent pas à ces chiffres : la période, les lieux."
    )
    assert coverage.deaf_sentence("lieu_totals", [*YEAR_2021, LIEU], "à ces chiffres") == ""


def test_the_head_of_a_file_tells_its_span_and_the_filters_without_effect() -> None:
    lines = coverage.origin_lines(MIXED, [*YEAR_2021, LIEU, ("mesure", "Heures")])
    assert lines == [
        ("Portée des chiffres", "sur la période : Heures de formation"),
        ("Portée des chiffres", "depuis le début : Personnes formées"),
        ("Filtre : du mois de", "janvier 2021"),
        ("Filtre : au mois de", "décembre 2021"),
        ("Filtre : mesure", "Heures"),
        ("Filtre sans effet : la période", "ce filtre ne s'applique pas à Personnes formées"),
        ("Filtre sans effet : les lieux", "ce filtre ne s'applique pas à ce tableau"),
    ]
    assert coverage.origin_lines(MIXED, []) == [
        ("Portée des chiffres", "depuis le début"), ("Filtre : aucun", "tout est pris"),
    ]  # fmt: skip
    assert coverage.origin_lines([NAME], []) == [("Filtre : aucun", "tout est pris")]
