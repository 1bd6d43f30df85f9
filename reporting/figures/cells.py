"""The cells of a period's publication, as the additive tables that small-count protection works on.

A cell is named measure|place|time: place is a territory, an EPT (« ept:… »), a lieu or the programme (« P »); time is
« 2022-10..2022-12 », or « ..2022-12 » for what is cumulative. Cells of value zero are left out: they are shown;
but people of whom there are none where there are carnets are written « s » with the carnets, and the empty months of a
territory with its others (emptiness.py).
Does not live here: choosing what is hidden (reporting/suppression), reading the figures (collect.py), what is known
besides sums (knowledge.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from programme.models import add_months
from reporting.figures.collect import Source, grouped
from reporting.figures.emptiness import Emptiness
from reporting.figures.knowledge import CARNETS_OF, PROGRAMME, cell, facts
from reporting.figures.period import Period
from reporting.suppression.tables import Sum, Tables

TERRITORY_MEASURES = ("people_equipped", "carnets_prescribed", "people_reached", "carnets_started", "passes_used")
#: The mask of each measure (frames.MEASURES says what else it covers).
FAMILIES = {
    "people_equipped": "equipped",
    "carnets_prescribed": "handed",
    "people_reached": "reached",
    "carnets_started": "started",
    "passes_used": "uses",
    "lieu_passes": "uses",
}
#: What the bilan compares with another period, of the whole programme: its hours and euros have the mask of the passes.
BESIDE = ("people_equipped", "people_reached", "passes_used")
_PEOPLE = {people: carnets for carnets, (people, _) in CARNETS_OF.items()}

#: Weight of a figure of the whole programme, and of carnets beside people and passes.
_WHOLE, _CARNETS = 10.0, 0.3

Span = tuple[date | None, date]


def cost(value: float, weight: float) -> float:
    """Reluctance to hide a cell. Bounded: beyond, a linear programme loses the small prices among the large."""
    return weight * min(max(value, 1.0), 5_000.0) / 10


def time_key(start: date | None, end: date) -> str:
    """« 2022-10..2022-12 » for those months; « ..2022-12 » from the programme's beginning."""
    return f"{'' if start is None else f'{start:%Y-%m}'}..{end:%Y-%m}"


def parse_key(key: str) -> Span:
    """First months of a time key; None for the programme's beginning."""
    start, end = key.split("..")
    return (date.fromisoformat(f"{start}-01") if start else None), date.fromisoformat(f"{end}-01")


def month_keys(period: Period) -> list[str]:
    return month_keys_of(period.months)


def month_keys_of(months: list[date]) -> list[str]:
    return [time_key(month, month) for month in months]


def period_key(period: Period) -> str:
    return time_key(period.start, period.months[-1])


def cumulative_key(period: Period) -> str:
    return time_key(None, period.months[-1])


def beside_keys(measure: str, period: Period) -> set[str]:
    """The times, besides its own, at which the bilan of `period` shows a measure of the whole programme: the period
    before, the same of the year before; of the passes used, the months that it draws."""
    if measure not in BESIDE:
        return set()
    drawn = month_keys_of(drawn_months(period)) if measure == "passes_used" else []
    return {period_key(period.before), period_key(period.year_before), *drawn} - set(month_keys(period))


def drawn_months(period: Period) -> list[date]:
    """The twelve months that end with the period."""
    return [add_months(period.months[-1], number) for number in range(-11, 1)]


def _atoms(keys: Iterable[str]) -> list[Span]:
    """The shortest spans that the given ones cut time into: what subtracting them can give."""
    spans = [parse_key(key) for key in keys]
    cuts = sorted({add_months(end, 1) for _, end in spans} | {start for start, _ in spans if start})
    starts: list[date | None] = [None, *cuts[:-1]] if cuts else []
    return [(start, add_months(cut, -1)) for start, cut in zip(starts, cuts, strict=True)]


@dataclass
class _Builder:
    values: dict[str, float] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    published: set[str] = field(default_factory=set)
    groups: dict[str, str] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)

    def series(
        self,
        measure: str,
        frame: pl.DataFrame,
        keys: set[str],
        empty: Callable[[str, pl.DataFrame], set[str]] | None = None,
    ) -> None:
        """Cells of one measure (frame: place, month, value) at every key and at the spans they cut time into.

        A column `present`, when there is one, says what must be above zero for the cell to exist (default: value).
        empty: the cells of this measure that exist although they are zero.
        """
        if "present" not in frame.columns:
            frame = frame.with_columns(present="value")
        atoms = [time_key(*span) for span in _atoms(keys)]
        for time in sorted({*keys, *atoms}):
            start, end = parse_key(time)
            inside = pl.col("month") <= end
            if start is not None:
                inside &= pl.col("month") >= start
            totals = frame.filter(inside).group_by("place").agg(pl.col("value", "present").sum())
            found = totals.filter(pl.col("present") > 0).sort("place")
            names = (cell(measure, place, time) for place in found["place"])
            self.values.update(zip(names, found["value"].cast(float), strict=True))
        for name in sorted(empty(measure, frame) if empty else ()):
            self.values.setdefault(name, 0.0)
        for key in sorted(keys - set(atoms)):
            start, end = parse_key(key)
            within = [a for a in atoms if self._within(parse_key(a), start, end)]
            for place in frame["place"].unique().sort():
                self.sum(cell(measure, place, key), [cell(measure, place, atom) for atom in within])

    @staticmethod
    def _within(atom: Span, start: date | None, end: date) -> bool:
        return atom[1] <= end and (start is None or (atom[0] is not None and atom[0] >= start))

    def sum(self, total: str, parts: Iterable[str]) -> None:
        """Add the sum when its total is a cell; parts that are none are zeros, and without any the total is one."""
        there = tuple(part for part in parts if part in self.values)
        if total in self.values and (there or not self.values[total]):
            self.sums.append((total, there))

    def publish(self, measure: str, place: str, time: str, weight: float = 1.0) -> None:
        """Show the cell; what it costs to hide it is what a reader loses, people or passes, times its weight."""
        name = cell(measure, place, time)
        if name in self.values:
            self.published.add(name)
            self.costs[name] = cost(self.values[name], weight)


def build_tables(
    source: Source, period: Period, known_keys: dict[str, set[str]], empty_before: frozenset[str] = frozenset()
) -> Tables:
    """The tables of `period`. known_keys: kind → times that earlier publications used (kinds: see `kind_of`, and
    `page_kind` for what pages showed).

    empty_before: zeros that earlier publications held.
    """
    months, whole, cumulative = month_keys(period), period_key(period), cumulative_key(period)
    own = {
        "territory": {*months, whole, cumulative},
        "lieu": {whole, cumulative},
        "audience": {whole, cumulative},
        "grouped": {cumulative} if period.ends_year else set(),
        "programme": beside_keys("people_equipped", period),
        "balance": set(balance_keys(period)) | beside_keys("passes_used", period),
    }
    keys = {kind: own.get(kind, set()) | known_keys.get(kind, set()) for kind in own.keys() | known_keys.keys()}
    blank = Emptiness(month_keys(period), period_key(period), empty_before)
    build = _filled(source, keys, blank)
    _publish(build, source, period)
    return _tables(build, source, blank)


def tables_at(source: Source, keys: dict[str, set[str]], empty_before: frozenset[str]) -> Tables:
    """The cells of documents at the times of `keys` (kind → times), none of them published: what ties what documents
    showed to what pages show."""
    blank = Emptiness([], "", empty_before)
    kinds = {"territory", "lieu", "audience", "grouped", "programme", "balance"} | keys.keys()
    return _tables(_filled(source, {kind: keys.get(kind, set()) for kind in kinds}, blank), source, blank)


def _filled(source: Source, keys: dict[str, set[str]], blank: Emptiness) -> _Builder:
    build = _Builder()
    _territories(build, source, keys, blank)
    _lieux(build, source, keys["lieu"])
    _audience(build, source, keys["audience"] | keys["grouped"])
    if keys["grouped"]:
        _grouped(build, source, keys["grouped"])
    return build


def _tables(build: _Builder, source: Source, blank: Emptiness) -> Tables:
    known = facts(build.values, _passes_a_carnet(source), _unknown_since(source))
    for name, value in build.values.items():
        measure, place, time = name.split("|")
        if measure in FAMILIES:
            # Nobody, but carnets: the zero is withheld with them.
            own = measure if value or blank.holds(name) else _PEOPLE.get(measure, measure)
            build.groups[name] = cell(FAMILIES[own], place, time)
    values = build.values | known.values
    return Tables(
        values=values,
        sums=tuple(dict.fromkeys([*build.sums, *known.sums])),
        counts=frozenset(values),
        published=frozenset(build.published),
        at_most=tuple(known.at_most),
        groups=build.groups,
        costs=build.costs,
        veiled=frozenset(name for name, value in values.items() if not value) | blank.veiled(build.values),
        limits=tuple(known.limits),
        follows=blank.follows(build.values, build.groups, _PEOPLE),
    )


def _passes_a_carnet(source: Source) -> float | None:
    """How many passes every carnet has; None when they differ, or nothing was issued."""
    issued = source.monthly.filter(pl.col("carnets_issued") > 0)
    sizes = issued.select((pl.col("passes_issued") / pl.col("carnets_issued")).unique()).to_series().to_list()
    return sizes[0] if len(sizes) == 1 else None


def _unknown_since(source: Source) -> dict[str, str]:
    """Territory or EPT → the first month when somebody whom nobody identified was trained there."""
    unknown = source.measures.filter(pl.col("indicator") == "people_reached_anonymous", pl.col("value") > 0)
    placed = _with_ept(unknown, source)
    first = (
        pl.concat([placed.select(pl.col(place).alias("place"), "month") for place in ("territory_code", "ept")])
        .group_by("place")
        .agg(pl.col("month").min().dt.strftime("%Y-%m"))
    )
    return dict(first.drop_nulls().rows())


def _with_ept(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """`frame` (territory_code, …) with the EPT of each territory as a place."""
    areas = source.territories.select("territory_code", ept=pl.lit("ept:") + pl.col("ept_name"))
    return frame.join(areas, on="territory_code", how="left").with_columns(
        pl.col("ept").fill_null("ept:Hors Métropole")
    )


def balance_keys(period: Period) -> list[str]:
    """The times of the mandate's balances: the month before the period, and each of its months."""
    return [time_key(None, add_months(period.months[0], -1)), *(time_key(None, month) for month in period.months)]


def kind_of(measure: str, place: str) -> str:
    """Which set of times a measure is published at; the programme is compared with other periods, and its passes used
    are at each balance of the mandate."""
    if measure == "lieu_passes":
        return "lieu"
    if measure == "passes_used" and place == PROGRAMME:
        return "balance"
    if measure.startswith("grouped:"):
        return "grouped"
    if measure in TERRITORY_MEASURES and place == PROGRAMME:
        return "programme"
    return "territory" if measure in TERRITORY_MEASURES else "audience"


def page_kind(measure: str, place: str) -> str:
    """Which set of times a measure that pages show is cut at: its own, so that others are not cut as finely."""
    kind = kind_of(measure, place)
    return f"{measure} {'P' if place == PROGRAMME else 'T'}" if kind in ("territory", "programme", "balance") else kind


def _territories(build: _Builder, source: Source, keys: dict[str, set[str]], blank: Emptiness) -> None:
    frame = _with_ept(source.monthly, source)
    everywhere = set().union(*(keys[kind] for kind in ("territory", "lieu", "audience", "grouped")))
    membership = frame.select("ept", "territory_code").unique().sort("ept", "territory_code")
    members = {ept: group["territory_code"].to_list() for (ept,), group in membership.group_by("ept")}
    for measure in TERRITORY_MEASURES:
        with_carnets = [measure, _PEOPLE[measure]] if measure in _PEOPLE else [measure]
        shown: dict[str, str | pl.Expr] = {"value": measure, "present": pl.sum_horizontal(with_carnets)}
        times = everywhere | keys["programme"] | (keys["balance"] if measure == "passes_used" else set())
        times = times | keys.get(page_kind(measure, PROGRAMME), set())
        on_pages = keys.get(page_kind(measure, ""), set())
        of_places = keys["territory"] | keys["grouped"] | on_pages
        for place, wanted in (("territory_code", of_places), ("ept", keys["territory"])):
            build.series(measure, frame.select(pl.col(place).alias("place"), "month", **shown), wanted, blank.cells)
        build.series(measure, frame.select(pl.lit(PROGRAMME).alias("place"), "month", **shown), times)
        for time in sorted({name.split("|")[2] for name in build.values if name.startswith(f"{measure}|")}):
            for ept, codes in sorted(members.items()):
                build.sum(cell(measure, ept, time), [cell(measure, code, time) for code in codes])
            build.sum(cell(measure, PROGRAMME, time), [cell(measure, ept, time) for ept in sorted(members)])


def _lieux(build: _Builder, source: Source, keys: set[str]) -> None:
    frame = source.lieu_month.select(pl.col("lieu_siret").alias("place"), "month", value="passes_used")
    build.series("lieu_passes", frame, keys)
    lieux = frame["place"].unique().sort().to_list()
    for time in _times(build, "lieu_passes"):
        build.sum(cell("passes_used", PROGRAMME, time), [cell("lieu_passes", lieu, time) for lieu in lieux])


def _audience(build: _Builder, source: Source, keys: set[str]) -> None:
    place = pl.lit(PROGRAMME).alias("place")
    for kind in ("anonymous", "identified"):
        people = source.measures.filter(indicator=f"people_reached_{kind}").select(place, "month", "value")
        build.series(f"reached_{kind}", people, keys)
    answers = source.audience.select("dimension", "category").unique().sort("dimension", "category").rows()
    for step in ("equipped", "reached"):
        for dimension, category in answers:
            frame = source.audience.filter(dimension=dimension, category=category)
            build.series(f"{step}:{dimension}={category}", frame.select(place, "month", value=f"people_{step}"), keys)
    times = sorted({name.split("|")[2] for name in build.values if name.startswith(("equipped:", "reached"))})
    for time in times:
        identified, everyone = cell("reached_identified", PROGRAMME, time), cell("people_reached", PROGRAMME, time)
        build.sum(everyone, [identified, cell("reached_anonymous", PROGRAMME, time)])
        for dimension in sorted({name for name, _ in answers}):
            categories = [category for name, category in answers if name == dimension]
            for step, total in (("equipped", cell("people_equipped", PROGRAMME, time)), ("reached", identified)):
                build.sum(total, [cell(f"{step}:{dimension}={c}", PROGRAMME, time) for c in categories])


def _grouped(build: _Builder, source: Source, keys: set[str]) -> None:
    frame = grouped(source.audience)
    detail = source.audience.select("dimension", "category").unique().sort("dimension", "category")
    merged = grouped(
        detail.with_columns(
            territory_code=pl.lit(""), month=pl.lit(date(2000, 1, 1)), people_equipped=1, people_reached=1
        )
    )
    territories = frame["territory_code"].unique().sort().to_list()
    for dimension, category in frame.select("dimension", "category").unique().sort("dimension", "category").rows():
        measure = f"grouped:{dimension}={category}"
        rows = frame.filter(dimension=dimension, category=category)
        build.series(measure, rows.select(place="territory_code", month="month", value="people_equipped"), keys)
        build.series(measure, rows.select(pl.lit(PROGRAMME).alias("place"), "month", value="people_equipped"), keys)
        for time in _times(build, measure):
            total = cell(measure, PROGRAMME, time)
            build.sum(total, [cell(measure, code, time) for code in territories])
            build.sum(
                total,
                [cell(f"equipped:{dimension}={c}", PROGRAMME, time) for c in _details(dimension, category, detail)],
            )
    if merged.is_empty():  # no prescription was delivered: nobody answered anything
        return
    for time in _times(build, f"grouped:{merged['dimension'][0]}={merged['category'][0]}"):
        for dimension in merged["dimension"].unique().sort():
            names = [f"grouped:{dimension}={c}" for c in merged.filter(dimension=dimension)["category"]]
            for code in territories:
                build.sum(cell("people_equipped", code, time), [cell(name, code, time) for name in names])


def grouped_answers(source: Source) -> dict[str, list[str]]:
    """Measure of the answers grouped → those that make it (« gender=femme »)."""
    detail = source.audience.select("dimension", "category").unique().sort("dimension", "category")
    groups = grouped(source.audience).select("dimension", "category").unique().sort("dimension", "category")
    return {
        f"grouped:{dimension}={group}": [f"{dimension}={answer}" for answer in _details(dimension, group, detail)]
        for dimension, group in groups.rows()
    }


def _details(dimension: str, group: str, detail: pl.DataFrame) -> list[str]:
    from reporting.figures.collect import GROUPED_ANSWERS, OTHER

    mapping = GROUPED_ANSWERS[dimension]
    return [c for c in detail.filter(dimension=dimension)["category"] if mapping.get(c, OTHER) == group]


def _times(build: _Builder, measure: str) -> list[str]:
    return sorted({name.split("|")[2] for name in build.values if name.startswith(f"{measure}|")})


def _publish(build: _Builder, source: Source, period: Period) -> None:
    """What the documents of a period show."""
    months, whole, cumulative = month_keys(period), period_key(period), cumulative_key(period)
    balances = balance_keys(period)
    for name in list(build.values):
        measure, place, time = name.split("|")
        kind = kind_of(measure, place)
        is_span = time in (cumulative, whole)
        # Carnets are worth less than the people who hold them.
        weight = _CARNETS if measure in CARNETS_OF else 1.0
        if kind == "grouped":
            if period.ends_year and time == cumulative and place != PROGRAMME:
                build.publish(measure, place, time, weight)
        elif place == PROGRAMME:
            if (
                is_span
                or (measure in TERRITORY_MEASURES and time in months)
                or (kind == "balance" and time in balances)
                or time in beside_keys(measure, period)
            ):
                build.publish(measure, place, time, weight * (_WHOLE if measure in TERRITORY_MEASURES else 1.0))
        elif is_span or (kind == "territory" and time in months and not place.startswith("ept:")):
            build.publish(measure, place, time, weight)
