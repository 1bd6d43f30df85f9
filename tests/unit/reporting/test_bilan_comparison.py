"""The period beside the one before and the same of the year before: figures of the marts, under the one mask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from programme.config import load_programme
from reporting.bilan.comparison import comparison
from reporting.figures.cells import BESIDE, FAMILIES, beside_keys, build_tables
from reporting.figures.comparison import COMPARED, others
from reporting.figures.earlier import known_times, told_times, with_zeros
from reporting.figures.frames import MEASURES
from reporting.figures.period import parse_period
from reporting.suppression import breaches, protect
from reporting.suppression.register import Entry
from reporting.suppression.tables import Earlier
from tests.unit.reporting.publications import A, B, money, month, rows_of, write

Q4, Q3, YEAR_BEFORE = date(2023, 11, 1), date(2023, 8, 1), date(2022, 10, 1)


def made(used: tuple[int, int, int] = (300, 200, 600), **data: Any) -> dict[str, Any]:
    """The comparison of 2023-T4, whose passes used, those of 2023-T3 and of 2022-T4 are given."""
    days = zip((Q4, Q3, YEAR_BEFORE), used, strict=True)
    publication = write(monthly=[month(A, day, passes_used=number) for day, number in days], **data)
    found = comparison(publication, rows_of(publication))
    plain = [[cell.replace("\u00a0", " ").replace("\u202f", " ") for cell in line] for line in found["comparison"]]
    return found | {"comparison": {line[0]: line[1:] for line in plain}}


@pytest.mark.parametrize(
    ("period", "before", "year_before"),
    [
        ("2023-T1", "2022-T4", "2022-T1"),
        ("2023-01", "2022-12", "2022-01"),
        ("2023", "2022", "2022"),
    ],
)
def test_the_periods_a_period_is_set_beside(period: str, before: str, year_before: str) -> None:
    own = parse_period(period)
    assert (own.before, own.year_before) == (parse_period(before), parse_period(year_before))


def test_each_figure_stands_beside_those_of_the_period_before_and_of_the_year_before() -> None:
    found = made()
    assert found["comparison_heads"] == [
        "Mesure", "Depuis le début", "4e trimestre 2023", "3e trimestre 2023", "Évolution", "4e trimestre 2022",
        "Évolution",
    ]  # fmt: skip
    assert found["comparison"]["Pass utilisés"] == ["1 100", "300", "200", "+50 %", "600", "−50 %"]
    assert found["comparison"]["Heures de formation"] == ["550", "150", "100", "+50 %", "300", "−50 %"]
    assert found["comparison_sentence"] == ""


def test_a_year_is_set_beside_one_other() -> None:
    publication = write(period="2023", monthly=[month(A, Q4, passes_used=300), month(A, YEAR_BEFORE, passes_used=150)])
    found = comparison(publication, rows_of(publication))
    assert found["comparison_heads"] == ["Mesure", "Depuis le début", "Année 2023", "Année 2022", "Évolution"]


@pytest.mark.parametrize(
    ("used", "told"),
    [
        ((300, 0, 300), ["de zéro", "stable"]),
        ((0, 200, 0), ["−100 %", "stable"]),
        ((300, 30, 29), ["× 10", "× 10"]),
        ((2528, 2531, 2515), ["−0,1 %", "+1 %"]),
        ((30001, 30000, 29999), ["stable", "stable"]),
    ],
)
def test_a_change_is_said_in_words_where_a_share_says_nothing(used: tuple[int, int, int], told: list[str]) -> None:
    line = made(used)["comparison"]["Pass utilisés"]
    assert [line[3], line[5]] == told


def test_what_the_mask_withholds_of_another_period_is_not_told_nor_its_change() -> None:
    """A difference with a figure that is shown would give back the one that is not."""
    found = made(hidden=("uses|P|2023-07..2023-09",))
    for label in ("Pass utilisés", "Heures de formation", "Valeur faciale utilisée", "Part de l'État due"):
        assert found["comparison"][label][2:4] == ["s", "s"], label
        assert "s" not in found["comparison"][label][4:], label
    assert found["comparison"]["Personnes formées"][2] == "200"
    assert "secret statistique" in found["comparison_sentence"]
    own = made(hidden=("uses|P|2023-10..2023-12",))["comparison"]["Pass utilisés"]
    assert own[1:] == ["s", "200", "s", "600", "s"]


def test_without_a_period_before_it_says_so() -> None:
    began = load_programme().agreement_signed_on
    publication = write(period="2020-T1", monthly=[month(A, date(2020, 3, 1), passes_used=30)])
    found = comparison(publication, rows_of(publication))
    assert began == date(2019, 12, 17)
    assert found["comparison_heads"] == [
        "Mesure", "Depuis le début", "1er trimestre 2020", "4e trimestre 2019", "Évolution",
    ]  # fmt: skip
    told = found["comparison_sentence"]
    assert "Le programme a commencé le 17 décembre 2019 : le 4e trimestre 2019 n'en compte qu'une partie." in told
    assert "Pas d'année précédente : le programme a commencé le 17 décembre 2019, après le 1er trimestre 2019." in told
    first = write(period="2019-T4", as_of=date(2019, 12, 31), monthly=[month(A, date(2019, 12, 1), passes_used=30)])
    told = comparison(first, rows_of(first))["comparison_sentence"]
    assert told.startswith("Pas de période précédente : le programme a commencé le 17 décembre 2019, après le 3e")


def test_a_period_under_way_has_no_change() -> None:
    """Two months beside three would always be a fall."""
    found = made(as_of=date(2023, 11, 30))
    assert "Évolution" not in found["comparison_heads"]
    assert found["comparison"]["Pass utilisés"] == ["1 100", "300", "200", "600"]
    assert "La période n'est connue que jusqu'au 30 novembre 2023" in found["comparison_sentence"]


def test_a_budget_that_nobody_delivered_has_no_zero() -> None:
    assert set(made()["comparison"]["Budget mandaté"]) == {"—"}
    assert made(measures=money(1000))["comparison"]["Budget mandaté"][1] == "0 €"


# --- The mask ---


def test_all_that_is_compared_has_a_cell_or_no_mask() -> None:
    """A figure of another period without a cell of its own would be told beside the mask."""
    masks = {MEASURES[code] for code in COMPARED if code in MEASURES}
    assert masks == {FAMILIES[measure] for measure in BESIDE}
    assert [code for code in COMPARED if code not in MEASURES] == [
        "territories_active",
        "lieux_active",
        "budget_paid_eur",
    ]
    shown = others(write(monthly=[month(A, Q3, passes_used=30)]))
    assert all(set(other.rows) == set(COMPARED) for other in shown)


def test_what_is_set_beside_the_period_is_published_and_protected() -> None:
    """Three passes in the quarter before, of the whole programme: withheld, and what would give them back with them."""
    monthly = [month(A, day, passes_used=number, people_reached=number)
               for day, number in ((Q4, 300), (Q3, 3), (YEAR_BEFORE, 600))]  # fmt: skip
    tables = build_tables(write(monthly=monthly).source, parse_period("2023-T4"), {})
    before, ago = "passes_used|P|2023-07..2023-09", "people_reached|P|2022-10..2022-12"
    assert {before, ago, "people_reached|P|2023-07..2023-09"} <= tables.published
    hidden = protect(tables, 11).hidden
    assert before in hidden and breaches(tables, hidden, 11) == {}
    assert "passes_used|P|2023-08..2023-08" in tables.published, "the bars of the months"


def test_an_edition_tells_of_its_own_times_alone_at_every_place() -> None:
    """The month before, of the whole programme, says nothing of the months of a territory, nor of its stock."""
    monthly = [month(A, day, passes_used=40, people_reached=40, people_equipped=40)
               for day in (date(2023, 11, 1), date(2023, 10, 1))]  # fmt: skip
    monthly.append(month(B, date(2023, 10, 1), passes_used=40))
    source, period = write(monthly=monthly).source, parse_period("2023-11")
    tables = build_tables(source, period, {})
    entry = Entry(period.code, Earlier(tables.values, tables.sums, tables.published), 11)
    assert "passes_used|P|2023-10..2023-10" in tables.published
    assert told_times(entry) == {"2023-11..2023-11", "..2023-11", "..2023-10"}
    zero = f"passes_used|{B}|2023-11..2023-11"
    other = f"passes_used|{A}|2023-09..2023-09"
    shown = with_zeros(replace(entry), {zero: 0.0, other: 0.0}, {zero, other}).shown
    assert zero in shown and other not in shown
    assert "2023-10..2023-10" not in known_times([entry])["territory"]
    assert "2023-10..2023-10" in known_times([entry])["programme"] & beside_keys("people_reached", period)
