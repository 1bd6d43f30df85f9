"""The open data of a small simulated programme: one package, and nothing that the ANCT export withholds.

Does not live here: what every document answers for (test_exports.py), the State's own library (test_states_library.py).
"""

from __future__ import annotations

import json

import polars as pl
from frictionless import Package

from reporting.anct import export as anct
from reporting.files.editions import Edition


def test_the_open_data_is_one_package_that_frictionless_validates(open_edition: Edition):
    """« an own datapackage.json »: every CSV, its schema, its keys, its bytes; a file that moved is found."""
    path = open_edition.folder / "datapackage.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    report = Package(str(path)).validate()  # type: ignore[misc]
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])[:5]
    assert {resource["path"] for resource in told["resources"]} == {
        one.name for one in open_edition.folder.glob("*.csv")
    }
    months = next(resource for resource in told["resources"] if resource["name"] == "activite-mois")
    assert months["schema"]["foreignKeys"] == [
        {"fields": ["code_insee"], "reference": {"resource": "activite-territoires", "fields": ["code_insee"]}}
    ]
    assert told["passnum"]["document"] == "open-data" and told["licenses"]


def test_the_open_data_is_protected_as_the_anct_export_is(issued: anct.Issued, open_edition: Edition):
    """« activity with the same protected cube as the pages »: what one withholds, the other withholds, cell by cell."""
    ours = pl.read_csv(open_edition.folder / "activite-territoires.csv", infer_schema=False)
    theirs = pl.read_csv(issued.edition.folder / "csv" / "territoires.csv", infer_schema=False)
    shared = [name for name in ours.columns if name in theirs.columns and name.endswith(("_periode", "_cumul"))]
    assert len(shared) >= 8
    one, other = (frame.sort("code_insee").select("code_insee", *shared) for frame in (ours, theirs))
    assert one.equals(other)
    assert one.select((pl.col(shared) == "s").sum()).sum_horizontal().item() > 0
