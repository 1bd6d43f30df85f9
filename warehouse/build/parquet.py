"""One Parquet file per mart, beside the published database, swapped as one folder.

Does not live here: the publication of the database itself (publish.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

MARTS_SCHEMA = "marts"


def export_marts(database: Path, folder: Path) -> list[str]:
    """Write every table of schema marts of `database` into `folder` (created), one `<mart>.parquet` each.

    Returns the marts' names, in order. The folder is complete or absent: it is written aside and renamed.
    """
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as con:
        marts = [
            name
            for (name,) in con.execute(
                "select table_name from information_schema.tables where table_schema = ? order by 1", [MARTS_SCHEMA]
            ).fetchall()
        ]
        for mart in marts:
            target = str(aside / f"{mart}.parquet").replace("'", "''")
            con.execute(f"copy {MARTS_SCHEMA}.{mart} to '{target}' (format parquet, compression zstd)")
    shutil.rmtree(folder, ignore_errors=True)
    aside.replace(folder)
    return marts
