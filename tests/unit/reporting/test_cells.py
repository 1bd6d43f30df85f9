"""The cells of a publication: on data that lack a whole delivery, what they cost, which masks a model may give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from presentation.table import MappingError
from reporting.anct.content import COLUMNS as ANCT
from reporting.figures.cells import build_tables
from reporting.figures.earlier import with_zeros
from reporting.figures.frames import withheld_months
from reporting.figures.period import parse_period
from reporting.figures.tables import build
from reporting.suppression import Tables, breaches, protect
from reporting.suppression.register import Entry
from reporting.suppression.tables import Earlier, join
from tests.unit.reporting.publications import A, B, month, write


def test_a_home_without_any_prescription_has_its_documents() -> None:
    """Nobody answered anything: every document of a year or of a year's last quarter stopped on an unexpected error."""
    source = write(monthly=[month(A, date(2023, number, 1), passes_used=30) for number in (9, 12)]).source
    assert source.audience.is_empty()
    for period in ("2023", "2023-T4", "2023-T3"):
        assert build_tables(source, parse_period(period), {}).published, period


@pytest.mark.parametrize("wrong", ["equipped", ""])
def test_a_measure_has_its_own_mask_or_the_model_is_refused(tmp_path: Path, wrong: str) -> None:
    """Carnets had the mask of people until November 2026: a model of that time would let small differences out."""
    text = ANCT.read_text(encoding="utf-8")
    before = "figure: carnets_prescribed, type: integer, masque: handed"
    assert before in text
    now = before.replace("masque: handed", f"masque: {wrong}" if wrong else "description: Carnets")
    path = tmp_path / "columns.yaml"
    path.write_text(text.replace(before, now, 1), encoding="utf-8")
    with pytest.raises(MappingError, match=r"territoires.*carnets_injectes.*masque: handed"):
        build(write(monthly=[month(A, date(2023, 12, 1), passes_used=30)]), path)


def test_balances_of_the_mandate_are_cells_that_can_be_withheld() -> None:
    """Opening and closing of each month: what was used by then, of the whole programme."""
    source = write(monthly=[month(A, date(2023, number, 1), passes_used=30) for number in (8, 10, 12)]).source
    published = build_tables(source, parse_period("2023-T4"), {}).published
    assert {f"passes_used|P|..2023-{number:02d}" for number in (9, 10, 11, 12)} <= published


def test_it_costs_more_to_hide_more_people() -> None:
    source = write(
        monthly=[month(A, date(2023, 12, 1), passes_used=3000), month(B, date(2023, 12, 1), passes_used=30)]
    ).source
    costs = build_tables(source, parse_period("2023-12"), {}).costs
    large, little = (costs[f"passes_used|{place}|2023-12..2023-12"] for place in (A, B))
    assert large == 100 * little < costs["passes_used|P|2023-12..2023-12"]


def test_a_month_withheld_by_an_earlier_edition_is_not_drawn() -> None:
    publication = write(
        monthly=[month(A, date(2023, 12, 1), passes_used=30)], hidden=("passes_used|P|2023-12..2023-12",)
    )
    assert withheld_months(publication) == [date(2023, 12, 1)]
    earlier = replace(
        publication.tables, withheld=frozenset({"passes_used|P|2023-09..2023-09", "passes_used|P|..2023-08"})
    )
    assert withheld_months(replace(publication, tables=earlier)) == [date(2023, 9, 1), date(2023, 12, 1)]


def test_the_empty_months_of_a_territory_follow_its_others() -> None:
    """A is withheld in October: its empty November and December are « s » too, and may be nothing, as October may."""
    monthly = [month(A, date(2023, 10, 1), passes_used=3), month(A, date(2023, 12, 1), passes_used=0)]
    monthly += [month(B, date(2023, number, 1), passes_used=30) for number in (10, 11, 12)]
    tables = build_tables(write(monthly=monthly).source, parse_period("2023-T4"), {})
    names = [f"passes_used|{A}|2023-{number}..2023-{number}" for number in (10, 11, 12)]
    assert [tables.values[name] for name in names] == [3, 0, 0]
    assert set(names) <= tables.published and set(names) <= tables.veiled
    hidden = protect(tables, 11).hidden
    assert set(names) <= hidden and breaches(tables, hidden, 11) == {}


def test_nobody_in_the_whole_period_is_written_zero() -> None:
    monthly = [month(A, date(2023, 9, 1), passes_used=3), month(B, date(2023, 11, 1), passes_used=30)]
    tables = build_tables(write(monthly=monthly).source, parse_period("2023-T4"), {})
    assert not [name for name in tables.values if name.startswith(f"passes_used|{A}|2023-1")]


def test_an_empty_month_that_an_edition_showed_is_known() -> None:
    """The quarter had nobody in A and said so; the year that holds it cannot take its months back."""
    monthly = [month(A, date(2023, 3, 1), passes_used=3)]
    monthly += [month(B, date(2023, number, 1), passes_used=30) for number in (3, 10, 11, 12)]
    source = write(monthly=monthly).source
    quarter = build_tables(source, parse_period("2023-T4"), {})
    earlier = Entry("2023-T4", Earlier(quarter.values, quarter.sums, quarter.published), 11)
    year = build_tables(source, parse_period("2023"), {})
    november = f"passes_used|{A}|2023-11..2023-11"
    assert year.values[november] == 0
    assert november in join(year, [with_zeros(earlier, year.values, year.groups)]).known


def test_a_withheld_month_of_an_earlier_rule_is_one_at_least() -> None:
    name = "passes_used|A|2023-10..2023-10"
    now = Tables({name: 3.0}, (), frozenset({name}), frozenset({name}), veiled=frozenset({name}))
    before = Earlier({name: 3.0}, (), frozenset(), frozenset({name}))
    assert now.floors()[name] == 0 and join(now, [before]).floors()[name] == 1
