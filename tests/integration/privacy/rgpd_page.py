"""docs/rgpd/*.md: their facts, told by the command on the simulated programme of all tests.

`python -m tests.integration.privacy.rgpd_page` writes them; test_rgpd.py keeps them true. Does not live here: what
they say.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration.rgpd import Facts, write_all
from programme.config import load_programme
from programme.conservation import load_retention
from warehouse.published.versions import current_version
from warehouse.settings import Home


def facts_of(home: Path) -> Facts:
    """The facts of a home, under the project's settings."""
    return Facts(load_programme(), load_retention(), current_version(Home.at(home)))


if __name__ == "__main__":
    from tests.conftest import CARNETS, passnum_here

    with TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text(os.urandom(32).hex(), encoding="ascii")
        secret.chmod(0o600)
        os.environ["PASSNUM_SECRET_FILE"] = str(secret)
        home = Path(sys.argv[1]) if sys.argv[1:] else Path(folder) / "home"
        if not sys.argv[1:]:
            asked = (
                "--carnets",
                str(CARNETS),
                "--seed",
                "7",
                "--dirt",
                "real",
            )  # the simulated_home of tests/conftest.py
            passnum_here("simulate", "--out", str(home / "landing"), *asked)
            passnum_here("run", home=home)
        write_all(facts_of(home))
