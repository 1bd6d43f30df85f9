"""The queries on passes and money: life of the passes, mandate ledger, counter-payments, receivables, budget.

Does not live here: the rules of a status or of the ledger (core).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboards.reading import Filters, Reading

MOVES = ("issued", "used", "expired", "cancelled")
#: The road of a pass: every step holds those after it. Step → the passes past it, as `lifecycle` says.
STEPS = {
    "issued": pl.lit(True),
    "delivered": pl.col("is_delivered"),
    "prescribed": pl.col("is_prescribed"),
    "started": pl.col("is_started"),
    "used": pl.col("status") == "used",
    "reimbursed": pl.col("is_reimbursed"),
}


class AccountQueries(Reading):
    """Where the passes and the euros are."""

    def lifecycle(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        """lot × validity year × status × steps: passes and euros of the territories chosen."""
        return self.ask(
            f"""
            select lot_code, validity_year, status, is_delivered, is_prescribed, is_started, is_reimbursed,
                sum(passes)::bigint as passes, sum(face_value_eur) as face_value_eur
            from {{pass_lifecycle}}
            where {filters.where("territory_code", "ami_of_territory")}
                and (len($lots) = 0 or list_contains($lots, lot_code))
                and (len($years) = 0 or list_contains($years, validity_year))
            group by all order by all
            """,
            filters,
            lots=list(lots),
            years=list(years),
        )

    def statuses(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        """status: passes and euros, which add up to those issued."""
        life = self.lifecycle(filters, lots, years)
        return life.group_by("status", maintain_order=True).agg(pl.col("passes", "face_value_eur").sum())

    def steps(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        """step (STEPS): passes and euros past it."""
        life = self.lifecycle(filters, lots, years)
        return pl.concat(
            life.filter(past).select(pl.lit(step).alias("step"), pl.col("passes", "face_value_eur").sum())
            for step, past in STEPS.items()
        )

    def lot_statuses(self, filters: Filters, lots: tuple[str, ...], years: tuple[int, ...]) -> pl.DataFrame:
        """lot × validity year × status: passes and euros."""
        life = self.lifecycle(filters, lots, years)
        keys = ("lot_code", "validity_year", "status")
        return life.group_by(*keys, maintain_order=True).agg(pl.col("passes", "face_value_eur").sum())

    def stock_of_programme(self) -> pl.DataFrame:
        """day of expiry: passes and euros that the whole programme can still use."""
        return self.stock().group_by("expires_on").agg(pl.col("passes", "face_value_eur").sum()).sort("expires_on")

    def stock(self) -> pl.DataFrame:
        """territory × day of expiry: passes and euros still usable at the date of the data.

        The territory is the carnet's; territory_name is its code where the name is not known.
        """
        return self.ask("""
            select stock.territory_code, coalesce(place.territory_name, stock.territory_code) as territory_name,
                stock.expires_on, stock.passes, stock.face_value_eur
            from {stock_month} as stock left join {place} as place using (territory_code)
            where stock.month = (select date_trunc('month', as_of)::date from {programme})
            order by stock.territory_code, stock.expires_on
        """)

    def lots(self) -> pl.DataFrame:
        """lot_code, validity_year: the pairs that exist."""
        return self.ask("select distinct lot_code, validity_year from {pass_lifecycle} order by all")

    def expiry_risk(self, filters: Filters) -> pl.DataFrame:
        """horizon_days × status: passes that can still be used and will soon not be, cumulative horizons."""
        return self.ask(
            f"""
            select horizon_days, status, min(first_expiry_on) as first_expiry_on, sum(passes)::bigint as passes,
                sum(face_value_eur) as face_value_eur
            from {{expiry_risk}}
            where {filters.where("territory_code", "ami_of_territory")}
            group by all order by horizon_days, status
            """,
            filters,
        )

    def expiry_by_territory(self, filters: Filters, horizon: int) -> pl.DataFrame:
        """One row a territory: passes and euros that expire within the horizon, largest first."""
        return self.ask(
            f"""
            select territory.territory_name, min(risk.first_expiry_on) as first_expiry_on,
                sum(risk.passes)::bigint as passes, sum(risk.face_value_eur) as face_value_eur
            from {{expiry_risk}} as risk
            inner join {{place}} as territory using (territory_code)
            where risk.horizon_days = $horizon
                and {filters.where("territory_code", "ami_of_territory", alias="risk")}
            group by all order by passes desc, territory_name
            """,
            filters,
            horizon=horizon,
        )

    def expiry_days(self, filters: Filters) -> pl.DataFrame:
        """One row a last usable day, soonest first: passes and euros, weeks left, and the two paces; for the team."""
        return self.ask(
            f"""
            select last_usable_on, sum(passes)::bigint as passes, sum(face_value_eur) as face_value_eur,
                any_value(weeks_left) as weeks_left, sum(passes_a_week_needed) as passes_a_week_needed,
                sum(passes_a_week_used) as passes_a_week_used
            from {{expiry_pace}}
            where {filters.where("territory_code", "ami_of_territory")}
            group by last_usable_on having sum(passes_by_then) > 0 order by last_usable_on
            """,
            filters,
        )

    def expiry_places(self, filters: Filters, before: date) -> pl.DataFrame:
        """One row a territory that loses passes before that day, largest amount first, with its two paces."""
        return self.ask(
            f"""
            select territory.territory_name, territory_code, sum(pace.passes)::bigint as passes,
                sum(pace.face_value_eur) as face_value_eur,
                min(pace.last_usable_on) filter (where pace.passes > 0) as last_usable_on,
                max(pace.passes_a_week_needed) as passes_a_week_needed,
                any_value(pace.passes_a_week_used) as passes_a_week_used
            from {{expiry_pace}} as pace
            inner join {{place}} as territory using (territory_code)
            where pace.last_usable_on < $before
                and {filters.where("territory_code", "ami_of_territory", alias="pace")}
            group by all having sum(pace.passes) > 0 order by face_value_eur desc, territory_name
            """,
            filters,
            before=before,
        )

    def expiry_schedule(self, filters: Filters) -> pl.DataFrame:
        """territory × prescriber × lot × last usable day: passes, carnets and euros still usable; for the team."""
        return self.ask(
            f"""
            select territory.territory_name, schedule.territory_code, schedule.prescriber_siret,
                coalesce(prescriber.prescriber_name, 'Stock de l''opérateur') as prescriber_name, schedule.lot_code,
                schedule.last_usable_on, sum(schedule.passes)::bigint as passes,
                sum(schedule.carnets)::bigint as carnets, sum(schedule.face_value_eur) as face_value_eur
            from {{expiry_schedule}} as schedule
            inner join {{place}} as territory using (territory_code)
            left join {{dim_prescriber}} as prescriber using (prescriber_siret)
            where {filters.where("territory_code", "ami_of_territory", alias="schedule")}
            group by all order by last_usable_on, face_value_eur desc, prescriber_name, lot_code
            """,
            filters,
        )

    def ledger_years(self, filters: Filters) -> pl.DataFrame:
        """One row a year: opening + issued − used − expired − cancelled = closing, in passes and in euros."""
        return self._balances(filters, "year(month)", filters.where("territory_code", "ami_of_territory"), "year")

    def ledger_months(self, filters: Filters, year: int, quarters: bool = False) -> pl.DataFrame:
        """One row a month of the year, or a quarter (`quarters`, by its first month), in passes and in euros."""
        span = f"date_trunc('{'quarter' if quarters else 'month'}', month)::date"
        where = filters.where("territory_code", "ami_of_territory")
        return self._balances(filters, span, f"{where} and year(month) = $year", year=year)

    def _balances(self, filters: Filters, span: str, where: str, name: str = "month", **values: int) -> pl.DataFrame:
        """One row a `span` of months (SQL), called `name`: what it opens with, what moves, what it closes with."""
        moves = ", ".join(f"sum({name}_{unit}) as {name}_{unit}" for unit in ("passes", "eur") for name in MOVES)
        return self.ask(
            f"""
            select span as {name},
                sum(opening_passes) filter (where month = first_month)::bigint as opening_passes,
                sum(closing_passes) filter (where month = last_month)::bigint as closing_passes,
                sum(opening_eur) filter (where month = first_month) as opening_eur,
                sum(closing_eur) filter (where month = last_month) as closing_eur,
                {moves}
            from (
                select *, {span} as span, min(month) over (partition by {span}) as first_month,
                    max(month) over (partition by {span}) as last_month
                from {{mandate_ledger}}
                where {where}
            )
            group by span order by span
            """,
            filters,
            **values,
        )

    def credit_notes(self, filters: Filters) -> pl.DataFrame:
        """One row a year: credit notes born of the passes expired and cancelled, received, and what the year adds to
        those due, in euros. A credit note received has no territory: none is where one is chosen."""
        return self.ask(
            f"""
            select year(month) as year,
                coalesce(sum(amount_eur) filter (where nature = 'expired'), 0) as expired_eur,
                coalesce(sum(amount_eur) filter (where nature = 'cancelled'), 0) as cancelled_eur,
                coalesce(sum(amount_eur) filter (where credit_note_eur > 0), 0) as born_eur,
                coalesce(sum(amount_eur) filter (where credit_note_eur < 0), 0) as received_eur,
                sum(credit_note_eur) as due_eur
            from {{credit_note}}
            where {filters.where("territory_code", "ami_of_territory")}
            group by year(month) order by year
            """,
            filters,
        )

    def counter_payments(self, filters: Filters, year: int | None) -> pl.DataFrame:
        """One row a lieu and reference of counter-payment, most recent first."""
        return self.ask(
            f"""
            select payment.reimbursed_on, payment.reimbursement_reference, payment.lieu_name, payment.lieu_siret,
                payment.passes, payment.amount_eur
            from {{counter_payment}} as payment
            left join {{dim_lieu}} as lieu using (lieu_siret)
            where {filters.where("territory_code", "ami_of_territory", "lieu_siret", alias="lieu")}
                and ($year is null or year(payment.reimbursed_on) = $year)
            order by payment.reimbursed_on desc nulls last, payment.lieu_name
            """,
            filters,
            year=year,
        )

    def receivables(self, filters: Filters) -> pl.DataFrame:
        """One row a lieu and reference overpaid, the largest left to recover first. Since the start."""
        return self.ask(
            f"""
            select receivable.lieu_name, receivable.lieu_siret, receivable.reimbursement_reference, receivable.cause,
                receivable.known_on, receivable.passes, receivable.amount_eur, receivable.recovered_eur,
                receivable.open_eur
            from {{mandate_receivable}} as receivable
            left join {{dim_lieu}} as lieu using (lieu_siret)
            where {filters.where("territory_code", "ami_of_territory", "lieu_siret", alias="lieu")}
            order by receivable.open_eur desc, receivable.lieu_name, receivable.reimbursement_reference
            """,
            filters,
        )

    def measures(self, filters: Filters, codes: tuple[str, ...]) -> pl.DataFrame:
        """indicator × month: the measures named (proof.measure), which months add up."""
        return self.ask(
            f"""
            select indicator, month, sum(value) as value from {{measure_month}}
            where list_contains($codes, indicator) and {filters.where("month", "ami")}
            group by all order by indicator, month
            """,
            filters,
            codes=list(codes),
        )

    def state_share(self) -> pl.DataFrame:
        """One row a month: the State's share due, what it paid, what is left to call, since the start; in euros."""
        return self.ask("select * from {state_share} order by month")

    def budget(self, filters: Filters) -> pl.DataFrame:
        """month × nature × category × ami: entries and amounts, tax included."""
        return self.ask(
            f"""
            select month, nature, category, ami, entries, amount_incl_tax_eur, amount_excl_tax_eur
            from {{budget_month}} where {filters.where("month", "ami")} order by month, nature, category
            """,
            filters,
        )
