"""docs/rgpd: what the documents state is what the command tells, and what they promise exists."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from ingestion.contract import load_layouts
from ingestion.personal import PERSON_LEVEL
from orchestration.cli import app
from orchestration.rgpd import DOCUMENTS, FOLDER, render
from programme.conservation import load_retention
from tests.conftest import ROOT, passnum_here
from tests.integration.privacy.rgpd_page import facts_of
from warehouse.published.uniqueness import COMBINATIONS, measure
from warehouse.published.versions import current_path
from warehouse.settings import Home

CODED = ("genre", "situation", "public_pic", "residence_qpv")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_those_that_the_command_writes(name: str, simulated_home: Path, tmp_path: Path) -> None:
    """`python -m tests.integration.privacy.rgpd_page` writes them again."""
    committed = (FOLDER / DOCUMENTS[name]).read_text(encoding="utf-8")
    assert render(name, facts_of(simulated_home)) == committed
    out = tmp_path / "document.md"
    passnum_here("rgpd", name, "--out", str(out), home=simulated_home)
    assert out.read_text(encoding="utf-8") == committed
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_every_personal_column_of_the_contracts_is_told() -> None:
    """Every column that is personal, or a coded answer about somebody, and every duration."""
    register = (FOLDER / DOCUMENTS["registre"]).read_text(encoding="utf-8")
    wanted = {
        (layout.title, field.name)
        for layout in load_layouts()
        if layout.dataset in PERSON_LEVEL
        for field in layout.fields
        if field.personal or field.type == "digits_list" or field.name in CODED
    }
    told = set(re.findall(r"(?m)^\| ([^|]+?) \| [^|]*\(`(\w+)`\) \|", register))
    assert wanted - told == set()
    assert len(wanted) > 6
    for place, one in load_retention().items():
        assert f"| {place} | {one.months}\u00a0mois |" in register


def test_before_anything_is_published_the_documents_say_so(tmp_path: Path) -> None:
    assert "l’unicité n’est pas mesurée" in passnum_here("rgpd", "aipd", home=tmp_path)


def test_uniqueness_is_counted_as_by_hand(simulated_home: Path) -> None:
    """k-anonymity in another way: how many share all the answers of each person, an absent one like another."""
    path = current_path(Home.at(simulated_home))
    assert path is not None
    found = {one.columns: one for one in measure(path, 11)}
    assert len(found) == len(COMBINATIONS)
    with duckdb.connect(str(path), read_only=True) as con:
        people = con.execute("from core.dim_person").pl().filter(pl.col("is_identified"))
    people = people.with_columns(pl.col("equipped_on").dt.truncate("1mo").alias("date_trunc('month', equipped_on)"))
    for columns, one in found.items():
        alike = people.select(pl.len().over(columns))["len"]
        assert (len(alike), (alike == 1).sum(), (alike < 11).sum()) == (one.people, one.alone, one.under_threshold)
    counts = [one.alone for one in found.values()]
    assert counts[0] <= counts[2] <= counts[3] <= counts[4] <= counts[5] <= counts[6] <= counts[7]


def test_the_procedure_names_commands_and_tests_that_exist() -> None:
    """Every `passnum …` of docs/rgpd is a command; every test that the DPIA names exists."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md"))
    groups: Any = vars(get_command(app))["commands"]
    for words in set(re.findall(r"`passnum ([a-z ]+)", texts)):
        first, *rest = words.split()
        assert first in groups, words
        if rest and hasattr(groups[first], "commands"):
            assert rest[0] in groups[first].commands, words
    known = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    named = set(re.findall(r"`(test_\w+)`", texts))
    assert len(named) > 5
    assert named - known == set()
    for link in re.findall(r"\]\((\.\./[\w-]+\.md)\)", texts):
        assert (FOLDER / link).exists()


def test_the_group_says_what_it_is_for() -> None:
    result = CliRunner().invoke(app, ["rgpd", "--help"])
    assert "registre" in result.output and "aipd" in result.output and "droits" in result.output
