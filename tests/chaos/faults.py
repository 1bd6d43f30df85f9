"""A fault at the n-th change to the disk, whoever asks for it: Python, Polars, DuckDB (shim.c, loaded before them).

Does not live here: which faults are tried (families.py), what must hold after one (trial.py).
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

HERE = Path(__file__).parent
STATE_VARIABLE = "CHAOS_STATE"


class Kind(IntEnum):
    """What befalls the process at the n-th change: see shim.c."""

    COUNT = 0
    KILL = 1
    FAIL_ONCE = 2
    FULL = 3


@dataclass(frozen=True)
class Fault:
    """`at`: how many changes are let through before. `error`: of FAIL_ONCE; a FULL disk stays full from then on."""

    kind: Kind
    at: int
    error: int = errno.EIO

    def __str__(self) -> str:
        told = {Kind.COUNT: "rien", Kind.KILL: "kill -9", Kind.FULL: "disque plein"}
        return f"{told.get(self.kind, errno.errorcode[self.error])} au changement {self.at}"


class _Shared(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_long) for name in ("armed", "passed", "target", "kind", "error", "log", "hits")),
        ("root", ctypes.c_char * 1024),
    ]


class Injector:
    """The switch of the faults of this process and of those it forks."""

    def __init__(self) -> None:
        handle = os.open(os.environ[STATE_VARIABLE], os.O_RDWR)
        self._state = _Shared.from_buffer(mmap.mmap(handle, ctypes.sizeof(_Shared)))
        os.close(handle)

    def arm(self, fault: Fault, root: Path, log: int = 0) -> None:
        """From now on `fault` may befall what is changed under `root`. `log`: a descriptor told of every change."""
        state = self._state
        state.passed, state.target, state.kind, state.error = 0, fault.at, fault.kind, fault.error
        state.log, state.hits, state.root = log, 0, os.fsencode(root)
        state.armed = 1

    def disarm(self) -> tuple[int, int]:
        """No fault from now on. Returns how many changes were asked for, and how many the fault befell."""
        self._state.armed = 0
        return int(self._state.passed), int(self._state.hits)


def restart_with_faults(module: str) -> None:
    """Start this process again with the faults at hand, unless they are. Raises SystemExit without a C compiler."""
    if STATE_VARIABLE in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="passnum-chaos-"))
    library, state = folder / "shim.so", folder / "state"
    try:
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(HERE / "shim.c"), "-ldl"], check=True, timeout=120
        )
    except FileNotFoundError:
        sys.exit("Un compilateur C est nécessaire (Debian : apt install gcc libc6-dev).")
    state.write_bytes(bytes(ctypes.sizeof(_Shared)))
    preloaded = {"LD_PRELOAD": str(library), STATE_VARIABLE: str(state)}
    os.execve(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], os.environ | preloaded)
