"""What every test gets: a secret of its own; and the simulated home that the pages and the documents are read on.

Does not live here: the fixtures of a folder (its own conftest.py).
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.once import made_once

ROOT = Path(__file__).resolve().parents[1]
CARNETS = 600


@pytest.fixture(scope="session", autouse=True)
def secret_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A secret made for this session, the same for every worker: the user's own is neither read nor created."""

    def make(folder: Path) -> None:
        folder.mkdir()
        path = folder / "secret"
        path.write_text(secrets.token_hex(32), encoding="ascii")
        path.chmod(0o600)

    os.environ["PASSNUM_SECRET_FILE"] = str(made_once(tmp_path_factory, "secret", make) / "secret")


def passnum(*arguments: str, home: Path | None = None) -> None:
    """Run the command as a person would; its output is in the failure."""
    command = [sys.executable, "-m", "orchestration", *arguments]
    options = ["--home", str(home)] if home else []
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def simulated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 600 carnets, as dirty as real files, published. Not to be written in: copy it.

    PASSNUM_BROWSER_HOME names a home to reuse while writing tests (never set in `make test`).
    """
    if ready := os.environ.get("PASSNUM_BROWSER_HOME"):
        return Path(ready)

    def make(root: Path) -> None:
        landing = root / "landing"
        passnum("simulate", "--out", str(landing), "--carnets", str(CARNETS), "--seed", "7", "--dirt", "real")
        passnum("run", home=root)

    return made_once(tmp_path_factory, "simulated-home", make)
