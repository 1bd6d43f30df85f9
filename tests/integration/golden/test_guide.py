"""The analysts' guide, tried as a newcomer would: every block of it is run, beside the published golden set.

Not here: the sample queries and what the file promises (test_analysts.py), metric() itself (test_metric.py).
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import typer

from orchestration.cli import app
from tests.conftest import passnum_here

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "analystes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def _blocks(language: str) -> list[str]:
    return [text for named, text in BLOCKS if named == language]


@pytest.fixture
def beside_data(golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where `data/` is the published golden home, as in the project's own."""
    (tmp_path / "data").symlink_to(golden_home)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_no_block_is_left_out() -> None:
    """A block of another language would be run by nobody."""
    assert {named for named, _ in BLOCKS} == {"python", "sql", "console", "duckdb"}
    assert (len(_blocks("python")), len(_blocks("sql")), len(_blocks("console"))) == (2, 5, 1)
    assert len(_blocks("duckdb")) == 2  # the shared lake: run by tests/integration/lake


@pytest.mark.parametrize("block", _blocks("python"))
def test_every_block_of_python_runs(block: str, beside_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block, "analystes.md", "exec"), {})
    assert capsys.readouterr().out


def test_every_block_of_sql_runs_in_their_order_and_finds_rows(beside_data: Path) -> None:
    """From an empty session: the first block attaches the file."""
    with duckdb.connect() as con:
        for block in _blocks("sql"):
            for statement in duckdb.extract_statements(block):
                rows = con.execute(statement).fetchall()
                assert rows or statement.type != duckdb.StatementType.SELECT, statement.query


def test_every_command_is_one_of_passnum_with_its_options(golden_home: Path) -> None:
    """Each is parsed as it is written; the first, which needs nothing else, is run."""
    commands = [shlex.split(line, comments=True) for block in _blocks("console") for line in block.splitlines()]
    group = typer.main.get_command(app)
    for program, name, *arguments in commands:
        assert program == "passnum"
        group.commands[name].make_context(name, list(arguments))  # type: ignore[attr-defined]
    assert "94080" in passnum_here(*commands[0][1:], home=golden_home)


def test_the_notebook_runs_on_the_published_file(golden_home: Path) -> None:
    """As a script: every cell, and its own proof that the cuts make the published figure."""
    environment = os.environ | {"PASSNUM_HOME": str(golden_home)}
    notebook = ROOT / "docs" / "explorer.py"
    done = subprocess.run(
        [sys.executable, str(notebook)], capture_output=True, text=True, check=False, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_file_is_in_the_storage_that_the_guide_tells(published: duckdb.DuckDBPyConnection) -> None:
    ((tags,),) = published.execute(
        "select tags from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    assert tags["storage_version"] == "v1.4.0+"
    assert "format de stockage v1.4.0" in GUIDE
    assert f"écrit par {duckdb.__version__}" in GUIDE
