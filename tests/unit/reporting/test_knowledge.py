"""What an outsider knows besides sums: each fact alone gives a small count away, and is protected once it is told.

Numbers are written out by hand. Does not live here: the search and the attack on any tables (test_suppression.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest

from reporting.figures.knowledge import facts
from reporting.suppression import Tables, attack, breaches, protect
from reporting.suppression.tables import Earlier, Sum, join

THRESHOLD = 11
END = "..2022-12"


def publication(
    values: Mapping[str, float],
    sums: tuple[Sum, ...] = (),
    passes_a_carnet: float | None = None,
    facts_known: bool = True,
    unknown_since: Mapping[str, str] | None = None,
) -> Tables:
    """The cells of a publication, with or without what is known of them besides their sums."""
    known = facts(dict(values), passes_a_carnet, unknown_since)
    bare = Tables(values, sums, frozenset(values), frozenset(values))
    if not facts_known:
        return bare
    cells = {**values, **known.values}
    return replace(
        bare,
        values=cells,
        sums=(*sums, *known.sums),
        counts=frozenset(cells),
        at_most=tuple(known.at_most),
        limits=tuple(known.limits),
        veiled=frozenset(cell for cell, value in cells.items() if not value),
    )


def column(name: str, parts: Mapping[str, float]) -> tuple[dict[str, float], Sum]:
    """Parts and the total they add up to, cumulative, of the programme."""
    cells = {f"{part}|P|{END}": value for part, value in parts.items()}
    total = f"{name}|P|{END}"
    return {**cells, total: sum(parts.values())}, (total, tuple(cells))


def answers() -> tuple[dict[str, float], tuple[Sum, ...]]:
    """Gender: 60 people « autre » were equipped and 55 trained, as an edition of 2022-T1 showed."""
    equipped, first = column(
        "people_equipped", {"equipped:gender=autre": 60, "equipped:gender=femme": 700, "equipped:gender=homme": 500}
    )
    reached, second = column(
        "reached_identified", {"reached:gender=autre": 55, "reached:gender=femme": 600, "reached:gender=homme": 430}
    )
    return equipped | reached, (first, second)


def test_people_trained_are_among_the_equipped_so_that_their_difference_is_a_count_of_people():
    values, sums = answers()
    assert protect(publication(values, sums, facts_known=False), THRESHOLD).hidden == frozenset()
    tables = publication(values, sums)
    waiting = f"waiting:gender=autre|P|{END}"
    assert tables.values[waiting] == 5 and waiting not in tables.published
    assert attack(tables, frozenset(), {waiting})[waiting].width == 0
    mask = protect(tables, THRESHOLD)
    assert mask.hidden and not mask.exposed and breaches(tables, mask.hidden, THRESHOLD) == {}


def test_a_place_s_trained_are_its_equipped_give_or_take_the_anonymous():
    """8 trained, withheld; 9 equipped are shown: without anonymous people the 8 are 9 at most."""
    place, values = "94080", dict[str, float]()
    for name, small, total in (("people_equipped", 9, 300), ("people_reached", 8, 240)):
        values |= {f"{name}|{place}|{END}": small, f"{name}|93048|{END}": total - small, f"{name}|P|{END}": total}
    values |= {f"reached_identified|P|{END}": 240.0}
    tables = publication(values, (), facts_known=True)
    cell = f"people_reached|{place}|{END}"
    assert attack(tables, {cell, f"people_reached|93048|{END}"}, {cell})[cell].high == 9
    assert cell in breaches(tables, {cell, f"people_reached|93048|{END}"}, THRESHOLD)
    with_anonymous = publication(values | {f"reached_anonymous|P|{END}": 3.0, f"reached_identified|P|{END}": 237.0})
    assert attack(with_anonymous, {cell, f"people_reached|93048|{END}"}, {cell})[cell].high == 12


@pytest.mark.parametrize(
    ("unknown_since", "waiting"),
    [({}, 4), ({"93048": "2022-01"}, 4), ({"94080": "2023-01"}, 4), ({"94080": "2022-12"}, None), (None, None)],
)
def test_where_everyone_trained_is_identified_those_of_a_place_who_wait_are_a_count_of_people(
    unknown_since: dict[str, str] | None, waiting: float | None
) -> None:
    """34 equipped, 30 trained, nobody anonymous there yet: four people wait. Anonymous people elsewhere, or later,
    change nothing to it."""
    values = {f"people_equipped|94080|{END}": 34.0, f"people_reached|94080|{END}": 30.0}
    values |= {f"reached_anonymous|P|{END}": 30.0, f"reached_identified|P|{END}": 237.0}
    tables = publication(values, unknown_since=unknown_since)
    assert tables.values.get(f"waiting|94080|{END}") == waiting
    mask = protect(tables, THRESHOLD)
    assert bool(mask.hidden) is (waiting is not None)
    assert not mask.exposed and breaches(tables, mask.hidden, THRESHOLD) == {}


@pytest.mark.parametrize("carnets", ["carnets_prescribed", "carnets_started"])
def test_carnets_beyond_one_a_person_are_a_count_of_people(carnets: str):
    """53 carnets of 50 people: three second carnets. The carnets are hidden, the people are shown."""
    people = {"carnets_prescribed": "people_equipped", "carnets_started": "people_reached"}[carnets]
    values, sums = dict[str, float](), list[Sum]()
    for name, parts in ((carnets, (53, 90, 75)), (people, (50, 90, 60))):
        names = [f"{name}|9400{number}|2022-10..2022-10" for number in range(3)]
        values |= dict(zip(names, map(float, parts), strict=True)) | {f"{name}|P|2022-10..2022-10": float(sum(parts))}
        sums.append((f"{name}|P|2022-10..2022-10", tuple(names)))
    assert protect(publication(values, tuple(sums), facts_known=False), THRESHOLD).hidden == frozenset()
    tables = publication(values, tuple(sums))
    tables = replace(tables, costs={c: 3.0 if c.startswith("people") else 1.0 for c in values})
    mask = protect(tables, THRESHOLD)
    assert f"{carnets}|94000|2022-10..2022-10" in mask.hidden
    assert not any(cell.startswith("people") for cell in mask.hidden)
    assert not mask.exposed and breaches(tables, mask.hidden, THRESHOLD) == {}


def test_a_carnet_started_has_used_a_pass_and_at_most_all_of_its_own():
    """7 carnets started, withheld with the people: 62 passes shown make them seven at least, 5 passes five at most."""
    for passes, low, high in ((62.0, 6.2, 62.0), (7.0, 1.0, 7.0)):
        values = {f"carnets_started|P|{END}": 7.0, f"passes_used|P|{END}": passes, f"people_reached|P|{END}": 7.0}
        tables = publication(values, passes_a_carnet=10.0)
        hidden = {f"carnets_started|P|{END}", f"people_reached|P|{END}"}
        seen = attack(tables, hidden, {f"carnets_started|P|{END}"})[f"carnets_started|P|{END}"]
        assert (seen.low, seen.high) == pytest.approx((low, high))
        assert f"carnets_started|P|{END}" in breaches(tables, hidden, THRESHOLD)
        mask = protect(tables, THRESHOLD)
        assert f"passes_used|P|{END}" in mask.hidden and breaches(tables, mask.hidden, THRESHOLD) == {}


def test_a_fact_that_the_true_values_deny_is_not_told():
    """A use before its prescription: more people trained than equipped; the outsider who thinks otherwise is wrong."""
    values, sums = answers()
    values |= {f"reached:gender=autre|P|{END}": 61.0, f"reached_identified|P|{END}": 1091.0}
    tables = publication(values, sums)
    tables.check()
    assert f"waiting:gender=autre|P|{END}" not in tables.values
    assert f"waiting:gender=femme|P|{END}" in tables.values


def row(*values: float) -> Tables:
    cells = {f"c{number}": value for number, value in enumerate(values)} | {"total": sum(values)}
    parts = tuple(f"c{number}" for number in range(len(values)))
    return Tables(cells, (("total", parts),), frozenset(cells), frozenset(cells), costs={"total": 1000.0})


def test_masked_means_one_at_least_where_zeros_are_shown():
    """Ten cells of one person, all « s », and their total of ten: each of them is one, and no other value."""
    tables = row(*[1.0] * 10, 50.0)
    ten = {f"c{number}" for number in range(10)}
    assert attack(tables, ten)["c0"].low == attack(tables, ten)["c0"].high == 1
    assert ten <= set(breaches(tables, ten, THRESHOLD))
    assert "c10" in protect(tables, THRESHOLD).hidden


def test_the_lowest_value_of_a_sum_of_masked_cells_is_their_number():
    """Three months of activity, a quarter of five people: the reader counts three « s ». Nothing lower can be asked."""
    cells = {"m1": 1.0, "m2": 3.0, "m3": 1.0, "quarter": 5.0, "other": 40.0, "all": 45.0}
    tables = Tables(
        cells, (("quarter", ("m1", "m2", "m3")), ("all", ("quarter", "other"))), frozenset(cells), frozenset(cells)
    )
    assert tables.floors()["quarter"] == 3
    mask = protect(tables, THRESHOLD)
    seen = attack(tables, mask.hidden)["quarter"]
    assert not mask.exposed and seen.low == 3 and seen.high >= 12 and breaches(tables, mask.hidden, THRESHOLD) == {}


@pytest.mark.parametrize("numbers", [(2, 3, 20), (1, 1, 15), (4, 12, 13), (9, 9, 0)])
def test_the_interval_is_that_of_all_whole_tables_that_agree(numbers: tuple[int, ...]):
    """Every way to fill the hidden cells with whole numbers of one or more, tried one after the other."""
    tables = row(*map(float, numbers))
    hidden = sorted(protect(tables, THRESHOLD).hidden)
    total = sum(numbers) if "total" not in hidden else None
    found: dict[str, set[int]] = {cell: set() for cell in hidden}
    parts = [cell for cell in hidden if cell != "total"]
    shown = sum(number for cell, number in zip(("c0", "c1", "c2"), numbers, strict=True) if cell not in hidden)
    for guess in product(range(1, 41), repeat=len(parts)):
        if total is None or sum(guess) + shown == total:
            for cell, value in zip(parts, guess, strict=True):
                found[cell].add(value)
    seen = attack(tables, hidden)
    for cell in parts:
        assert min(found[cell]) == seen[cell].low, cell
        assert max(found[cell]) == min(seen[cell].high, 40), cell


def test_what_was_known_of_an_earlier_edition_stays_known_once_it_is_corrected():
    """The old 5 trained among 60 and 55 are still five, though the new edition says 58."""
    values, sums = answers()
    first = publication(values, sums)
    own = frozenset(first.values)
    corrected, _ = answers()
    corrected |= {f"reached:gender=autre|P|{END}": 40.0, f"reached_identified|P|{END}": 1070.0}
    old = Earlier(
        dict(first.values), first.sums, frozenset(), own & first.published, first.at_most, first.limits, first.veiled
    )
    joined = join(publication(corrected, sums), [old])
    waiting = f"waiting:gender=autre|P|{END}=5"
    assert joined.values[waiting] == 5 and waiting in joined.primary(THRESHOLD)
    shown = {f"equipped:gender=autre|P|{END}"}
    mask = protect(joined, THRESHOLD)
    assert not mask.exposed and breaches(joined, mask.hidden, THRESHOLD) == {} and shown


def test_what_zeros_and_facts_together_leave_is_asked_of_no_mask():
    """Nobody equipped in the last quarter, one trained: by September one at least waited, whatever is masked."""
    cells = {"equipped": 4.0, "reached": 4.0, "before": 3.0, "quarter": 1.0, "waited": 1.0, "wait": 0.0}
    tables = Tables(
        cells,
        (
            ("equipped", ("before", "waited")),
            ("equipped", ("reached", "wait")),
            ("reached", ("before", "quarter")),
        ),
        frozenset(cells),
        frozenset({"equipped", "reached", "quarter"}),
        veiled=frozenset({"wait"}),
    )
    assert tables.floors()["waited"] == 0  # sums of zeros alone do not say it: the three sums together do
    mask = protect(tables, THRESHOLD)
    assert attack(tables, mask.hidden, {"waited"})["waited"].low == 1
    assert not mask.exposed and breaches(tables, mask.hidden, THRESHOLD) == {}
