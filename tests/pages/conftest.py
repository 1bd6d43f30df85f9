"""The pages of the simulated home, run by Streamlit itself (AppTest): no server, no browser, a tenth of the time.

Does not live here: what only a browser shows (tests/browser/), the home (../conftest.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboards import menu
from dashboards.access import Rights
from tests.conftest import ROOT
from tests.once import copy_home, made_once
from warehouse.settings import HOME_VARIABLE

APP = ROOT / "dashboards" / "app.py"


@pytest.fixture(scope="session")
def home(simulated_home: Path) -> Path:
    """The simulated home of all tests: the pages only read it."""
    return simulated_home


@pytest.fixture
def at_address(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page by its address, in a session of its own; it must be whole."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))

    def open_one(file: Path, parameters: dict[str, list[str]] | None = None) -> AppTest:
        pages = AppTest.from_file(str(APP), default_timeout=60)
        for name, values in (parameters or {}).items():
            pages.query_params[name] = values
        pages.switch_page(str(file.relative_to(APP.parent)))
        # A page is known by the end of its address; before a first run, Streamlit takes the name of its file for it.
        pages._page_hash = calc_hash(menu.entry(file).address)
        pages.run()
        assert not pages.exception
        return pages

    return open_one


@pytest.fixture(scope="session")
def protected_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it beside whose version the protected cube is kept, by the first page that needs it."""

    def make(root: Path) -> None:
        copy_home(home, root)

    return made_once(tmp_path_factory, "protected-home", make)


@pytest.fixture
def read_by(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Rights], None]:
    """Has the pages opened next read by somebody else than the team, on the copy where a protected cube is kept."""

    def read_by(rights: Rights) -> None:
        copy = request.getfixturevalue("protected_home") if rights.is_protected else home
        monkeypatch.setenv(HOME_VARIABLE, str(copy))
        monkeypatch.setattr("dashboards.session.rights", lambda _: rights)

    return read_by
