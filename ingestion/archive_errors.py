"""What Python raises on a damaged archive. Only its own library: workbooks are opened in a process apart.

Does not live here: what is said of such a file (unpack, sheet).
"""

from __future__ import annotations

import zipfile
import zlib

#: NotImplementedError is zipfile's own, for a compression it cannot undo; RuntimeError, for a member under a password.
DAMAGED_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
