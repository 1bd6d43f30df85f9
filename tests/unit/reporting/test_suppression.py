"""The choice of withheld cells, audited by an attack written here from scratch (dense, no shared code)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reporting.suppression import Interval, Mask, Tables, TablesError, attack, breaches, protect
from reporting.suppression.tables import Earlier, join, span

THRESHOLD = 11


def row(*values: float, known: frozenset[str] = frozenset()) -> Tables:
    """One row of counts and its total."""
    cells = {f"c{number}": value for number, value in enumerate(values)} | {"total": sum(values)}
    parts = tuple(f"c{number}" for number in range(len(values)))
    return Tables(cells, (("total", parts),), frozenset(cells), frozenset(cells), known=known, costs={"total": 5})


def grid(values: np.ndarray, areas: list[int]) -> Tables:
    """Territories × months, with areas, months' totals and a cumulative whose past is never shown."""
    territories, months = values.shape
    cells: dict[str, float] = {}
    sums = []
    for place, series in [
        *((f"t{t}", values[t]) for t in range(territories)),
        *((f"a{a}", values[[t for t in range(territories) if areas[t] == a]].sum(axis=0)) for a in sorted(set(areas))),
        ("p", values.sum(axis=0)),
    ]:
        cells |= {f"{place}.{month}": float(series[month]) for month in range(months)}
        cells |= {f"{place}.year": float(series.sum())}
        sums.append((f"{place}.year", tuple(f"{place}.{month}" for month in range(months))))
    for time in [*map(str, range(months)), "year"]:
        for area in sorted(set(areas)):
            sums.append((f"a{area}.{time}", tuple(f"t{t}.{time}" for t in range(territories) if areas[t] == area)))
        sums.append((f"p.{time}", tuple(f"a{area}.{time}" for area in sorted(set(areas)))))
    costs = {cell: 5.0 if cell.startswith("p") else 3.0 if cell.endswith("year") else 1.0 for cell in cells}
    return Tables(cells, tuple(sums), frozenset(cells), frozenset(cells), costs=costs)


def naive_attack(tables: Tables, hidden: frozenset[str]) -> dict[str, Interval]:
    """Every cell is a variable; published ones are pinned by their bounds. Slow, and obviously right."""
    names = list(tables.values)
    matrix = np.zeros((len(tables.sums), len(names)))
    for number, (total, parts) in enumerate(tables.sums):
        matrix[number, names.index(total)] = -1
        for part in parts:
            matrix[number, names.index(part)] += 1
    seen = {
        c for c in names if (c in tables.published and c not in hidden) or c in tables.known or not tables.values[c]
    }
    # Where a zero would be shown, what is withheld is one at least.
    bounds = [(tables.values[c], tables.values[c]) if c in seen else (1, None) for c in names]
    found = {}
    for cell in hidden:
        ends = []
        for sign in (1, -1):
            objective = np.zeros(len(names))
            objective[names.index(cell)] = sign
            solved = linprog(objective, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds)
            ends.append(sign * solved.fun if solved.status == 0 else np.inf)
        found[cell] = Interval(*ends)
    return found


def assert_safe(tables: Tables, mask: Mask, intervals: dict[str, Interval]) -> None:
    small, floors = tables.primary(THRESHOLD), tables.floors()
    assert small & tables.published <= mask.hidden | tables.known
    for cell, interval in intervals.items():
        if cell in small and cell not in mask.exposed:
            low, high = span(floors[cell], THRESHOLD)
            assert interval.low <= low + 1e-5 and interval.high >= high - 1e-5, (cell, interval)
        if cell in mask.hidden and cell not in mask.exposed:
            assert interval.width >= THRESHOLD - 2 - 1e-5, (cell, interval)


def test_nothing_is_hidden_when_nothing_is_small():
    assert protect(row(11, 0, 250), THRESHOLD).hidden == frozenset()


def test_a_publication_of_nothing_hides_nothing():
    """A period before any activity: a document of zeros, and no cell to protect."""
    nothing = Tables({}, (), frozenset(), frozenset())
    assert protect(nothing, 11).hidden == frozenset()


def test_a_small_count_takes_one_other_cell_with_it():
    mask = protect(row(5, 100, 200), THRESHOLD)
    assert mask.primary == {"c0"}
    assert len(mask.complementary) == 1 and "total" not in mask.hidden


def test_hiding_the_small_count_alone_is_broken_by_the_attack():
    assert attack(row(5, 100, 200), {"c0"})["c0"] == Interval(5, 5)


def test_two_small_counts_that_sum_under_the_threshold_need_a_third_cell():
    tables = row(2, 3, 200)
    assert attack(tables, {"c0", "c1"})["c0"] == Interval(1, 4)  # a zero would be shown: « s » is one at least
    assert protect(tables, THRESHOLD).hidden == {"c0", "c1", "c2"}


def test_two_small_counts_that_sum_above_the_threshold_are_enough():
    assert protect(row(5, 8, 200), THRESHOLD).hidden == {"c0", "c1"}


@pytest.mark.parametrize(("value", "hidden"), [(1, True), (10, True), (11, False), (0, False)])
def test_the_threshold_itself_is_shown_and_zero_is_shown(value: int, hidden: bool):
    assert ("c0" in protect(row(value, 100, 200), THRESHOLD).hidden) is hidden


def test_a_zero_never_serves_to_hide_another_cell():
    assert "c1" not in protect(row(4, 0, 90, 80), THRESHOLD).hidden


def test_an_area_of_one_territory_is_hidden_with_it():
    tables = grid(np.array([[4, 50], [60, 70], [80, 90]]), [0, 1, 1])
    mask = protect(tables, THRESHOLD)
    assert {"t0.0", "a0.0"} <= mask.hidden
    assert_safe(tables, mask, naive_attack(tables, mask.hidden))


def test_cells_that_share_a_mask_are_hidden_together():
    people, carnets = row(5, 100, 200), {"k0": 14.0, "k1": 120.0, "k2": 230.0, "ktotal": 364.0}
    tables = Tables(
        {**people.values, **carnets},
        (*people.sums, ("ktotal", ("k0", "k1", "k2"))),
        people.counts,
        frozenset({**people.values, **carnets}),
        at_most=(("c0", "k0"), ("c1", "k1"), ("c2", "k2")),
        groups={cell: cell[-1] for cell in [*people.values, *carnets] if not cell.endswith("total")},
        costs={"total": 5.0, "ktotal": 5.0},
    )
    hidden = protect(tables, THRESHOLD).hidden
    assert {cell[-1] for cell in hidden if cell[0] == "c"} == {cell[-1] for cell in hidden if cell[0] == "k"}
    assert "k0" in hidden


def test_a_bound_from_a_related_table_counts_in_the_attack():
    people = row(5, 100, 200)
    tables = Tables(
        {**people.values, "k1": 100.0}, people.sums, people.counts, people.published | {"k1"}, at_most=(("c1", "k1"),)
    )
    assert attack(tables, {"c0", "c1"})["c0"].low == pytest.approx(5)
    assert "c1" not in protect(tables, THRESHOLD).complementary or "k1" in protect(tables, THRESHOLD).hidden


def quarters(third: float, fourth: float) -> Tables:
    """Two territories, cumulative to September and to December, what happened in between virtual."""
    cells = {"a.sep": 40.0, "a.dec": 40.0 + third, "a.q4": third, "b.sep": 90.0, "b.dec": 90.0 + fourth, "b.q4": fourth}
    cells |= {f"p.{time}": cells[f"a.{time}"] + cells[f"b.{time}"] for time in ("sep", "dec", "q4")}
    sums = [(f"{place}.dec", (f"{place}.sep", f"{place}.q4")) for place in "abp"]
    sums += [(f"p.{time}", (f"a.{time}", f"b.{time}")) for time in ("sep", "dec", "q4")]
    shown = frozenset({"a.dec", "b.dec", "p.dec"})
    return Tables(cells, tuple(sums), frozenset(cells), shown, costs={"p.dec": 50})


def test_the_difference_of_two_editions_gives_no_small_count():
    tables = quarters(4, 60)
    earlier = Earlier({c: v for c, v in tables.values.items() if c.endswith("sep")}, (), frozenset({"a.sep", "b.sep"}))
    joined = join(tables, [earlier])
    assert attack(joined, frozenset(), {"a.q4"})["a.q4"] == Interval(4, 4)
    mask = protect(joined, THRESHOLD)
    assert mask.hidden == {"a.dec", "b.dec"}
    seen = attack(joined, mask.hidden, {"a.q4"})["a.q4"]
    assert seen.low == 0 and seen.high >= THRESHOLD - 1


def test_without_the_earlier_edition_the_cumulative_is_shown():
    assert protect(quarters(4, 60), THRESHOLD).hidden == frozenset()


def test_a_corrected_cell_does_not_pin_the_new_value():
    tables = row(5, 100, 200)
    old = {"c0": 6.0, "c1": 100.0, "c2": 200.0, "total": 306.0}
    joined = join(tables, [Earlier(old, tables.sums, frozenset({"total"}))])
    assert "total" not in joined.known and "total=306" in joined.known
    mask = protect(joined, THRESHOLD)
    assert attack(joined, mask.hidden)["c0"].low <= 1


def test_a_cell_hidden_before_stays_hidden_and_serves_first():
    tables = row(5, 100, 100, 100)
    for cell in ("c1", "c2", "c3"):
        assert protect(tables, THRESHOLD, frozenset({cell})).complementary == {cell}


def test_a_mask_given_back_to_the_search_is_found_again():
    tables = grid(np.array([[4, 50, 12], [60, 7, 70], [80, 90, 3], [45, 55, 65]]), [0, 0, 1, 1])
    first = protect(tables, THRESHOLD)
    again = join(tables, [Earlier(tables.values, tables.sums, tables.published - first.hidden)])
    assert protect(again, THRESHOLD, first.hidden).hidden == first.hidden


def test_what_was_proved_before_is_proved_again_when_a_new_cell_touches_it():
    """October and November withheld, then the quarter's total arrives: what it touches is not taken for granted."""
    cells = {"a": 4.0, "b": 30.0, "c": 40.0, "t": 74.0}
    tables = Tables(cells, (("t", ("a", "b", "c")),), frozenset(cells), frozenset({"t", "c"}), known=frozenset({"b"}))
    proved = frozenset({"a", "b"})
    mask = protect(tables, THRESHOLD, proved=proved)
    assert mask.hidden and attack(tables, mask.hidden, {"a"})["a"].high >= THRESHOLD - 1
    alone = Tables({"a": 4.0, "b": 30.0}, (), frozenset({"a", "b"}), frozenset(), known=frozenset({"b"}))
    assert protect(alone, THRESHOLD, proved=proved).exposed == frozenset()


def test_what_an_earlier_edition_gave_away_is_said_not_hidden_in_vain():
    mask = protect(row(5, 100, 200, known=frozenset({"c0"})), THRESHOLD)
    assert mask.exposed == {"c0"} and mask.hidden == frozenset()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_audit_names_just_the_cells_a_slow_attack_finds(data: st.DataObject):
    """With the small counts alone withheld, most tables leak: the audit by groups and one cell at a time agree."""
    numbers = data.draw(st.lists(counts, min_size=6, max_size=6))
    tables = grid(np.array(numbers, dtype=float).reshape(3, 2), [0, 0, 1])
    hidden = tables.primary(THRESHOLD)
    slow = naive_attack(tables, hidden)
    floors = tables.floors()
    wanted = {c: span(floors[c], THRESHOLD) for c in slow}
    leaking = {c for c, i in slow.items() if i.low > wanted[c][0] + 1e-5 or i.high < wanted[c][1] - 1e-5}
    assert set(breaches(tables, hidden, THRESHOLD)) == leaking


def with_carnets(people: tuple[float, ...], veiled: bool) -> Tables:
    """Months of one territory: people, their carnets under the same mask, totals already given away."""
    cells = {f"p{m}": v for m, v in enumerate(people)} | {"k0": 3.0, "k1": 40.0, "k2": 1.0, "k": 44.0, "p": 43.0}
    return Tables(
        cells,
        (("p", ("p0", "p1", "p2")), ("k", ("k0", "k1", "k2"))),
        frozenset(cells),
        frozenset(cells) - {"p", "k"},
        at_most=tuple((f"p{m}", f"k{m}") for m in range(3)),
        known=frozenset({"p", "k"}),
        groups={f"{kind}{m}": str(m) for kind in "pk" for m in range(3)},
        veiled=frozenset({"p2"}) if veiled else frozenset(),
    )


def test_a_zero_written_s_with_its_neighbours_is_not_known():
    """A month with one carnet and no new person: « s » for both, so the reader cannot tell that there is nobody.

    Were that zero known, the people of the other months would bound the carnets, and nothing could protect the month.
    """
    tables = with_carnets((3.0, 40.0, 0.0), veiled=True)
    mask = protect(tables, THRESHOLD)
    assert "p2" in mask.hidden and not mask.exposed and breaches(tables, mask.hidden, THRESHOLD) == {}
    assert protect(with_carnets((3.0, 40.0, 0.0), veiled=False), THRESHOLD).exposed == {"k2"}


def test_a_cell_held_on_both_sides_is_wide_enough_by_going_both_ways():
    """A lieu after its last quarter: total (30) and quarter (12) known, so the year (21) lies between 12 and 30."""
    cells = {"before": 9.0, "months": 9.0, "quarter": 12.0, "year": 21.0, "total": 30.0}
    sums = (("year", ("months", "quarter")), ("total", ("before", "year")))
    tables = Tables(cells, sums, frozenset(cells), frozenset({"year"}), known=frozenset({"quarter", "total"}))
    mask = protect(tables, THRESHOLD)
    assert mask.hidden == {"year"} and not mask.exposed
    assert attack(tables, mask.hidden)["year"] == Interval(12, 30)


def test_a_cell_held_more_on_one_side_takes_the_rest_of_the_width_on_the_other():
    """As above, the total closer: 3 are left above the year, so 7 must be left below."""
    cells = {"before": 3.0, "months": 9.0, "quarter": 12.0, "year": 21.0, "total": 24.0}
    sums = (("year", ("months", "quarter")), ("total", ("before", "year")))
    tables = Tables(cells, sums, frozenset({"year"}), frozenset({"year"}), known=frozenset({"quarter", "total"}))
    mask = protect(replace(tables, withheld=frozenset({"year"})), THRESHOLD, frozenset({"year"}))
    assert mask.hidden == {"year"} and not mask.exposed
    assert attack(tables, mask.hidden)["year"] == Interval(12, 24)


EARLIER = Earlier(
    {"small": 4.0, "large": 30.0, "both": 34.0},
    (("both", ("small", "large")),),
    frozenset({"both"}),
    frozenset({"small", "large"}),
)


def test_a_small_count_of_an_earlier_edition_is_protected_when_this_one_does_not_name_it():
    """Edition 1 withheld 4 and 30 of 34; edition 2 knows of the 30 alone: showing it would give the 4 away."""
    tables = join(Tables({"large": 30.0}, (), frozenset({"large"}), frozenset({"large"})), [EARLIER])
    assert tables.primary(THRESHOLD) == {"small"}
    assert set(breaches(tables, frozenset(), THRESHOLD)) >= {"small"}
    assert protect(tables, THRESHOLD).hidden == {"large"}


def test_a_cell_withheld_in_an_earlier_edition_to_protect_another_goes_on_being_withheld():
    """Edition 1 withheld 40 to protect another cell; edition 2 has a total made of it and of a zero, also 40."""
    before = Earlier({"other": 40.0}, (), frozenset(), frozenset({"other"}))
    cells = {"other": 40.0, "total": 40.0}
    current = Tables(cells, (("total", ("other",)),), frozenset(cells), frozenset({"total"}))
    tables = join(current, [before])
    assert set(breaches(tables, frozenset(), THRESHOLD)) == {"other"}
    assert protect(tables, THRESHOLD).hidden == {"total"}
    assert protect(current, THRESHOLD).hidden == frozenset()


def test_a_small_count_that_was_corrected_goes_on_being_protected():
    """Edition 1 withheld 5 among 5 + 100; edition 2 corrects it to 20: showing the 100 would give the 5 away."""
    before = Earlier({"c0": 5.0, "c1": 100.0, "total": 105.0}, (("total", ("c0", "c1")),), frozenset({"total"}))
    tables = join(row(20, 100), [before])
    mask = protect(tables, THRESHOLD)
    assert "c1" in mask.hidden
    assert attack(tables, mask.hidden, {"c0=5"})["c0=5"].low == 0


def test_values_that_break_their_sums_are_refused():
    with pytest.raises(TablesError):
        protect(Tables({"a": 3.0, "t": 4.0}, (("t", ("a",)),), frozenset({"a"}), frozenset({"a", "t"})), THRESHOLD)


counts = st.one_of(st.just(0), st.integers(1, 10), st.integers(11, 60), st.integers(61, 400))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_hidden_cell_of_any_table_is_recovered(data: st.DataObject):
    territories, months = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 3))
    numbers = data.draw(st.lists(counts, min_size=territories * months, max_size=territories * months))
    areas = data.draw(st.lists(st.integers(0, 2), min_size=territories, max_size=territories))
    tables = grid(np.array(numbers, dtype=float).reshape(territories, months), areas)
    mask = protect(tables, THRESHOLD)
    assert mask == protect(tables, THRESHOLD)
    assert not mask.exposed
    assert_safe(tables, mask, naive_attack(tables, mask.hidden))
    assert breaches(tables, mask.hidden, THRESHOLD) == {}
    ours = attack(tables, mask.hidden)
    naive = naive_attack(tables, mask.hidden)
    assert all(ours[c].low == pytest.approx(naive[c].low, abs=1e-4) for c in mask.hidden)


LITTLE_TABLES = [(5, 100, 200, 40, 50, 60), (1, 12, 30, 2, 80, 90), (10, 10, 300, 15, 15, 15), (3, 0, 70, 20, 9, 400)]


@pytest.mark.parametrize("numbers", LITTLE_TABLES)
def test_at_most_one_cell_more_is_hidden_than_the_least(numbers: tuple[int, ...]):
    """Against every smaller choice of complementary cells in a small table: none is safe with two cells less."""
    tables = row(*numbers[:3]), row(*numbers[3:])
    cells = {f"{n}{c}": v for n, table in zip("ab", tables, strict=True) for c, v in table.values.items()}
    cells |= {f"p{c}": cells[f"a{c}"] + cells[f"b{c}"] for c in tables[0].values}
    sums: list[tuple[str, tuple[str, ...]]] = [(f"{n}total", (f"{n}c0", f"{n}c1", f"{n}c2")) for n in "abp"]
    sums += [(f"p{c}", (f"a{c}", f"b{c}")) for c in tables[0].values]
    table = Tables(cells, tuple(sums), frozenset(cells), frozenset(cells))
    mask = protect(table, THRESHOLD)
    primary = table.primary(THRESHOLD)
    others = sorted(c for c in cells if c not in primary and cells[c] > 0)
    for size in range(len(mask.complementary) - 1):
        for chosen in combinations(others, size):
            found = attack(table, primary | frozenset(chosen))
            unsafe = [c for c, i in found.items() if c in primary and (i.low > 0.01 or i.high < 9.99)]
            assert unsafe, (chosen, sorted(mask.complementary))


def test_the_choice_costs_a_few_linear_programmes_a_cell_however_many_editions_were_issued():
    """Four editions, one month more in each: the work follows what is to be protected, and the last pass ends."""
    numbers = np.random.default_rng(5).integers(0, 60, (12, 5)).astype(float)
    earlier: list[Earlier] = []
    hidden: frozenset[str] = frozenset()
    for months in range(2, 6):
        current = grid(numbers[:, :months], [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
        tables = join(renamed(current, f"year{months}"), earlier)
        mask = protect(tables, THRESHOLD, hidden)
        demands = 2 * len(tables.primary(THRESHOLD)) + len(mask.complementary | tables.withheld)
        assert 0 < mask.programmes <= 3 * demands
        hidden |= mask.hidden
        own = frozenset(renamed(current, f"year{months}").values)
        earlier.append(
            Earlier(
                {c: tables.values[c] for c in own}, tables.sums[: len(current.sums)], own - mask.hidden, mask.hidden
            )
        )
        assert not mask.exposed and breaches(tables, mask.hidden, THRESHOLD) == {}


def renamed(tables: Tables, year: str) -> Tables:
    """The same tables, their totals of all months under another name: they are other cells in the next edition."""

    def name(cell: str) -> str:
        return cell.replace(".year", f".{year}")

    return Tables(
        {name(cell): value for cell, value in tables.values.items()},
        tuple((name(total), tuple(map(name, parts))) for total, parts in tables.sums),
        frozenset(map(name, tables.counts)),
        frozenset(map(name, tables.published)),
        costs={name(cell): cost for cell, cost in tables.costs.items()},
    )
