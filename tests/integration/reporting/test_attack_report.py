"""What an outsider makes of the editions issued, and what is said of it: to the team, to the recipients.

Six hundred simulated carnets, as dirty as real files. Does not live here: the attack on small tables (tests/unit).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from programme.config import load_programme
from reporting.anct import export as anct
from reporting.anct.content import build
from reporting.anct.workbook import quality_sentences
from reporting.figures import publication as publications
from reporting.figures.period import parse_period
from reporting.figures.publication import prepare, register_of
from reporting.files.tabular import csv_bytes
from reporting.suppression import Mask, Tables
from tests.integration.reporting.outsider import Outsider
from warehouse.published.versions import Version
from warehouse.settings import Home

THRESHOLD = 11
#: Values that must be possible of any « s »: as many as a small count has.
LEAST_WIDTH = THRESHOLD - 2
#: Editions that overlap: a quarter, the year that holds it, the quarter after.
OVERLAPPING = ("2022-T4", "2022", "2023-T1")


@pytest.fixture(scope="module")
def issued(home: Home, version: Version) -> anct.Issued:
    return anct.issue(version, load_programme(), parse_period("2022-T4"), home)


def read(outsider: Outsider, folder: Path, code: str) -> None:
    period = parse_period(code)
    outsider.read(folder, f"{period.start:%Y-%m}", f"{period.months[-1]:%Y-%m}")


def too_close(outsider: Outsider, every: int) -> dict[tuple[str, ...], tuple[float, float]]:
    """Of the « s » tried, one in `every`, those that the outsider bounds more closely than the rule allows.

    A zero that is written « s » with its carnets hides nobody: it may come out as nobody.
    """
    found = outsider.intervals(outsider.hidden()[::every])
    return {key: (low, high) for key, (low, high) in found.items() if high > 0 and high - low < LEAST_WIDTH - 1e-5}


def test_the_files_of_an_edition_give_no_withheld_value_away(issued: anct.Issued):
    outsider = Outsider()
    read(outsider, issued.edition.folder / "csv", "2022-T4")
    assert len(outsider.hidden()) > 300
    assert too_close(outsider, 3) == {}


def test_the_outsider_recovers_small_counts_withheld_alone(home: Home, version: Version, tmp_path: Path):
    """The outsider is worth something: with nothing hidden but the small counts, some of them come out exactly."""
    publication = prepare(version, load_programme(), parse_period("2023-T2"), home)
    small = replace(publication, mask=replace(publication.mask, hidden=publication.mask.primary))
    for table in build(small):
        (tmp_path / f"{table.layout.name}.csv").write_bytes(csv_bytes(table))
    outsider = Outsider()
    read(outsider, tmp_path, "2023-T2")
    assert any(high - low < 1e-5 for low, high in too_close(outsider, 3).values())


@pytest.mark.exhaustive
def test_three_overlapping_editions_give_no_withheld_value_away(home: Home, version: Version, issued: anct.Issued):
    """A quarter, the year that holds it and the quarter after, read side by side.

    Nothing comes out closer than nine values, and that of hardly anything, counted by the edition that it is of.
    """
    outsider, told = Outsider(), 0
    for code in OVERLAPPING:
        edition = anct.issue(version, load_programme(), parse_period(code), home).edition
        told = max(told, edition.manifest["secret_statistique"]["attaque"]["cases_trop_approchees"])
        read(outsider, edition.folder / "csv", code)
    assert len(outsider.hidden()) > 1000
    found = too_close(outsider, 10)
    assert len(found) <= told < 20
    assert all(high - low >= LEAST_WIDTH - 1 - 1e-5 for low, high in found.values()), found


def test_each_publication_has_its_attack_report_for_the_team_alone(home: Home, issued: anct.Issued):
    reports = home.reports / ".attaques"
    own = next(reports.glob("2022-T4-*"))
    for path in (reports, own, *own.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
    told = issued.edition.manifest["secret_statistique"]
    frame = pl.read_csv(own / "attaque.csv", infer_schema=False)
    assert frame.height == told["attaque"]["cases_essayees"] > 100
    assert told["attaque"]["intervalle_le_plus_etroit"] >= LEAST_WIDTH
    assert frame.filter(nature="petit effectif").height == told["dont_petits_effectifs"]
    assert set(frame["verdict"]) <= {"tenue", "non protégeable"}
    assert frame.filter(verdict="non protégeable").height <= told["attaque"]["cases_trop_approchees"]
    text = (own / "attaque.txt").read_text(encoding="utf-8")
    assert "Il ne sort pas" in text and "Les plus serrées" in text
    assert not [path for path in issued.edition.folder.rglob("*") if "attaque" in path.name]


def test_recipients_are_told_how_many_cells_were_tried(issued: anct.Issued, home: Home, version: Version):
    publication = prepare(version, load_programme(), parse_period("2022-T4"), home)
    assert publication.in_register and publication.examined is None
    told = issued.edition.manifest["secret_statistique"]["attaque"]
    assert told["cases_essayees"] == publication.attacked.cells
    line = next(line for line in quality_sentences(publication, []) if line.startswith("Attaque du masque"))
    assert "cases masquées essayées" in line and "intervalle le plus étroit" in line
    assert json.dumps(told)  # plain numbers


def test_an_edition_whose_attack_finds_something_is_refused(
    home: Home, version: Version, monkeypatch: pytest.MonkeyPatch
):
    """A mask at fault (here: the small counts alone): nothing is issued, in French, with the way out."""

    def faulty(tables: Tables, threshold: int, *_: object) -> Mask:
        small = tables.primary(threshold)
        return Mask.of(small & tables.published, small, frozenset())

    monkeypatch.setattr(publications, "protect", faulty)
    entries = len(register_of(home).entries())
    result = CliRunner().invoke(app, ["export", "anct", "--period", "2022-08", "--home", str(home.root)])
    assert result.exit_code == 1 and "n'est pas diffusée" in result.output, result.output
    assert not (home.reports / "anct" / "2022-08").exists()
    assert len(register_of(home).entries()) == entries
