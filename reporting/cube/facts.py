"""Every figure of places and months that the pages of a protected reader may show.

A figure is a fact: (kind, place, span, measure) → value; facts of one `cell`, named after the count that decides, are
shown or withheld together. Spans: a month (2021-03), a quarter (2021-T1), a year, `tout`; `c2021-03` from the start to
the end of a month; `d2024-01-31` what lapses on a day. A lieu has no month: too few passes for one to be shown. Does
not live here: people (people.py), what adds up to what (links.py), what is withheld (choose.py).
"""

from __future__ import annotations

import duckdb
import polars as pl

#: Measure → the count that decides whether it is shown. Passes are prescribed by the carnet, which is one person.
CARRIERS = {
    "passes_used": "used", "face_value_used_eur": "used", "hours": "used", "hours_nominal": "used",
    "carnets_prescribed": "prescribed", "passes_prescribed": "prescribed", "face_value_prescribed_eur": "prescribed",
    "passes_issued": "issued", "face_value_issued_eur": "issued",
    "passes_expired": "expired", "face_value_expired_eur": "expired",
    "passes_cancelled": "cancelled", "face_value_cancelled_eur": "cancelled",
}  # fmt: skip
#: The measure that each of them is.
COUNTS = {
    "used": "passes_used", "prescribed": "carnets_prescribed", "issued": "passes_issued", "expired": "passes_expired",
    "cancelled": "passes_cancelled", "closing": "passes_closing", "stock": "passes_usable",
}  # fmt: skip
#: Told of the whole programme since the start alone. Carnets decide, and beside people they tell how many have a second
#: one; nominal hours are those of a few attendances among others.
OF_THE_WHOLE = ("carnets_prescribed", "hours_nominal")
#: Status of marts.pass_lifecycle → how the dictionary names its measures.
STATUSES = {
    "in_stock": "in_stock", "with_prescriber": "with_prescriber", "prescribed": "prescribed_unused", "used": "used",
    "expired": "expired", "cancelled": "cancelled",
}  # fmt: skip
#: The steps of a pass, by the column that says it went through, and how their measures are named.
STEPS = {"is_delivered": "delivered", "is_prescribed": "prescribed", "is_started": "started",
         "is_reimbursed": "reimbursed"}  # fmt: skip
OF_LIEUX = ("passes_used", "face_value_used_eur", "hours", "sessions", "session_hours")
KEYS = ("kind", "place", "span")
ALL = "tout"

#: One row a fact: kind, place, span, measure, value, cell.
Facts = pl.DataFrame


def cell(carrier: pl.Expr | str) -> pl.Expr:
    """The name of the cell of a fact."""
    name = pl.lit(carrier) if isinstance(carrier, str) else carrier
    return pl.concat_str(name, *KEYS, separator="|").alias("cell")


def spans(*levels: str) -> pl.Expr:
    """The spans of a `month` (a date) at these levels."""
    month = pl.col("month")
    year = month.dt.strftime("%Y")
    written = {
        "month": month.dt.strftime("%Y-%m"),
        "quarter": pl.concat_str(year, pl.lit("-T"), month.dt.quarter()),
        "year": year,
        ALL: pl.lit(ALL),
    }
    return pl.concat_list(written[level] for level in levels).alias("span")


def by_place(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of a territory (territory_code, ami), once for it, once for its call, once for the programme."""
    code, ami = pl.col("territory_code").fill_null(""), pl.col("ami").cast(pl.String).fill_null("")
    return pl.concat(
        frame.with_columns(pl.lit(kind).alias("kind"), place.alias("place"))
        for kind, place in (("territory", code), ("ami", ami), ("programme", pl.lit("")))
    ).drop("territory_code", "ami")


def added(frame: pl.DataFrame) -> Facts:
    """The facts of rows that have kind, place, span, measure, value and carrier. Rows are added in one order, whatever
    that of the answer: sums of hours are the same to the last digit."""
    keys = (*KEYS, "measure", "carrier")
    return (
        frame.sort(*keys, "value")
        .group_by(*keys, maintain_order=True)
        .agg(pl.col("value").sum())
        .with_columns(cell(pl.col("carrier")))
        .drop("carrier")
    )


def _long(frame: pl.DataFrame, index: list[str], names: dict[str, str]) -> pl.DataFrame:
    """The columns `names` (column → measure) of a wide frame, one row each."""
    return (
        frame.select(*index, *(pl.col(column).cast(pl.Float64).alias(name) for column, name in names.items()))
        .unpivot(index=index, variable_name="measure")
    )  # fmt: skip


def places(con: duckdb.DuckDBPyConnection) -> Facts:
    """Territories, calls for projects and the programme, at every level of time."""
    rows = con.execute(
        "select indicator as measure, month, territory_code, ami, value from marts.measure_month"
        " where list_contains($measures, indicator)",
        {"measures": list(CARRIERS)},
    ).pl()
    rows = rows.with_columns(spans("month", "quarter", "year", ALL)).explode("span")
    return added(by_place(rows).with_columns(carrier=pl.col("measure").replace_strict(CARRIERS)))


def lieux(con: duckdb.DuckDBPyConnection) -> Facts:
    """Lieux, those of each territory, and all of them, by quarter, year and since the start."""
    rows = con.execute(
        "select lieu_siret, coalesce(territory_code, '') as territory_code, month, passes_used, face_value_used_eur,"
        " hours, sessions, session_hours from marts.lieu_activity"
    ).pl()
    rows = rows.with_columns(spans("quarter", "year", ALL)).explode("span")
    rows = _long(rows, ["lieu_siret", "territory_code", "span"], {name: name for name in OF_LIEUX})
    at = (("lieu", pl.col("lieu_siret")), ("lieux", pl.col("territory_code")), ("lieux", pl.lit("*")))
    placed = pl.concat(
        rows.with_columns(pl.lit(kind).alias("kind"), place.alias("place"), pl.lit("used").alias("carrier"))
        for kind, place in at
    )
    return added(placed)


def flows(con: duckdb.DuckDBPyConnection) -> Facts:
    """Since the start: territory > territory of the lieu."""
    rows = con.execute(
        "select territory_code || '>' || lieu_territory_code as place, passes_used, face_value_used_eur"
        " from marts.territory_flows"
    ).pl()
    names = {name: name for name in ("passes_used", "face_value_used_eur")}
    long = _long(rows, ["place"], names).with_columns(kind=pl.lit("flow"), span=pl.lit(ALL), carrier=pl.lit("used"))
    return added(long)


def account(con: duckdb.DuckDBPyConnection) -> Facts:
    """The balance at the end of each year, and of each month for the programme alone."""
    rows = con.execute(
        "select ledger.month, ledger.territory_code, territory.ami, ledger.closing_passes, ledger.closing_eur"
        " from marts.mandate_ledger as ledger left join core.dim_territory as territory using (territory_code)"
    ).pl()
    names = {"closing_passes": "passes_closing", "closing_eur": "face_value_closing_eur"}
    ends = rows.filter(pl.col("month") == pl.col("month").max().over(pl.col("month").dt.year()))
    index = ["month", "territory_code", "ami"]
    years = by_place(_long(ends, index, names)).with_columns(spans("year")).explode("span")
    months = by_place(_long(rows, index, names)).filter(kind="programme").with_columns(spans("month")).explode("span")
    return added(pl.concat([years, months]).with_columns(carrier=pl.lit("closing")))


def stock(con: duckdb.DuckDBPyConnection) -> Facts:
    """What can still be used at the date of the data, by the day it lapses, and in all."""
    rows = con.execute(
        "select stock.territory_code, territory.ami, stock.expires_on, stock.passes, stock.face_value_eur"
        " from marts.stock_month as stock left join core.dim_territory as territory using (territory_code)"
        " where stock.month = (select max(month) from marts.stock_month)"
    ).pl()
    rows = rows.with_columns(span=pl.concat_list(pl.col("expires_on").dt.strftime("d%Y-%m-%d"), pl.lit(ALL)))
    names = {"passes": "passes_usable", "face_value_eur": "face_value_usable_eur"}
    long = _long(rows.explode("span"), ["territory_code", "ami", "span"], names)
    return added(by_place(long).with_columns(carrier=pl.lit("stock")))


def life(con: duckdb.DuckDBPyConnection) -> tuple[Facts, Facts]:
    """Since the start: the passes at each status and past each step; and, apart, the states that make both up, which
    no page shows."""
    rows = con.execute(
        "select life.territory_code, territory.ami, life.status, life.is_delivered, life.is_prescribed,"
        " life.is_started, life.is_reimbursed, life.passes, life.face_value_eur"
        " from marts.pass_lifecycle as life left join core.dim_territory as territory using (territory_code)"
    ).pl()
    rows = rows.with_columns(pl.concat_str("status", *STEPS, separator="+").alias("state"))
    index = ["territory_code", "ami", "name"]
    named = [rows.with_columns(name=pl.col("status").replace_strict(STATUSES))]
    named += [rows.filter(pl.col(flag)).with_columns(name=pl.lit(step)) for flag, step in STEPS.items()]
    at = pl.concat(named)
    passes = _long(at, index, {"passes": "passes"}).with_columns(measure=pl.concat_str(pl.lit("passes_"), "name"))
    euros = _long(at, index, {"face_value_eur": "eur"}).with_columns(
        measure=pl.concat_str(pl.lit("face_value_"), "name", pl.lit("_eur"))
    )
    told = by_place(pl.concat([passes, euros])).with_columns(
        span=pl.lit(ALL), carrier=pl.concat_str(pl.lit("life_"), "name")
    )
    states = by_place(_long(rows.with_columns(name="state"), index, {"passes": "passes"}))
    states = states.with_columns(span=pl.lit(ALL), carrier=pl.concat_str(pl.lit("state_"), "name"))
    return added(told), added(states)


def lots(con: duckdb.DuckDBPyConnection) -> Facts:
    """Of the programme: lot and year of the end of validity, at each status and in all."""
    rows = con.execute(
        "select lot_code || '/' || coalesce(validity_year::varchar, '') as place, status, passes, face_value_eur"
        " from marts.pass_lifecycle"
    ).pl()
    rows = rows.with_columns(
        name=pl.concat_list(pl.col("status").replace_strict(STATUSES), pl.lit("issued"))
    ).explode("name")  # fmt: skip
    passes = _long(rows, ["place", "name"], {"passes": "p"}).with_columns(
        measure=pl.concat_str(pl.lit("passes_"), "name")
    )
    euros = _long(rows, ["place", "name"], {"face_value_eur": "e"}).with_columns(
        measure=pl.concat_str(pl.lit("face_value_"), "name", pl.lit("_eur"))
    )
    long = pl.concat([passes, euros]).with_columns(
        kind=pl.lit("lot"), span=pl.lit(ALL), carrier=pl.concat_str(pl.lit("life_"), "name")
    )
    return added(long)


def curves(con: duckdb.DuckDBPyConnection) -> Facts:
    """Of the programme: what was reached at the end of each month, the last one at the date of the data."""
    names = {
        "passes_used": "used", "face_value_used_eur": "used", "hours": "used", "people_equipped": "equipped",
        "people_reached": "reached",
    }  # fmt: skip
    rows = con.execute(
        f"select date_day, {', '.join(names)} from marts.progress_daily"
        " where date_day = last_day(date_day) or date_day = (select max(date_day) from marts.progress_daily)"
    ).pl()
    long = _long(rows.with_columns(span=pl.col("date_day").dt.strftime("c%Y-%m")), ["span"], {n: n for n in names})
    return added(
        long.with_columns(
            kind=pl.lit("programme"), place=pl.lit(""), carrier=pl.col("measure").replace_strict(names)
        )
    )  # fmt: skip
