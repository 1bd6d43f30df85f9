"""The queries of the page of scenarios: what would come of a choice, what can be chosen, what was decided.

Does not live here: the computation (`scenario`, of the published file), the words (presentation/scenarios.py).
"""

from __future__ import annotations

import polars as pl

from dashboards.reading import Reading


class ScenarioQueries(Reading):
    """What a decision would change, by the projection's own steps."""

    def scenario(self, reissued: float, faster: float, giving: str, receiving: str, moved: int) -> pl.DataFrame:
        """indicator × month's end: low, median, high, ceiling, median_unchanged, gained, target, label, unit, sigma.

        `reissued`, `faster`: parts (0.5 is half); `moved`: carnets. Empty where nothing is projected.
        """
        return self.ask(
            """
            select told.*, indicator.label, indicator.unit, indicator.target_label
            from scenario(reissued := $reissued, faster := $faster, giving := $giving, receiving := $receiving,
                moved := $moved) as told
            semi join {scenario_basis} using (indicator)
            semi join {projection} using (indicator, target_on)
            inner join {indicator} as indicator on told.indicator = indicator.code
            where exists (from {scenario_stock})
            order by indicator.rank, target_on
            """,
            reissued=reissued, faster=faster, giving=giving, receiving=receiving, moved=moved,
        )  # fmt: skip

    def reissuable(self) -> pl.DataFrame:
        """One row: face_value_eur and carnets that the budget left would issue, from first_on to last_on."""
        return self.ask("""
            select coalesce(sum(face_value_eur), 0) as face_value_eur, coalesce(sum(carnets_to_start), 0) as carnets,
                min(available_on) as first_on, max(available_on) as last_on
            from {scenario_stock} where batch = 'reissued'
        """)

    def undistributed(self) -> pl.DataFrame:
        """A row a territory: carnets that nobody has yet, the day the first lapse, its pace beside the programme's."""
        return self.ask("""
            select pace.territory_code, place.territory_name,
                coalesce(sum(stock.carnets_to_start), 0)::bigint as carnets,
                min(stock.last_usable_on) as last_usable_on,
                any_value(pace.use_tempo) as use_tempo
            from {territory_pace} as pace
            inner join {place} as place using (territory_code)
            left join {scenario_stock} as stock
                on stock.territory_code = pace.territory_code and stock.batch = 'undistributed'
            group by all order by place.territory_name
        """)

    def decisions(self) -> pl.DataFrame:
        """The decisions noted, newest first, with the label and unit of what each should move; the team: its totals."""
        return self.ask("""
            select told.*, indicator.label, indicator.unit
            from {decision_outcome} as told left join {indicator} as indicator on told.indicator = indicator.code
            order by told.decided_on desc, told.decision_number desc
        """)
