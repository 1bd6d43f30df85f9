"""The queries of a reader outside the team: the same answers, from the protected cube of the version alone.

Passes, money, people, curves and files; places, months and lieux are in the class it joins (queries_cube.py). Does not
live here: what is withheld (reporting/cube), what that reader's database holds (rights.py).
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from dashboards.periods import ALL, SPANS, cover, quarter_of
from dashboards.queries_account import MOVES, STEPS
from dashboards.queries_cube import CubeQueries, is_month, month_of_span
from dashboards.reading import Filters
from presentation.attention.passes import last_usable_on
from reporting.cube.facts import STATUSES
from reporting.cube.reading import lapsing_by_day, whole_sum
from warehouse.published.figure_address import Figure

_MOVES = {"passes": "passes_{}", "eur": "face_value_{}_eur"}
_STEP_NAMES = {"issued": "issued", "delivered": "delivered", "prescribed": "prescribed", "started": "started",
               "used": "used", "reimbursed": "reimbursed"}  # fmt: skip


class ProtectedReader(CubeQueries):
    """What a steering committee's member, or a territory's reader, may be shown."""

    def statuses(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        return self._named(filters, "status", STATUSES)

    def steps(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        return self._named(filters, "step", {name: _STEP_NAMES[name] for name in STEPS})

    def _named(self, filters: Filters, key: str, names: dict[str, str]) -> pl.DataFrame:
        """key → passes, face_value_eur."""
        pairs = {name: (f"passes_{measure}", f"face_value_{measure}_eur") for name, measure in names.items()}
        found = self._chosen(filters, tuple(name for pair in pairs.values() for name in pair), [ALL])
        row = found.row(0, named=True) if found.height else {}
        return pl.DataFrame(
            [(name, row.get(passes, 0.0), row.get(euros, 0.0)) for name, (passes, euros) in pairs.items()],
            schema={key: pl.String, "passes": pl.Float64, "face_value_eur": pl.Float64},
            orient="row",
        )

    def lot_statuses(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        names = {status: (f"passes_{name}", f"face_value_{name}_eur") for status, name in STATUSES.items()}
        found = self.facts("lot", tuple(name for pair in names.values() for name in pair), [ALL], [])
        ends = pl.col("place").str.split("/")
        return pl.concat(
            found.select(
                ends.list.first().alias("lot_code"),
                ends.list.last().cast(pl.Int32, strict=False).alias("validity_year"),
                pl.lit(status).alias("status"),
                pl.col(passes).alias("passes"),
                pl.col(euros).alias("face_value_eur"),
            )
            for status, (passes, euros) in names.items()
        )

    def _lapsing(self) -> pl.DataFrame:
        """kind, place, expires_on: what can still be used, by the day it lapses."""
        return lapsing_by_day(self.ask("select kind, place, span, measure, value from {fact} where span like 'd%'"))

    def stock(self) -> pl.DataFrame:
        """territory × day of expiry; what the territories withheld make together is of no territory."""
        found = self._lapsing()
        named = self.places().select("territory_code", "territory_name")
        own = found.filter(kind="territory").rename({"place": "territory_code"}).drop("kind")
        own = own.join(named, on="territory_code", how="left")
        return own.select(
            "territory_code", pl.coalesce("territory_name", "territory_code").alias("territory_name"), "expires_on",
            "passes", "face_value_eur",
        ).sort("territory_code", "expires_on")  # fmt: skip

    def stock_of_programme(self) -> pl.DataFrame:
        """day of expiry: passes and euros that the whole programme can still use."""
        found = self._lapsing().filter(kind="programme")
        return found.select("expires_on", "passes", "face_value_eur").sort("expires_on")

    def expiry_days(self, filters: Filters) -> pl.DataFrame:
        """One row a last usable day, soonest first: passes and euros; the paces are the team's."""
        kind, places = self._at(filters)
        found = self._lapsing().filter(pl.col("kind") == kind, pl.col("place").is_in(places))
        days = found.group_by(last_usable_on()).agg(whole_sum("passes"), whole_sum("face_value_eur"))
        return days.sort("last_usable_on")

    def expiry_places(self, filters: Filters, before: date) -> pl.DataFrame:
        """One row a territory that loses passes before that day, largest amount first; the paces are the team's."""
        rows = self.stock().with_columns(last_usable_on()).filter(pl.col("last_usable_on") < before)
        found = rows.filter(pl.col("territory_code").is_in(self._territories(filters).implode()))
        return (
            found.group_by("territory_name", "territory_code")
            .agg(whole_sum("passes"), whole_sum("face_value_eur"), pl.col("last_usable_on").min())
            .sort("face_value_eur", "territory_name", descending=[True, False], nulls_last=True)
        )

    def _territories(self, filters: Filters) -> pl.Series:
        """The territories that the filters choose, of those the reader may see."""
        kind, places = self._at(filters)
        if kind == "territory":
            return pl.Series(places, dtype=pl.String)
        known = self.places()
        return (known if kind == "programme" else known.filter(pl.col("ami") == filters.ami))["territory_code"]

    def expiry_risk(self, filters: Filters) -> pl.DataFrame:
        kind, places = self._at(filters)
        found = self._lapsing().filter(pl.col("kind") == kind, pl.col("place").is_in(places))
        dates = self.ask("select as_of, expiry_alert_days from {programme}").row(0, named=True)
        horizons = sorted({30, 60, dates["expiry_alert_days"]})
        rows = [
            found.filter(pl.col("expires_on") <= dates["as_of"] + timedelta(days=days)).select(
                pl.lit(days).alias("horizon_days"),
                pl.col("expires_on").min().alias("first_expiry_on"),
                whole_sum("passes"),
                whole_sum("face_value_eur"),
            )
            for days in horizons
        ]
        return pl.concat(rows).filter(pl.col("first_expiry_on").is_not_null()).with_columns(status=pl.lit("usable"))

    def expiry_by_territory(self, filters: Filters, horizon: int) -> pl.DataFrame:
        as_of = self.ask("select as_of from {programme}")["as_of"][0]
        rows = self.stock().filter(
            pl.col("expires_on") <= as_of + timedelta(days=horizon),
            pl.col("territory_code").is_in(self._territories(filters).implode()),
        )
        return (
            rows.group_by("territory_name")
            .agg(pl.col("expires_on").min().alias("first_expiry_on"), whole_sum("passes"), whole_sum("face_value_eur"))
            .sort("passes", "territory_name", descending=[True, False], nulls_last=True)
        )

    def ledger_years(self, filters: Filters) -> pl.DataFrame:
        return self._ledger(filters).with_columns(year=pl.col("span").cast(pl.Int64)).drop("span").sort("year")

    def ledger_months(self, filters: Filters, year: int, quarters: bool = False) -> pl.DataFrame:
        """Of the programme alone; empty for a part of it, whose account is by year."""
        is_whole = self._at(filters)[0] == "programme"
        rows = self._ledger(filters, "quarter" if quarters else "month") if is_whole else self._ledger(filters).clear()
        return (
            rows.filter(pl.col("span").str.starts_with(str(year)))
            .with_columns(month_of_span())
            .drop("span")
            .sort("month")
        )

    def _ledger(self, filters: Filters, level: str = "year") -> pl.DataFrame:
        """The account by year, quarter or month, each move a figure of the cube of its own."""
        moves = {f"{name}_{unit}": _MOVES[unit].format(name) for unit in _MOVES for name in (*MOVES, "closing")}
        closing = [f"closing_{unit}" for unit in _MOVES]
        every = self._chosen(filters, tuple(moves.values()), []).rename({new: old for old, new in moves.items()})
        found = every.filter(pl.col("span").str.contains(SPANS[level])).sort("span")
        if level == "quarter":
            # A quarter closes as its last month does: the cube has no balance of a quarter.
            ends = every.filter(pl.col("span").str.contains(SPANS["month"])).sort("span")
            ends = ends.group_by(span=quarter_of(pl.col("span")), maintain_order=True).agg(pl.col(closing).last())
            found = ends.join(found.drop(closing), on="span", how="left", maintain_order="left")
        found = found.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in moves))
        opening = [pl.col(f"closing_{unit}").shift(1, fill_value=0.0).alias(f"opening_{unit}") for unit in _MOVES]
        return found.with_columns(opening)

    def credit_notes(self, filters: Filters) -> pl.DataFrame:
        found = self._ledger(filters).select(
            pl.col("span").cast(pl.Int64).alias("year"), expired_eur="expired_eur", cancelled_eur="cancelled_eur"
        )
        found = found.with_columns(born_eur=pl.col("expired_eur") + pl.col("cancelled_eur"))
        whole = self._at(filters)[0] == "programme"
        received = self.ask("select year, received_eur from {credit_received}") if whole else None
        if received is None:
            return found.with_columns(received_eur=pl.lit(0.0), due_eur="born_eur")
        found = found.join(received, on="year", how="full", coalesce=True).with_columns(
            pl.col("received_eur").fill_null(0.0)
        )
        return found.with_columns(due_eur=pl.col("born_eur") - pl.col("received_eur")).sort("year")

    # --- people, curves, files ---

    def audience(self) -> pl.DataFrame:
        cells = self.ask("select kind, place, span, measure, value from {fact} where contains(span, '=')").pivot(
            "measure", index=["kind", "place", "span"], values="value"
        )
        parts = pl.col("span").str.split("=")
        missing = [
            pl.lit(None, pl.Float64).alias(n) for n in ("people_equipped", "people_reached") if n not in cells.columns
        ]
        calls = self.places().select(place="territory_code", ami="ami")
        return cells.with_columns(missing).join(calls, on="place", how="left").select(
            "kind", pl.col("place").alias("territory_code"), parts.list.first().alias("dimension"),
            parts.list.last().alias("category"), "ami", "people_equipped", "people_reached",
        ).sort(pl.all())  # fmt: skip

    def burn_up(self, measure: str) -> pl.DataFrame:
        if measure.startswith("budget_"):
            return super().burn_up(measure)
        found = self.facts("programme", (measure,), [], [""]).filter(pl.col("span").str.starts_with("c"))
        as_of = self.ask("select as_of from {programme}")["as_of"][0]
        days = pl.col("span").str.tail(7).str.to_date("%Y-%m").dt.month_end()
        return found.select(
            pl.min_horizontal(days, pl.lit(as_of)).alias("date_day"), pl.col(measure).alias("value")
        ).drop_nulls().sort("date_day")  # fmt: skip

    def figure_files(self, figure: Figure) -> pl.DataFrame:
        """The names of the files, and nothing of what each brings."""
        found = super().figure_files(figure)
        return found.select("source_file_id", "file_name", "dataset", "extract_date")

    def figure_value(self, figure: Figure) -> pl.DataFrame:
        """As the pages show it: null where they withhold it, or do not show it at all."""
        return pl.DataFrame({"value": [self._value(figure)]}, schema={"value": pl.Float64})

    def _value(self, figure: Figure) -> float | None:
        spans = cover(figure.start, figure.end)
        kind: str = "territory" if figure.place == "account" else figure.place
        places = list(figure.codes)
        if kind == "lieux":
            places = places or ["*"]
        elif kind == "programme":
            kind, places = ("programme", [""]) if figure.ami is None else ("ami", [str(figure.ami)])
        if kind == "programme" and figure.start is None and figure.end is not None:
            # A point of a curve: what was reached at the end of a month.
            reached = self.facts(kind, (figure.indicator,), [f"c{figure.end:%Y-%m}"], places)
            if reached.height:
                return reached[figure.indicator][0]
        found = self.facts(kind, (figure.indicator,), spans, places)
        if (any(is_month(span) for span in spans) and kind in ("lieu", "lieux")) or found.is_empty():
            return None
        return found.select(whole_sum(figure.indicator)).item()
