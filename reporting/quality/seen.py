"""What a lieu or a prescriber itself sees of a delivered line: its session and use, or its prescription and lot.

The operator's file and line mean nothing to them. Lives here: reading it from a published version, and finding the
rows of a point. Never the number of a pass or carnet, nor anything of a person: a prescriber is not told when or where
a carnet served. Does not live here: what is said of it (notice.py).
"""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl

from reporting.quality.wording import LIEU, PRESCRIBER

#: Grain: one delivered line, as its `owner` sees it. `at`: the session, or the day of the prescription; `number`: of
#: the use, or of the prescription, empty where it is that of a pass or carnet; `what`: the service, or the lot;
#: `amount_eur`: paid back for the use; `carnet`: what tells one carnet from another here, and from nothing else.
SEEN_SCHEMA: dict[str, Any] = {
    "owner": pl.String,
    "file_id": pl.String,
    "line_number": pl.Int64,
    "at": pl.Datetime("us"),
    "has_hour": pl.Boolean,
    "number": pl.String,
    "what": pl.String,
    "place": pl.String,
    "amount_eur": pl.Float64,
    "carnet": pl.UInt64,
}
_LINES = ["file_id", "line_number"]
_AS_SEEN = ["at", "has_hour", "number", "what", "place", "amount_eur"]
#: The tables that tell which lines: a version published before there were has none.
_TABLES = ("line_weight", "check_failure")
_SEEN = f"""
    with wanted as (
        select file_id as source_file_id, line_number as source_line from quality.line_weight
        union
        select source_file_id, cast(unnest(string_split(rtrim(source_lines, '…'), ', ')) as bigint)
        from quality.check_failure
        where build_id = $build and source_file_id is not null and source_lines is not null
            and (lieu_siret is not null or prescriber_siret is not null)
    ),
    redemption as (select * from wanted inner join core.fct_redemption using (source_file_id, source_line)),
    prescription as (select * from wanted inner join core.fct_prescription using (source_file_id, source_line))

    select '{LIEU}' as owner, source_file_id as file_id, source_line as line_number, redeemed_at as at,
        redeemed_at <> cast(redeemed_on as timestamp) as has_hour,
        nullif(nullif(redemption_id, pass_number), carnet_number) as number,
        coalesce(service.service_label, service_code) as what, null as place, amount_eur,
        hash(carnet_number) as carnet
    from redemption
    left join core.dim_service as service using (service_code)
    union all
    select '{PRESCRIBER}', redemption.source_file_id, redemption.source_line, cast(carnet.prescribed_on as timestamp),
        false, nullif(carnet.holding_prescription_id, carnet_number), carnet.lot_code, territory.territory_name, null,
        hash(carnet_number)
    from redemption
    inner join core.dim_carnet as carnet using (carnet_number)
    left join core.dim_territory as territory on territory.territory_code = carnet.territory_code
    union all
    select '{PRESCRIBER}', prescription.source_file_id, prescription.source_line,
        cast(prescription.prescribed_on as timestamp), false,
        nullif(prescription_id, carnet_number), carnet.lot_code,
        territory.territory_name, null, hash(carnet_number)
    from prescription
    left join core.dim_carnet as carnet using (carnet_number)
    left join core.dim_territory as territory on territory.territory_code = prescription.territory_code
"""


def read_seen(con: duckdb.DuckDBPyConnection, build_id: str) -> pl.DataFrame:
    """The lines that the report of a build may show to a structure (SEEN_SCHEMA)."""
    for table in _TABLES:
        if con.execute("select 1 from duckdb_tables() where table_name = ?", [table]).fetchone() is None:
            return pl.DataFrame(schema=SEEN_SCHEMA)
    return con.execute(_SEEN, {"build": build_id}).pl().select(pl.col(name).cast(k) for name, k in SEEN_SCHEMA.items())


def rows_seen(lines: pl.DataFrame, seen: pl.DataFrame, owner: str) -> pl.DataFrame:
    """The facts of a point (details.SCHEMA, and `note`) as `owner` sees them, newest first, each once.

    Columns: those of SEEN_SCHEMA from `at` to `amount_eur`, `note`, and how many `carnets`. A fact that names no line
    has no row.
    """
    listed = pl.col("source_lines").str.strip_chars_end("…").str.split(", ").cast(pl.List(pl.Int64))
    named = lines.with_columns(
        pl.when(pl.col("line_number").is_not_null()).then(pl.concat_list("line_number")).otherwise(listed).alias("all")
    ).select("file_id", pl.col("all").alias("line_number"), "note")
    found = named.explode("line_number").join(seen.filter(pl.col("owner") == owner), on=_LINES)
    return (
        found.group_by(_AS_SEEN)
        .agg(
            pl.col("note").filter(pl.col("note") != "").unique().sort().str.join(" ; "),
            carnets=pl.col("carnet").n_unique(),
        )
        .sort("at", "number", descending=[True, False], nulls_last=True)
    )
