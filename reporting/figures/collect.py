"""Reads, from one published version, everything the documents of a period are made of.

Months add up: each person has one first month (equipped, reached), each pass one month of use. Figures that marts
do not give by month (carnets handed over and started, reimbursed euros, audience by month) are counted here from
core, on the same rows and days as the marts count them; tests hold that their totals are the marts'.
Does not live here: masking (publication.py), layouts.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from warehouse.published.versions import Version, connect

#: Answers as they are grouped where a territory is shown: detail would be small counts nearly everywhere.
GROUPED_ANSWERS: dict[str, dict[str, str]] = {
    "age_band": {
        "moins_18": "moins_25",
        "18_24": "moins_25",
        "25_39": "25_59",
        "40_59": "25_59",
        "60_69": "60_plus",
        "70_plus": "60_plus",
    },
    "gender": {"femme": "femme"},
    "situation": {"demandeur_emploi": "demandeur_emploi"},
    "public_pic": {"oui": "oui"},
    "residence_qpv": {"oui": "oui"},
}
OTHER = "autres_reponses"

_MONTHLY = """
    with carnet as (
        select carnet.*, started.started_on
        from core.dim_carnet as carnet
        left join (select carnet_number, min(used_on) as started_on from core.fct_pass group by all) as started
            using (carnet_number)
    ),
    measure as (
        select territory_code, month, passes_issued, passes_prescribed, passes_used, face_value_issued_eur,
               face_value_used_eur, hours, people_equipped, people_reached,
               0 as carnets_issued, 0 as carnets_prescribed, 0 as carnets_started, 0::decimal(18,2) as reimbursed_eur
        from marts.territory_month
        union all by name
        select territory_code, date_trunc('month', issued_on)::date as month, count(*) as carnets_issued
        from carnet group by all
        union all by name
        select use_territory_code as territory_code, date_trunc('month', prescribed_on)::date as month,
               count(*) as carnets_prescribed
        from carnet where holding_prescription_id is not null group by all
        union all by name
        select use_territory_code as territory_code, date_trunc('month', started_on)::date as month,
               count(*) as carnets_started
        from carnet where started_on is not null group by all
        union all by name
        select territory_code, date_trunc('month', redeemed_on)::date as month, sum(amount_eur) as reimbursed_eur
        from core.fct_redemption where is_counted and source_status = 'remboursee' group by all
    )
    select territory_code, month,
        coalesce(sum(carnets_issued), 0)::bigint as carnets_issued,
        coalesce(sum(carnets_prescribed), 0)::bigint as carnets_prescribed,
        coalesce(sum(carnets_started), 0)::bigint as carnets_started,
        coalesce(sum(passes_issued), 0)::bigint as passes_issued,
        coalesce(sum(passes_prescribed), 0)::bigint as passes_prescribed,
        coalesce(sum(passes_used), 0)::bigint as passes_used,
        coalesce(sum(hours), 0)::double as hours,
        coalesce(sum(people_equipped), 0)::bigint as people_equipped,
        coalesce(sum(people_reached), 0)::bigint as people_reached,
        coalesce(sum(face_value_issued_eur), 0)::decimal(18,2) as face_value_issued_eur,
        coalesce(sum(face_value_used_eur), 0)::decimal(18,2) as face_value_used_eur,
        coalesce(sum(reimbursed_eur), 0)::decimal(18,2) as reimbursed_eur
    from measure group by all order by all
"""

_TERRITORY = """
    select progress.territory_code, progress.territory_name, coalesce(progress.ept_name, 'Hors Métropole') as ept_name,
           progress.ami, progress.is_participating, progress.participation_status, progress.people_target,
           progress.hours_target, dim.longitude, dim.latitude
    from marts.territory_progress as progress
    left join core.dim_territory as dim using (territory_code)
    order by territory_code
"""

_LIEU_MONTH = """
    select lieu_siret, month, sum(passes_used)::bigint as passes_used, sum(hours)::double as hours,
           sum(session_hours)::double as session_hours,
           sum(face_value_used_eur)::decimal(18,2) as face_value_used_eur,
           sum(reimbursed_eur)::decimal(18,2) as reimbursed_eur
    from marts.lieu_activity group by all order by all
"""

_LIEU = """
    select lieu_siret, lieu_name, city_name, territory_code, is_inferred, directory_id, address, postal_code,
           latitude, longitude, typologies, services, target_audiences, fees, support_modes, access_modes, website,
           opening_hours, updated_on, referenced_from, referenced_until
    from core.dim_lieu order by lieu_siret
"""

_AUDIENCE = """
    with answer as (
        unpivot (
            select territory_code, equipped_on, reached_on,
                   coalesce(age_band, 'non_renseigne') as age_band, coalesce(gender, 'non_renseigne') as gender,
                   coalesce(situation, 'non_renseigne') as situation,
                   coalesce(pic_answer, 'non_renseigne') as public_pic,
                   coalesce(qpv_answer, 'non_renseigne') as residence_qpv
            from core.dim_person where is_identified
        ) on age_band, gender, situation, public_pic, residence_qpv
        into name dimension value category
    ),
    step as (
        select territory_code, dimension, category, date_trunc('month', equipped_on)::date as month,
               1 as people_equipped, 0 as people_reached
        from answer where equipped_on is not null
        union all
        select territory_code, dimension, category, date_trunc('month', reached_on)::date, 0, 1
        from answer where reached_on is not null
    )
    select territory_code, dimension, category, month,
           sum(people_equipped)::bigint as people_equipped, sum(people_reached)::bigint as people_reached
    from step group by all order by all
"""

_ANONYMOUS = """
    select date_trunc('month', reached_on)::date as month, count(*)::bigint as people_reached
    from core.dim_person where not is_identified and reached_on is not null group by all order by all
"""


@dataclass(frozen=True)
class Source:
    """What one published version holds for the documents. Every frame is complete: nothing is masked yet.

    monthly: territory × month. lieu_month: lieu × month. audience: territory × dimension × category × month.
    anonymous: month. ledger: mandate_ledger as it is. budget: budget_month as it is.
    """

    version: Version
    code_version: str
    monthly: pl.DataFrame
    territories: pl.DataFrame
    lieux: pl.DataFrame
    lieu_month: pl.DataFrame
    audience: pl.DataFrame
    anonymous: pl.DataFrame
    ledger: pl.DataFrame
    budget: pl.DataFrame
    indicators: pl.DataFrame
    deliveries: pl.DataFrame
    checks: pl.DataFrame
    exclusions: pl.DataFrame
    projection: pl.DataFrame
    reliability: pl.DataFrame
    daily: pl.DataFrame
    progress: pl.DataFrame


def collect(version: Version) -> Source:
    """Everything needed from `version`, read through one connection."""
    with connect(version.path) as con:
        code = con.execute("select code_version from quality.build order by build_id desc limit 1").fetchone()
        return Source(
            version=version,
            code_version=str(code[0]) if code else "",
            monthly=_read(con, _MONTHLY),
            territories=_read(con, _TERRITORY),
            lieux=_read(con, _LIEU),
            lieu_month=_read(con, _LIEU_MONTH),
            audience=_read(con, _AUDIENCE),
            anonymous=_read(con, _ANONYMOUS),
            ledger=_read(con, "select * from marts.mandate_ledger order by month, territory_code"),
            budget=_read(con, "select * from marts.budget_month order by all"),
            indicators=_read(con, "select * from marts.indicator order by rank"),
            deliveries=_read(
                con,
                """
                select coalesce(dataset, 'inconnu') as dataset, count(*) filter (outcome = 'loaded') as files_loaded,
                       count(*) filter (outcome = 'rejected') as files_rejected,
                       coalesce(sum(lines_read) filter (outcome = 'loaded'), 0)::bigint as lines_read,
                       coalesce(sum(lines_accepted) filter (outcome = 'loaded'), 0)::bigint as lines_accepted,
                       coalesce(sum(lines_rejected) filter (outcome = 'loaded'), 0)::bigint as lines_rejected,
                       coalesce(sum(lines_duplicate) filter (outcome = 'loaded'), 0)::bigint as lines_duplicate
                from quality.delivered_file group by all order by dataset
                """,
            ),
            checks=_read(
                con,
                "select severity, status, count(*) as checks from quality.check_result group by all order by all",
            ),
            exclusions=_read(
                con,
                """
                select exclusion_reason as reason, date_trunc('month', redeemed_on)::date as month, count(*) as lines
                from core.fct_redemption where not is_counted group by all order by all
                """,
            ),
            projection=_read(
                con,
                """
                select projection.*, reliability.is_indicative
                from marts.projection as projection
                inner join marts.projection_reliability as reliability using (indicator, scenario)
                order by indicator, scenario desc, target_on
                """,
            ),
            reliability=_read(con, "select * from marts.projection_reliability order by indicator, scenario desc"),
            daily=_read(con, "select * from marts.progress_daily order by date_day"),
            progress=_read(con, "select * from marts.programme_progress"),
        )


def _read(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return con.execute(query).pl()


def grouped(audience: pl.DataFrame) -> pl.DataFrame:
    """The audience with answers grouped as a territory shows them (same grain)."""
    mapping = pl.DataFrame(
        [(d, c, g) for d, answers in GROUPED_ANSWERS.items() for c, g in answers.items()],
        schema=["dimension", "category", "group"],
        orient="row",
    )
    return (
        audience.join(mapping, on=["dimension", "category"], how="left")
        .with_columns(category=pl.coalesce("group", pl.lit(OTHER)))
        .group_by("territory_code", "dimension", "category", "month")
        .agg(pl.col("people_equipped", "people_reached").sum())
        .sort("territory_code", "dimension", "category", "month")
    )
