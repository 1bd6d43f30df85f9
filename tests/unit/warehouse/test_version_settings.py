"""The settings frozen in a version: none is forgotten. What a version says of its own: tests/integration/golden."""

from __future__ import annotations

import re

from programme.config import load_programme
from programme.models import OF_READING, Programme
from warehouse.build.inputs import SETTINGS
from warehouse.settings import DBT_PROJECT

PLACES = {"territories", "changes", "communes", "populations", "communes_geojson", "decisions"}


def test_the_version_holds_every_setting_the_build_used() -> None:
    """Settings belong to the version: `programme` has one row, every setting the build used (figures, section 3)."""
    assert set(SETTINGS) == set(Programme.model_fields) - PLACES - OF_READING | {"mandate_ends_on"}
    sql = (DBT_PROJECT / "models" / "marts" / "programme.sql").read_text(encoding="utf-8")
    published = re.findall(r"^    (\w+),?$", sql, re.MULTILINE)
    assert published == ["as_of", *SETTINGS]


def test_a_setting_left_out_of_the_file_is_worth_what_the_file_shipped_says() -> None:
    """A folder of settings written before a threshold existed keeps working, with the same threshold."""
    shipped = load_programme()
    defaults = {name: field.default for name, field in Programme.model_fields.items() if not field.is_required()}
    assert {name: getattr(shipped, name) for name in defaults} == defaults
