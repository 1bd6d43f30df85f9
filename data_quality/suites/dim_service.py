"""Checks of core.dim_service: the catalogue of services."""

from __future__ import annotations

from data_quality.expectations import Table, TableCheck, expect

_DIM_SERVICE = Table(
    name="dim_service",
    grain="un service, avec ses présences",
    sql="""
        with used as (
            select
                service_code,
                count(*) as attendances,
                sum(passes_used) as passes,
                sum(amount_eur) as amount_eur,
                sum(hours) as hours
            from core.fct_attendance
            group by service_code
        )
        select
            service.service_code, service.nominal_minutes, service.is_inferred, used.passes, used.amount_eur,
            used.hours, coalesce(used.attendances, 0) as attendances
        from core.dim_service as service
        left join used using (service_code)
    """,
)
_USED = ("attendances", ">", 0)
_UNITS = """
    select
        attendances as value, passes, amount_eur, hours,
        'service ' || service_code || ' : ' || fr_passes(passes) || ' {what}' as detail
    from chosen
"""

CHECKS = [
    TableCheck(
        code="PN-481",
        table_name="dim_service",
        owner="#APTIC",
        sentence="Les services rendus sont au catalogue.",
        expected="aucun code de service absent du catalogue",
        why="Hors catalogue, ni libellé ni durée nominale : des heures peuvent manquer.",
        mend="Ajoutez ce service au catalogue, ou corrigez le code saisi par le lieu.",
        unit="service",
        table=_DIM_SERVICE,
        expectations=(expect("ExpectColumnValuesToBeInSet", column="is_inferred", value_set=[False], when=(_USED,)),),
        units=_UNITS.format(what="hors catalogue"),
    ),
    TableCheck(
        code="PN-482",
        table_name="dim_service",
        owner="#APTIC",
        sentence="Chaque service utilisé a une durée nominale.",
        expected="une durée au catalogue pour tout service utilisé",
        why="La durée nominale remplace celle qu'un lieu ne déclare pas ; sans elle, ces heures valent zéro.",
        mend="Complétez la durée nominale du service dans le catalogue.",
        unit="service",
        table=_DIM_SERVICE,
        expectations=(
            expect(
                "ExpectColumnValuesToNotBeNull", column="nominal_minutes", when=(_USED, ("is_inferred", "==", False))
            ),
        ),
        units=_UNITS.format(what="sans durée nominale"),
    ),
]
