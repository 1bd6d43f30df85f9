"""Checks of the published figures against the version published before: what falls, empties or rewrites the past.

They have nothing to say the first time, nor for a build as of an earlier date.
"""

from __future__ import annotations

from data_quality.expectations import Check
from data_quality.profiles import SETTLED_DAYS

_WATCHED = ("dim_carnet", "fct_pass", "fct_prescription", "fct_redemption", "fct_attendance", "fct_budget_entry")
_EMPTIED = " union all ".join(
    f"select case when (select count(*) from previous.core.{table}) > 0"
    f" and (select count(*) from core.{table}) = 0 then 1 else 0 end as value, 'core.{table} est vide' as detail"
    for table in _WATCHED
)
_CUMULATIVE = ("passes_issued", "passes_prescribed", "passes_used", "hours", "people_equipped", "people_reached")


def _rewritten(table: str, key: str, name: str, moved: int) -> str:
    """Months already settled in the previous version whose passes used have changed by more than `moved`."""
    territory, lieu = ("changed.territory_code", "null") if key == "territory_code" else ("null", "changed.lieu_siret")
    return f"""
        with settled as (
            select cast(date_trunc('month', max(as_of) - {SETTLED_DAYS}) as date) as month_start
            from previous.marts.programme_progress
        ),
        before as (select {key}, month, sum(passes_used) as passes from previous.marts.{table} group by all),
        now as (select {key}, month, sum(passes_used) as passes from marts.{table} group by all)
        select
            changed.{key},
            abs(is_now - was) / greatest(was, 1) as value,
            abs(is_now - was) as passes,
            {name} || ', ' || fr_month(month) || ' : ' || fr_passes(was) || ' utilisés avant, '
            || fr_int(is_now) || ' maintenant' as detail
        from (
            select {key}, month, coalesce(before.passes, 0) as was, coalesce(now.passes, 0) as is_now
            from before
            full join now using ({key}, month)
        ) as changed
        cross join settled
        left join core.dim_territory as territory on territory.territory_code = {territory}
        left join core.dim_lieu as lieu on lieu.lieu_siret = {lieu}
        where month < settled.month_start and abs(is_now - was) >= {moved}
    """


CHECKS = [
    Check(
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
        profile=_EMPTIED,
    ),
    Check(
        code="PN-501",
        table_name="programme_progress",
        owner="MGP",
        sentence="Aucun total du programme ne baisse depuis la version précédente.",
        expected="baisse d'au plus 2 % des pass, des heures et des personnes (à partir de 20 unités)",
        why="Ces totaux ne font que croître : des annulations en retirent quelques-uns, jamais deux sur cent.",
        mend="Comparez les deux versions (« passnum diff ») et demandez la raison au responsable des "
        "fichiers en cause.",
        unit="indicateur",
        kind="share",
        maximum=0.02,
        needs_previous=True,
        profile=f"""
            select
                case when before.value - now.value >= 20 then (before.value - now.value) / before.value else 0 end
                as value,
                '« ' || label.label || ' » : ' || fr_int(before.value) || ' avant, '
                || fr_int(now.value) || ' maintenant' as detail
            from previous.marts.programme_progress as before
            inner join marts.programme_progress as now using (indicator)
            inner join marts.indicator as label on indicator = label.code
            where indicator in {_CUMULATIVE} and before.value > 0
        """,
    ),
    Check(
        code="PN-502",
        table_name="territory_month",
        owner="#APTIC",
        sentence="Le passé d'un territoire, une fois réglé, ne change plus.",
        expected=f"écart d'au plus 20 % sur les mois de plus de {SETTLED_DAYS} jours (à partir de 50 pass)",
        why="Les lignes tardives sont deux sur cent : un cinquième est un changement de code ou un fichier remplacé.",
        mend="Comparez les deux versions (« passnum diff ») ; si un code ou un fichier a changé à tort, "
        "redéposez le bon.",
        unit="mois d'un territoire",
        kind="share",
        maximum=0.20,
        needs_previous=True,
        profile=_rewritten(
            "territory_month", "territory_code", "coalesce(territory.territory_name, changed.territory_code)", 50
        ),
    ),
    Check(
        code="PN-503",
        table_name="lieu_activity",
        owner="lieu",
        sentence="Le passé d'un lieu, une fois réglé, ne change plus.",
        expected=f"écart d'au plus 20 % sur les mois de plus de {SETTLED_DAYS} jours (à partir de 30 pass)",
        why="Un mois réglé qui change : le lieu a changé de SIRET, ou ses lignes sont revenues sous une autre clé.",
        mend="Vérifiez le SIRET du lieu et les identifiants de ses lignes ; redéposez l'export s'ils ont "
        "changé à tort.",
        unit="mois d'un lieu",
        kind="share",
        maximum=0.20,
        needs_previous=True,
        profile=_rewritten("lieu_activity", "lieu_siret", "coalesce(lieu.lieu_name, changed.lieu_siret)", 30),
    ),
]
