"""Pages read together: what the steering committee and territories see, put together, gives no small count away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards.access import Rights
from dashboards.queries_protected import ProtectedReader
from dashboards.reading import NO_FILTER, Filters
from dashboards.rights import FROM_CUBE, PROTECTED, PROTECTED_PROGRAMME_ONLY, NotAllowed, open_for
from reporting.cube import choose, cube_of, rates, system
from reporting.cube.choose import Withheld
from reporting.cube.past import Past
from reporting.suppression import breaches
from tests.integration.reporting import pages_attack
from warehouse.published.figure_address import Figure
from warehouse.published.versions import connect, cube_path, files_of

THRESHOLD = 11
TERRITORIES = ("75118", "94080")
CALLS = (1, 2)


@pytest.fixture(scope="module")
def version(version_apart: Path) -> Path:
    """A published file of 600 carnets, real dirt, in a folder of its own."""
    return version_apart


@pytest.fixture(scope="module")
def chosen(version: Path) -> Withheld:
    """What was chosen while the cube of the version was made."""
    found: list[Withheld] = []

    def noted(source: system.Source, threshold: int, past: Past) -> Withheld:
        found.append(choose_again(source, threshold, past))
        return found[-1]

    choose_again = choose.withheld
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "withheld", noted)
        cube_of(version, THRESHOLD)
    return found[0]


@pytest.fixture(scope="module")
def seen(version: Path, chosen: Withheld) -> Iterator[dict[str, pages_attack.Seen]]:
    """What the committee, and two territories, collect from the pages, filter after filter."""
    assert chosen.hidden
    readers = pages_attack.readers(version, THRESHOLD, TERRITORIES)
    yield {name: pages_attack.collect(reader, CALLS, TERRITORIES) for name, reader in readers.items()}
    for reader in readers.values():
        assert reader.opened is not None
        reader.opened.close()


def test_no_page_shows_a_small_count(seen: dict[str, pages_attack.Seen]) -> None:
    shown = [value for one in seen.values() for value in one.values() if value is not None]
    assert len(shown) > 1_000
    assert [value for value in shown if 0 < value < THRESHOLD] == []


def test_two_readers_are_told_the_same(seen: dict[str, pages_attack.Seen]) -> None:
    """The mask is of the programme, not of a reader: nothing a territory sees is withheld from the committee."""
    committee = seen["comite"]
    for code in TERRITORIES:
        both = seen[code].keys() & committee.keys()
        assert len(both) > 50
        assert {cell: seen[code][cell] for cell in both} == {cell: committee[cell] for cell in both}


def test_pages_read_together_give_no_small_count(version: Path, seen: dict[str, pages_attack.Seen]) -> None:
    """The committee and territories side by side: more than any of them alone, or any two.

    What is asked (docs/petits-effectifs.md): [1 ; 10] in the interval of each small count, or ten values from its floor
    up. That a count that is in no page is not nobody may come out, where a « s » above it leaves it one place alone.
    """
    tables, hidden = pages_attack.tables(version, seen.values(), THRESHOLD)
    assert len(tables.primary(THRESHOLD)) > 1_000
    close = breaches(tables, hidden, THRESHOLD)
    assert {cell: seen for cell, seen in close.items() if seen.low > 1 + 1e-5 or seen.high < THRESHOLD - 1 - 1e-5} == {}
    assert not close.keys() & tables.published
    assert len(close) < 20


def test_the_attack_sees_a_mask_that_is_broken(version: Path, seen: dict[str, pages_attack.Seen]) -> None:
    """One month of the programme shown that is withheld: others that it protects can be computed."""
    tables, hidden = pages_attack.tables(version, seen.values(), THRESHOLD)
    small = sorted(c for c in hidden & tables.primary(THRESHOLD) if c.startswith("used|programme|"))[0]
    found = breaches(replace(tables, known=tables.known | {small}), hidden - {small}, THRESHOLD)
    assert set(found) - {small}


def test_the_cube_is_made_once_and_goes_with_its_version(version: Path) -> None:
    first = cube_of(version, THRESHOLD).facts
    path, *_ = version.parent.glob(f"{version.stem}.cube-*")
    assert path.stat().st_mode & 0o777 == 0o600
    assert {one.name for one in files_of(version)} >= {version.name, path.name}
    assert cube_path(version, THRESHOLD, 0).parent == version.parent
    before = path.stat().st_mtime_ns
    assert cube_of(version, THRESHOLD).facts.equals(first)
    assert path.stat().st_mtime_ns == before


def test_a_figure_withheld_has_no_value_in_the_file(version: Path) -> None:
    facts = cube_of(version, THRESHOLD).facts
    with duckdb.connect(str(version), read_only=True) as con:
        codes = [code for (code,) in con.execute("select rate from marts.rate").fetchall()]
    of_rates = [ending.format(code) for code in codes for ending in ("{}", rates.PLACE, rates.PLACES)]
    counts = facts.filter(
        pl.col("measure").str.contains("^(passes|people|carnets)_"), ~pl.col("measure").is_in(of_rates)
    )
    assert counts["measure"].n_unique() > 10
    assert counts.filter((pl.col("value") > 0) & (pl.col("value") < THRESHOLD)).is_empty()
    assert facts["value"].null_count() > 100


def test_the_last_point_of_a_curve_is_its_card(version: Path) -> None:
    """And no two points differ by a small count."""
    rights = Rights("comite", threshold=THRESHOLD)
    reader = ProtectedReader(version, rights, open_for(version, rights))
    totals = dict(reader.progress().select("indicator", "value").rows())
    for measure in ("people_equipped", "people_reached", "passes_used"):
        curve = reader.burn_up(measure)["value"]
        assert curve.last() == totals[measure]
        steps = curve.diff().drop_nulls()
        assert steps.filter((steps > 0) & (steps < THRESHOLD)).is_empty()
    assert reader.activity_by_month(NO_FILTER).height > 10


OWN = "94080"
ROLES = [Rights("comite", threshold=THRESHOLD), Rights("territoire", OWN, THRESHOLD)]


def test_two_columns_do_not_tell_who_waits(version: Path) -> None:
    """People equipped, less those trained, of one answer: a count of people that is in no page."""
    facts = cube_of(version, THRESHOLD).facts.filter(pl.col("span").str.contains("="), kind="programme")
    both = facts.pivot("measure", index="span", values="value").drop_nulls()
    waiting = both["people_equipped"] - both["people_reached"]
    assert waiting.len() > 5
    assert waiting.filter((waiting > 0) & (waiting < THRESHOLD)).is_empty()
    with connect(version) as con:
        true = con.execute(
            "select sum(people_equipped) - sum(people_reached) from marts.audience_profile group by dimension, category"
        ).fetchall()
    assert [small for (small,) in true if 0 < small < THRESHOLD], "or this test proves nothing"


def test_two_figures_of_a_territory_tell_neither_second_carnets_nor_who_waits(version: Path) -> None:
    """Passes prescribed, divided by those of a carnet, less people equipped; people equipped, less those trained."""
    told = cube_of(version, THRESHOLD).facts.filter(kind="territory", span="tout").pivot(
        "measure", index="place", values="value"
    )  # fmt: skip
    with connect(version) as con:
        true = con.execute(
            "select territory_code as place, sum(value) filter (indicator = 'carnets_prescribed')"
            " - sum(value) filter (indicator = 'people_equipped') as second,"
            " sum(value) filter (indicator = 'people_equipped') - sum(value) filter (indicator = 'people_reached')"
            " as waiting, coalesce(sum(value) filter (indicator = 'people_reached_anonymous'), 0) as anonymous"
            " from marts.measure_month group by all"
        ).pl()
    both = told.join(true, on="place")
    small = {"second": 0, "waiting": 0}
    for name, first, other in (("second", "passes_prescribed", "people_equipped"),
                               ("waiting", "people_equipped", "people_reached")):  # fmt: skip
        counted = both.filter((pl.col(name) > 0) & (pl.col(name) < THRESHOLD))
        counted = counted if name == "second" else counted.filter(pl.col("anonymous") == 0)
        small[name] = counted.height
        assert counted.drop_nulls([first, other]).is_empty(), name
    assert all(small.values()), "or this test proves nothing"


def test_carnets_of_a_place_are_not_told_by_a_code(version: Path) -> None:
    """No page counts them, but a code could ask: carnets less people is how many have a second one."""
    rights = ROLES[0]
    reader = ProtectedReader(version, rights, open_for(version, rights))
    for measure in ("carnets_prescribed", "hours_nominal"):
        for place, codes in (("programme", ""), ("territory", OWN)):
            told = reader.figure_value(Figure(measure, "", place, codes))["value"][0]  # type: ignore[arg-type]
            assert (told is not None) == (place == "programme"), (measure, place)
    assert reader.figure_value(Figure("people_equipped", "", "programme", ""))["value"][0] is not None


#: What no page of a protected reader may reach: a line, or a count that nobody protected.
RAW = ("core.fct_pass", "core.dim_person", "proof.contribution", "marts.lieu_activity", "marts.territory_month",
       "marts.audience_profile", "quality.check_failure")  # fmt: skip


@pytest.mark.parametrize("rights", ROLES, ids=lambda rights: rights.role)
def test_a_protected_reader_has_its_tables_and_no_other(version: Path, rights: Rights) -> None:
    with open_for(version, rights) as con:
        tables = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        allowed = set(PROTECTED) | set(FROM_CUBE)
        allowed |= set(PROTECTED_PROGRAMME_ONLY) if rights.territory_code is None else set()
        assert tables == allowed
        for raw in RAW:
            for name in (raw, f"published.{raw}", raw.split(".")[1]):
                with pytest.raises(duckdb.Error):
                    con.execute(f"from {name}")
        for way in (f"attach '{version}' as again (read_only)", f"from read_text('{version}')",
                    "set enable_external_access = true", "set lock_configuration = false"):  # fmt: skip
            with pytest.raises(duckdb.Error):
                con.execute(way)


def test_a_territory_has_its_own_rows_alone(version: Path) -> None:
    rights = ROLES[1]
    reader = ProtectedReader(version, rights, open_for(version, rights))
    facts = reader.ask("select distinct kind, place from {fact}")
    lieux = reader.lieux()["lieu_siret"].to_list()
    of = dict(facts.group_by("kind").agg("place").rows())
    assert set(of) <= {"programme", "territory", "lieux", "lieu", "flow"}
    assert of["territory"] == of["lieux"] == [OWN]
    assert set(of["lieu"]) <= set(lieux)
    assert all(place.startswith(f"{OWN}>") for place in of["flow"])
    for name in ("dim_territory", "dim_lieu", "territory_words", "territory_state_words", "lieu_last"):
        assert reader.ask("from {" + name + "}")["territory_code"].unique().to_list() == [OWN]
    asked = Filters(territories=("93048",))
    assert reader.activity_by_month(asked).drop_nulls().is_empty()
    with pytest.raises(NotAllowed):
        reader.ask("from {budget_month}")


def test_a_reader_without_a_threshold_opens_nothing(version: Path) -> None:
    with pytest.raises(AssertionError):
        open_for(version, Rights("comite"))


def test_all_parts_of_the_cube_together_withstand_the_attack(version: Path, chosen: Withheld) -> None:
    """People included: territories, answers, curves of the programme; and levels that are in no page."""
    source = system.read(version, THRESHOLD)
    parts = [*source.parts, *source.beside]
    assert {part.name for part in parts} >= {"whole", "used", "lieux", "prescribed", "people", "lots", "fine", "beyond"}
    tables = system.tables(system.together(parts), frozenset(), frozenset())
    assert breaches(tables, chosen.hidden & tables.published, THRESHOLD) == {}
    assert not chosen.exposed
