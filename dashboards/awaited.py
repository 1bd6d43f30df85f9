"""Which protected figures a home must have ready: those of its version, where somebody outside the team may sign in.

No Streamlit here: a run asks it too. Does not live here: making them (reporting/cube), waiting for them (preparing.py).
"""

from __future__ import annotations

from pathlib import Path

from dashboards.access import AccessError, access_path, load_access
from programme.config import Programme
from warehouse.published import versions
from warehouse.published.version_settings import VersionTooOld, settings_of
from warehouse.settings import Home


def awaited(home: Home, current: Programme | None) -> tuple[Path, int] | None:
    """The published file and the threshold of small counts; None where no page will ask for them.

    `current`: the settings in force, None where they cannot be read. A version or an access file that cannot be
    followed awaits nothing: every page says so.
    """
    path, access = versions.current_path(home), access_path(home)
    if path is None or access is None:
        return None
    try:
        if not any(rights.is_protected for rights in load_access(access).people.values()):
            return None
        return path, settings_of(versions.read_version(path), current).small_count_threshold
    except (AccessError, VersionTooOld):
        return None
