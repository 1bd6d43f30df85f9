"""Checks of core.dim_prescriber: structures that hand out carnets."""

from __future__ import annotations

from data_quality.expectations import Table, TableCheck, expect

_DIM_PRESCRIBER = Table(
    name="dim_prescriber",
    grain="un prescripteur, avec ses prescriptions en vigueur",
    sql="""
        with live as (
            select
                line.prescriber_siret,
                count(*) as live_prescriptions,
                sum(carnet.pass_count) as passes,
                sum(carnet.pass_count * carnet.face_value_eur) as amount_eur
            from core.fct_prescription as line
            left join core.dim_carnet as carnet using (carnet_number)
            where line.is_live
            group by line.prescriber_siret
        )
        select
            prescriber.prescriber_siret, prescriber.prescriber_name, prescriber.territory_code,
            prescriber.has_received_carnets, live.passes, live.amount_eur,
            coalesce(live.live_prescriptions, 0) as live_prescriptions
        from core.dim_prescriber as prescriber
        left join live using (prescriber_siret)
    """,
)

CHECKS = [
    TableCheck(
        code="PN-475",
        table_name="dim_prescriber",
        owner="prescripteur",
        sentence="Un prescripteur remet les carnets de son propre stock.",
        expected="aucun prescripteur qui n'a jamais reçu de carnets",
        why="Le SIRET est celui d'un autre établissement, ou un stock a changé de mains sans être déclaré.",
        mend="Corrigez le SIRET du prescripteur, ou déclarez le transfert du stock à #APTIC.",
        unit="prescripteur",
        table=_DIM_PRESCRIBER,
        expectations=(
            expect(
                "ExpectColumnValuesToBeInSet",
                column="has_received_carnets",
                value_set=[True],
                when=(("live_prescriptions", ">", 0),),
            ),
        ),
        units="""
            select
                prescriber_siret,
                territory_code,
                live_prescriptions as value,
                passes,
                amount_eur,
                prescriber_name || ' : ' || fr_int(live_prescriptions)
                || case when live_prescriptions = 1 then ' carnet remis' else ' carnets remis' end
                || ' sans stock reçu' as detail
            from chosen
        """,
    ),
]
