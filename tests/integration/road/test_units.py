"""The units of docs/exemples/systemd, as systemd itself reads them (tests/browser/install.sh installs it).

Does not live here: what they run and may write (tests/unit/orchestration/test_services.py).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conftest import ROOT

UNITS = sorted((ROOT / "docs" / "exemples" / "systemd").iterdir())


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Every key is known to it; only what this machine lacks is replaced: the command, its user, its folders."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/passnum/.venv/bin/passnum", "/bin/true")
        text = text.replace("User=passnum", "User=root").replace("Group=passnum", "Group=root")
        (tmp_path / unit.name).write_text(text.replace("=/opt/passnum\n", "=/\n"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or "passnum" in line] == []
