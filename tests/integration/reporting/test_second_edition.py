"""Every document that is issued again says what moved, why and by which delivery, and which edition it replaces.

Does not live here: the comparison of two tables (tests/unit/reporting/test_changes.py), the mandate's account, which a
closing forbids to rewrite (test_mandate_years.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
from frictionless import Resource, Schema
from pikepdf import Pdf

from tests.integration.reporting.conftest import ANNULLED, CORRECTION, PERIOD

IN_WORDS = "Utilisations de pass du 05/01/2024"


def edition(home: Path, document: str, number: int) -> Path:
    return home / "reports" / document / PERIOD / f"edition-{number}"


def moved(folder: Path) -> pl.DataFrame:
    (path,) = folder.rglob("changements.csv")
    return pl.read_csv(path, infer_schema=False)


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("document", "table", "line", "column", "delivery"),
    [
        ("anct", "synthese", "passes_used", "valeur_periode", f"{IN_WORDS} ({CORRECTION})"),
        ("bilan", "synthese", "passes_used", "valeur_periode", f"{IN_WORDS} ({CORRECTION})"),
    ],
)
def test_what_moved_is_told_with_the_delivery_that_moved_it(
    corrected_home: Path, document: str, table: str, line: str, column: str, delivery: str
) -> None:
    """« figures that moved, by cause, with the deliveries »."""
    first, second = (edition(corrected_home, document, number) for number in (1, 2))
    told = moved(second).filter(code_tableau=table, ligne=line, code_colonne=column).row(0, named=True)
    for name, folder in (("avant", first), ("maintenant", second)):
        values = pl.read_csv(folder / "csv" / f"{table}.csv", infer_schema=False)
        assert told[name] == values.filter(code=line)[column][0]
    assert float(told["avant"]) - float(told["maintenant"]) == ANNULLED
    assert (told["code_cause"], told["livraisons"]) == ("livraison", delivery)


@pytest.mark.parametrize("document", ["anct", "bilan", "open-data"])
def test_every_value_that_differs_is_listed_and_no_other(corrected_home: Path, document: str) -> None:
    """Counted apart from the engine: the cells of the two editions' own files, laid over each other."""
    first, second = (edition(corrected_home, document, number) for number in (1, 2))
    listed = moved(second)
    stamps = ("porteur_siren", "periode", "edition")
    differing = 0
    for path in second.rglob("*.csv"):
        if path.name == "changements.csv":
            continue
        new = pl.read_csv(path, infer_schema=False).drop(stamps, strict=False).fill_null("")
        old = pl.read_csv(first / path.relative_to(second), infer_schema=False).drop(stamps, strict=False).fill_null("")
        schema = json.loads(path.with_suffix(".schema.json").read_text(encoding="utf-8"))
        key = [name for name in schema["primaryKey"] if name not in stamps]
        both = new.join(old, on=key, how="full", suffix="|old", coalesce=True).fill_null("")
        for name in (name for name in new.columns if name not in key):
            differing += int((both[name] != both[f"{name}|old"]).sum())
    assert listed.height == differing > 10
    causes = set(listed["code_cause"])
    assert causes <= {"livraison", "secret"} and "livraison" in causes


@pytest.mark.parametrize("document", ["anct", "bilan", "open-data"])
def test_what_changed_gives_nothing_that_the_two_editions_do_not_give(corrected_home: Path, document: str) -> None:
    """« a difference of two editions must never give a masked value »: before and now are values of the files, « s »
    included; a value withheld in both is not said to have moved; no cause says how many lines it has."""
    first, second = (edition(corrected_home, document, number) for number in (1, 2))
    listed = moved(second)
    assert not listed.filter(avant="s", maintenant="s").height
    masked = (pl.col("avant") == "s") | (pl.col("maintenant") == "s")
    assert listed.filter(masked.fill_null(False))["code_cause"].unique().to_list() in ([], ["secret"])
    assert "ligne" not in " ".join([*listed["pourquoi"], *manifest(second)["changements"]["raisons"]])
    written = {
        value
        for folder in (first, second)
        for path in folder.rglob("*.csv")
        if path.name != "changements.csv"
        for column in pl.read_csv(path, infer_schema=False)
        for value in column
    }
    assert set(listed["avant"].drop_nulls()) | set(listed["maintenant"].drop_nulls()) <= written


@pytest.mark.parametrize("document", ["anct", "bilan", "open-data"])
def test_the_edition_replaced_is_named_and_kept(corrected_home: Path, document: str) -> None:
    """« superseded editions listed »."""
    first, second = (edition(corrected_home, document, number) for number in (1, 2))
    told = manifest(second)["editions_remplacees"]
    assert len(told) == 1 and told[0].startswith("L'édition 1 (données au 31/12/2023") and "remplacée" in told[0]
    assert manifest(first)["editions_remplacees"] == [] and moved(first).is_empty()
    (path,) = second.rglob("changements.csv")
    schema = Schema.from_descriptor(json.loads(path.with_suffix(".schema.json").read_text(encoding="utf-8")))
    report = Resource(path.name, basepath=str(path.parent), schema=schema).validate()  # type: ignore[misc]
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:3]


def test_the_workbook_says_it_on_its_first_page(corrected_home: Path) -> None:
    path = next(edition(corrected_home, "anct", 2).glob("*.xlsx"))
    sheet = fastexcel.read_excel(path).load_sheet("Lisez-moi", header_row=None, dtypes="string").to_polars()
    texts = [text for row in sheet.rows() for text in row if text]
    assert "Ce qui a changé" in texts and "Depuis l'édition 1" in texts and "Éditions remplacées" in texts
    assert any("par les livraisons reçues ou corrigées depuis" in text and CORRECTION in text for text in texts)


def test_the_public_reads_it_without_the_names_of_the_files_received(corrected_home: Path) -> None:
    folder = edition(corrected_home, "open-data", 2)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "## Ce qui a changé depuis l'édition 1" in readme and IN_WORDS in readme
    assert not any(CORRECTION.encode() in path.read_bytes() for path in folder.iterdir())


def test_the_pdf_says_it_to_the_committee(corrected_home: Path) -> None:
    """The heading and its sentences are in the text of the PDF, which its reader may search."""
    with Pdf.open(next(edition(corrected_home, "bilan", 2).glob("*.pdf"))) as made:
        titles = [str(item.title) for item in made.open_outline().root]
    assert "Ce qui a changé depuis l'édition 1" in [
        title.replace("\xa0", " ").replace("\u202f", " ") for title in titles
    ]
