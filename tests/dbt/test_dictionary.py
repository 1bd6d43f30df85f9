"""The committed dictionary is the one the models say: out of step, the build fails."""

from __future__ import annotations

from warehouse.build.dictionary import DICTIONARY, render
from warehouse.build.transform import project_manifest


def test_the_dictionary_is_in_step_with_the_models() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == render(project_manifest()), "lancez « make dictionary »"
