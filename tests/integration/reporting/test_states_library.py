"""The lieux of the open data read by the State's own library, which refuses a lieu for one wrong value.

It comes from npm's registry: `make state`, before a release. Does not live here: what is kept of a lieu
(tests/unit/reporting/test_open_data_lieux.py).
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

from reporting.figures.collect import collect
from reporting.open_data.lieux import read_directory
from tests.unit.reporting.test_open_data_lieux import LIEU
from warehouse.published.versions import Version

ASKED = "PASSNUM_STATE"
LIBRARY = "@gouvfr-anct/lieux-de-mediation-numerique@2.3.0"
READ = """
const { fromSchemaLieuDeMediationNumerique } = require('@gouvfr-anct/lieux-de-mediation-numerique');
const wrong = [];
for (const row of JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'))) {
  try { fromSchemaLieuDeMediationNumerique(row); } catch (error) { wrong.push([row.id, String(error.message)]); }
}
console.log(JSON.stringify(wrong));
"""


@pytest.mark.skipif(ASKED not in os.environ, reason="needs npm's registry: `make state`, before a release")
def test_every_lieu_published_is_one_for_the_states_own_library(tmp_path: Path, version: Version) -> None:
    """« validated by the national schema and the State's library in a test when npm is reachable »."""
    subprocess.run(["npm", "install", "--silent", LIBRARY], cwd=tmp_path, check=True)
    (tmp_path / "read.js").write_text(READ, encoding="utf-8")
    published = read_directory(collect(version).lieux, version.as_of).frame
    assert published.height >= 20
    assert _refused(tmp_path, published) == []
    # It refuses what is wrong, and what is wrong when it is delivered is not published.
    spoilt = {"labels": "Inconnu", "national_programmes": "Inconnu", "booking_page": "x", "website": "y", "phone": "12"}
    directory = pl.DataFrame([LIEU | spoilt], schema_overrides={"referenced_until": pl.Date})
    kept = read_directory(directory, version.as_of)
    assert (kept.values_left_out, _refused(tmp_path, kept.frame)) == (5, [])
    assert _refused(tmp_path, kept.frame.with_columns(formations_labels=pl.lit("Inconnu")))


def _refused(folder: Path, lieux: pl.DataFrame) -> list[list[str]]:
    """(id, why) of the lieux that the library refuses; an empty value is no value."""
    rows = lieux.with_columns(pl.col("date_maj").cast(pl.String)).to_dicts()
    told = [{name: value for name, value in row.items() if value is not None} for row in rows]
    (folder / "lieux.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    read = subprocess.run(["node", "read.js", "lieux.json"], cwd=folder, check=True, capture_output=True, text=True)
    found: list[list[str]] = json.loads(read.stdout)
    return found
