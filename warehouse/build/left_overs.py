"""What killed runs were writing in a warehouse: nobody reads it, and the next run removes it.

Work folders whose process is gone, or that do not say whose they are, files and folders written aside, and the versions
that were put in place and never shown. Does not live here: what is left in the lake (ingestion/lake.py), the old
versions that are retired (publish.py).
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

from storage.atomic import PARTIAL_SUFFIX
from storage.atomic import remove_left_overs as remove_partials
from warehouse.build.candidate import DESCRIPTION
from warehouse.published import builds
from warehouse.published.versions import build_of, current_path, files_of, version_paths
from warehouse.settings import Home


def remove_left_overs(home: Home) -> list[str]:
    """Remove what runs left. Returns a French sentence for each work folder that did not say whose it was.

    Call it under the runs' lock.
    """
    told = []
    for folder in _folders(home.builds):
        process = _process_of(folder)
        if process is None:
            told.append(f"Un dossier de travail illisible, laissé par un passage interrompu, est retiré : {folder}")
        if process is None or process == os.getpid() or not _is_writing(process, folder):
            shutil.rmtree(folder, ignore_errors=True)
    history = home.lake / builds.BUILDS
    places = (home.builds, home.warehouse, home.versions, home.as_of_versions, home.data_docs, history)
    for folder in (*places, *history.glob("[!.]*")):
        remove_partials(folder)
    for partial in _of_the_dead(home):
        partial.unlink(missing_ok=True)
    return told


def find_left_overs(home: Home) -> list[Path]:
    """All that is left of what was being written, by a run under way too: work folders, and what was written aside."""
    places = (home.lake, home.archive, home.warehouse, home.reports)
    aside = [path for place in places for path in place.rglob(f".*{PARTIAL_SUFFIX}")]
    under_way = [path for path in aside if not path.is_relative_to(home.builds)]
    return [*home.builds.glob("*"), *under_way, *_of_the_dead(home)]


def remove_unpublished(home: Home) -> None:
    """Remove what publishers left: files aside, and versions put in place before a kill, which no reader ever saw.

    Those are newer than the one in line, and of no build that was kept. Call it under the publishers' lock.
    """
    for folder in (home.warehouse, home.versions, home.as_of_versions):
        remove_partials(folder)
    current = current_path(home)
    if current is None and os.path.lexists(home.published):  # the link leads nowhere: each of them may be wanted
        return
    kept = {path.name for path in (home.lake / builds.BUILDS).glob("[!.]*")}
    for path in version_paths(home):
        if current is not None and build_of(path) <= build_of(current):
            return
        if build_of(path) not in kept:
            for file in files_of(path):
                file.unlink(missing_ok=True)


def _of_the_dead(home: Home) -> list[Path]:
    """What a process that is gone was writing at the root of the home, where others write without the runs' lock."""
    named = ((path, path.name.rsplit(".", 2)) for path in home.root.glob(f".*{PARTIAL_SUFFIX}"))
    numbers = ((path, parts[1]) for path, parts in named if len(parts) == 3 and path.is_file())
    return [path for path, number in numbers if number.isdigit() and not Path(f"/proc/{number}").exists()]


def _folders(builds_under_way: Path) -> list[Path]:
    return [path for path in builds_under_way.glob("[!.]*") if path.is_dir()]


def _process_of(folder: Path) -> int | None:
    """The number of the process that works in a folder; None where it cannot be read."""
    try:
        return int(json.loads((folder / DESCRIPTION).read_bytes())["process"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_writing(process: int, folder: Path) -> bool:
    """Whether the process is still there: another one may have got its number since."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        described = (folder / DESCRIPTION).stat().st_mtime
    except OSError:
        return Path(f"/proc/{process}").exists()
    age = uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - age <= described + 1
