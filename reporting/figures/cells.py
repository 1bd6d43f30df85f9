"""The cells of a period's publication, as the additive tables that small-count protection works on.

A cell is named measure|place|time: place is a territory, an EPT (« ept:… »), a lieu or the programme (« P »); time is
« 2022-10..2022-12 », or « ..2022-12 » for what is cumulative. Cells of value zero are left out: they are shown;
but where one mask covers several measures and another of them is not zero, a zero is written « s » with it.
Does not live here: choosing what is hidden (reporting/suppression), reading the figures (collect.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from programme.models import add_months
from reporting.figures.collect import Source, grouped
from reporting.figures.period import Period
from reporting.suppression.tables import Sum, Tables

PROGRAMME = "P"
TERRITORY_MEASURES = ("people_equipped", "carnets_prescribed", "people_reached", "carnets_started", "passes_used")
#: Measures that one mask covers: each bounds the others, or says the same thing.
FAMILIES = {
    "people_equipped": "equipped",
    "carnets_prescribed": "equipped",
    "people_reached": "reached",
    "carnets_started": "reached",
    "passes_used": "uses",
    "lieu_passes": "uses",
}
#: What an outsider may suppose: nobody is equipped without a carnet, nobody reached without a pass.
_AT_MOST = {
    "people_equipped": ("carnets_prescribed",),
    "people_reached": ("carnets_started", "passes_used"),
}
# Reluctance to hide: a programme's total is worth many months of a territory.
_COST_PROGRAMME, _COST_EPT, _COST_CUMULATIVE, _COST_PERIOD, _COST_MONTH = 200.0, 6.0, 4.0, 3.0, 1.0

Span = tuple[date | None, date]


def time_key(start: date | None, end: date) -> str:
    """« 2022-10..2022-12 » for those months; « ..2022-12 » from the programme's beginning."""
    return f"{'' if start is None else f'{start:%Y-%m}'}..{end:%Y-%m}"


def parse_key(key: str) -> Span:
    """First months of a time key; None for the programme's beginning."""
    start, end = key.split("..")
    return (date.fromisoformat(f"{start}-01") if start else None), date.fromisoformat(f"{end}-01")


def cell(measure: str, place: str, time: str) -> str:
    return f"{measure}|{place}|{time}"


def month_keys(period: Period) -> list[str]:
    return [time_key(month, month) for month in period.months]


def period_key(period: Period) -> str:
    return time_key(period.start, period.months[-1])


def cumulative_key(period: Period) -> str:
    return time_key(None, period.months[-1])


def _atoms(keys: Iterable[str]) -> list[Span]:
    """The shortest spans that the given ones cut time into: what subtracting them can give."""
    spans = [parse_key(key) for key in keys]
    cuts = sorted({add_months(end, 1) for _, end in spans} | {start for start, _ in spans if start})
    starts: list[date | None] = [None, *cuts[:-1]]
    return [(start, add_months(cut, -1)) for start, cut in zip(starts, cuts, strict=True)]


@dataclass
class _Builder:
    values: dict[str, float] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    at_most: list[tuple[str, str]] = field(default_factory=list)
    published: set[str] = field(default_factory=set)
    groups: dict[str, str] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)

    def series(self, measure: str, frame: pl.DataFrame, keys: set[str]) -> None:
        """Cells of one measure (frame: place, month, value) at every key and at the spans they cut time into.

        A column `present`, when there is one, says what must be above zero for the cell to exist (default: value).
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

    def publish(self, measure: str, place: str, time: str, cost: float) -> None:
        name = cell(measure, place, time)
        if name in self.values:
            self.published.add(name)
            self.costs[name] = cost


def build_tables(source: Source, period: Period, known_keys: dict[str, set[str]]) -> Tables:
    """The tables of `period`. known_keys: kind → times that earlier publications used (kinds: see `kind_of`)."""
    months, whole, cumulative = month_keys(period), period_key(period), cumulative_key(period)
    keys = {
        "territory": {*months, whole, cumulative} | known_keys.get("territory", set()),
        "lieu": {whole, cumulative} | known_keys.get("lieu", set()),
        "audience": {whole, cumulative} | known_keys.get("audience", set()),
        "grouped": ({cumulative} if period.ends_year else set()) | known_keys.get("grouped", set()),
    }
    build = _Builder()
    _territories(build, source, keys)
    _lieux(build, source, keys["lieu"])
    _audience(build, source, keys["audience"] | keys["grouped"])
    if keys["grouped"]:
        _grouped(build, source, keys["grouped"])
    _publish(build, source, period)
    for name in build.values:
        measure, place, time = name.split("|")
        if measure in FAMILIES:
            build.groups[name] = cell(FAMILIES[measure], place, time)
        for larger in _AT_MOST.get(measure, ()):
            other = cell(larger, place, time)
            if other in build.values and build.values[other] >= build.values[name]:
                build.at_most.append((name, other))
    return Tables(
        values=build.values,
        sums=tuple(dict.fromkeys(build.sums)),
        counts=frozenset(build.values),
        published=frozenset(build.published),
        at_most=tuple(build.at_most),
        groups=build.groups,
        costs=build.costs,
        veiled=frozenset(name for name, value in build.values.items() if not value),
    )


def kind_of(measure: str) -> str:
    """Which set of times a measure is published at."""
    if measure == "lieu_passes":
        return "lieu"
    if measure.startswith("grouped:"):
        return "grouped"
    return "territory" if measure in TERRITORY_MEASURES else "audience"


def _territories(build: _Builder, source: Source, keys: dict[str, set[str]]) -> None:
    areas = source.territories.select("territory_code", ept=pl.lit("ept:") + pl.col("ept_name"))
    frame = source.monthly.join(areas, on="territory_code", how="left").with_columns(
        pl.col("ept").fill_null("ept:Hors Métropole")
    )
    everywhere = set().union(*keys.values())
    membership = frame.select("ept", "territory_code").unique().sort("ept", "territory_code")
    members = {ept: group["territory_code"].to_list() for (ept,), group in membership.group_by("ept")}
    for measure in TERRITORY_MEASURES:
        family = [name for name in TERRITORY_MEASURES if FAMILIES[name] == FAMILIES[measure]]
        shown: dict[str, str | pl.Expr] = {"value": measure, "present": pl.sum_horizontal(family)}
        for place, wanted in (("territory_code", keys["territory"] | keys["grouped"]), ("ept", keys["territory"])):
            build.series(measure, frame.select(pl.col(place).alias("place"), "month", **shown), wanted)
        build.series(measure, frame.select(pl.lit(PROGRAMME).alias("place"), "month", **shown), everywhere)
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


def _details(dimension: str, group: str, detail: pl.DataFrame) -> list[str]:
    from reporting.figures.collect import GROUPED_ANSWERS, OTHER

    mapping = GROUPED_ANSWERS[dimension]
    return [c for c in detail.filter(dimension=dimension)["category"] if mapping.get(c, OTHER) == group]


def _times(build: _Builder, measure: str) -> list[str]:
    return sorted({name.split("|")[2] for name in build.values if name.startswith(f"{measure}|")})


def _publish(build: _Builder, source: Source, period: Period) -> None:
    """What the documents of a period show."""
    months, whole, cumulative = month_keys(period), period_key(period), cumulative_key(period)
    times = [(cumulative, _COST_CUMULATIVE), (whole, _COST_PERIOD)]
    for name in list(build.values):
        measure, place, time = name.split("|")
        kind = kind_of(measure)
        base = dict(times).get(time)
        if kind == "grouped":
            if period.ends_year and time == cumulative and place != PROGRAMME:
                build.publish(measure, place, time, 2.0)
        elif place == PROGRAMME:
            if base is not None or (kind == "territory" and time in months):
                build.publish(measure, place, time, _COST_PROGRAMME if kind == "territory" else _COST_PROGRAMME / 10)
        elif base is not None:
            build.publish(measure, place, time, base + _COST_EPT if place.startswith("ept:") else base)
        elif kind == "territory" and time in months and not place.startswith("ept:"):
            build.publish(measure, place, time, _COST_MONTH)
