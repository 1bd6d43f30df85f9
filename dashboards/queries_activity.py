"""The queries on territories and lieux. Figures are read, never computed: a query sums, filters and sorts.

Does not live here: people withheld (protection.py), the map (charts.py).
"""

from __future__ import annotations

import polars as pl

from dashboards.reading import Filters, Reading

MEASURES = ("passes_issued", "passes_prescribed", "passes_used", "passes_expired", "face_value_used_eur", "hours")


class ActivityQueries(Reading):
    """What happened in the territories and the lieux."""

    def territories(self) -> pl.DataFrame:
        """The participating territories (the choices of a filter): code, name, ami, participation_status."""
        return self.ask("""
            select territory_code, territory_name, ami, participation_status
            from {territory_progress} where is_participating order by territory_name
        """)

    def territory_states(self) -> pl.DataFrame:
        """One row a participating territory: usable passes, last use, state (never, exhausted, quiet, active)."""
        return self.ask("from {territory_state} order by territory_name")

    def territory_totals(self, filters: Filters) -> pl.DataFrame:
        """One row a territory, since the start: every measure, people and shares included (to be protected)."""
        return self.ask(
            f"""
            select progress.*, territory.joined_on, territory.participation_source
            from {{territory_progress}} as progress
            left join {{dim_territory}} as territory using (territory_code)
            where {filters.where("territory_code", "ami", alias="progress")}
            order by progress.territory_name
            """,
            filters,
        )

    def rates(self) -> pl.DataFrame:
        """The dictionary of the rates, in its order: rate, label, definition, what it divides and by what, its unit,
        and programme_value, the average of the whole programme (null: not known, or withheld)."""
        return self.ask("from {rate} order by rank")

    def territory_rates(self) -> pl.DataFrame:
        """territory × rate: value (null: no population known, or withheld), and its place among `places`."""
        return self.ask("""
            select found.territory_code, found.rate, found.value, found.place, found.places
            from {territory_rate} as found inner join {rate} as known using (rate)
            order by known.rank, found.territory_code
        """)

    def inhabitants(self) -> pl.DataFrame:
        """One row a participating territory: its inhabitants and those of its QPV, with their day and source (null: not
        known), and a point inside it."""
        return self.ask("""
            select territory_code, territory_name, population, population_on, population_source, qpv_population,
                qpv_population_on, qpv_population_source, longitude, latitude
            from {dim_territory} where is_participating order by territory_name
        """)

    def territory_period(self, filters: Filters) -> pl.DataFrame:
        """One row a participating territory for the months chosen, zeros included. No people (see protection.py)."""
        sums = ", ".join(f"coalesce(sum(activity.{name}), 0) as {name}" for name in MEASURES)
        return self.ask(
            f"""
            select progress.territory_code, progress.territory_name, progress.ami, progress.participation_status,
                {sums}
            from {{territory_progress}} as progress
            left join {{territory_month}} as activity
                on activity.territory_code = progress.territory_code
                and {filters.where("month", alias="activity")}
            where progress.is_participating and {filters.where("territory_code", "ami", alias="progress")}
            group by all order by progress.territory_name
            """,
            filters,
        )

    def territory_months(self, filters: Filters, quarters: bool = False) -> pl.DataFrame:
        """month × territory: passes, euros and hours (side-by-side curves). `quarters`: one row a quarter that the
        period holds whole, by its first month."""
        step, whole = filters.step(quarters)
        return self.ask(
            f"""
            select {step} as month, territory_code, territory_name, sum(passes_used)::bigint as passes_used,
                sum(face_value_used_eur) as face_value_used_eur, sum(hours) as hours,
                sum(passes_issued)::bigint as passes_issued
            from {{territory_month}}
            where {filters.where("month", "territory_code", "ami")} and {whole}
            group by all order by territory_name, month
            """,
            filters,
        )

    def flows(self, territory: str) -> pl.DataFrame:
        """Where the people of a territory use their passes, largest first; a lieu without a known territory last."""
        return self.ask(
            """
            select coalesce(territory.territory_name, 'Territoire inconnu') as lieu_territory_name,
                flow.lieu_territory_code = flow.territory_code as is_same, flow.passes_used, flow.face_value_used_eur
            from {territory_flows} as flow
            left join {place} as territory on territory.territory_code = flow.lieu_territory_code
            where flow.territory_code = $territory
            order by flow.passes_used desc
            """,
            territory=territory,
        )

    def lieux(self) -> pl.DataFrame:
        """Every lieu known (the choices of a filter), referenced or not."""
        return self.ask("""
            select lieu.lieu_siret, lieu.lieu_name, lieu.territory_code, territory.territory_name, lieu.city_name,
                lieu.is_inferred
            from {dim_lieu} as lieu
            left join {place} as territory using (territory_code)
            order by lieu.lieu_name
        """)

    def lieu_totals(self, filters: Filters) -> pl.DataFrame:
        """One row a lieu for the months chosen, zeros included, with its place, services and last active month."""
        return self.ask(
            f"""
            select lieu.lieu_siret, coalesce(lieu.lieu_name, 'Lieu hors annuaire ' || lieu.lieu_siret) as lieu_name,
                coalesce(territory.territory_name, lieu.city_name) as territory_name, territory.ami,
                state.state as territory_state,
                lieu.latitude, lieu.longitude, lieu.typologies, lieu.services, lieu.is_inferred, lieu.referenced_until,
                coalesce(sum(activity.passes_used), 0)::bigint as passes_used,
                coalesce(sum(activity.face_value_used_eur), 0) as face_value_used_eur,
                coalesce(sum(activity.reimbursed_eur), 0) as reimbursed_eur,
                coalesce(sum(activity.sessions), 0)::bigint as sessions,
                coalesce(sum(activity.session_hours), 0) as session_hours,
                coalesce(sum(activity.hours), 0) as hours,
                coalesce(sum(activity.passes_with_anomaly), 0)::bigint as passes_with_anomaly,
                max(last.month) as last_month
            from {{dim_lieu}} as lieu
            left join {{place}} as territory using (territory_code)
            left join {{territory_state}} as state using (territory_code)
            left join {{lieu_activity}} as activity
                on activity.lieu_siret = lieu.lieu_siret and {filters.where("month", alias="activity")}
            left join (
                select lieu_siret, max(month) as month from {{lieu_activity}} where passes_used > 0 group by lieu_siret
            ) as last on last.lieu_siret = lieu.lieu_siret
            where {filters.where("territory_code", "ami_of_territory", "lieu_siret", alias="lieu")}
            group by all order by passes_used desc, lieu_name
            """,
            filters,
        )

    def lieu_sums(self, filters: Filters) -> pl.DataFrame:
        """One row: passes, hours and euros of the lieux chosen, for the months chosen."""
        return self.ask(
            f"""
            select coalesce(sum(passes_used), 0)::bigint as passes_used, coalesce(sum(hours), 0) as hours,
                coalesce(sum(face_value_used_eur), 0) as face_value_used_eur
            from {{lieu_activity}} as activity
            where {filters.where("month", "territory_code", "ami_of_territory", "lieu_siret", alias="activity")}
            """,
            filters,
        )

    def lieu_payment(self, lieu: str) -> pl.DataFrame:
        """What a lieu was reimbursed, in how many days, and what still waits; no row without a counted use."""
        return self.ask("from {lieu_payment} where lieu_siret = $lieu", lieu=lieu)

    def lieu_quality(self, lieu: str) -> pl.DataFrame:
        """line_kind × line_reason: lines that a lieu delivered."""
        return self.ask(
            "select line_kind, line_reason, delivered_lines from {lieu_quality} where lieu_siret = $lieu"
            " order by line_kind, delivered_lines desc, line_reason",
            lieu=lieu,
        )

    def lieu_months(self, filters: Filters, quarters: bool = False) -> pl.DataFrame:
        """One row a month, over the lieux chosen: passes, sessions, hours, lieux with a use. `quarters`: one row a
        quarter that the period holds whole, by its first month, without the lieux (months do not add them up)."""
        step, whole = filters.step(quarters)
        lieux = "" if quarters else ", count(*) filter (where passes_used > 0) as lieux_active"
        return self.ask(
            f"""
            select {step} as month, sum(passes_used)::bigint as passes_used, sum(sessions)::bigint as sessions,
                sum(hours) as hours, sum(session_hours) as session_hours{lieux}
            from {{lieu_activity}} as activity
            where {filters.where("month", "territory_code", "ami_of_territory", "lieu_siret", alias="activity")}
                and {whole}
            group by all order by month
            """,
            filters,
        )
