"""Between two published versions: which figures moved, by how much, and because of which files and lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import write_delivery
from tests.integration.golden.deliveries import uses
from tests.integration.road.conftest import Passnum
from warehouse.diff import compare
from warehouse.published import find_version
from warehouse.settings import Home

CORRECTION = "utilisations_2022-11-15.csv"


def test_a_correction_is_explained_to_the_line(published_home: Path, passnum: Passnum) -> None:
    """U002, one of three passes of an attendance, is cancelled later: a pass and ten euros less, not an hour less."""
    home = published_home
    write_delivery(home / "landing", CORRECTION, [uses()[1] | {"statut": "annulee"}])
    assert passnum("run").exit_code == 0

    place = Home.at(home)
    difference = compare(find_version(place, "previous"), find_version(place, "last"))
    assert difference.files_added == [CORRECTION]
    assert difference.files_removed == []
    assert {movement.indicator: movement.change for movement in difference.movements} == {
        "passes_used": -1,
        "face_value_used_eur": -10,
        "reimbursed_eur": -10,
        "state_share_due_eur": -5,
    }
    for moved in difference.movements:
        assert sum(cause.effect for cause in moved.causes) == pytest.approx(moved.change), moved.indicator
        (cause,) = moved.causes
        assert cause.file_name == "utilisations_2022-10-31.csv"
        assert (cause.lines_removed, cause.example_lines) == (1, [3])

    told = passnum("diff").output.replace("\u202f", " ").replace("\xa0", " ")
    assert "1 fichier(s) de plus, 0 de moins" in told
    assert "Pass utilisés : 20 → 19 (−1)" in told
    assert "utilisations_2022-10-31.csv — 1 ligne(s) en moins (lignes 3…)" in told
    assert "Aucun chiffre n'a bougé" in passnum("diff", "last", "last").output
    unknown = passnum("diff", "1999", "last")
    assert unknown.exit_code == 1
    assert "Aucune version « 1999 »" in unknown.output
