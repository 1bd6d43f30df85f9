"""A publication written out by hand, for the tests of the sentences: two territories, one lieu, a quarter of 2023.

Does not live here: the figures of a real version (tests/integration/reporting), the expectations (the tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from programme.config import Programme, load_programme
from reporting.figures.collect import RENAMED, Source
from reporting.figures.frames import MEASURES
from reporting.figures.period import parse_period
from reporting.figures.publication import Publication
from reporting.figures.summary import summary
from reporting.suppression import Mask, Tables
from warehouse.published.versions import Version

Rows = Sequence[dict[str, Any]]

A, B = "94080", "93048"
NAMES = {A: "Vincennes", B: "Montreuil"}


def month(territory: str, day: date, **measures: float) -> dict[str, Any]:
    """One row of Source.monthly: a territory's month; a use is worth 10 €, half of it due, half an hour, a person."""
    used = measures.get("passes_used", 0)
    return {
        "state_share_eur": 5 * used,
        "territory_code": territory,
        "month": day,
        "hours": used / 2,
        "people_reached": used,
        "face_value_used_eur": 10 * used,
    } | measures


def money(state: int, communes: int = 0, day: date = date(2023, 5, 1)) -> Rows:
    """Rows of marts.measure_month: what the State and the communes paid."""
    paid = {"received_state_eur": state, "received_communes_eur": communes, "received_eur": state + communes}
    return [{"indicator": name, "month": day, "value": float(value)} for name, value in paid.items()]


def passes(territory: str, expires_on: date, number: int) -> dict[str, Any]:
    """One row of the stock: passes of 10 € still usable."""
    return {
        "territory_code": territory,
        "expires_on": expires_on,
        "passes": number,
        "face_value_eur": Decimal(10 * number),
    }


def write(
    *,
    period: str = "2023-T4",
    as_of: date = date(2023, 12, 31),
    monthly: Rows = (),
    stock: Rows = (),
    measures: Rows = (),
    states: dict[str, str] | None = None,
    ledger: Rows = (),
    credit_notes: Sequence[tuple[date, int]] = (),
    lieu_month: Rows = (),
    exclusions: Rows = (),
    hidden: tuple[str, ...] = (),
    **settings: Any,
) -> Publication:
    """The publication of `period` with these rows. `hidden`: groups « family|place|time ». settings: of the version.

    measures: rows of marts.measure_month besides those of `monthly`.
    credit_notes: month and euros, negative where received. states: of the territories that are not active.
    """
    empty = pl.DataFrame()
    version = Version("20240101T060000Z-abcdef", Path("nulle-part"), as_of, datetime(2024, 1, 1, 6), False, "0" * 64)
    codes = sorted(NAMES)
    territories = pl.DataFrame(
        {
            "territory_code": codes,
            "territory_name": [NAMES[code] for code in codes],
            "ept_name": ["EPT"] * 2,
            "ept_code": ["200058519"] * 2,
            "ami": [1] * 2,
            "is_participating": [True] * 2,
            "participation_status": ["atteste"] * 2,
            "people_target": [None] * 2,
            "hours_target": [None] * 2,
        },
        schema_overrides={"people_target": pl.Int64, "hours_target": pl.Int64},
    )
    keys = {"territory_code": pl.String, "month": pl.Date}
    wide = _frame(monthly, keys | dict.fromkeys(MEASURES, pl.Float64))
    long = {"indicator": pl.String, "month": pl.Date, "territory_code": pl.String, "value": pl.Float64}
    by_month = wide.unpivot(index=list(keys), variable_name="indicator", value_name="value").with_columns(
        pl.col("indicator").replace({new: old for old, new in RENAMED.items()})
    )
    all_measures = pl.concat([by_month.select(list(long)), pl.DataFrame(list(measures), schema=long)])
    sirets = sorted({row["lieu_siret"] for row in lieu_month})
    source = Source(
        version=version,
        code_version="",
        measures=all_measures,
        monthly=wide,
        active=pl.DataFrame(
            schema={
                "months": pl.Int32, "starts_on": pl.Date, "territory_code": pl.String, "lieux_active": pl.Int64,
                "territories_active": pl.Int64,
            }
        ),
        territories=territories,
        lieux=pl.DataFrame(
            [(siret, siret, "", A, False) for siret in sirets],
            schema=["lieu_siret", "lieu_name", "city_name", "territory_code", "is_inferred"],
            orient="row",
        ).cast({"lieu_siret": pl.String, "territory_code": pl.String, "is_inferred": pl.Boolean}),
        lieu_month=_frame(
            lieu_month,
            {"lieu_siret": pl.String, "month": pl.Date}
            | dict.fromkeys(
                ("passes_used", "hours", "session_hours", "face_value_used_eur", "reimbursed_eur"), pl.Float64
            ),
        ),
        audience=pl.DataFrame(
            schema={
                "territory_code": pl.String, "dimension": pl.String, "category": pl.String, "month": pl.Date,
                "people_equipped": pl.Int64, "people_reached": pl.Int64,
            }
        ),
        ledger=_frame(
            ledger,
            {"month": pl.Date}
            | {
                f"{name}_{unit}": pl.Float64
                for name in ("opening", "issued", "used", "expired", "cancelled", "closing")
                for unit in ("passes", "eur")
            },
        ),
        state_share=_state_share(all_measures),
        credit_notes=pl.DataFrame(
            [(day, euros > 0, Decimal(euros)) for day, euros in credit_notes],
            schema={"month": pl.Date, "is_born": pl.Boolean, "credit_note_eur": pl.Decimal(18, 2)},
            orient="row",
        ),
        indicators=empty,
        deliveries=empty,
        checks=empty,
        exclusions=pl.DataFrame(list(exclusions), schema={"reason": pl.String, "month": pl.Date, "lines": pl.Int64}),
        projection=empty,
        reliability=empty,
        daily=empty,
        progress=empty,
    )  # fmt: skip
    usable = pl.DataFrame(
        list(stock),
        schema={
            "territory_code": pl.String, "expires_on": pl.Date, "passes": pl.Int64,
            "face_value_eur": pl.Decimal(18, 2),
        },
    )  # fmt: skip
    worth = usable.group_by("territory_code").agg(
        face_value_usable_eur=pl.col("face_value_eur").sum(), passes_usable=pl.col("passes").sum()
    )
    known = pl.DataFrame([{"territory_code": code, "state": (states or {}).get(code, "active")} for code in codes])
    programme = Programme.model_validate(load_programme().model_dump() | settings)
    mask = Mask(frozenset(hidden), frozenset(hidden), frozenset(), frozenset())
    tables = Tables({}, (), frozenset(), frozenset())
    return Publication(
        parse_period(period),
        source,
        programme,
        tables,
        frozenset(),
        mask,
        usable,
        known.join(worth, on="territory_code", how="left"),
    )


def rows_of(publication: Publication) -> dict[str, dict[str, Any]]:
    """figures.summary by code, as the bilan takes it."""
    return summary(publication).rows_by_key("code", named=True, include_key=True, unique=True)


def _frame(rows: Rows, schema: dict[str, Any]) -> pl.DataFrame:
    """Rows with zeros where they say nothing."""
    zeros = {name: 0.0 for name, kind in schema.items() if kind == pl.Float64}
    return pl.DataFrame([zeros | row for row in rows], schema=schema)


def _state_share(measures: pl.DataFrame) -> pl.DataFrame:
    """marts.state_share below its ceiling: what is left to call is the share due less what the State paid."""
    due = pl.col("value").filter(indicator="state_share_due_eur").sum()
    received = pl.col("value").filter(indicator="received_state_eur").sum()
    by_month = measures.group_by("month").agg(to_call_eur=due - received).sort("month")
    return by_month.with_columns(pl.col("to_call_eur").cum_sum())
