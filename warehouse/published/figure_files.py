"""The delivered files behind a figure and what each brings, adding up to it: one SQL for the pages and the command.

Does not live here: which figure (figure_address.py), what is withheld of people (dashboards/people.py), the lines
themselves (trace.py).
"""

from __future__ import annotations

from typing import Any

import duckdb

from warehouse.published import figure_place
from warehouse.published.figure_address import Figure

#: The tables that `files_sql` names in braces, where they are in a published file.
PUBLISHED = {
    "figure_source": "proof.figure_source",
    "lieu_source": "proof.lieu_source",
    "measure": "proof.measure",
    "programme_progress": "marts.programme_progress",
    "place": "core.dim_territory",
    "source_file": "(select distinct on (file_id) file_id as source_file_id, * from quality.delivered_file "
    "where outcome = 'loaded' order by file_id, received_at)",
}


def files_sql(figure: Figure) -> tuple[str, dict[str, Any]]:
    """The question, its tables in braces, and its values. One row a file: source_file_id, file_name, dataset,
    extract_date, lines, first_on, last_on, value and denominator (as proof.figure_source has them), and `part`: in the
    figure's unit, adding up to it; null for a share, which is value ÷ denominator over all files."""
    by_lieu = figure.place in ("lieu", "lieux")
    denominator = "null" if by_lieu else "sum(denominator)"
    sql = f"""
        with cell as (
            select source_file_id, sum(lines)::bigint as lines, min(first_on) as first_on, max(last_on) as last_on,
                sum(value) as value, {denominator}::bigint as denominator
            from {{{"lieu_source" if by_lieu else "figure_source"}}}
            where indicator = $indicator and {figure_place.of_sources(figure)}
            group by source_file_id
        )
        select cell.source_file_id, file.file_name, file.dataset, file.extract_date, cell.lines, cell.first_on,
            cell.last_on, cell.value, cell.denominator,
            case measure.rule
                when 'ratio' then null
                -- A ceiling is no sum: each file has its part of what is published, as it has of the programme's sum,
                -- which the same measure without a ceiling publishes (a reader's own files are not all of them).
                when 'capped' then cell.value * progress.value / nullif(uncapped.value, 0)
                else cell.value / case measure.unit when 'heure' then 60.0 else 1.0 end
            end::double as part
        from cell
        inner join {{measure}} as measure on measure.code = $indicator
        left join {{programme_progress}} as progress on progress.indicator = $indicator
        left join {{programme_progress}} as uncapped on uncapped.indicator = (
            select any_value(plain.code) from {{measure}} as plain
            where plain.rule = 'sum' and plain.event = measure.event and plain.measure = measure.measure
                and plain.natures is not distinct from measure.natures
        )
        left join {{source_file}} as file using (source_file_id)
        order by file.extract_date, file.file_name, cell.source_file_id
    """
    return sql, {"indicator": figure.indicator} | figure_place.values(figure)


def value_sql(figure: Figure) -> tuple[str, dict[str, Any]]:
    """The question, its tables in braces, and its values: one row, `value`, the figure from its files in its unit.

    Exact sums are read last, so that one figure has one value whatever its files. Null: a share of nobody.
    """
    sql, values = files_sql(figure)
    return (
        f"""
        select case any_value(measure.rule)
            when 'ratio' then sum(value)::double / nullif(sum(denominator), 0)
            when 'capped' then coalesce(sum(part), 0)
            else coalesce(sum(value), 0) / case any_value(measure.unit) when 'heure' then 60.0 else 1.0 end
        end::double as value
        from {{measure}} as measure
        left join ({sql}) on true
        where measure.code = $indicator
        """,
        values,
    )


def value_of(con: duckdb.DuckDBPyConnection, figure: Figure) -> float | None:
    """The figure in the published file that `con` is on.

    Raises duckdb.CatalogException for a version published before figures had addresses.
    """
    sql, values = value_sql(figure)
    row = con.execute(sql.format(**PUBLISHED), values).fetchone()
    return None if row is None else row[0]
