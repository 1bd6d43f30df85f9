"""What a failed step says to the person who runs the command. Does not live here: how each failure is caused."""

from __future__ import annotations

import errno
import os

import pytest

from orchestration.run import StepFailure


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_names_the_commands_that_make_room(number: int) -> None:
    """« root causes hide it today: full disk »: whoever met it, a file or DuckDB, the remedy is said."""
    for error in (
        OSError(number, os.strerror(number), "/a"),
        RuntimeError(f'Could not write "/a": {os.strerror(number)}'),
    ):
        said = str(StepFailure.of(error))
        assert "passnum prune" in said and "passnum purge" in said and "Rien n'est perdu" in said


def test_another_refusal_of_the_system_is_left_to_its_reader() -> None:
    said = str(StepFailure.of(OSError(errno.EROFS, os.strerror(errno.EROFS), "/a")))
    assert "lecture seule (/a). Corrigez-en la cause" in said and "prune" not in said
