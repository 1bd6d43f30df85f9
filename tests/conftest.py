"""What every test gets: a secret of its own.

Does not live here: the fixtures of a folder (its own conftest.py).
"""

from __future__ import annotations

import os
import secrets

import pytest


@pytest.fixture(scope="session", autouse=True)
def secret_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A secret made for this session: the user's own is neither read nor created."""
    path = tmp_path_factory.mktemp("secret") / "secret"
    path.write_text(secrets.token_hex(32), encoding="ascii")
    path.chmod(0o600)
    os.environ["PASSNUM_SECRET_FILE"] = str(path)
