"""The function of the analysts: every measure in every cut it is asked in, equal to what is published and to the lines.

Not here: what a line brings (dbt unit tests), the published figures by hand (test_golden.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.published.measure import columns_of, measure_of

#: Cut → the column it yields, and how it is read from a line of `trace`.
CUTS = {
    "territory": ("territory_code", "territory_code"),
    "year": ("year", "year(happened_on)::integer"),
    "month": ("month", "date_trunc('month', happened_on)::date"),
    "day": ("date_day", "happened_on"),
}
#: Mart that holds the measures of a cut → the cut.
MARTS = {
    "territory_progress": "territory",
    "territory_month": "territory, month",
    "lieu_activity": "lieu, month",
}
#: The dictionary's name of a measure that a mart calls otherwise.
NAMES = {"lieu_activity": {"amount_eur": "amount_used_eur"}}


@pytest.fixture(scope="module")
def simulated(simulated_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A programme as dirty as real files, published."""
    path = (simulated_home / "warehouse" / "passnum.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def _measures(con: duckdb.DuckDBPyConnection, rule: str) -> list[str]:
    return [code for (code,) in con.execute("select code from proof.measure where rule = ?", [rule]).fetchall()]


def test_without_a_cut_it_is_the_programme(simulated: duckdb.DuckDBPyConnection) -> None:
    published = dict(simulated.execute("select indicator, value from marts.programme_progress").fetchall())
    asked = {code: simulated.execute("select value from metric(?)", [code]).fetchall() for code in published}
    assert len(published) == 21
    assert asked == {code: [(value,)] for code, value in published.items()}


@pytest.mark.parametrize(("mart", "by"), MARTS.items())
def test_a_cut_is_its_mart(simulated: duckdb.DuckDBPyConnection, mart: str, by: str) -> None:
    """Every measure that the mart has a column of, both ways: no value that differs, no combination left out."""
    keys = [{"territory": "territory_code", "lieu": "lieu_siret"}.get(word, word) for word in by.split(", ")]
    known = {code for (code,) in simulated.execute("select code from proof.measure").fetchall()}
    columns = {column: NAMES.get(mart, {}).get(column, column) for column in columns_of(simulated, mart)}
    measured = {column: code for column, code in columns.items() if code in known}
    assert len(measured) >= 9
    for column, code in measured.items():
        different = simulated.execute(
            f"""
            select * from (select {", ".join(keys)}, {column}::double as value from marts.{mart})
            full join (select * exclude (value), value as asked from metric('{code}', by := '{by}'))
            using ({", ".join(keys)})
            where coalesce(value, 0) <> coalesce(asked, 0)
            """
        ).fetchall()
        assert different == [], code


def test_days_add_up_to_the_daily_cumuls(simulated: duckdb.DuckDBPyConnection) -> None:
    known = {code for (code,) in simulated.execute("select code from proof.measure").fetchall()}
    measured = columns_of(simulated, "progress_daily") & known
    assert len(measured) == 10
    for code in measured:
        different = simulated.execute(
            f"""
            with asked as (select date_day, value from metric('{code}', by := 'day'))
            select date_day from marts.progress_daily
            left join asked using (date_day)
            qualify abs(sum(coalesce(value, 0)) over (order by date_day) - {code}) > 1e-6
            """
        ).fetchall()
        assert different == [], code


def test_every_measure_in_every_cut_is_the_sum_of_its_lines(simulated: duckdb.DuckDBPyConnection) -> None:
    """Against `trace`, which reads the lines its own way: alone, and two by two."""
    asked = [[cut] for cut in CUTS] + [["territory", cut] for cut in ("year", "month", "day")]
    for code in [*_measures(simulated, "sum"), *_measures(simulated, "ratio")]:
        measure = measure_of(simulated, code)
        for cuts in asked:
            if "territory" in cuts and not measure.by_territory:
                continue
            keys = ", ".join(CUTS[cut][1] for cut in cuts)
            total = f"coalesce(sum(contribution), 0)::double / {measure.divisor}"
            lines = simulated.execute(f"select {keys}, {total} from ({measure.lines()}) group by all").fetchall()
            names = ", ".join(CUTS[cut][0] for cut in cuts)
            rows = simulated.execute(
                f"select {names}, value from metric(?, by := ?)", [code, ", ".join(cuts)]
            ).fetchall()
            assert len(rows) == len(lines), (code, cuts)
            assert _by_cut(rows) == pytest.approx(_by_cut(lines)), (code, cuts)


def _by_cut(rows: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], float]:
    return {row[:-1]: row[-1] for row in rows}


def test_calls_and_lieux_add_up_to_the_programme(simulated: duckdb.DuckDBPyConnection) -> None:
    for code in _measures(simulated, "sum"):
        ((whole,),) = simulated.execute("select value from metric(?)", [code]).fetchall()
        for by in ("ami", "lieu", "ami, lieu, year"):
            ((parts,),) = simulated.execute(
                "select coalesce(sum(value), 0) from metric(?, by := ?)", [code, by]
            ).fetchall()
            assert parts == pytest.approx(whole), (code, by)


def test_a_call_is_the_sum_of_its_territories(simulated: duckdb.DuckDBPyConnection) -> None:
    for code in ("hours", "passes_issued", "people_reached", "lieux_active"):
        expected = simulated.execute(f"select ami, sum({code}) from marts.territory_progress group by all").fetchall()
        asked = simulated.execute("select ami, value from metric(?, by := 'ami')", [code]).fetchall()
        assert _by_cut(asked) == pytest.approx({cut: value for cut, value in _by_cut(expected).items() if value})


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("'zut'", "Indicateur inconnu : « zut »"),
        (
            "'hours', by := 'mois'",
            "Découpage inconnu : « mois ». Découpages possibles : territory, lieu, ami, year, month, day",
        ),
        ("'state_share_due_eur', by := 'month'", "plafonné pour le programme entier"),
        ("'budget_paid_eur', by := 'month, territory'", "n'est pas réparti par territoire"),
        ("'people_welcomed', by := 'lieu'", "ne s'additionne ni sur les lieux ni sur les mois"),
    ],
)
def test_what_it_cannot_answer_is_a_french_sentence(
    published: duckdb.DuckDBPyConnection, asked: str, told: str
) -> None:
    with pytest.raises(duckdb.Error, match="(?s)" + told.replace(".", r"\.")):
        published.execute(f"select count(*) from metric({asked})").fetchall()


def test_it_is_found_in_a_file_attached_under_another_name(golden_home: Path) -> None:
    """`attach … as passnum; use passnum`, whatever the file is called."""
    with duckdb.connect() as con:
        con.execute(f"attach '{(golden_home / 'warehouse' / 'passnum.duckdb').resolve()}' as essai (read_only)")
        con.execute("use essai")
        assert con.execute("select indicator, value from metric('hours')").fetchall() == [("hours", 17.0)]
