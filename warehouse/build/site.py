"""dbt's documentation of the warehouse as one static page: lineage, columns, the SQL of every model.

`make docs` writes it in the home's reports, from the parse that is kept and the version that is published: nothing is
built. Does not live here: dbt itself (transform.py), the dictionary (dictionary.py).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

from presentation.sentences import NOTHING_PUBLISHED
from storage.atomic import PARTIAL_SUFFIX, write_atomically
from warehouse.build.transform import document
from warehouse.published.versions import NothingPublished, current_path
from warehouse.settings import Home


def write_site(home: Home) -> Path:
    """Write `reports/dbt/index.html`, which describes the version published in `home`. Returns its path.

    Raises NothingPublished (French) before the first publication.
    """
    version = current_path(home)
    if version is None:
        raise NothingPublished(NOTHING_PUBLISHED)
    target = home.reports / "dbt" / "index.html"
    with tempfile.TemporaryDirectory(dir=home.warehouse, prefix=".site.", suffix=PARTIAL_SUFFIX) as folder:
        # dbt opens what it describes to write in it, under the name that the models say.
        copy = Path(shutil.copyfile(version, Path(folder) / "passnum.duckdb"))
        sources = Path(folder) / "sources.duckdb"
        duckdb.connect(str(sources)).close()
        write_atomically(target, document(copy, sources, Path(folder) / "site").read_bytes())
    return target


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{write_site(Home.at(sys.argv[1] if len(sys.argv) > 1 else None))}\n")
    except NothingPublished as error:
        sys.exit(str(error))
