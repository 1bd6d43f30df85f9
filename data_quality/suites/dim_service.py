"""Checks of core.dim_service: the catalogue of services."""

from __future__ import annotations

from data_quality.expectations import Check

_BY_SERVICE = """
    select
        count(*) as value,
        sum(attendance.passes_used) as passes,
        sum(attendance.amount_eur) as amount_eur,
        sum(attendance.hours) as hours,
        'service ' || service.service_code || ' : ' || fr_passes(sum(attendance.passes_used)) || ' {what}' as detail
    from core.dim_service as service
    inner join core.fct_attendance as attendance using (service_code)
    where {where}
    group by service.service_code
"""

CHECKS = [
    Check(
        code="PN-481",
        table_name="dim_service",
        owner="#APTIC",
        sentence="Les services rendus sont au catalogue.",
        expected="aucun code de service absent du catalogue",
        why="Hors catalogue, ni libellé ni durée nominale : des heures peuvent manquer.",
        mend="Ajoutez ce service au catalogue, ou corrigez le code saisi par le lieu.",
        unit="service",
        profile=_BY_SERVICE.format(what="hors catalogue", where="service.is_inferred"),
    ),
    Check(
        code="PN-482",
        table_name="dim_service",
        owner="#APTIC",
        sentence="Chaque service utilisé a une durée nominale.",
        expected="une durée au catalogue pour tout service utilisé",
        why="La durée nominale remplace celle qu'un lieu ne déclare pas ; sans elle, ces heures valent zéro.",
        mend="Complétez la durée nominale du service dans le catalogue.",
        unit="service",
        profile=_BY_SERVICE.format(
            what="sans durée nominale", where="not service.is_inferred and service.nominal_minutes is null"
        ),
    ),
]
