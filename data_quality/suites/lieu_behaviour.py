"""Checks of marts.lieu_activity's ground: whether what each lieu declares is complete and plausible.

Grain judged: a lieu, or a day of a lieu. Volumes that guard against small numbers are named below.
"""

from __future__ import annotations

from data_quality.expectations import Expect, LineCheck, Table, TableCheck, expect
from data_quality.profiles import uses_by_lieu

#: A share of fewer lines than this says nothing about how a lieu works.
_ENOUGH_LINES = 100
_NIGHT = (7, 22)
#: Typing errors happen: a lieu is named from this many passes on.
_A_FEW_PASSES = 4


_LIEU = Table(
    name="lieu_lines",
    grain="un lieu et ses lignes des douze derniers mois, dont le pass est connu",
    sql="""
        with recent as (
            select
                lieu_siret,
                amount_eur,
                duration_minutes is null as has_no_duration,
                service_code is null as has_no_service,
                exclusion_reason is not distinct from 'rejected' as is_rejected
            from core.fct_redemption
            where redeemed_on > getvariable('as_of') - 365 and exclusion_reason is distinct from 'unknown_pass'
        ),
        total as (
            select
                lieu_siret,
                count(*) as lines,
                count(*) filter (where has_no_duration) as lines_without_duration,
                count(*) filter (where has_no_service) as lines_without_service,
                count(*) filter (where is_rejected) as lines_rejected,
                sum(amount_eur) filter (where has_no_duration) as without_duration_eur,
                sum(amount_eur) filter (where has_no_service) as without_service_eur,
                sum(amount_eur) filter (where is_rejected) as rejected_eur
            from recent
            group by lieu_siret
        )
        select
            total.*,
            lieu.lieu_name,
            lieu.territory_code,
            lines_without_duration / lines as share_without_duration,
            lines_without_service / lines as share_without_service,
            lines_rejected / lines as share_rejected
        from total
        left join core.dim_lieu as lieu using (lieu_siret)
    """,
)


def _at_most(column: str, maximum: float) -> Expect:
    """At most this share of the lines of a lieu, where they are enough."""
    return expect(
        "ExpectColumnValuesToBeBetween", column=column, max_value=maximum, when=(("lines", ">=", _ENOUGH_LINES),)
    )


def _units(share: str, lines: str, amount: str, what: str) -> str:
    return f"""
        select
            lieu_siret, territory_code, {share} as value, {lines} as passes, {amount} as amount_eur,
            lieu_name || ' : ' || fr_share({share}) || ' {what}' as detail
        from chosen
    """


CHECKS = [
    TableCheck(
        code="PN-433",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Les lieux déclarent la durée de leurs sessions.",
        expected=f"au plus 30 % de lignes sans durée par lieu, sur douze mois (à partir de {_ENOUGH_LINES} lignes)",
        why="Une session sur quinze sans durée est ordinaire ; au-delà d'un tiers, les heures du lieu sont supposées.",
        mend="Déclarez la durée de chaque session lors du scan ; complétez les dernières sessions si elle est connue.",
        unit="lieu",
        table=_LIEU,
        expectations=(_at_most("share_without_duration", 0.30),),
        units=_units(
            "share_without_duration", "lines_without_duration", "without_duration_eur", "des lignes sans durée"
        ),
        kind="share",
    ),
    TableCheck(
        code="PN-434",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Les lieux déclarent le service rendu.",
        expected=f"au plus 30 % de lignes sans code de service par lieu, sur douze mois (à partir de {_ENOUGH_LINES})",
        why="Sans service ni durée, les heures valent zéro ; sans service, l'offre du lieu est illisible.",
        mend="Choisissez le service rendu lors du scan ; complétez les dernières sessions.",
        unit="lieu",
        table=_LIEU,
        expectations=(_at_most("share_without_service", 0.30),),
        units=_units(
            "share_without_service", "lines_without_service", "without_service_eur", "des lignes sans code de service"
        ),
        kind="share",
    ),
    TableCheck(
        code="PN-435",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Peu d'utilisations d'un lieu sont rejetées.",
        expected=f"au plus 10 % de lignes rejetées par #APTIC par lieu, sur douze mois (à partir de {_ENOUGH_LINES})",
        why="Moins d'une ligne sur cent est rejetée d'ordinaire ; une sur dix montre une procédure mal comprise.",
        mend="Revoyez avec #APTIC le motif de ces rejets et la façon de scanner les pass.",
        unit="lieu",
        table=_LIEU,
        expectations=(_at_most("share_rejected", 0.10),),
        units=_units("share_rejected", "lines_rejected", "rejected_eur", "des lignes rejetées"),
        kind="share",
    ),
    LineCheck(
        code="PN-436",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Aucune session n'a lieu la nuit.",
        expected=f"au plus {_A_FEW_PASSES} pass par lieu et fichier entre 22 h et 7 h",
        why="Les ateliers du soir finissent avant 22 h. Une date sans heure n'est pas une heure de nuit.",
        mend="Corrigez l'heure de ces sessions, ou expliquez ces séances à la Métropole.",
        unit="lieu (par fichier)",
        maximum=_A_FEW_PASSES,
        profile=uses_by_lieu(
            f"line.is_counted and (hour(line.redeemed_at) < {_NIGHT[0]} or hour(line.redeemed_at) >= {_NIGHT[1]})"
            " and line.redeemed_at <> cast(line.redeemed_on as timestamp)",
            "pass scannés entre 22 h et 7 h",
        ),
    ),
    LineCheck(
        code="PN-437",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Aucune session n'a lieu un jour férié, ni le dimanche dans un lieu fermé ce jour-là.",
        expected=f"au plus {_A_FEW_PASSES} pass par lieu et fichier (le dimanche est admis si les horaires le disent)",
        why="Des pass scannés en série un jour de fermeture n'ont pas servi à une formation ce jour-là.",
        mend="Corrigez la date de ces sessions ; si le lieu ouvre ce jour-là, faites ajouter ses horaires à "
        "l'annuaire.",
        unit="lieu (par fichier)",
        maximum=_A_FEW_PASSES,
        profile=uses_by_lieu(
            "line.is_counted and (line.redeemed_on in (select date_day from core.dim_date where is_holiday)"
            " or line.redeemed_on in (select date_day from core.dim_date where day_of_week = 7)"
            " and not regexp_matches(coalesce(lieu.opening_hours, ''), 'Su|24/7'))",
            "pass scannés un dimanche ou un jour férié",
        ),
    ),
    LineCheck(
        code="PN-438",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Aucun carnet n'est vidé en un jour.",
        expected="aucun carnet d'au moins cinq pass entièrement utilisé le même jour",
        why="Une session prend d'un à quatre pass : dix en un jour sont un encaissement, pas une formation.",
        mend="Datez chaque pass du jour de sa session, ou expliquez à la Métropole la formation suivie ce jour-là.",
        unit="jour d'un lieu",
        profile="""
            with emptied as (
                select line.carnet_number, line.redeemed_on, min(line.lieu_siret) as lieu_siret,
                    count(*) as passes, sum(line.amount_eur) as amount_eur,
                    list(distinct line.source_file_id) as files, list(line.source_line) as lines
                from core.fct_redemption as line
                inner join core.dim_carnet as carnet using (carnet_number)
                where line.is_counted and carnet.pass_count >= 5
                group by line.carnet_number, line.redeemed_on
                having count(*) = any_value(carnet.pass_count)
            )
            select
                emptied.lieu_siret,
                any_value(lieu.territory_code) as territory_code,
                -- Line numbers mean something where one file holds them all.
                case when len(list_distinct(flatten(list(emptied.files)))) = 1 then min(emptied.files[1]) end
                as source_file_id,
                case when len(list_distinct(flatten(list(emptied.files)))) = 1
                    then array_to_string(list_sort(flatten(list(emptied.lines))), ', ') end as source_lines,
                sum(emptied.passes) as value,
                sum(emptied.passes) as passes,
                sum(emptied.amount_eur) as amount_eur,
                any_value(lieu.lieu_name) || ' : ' || fr_passes(sum(emptied.passes)) || ' de carnets vidés le '
                || fr_day(emptied.redeemed_on) as detail
            from emptied
            left join core.dim_lieu as lieu using (lieu_siret)
            group by emptied.lieu_siret, emptied.redeemed_on
        """,
    ),
]
