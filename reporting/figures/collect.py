"""Reads, from one published version, everything the documents of a period are made of.

Every figure is selected from a mart: a period is a sum of months (docs/adr/0016), and no rule is written here.
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

#: Measures of a territory's month that documents show (indicators of marts.measure_month).
MONTHLY = (
    "carnets_issued", "carnets_prescribed", "carnets_started", "passes_issued", "passes_prescribed", "passes_used",
    "hours", "people_equipped", "people_reached", "face_value_issued_eur", "face_value_used_eur", "reimbursed_eur",
    "state_share_due_eur",
)  # fmt: skip
#: The State's share of a territory is before the ceiling, which the programme alone can reach: it has its own name.
RENAMED = {"state_share_due_eur": "state_share_eur"}

_MEASURES = """
    select indicator, month, territory_code, sum(value) as value
    from marts.measure_month group by all order by all
"""

_TERRITORY = """
    select progress.territory_code, progress.territory_name, coalesce(progress.ept_name, 'Hors Métropole') as ept_name,
           dim.ept_code, progress.ami, progress.is_participating, progress.participation_status, progress.people_target,
           progress.hours_target, dim.longitude, dim.latitude
    from marts.territory_progress as progress
    left join core.dim_territory as dim using (territory_code)
    order by territory_code
"""

_LIEU_MONTH = """
    select lieu_siret, month, passes_used, hours, session_hours, face_value_used_eur, reimbursed_eur
    from marts.lieu_activity order by lieu_siret, month
"""

#: Whole: a version published before a column of the directory was kept has it not, and its document says so.
_LIEU = "select * from core.dim_lieu order by lieu_siret"


@dataclass(frozen=True)
class Source:
    """What one published version holds for the documents. Every frame is complete: nothing is masked yet.

    measures: indicator × month × territory (blank where a measure has none). monthly: the same in columns (MONTHLY),
    territory × month. active: active_period as it is. lieu_month: lieu × month. audience: territory × dimension ×
    category × month. ledger, state_share: those marts as they are. credit_notes: month × whether
    born of passes lost (else received), of marts.credit_note.
    """

    version: Version
    code_version: str
    measures: pl.DataFrame
    monthly: pl.DataFrame
    active: pl.DataFrame
    territories: pl.DataFrame
    lieux: pl.DataFrame
    lieu_month: pl.DataFrame
    audience: pl.DataFrame
    ledger: pl.DataFrame
    state_share: pl.DataFrame
    credit_notes: pl.DataFrame
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
        measures = _read(con, _MEASURES)
        code = con.execute("select code_version from quality.build order by build_id desc limit 1").fetchone()
        return Source(
            version=version,
            code_version=str(code[0]) if code else "",
            measures=measures,
            monthly=in_columns(measures),
            active=_read(con, "select * from marts.active_period order by all"),
            territories=_read(con, _TERRITORY),
            lieux=_read(con, _LIEU),
            lieu_month=_read(con, _LIEU_MONTH),
            audience=_read(con, "select * from marts.audience_month order by all"),
            ledger=_read(con, "select * from marts.mandate_ledger order by month, territory_code"),
            state_share=_read(con, "select * from marts.state_share order by month"),
            credit_notes=_read(
                con,
                "select month, credit_note_eur > 0 as is_born, sum(credit_note_eur) as credit_note_eur"
                " from marts.credit_note group by all order by all",
            ),
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
                con, "select exclusion_reason as reason, month, uncounted_uses as lines from marts.uncounted_month"
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


def in_columns(measures: pl.DataFrame) -> pl.DataFrame:
    """Grain: territory × month with one of the MONTHLY measures; zeros where it has no row."""
    own = measures.filter(pl.col("territory_code").is_not_null(), pl.col("indicator").is_in(MONTHLY))
    wide = own.pivot("indicator", index=["territory_code", "month"], values="value").sort("territory_code", "month")
    return wide.select(
        "territory_code",
        "month",
        *(
            (pl.col(name).fill_null(0) if name in wide.columns else pl.lit(0.0))
            .cast(pl.Float64 if name in _FLOATS else pl.Decimal(18, 2) if name.endswith("_eur") else pl.Int64)
            .alias(RENAMED.get(name, name))
            for name in MONTHLY
        ),
    )


#: Of the MONTHLY measures, those that are neither a count nor a sum of cents.
_FLOATS = ("hours", "state_share_due_eur")


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
