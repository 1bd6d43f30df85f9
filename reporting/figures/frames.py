"""The publication as frames, one a table of the documents. Values stay whole here: a boolean column mask_… says
which of them a writer must withhold (`covered` tells which columns a mask covers).

Does not live here: column names of the files (anct/columns.yaml), choosing masks (publication.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from presentation.attention.money import ENTRIES
from programme.models import add_months
from reporting.figures.cells import FAMILIES, cumulative_key, month_keys, parse_key, period_key, time_key
from reporting.figures.collect import grouped
from reporting.figures.knowledge import PROGRAMME
from reporting.figures.publication import Publication

#: Measures of a territory, in the order they are shown, and the mask that covers each (None: not about people).
MEASURES: dict[str, str | None] = {
    "carnets_issued": None,
    "carnets_prescribed": "handed",
    "carnets_started": "started",
    "passes_issued": None,
    "passes_prescribed": "handed",
    "passes_used": "uses",
    "hours": "uses",
    "people_equipped": "equipped",
    "people_reached": "reached",
    "face_value_issued_eur": None,
    "face_value_used_eur": "uses",
    "reimbursed_eur": "uses",
    "state_share_eur": "uses",
}
MASKS = tuple(dict.fromkeys(FAMILIES.values()))
#: Hours of a month are a double (minutes ÷ 60): far under a minute, far over what adding them up loses.
DECIMALS = 6
LIEU_MEASURES = ("passes_used", "hours", "session_hours", "face_value_used_eur", "reimbursed_eur")


def territories(publication: Publication) -> pl.DataFrame:
    """Grain: one row per territory of marts.territory_progress. Measures with suffixes _period and _cum."""
    own = publication.source.territories.select(
        "territory_code", "territory_name", "ept_name", "ept_code", "ami", "is_participating", "participation_status",
        "people_target", "hours_target",
    )  # fmt: skip
    frame = _with_spans(publication, own, ["territory_code"], publication.source.monthly)
    frame = _with_active_lieux(publication, frame)
    return _with_masks(publication, frame, pl.col("territory_code")).sort("territory_code")


def participation(publication: Publication) -> list[str]:
    """The status of each participating territory: attested, or given as an example."""
    return publication.source.territories.filter("is_participating")["participation_status"].to_list()


def areas(publication: Publication) -> pl.DataFrame:
    """Grain: one row per EPT (établissement public territorial) with a participating or active territory."""
    names = publication.source.territories.select("territory_code", "ept_name", "ept_code", "is_participating")
    own = names.group_by("ept_name").agg(
        territories=pl.col("is_participating").sum(), ept_code=pl.col("ept_code").max()
    )
    monthly = publication.source.monthly.join(names, on="territory_code", how="left").with_columns(
        pl.col("ept_name").fill_null("Hors Métropole")
    )
    frame = _with_spans(publication, own, ["ept_name"], monthly)
    return _with_masks(publication, frame, pl.lit("ept:") + pl.col("ept_name")).sort("ept_name")


def territory_months(publication: Publication) -> pl.DataFrame:
    """Grain: one row per territory × month of the period (zeros included)."""
    names = publication.source.territories.select("territory_code", "territory_name")
    months = pl.DataFrame({"month": publication.period.months}, schema={"month": pl.Date})
    frame = names.join(months, how="cross").join(publication.source.monthly, on=["territory_code", "month"], how="left")
    frame = frame.with_columns(pl.col(list(MEASURES)).fill_null(0))
    for family in MASKS:
        frame = frame.with_columns(pl.lit(False).alias(f"mask_{family}"))
    masks = publication.hidden.filter(pl.col("time").is_in(month_keys(publication.period)))
    masks = masks.with_columns(month=(pl.col("time").str.slice(0, 7) + "-01").str.to_date())
    for family in MASKS:
        found = masks.filter(family=family).select("month", territory_code="place", found=pl.lit(True))
        frame = (
            frame.join(found, on=["territory_code", "month"], how="left")
            .with_columns(pl.col("found").fill_null(False).alias(f"mask_{family}"))
            .drop("found")
        )
    return frame.sort("territory_code", "month")


def programme_months(publication: Publication) -> pl.DataFrame:
    """Grain: one row per month of the period, the whole programme."""
    months = pl.DataFrame({"month": publication.period.months}, schema={"month": pl.Date})
    summed = publication.source.monthly.group_by("month").agg(
        _sum(publication.source.monthly, name) for name in MEASURES
    )
    frame = months.join(summed, on="month", how="left").with_columns(pl.col(list(MEASURES)).fill_null(0))
    for family in MASKS:
        times = publication.hidden.filter(family=family, place=PROGRAMME)["time"]
        key = pl.col("month").dt.strftime("%Y-%m")
        frame = frame.with_columns((key + ".." + key).is_in(times.implode()).alias(f"mask_{family}"))
    return frame.sort("month")


def withheld_months(publication: Publication) -> list[date]:
    """Months whose uses of the whole programme are withheld, by this publication or an earlier one."""
    cells = (name.split("|") for name in publication.mask.hidden | publication.tables.withheld)
    spans = (
        parse_key(time.split("=")[0]) for kind, place, time in cells if (kind, place) == ("passes_used", PROGRAMME)
    )
    return sorted({end for start, end in spans if start == end})


def programme(publication: Publication) -> pl.DataFrame:
    """Grain: one row, the whole programme: every measure with suffixes _period and _cum."""
    own = pl.DataFrame({"place": [PROGRAMME]})
    frame = _with_spans(publication, own, ["place"], publication.source.monthly.with_columns(place=pl.lit(PROGRAMME)))
    # The share of the whole programme is under its ceiling: what that takes off is of no territory.
    frame = frame.with_columns(
        pl.lit(measured(publication, "state_share_due_eur", start)).alias(f"state_share_eur_{scope}")
        for scope, start, _ in _spans(publication)
    )
    return _with_masks(publication, frame, pl.lit(PROGRAMME))


def lieux(publication: Publication) -> pl.DataFrame:
    """Grain: one row per lieu with a use by the period's end."""
    own = publication.source.lieux.select("lieu_siret", "lieu_name", "city_name", "territory_code", "is_inferred")
    frame = _with_spans(publication, own, ["lieu_siret"], publication.source.lieu_month, LIEU_MEASURES)
    for scope, time in _scopes(publication):
        hidden = publication.withheld("uses", time)
        frame = frame.with_columns(pl.col("lieu_siret").is_in(hidden).alias(f"mask_uses_{scope}"))
    return frame.filter(pl.col("passes_used_cum") > 0).sort("lieu_siret")


def audience(publication: Publication) -> pl.DataFrame:
    """Grain: one row per dimension × answer, the whole programme; people equipped and reached (identified ones)."""
    steps = ["people_equipped", "people_reached"]
    own = publication.source.audience.select("dimension", "category").unique()
    frame = own
    for scope, start, end in _spans(publication):
        answers = _between(publication.source.audience, start, end).group_by("dimension", "category")
        part = answers.agg(pl.col(name).sum().alias(f"{name}_{scope}") for name in steps)
        frame = frame.join(part, on=["dimension", "category"], how="left")
    frame = frame.with_columns(pl.selectors.numeric().fill_null(0))
    for scope, time in _scopes(publication):
        for step in ("equipped", "reached"):
            names = publication.hidden.filter(place=PROGRAMME, time=time)["family"].to_list()
            key = pl.lit(f"{step}:") + pl.col("dimension") + "=" + pl.col("category")
            frame = frame.with_columns(key.is_in(names).alias(f"mask_{step}_{scope}"))
    return frame.sort("dimension", "category")


def territory_audience(publication: Publication) -> pl.DataFrame:
    """Grain: one row per territory × dimension × grouped answer, cumulative; no row unless the period ends a year."""
    empty = publication.source.territories.select("territory_code", "territory_name")
    if not publication.period.ends_year:
        empty = empty.clear()
    time = cumulative_key(publication.period)
    answers = grouped(publication.source.audience)
    kinds = answers.select("dimension", "category").unique()
    counted = _between(answers, None, publication.period.months[-1]).group_by(
        "territory_code", "dimension", "category"
    ).agg(people_equipped_cum=pl.col("people_equipped").sum())  # fmt: skip
    frame = empty.join(kinds, how="cross").join(counted, on=["territory_code", "dimension", "category"], how="left")
    masks = publication.hidden.filter(pl.col("time") == time).select(
        "family", territory_code="place", mask_equipped_cum=pl.lit(True)
    )
    return (
        frame.with_columns(
            pl.col("people_equipped_cum").fill_null(0),
            family=pl.lit("grouped:") + pl.col("dimension") + "=" + pl.col("category"),
        )
        .join(masks, on=["family", "territory_code"], how="left")
        .with_columns(pl.col("mask_equipped_cum").fill_null(False))
        .drop("family")
        .sort("territory_code", "dimension", "category")
    )


def ledger(publication: Publication) -> pl.DataFrame:
    """Grain: one row per month of the period, the whole mandate (marts.mandate_ledger summed over territories).

    Masks follow the programme's passes used, of the month (mask_uses) and since the start: a balance is what was issued
    less what was used, expired or cancelled by then (mask_opening, mask_closing).
    """
    measures = [name for name in publication.source.ledger.columns if name.endswith(("_passes", "_eur"))]
    hidden = publication.hidden.filter(family="uses", place=PROGRAMME)["time"].implode()
    months = publication.period.months
    keys = pl.DataFrame(
        [(m, time_key(m, m), time_key(None, add_months(m, -1)), time_key(None, m)) for m in months],
        schema={"month": pl.Date, "uses": pl.String, "opening": pl.String, "closing": pl.String},
        orient="row",
    )
    return (
        publication.source.ledger.filter(pl.col("month").is_in(months))
        .group_by("month")
        .agg(pl.col(measures).sum())
        .join(keys.select("month", pl.exclude("month").is_in(hidden).name.prefix("mask_")), on="month")
        .sort("month")
    )


def measured(publication: Publication, code: str, start: date | None) -> float:
    """A measure of the whole programme up to the period's end, from `start` on (None: since the beginning)."""
    rows = publication.source.measures.filter(indicator=code)
    return round(float(_between(rows, start, publication.period.months[-1])["value"].sum()), DECIMALS)


@dataclass(frozen=True)
class CreditNotes:
    """Euros of face value: expired or cancelled (born), received back, and what is left to receive."""

    born: float
    received: float
    left: float


def credit_notes(publication: Publication, start: date | None) -> CreditNotes:
    """The credit notes of the whole mandate, from `start` (None: since the beginning) to the period's end."""
    rows = _between(publication.source.credit_notes, start, publication.period.months[-1])
    born, received = (rows.filter(is_born=is_born)["credit_note_eur"].sum() for is_born in (True, False))
    # A credit note received takes from those due.
    return CreditNotes(float(born), abs(float(received)), float(rows["credit_note_eur"].sum()))


def has_budget(publication: Publication) -> bool:
    """Whether any budget entry was delivered up to the period's end: without one, a zero is not a figure."""
    entries = publication.source.measures.filter(pl.col("indicator").is_in(ENTRIES))
    return not _between(entries, None, publication.period.months[-1]).is_empty()


def active_lieux(publication: Publication, start: date | None) -> int:
    """Lieux of the directory with a counted use from `start` to the period's end."""
    return _active(publication, "lieux_active", start)


def active_territories(publication: Publication, start: date | None) -> int:
    """Participating territories with a counted use from `start` to the period's end."""
    return _active(publication, "territories_active", start)


def _active(publication: Publication, code: str, start: date | None) -> int:
    if start is None:
        return int(measured(publication, code, None))
    return int(_active_period(publication)[code].sum())


def _active_period(publication: Publication) -> pl.DataFrame:
    """The rows of marts.active_period of the publication's period: one a territory with a use."""
    period = publication.period
    return publication.source.active.filter(months=len(period.months), starts_on=period.start)


def _between(frame: pl.DataFrame, start: date | None, end: date) -> pl.DataFrame:
    inside = pl.col("month") <= end
    return frame.filter(inside if start is None else inside & (pl.col("month") >= start))


def _sum(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The sum of months, the same in any order of its rows: half an hour is shown as a half, not as a hair under it."""
    total = pl.col(name).sum()
    return total.round(DECIMALS) if frame.schema[name].is_float() else total


def _spans(publication: Publication) -> list[tuple[str, date | None, date]]:
    last = publication.period.months[-1]
    return [("period", publication.period.start, last), ("cum", None, last)]


def _scopes(publication: Publication) -> list[tuple[str, str]]:
    return [("period", period_key(publication.period)), ("cum", cumulative_key(publication.period))]


def _with_spans(
    publication: Publication,
    own: pl.DataFrame,
    keys: list[str],
    monthly: pl.DataFrame,
    measures: tuple[str, ...] = tuple(MEASURES),
) -> pl.DataFrame:
    frame = own
    for scope, start, end in _spans(publication):
        part = (
            _between(monthly, start, end)
            .group_by(keys)
            .agg(_sum(monthly, name).alias(f"{name}_{scope}") for name in measures)
        )
        frame = frame.join(part, on=keys, how="left").with_columns(
            pl.col(f"{name}_{scope}").fill_null(0) for name in measures
        )
    return frame


def _with_active_lieux(publication: Publication, frame: pl.DataFrame) -> pl.DataFrame:
    first_uses = publication.source.measures.filter(indicator="lieux_active")
    since_start = _between(first_uses, None, publication.period.months[-1]).select(
        "territory_code", lieux_active="value"
    )
    for scope, rows in (("period", _active_period(publication)), ("cum", since_start)):
        counted = rows.group_by("territory_code").agg(pl.col("lieux_active").sum().alias(f"lieux_active_{scope}"))
        frame = frame.join(counted, on="territory_code", how="left").with_columns(
            pl.col(f"lieux_active_{scope}").fill_null(0).cast(pl.Int64)
        )
    return frame


def _with_masks(publication: Publication, frame: pl.DataFrame, place: pl.Expr) -> pl.DataFrame:
    for scope, time in _scopes(publication):
        for family in MASKS:
            hidden = publication.withheld(family, time)
            frame = frame.with_columns(place.is_in(hidden).alias(f"mask_{family}_{scope}"))
    return frame


__all__ = [
    "LIEU_MEASURES", "MEASURES", "CreditNotes", "active_lieux", "active_territories", "areas", "audience",
    "credit_notes", "has_budget", "ledger", "lieux", "measured", "participation", "programme", "programme_months",
    "territories", "territory_audience", "territory_months", "withheld_months",
]  # fmt: skip
