"""What adds up to what among the cells of the cube: all that a reader who holds several pages may add and subtract.

One row a link: `total`, `part`; a total is the sum of its parts. `virtual` cells are in no page and count as well. Does
not live here: the cells (facts.py, people.py), what is withheld (choose.py).
"""

from __future__ import annotations

import polars as pl

from reporting.cube.facts import ALL, KEYS, STATUSES, STEPS, Facts, cell

Links = pl.DataFrame
_LEFT = ("used", "expired", "cancelled")
_USABLE = tuple(name for name in STATUSES.values() if name not in _LEFT)


def span_above() -> pl.Expr:
    """The span that a `span` of time is part of: months make quarters, quarters years, years everything; null above."""
    span = pl.col("span")
    quarter = pl.concat_str(span.str.head(4), pl.lit("-T"), (span.str.slice(5, 2).cast(pl.Int8, strict=False) + 2) // 3)
    return (
        pl.when(span.str.contains(r"^\d{4}-\d\d$")).then(quarter)
        .when(span.str.contains(r"^\d{4}-T\d$")).then(span.str.head(4))
        .when(span.str.contains(r"^\d{4}$")).then(pl.lit(ALL))
    )  # fmt: skip


def of_time(cells: pl.DataFrame) -> Links:
    """Each span makes, with the others of its own, the one above, at one place."""
    return _linked(cells.with_columns(span=span_above()).filter(pl.col("span").is_not_null()), cells)


def of_places(cells: pl.DataFrame, calls: dict[str, str]) -> Links:
    """Territories make their call for projects (territory → call), and the calls the programme."""
    own = pl.col("place").replace_strict(calls, default="", return_dtype=pl.String)
    parts = [
        cells.filter(kind="territory").with_columns(kind=pl.lit("ami"), place=own),
        cells.filter(kind="ami").with_columns(kind=pl.lit("programme"), place=pl.lit("")),
    ]
    return _linked(pl.concat(parts), cells)


def of_lieux(cells: pl.DataFrame, territories: dict[str, str]) -> Links:
    """Lieux make those of their territory (lieu → territory), and these all of them: what the programme used."""
    own = pl.col("place").replace_strict(territories, default="", return_dtype=pl.String)
    lieux, some = cells.filter(kind="lieu"), cells.filter((pl.col("kind") == "lieux") & (pl.col("place") != "*"))
    whole = cells.filter(kind="lieux", place="*")
    programme = pl.concat_str(pl.lit("used|programme||"), "span")
    return pl.concat(
        [
            _linked(lieux.with_columns(kind=pl.lit("lieux"), place=own), cells),
            _linked(some.with_columns(place=pl.lit("*")), cells),
            whole.select(programme.alias("total"), pl.col("cell").alias("part")),
        ]
    )


def of_flows(cells: pl.DataFrame) -> Links:
    """territory > territory of the lieu: a row makes the territory's uses, a column those of the lieux there."""
    ends = pl.col("place").str.split(">")
    there = ends.list.last().replace("inconnu", "")
    return pl.concat(
        [
            cells.select(pl.concat_str(pl.lit("used|territory|"), ends.list.first(), pl.lit(f"|{ALL}")).alias("total"),
                         pl.col("cell").alias("part")),
            cells.select(pl.concat_str(pl.lit("used|lieux|"), there, pl.lit(f"|{ALL}")).alias("total"),
                         pl.col("cell").alias("part")),
        ]
    )  # fmt: skip


def of_curve(months: pl.DataFrame, carrier: str) -> Links:
    """What was reached at the end of a month is what was at the end of the one before, and what the month brought.
    months: `span` of each month's end (c2021-03), in order."""
    at = months.sort("span").select("span", before=pl.col("span").shift(1))
    name = f"{carrier}|programme||"
    of_month = pl.col("span").str.tail(7)
    return pl.concat(
        [
            at.drop_nulls().select(total=pl.lit(name) + pl.col("span"), part=pl.lit(name) + pl.col("before")),
            at.select(total=pl.lit(name) + pl.col("span"), part=pl.lit(name) + of_month),
        ]
    )


def of_account(cells: pl.DataFrame) -> tuple[Links, Links]:
    """Opening + issued = used + expired + cancelled + closing, of each year and place, and of each month of the
    programme, by a virtual cell (`supply`) that both sides make. cells: kind, place, span of each balance."""
    keys = cells.select(*KEYS).unique().sort(KEYS)
    before = pl.col("span").shift(1).over("kind", "place", pl.col("span").str.len_chars(), order_by="span")
    keys = keys.with_columns(before=before, total=cell("supply"))
    opening = keys.filter(pl.col("before").is_not_null()).with_columns(span=pl.col("before"))
    brought = [keys.select("total", part=cell("issued")), opening.select("total", part=cell("closing"))]
    left = [keys.select("total", part=cell(name)) for name in ("used", "expired", "cancelled", "closing")]
    return pl.concat(brought), pl.concat(left)


def of_days(stock: pl.DataFrame) -> Links:
    """What can still be used lapses on one day or another."""
    days = stock.filter(pl.col("span") != ALL).with_columns(span=pl.lit(ALL))
    return days.select(cell("stock").alias("total"), part="cell")


def of_life(states: Facts, whole: pl.DataFrame) -> list[Links]:
    """Each state of a pass is in one status, and past each step that it names; three statuses are what can still be
    used, and three what the account says left it. whole: kind, place, span of every place."""
    named = states.with_columns(
        pl.col("cell").str.extract(r"^state_([^|]*)").str.split("+").alias("words"), below=pl.col("cell")
    )
    into = [_into(named, pl.col("words").list.first().replace_strict(STATUSES))]
    for position, step in enumerate(STEPS.values(), start=1):
        into.append(_into(named.filter(pl.col("words").list.get(position) == "true"), pl.lit(step)))
    at = whole.select(*KEYS)
    usable = [at.select(cell("stock").alias("total"), cell(f"life_{name}").alias("part")) for name in _USABLE]
    same = [at.select(cell(name).alias("total"), cell(f"life_{name}").alias("part")) for name in _LEFT]
    return [pl.concat(into), pl.concat(usable), pl.concat(same)]


def _into(states: pl.DataFrame, name: pl.Expr) -> Links:
    return states.select(cell(pl.concat_str(pl.lit("life_"), name)).alias("total"), part="below")


def of_lots(cells: pl.DataFrame) -> Links:
    """Lots make the programme at each status; the statuses of a lot make what was issued of it."""
    carrier = pl.col("cell").str.extract(r"^([^|]*)")
    whole = pl.when(carrier == "life_issued").then(pl.lit("issued")).otherwise(carrier)
    across = cells.select(pl.concat_str(whole, pl.lit(f"|programme||{ALL}")).alias("total"), part="cell")
    inside = cells.filter(carrier != "life_issued")
    down = inside.select(cell("life_issued").alias("total"), part="cell")
    return pl.concat([across, down])


def of_end(curve: pl.DataFrame, carrier: str) -> Links:
    """The last point of a curve is the total."""
    last = curve.sort("span").tail(1)
    return last.select(total=pl.lit(f"{carrier}|programme||{ALL}"), part="cell")


def of_answers(cells: pl.DataFrame, carrier: str) -> list[Links]:
    """The answers to each question make the people asked; `carrier`: how they are counted."""
    asked = cells.filter(pl.col("span").str.contains("=")).with_columns(
        dimension=pl.col("span").str.extract(r"^([^=]*)"), part="cell", span=pl.lit(ALL)
    )
    return [part.select(cell(carrier).alias("total"), "part") for part in asked.partition_by("dimension")]


def of_reached(whole: pl.DataFrame) -> Links:
    """Of the programme: people reached are identified or anonymous."""
    return whole.select(
        total=pl.lit(f"reached|programme||{ALL}"),
        part=pl.concat_list(pl.lit(f"identified|programme||{ALL}"), pl.lit(f"anonymous|programme||{ALL}")),
    ).explode("part")


def of_waiting(waiting: pl.DataFrame) -> Links:
    """People equipped are trained (identified, of all answers together) or wait."""
    answer = pl.col("cell").str.strip_prefix("waiting")
    trained = pl.when(answer.str.ends_with(f"|{ALL}")).then(pl.lit("identified")).otherwise(pl.lit("reached"))
    return waiting.select(
        total=pl.lit("equipped") + answer, part=pl.concat_list(trained + answer, pl.col("cell"))
    ).explode("part")


def _linked(above: pl.DataFrame, cells: pl.DataFrame) -> Links:
    """Rows of `above`: a part's `cell`, with the kind, place and span of its total."""
    carrier = pl.col("cell").str.extract(r"^([^|]*)")
    links = above.select(cell(carrier).alias("total"), part="cell")
    return links.join(cells.select(total="cell"), on="total", how="semi")
