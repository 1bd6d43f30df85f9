"""The golden set published once by `passnum run`, for every folder that reads it or starts from it.

Does not live here: the deliveries (golden/deliveries.py), what a folder makes of the home (its own conftest.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.integration.golden import deliveries
from tests.once import made_once


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the golden set was dropped, run and published. Not to be written in: copy it."""

    def make(home: Path) -> None:
        deliveries.drop(home / "landing")
        result = CliRunner().invoke(app, ["run", "--home", str(home)])
        assert result.exit_code == 0, result.output

    return made_once(tmp_path_factory, "golden", make)
