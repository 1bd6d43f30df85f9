"""Checks of the published figures against the version published before: what falls, empties or rewrites the past.

They have nothing to say the first time, nor for a build as of an earlier date.
"""

from __future__ import annotations

from data_quality.expectations import Expect, Table, TableCheck, expect
from data_quality.profiles import SETTLED_DAYS

_WATCHED = ("dim_carnet", "fct_pass", "fct_prescription", "fct_redemption", "fct_attendance", "fct_budget_entry")
_CORE_TABLE = Table(
    name="core_table",
    grain="une table de faits",
    sql=" union all ".join(
        f"select '{table}' as table_name, (select count(*) from previous.core.{table}) as rows_before,"
        f" (select count(*) from core.{table}) as rows_now"
        for table in _WATCHED
    ),
)
_CUMULATIVE = ("passes_issued", "passes_prescribed", "passes_used", "hours", "people_equipped", "people_reached")

_TOTAL = Table(
    name="programme_progress",
    grain="un total cumulé du programme, dans la version précédente et dans celle-ci",
    sql=f"""
        select
            label.label,
            before.value as value_before,
            now.value,
            before.value - now.value as lost,
            (before.value - now.value) / before.value as lost_share
        from previous.marts.programme_progress as before
        inner join marts.programme_progress as now using (indicator)
        inner join marts.indicator as label on indicator = label.code
        where indicator in {_CUMULATIVE} and before.value > 0
    """,
)


def _rewritten(table: str, key: str, of: str, name: str, join: str) -> Table:
    """Months already settled in the previous version whose passes used are no longer the same."""
    return Table(
        name=f"{table}_rewritten",
        grain=f"un mois réglé d'un {of} dont les pass utilisés ont changé",
        sql=f"""
            with settled as (
                select cast(date_trunc('month', max(as_of) - {SETTLED_DAYS}) as date) as month_start
                from previous.marts.programme_progress
            ),
            before as (select {key}, month, sum(passes_used) as passes from previous.marts.{table} group by all),
            now as (select {key}, month, sum(passes_used) as passes from marts.{table} group by all),
            changed as (
                select {key}, month, coalesce(before.passes, 0) as passes_before, coalesce(now.passes, 0) as passes_now
                from before
                full join now using ({key}, month)
            )
            select
                changed.*,
                {name} as name,
                abs(passes_now - passes_before) as passes_moved,
                abs(passes_now - passes_before) / greatest(passes_before, 1) as moved_share
            from changed
            cross join settled
            left join {join} using ({key})
            where month < settled.month_start and passes_now <> passes_before
        """,
    )


_TERRITORY_MONTH = _rewritten(
    "territory_month", "territory_code", "territoire", "coalesce(territory_name, territory_code)", "core.dim_territory"
)
_LIEU_MONTH = _rewritten("lieu_activity", "lieu_siret", "lieu", "coalesce(lieu_name, lieu_siret)", "core.dim_lieu")


def _hardly_moves(passes: int) -> Expect:
    """By no more than a fifth, where this many passes moved."""
    return expect(
        "ExpectColumnValuesToBeBetween", column="moved_share", max_value=0.20, when=(("passes_moved", ">=", passes),)
    )


def _moved(key: str) -> str:
    return f"""
        select
            {key},
            moved_share as value,
            passes_moved as passes,
            name || ', ' || fr_month(month) || ' : ' || fr_passes(passes_before) || ' utilisés avant, '
            || fr_int(passes_now) || ' maintenant' as detail
        from chosen
    """


CHECKS = [
    TableCheck(
        code="PN-402",
        table_name="fct_redemption",
        severity="bloquant",
        owner="MGP",
        sentence="Aucune table de faits ne s'est vidée depuis la dernière version publiée.",
        expected="aucune table vidée",
        why="Une table vide publierait zéro heure et zéro personne là où il y en avait.",
        mend="Vérifiez que le dossier lake est entier, remettez-le de la sauvegarde au besoin, puis relancez "
        "« passnum run ».",
        unit="table",
        needs_previous=True,
        table=_CORE_TABLE,
        expectations=(
            expect("ExpectColumnValuesToBeBetween", column="rows_now", min_value=1, when=(("rows_before", ">", 0),)),
        ),
        units="select 1 as value, 'core.' || table_name || ' est vide' as detail from chosen",
    ),
    TableCheck(
        code="PN-501",
        table_name="programme_progress",
        owner="MGP",
        sentence="Aucun total du programme ne baisse depuis la version précédente.",
        expected="baisse d'au plus 2 % des pass, des heures et des personnes (à partir de 20 unités)",
        why="Ces totaux ne font que croître : des annulations en retirent quelques-uns, jamais deux sur cent.",
        mend="Comparez les deux versions (« passnum diff ») et demandez la raison au responsable des "
        "fichiers en cause.",
        unit="indicateur",
        needs_previous=True,
        table=_TOTAL,
        expectations=(
            expect("ExpectColumnValuesToBeBetween", column="lost_share", max_value=0.02, when=(("lost", ">=", 20),)),
        ),
        units="""
            select
                lost_share as value,
                '« ' || label || ' » : ' || fr_int(value_before) || ' avant, ' || fr_int(chosen.value) || ' maintenant'
                as detail
            from chosen
        """,
        kind="share",
    ),
    TableCheck(
        code="PN-502",
        table_name="territory_month",
        owner="#APTIC",
        sentence="Le passé d'un territoire, une fois réglé, ne change plus.",
        expected=f"écart d'au plus 20 % sur les mois de plus de {SETTLED_DAYS} jours (à partir de 50 pass)",
        why="Les lignes tardives sont deux sur cent : un cinquième est un changement de code ou un fichier remplacé.",
        mend="Comparez les deux versions (« passnum diff ») ; si un code ou un fichier a changé à tort, "
        "redéposez le bon.",
        unit="mois d'un territoire",
        needs_previous=True,
        table=_TERRITORY_MONTH,
        expectations=(_hardly_moves(50),),
        units=_moved("territory_code"),
        kind="share",
    ),
    TableCheck(
        code="PN-503",
        table_name="lieu_activity",
        owner="lieu",
        sentence="Le passé d'un lieu, une fois réglé, ne change plus.",
        expected=f"écart d'au plus 20 % sur les mois de plus de {SETTLED_DAYS} jours (à partir de 30 pass)",
        why="Un mois réglé qui change : le lieu a changé de SIRET, ou ses lignes sont revenues sous une autre clé.",
        mend="Vérifiez le SIRET du lieu et les identifiants de ses lignes ; redéposez l'export s'ils ont "
        "changé à tort.",
        unit="mois d'un lieu",
        needs_previous=True,
        table=_LIEU_MONTH,
        expectations=(_hardly_moves(30),),
        units=_moved("lieu_siret"),
        kind="share",
    ),
]
