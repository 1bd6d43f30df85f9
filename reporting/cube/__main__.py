"""`python -m reporting.cube VERSION THRESHOLD`: make the protected cube of a published file, in a process of its own.

So that the server of the pages does not work at it itself: the search takes seconds of Python. Does not live here: who
asks (dashboards/preparing.py), how it is made once (store.py).
"""

from __future__ import annotations

import sys
from pathlib import Path

from reporting.cube.store import cube_of


def main() -> None:
    """Make it, where it is not there."""
    version, threshold = sys.argv[1:]
    cube_of(Path(version), int(threshold))


if __name__ == "__main__":
    main()
