"""The cube of one version before anything is withheld: facts, and the additive tables that its cells make.

Tables are made one after another, the dearest to lose first; what they share with a later one is already decided there.
Does not live here: the figures (facts.py, people.py), what adds up to what (links.py), the choice (choose.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reporting.cube import facts, fine, links, people, zeros
from reporting.cube.facts import ALL, CARRIERS, KEYS, Facts, cell
from reporting.suppression import Tables
from warehouse.published.versions import connect

#: How much more the total of a call, or of the programme, costs to withhold than a territory of the same size.
_WEIGHTS = {"ami": 3.0, "programme": 20.0, "lieux": 3.0}
#: A total of the programme is withheld when nothing else can be, one of a place as little as can be.
_WHOLE = {"programme": 1000.0, "ami": 30.0, "territory": 5.0, "lieux": 5.0, "lieu": 2.0}
#: From the finest on.
_FINE = ["month", "quarter", "year"]
_MOST_SMALL = 0.5
LEVEL = (
    pl.when(pl.col("span").str.contains(r"^\d{4}-\d\d$")).then(pl.lit("month"))
    .when(pl.col("span").str.contains(r"^\d{4}-T\d$")).then(pl.lit("quarter"))
    .when(pl.col("span").str.contains(r"^\d{4}$")).then(pl.lit("year"))
    .otherwise(pl.col("span"))
)  # fmt: skip
_TOLERANCE = 1e-6


#: Carrier → its cells.
Cells = dict[str, pl.DataFrame]
MOVES = ("used", "issued", "expired", "cancelled")


@dataclass(frozen=True)
class Part:
    """Cells protected together. cells: cell → value, and whether it is in a page; sums: total, part."""

    name: str
    cells: pl.DataFrame
    sums: pl.DataFrame


@dataclass(frozen=True)
class Source:
    """All of a version: every fact that a page may show, with its carrier and level; the (carrier, kind, level) that
    none shows; the parts that protect the others, in their order; and what is known besides, once all are chosen.
    zeros: cells that are nothing and that pages may have to withhold (zeros.py); maybe_none: cells that may be nothing
    where they are withheld, for the zeros beside them are."""

    facts: Facts
    too_fine: pl.DataFrame
    parts: list[Part]
    beside: list[Part]
    zeros: frozenset[str] = frozenset()
    maybe_none: frozenset[str] = frozenset()


def read(path: Path, threshold: int, empty: Iterable[str] | None = None) -> Source:
    """The cube of the published file at `path`, true values in it. Read whole, whoever asks.

    empty: cells of territories and months that are nothing, and that documents withheld; None before any document.
    Where documents may tell the totals of a territory, no page says which of its answers and flows are nothing beside
    those that it withholds: they would be all that is left to share out.
    """
    with connect(path) as con:
        placed, of_lieux, flows = facts.places(con), facts.lieux(con), facts.flows(con)
        balances, stock, curves = facts.account(con), facts.stock(con), facts.curves(con)
        (told, states), lots = facts.life(con), facts.lots(con)
        persons, answers, months = people.totals(con), people.answers(con), people.months(con)
        calls = _pairs(con.execute("select territory_code, coalesce(ami::varchar, '') from core.dim_territory"))
        homes = _pairs(con.execute("select lieu_siret, coalesce(territory_code, '') from core.dim_lieu"))
        of_people = pl.concat([persons, answers, curves.filter(pl.col("measure").str.starts_with("people_"))])
        of_cells = of_people.select(*KEYS, "cell", "value").unique("cell", maintain_order=True)
        there = people.waiting_there(con, of_cells)
    nothing = zeros.facts_of(empty or (), placed, calls)
    none = answers.clear() if empty is None else pl.concat([zeros.of_answers(answers), zeros.of_flows(flows)])
    none_of_flows, none_of_answers = (
        none.filter(pl.col("kind").is_in(kinds)).select(*KEYS, "cell", "value")
        for kinds in (["flow"], ["territory", "ami"])
    )
    placed = pl.concat([placed, nothing])
    shown = pl.concat([placed, of_lieux, flows, balances, stock, told, lots, curves, persons, answers])
    shown, too_fine = _coarse(shown, threshold)
    every = {name: _cells(placed, measure) for name, measure in facts.COUNTS.items() if measure in CARRIERS}
    below = _fine(shown, too_fine, calls, homes)
    placed, of_lieux = _kept(placed, too_fine), _kept(of_lieux, too_fine)
    counted = {name: _cells(placed, measure) for name, measure in facts.COUNTS.items() if measure in CARRIERS}
    of_uses, closing = _cells(curves, "passes_used"), _cells(balances, "passes_closing")
    is_year = pl.col("span").str.len_chars() == 4
    of_years, of_months = closing.filter(is_year), closing.filter(~is_year)
    lieux, left = _cells(of_lieux, "passes_used"), _cells(stock, "passes_usable")
    life = _passes(told)
    parts = [
        _part("prescribed", counted["prescribed"], links.of_time(counted["prescribed"]),
              links.of_places(counted["prescribed"], calls)),
        _whole(counted, every, lieux, _cells(flows, "passes_used"), none_of_flows, left, life, states,
               (of_years, of_months), of_uses, calls, homes),
        _part("used", pl.concat([counted["used"], of_uses]), links.of_time(counted["used"]),
              links.of_places(counted["used"], calls), links.of_curve(of_uses, "used"),
              links.of_end(of_uses, "used")),
        _lieux(lieux, counted["used"], homes),
        *(_part(name, counted[name], links.of_time(counted[name]), links.of_places(counted[name], calls))
          for name in ("issued", "expired")),
        _lots(_passes(lots), life, counted["issued"]),
        _people(of_people, months, calls, none_of_answers),
    ]  # fmt: skip
    of_the_whole = (pl.col("kind") == "programme") & (pl.col("span") == ALL)
    told_of_all = shown.filter(~pl.col("measure").is_in(facts.OF_THE_WHOLE) | of_the_whole)
    beyond = _beyond([people.second_carnets(counted["prescribed"], of_cells), there])
    some = pl.concat([answers, flows]).filter(pl.col("kind").is_in(["territory", "ami", "flow"]))
    maybe_none = frozenset() if empty is None else frozenset(some["cell"])
    return Source(told_of_all, too_fine, parts, [below, beyond], frozenset(nothing["cell"]), maybe_none)


def together(parts: list[Part]) -> Part:
    """All parts as one: what a reader who holds every page may add and subtract."""

    def own(part: Part, name: str) -> pl.Expr:
        # What completes a sum that does not hold is numbered in its own part.
        is_rest = pl.col(name).str.contains("^(reste|tout) ")
        return pl.when(is_rest).then(pl.lit(f"{part.name} ") + pl.col(name)).otherwise(name).alias(name)

    cells = pl.concat(part.cells.with_columns(own(part, "cell")) for part in parts)
    sums = pl.concat(
        part.sums.with_columns(own(part, "total"), own(part, "part"), row=pl.format("{} {}", pl.lit(part.name), "row"))
        for part in parts
    )
    every = cells.group_by("cell").agg(pl.col("value").first(), pl.col("is_shown").any(), pl.col("is_count").any())
    return Part("together", every.sort("cell"), sums.sort(pl.all()))


def _coarse(of: Facts, threshold: int) -> tuple[Facts, pl.DataFrame]:
    """The facts, each with its level, and the (carrier, kind, level) too fine to be given: more than half of their
    cells are small. Nothing of these is told, nor whether it is zero."""
    of = of.with_columns(carrier=pl.col("cell").str.extract(r"^([^|]*)"), level=LEVEL)
    counted = of.filter(pl.col("measure").is_in(list(facts.COUNTS.values())), pl.col("level").is_in(_FINE))
    # The balances of a place are no finer than its account: they follow the cancelled passes of its years.
    is_small = (pl.col("value") > 0) & (pl.col("value") < threshold)
    shares = (
        counted.filter(pl.col("value") > 0).group_by("carrier", "kind", "level").agg(is_small.mean().alias("share"))
    )
    fine = shares.filter((pl.col("share") > _MOST_SMALL) & (pl.col("kind") != "programme"))
    order = pl.col("level").replace_strict(_FINE, range(len(_FINE)), return_dtype=pl.Int8)
    # A level finer than one that is too fine is too fine as well.
    coarsest = fine.group_by("carrier", "kind").agg(order.max().alias("upto"))
    every = of.select("carrier", "kind", "level").unique().filter(pl.col("level").is_in(_FINE))
    dropped = every.join(coarsest, on=["carrier", "kind"]).filter(order <= pl.col("upto"))
    always = every.filter(
        (pl.col("carrier") == "cancelled") & (pl.col("kind") != "programme") & (pl.col("level") != "year")
    )
    return of, pl.concat([dropped.select("carrier", "kind", "level"), always]).unique()


def _fine(of: Facts, too_fine: pl.DataFrame, calls: dict[str, str], homes: dict[str, str]) -> Part:
    """Levels that no page gives, zeros included, with those above them: what is given bounds them still."""
    told, below = fine.cells(of, too_fine, calls, homes)
    every = pl.concat([told, below])
    placed = every.filter(pl.col("kind").is_in(["territory", "ami", "programme"]))
    sums = [links.of_time(every), links.of_places(placed, calls), links.of_lieux(every, homes)]
    return _part("fine", told, *sums, hidden=below.select("cell", "value"))


def _kept(of: Facts, too_fine: pl.DataFrame) -> Facts:
    named = of.with_columns(carrier=pl.col("cell").str.extract(r"^([^|]*)"), level=LEVEL)
    return named.join(too_fine, on=["carrier", "kind", "level"], how="anti").drop("carrier", "level")


def _passes(of: Facts) -> pl.DataFrame:
    return of.filter(pl.col("measure").str.starts_with("passes_")).select(*KEYS, "cell", "value")


def with_few_carnets(part: Part, hidden: frozenset[str]) -> frozenset[str]:
    """The cells of `part` that say what became of the passes of a place, where its carnets are withheld: passes left
    and lost would tell how many there were."""
    few = {cell.removeprefix("prescribed|") for cell in hidden if cell.startswith("prescribed|territory|")}
    places = {cell.removesuffix(f"|{ALL}") for cell in few if cell.endswith(f"|{ALL}")}
    names = pl.col("cell").str.contains("^(life_|closing|stock)")
    at = pl.col("cell").str.extract(r"^[^|]*\|([^|]*\|[^|]*)\|")
    found = part.cells.filter(names, at.is_in(pl.Series(sorted(places), dtype=pl.String).implode()))
    return frozenset(found.filter(pl.col("value") > 0)["cell"])


def tables(part: Part, known: frozenset[str], lost: frozenset[str], maybe_none: frozenset[str] = frozenset()) -> Tables:
    """The additive tables of a part, where an earlier one already shows `known` and withholds `lost`. A zero that no
    page gives is one that no reader knows, and `maybe_none` may be nothing where they are withheld."""
    values = dict(part.cells.select("cell", "value").rows())
    counts = frozenset(part.cells.filter("is_count")["cell"])
    shown = frozenset(part.cells.filter("is_shown")["cell"])
    kind = pl.col("cell").str.extract(r"^[^|]*\|([^|]*)")
    weight = (
        # Which of the people reached are anonymous is the first to be lost: their number is never.
        pl.when(pl.col("cell").str.contains("^(identified|anonymous)"))
        .then(1.0)
        # Carnets are worth less than the people who hold them.
        .when(pl.col("cell").str.contains(r"^prescribed\|(territory|ami)"))
        .then(0.3)
        # A balance is the first of an account to be lost, and uses the last: their months are protected again with
        # those of the territories, where what is lost here has less room.
        .when(pl.col("cell").str.starts_with("closing|"))
        .then(0.05)
        .when(pl.col("cell").str.contains(r"^used\|programme\|\|\d"))
        .then(200.0)
        .when(pl.col("cell").str.ends_with(f"|{ALL}"))
        .then(kind.replace_strict(_WHOLE, default=1.0))
        .otherwise(kind.replace_strict(_WEIGHTS, default=1.0))
    )
    costs = dict(part.cells.select("cell", pl.col("value") * weight + 1).rows())
    grouped = part.sums.group_by("row", "total", maintain_order=True).agg("part").drop("row")
    return Tables(
        values=values,
        sums=tuple((total, tuple(members)) for total, members in grouped.rows()),
        counts=counts,
        published=shown - known - lost,
        at_most=_nested(values),
        known=known & values.keys(),
        costs=costs,
        withheld=lost & values.keys(),
        veiled=frozenset(part.cells.filter(~pl.col("is_shown"), pl.col("value") == 0)["cell"])
        | maybe_none & values.keys(),
    )


def _nested(values: dict[str, float]) -> tuple[tuple[str, str], ...]:
    """People reached, by answer, are among those equipped: a reader knows it."""
    pairs = ((name, name.replace("reached|", "equipped|", 1)) for name in values if name.startswith("reached|"))
    return tuple((small, large) for small, large in pairs if "=" in small and values.get(large, -1) >= values[small])


def _pairs(found: object) -> dict[str, str]:
    return dict(found.fetchall())  # type: ignore[attr-defined]


def _cells(of: Facts, measure: str) -> pl.DataFrame:
    """The cells whose count is `measure`: kind, place, span, cell, value."""
    return of.filter(measure=measure).select(*KEYS, "cell", "value")


def _part(name: str, shown: pl.DataFrame, *sums: pl.DataFrame, hidden: pl.DataFrame | None = None,
          sides: pl.DataFrame | None = None) -> Part:  # fmt: skip
    """A part of `shown` cells, and of `hidden` ones that count and are in no page; `sides`: cells that count nothing.

    A sum that does not hold (lines without a place) is completed by a cell of its own, for a reader knows the gap.
    """
    of = [_as(shown, is_shown=True, is_count=True)]
    of += [] if hidden is None else [_as(hidden, is_shown=False, is_count=True)]
    of += [] if sides is None else [_as(sides, is_shown=False, is_count=False)]
    cells = pl.concat(of).unique("cell", keep="first", maintain_order=True)
    value = cells.select("cell", "value")
    found = pl.concat(one.select("total", "part", row=pl.lit(number)) for number, one in enumerate(sums)).unique(
        maintain_order=True
    )
    found = found.join(value.rename({"cell": "part"}), on="part").join(
        value.rename({"cell": "total", "value": "whole"}), on="total"
    )
    made = found.group_by("row", "total", maintain_order=True).agg(
        pl.col("value").sum().alias("made"), pl.col("whole").first()
    )
    rest = pl.concat_str(pl.lit("reste "), "row", pl.lit("|"), "total")
    gap = pl.col("whole") - pl.col("made")
    short, over = made.filter(gap > _TOLERANCE), made.filter(gap < -_TOLERANCE)
    both = pl.concat_str(pl.lit("tout "), "row", pl.lit("|"), "total")
    added = [
        _as(short.select(rest.alias("cell"), gap.alias("value")), is_shown=False, is_count=True),
        _as(over.select(rest.alias("cell"), -gap.alias("value")), is_shown=False, is_count=False),
        _as(over.select(both.alias("cell"), pl.col("made").alias("value")), is_shown=False, is_count=False),
    ]
    lifted = over.select("row", "total", both=both)
    links = found.join(lifted, on=["row", "total"], how="left").select(
        "row", pl.coalesce("both", "total").alias("total"), "part"
    )
    more = [
        short.select("row", "total", rest.alias("part")),
        over.select((-1 - pl.col("row")).alias("row"), both.alias("total"), pl.col("total").alias("part")),
        over.select((-1 - pl.col("row")).alias("row"), both.alias("total"), rest.alias("part")),
    ]
    # The search reads them in their order: it must be one, or the same version would be masked in two ways.
    return Part(name, pl.concat([cells, *added]).sort("cell"), pl.concat([links, *more]).sort(pl.all()))


def _as(cells: pl.DataFrame, *, is_shown: bool, is_count: bool) -> pl.DataFrame:
    return cells.select("cell", "value", is_shown=pl.lit(is_shown), is_count=pl.lit(is_count))


def _whole(counted: Cells, every: Cells, lieux: pl.DataFrame, flows: pl.DataFrame, none: pl.DataFrame,
           left: pl.DataFrame,
           life: pl.DataFrame, states: Facts, balances: tuple[pl.DataFrame, pl.DataFrame], curve: pl.DataFrame,
           calls: dict[str, str], homes: dict[str, str]) -> Part:  # fmt: skip
    """Since the start, all that passes are counted by: places, lieux, both crossed, statuses, steps, ends of validity;
    and the account of each year, and of each month of the programme, which ties them. What was issued was used,
    expired, cancelled, or can still be used. A year ends with its last month."""
    lieux, (years, months) = lieux.filter(span=ALL), balances
    moves, hidden, account = _account(counted, every, years)
    of_months, more_hidden, more = _account(counted, every, months)
    ends_of = (
        months.with_columns(span=pl.col("span").str.head(4))
        .group_by("kind", "place", "span")
        .agg(pl.col("cell").max().alias("part"))
    )
    year_ends = years.join(ends_of, on=["kind", "place", "span"]).select("part", total="cell")
    since = [every[name].filter(span=ALL) for name in MOVES]
    at = pl.concat([*since, life]).select(*KEYS).unique(maintain_order=True)
    ends = [at.select(total=cell("issued"), part=cell(name)) for name in ("used", "expired", "cancelled", "stock")]
    last = years.sort("span").unique(["kind", "place"], keep="last", maintain_order=True)
    left_of = last.join(left.filter(span=ALL).select("kind", "place", total="cell"), on=["kind", "place"])
    return _part(
        "whole", pl.concat([moves, of_months, *since, lieux, flows, left, life, years, months, curve]),
        *account, *more, year_ends, links.of_curve(curve, "used"), links.of_end(curve, "used"),
        *(links.of_places(cells, calls) for cells in (*since, left, life, years)),
        links.of_lieux(lieux, homes), links.of_flows(pl.concat([flows, none])), links.of_days(left),
        *links.of_life(states, at),
        pl.concat(ends), left_of.select("total", part="cell"),
        *(links.of_places(every[name].join(years.select("span").unique(), on="span", how="semi"), calls)
          for name in MOVES),
        hidden=pl.concat(frame.select("cell", "value") for frame in (states, hidden, more_hidden, none)),
        sides=pl.concat(_sides(spent, pl.concat([years, months, *every.values()], how="diagonal"))
                        for spent in (account[1], more[1])),
    )  # fmt: skip


def _account(
    counted: Cells, every: Cells, closing: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[pl.DataFrame]]:
    """The moves of an account that a page may show, those that are too fine for one, and the sums that tie them to its
    balances and to the spans above. every: the cells of the moves, those too fine included."""
    told = pl.concat(counted[name] for name in MOVES)
    moves = pl.concat(every[name] for name in MOVES)
    moves = moves.join(closing.select("kind", "place").unique(), on=["kind", "place"], how="semi")
    at = moves.join(closing.select("span").unique(), on="span", how="semi")
    levels = at.select(LEVEL.alias("level"))["level"].unique().to_list()
    finest = min((_FINE.index(level) for level in levels), default=0)
    above = moves.with_columns(level=LEVEL).filter(
        ~pl.col("level").is_in(_FINE[:finest])
    ).drop("level")  # fmt: skip
    sums = [*links.of_account(closing), links.of_time(above)]
    return above.join(told, on="cell", how="semi"), above.join(told, on="cell", how="anti"), sums


def _sides(spent: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The virtual cells that stand for both sides of an account."""
    value = cells.select(part="cell", value="value").unique("part")
    made = spent.join(value, on="part").group_by("total", maintain_order=True).agg(pl.col("value").sum())
    return made.rename({"total": "cell"})


def _lieux(lieux: pl.DataFrame, used: pl.DataFrame, homes: dict[str, str]) -> Part:
    """Lieux by quarter, year and since the start, which make what the programme used."""
    programme = used.filter(kind="programme").join(lieux.select("span").unique(), on="span", how="semi")
    sums = links.of_time(lieux), links.of_lieux(lieux, homes)
    return _part("lieux", pl.concat([lieux, programme]), *sums)


def _lots(lots: pl.DataFrame, life: pl.DataFrame, issued: pl.DataFrame) -> Part:
    """Lots and ends of validity, of the programme."""
    whole = pl.concat([life.filter(kind="programme"), issued.filter(kind="programme", span=ALL)])
    return _part("lots", pl.concat([lots, whole]), links.of_lots(lots))


def _beyond(counted: list[pl.DataFrame]) -> Part:
    """What two figures of a place leave between them: second carnets, people who wait."""
    every = pl.concat(counted)
    shown = pl.concat([every.select(cell="whole", value="of_whole"), every.select(cell="part", value="of_part")])
    sums = every.select(total="whole", part=pl.concat_list("part", "cell")).explode("part")
    return _part("beyond", shown, sums, hidden=every.select("cell", "value"))


def _people(of_people: Facts, months: pl.DataFrame, calls: dict[str, str], none: pl.DataFrame) -> Part:
    """People, by place, by answer, and from month to month of the programme; and those who wait to be trained. none:
    the answers that nobody gave, where no page says so."""
    told = of_people.select(*KEYS, "cell", "value").unique("cell", maintain_order=True)
    cells = pl.concat([told, none])
    sums = [links.of_reached(cells.head(1))]
    for carrier, counted in (("equipped", "equipped"), ("reached", "identified")):
        own = cells.filter(pl.col("cell").str.starts_with(f"{carrier}|"))
        ends = own.filter(pl.col("span").str.contains(r"^c\d"))
        sums += [links.of_curve(ends, carrier), links.of_end(ends, carrier), links.of_places(own, calls)]
        sums += links.of_answers(own, counted)
    waiting = people.waiting(cells)
    sums.append(links.of_waiting(waiting))
    hidden = pl.concat([months.select("cell", "value"), waiting, none.select("cell", "value")])
    return _part("people", told, *sums, hidden=hidden)
