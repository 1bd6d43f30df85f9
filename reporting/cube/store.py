"""The protected cube beside its version: made once, where possible before anybody reads it, then read.

The file holds what such a reader may be shown and nothing else: a figure withheld has no value in it. It goes with its
version (publish.py retires both). Does not live here: what is in it (facts.py, people.py, choose.py), who has it made
(orchestration/prepared.py at a publication, dashboards/preparing.py for a page that comes first).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from filelock import FileLock

from storage.atomic import write_atomically
from warehouse.published.versions import connect, cube_path, home_of, read_version

#: Goes up with any change of what the cube holds or of how it is chosen: one made before is made again.
EDITION = 13
COLUMNS = ("kind", "place", "span", "measure", "value")
#: Kinds of place that have every span of the programme.
GRIDDED = ("territory", "ami", "programme", "lieu", "lieux", "lot")
LEVELS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Cube:
    """facts: kind, place, span, measure, value (null: withheld), one row a figure that a page may show."""

    facts: pl.DataFrame


def cube_file(version: Path, threshold: int) -> Path:
    """Where the cube of the published file at `version` is, for a threshold, once it is made."""
    return cube_path(version, threshold, EDITION, issued_by(version))


def issued_by(version: Path) -> int:
    """How many documents its home has issued: one more is another past, with which figures are protected."""
    return sum(1 for _ in home_of(version).register.glob("*.json.gz"))


def cube_of(version: Path, threshold: int) -> Cube:
    """The cube of the published file at `version`, for a threshold; made where it is not there yet, by one process
    while the others wait.

    Where the folder cannot be written, it is made each time: nobody is shown more for that.
    """
    path = cube_file(version, threshold)
    if not path.exists():
        try:
            with FileLock(path.with_name(f".{path.name}.lock"), mode=0o600):
                if not path.exists():
                    write_atomically(path, _written(_made(version, threshold)), mode=0o600)
        except OSError:
            return Cube(_made(version, threshold))
    return Cube(pl.read_parquet(path, glob=False))


def _made(version: Path, threshold: int) -> pl.DataFrame:
    # The search takes half a second to import, and a version needs it once.
    from reporting.cube import rates
    from reporting.cube.choose import withheld
    from reporting.cube.past import alone, beside, empty_months
    from reporting.cube.system import read
    from reporting.cube.zeros import without_saying_none
    from reporting.figures.collect import collect
    from reporting.suppression.register import Register

    own, entries = read_version(version), Register(home_of(version).register).entries()
    source = read(version, threshold, empty_months(entries) if entries else None)
    past = beside(source, collect(own), entries) if entries else alone(source, own.as_of)
    hidden = sorted(withheld(source, threshold, past).hidden)
    too_fine = source.too_fine.with_columns(is_fine=pl.lit(True))
    told = source.facts.join(too_fine, on=["carrier", "kind", "level"], how="left")
    secret = pl.col("cell").is_in(pl.Series(hidden, dtype=pl.String).implode()) | pl.col("is_fine").fill_null(False)
    told = told.with_columns(pl.when(~secret).then("value").alias("value"))
    told = without_saying_none(told) if entries else told
    facts = _whole(told, too_fine).select(*COLUMNS)
    with connect(version) as con:
        of_rates = rates.shown(rates.read(con), facts)
    return pl.concat([facts, of_rates.select(*COLUMNS)]).sort(pl.all())


def _whole(told: pl.DataFrame, too_fine: pl.DataFrame) -> pl.DataFrame:
    """The facts, with a zero for each span of a place where nothing happened, but where a zero would tell too much."""
    gridded = told.filter(pl.col("kind").is_in(GRIDDED), pl.col("level").is_in([*LEVELS, "tout"]))
    places = gridded.select("kind", "place").unique()
    measures = gridded.select("kind", "level", "measure", "carrier").unique()
    spans = gridded.select("kind", "level", "span").unique().join(measures, on=["kind", "level"])
    empty = places.join(spans, on="kind").join(gridded, on=["kind", "place", "span", "measure"], how="anti")
    empty = empty.join(too_fine, on=["carrier", "kind", "level"], how="left")
    zeros = empty.with_columns(value=pl.when(pl.col("is_fine").is_null()).then(0.0))
    both = pl.concat([told.select(*COLUMNS), zeros.select(*COLUMNS)])
    # What two cells count (a use, and the status of its pass) is withheld with either.
    return both.group_by(COLUMNS[:-1]).agg(pl.when(~pl.col("value").has_nulls()).then(pl.col("value").first()))


def _written(facts: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    facts.write_parquet(target)
    return target.getvalue()
