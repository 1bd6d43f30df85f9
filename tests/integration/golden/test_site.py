"""`make docs`: dbt's page of the published version, from what is already there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.once import copy_home
from warehouse.build import transform
from warehouse.build.site import write_site
from warehouse.published.versions import NothingPublished
from warehouse.settings import Home


def test_the_site_describes_the_published_version_and_builds_nothing(
    golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parse is the kept one; the tables, their types and their rows' columns are those of the file."""
    kept = transform.parsed_project()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is built to be described")

    monkeypatch.setattr(transform, "_session", refuse)
    home = Home.at(copy_home(golden_home, tmp_path / "home"))
    before = sorted(path.name for path in home.warehouse.iterdir())
    page = write_site(home).read_text(encoding="utf-8")
    assert transform.parsed_project() == kept
    assert sorted(path.name for path in home.warehouse.iterdir()) == before
    assert "DECIMAL(18,2)" in page
    assert json.dumps("Clé étrangère vers core.dim_person(person_key).").strip('"') in page
    assert "from metric('hours', by := 'territory, month')" in page


def test_before_the_first_publication_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished, match="lancez « passnum run »"):
        write_site(Home.at(tmp_path))
