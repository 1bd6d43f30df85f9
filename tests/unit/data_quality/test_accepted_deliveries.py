"""The setting by which a person accepts a delivery with its rejects: several names on one line, or none."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from data_quality.context import GateContext
from programme.config import PROJECT_FOLDER, load_programme


def _folder(tmp_path: Path, line: str | None) -> Path:
    shutil.copy(PROJECT_FOLDER / "territories.csv", tmp_path)
    text = (PROJECT_FOLDER / "programme.yaml").read_text(encoding="utf-8")
    text, count = re.subn(r"(?m)^accepted_deliveries:.*\n?", "" if line is None else f"{line}\n", text)
    assert count == 1
    (tmp_path / "programme.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (None, ()),
        ("accepted_deliveries:", ()),
        ("accepted_deliveries: 20221231-0aa1b162986f18aa", ("20221231-0aa1b162986f18aa",)),
        ("accepted_deliveries: 20221231-0aa1,20230131-4bd9", ("20221231-0aa1", "20230131-4bd9")),
        ("accepted_deliveries: 20221231-0aa1 ;  20230131-4bd9 ", ("20221231-0aa1", "20230131-4bd9")),
    ],
)
def test_accepted_deliveries_are_named_on_one_line(tmp_path: Path, line: str | None, expected: tuple[str, ...]) -> None:
    programme = load_programme(_folder(tmp_path, line))
    assert programme.accepted_deliveries == expected
    assert GateContext.of(programme, date(2023, 12, 31), None).accepted_deliveries == expected


def test_nothing_is_accepted_as_shipped() -> None:
    assert load_programme().accepted_deliveries == ()
