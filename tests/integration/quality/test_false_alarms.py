"""A clean simulated programme raises no alarm, at its end nor on the way: three seeds here.

`python -m tests.integration.quality.building 1 20 500` does the same for twenty.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.quality.building import find_alarms


# One in the middle of its life too, then its end against that version; a very small one; a larger one.
@pytest.mark.parametrize(("seed", "carnets", "moments"), [(7, 300, ("2022-01-31",)), (9, 60, ()), (5, 1000, ())])
def test_a_clean_programme_raises_no_alarm(tmp_path: Path, seed: int, carnets: int, moments: tuple[str, ...]) -> None:
    """Every check holds, and none is an error."""
    assert find_alarms(tmp_path, carnets=carnets, seed=seed, moments=moments) == []
