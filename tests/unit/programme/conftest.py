"""The shipped configuration, for the tests of its room."""

from __future__ import annotations

import pytest

from programme.config import PROJECT_FOLDER, Programme, load_programme


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSNUM_PROGRAMME", raising=False)


@pytest.fixture
def programme() -> Programme:
    return load_programme(PROJECT_FOLDER)
