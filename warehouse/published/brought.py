"""Which delivery BROUGHT the line that holds a key today, where later ones only repeat it.

Deliveries repeat what earlier ones said, and the last line delivered holds its key: a change that one file brought
would be told of the last that says it again. Read from the lake, whose files hold every version delivered. Does not
live here: what moved (diff.py), which version holds a key (dbt_project/macros/rules.sql).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from storage.sql_text import quoted

_KEYS = {
    "emissions": "numero_carnet",
    "prescriptions": "id_prescription",
    "utilisations": "id_utilisation",
    "budget": "id_ecriture",
}

_BROUGHT = """
    insert into temp.main.brought
    with moved as (
        select key, later.source_file_id as file_id, later.source_line, earlier.source_file_id as earlier_file_id,
            earlier.source_line as earlier_line
        from temp.main.after_current as later
        left join temp.main.before_current as earlier using (dataset, key)
        where dataset = '{dataset}'
            and (later.source_file_id, later.source_line) is distinct from
                (earlier.source_file_id, earlier.source_line)
    ),
    version as (
        select {key}::varchar as key, source_file_id, source_line,
            hash(*columns(* exclude (source_file_id, source_sha256, source_line, extract_date))) as content,
            row_number() over (partition by {key} order by extract_date, source_sha256, source_line) as rank
        from read_parquet({files}, union_by_name = true)
        semi join moved on {key}::varchar = moved.key
    ),
    -- The versions of a key that say, since the last one that said otherwise, what is held today.
    run as (
        select version.*, earlier.rank as earlier_rank,
            max(version.rank) filter (where version.content <> held.content)
                over (partition by version.key) as other_rank
        from moved
        inner join version as held
            on held.key = moved.key and held.source_file_id = moved.file_id and held.source_line = moved.source_line
        inner join version on version.key = moved.key and version.rank <= held.rank
        left join version as earlier
            on earlier.key = moved.key and earlier.source_file_id = moved.earlier_file_id
            and earlier.source_line = moved.earlier_line
    )
    select '{dataset}', key, source_file_id, source_line
    from run
    where rank = greatest(coalesce(other_rank, 0) + 1, coalesce(earlier_rank, 1))
"""


def find_brought(con: duckdb.DuckDBPyConnection, lake: Path | None) -> None:
    """Make `temp.main.brought`: dataset, key → the file and line that brought what the version `after` holds.

    A row for each key held by another line than in `before`: the first, of the lines since `before` that say the same
    as the one held. A key whose files the lake no longer has, or every key without a lake, has none.
    """
    con.execute(
        "create temp table temp.main.brought (dataset varchar, key varchar, source_file_id varchar, source_line bigint)"
    )
    if lake is None:
        return
    rows = con.execute("select distinct file_id from after.quality.delivered_file where outcome = 'loaded'").fetchall()
    for dataset, key in _KEYS.items():
        files = [path for (file_id,) in rows if (path := lake / dataset / file_id / "rows.parquet").exists()]
        if files:
            listed = f"[{', '.join(map(quoted, files))}]"
            con.execute(_BROUGHT.format(dataset=dataset, key=key, files=listed))
