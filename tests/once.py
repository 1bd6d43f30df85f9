"""What several tests start from, made once a session whatever the number of workers, and copies of it to write in.

Does not live here: what they make.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` that `make` fills: by the first worker that asks, awaited by the others; only read after."""
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, done = shared / name, shared / f"{name}.done"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            make(folder)
            done.touch()
    return folder


@contextmanager
def without_suites() -> Iterator[None]:
    """Runs of which no test looks at what Great Expectations says: dbt's tests alone judge them, a fifth less time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("data_quality.gate.all_checks", list)
        yield


def copy_home(home: Path, to: Path) -> Path:
    """A copy of a home made once, to write in; what another worker may be building in it is left out."""
    return shutil.copytree(home, to, symlinks=True, ignore=shutil.ignore_patterns(".build"))
