"""Checks of core.fct_attendance: training hours that a lieu can have given, and where they come from."""

from __future__ import annotations

from data_quality.expectations import LineCheck, Table, TableCheck, expect

#: Twelve places, ten hours: more person-hours than that in a day is more than a room can host.
_DAY_HOURS = 120
#: The same in passes, of about half an hour each.
_DAY_PASSES = 240
#: Participants of one session; the workshops of the programme take eight to twelve.
_GROUP = 25
_ENOUGH_SESSIONS = 40
_ENOUGH_PASSES = 100
#: Hours of training one carnet can have had in a day.
_PERSON_HOURS = 10

_LIEU = Table(
    name="lieu_attendances",
    grain="un lieu et ses présences des douze derniers mois",
    sql="""
        with recent as (
            select * from core.fct_attendance where attended_on > getvariable('as_of') - 365
        ),
        total as (
            select
                lieu_siret,
                count(*) as attendances,
                sum(passes_used) filter (where hours_source = 'measured') as passes_measured,
                sum(amount_eur) filter (where hours_source = 'measured') as measured_eur,
                sum(hours) filter (where hours_source = 'measured') as hours_measured,
                sum(minutes) filter (where hours_source = 'measured') as minutes_measured,
                sum(passes_used) filter (where hours_source = 'unknown') as passes_without_hours,
                sum(amount_eur) filter (where hours_source = 'unknown') as without_hours_eur,
                count(*) filter (where hours_source = 'unknown') / count(*) as share_without_hours
            from recent
            group by lieu_siret
        ),
        session as (
            select lieu_siret, session_id, max(minutes) % 60 = 0 as is_round
            from recent
            where hours_source = 'measured'
            group by lieu_siret, session_id
        ),
        session_of_lieu as (
            select
                lieu_siret,
                count(*) as sessions_measured,
                count(*) filter (where is_round) / count(*) as share_of_round_sessions
            from session
            group by lieu_siret
        )
        select
            total.*, lieu.lieu_name, lieu.territory_code, session_of_lieu.sessions_measured,
            session_of_lieu.share_of_round_sessions, minutes_measured / passes_measured as minutes_per_pass
        from total
        left join session_of_lieu using (lieu_siret)
        left join core.dim_lieu as lieu using (lieu_siret)
    """,
)
_BY_DAY = """
    select
        attendance.lieu_siret,
        any_value(lieu.territory_code) as territory_code,
        {value} as value,
        sum(attendance.passes_used) as passes,
        sum(attendance.amount_eur) as amount_eur,
        sum(attendance.hours) as hours,
        any_value(lieu.lieu_name) || ' : ' || fr_decimal(sum(attendance.hours)) || ' heures-personnes{what} le '
        || fr_day(attendance.attended_on) || ', ' || fr_passes(sum(attendance.passes_used)) as detail
    from {source} as attendance
    left join core.dim_lieu as lieu using (lieu_siret)
    group by attendance.lieu_siret, attendance.attended_on
"""

CHECKS = [
    LineCheck(
        code="PN-441",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Aucun lieu n'accueille en un jour plus de monde qu'il ne peut en recevoir.",
        expected=f"au plus {_DAY_HOURS} heures-personnes par lieu et par jour",
        why="Une salle de douze postes ouverte dix heures : au-delà, les pass n'ont pas été utilisés ce jour-là.",
        mend="Redatez les pass du jour réel de leur session et corrigez les durées, ou expliquez cette journée.",
        unit="jour d'un lieu",
        kind="decimal",
        maximum=_DAY_HOURS,
        profile=_BY_DAY.format(value="sum(attendance.hours)", what="", source="core.fct_attendance"),
    ),
    LineCheck(
        code="PN-442",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Aucune session ne réunit plus de participants qu'un atelier.",
        expected=f"au plus {_GROUP} participants par session numérotée",
        why="Un atelier accueille huit à douze personnes ; au-delà du double, un numéro sert à plusieurs sessions.",
        mend="Donnez un numéro à chaque session : un numéro ne sert qu'une fois.",
        unit="session",
        maximum=_GROUP,
        profile="""
            select
                attendance.lieu_siret,
                any_value(lieu.territory_code) as territory_code,
                count(*) as value,
                sum(attendance.passes_used) as passes,
                sum(attendance.amount_eur) as amount_eur,
                sum(attendance.hours) as hours,
                any_value(lieu.lieu_name) || ' : une session de ' || fr_int(count(*)) || ' participants le '
                || fr_day(min(attendance.attended_on)) as detail
            from core.fct_attendance as attendance
            left join core.dim_lieu as lieu using (lieu_siret)
            -- A session that the lieu does not number is put together from its lieu, day and service.
            where not starts_with(attendance.session_id, attendance.lieu_siret || '|')
            group by attendance.lieu_siret, attendance.session_id
        """,
    ),
    TableCheck(
        code="PN-443",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Les durées déclarées par un lieu ne sont pas toutes des heures rondes.",
        expected=f"au plus 90 % de sessions d'un nombre entier d'heures par lieu (dès {_ENOUGH_SESSIONS} sessions)",
        why="Des durées réelles varient ; toujours « 1 h » ou « 2 h » est un forfait, et les heures un calcul.",
        mend="Déclarez la durée réelle de chaque session, en minutes, au lieu d'un forfait.",
        unit="lieu",
        table=_LIEU,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="share_of_round_sessions",
                max_value=0.90,
                when=(("sessions_measured", ">=", _ENOUGH_SESSIONS),),
            ),
        ),
        units="""
            select
                lieu_siret,
                territory_code,
                share_of_round_sessions as value,
                passes_measured as passes,
                measured_eur as amount_eur,
                hours_measured as hours,
                lieu_name || ' : ' || fr_share(share_of_round_sessions)
                || ' des sessions durent un nombre entier d''heures' as detail
            from chosen
        """,
        kind="share",
    ),
    LineCheck(
        code="PN-444",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Les pass d'une même présence portent la même durée.",
        expected="aucune présence à deux durées",
        why="La plus grande durée est retenue : l'autre est fausse, et les heures sont peut-être trop hautes.",
        mend="Donnez la même durée à tous les pass d'une même présence.",
        unit="jour d'un lieu",
        profile=_BY_DAY.format(
            value="count(*)",
            what=" de présences à deux durées",
            source="(select * from core.fct_attendance where has_conflicting_duration)",
        ),
    ),
    TableCheck(
        code="PN-445",
        table_name="fct_attendance",
        owner="lieu",
        sentence="La durée donnée pour un pass est vraisemblable.",
        expected=f"de 10 à 120 minutes par pass et par lieu, sur douze mois (à partir de {_ENOUGH_PASSES} pass)",
        why="Un pass vaut environ une demi-heure : hors de ces bornes, les durées sont dans une autre unité.",
        mend="Vérifiez que les durées sont en minutes, et le nombre de pass pris par session.",
        unit="lieu",
        table=_LIEU,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="minutes_per_pass",
                min_value=10,
                max_value=120,
                when=(("passes_measured", ">=", _ENOUGH_PASSES),),
            ),
        ),
        units="""
            select
                lieu_siret,
                territory_code,
                minutes_per_pass as value,
                passes_measured as passes,
                measured_eur as amount_eur,
                hours_measured as hours,
                lieu_name || ' : ' || fr_decimal(minutes_per_pass) || ' minutes par pass' as detail
            from chosen
        """,
        kind="decimal",
        lowest_first=True,
    ),
    TableCheck(
        code="PN-446",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Toutes les présences ont une durée, déclarée ou nominale.",
        expected="au plus 5 % de présences comptées zéro heure par lieu, sur douze mois (à partir de 40 présences)",
        why="Ni durée ni service connu : ces heures sont perdues pour l'objectif d'heures.",
        mend="Déclarez la durée ou le service de ces présences.",
        unit="lieu",
        table=_LIEU,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="share_without_hours",
                max_value=0.05,
                when=(("attendances", ">=", _ENOUGH_SESSIONS),),
            ),
        ),
        units="""
            select
                lieu_siret,
                territory_code,
                share_without_hours as value,
                passes_without_hours as passes,
                without_hours_eur as amount_eur,
                lieu_name || ' : ' || fr_share(share_without_hours) || ' des présences sans durée' as detail
            from chosen
        """,
        kind="share",
    ),
    LineCheck(
        code="PN-447",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Personne ne suit plus de dix heures de formation en un jour.",
        expected=f"au plus {_PERSON_HOURS} heures par carnet et par jour",
        why="Au-delà d'une journée d'ouverture, des présences sont datées du jour de leur saisie.",
        mend="Redatez ces présences du jour réel de la session, ou corrigez leur durée.",
        unit="jour d'un lieu",
        profile=_BY_DAY.format(
            value="count(*)",
            what=" de carnets présents plus de dix heures",
            source=f"""(
                select min(lieu_siret) as lieu_siret, attended_on, sum(hours) as hours,
                    sum(passes_used) as passes_used, sum(amount_eur) as amount_eur
                from core.fct_attendance
                group by carnet_number, attended_on
                having sum(hours) > {_PERSON_HOURS}
            )""",
        ),
    ),
    LineCheck(
        code="PN-448",
        table_name="fct_attendance",
        owner="lieu",
        sentence="Aucun lieu n'encaisse en un jour plus de pass qu'il ne peut recevoir de monde.",
        expected=f"au plus {_DAY_PASSES} pass par lieu et par jour",
        why="Douze postes, dix heures, une demi-heure par pass : PN-441 ne voit pas les pass déclarés sans durée.",
        mend="Redatez les pass du jour réel de leur session, ou expliquez cette journée à la Métropole.",
        unit="jour d'un lieu",
        maximum=_DAY_PASSES,
        profile=_BY_DAY.format(value="sum(attendance.passes_used)", what="", source="core.fct_attendance"),
    ),
]
