"""Places, months and lieux for a reader outside the team, from the protected cube of the version alone.

A figure withheld is null, and so is a sum with one in it: nothing here adds up what is left. Does not live here:
passes, money, people and files (queries_protected.py), what is withheld (reporting/cube), the team's queries.
"""

from __future__ import annotations

import polars as pl

from dashboards.periods import ALL, cover, first_day
from dashboards.queries import Reader
from dashboards.reading import Filters
from reporting.cube.rates import PLACE, PLACES
from reporting.cube.reading import whole_sum

#: Columns of a table of activity: measures of the cube.
ACTIVITY = ("passes_issued", "passes_prescribed", "passes_used", "passes_expired", "face_value_used_eur", "hours")
OF_LIEUX = ("passes_used", "face_value_used_eur", "sessions", "session_hours", "hours")
OF_TERRITORY = (
    "passes_issued", "passes_prescribed", "passes_used", "passes_expired", "face_value_issued_eur",
    "face_value_used_eur", "hours", "hours_nominal", "people_equipped", "people_reached",
)  # fmt: skip
SHARES = {"pic": "public_pic", "qpv": "residence_qpv"}


def month_of_span() -> pl.Expr:
    return first_day(pl.col("span")).alias("month")


def is_month(span: str) -> bool:
    return len(span) == 7 and "T" not in span


def _quarters(months: list[str]) -> set[str]:
    return {f"{month[:4]}-T{(int(month[5:]) + 2) // 3}" for month in months if month != "—"}


class CubeQueries(Reader):
    """Places, months and lieux, as the cube gives them."""

    def facts(self, kind: str, measures: tuple[str, ...], spans: list[str], places: list[str]) -> pl.DataFrame:
        """place, span, and a column a measure; of every place where none is named."""
        long = self.ask(
            "select place, span, measure, value from {fact} where kind = $kind and list_contains($measures, measure)"
            " and (len($spans) = 0 or list_contains($spans, span))"
            " and (len($places) = 0 or list_contains($places, place))",
            kind=kind, measures=list(measures), spans=spans, places=places,
        )  # fmt: skip
        wide = long.pivot("measure", index=["place", "span"], values="value")
        missing = [pl.lit(None, pl.Float64).alias(name) for name in measures if name not in wide.columns]
        return wide.with_columns(missing).select("place", "span", *measures).sort("place", "span")

    def _at(self, filters: Filters) -> tuple[str, list[str]]:
        """The places that the filters choose, as the cube names them."""
        if filters.territories:
            known = self.places().filter(pl.col("territory_code").is_in(filters.territories))
            own = known if filters.ami is None else known.filter(pl.col("ami") == filters.ami)
            return "territory", own["territory_code"].to_list() or ["—"]
        if self.rights.territory_code is not None:
            return "territory", [self.rights.territory_code]
        return ("programme", [""]) if filters.ami is None else ("ami", [str(filters.ami)])

    def _chosen(self, filters: Filters, measures: tuple[str, ...], spans: list[str]) -> pl.DataFrame:
        """span and measures, summed over the places that the filters choose."""
        kind, places = self._at(filters)
        found = self.facts(kind, measures, spans, places)
        return found.group_by("span").agg(whole_sum(name) for name in measures).sort("span")

    def _months(self, filters: Filters) -> list[str]:
        months = self.months()["month"]
        start, end = filters.start or months.min(), filters.end or months.max()
        return [f"{day:%Y-%m}" for day in months if start <= day <= end] or ["—"]

    def _spans(self, filters: Filters, quarters: bool) -> list[str]:
        """The months of the data that the filters choose, or the quarters that they hold whole: figures of the cube of
        their own, which nothing here adds up."""
        months = self._months(filters)
        if not quarters:
            return months
        others = {f"{day:%Y-%m}" for day in self.months()["month"]}.difference(months)
        return sorted(_quarters(months) - _quarters(sorted(others))) or ["—"]

    # --- places and months ---

    def months(self) -> pl.DataFrame:
        return self.ask("select month from {calendar} order by month")

    def activity_by_month(self, filters: Filters, quarters: bool = False) -> pl.DataFrame:
        found = self._chosen(filters, ACTIVITY, self._spans(filters, quarters))
        nothing = pl.all_horizontal(pl.col(*ACTIVITY) == 0).fill_null(value=False)
        return found.filter(~nothing).select(month_of_span(), *ACTIVITY).sort("month")

    def territory_totals(self, filters: Filters) -> pl.DataFrame:
        words = self.ask(
            f"""
            select progress.*, territory.joined_on, territory.participation_source
            from {{territory_words}} as progress left join {{dim_territory}} as territory using (territory_code)
            where {filters.where("territory_code", "ami", alias="progress")} order by progress.territory_name
            """,
            filters,
        )
        totals = self.facts("territory", OF_TERRITORY, [ALL], []).rename({"place": "territory_code"}).drop("span")
        return words.join(totals, on="territory_code", how="left").join(self._shares(), on="territory_code", how="left")

    def _shares(self) -> pl.DataFrame:
        """territory_code → pic_share, pic_answered_share…: null where an answer it is made of is withheld."""
        found = self.ask("select territory_code from {territory_words}")
        equipped = self.facts("territory", ("people_equipped",), [ALL], []).select(
            territory_code="place", equipped="people_equipped"
        )
        for name, dimension in SHARES.items():
            cells = self.audience().filter(dimension=dimension).group_by("territory_code").agg(
                pl.col("people_equipped").has_nulls().alias("secret"),
                pl.col("people_equipped").filter(category="oui").sum().alias("yes"),
                pl.col("people_equipped").filter(pl.col("category").is_in(["oui", "non"])).sum().alias("answered"),
            ).join(equipped, on="territory_code")  # fmt: skip
            told = ~pl.col("secret") & pl.col("equipped").is_not_null()
            shares = cells.select(
                "territory_code",
                pl.when(told & (pl.col("answered") > 0))
                .then(pl.col("yes") / pl.col("answered"))
                .alias(f"{name}_share"),
                pl.when(told & (pl.col("equipped") > 0))
                .then(pl.col("answered") / pl.col("equipped"))
                .alias(f"{name}_answered_share"),
            )
            found = found.join(shares, on="territory_code", how="left")
        return found

    def rates(self) -> pl.DataFrame:
        words = self.ask("from {rate} order by rank")
        whole = self.facts("programme", tuple(words["rate"]), [ALL], [""]).drop("place", "span")
        averages = whole.unpivot(variable_name="rate", value_name="programme_value")
        return words.join(averages, on="rate", how="left", maintain_order="left")

    def territory_rates(self) -> pl.DataFrame:
        words = self.ask("select rate, rank from {rate}")
        value, place, places = (
            self.facts(kind, tuple(pattern.format(rate) for rate in words["rate"]), [ALL], [])
            .drop("span")
            .unpivot(index="place", variable_name="measure", value_name=name)
            for kind, pattern, name in (
                ("territory", "{}", "value"),
                ("territory", PLACE, "rank_here"),
                ("programme", PLACES, "places"),
            )
        )
        words = words.with_columns(
            measure="rate", of_place=pl.format(PLACE, "rate"), of_places=pl.format(PLACES, "rate")
        )
        return (
            value.join(words, on="measure")
            .join(place, left_on=["place", "of_place"], right_on=["place", "measure"], how="left")
            .join(places.drop("place"), left_on="of_places", right_on="measure", how="left")
            .sort("rank", "place")
            .select(
                "rate", "value", pl.col("places").cast(pl.Int64), territory_code="place",
                place=pl.col("rank_here").cast(pl.Int64),
            )
        )  # fmt: skip

    def territory_period(self, filters: Filters) -> pl.DataFrame:
        words = self.ask(
            f"""
            select territory_code, territory_name, ami, participation_status from {{territory_words}}
            where is_participating and {filters.where("territory_code", "ami")} order by territory_name
            """,
            filters,
        )
        sums = self.facts("territory", ACTIVITY, cover(filters.start, filters.end), [])
        sums = sums.group_by(territory_code="place").agg(whole_sum(name) for name in ACTIVITY)
        return words.join(sums, on="territory_code", how="left")

    def territory_months(self, filters: Filters, quarters: bool = False) -> pl.DataFrame:
        measures = ("passes_used", "face_value_used_eur", "hours", "passes_issued")
        kind, places = self._at(filters)
        found = self.facts("territory", measures, self._spans(filters, quarters), places if kind == "territory" else [])
        names = self.places().select(
            place="territory_code", territory_code="territory_code", territory_name="territory_name"
        )
        found = found.filter(pl.col("hours").is_null() | (pl.col("hours") > 0))
        return found.join(names, on="place").select(
            month_of_span(), "territory_code", "territory_name", *measures
        ).sort("territory_name", "month")  # fmt: skip

    def territories(self) -> pl.DataFrame:
        return self.ask(
            "select territory_code, territory_name, ami, participation_status from {territory_words}"
            " where is_participating order by territory_name"
        )

    def territory_states(self) -> pl.DataFrame:
        left = self.facts("territory", ("passes_usable",), [ALL], []).select(
            territory_code="place", passes_usable="passes_usable"
        )
        states = self.ask("from {territory_state_words} order by territory_name")
        known = states.join(left, on="territory_code", how="left")
        # A territory that the account does not hold has nothing to use.
        held = pl.col("territory_code").is_in(left["territory_code"].implode())
        return known.with_columns(pl.when(held).then("passes_usable").otherwise(0.0).alias("passes_usable"))

    def flows(self, territory: str) -> pl.DataFrame:
        found = self.facts("flow", ("passes_used", "face_value_used_eur"), [ALL], [])
        ends = pl.col("place").str.split(">")
        named = self.places().select(there="territory_code", lieu_territory_name="territory_name")
        return (
            found.filter(ends.list.first() == territory)
            .with_columns(there=ends.list.last())
            .join(named, on="there", how="left")
            .select(
                pl.col("lieu_territory_name").fill_null("Territoire inconnu"),
                is_same=pl.col("there") == territory,
                passes_used="passes_used",
                face_value_used_eur="face_value_used_eur",
            )
            .sort("passes_used", descending=True, nulls_last=True)
        )

    # --- lieux ---

    def lieu_totals(self, filters: Filters) -> pl.DataFrame:
        words = self.ask(
            f"""
            select lieu.lieu_siret, coalesce(lieu.lieu_name, 'Lieu hors annuaire ' || lieu.lieu_siret) as lieu_name,
                coalesce(territory.territory_name, lieu.city_name) as territory_name, territory.ami,
                state.state as territory_state, lieu.latitude, lieu.longitude, lieu.typologies, lieu.services,
                lieu.is_inferred, lieu.referenced_until, last.month as last_month
            from {{dim_lieu}} as lieu
            left join {{place}} as territory using (territory_code)
            left join {{territory_state_words}} as state using (territory_code)
            left join {{lieu_last}} as last on last.lieu_siret = lieu.lieu_siret
            where {filters.where("territory_code", "ami_of_territory", "lieu_siret", alias="lieu")}
            """,
            filters,
        )
        spans = cover(filters.start, filters.end)
        if any(is_month(span) for span in spans):
            sums = words.select("lieu_siret", *(pl.lit(None, pl.Float64).alias(name) for name in OF_LIEUX))
        else:
            found = self.facts("lieu", OF_LIEUX, spans, [])
            sums = found.group_by(lieu_siret="place").agg(whole_sum(name) for name in OF_LIEUX)
        used = pl.col("lieu_siret").is_in(sums["lieu_siret"].implode())
        return (
            words.join(sums, on="lieu_siret", how="left")
            .with_columns(pl.when(used).then(name).otherwise(0.0).alias(name) for name in OF_LIEUX)
            .sort("passes_used", "lieu_name", descending=[True, False], nulls_last=True)
        )

    def lieu_sums(self, filters: Filters) -> pl.DataFrame:
        measures, spans = ("passes_used", "hours", "face_value_used_eur"), cover(filters.start, filters.end)
        kind, places = self._lieux(filters)
        if any(is_month(span) for span in spans):
            return pl.DataFrame([dict.fromkeys(measures)], schema=dict.fromkeys(measures, pl.Float64))
        return self.facts(kind, measures, spans, places).select(whole_sum(name) for name in measures)

    def _lieux(self, filters: Filters) -> tuple[str, list[str]]:
        """The lieux that the filters choose, as the cube names them."""
        if filters.lieux:
            return "lieu", list(filters.lieux)
        kind, places = self._at(filters)
        if kind == "ami":
            places = self.places().filter(pl.col("ami") == filters.ami)["territory_code"].to_list()
        return "lieux", ["*"] if kind == "programme" else places

    def lieu_months(self, filters: Filters, quarters: bool = False) -> pl.DataFrame:
        """Of all lieux by month or by quarter, as the programme; of some of them by quarter alone, whose first month is
        given. A quarter that the period cuts is not shown, to this reader as to the team."""
        measures = ("passes_used", "hours")
        if not (filters.lieux or filters.territories or filters.ami or self.rights.territory_code):
            found = self._chosen(filters, measures, self._spans(filters, quarters))
            return found.select(month_of_span(), *measures).sort("month")
        kind, places = self._lieux(filters)
        found = self.facts(kind, OF_LIEUX, self._spans(filters, quarters=True), places)
        summed = found.group_by("span").agg(whole_sum(name) for name in OF_LIEUX)
        nothing = (pl.col("passes_used") == 0).fill_null(value=False)
        return summed.filter(~nothing).select(month_of_span(), *OF_LIEUX).sort("month")
