"""Checks of activity over time: a territory or a lieu that stops, or that jumps.

Grain judged: a territory, a lieu, against the activity of the rest of the programme, so that August, a lockdown or the
end of a lot is no alarm. Does not live here: what changes between two versions (programme_progress).
"""

from __future__ import annotations

from data_quality.expectations import Table, TableCheck, expect

#: The recent window is judged against the six months before it.
_RECENT_DAYS = 61
_BASE_DAYS = 183
#: Attendances expected in the recent window from which an absence means something.
_EXPECTED = 30
#: A jump is judged against months of at least this many passes, and must exceed them by as many as _EXCESS.
_ORDINARY = 50
_EXCESS = 300

# What each lieu could expect: its share of each territory's attendances over the base window, times what that
# territory did recently, wherever it went. A lot that ends, August or a lockdown lower the expectation too.
_LIEU_PACE = Table(
    name="lieu_pace",
    grain="un lieu référencé, deux mois face aux six précédents",
    sql=f"""
    with visit as (
        select territory_code, lieu_siret, attended_on > getvariable('as_of') - {_RECENT_DAYS} as is_recent
        from core.fct_attendance
        where attended_on > getvariable('as_of') - {_RECENT_DAYS + _BASE_DAYS}
    ),
    territory as (
        select territory_code,
            count(*) filter (where is_recent) as recent, count(*) filter (where not is_recent) as base
        from visit
        group by territory_code
    ),
    pair as (
        select lieu_siret, territory_code, count(*) filter (where is_recent) as recent,
            count(*) filter (where not is_recent) as base
        from visit
        group by lieu_siret, territory_code
    ),
    expected as (
        select pair.lieu_siret, sum(pair.recent) as recent,
            sum(pair.base * territory.recent / nullif(territory.base, 0)) as wanted
        from pair
        inner join territory using (territory_code)
        group by pair.lieu_siret
    )
    select
        expected.lieu_siret,
        lieu.territory_code,
        lieu.lieu_name as name,
        expected.recent as attendances,
        expected.wanted as attendances_expected,
        expected.recent / nullif(expected.wanted, 0) as pace
    from expected
    inner join core.dim_lieu as lieu using (lieu_siret)
    where lieu.referenced_until is null or lieu.referenced_until > getvariable('as_of')
""",
)

_TERRITORY_PACE = Table(
    name="territory_pace",
    grain="un territoire, deux mois face aux six précédents",
    sql=f"""
    with visit as (
        select territory_code, attended_on > getvariable('as_of') - {_RECENT_DAYS} as is_recent
        from core.fct_attendance
        where attended_on > getvariable('as_of') - {_RECENT_DAYS + _BASE_DAYS}
    ),
    usable as (
        select use_territory_code as territory_code,
            count(*) filter (where tolerance_until >= getvariable('as_of')
                and (used_on is null or used_on > getvariable('as_of') - {_RECENT_DAYS})) as recent,
            count(*) filter (where used_on is null or used_on > getvariable('as_of') - {_RECENT_DAYS + _BASE_DAYS})
            as base
        from core.fct_pass
        where prescribed_on <= getvariable('as_of') - {_RECENT_DAYS} and cancelled_on is null
            and tolerance_until > getvariable('as_of') - {_RECENT_DAYS + _BASE_DAYS}
        group by use_territory_code
    ),
    territory as (
        select territory_code,
            count(*) filter (where is_recent) as recent, count(*) filter (where not is_recent) as base
        from visit
        group by territory_code
    ),
    programme as (
        select sum(territory.recent) / nullif(sum(territory.base), 0) as pace from territory
    ),
    expected as (
        -- No more than the stock in people's hands allows: what is left of it since the base window.
        select territory.*, territory.base * programme.pace * least(1, usable.recent / nullif(usable.base, 0)) as wanted
        from territory
        cross join programme
        inner join usable using (territory_code)
    )
    select
        expected.territory_code,
        coalesce(name.territory_name, expected.territory_code) as name,
        expected.recent as attendances,
        expected.wanted as attendances_expected,
        expected.recent / nullif(expected.wanted, 0) as pace
    from expected
    left join core.dim_territory as name using (territory_code)
""",
)
_GOES_ON = expect(
    "ExpectColumnValuesToBeBetween",
    column="pace",
    min_value=0.10,
    when=(("attendances_expected", ">=", _EXPECTED),),
)


def _stopped(scope: str) -> str:
    return f"""
        select
            {scope},
            pace as value,
            name || ' : ' || fr_int(attendances) || ' présences depuis deux mois, environ '
            || fr_int(attendances_expected) || ' attendues' as detail
        from chosen
    """


def _last_month(source: str, key: str, of: str, name: str, join: str) -> Table:
    """The last whole month against the best month of all those before it."""
    return Table(
        name=f"{source}_last_month",
        grain=f"le dernier mois entier d'un {of}, face à tous ceux d'avant",
        sql=f"""
            with month_of_unit as (
                select {key}, month, sum(passes_used) as passes, sum(face_value_used_eur) as amount_eur,
                    sum(hours) as hours
                from marts.{source}
                where passes_used > 0 and month < date_trunc('month', getvariable('as_of') + 1)
                group by {key}, month
            ),
            compared as (
                select *, max(passes) over earlier as best_before,
                    count(*) filter (where passes >= {_ORDINARY}) over earlier as months_before
                from month_of_unit
                window earlier as (partition by {key} order by month rows between unbounded preceding and 1 preceding)
            )
            select
                compared.*,
                {name} as name,
                passes - best_before as passes_more,
                passes / best_before as times_the_best
            from compared
            left join {join} using ({key})
            where month = date_trunc('month', getvariable('as_of') + 1) - interval 1 month
        """,
    )


_TERRITORY_LAST = _last_month("territory_month", "territory_code", "territoire", "territory_name", "core.dim_territory")
_LIEU_LAST = _last_month("lieu_activity", "lieu_siret", "lieu", "lieu_name", "core.dim_lieu")
_NO_JUMP = expect(
    "ExpectColumnValuesToBeBetween",
    column="times_the_best",
    max_value=4,
    when=(("months_before", ">=", 4), ("passes_more", ">=", _EXCESS)),
)


def _jump(key: str) -> str:
    return f"""
        select
            {key},
            times_the_best as value,
            passes,
            amount_eur,
            hours,
            name || ' : ' || fr_passes(passes) || ' en ' || fr_month(month) || ', jamais plus de '
            || fr_int(best_before) || ' par mois avant' as detail
        from chosen
    """


CHECKS = [
    TableCheck(
        code="PN-504",
        table_name="territory_month",
        owner="prescripteur",
        sentence="Aucun territoire ne s'arrête pendant que les autres continuent.",
        expected="au moins un dixième de l'activité attendue sur deux mois (à partir de 30 présences attendues)",
        why="L'attendu suit le programme et les pass encore utilisables : un creux commun n'alarme pas.",
        mend="Demandez aux prescripteurs et aux lieux du territoire ce qui s'est arrêté ; faites livrer ce qui manque.",
        unit="territoire",
        table=_TERRITORY_PACE,
        expectations=(_GOES_ON,),
        units=_stopped("territory_code"),
        kind="share",
        lowest_first=True,
    ),
    TableCheck(
        code="PN-505",
        table_name="lieu_activity",
        owner="lieu",
        sentence="Aucun lieu référencé ne s'arrête pendant que son public continue ailleurs.",
        expected="au moins un dixième de l'activité attendue sur deux mois (à partir de 30 présences attendues)",
        why="Il a fermé, ou ses scans ne nous parviennent plus : l'un se note dans l'annuaire, l'autre se répare.",
        mend="Dites si le lieu a fermé (date de fin dans l'annuaire) ou faites revenir ses scans.",
        unit="lieu",
        table=_LIEU_PACE,
        expectations=(_GOES_ON,),
        units=_stopped("lieu_siret, territory_code"),
        kind="share",
        lowest_first=True,
    ),
    TableCheck(
        code="PN-506",
        table_name="territory_month",
        owner="prescripteur",
        sentence="Aucun territoire ne bondit d'un mois à l'autre.",
        expected="au plus quatre fois son meilleur mois (après quatre mois d'activité, au-delà de 300 pass de plus)",
        why="Une reprise ou un nouveau lot double un mois ; quatre fois le record est un fichier livré sous deux clés.",
        mend="Cherchez des lignes livrées sous deux clés ; sinon, demandez la raison de cette hausse.",
        unit="territoire",
        table=_TERRITORY_LAST,
        expectations=(_NO_JUMP,),
        units=_jump("territory_code"),
        kind="decimal",
    ),
    TableCheck(
        code="PN-507",
        table_name="lieu_activity",
        owner="lieu",
        sentence="Aucun lieu ne bondit d'un mois à l'autre.",
        expected="au plus quatre fois son meilleur mois (après quatre mois d'activité, au-delà de 300 pass de plus)",
        why="Une salle ne reçoit pas quatre fois son record : des pass y sont encaissés sans formation.",
        mend="Demandez au lieu la raison de cette hausse et vérifiez ses sessions ; redatez les pass mal datés.",
        unit="lieu",
        table=_LIEU_LAST,
        expectations=(_NO_JUMP,),
        units=_jump("lieu_siret"),
        kind="decimal",
    ),
]
