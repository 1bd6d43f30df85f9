"""What `passnum serve` starts: its options reach the command that needs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.commands import serve
from orchestration.serving import Service
from tests.conftest import passnum_here
from warehouse.settings import Home


def test_what_the_pages_advise_is_an_option_of_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened to others without an access file, the pages name an option: who typed `serve` has it too."""
    monkeypatch.setattr(serve, "refuse_taken_port", lambda *_: None)
    kept: list[Service] = []

    def keep(_: Home, wanted: list[Service], __: object) -> int:
        kept[:] = wanted
        return 0

    monkeypatch.setattr("orchestration.serving.keep", keep)
    advice = passnum_here("dashboard", "--host", "0.0.0.0", home=tmp_path, exit_code=1)
    (option,) = re.findall(r"--[a-z-]+", advice)
    passnum_here("serve", "--host", "0.0.0.0", home=tmp_path)
    assert option not in kept[-1].command
    passnum_here("serve", "--host", "0.0.0.0", option, home=tmp_path)
    assert option in kept[-1].command and "dashboard" in kept[-1].command
