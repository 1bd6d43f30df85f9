"""Every query of the pages: the programme, its people and its quality here, the rest in the classes it joins.

One method a question, one Polars frame an answer, cached per version by frame.py. No Streamlit here.
"""

from __future__ import annotations

import polars as pl

from dashboards.queries_account import AccountQueries
from dashboards.queries_activity import ActivityQueries
from dashboards.queries_scenarios import ScenarioQueries
from dashboards.reading import Filters
from warehouse.published.figure_address import Figure
from warehouse.published.figure_files import files_sql, value_sql

BURN_UP = (
    "hours",
    "people_reached",
    "people_equipped",
    "budget_paid_eur",
    "budget_committed_eur",
    "face_value_used_eur",
    "passes_used",
)


class Reader(ActivityQueries, AccountQueries, ScenarioQueries):
    """A published file seen with the rights of one person: all the queries."""

    def progress(self) -> pl.DataFrame:
        """One row an indicator, with its words: value, target, ratio, answered_share, label, unit, target_label."""
        return self.ask("""
            select progress.*, indicator.rank, indicator.label, indicator.unit, indicator.target_label,
                indicator.definition, indicator.formula, indicator.source
            from {programme_progress} as progress
            inner join {indicator} as indicator on indicator.code = progress.indicator
            order by indicator.rank
        """)

    def indicators(self) -> pl.DataFrame:
        """The dictionary of the figures, in its order."""
        return self.ask("from {indicator} order by rank")

    def dictionary(self) -> pl.DataFrame:
        """Every measure: code, label, formula (its label, for one that is no indicator), unit, rule."""
        return self.ask("""
            select measure.code, measure.label, coalesce(indicator.formula, measure.label) as formula, measure.unit,
                measure.rule
            from {measure} as measure left join {indicator} as indicator using (code)
        """)

    def places(self) -> pl.DataFrame:
        """The names of all territories: territory_code, territory_name, ami."""
        return self.ask("from {place}")

    def figure_files(self, figure: Figure) -> pl.DataFrame:
        """The delivered files behind a figure (figure_files.files_sql): people are to be protected."""
        sql, values = files_sql(figure)
        return self.ask(sql, **values)

    def figure_value(self, figure: Figure) -> pl.DataFrame:
        """value: the figure, from its files; null for a share of nobody."""
        sql, values = value_sql(figure)
        return self.ask(sql, **values)

    def figure_cells(self, indicator: str) -> pl.DataFrame:
        """territory × file: part of a count of people (to be protected); '' for no territory."""
        return self.ask(
            "select coalesce(territory_code, '') as territory_code, source_file_id, sum(value)::bigint as part"
            " from {figure_source} where indicator = $indicator group by all order by all",
            indicator=indicator,
        )

    def quiet_since(self) -> pl.DataFrame:
        """quiet_since: the first day of the months without a use that make a territory or a lieu quiet."""
        return self.ask("select quiet_since from {programme}")

    def burn_up(self, measure: str) -> pl.DataFrame:
        """date_day, value: the total reached every Sunday, at each month's end, and on the last day."""
        return self.ask(f"""
            select date_day, cast({_column(measure, BURN_UP)} as double) as value
            from {{progress_daily}}
            where isodow(date_day) = 7 or date_day = last_day(date_day)
                or date_day = (select max(date_day) from {{progress_daily}})
            order by date_day
        """)

    def projection(self, measure: str) -> pl.DataFrame:
        """scenario, target_on, low, median, high, ceiling, is_mandate_end, target, is_indicative.

        Empty for a measure that is not projected.
        """
        return self.ask(
            "select scenario, target_on, low, median, high, ceiling, is_mandate_end, target, is_indicative"
            " from {projection} inner join {projection_reliability} using (indicator, scenario)"
            " where indicator = $measure order by scenario desc, target_on",
            measure=measure,
        )

    def reliability(self, measure: str) -> pl.DataFrame:
        """One row a scenario: what the bands made at past dates were worth; empty for a measure not projected."""
        return self.ask(
            "select scenario, trials, within_band, within_share, relative_interval_score, is_indicative"
            " from {projection_reliability} where indicator = $measure order by scenario desc",
            measure=measure,
        )

    def activity_by_month(self, filters: Filters, quarters: bool = False) -> pl.DataFrame:
        """One row a month of the period: passes, euros and hours of the month. `quarters`: one row a quarter that the
        period holds whole, by its first month."""
        step, whole = filters.step(quarters)
        return self.ask(
            f"""
            select {step} as month, sum(passes_issued)::bigint as passes_issued,
                sum(passes_prescribed)::bigint as passes_prescribed, sum(passes_used)::bigint as passes_used,
                sum(passes_expired)::bigint as passes_expired, sum(face_value_used_eur) as face_value_used_eur,
                sum(hours) as hours
            from {{territory_month}}
            where {filters.where("month", "territory_code", "ami")} and {whole}
            group by all order by all
            """,
            filters,
        )

    def months(self) -> pl.DataFrame:
        """month: every month from the first activity to the last."""
        return self.ask("""
            select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
            from {territory_month}
        """)

    def audience(self) -> pl.DataFrame:
        """territory × dimension × category: people (to be protected before anything is shown)."""
        return self.ask("""
            select profile.*, territory.territory_name, territory.ami, territory.is_participating
            from {audience_profile} as profile
            inner join {dim_territory} as territory using (territory_code)
            order by all
        """)

    def audience_by_quarter(self, filters: Filters, dimension: str, category: str) -> pl.DataFrame:
        """One row a quarter, by its first month: people equipped and reached of one answer, and of all; the team's."""
        return self.ask(
            f"""
            select date_trunc('quarter', month)::date as month,
                coalesce(sum(people_equipped) filter (where category = $category), 0)::bigint as people_equipped,
                coalesce(sum(people_reached) filter (where category = $category), 0)::bigint as people_reached,
                sum(people_equipped)::bigint as people_equipped_in_all,
                sum(people_reached)::bigint as people_reached_in_all
            from {{audience_month}}
            where dimension = $dimension and {filters.where("territory_code", "ami_of_territory")}
            group by all order by all
            """,
            filters,
            dimension=dimension,
            category=category,
        )

    def builds(self) -> pl.DataFrame:
        """One row a build up to this version, most recent first, with its checks counted."""
        return self.ask("""
            select build.build_id, build.status, build.as_of, build.finished_at, build.duration_seconds,
                build.input_files, count(result.code) as checks,
                count(*) filter (where result.status = 'ok') as checks_ok,
                count(*) filter (where result.status <> 'ok' and result.severity = 'avertissement') as warnings,
                count(*) filter (where result.status = 'erreur' and result.severity = 'avertissement') as not_made,
                count(*) filter (where result.status <> 'ok' and result.severity = 'bloquant') as blocking
            from {build} as build left join {check_result} as result using (build_id)
            group by all order by build.finished_at desc
        """)

    def checks(self, build_id: str) -> pl.DataFrame:
        """The checks of a build, what failed first."""
        return self.ask(
            "select code, table_name, severity, status, observed, expected, owner, sentence from {check_result}"
            " where build_id = $build_id order by status = 'ok', severity = 'avertissement', code",
            build_id=build_id,
        )

    def files(self) -> pl.DataFrame:
        """The files received, most recent extract first."""
        return self.ask("""
            select extract_date, dataset, file_name, outcome, reason, received_at, lines_read, lines_accepted,
                lines_rejected, lines_duplicate
            from {delivered_file} order by extract_date desc nulls last, dataset, file_name
        """)

    def freshness(self) -> pl.DataFrame:
        """One row a dataset: its last extract loaded, files, lines and rejects."""
        return self.ask("""
            select dataset, max(extract_date) filter (where outcome = 'loaded') as last_extract_on,
                count(*) filter (where outcome = 'loaded') as files_loaded,
                count(*) filter (where outcome <> 'loaded') as files_left,
                coalesce(sum(lines_read), 0)::bigint as lines_read,
                coalesce(sum(lines_rejected), 0)::bigint as lines_rejected
            from {delivered_file} where dataset is not null group by dataset order by dataset
        """)

    def rejects(self) -> pl.DataFrame:
        """dataset × column × reason: lines rejected, never their values."""
        return self.ask("""
            select dataset, column_name, reason, lines from {rejects}
            order by lines desc, dataset, column_name
        """)

    def issues(self) -> pl.DataFrame:
        """dataset × column × reason: optional values set aside, never the values."""
        return self.ask("""
            select dataset, column_name, reason, lines from {issues}
            order by lines desc, dataset, column_name
        """)


def _column(name: str, allowed: tuple[str, ...]) -> str:
    assert name in allowed, name
    return name
