"""Sums over commanditaires: a national figure never gives back what one of them withholds.

Numbers are written out by hand. Does not live here: real versions (tests/integration/national).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from reporting.cube import Cube
from reporting.national import facts, protected, store
from reporting.suppression import attack

THRESHOLD = 11
SCHEMA = dict.fromkeys(facts.KEYS, pl.String) | {"value": pl.Float64}
#: SIREN → its figures: (span, measure) → its value, and whether its own cube shows it.
Programme = dict[tuple[str, str], tuple[float, bool]]


def worlds(programmes: dict[str, Programme]) -> tuple[pl.DataFrame, dict[str, Cube]]:
    """The true facts of commanditaires and of the nation, and the cube of each."""
    rows = [
        ("commanditaire", siren, span, measure, value)
        for siren, own in programmes.items()
        for (span, measure), (value, _) in own.items()
    ]
    own = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    whole = (
        own.group_by("span", "measure")
        .agg(pl.col("value").sum())
        .with_columns(kind=pl.lit("national"), place=pl.lit(""))
    )
    cubes = {
        siren: Cube(
            pl.DataFrame(
                [
                    ("programme", "", span, measure, value if is_shown else None)
                    for (span, measure), (value, is_shown) in own.items()
                ],
                schema=SCHEMA,
                orient="row",
            )
        )
        for siren, own in programmes.items()
    }
    return pl.concat([own, whole.select(facts.COLUMNS)]), cubes


def shown(
    programmes: dict[str, Programme], monkeypatch: pytest.MonkeyPatch
) -> dict[tuple[str, str, str], float | None]:
    """(place, span, measure) → what a reader outside the team is shown."""
    true, cubes = worlds(programmes)
    monkeypatch.setattr(protected, "cube_of", lambda path, _: cubes[path.name])
    found = protected.protected(true, [(siren, Path(siren)) for siren in programmes], THRESHOLD)
    assert found.close == 0
    return {(place, span, measure): value for _, place, span, measure, value in found.facts.rows()}


def used(**spans: tuple[float, bool]) -> Programme:
    """Passes used at each span, « 2022-01 » being written m2022_01."""
    return {(name[1:].replace("_", "-"), "passes_used"): value for name, value in spans.items()}


def test_a_sum_whose_other_part_is_known_is_withheld_with_the_one_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A withholds 4 passes of a month, B shows 100: a national month of 104 would say 4."""
    told = shown({"A": used(m2022_01=(4, False)), "B": used(m2022_01=(100, True))}, monkeypatch)
    assert told["A", "2022-01", "passes_used"] is None and told["B", "2022-01", "passes_used"] == 100
    assert told["", "2022-01", "passes_used"] is None


def test_the_attack_is_worth_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the sum shown, the attack would find the four passes to the unit."""
    true, _ = worlds({"A": used(m2022_01=(4, False)), "B": used(m2022_01=(100, True))})
    whole = true.filter(pl.col("kind") != "territory")
    tables = protected._tables(whole, whole.filter(place="B").select(facts.KEYS))
    hidden = "passes_used|commanditaire|A|2022-01"
    assert hidden in tables.withheld
    assert attack(tables, frozenset(), {hidden})[hidden].width == 0


def test_three_that_withhold_enough_protect_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A, C and D withhold 4, 40 and 30 passes, B shows 100: of 174 the one of them who knows most, C, learns that A
    and D make 34."""
    programmes = {"A": used(m2022_01=(4, False)), "B": used(m2022_01=(100, True)), "C": used(m2022_01=(40, False)),
                  "D": used(m2022_01=(30, False))}  # fmt: skip
    assert shown(programmes, monkeypatch)["", "2022-01", "passes_used"] == 174


@pytest.mark.parametrize("others", [{"C": 40}, {"C": 40, "D": 5}, {"C": 300, "D": 2, "E": 3}])
def test_a_sum_less_one_s_own_gives_nothing_of_another(
    others: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commanditaire has its own figures whole: from the sum of A and C, C takes its own 40 and reads the 4 of A; from
    that of A, C and D, C knows that A and D make 9, one at least each."""
    programmes = {"A": used(m2022_01=(4, False)), "B": used(m2022_01=(100, True))}
    programmes |= {siren: used(m2022_01=(value, False)) for siren, value in others.items()}
    assert shown(programmes, monkeypatch)["", "2022-01", "passes_used"] is None


def test_nor_do_several_sums_with_one_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two months that A (6 and 94), C and D (60 and 3) withhold, of a quarter that each shows. Of either month alone C
    knows that A and D make 66, or 97. Of both, and of their quarters of 100 and 63, that D had three less in February
    than A in January: A had not one, nor two."""
    months = {"A": (6, 94), "C": (90, 80), "D": (60, 3)}
    programmes = {
        siren: used(m2022_01=(one, False), m2022_02=(two, False), m2022_T1=(one + two, True))
        for siren, (one, two) in months.items()
    }
    told = shown(programmes, monkeypatch)
    assert told["", "2022-T1", "passes_used"] == 333
    assert told["", "2022-01", "passes_used"] is None and told["", "2022-02", "passes_used"] is None


def test_a_month_is_not_given_back_by_its_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A withholds a month and shows the quarter and another month: it withholds two, and the nation those it must."""

    def above(total: float) -> Programme:
        return {(span, "passes_used"): (total, True) for span in ("2022-T1", "2022", "tout")}

    own = used(m2022_01=(4, False), m2022_02=(50, False), m2022_03=(60, True)) | above(114)
    other = used(m2022_01=(100, True), m2022_02=(200, True), m2022_03=(300, True)) | above(600)
    told = shown({"A": own, "B": other}, monkeypatch)
    assert told["", "2022-01", "passes_used"] is None and told["", "2022-02", "passes_used"] is None
    assert told["", "2022-03", "passes_used"] == 360 and told["", "2022-T1", "passes_used"] == 714


def test_euros_and_hours_follow_the_passes_that_they_are_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 passes or 30 €: the same information."""
    a = used(m2022_01=(3, False)) | {("2022-01", "face_value_used_eur"): (30, False)}
    b = used(m2022_01=(100, True)) | {("2022-01", "face_value_used_eur"): (1000, True)}
    assert shown({"A": a, "B": b}, monkeypatch)["", "2022-01", "face_value_used_eur"] is None


def test_a_small_answer_of_one_alone_is_no_national_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """6 people « autre » at A, 90 at B who are shown: 96 is withheld, and an answer with it, or 6 would be left."""

    def people(other: tuple[float, bool], women: tuple[float, bool]) -> Programme:
        total = other[0] + women[0]
        return {
            ("gender=autre", "people_equipped"): other, ("gender=femme", "people_equipped"): women,
            ("tout", "people_equipped"): (total, True),
        }  # fmt: skip

    told = shown({"A": people((6, False), (200, False)), "B": people((90, True), (300, True))}, monkeypatch)
    assert told["", "gender=autre", "people_equipped"] is None and told["", "gender=femme", "people_equipped"] is None
    assert told["", "tout", "people_equipped"] == 596


def test_what_no_programme_is_told_nobody_is_told_of_the_nation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Carnets of a month are in no cube: beside people, they would say who has a second one."""
    own = used(m2022_01=(100, True))
    true, cubes = worlds({"A": own | {("2022-01", "carnets_prescribed"): (50, True)}, "B": own})
    cubes["A"] = Cube(cubes["A"].facts.filter(pl.col("measure") != "carnets_prescribed"))
    monkeypatch.setattr(protected, "cube_of", lambda path, _: cubes[path.name])
    found = protected.protected(true, [("A", Path("A")), ("B", Path("B"))], THRESHOLD)
    assert found.facts.filter(measure="carnets_prescribed").is_empty()
    assert true.filter(measure="carnets_prescribed", kind="national").height == 1


def test_the_figures_are_kept_and_read_whatever_the_name_of_the_folder(tmp_path: Path) -> None:
    """Brackets and stars of a path are no pattern."""
    version = tmp_path / "données [2026] * ?" / "versions" / "passnum-20260101T000000Z-aaaaaa.duckdb"
    version.parent.mkdir(parents=True)
    kept, _ = worlds({"A": used(m2022_01=(4, True))})
    store.keep(version, kept)
    read = store.load(version)
    assert read is not None and read.equals(kept)


def test_among_many_too_each_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The months of A, C and D above, with twenty-five others who withhold nothing: more were asked of nothing."""
    months = {"A": (6, 94), "C": (90, 80), "D": (60, 3)}
    programmes = {
        siren: used(m2022_01=(one, False), m2022_02=(two, False), m2022_T1=(one + two, True))
        for siren, (one, two) in months.items()
    }
    programmes |= {f"Z{n}": used(m2022_01=(100, True), m2022_02=(100, True), m2022_T1=(200, True)) for n in range(25)}
    told = shown(programmes, monkeypatch)
    assert told["", "2022-T1", "passes_used"] == 5333
    assert told["", "2022-01", "passes_used"] is None and told["", "2022-02", "passes_used"] is None


def test_sums_since_the_start_are_no_national_figure() -> None:
    """They would tie what is withheld to what is shown, out of the system that is attacked."""
    rows = [("programme", "", span, "passes_used", 3.0) for span in ("2022-01", "c2022-01", "carnets=oui", "tout")]
    found = facts.of_programme("A", pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    assert found["span"].to_list() == ["2022-01", "carnets=oui", "tout"]
