"""Checks of core.dim_prescriber: structures that hand out carnets."""

from __future__ import annotations

from data_quality.expectations import Check

CHECKS = [
    Check(
        code="PN-475",
        table_name="dim_prescriber",
        owner="prescripteur",
        sentence="Un prescripteur remet les carnets de son propre stock.",
        expected="aucun prescripteur qui n'a jamais reçu de carnets",
        why="Le SIRET est celui d'un autre établissement, ou un stock a changé de mains sans être déclaré.",
        mend="Corrigez le SIRET du prescripteur, ou déclarez le transfert du stock à #APTIC.",
        unit="prescripteur",
        profile="""
            select
                prescriber.prescriber_siret,
                any_value(prescriber.territory_code) as territory_code,
                count(*) as value,
                sum(carnet.pass_count) as passes,
                sum(carnet.pass_count * carnet.face_value_eur) as amount_eur,
                any_value(prescriber.prescriber_name) || ' : ' || fr_int(count(*))
                || case when count(*) = 1 then ' carnet remis' else ' carnets remis' end || ' sans stock reçu' as detail
            from core.dim_prescriber as prescriber
            inner join core.fct_prescription as line using (prescriber_siret)
            left join core.dim_carnet as carnet using (carnet_number)
            where not prescriber.has_received_carnets and line.is_live
            group by prescriber.prescriber_siret
        """,
    ),
]
