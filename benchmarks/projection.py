"""How well the projection holds on histories nobody tuned it on: `python benchmarks/projection.py [SEED…]`.

For each seed the simulator's programme is followed as it is, cut to 0.4 of its uses from the middle date on, and
doubled from it. Each history takes the whole road (files, lake, models); the back-test it publishes is then counted:
share of what came inside the 10–90 % band, width of the band and interval score, both in share of what came, and the
values above their ceiling, which must be none. Prints the tables of docs/projection.md. Tuned on
seeds 101 to 105, reported on 1 to 5. Does not live here: the projection (dbt models), the time of a build (scaling.py).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingestion.intake import Folders, ingest
from programme.config import load_programme
from simulation.simulate import simulate
from warehouse.build.candidate import Candidate, prepare
from warehouse.build.transform import build_models
from warehouse.settings import Home

CARNETS = 3_000
#: The carnets of the programme that the settings describe.
FULL_SIZE = 38_000
MIDDLE = date(2022, 7, 1)
TODAY = date(2026, 1, 1)
#: Share of the carnets whose uses are kept (before, from) the middle date.
HISTORIES = {"régulière": (1.0, 1.0), "ralentie à 0,4": (1.0, 0.4), "doublée": (0.5, 1.0)}
INDICATORS = {"hours": "heures", "people_reached": "personnes", "face_value_used_eur": "euros"}


def thin(landing: Path, before: float, after: float) -> None:
    """Keep the uses of these shares of the carnets, chosen by a hash of their number: the same at every run."""
    if before == after == 1.0:
        return
    with duckdb.connect() as con:
        con.execute(
            f"""
            create table carnet as
            select cast(premier_pass as bigint) as first_pass, any_value(hash(numero_carnet) % 1000 / 1000.0) as draw
            from read_csv('{landing}/emissions_*.csv', delim=';', all_varchar=true) group by all
            """
        )
        for file in sorted(landing.glob("utilisations_*.csv")):
            con.execute(
                f"""
                create or replace table kept as
                select line.*
                from read_csv('{file}', delim=';', all_varchar=true) as line
                asof join carnet on cast(line.numero_pass as bigint) >= carnet.first_pass
                where carnet.draw < case
                    when strptime(left(line.date_utilisation, 10), '%d/%m/%Y') < date '{MIDDLE}' then {before}
                    else {after}
                end
                order by line.id_utilisation
                """
            )
            con.execute(f"copy kept to '{file}' (delimiter ';', header true)")


def build(folder: Path, seed: int, history: str, carnets: int) -> Candidate:
    """The candidate of one history, from its files to its marts."""
    programme = load_programme()
    # The simulator's commitments follow the carnets: so does the budget, or most of it would stay to issue.
    programme = programme.model_copy(update={"budget_eur": programme.budget_eur * carnets // FULL_SIZE})
    home = Home.at(folder).create()
    simulate(home.landing, carnets=carnets, seed=seed, dirt="clean", programme=programme)
    thin(home.landing, *HISTORIES[history])
    ingest(Folders.of_home(folder), today=TODAY, secret=b"benchmark secret, not one")
    candidate = prepare(home, programme, run_id="study", as_of=None, today=TODAY)
    build_models(candidate)
    return candidate


def trials(database: Path) -> pl.DataFrame:
    """The back-test of one history: scenario, indicator, origin_on, target_on, low, median, high, actual, ceiling."""
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(
            "select scenario, indicator, origin_on, target_on, low, median, high, actual, ceiling, interval_score"
            " from marts.projection_backtest order by all"
        ).pl()


def above_ceiling(database: Path) -> int:
    """Published values of both marts above their ceiling, or out of order."""
    with duckdb.connect(str(database), read_only=True) as con:
        row = con.execute(
            """
            select count(*) from (
                select low, median, high, ceiling from marts.projection
                union all
                select low, median, high, ceiling from marts.projection_backtest
            ) where high > ceiling + 1e-6 or low > median or median > high
            """
        ).fetchone()
    assert row is not None
    return int(row[0])


def account(found: pl.DataFrame) -> pl.DataFrame:
    """By scenario, history and indicator: trials, share inside, width and interval score in share of what came."""
    inside = pl.col("actual").is_between("low", "high")
    return (
        found.group_by("scenario", "history", "indicator", maintain_order=True)
        .agg(
            trials=pl.len(),
            inside=inside.mean(),
            below=(pl.col("actual") < pl.col("low")).mean(),
            above=(pl.col("actual") > pl.col("high")).mean(),
            width=(pl.col("high") - pl.col("low")).sum() / pl.col("actual").sum(),
            score=pl.col("interval_score").sum() / pl.col("actual").sum(),
        )
        .sort("scenario", "history", "indicator")
    )


def main(seeds: list[int], carnets: int) -> None:
    """Build every history of every seed, one after the other, and print the tables."""
    found, above = [], 0
    for seed in seeds:
        for history in HISTORIES:
            with tempfile.TemporaryDirectory() as folder:
                candidate = build(Path(folder), seed, history, carnets)
                found.append(trials(candidate.database).with_columns(seed=pl.lit(seed), history=pl.lit(history)))
                above += above_ceiling(candidate.database)
            print(f"graine {seed}, {history} : {found[-1].height} essais", file=sys.stderr, flush=True)
    print(f"Graines {', '.join(map(str, seeds))}, {carnets} carnets. Valeurs au-dessus de leur plafond : {above}.\n")
    print("| scénario | histoire | indicateur | essais | dans la bande | largeur | score |")
    print("|---|---|---|---|---|---|---|")
    for row in account(pl.concat(found)).iter_rows(named=True):
        print(
            f"| {row['scenario']} | {row['history']} | {INDICATORS[row['indicator']]} | {row['trials']} "
            f"| {row['inside']:.0%} | {row['width']:.1%} | {row['score']:.1%} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--carnets", type=int, default=CARNETS)
    given = parser.parse_args()
    main(given.seeds, given.carnets)
