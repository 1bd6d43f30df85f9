"""A seeded sample of the fuzzing (`make fuzz` reads 100,000 mutants): a mutant is loaded or refused, nothing else."""

from __future__ import annotations

from typing import get_args

import pytest

from ingestion.receipt import Reason
from tests.fuzz import list_seeds, make_mutant, read
from tests.some import some

SAMPLE = 500
#: Read unless `--exhaustive`, of the sample: one in so many.
EVERY = 4
SEED = 7
SEEDS = list_seeds()


@pytest.mark.parametrize("name, data", SEEDS, ids=[name for name, _ in SEEDS])
def test_every_file_that_is_mutated_loads(name: str, data: bytes) -> None:
    """Mutants of files that were refused already would prove nothing."""
    assert set(read(name, data)) == {"loaded"}


@pytest.mark.parametrize("part", range(5))
def test_a_mutant_is_loaded_or_refused_with_a_reason(part: int, exhaustive: bool) -> None:
    """Issue 3: no uncaught exception, and the accounting of lines holds in whatever is loaded."""
    ends: set[str] = set()
    for number in some(range(part, SAMPLE, 5), EVERY, exhaustive):
        name, data = make_mutant(SEEDS, SEED, number)
        ends |= set(read(name, data))
    assert ends <= {"loaded", *get_args(Reason)}
    assert {"loaded", "unreadable"} <= ends  # whichever of them are read that day


def test_the_same_arguments_give_the_same_mutants() -> None:
    """A failure can be read again by its number."""
    assert make_mutant(SEEDS, SEED, 41) == make_mutant(list_seeds(), SEED, 41)
    assert make_mutant(SEEDS, SEED, 41) != make_mutant(SEEDS, SEED + 1, 41)
