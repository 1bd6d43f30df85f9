"""dbt's documentation of the warehouse as one static page: lineage, columns, the SQL of every model.

`make docs` writes it in the home's reports. Does not live here: the dictionary (dictionary.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from programme.config import load_programme
from warehouse.build.candidate import prepare
from warehouse.build.transform import build_models
from warehouse.settings import DBT_PROJECT, QUIET_ENVIRONMENT, Home


def write_site(home: Home) -> Path:
    """Build the models on the home's lake in a folder of their own and write `reports/dbt/index.html`."""
    target = home.reports / "dbt" / "index.html"
    candidate = prepare(home, load_programme(), run_id="docs", as_of=None, today=date.today())
    try:
        build_models(candidate)
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | QUIET_ENVIRONMENT | candidate.environment()
            environment |= {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder}
            dbt = Path(sys.executable).parent / "dbt"
            command = [str(dbt), "docs", "generate", "--static", "--quiet"]
            subprocess.run(command, cwd=DBT_PROJECT, env=environment, check=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(folder) / "static_index.html", target)
    finally:
        candidate.discard()
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{write_site(Home.at(sys.argv[1] if len(sys.argv) > 1 else None).create())}\n")
