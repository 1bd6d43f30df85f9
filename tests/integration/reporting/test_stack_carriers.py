"""Three carriers issue the ANCT export, each with its own programme; the ANCT stacks them as the guide says, and by
`passnum stack`. Does not live here: each reason to refuse (tests/unit/reporting/test_stack.py)."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import fastexcel
import polars as pl
import pytest
from frictionless import Package

from tests.integration.reporting.conftest import PERIOD, SECOND, passnum, programme_of
from tests.once import copy_home

GUIDE = Path(__file__).parents[3] / "docs" / "exports-anct.md"
CARRIERS = {"200054781": "Métropole du Grand Paris", SECOND: "Ville de Paris", "200069029": "Tours Métropole"}


@pytest.fixture(scope="module")
def received(simulated_home: Path, corrected_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds `recus/`: what each carrier sent; the second, two editions, the later after a correction."""
    work = tmp_path_factory.mktemp("anct")
    for siren, name in CARRIERS.items():
        if siren == SECOND:
            shutil.copytree(corrected_home / "reports" / "anct", work / "recus" / siren / "anct")
            continue
        home = copy_home(simulated_home, work / siren / "home")
        programme = programme_of(work / siren / "programme", siren, name)
        given: list[str | Path] = ["--period", PERIOD, "--home", home, "--programme", programme]
        passnum("export", "anct", *given, "--out", work / "recus" / siren)
    return work


def test_the_ten_lines_of_the_guide_stack_them(received: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines are those of the guide, read from it: what it shows is what runs."""
    (lines,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len([line for line in lines.splitlines() if line.strip()]) <= 10
    monkeypatch.chdir(received)
    names: dict[str, Any] = {}
    exec(compile(lines, str(GUIDE), "exec"), names)
    names["con"].close()
    with duckdb.connect("empile.duckdb", read_only=True) as con:
        rows = con.sql(
            "select porteur_siren, max(edition), count(*) from territoires group by all order by all"
        ).fetchall()
        codes = con.sql("select distinct typeof(code_insee), typeof(pass_utilises_cumul) from territoires").fetchall()
    issued = pl.read_csv(received / "recus" / "200054781" / "anct" / PERIOD / "edition-1" / "csv" / "territoires.csv")
    assert rows == [("200054781", 1, issued.height), ("200069029", 1, issued.height), ("217500016", 2, issued.height)]
    assert codes == [("VARCHAR", "BIGINT")]


def test_the_command_stacks_the_same_lines_and_names_the_edition_replaced(received: Path) -> None:
    told = passnum("stack", received / "recus", "--out", received / "empile")
    assert "3\xa0éditions de 3\xa0porteurs" in told and "Ville de Paris (SIREN 217500016), 2022-09, édition 1" in told
    package = Package(str(received / "empile" / "datapackage.json"))  # type: ignore[misc]
    report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])[:5]
    last = {siren: 2 if siren == SECOND else 1 for siren in sorted(CARRIERS)}
    stacked = [path for path in (received / "empile" / "csv").glob("*.csv") if path.stem != "porteurs"]
    for path in stacked:
        folders = (received / "recus" / siren / "anct" / PERIOD / f"edition-{number}" for siren, number in last.items())
        sent = [pl.read_csv(folder / "csv" / path.name, infer_schema=False) for folder in folders]
        assert pl.read_csv(path, infer_schema=False).rows() == pl.concat(sent).rows(), path.stem
    assert len(stacked) == 13


def test_every_file_of_an_edition_is_in_its_package_with_its_keys(received: Path) -> None:
    """« every CSV carries porteur (SIREN), period and edition; one datapackage.json (keys, foreign keys, schema of
    every file, changements.csv included) »."""
    for folder in (received / "recus").rglob("edition-*"):
        content = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        tables = {resource["name"]: resource["schema"] for resource in content["resources"]}
        assert {f"{name}.csv" for name in tables} == {path.name for path in (folder / "csv").glob("*.csv")}
        assert {"changements", "totaux"} <= set(tables)
        assert all(schema["primaryKey"][:3] == ["porteur_siren", "periode", "edition"] for schema in tables.values())
        keys = {
            name: [key["reference"]["resource"] for key in schema.get("foreignKeys", [])]
            for name, schema in tables.items()
        }
        assert keys["territoires"] == ["epts"] and keys["territoires_mois"] == ["territoires"]
        assert Package(str(folder / "datapackage.json")).validate().valid  # type: ignore[misc]


def test_a_code_that_names_nothing_is_found_by_the_package(received: Path, tmp_path: Path) -> None:
    """The foreign keys are worth something: one territory left out of its table, and its months name nothing."""
    folder = shutil.copytree(received / "recus" / "200069029" / "anct" / PERIOD / "edition-1", tmp_path / "edition")
    path = folder / "csv" / "territoires.csv"
    path.chmod(0o600)
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    report = Package(str(folder / "datapackage.json")).validate()  # type: ignore[misc]
    assert "foreign-key" in {kind for (kind,) in report.flatten(["type"])}


def test_every_sheet_of_the_workbook_loads_as_it_is(received: Path) -> None:
    """One row of headings, the lines of the CSV and nothing under them; the codes beside the labels."""
    folder = received / "recus" / "217500016" / "anct" / PERIOD / "edition-2"
    book = fastexcel.read_excel(next(folder.glob("*.xlsx")))
    content = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    titles = {
        one["title"]: (one["name"], [field["title"] for field in one["schema"]["fields"]])
        for one in content["resources"]
    }
    columns = book.load_sheet("Colonnes", dtypes="string").to_polars()
    loaded = 0
    for sheet in book.sheet_names:
        if sheet in ("Lisez-moi", "Colonnes"):
            continue
        own = columns.filter(pl.col("Feuille") == sheet)
        frame = book.load_sheet(sheet, dtypes="string").to_polars()
        csv = pl.read_csv(folder / own["Fichier CSV"][0], infer_schema=False)
        assert frame.columns == own["Colonne"].to_list() and csv.columns == own["Nom dans le CSV"].to_list(), sheet
        assert frame.height == csv.height, sheet
        loaded += 1
    assert loaded == len(titles) == len(content["resources"])
