"""Names that the cube and documents share, what editions tell openly, and zeros that pages may not tell beside them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import polars as pl

from reporting.cube import zeros
from reporting.cube.facts import Facts, cell
from reporting.cube.names import names
from reporting.cube.past import empty_months
from reporting.figures.earlier import add_times, known_times, with_openly_told, with_zeros
from reporting.suppression import Tables
from reporting.suppression.register import Entry
from reporting.suppression.tables import Earlier

LAST = date(2023, 12, 31)


def named(**cells: float) -> dict[str, str]:
    frame = pl.DataFrame({"cell": list(cells), "value": list(cells.values())})
    return dict(names(frame, LAST).select("cell", "name").rows())


def edition(shown: dict[str, float], hidden: dict[str, float]) -> Entry:
    return Entry("2023-T4", Earlier(shown | hidden, (), frozenset(shown), frozenset(hidden)), 11)


def facts(*rows: tuple[str, str, str, str, float | None], carrier: str) -> Facts:
    frame = pl.DataFrame(rows, schema=["kind", "place", "span", "measure", "value"], orient="row")
    return frame.with_columns(cell(carrier))


def test_one_cell_has_one_name_for_pages_and_documents() -> None:
    found = named(**{
        "used|territory|94080|2023-11": 12.0,
        "used|territory|94080|2023-T4": 12.0,
        "used|territory|94080|2023": 12.0,
        "prescribed|territory|94080|tout": 3.0,
        "used|lieu|123|tout": 8.0,
        "equipped|programme||gender=femme": 8.0,
        "equipped|programme||c2023-02": 8.0,
        "identified|programme||tout": 9.0,
    })  # fmt: skip
    assert list(found.values()) == [
        "people_equipped|P|..2023-02", "equipped:gender=femme|P|..2023-12", "reached_identified|P|..2023-12",
        "carnets_prescribed|94080|..2023-12", "lieu_passes|123|..2023-12", "passes_used|94080|2023-01..2023-12",
        "passes_used|94080|2023-11..2023-11", "passes_used|94080|2023-10..2023-12",
    ]  # fmt: skip


def test_a_cell_that_no_document_has_is_named_apart() -> None:
    found = named(**{"used|ami|1|2023": 40.0, "used|flow|a>b|tout": 2.0, "equipped|territory|94080|gender=femme": 8.0,
                     "used|territory||tout": 4.0, "reste 3|used|territory|a": 1.0})  # fmt: skip
    assert all(name.startswith("page ") and name.count("|") == 2 for name in found.values())
    assert len(set(found.values())) == len(found)


def test_two_cells_that_differ_never_share_a_name() -> None:
    """The last point of a curve and the total, where lines without a place make them differ."""
    found = named(**{"used|programme||c2023-12": 50.0, "used|programme||tout": 47.0})
    assert len(set(found.values())) == 2
    same = named(**{"used|programme||c2023-12": 50.0, "used|programme||tout": 50.0})
    assert set(same.values()) == {"passes_used|P|..2023-12"}


def test_the_times_of_pages_cut_their_own_measure_alone() -> None:
    entry = edition({"passes_used|94080|2023-11..2023-11": 12.0}, {})
    assert set(known_times([entry])) == {"territory"}
    of_pages: dict[str, set[str]] = defaultdict(set)
    add_times(of_pages, entry.earlier.shown, of_pages=True)
    assert set(of_pages) == {"passes_used T"}


def test_the_zeros_of_a_level_are_known_where_another_place_was_told() -> None:
    told = edition({"passes_used|A|2023-10..2023-12": 20.0}, {})
    zero, other = "passes_used|B|2023-10..2023-12", "passes_used|B|2023-01..2023-12"
    found = with_zeros(told, {zero: 0.0, other: 0.0}, {zero, other})
    assert found.shown - told.earlier.shown == {zero}


def test_what_an_edition_tells_openly_is_known_and_counts_nobody() -> None:
    cells = {"page issued|territory:94080|2023-11..2023-11": 10.0, "page cancelled|programme:|2023-11..2023-11": 7.0,
             "page cancelled|territory:94080|2023-11..2023-11": 7.0,
             "page issued|programme:|2022-11..2022-11": 10.0}  # fmt: skip
    tables = Tables(cells, (), frozenset(cells), frozenset(cells))
    found = with_openly_told(tables, [edition({"passes_used|P|2023-11..2023-11": 30.0}, {})])
    issued, cancelled, there, before = cells
    assert found.known == {issued, cancelled}
    assert found.counts == {before}, (issued, there)


def test_an_empty_month_that_an_edition_withheld_is_a_cell_of_the_cube() -> None:
    hidden = {"passes_used|94080|2023-11..2023-11": 0.0, "passes_used|94080|2023-10..2023-10": 3.0}
    empty = empty_months([edition({}, hidden)])
    assert empty == {"used|territory|94080|2023-11"}
    some = facts(("territory", "94080", "2023-T4", "passes_used", 3.0), carrier="used")
    made = zeros.facts_of(empty, some, {"94080": "1"})
    cells = set(made["cell"])
    assert "used|territory|94080|2023-11" in cells and "used|ami|1|2023-T4" in cells
    assert "used|territory|94080|2023-T4" not in cells, "something happened in that quarter"
    assert set(made["value"]) == {0.0} and "hours" in set(made["measure"])


def test_a_withheld_flow_is_not_listed_and_a_withheld_answer_withholds_those_of_nobody() -> None:
    """Beside a total that a document told, what is listed would be one at least."""
    rows = [("flow", "a>b", "tout", "passes_used", None), ("flow", "a>c", "tout", "passes_used", 40.0),
            ("territory", "a", "gender=femme", "people_equipped", None),
            ("territory", "b", "gender=femme", "people_equipped", 30.0),
            ("programme", "", "gender=autre", "people_equipped", 12.0)]  # fmt: skip
    told = zeros.without_saying_none(facts(*rows, carrier="x").drop("cell"))
    assert told.filter(kind="flow")["place"].to_list() == ["a>c"]
    of_a = told.filter(place="a")
    assert set(of_a["span"]) == {"gender=femme", "gender=autre"} and of_a["value"].null_count() == 2
    assert told.filter(place="b").height == 1


def test_the_answers_and_flows_of_nobody_are_cells() -> None:
    answers = facts(("territory", "a", "gender=femme", "people_equipped", 3.0),
                    ("programme", "", "gender=autre", "people_equipped", 1.0), carrier="equipped")  # fmt: skip
    assert zeros.of_answers(answers)["cell"].to_list() == ["equipped|territory|a|gender=autre"]
    flows = facts(
        ("flow", "a>b", "tout", "passes_used", 3.0), ("flow", "b>c", "tout", "passes_used", 2.0), carrier="used"
    )
    assert zeros.of_flows(flows)["place"].to_list() == ["a>c", "b>b"]
