"""Which produced files a reader may take from the reports folder. No Streamlit here.

Does not live here: making the reports (reporting/), drawing their list (app_pages/exports.py).
"""

from __future__ import annotations

import os
from pathlib import Path

from dashboards.access import Rights
from reporting.to_save.state import FOLDER as TO_SAVE
from storage.ordinary import is_ordinary

#: The kinds of file a person opens; manifests and schemas stay in their folder.
KINDS = {".pdf", ".xlsx", ".csv", ".html", ".txt", ".zip"}
#: Folders of reports whose small counts are protected; the others are the team's: quality by sender, checks, and the
#: yearly account of the mandate, which must hold every operation and masks none.
FOR_COMMITTEE = {"anct", "bilan", "open-data"}
#: Folders that a page of their own gives, structure by structure, with the state of their mails.
ELSEWHERE = {TO_SAVE}

#: The results of the checks that every build writes: file → title.
CHECK_RESULTS = {
    "data_docs/index.html": "Résultats des contrôles de la version publiée",
    "data_docs/refus.html": "Résultats du dernier passage refusé",
}


class NotAReport(Exception):
    """What is at this address of the reports folder is not a file that was written there."""


def list_reports(root: Path, rights: Rights) -> list[Path]:
    """The reports this reader may take, relative to `root`. Hidden folders hold withheld counts: never listed.

    Nor is a link, nor a file that has another name elsewhere: what is offered is what was written here.
    """
    if rights.role == "territoire":
        return []
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        found += [Path(folder) / name for name in names if not name.startswith(".")]
    kept = [path for path in found if path.suffix.lower() in KINDS and is_ordinary(path.lstat())]
    seen = [path.relative_to(root) for path in kept]
    seen = [path for path in seen if path.parts[0] not in ELSEWHERE]
    return [path for path in seen if rights.is_team or path.parts[0] in FOR_COMMITTEE]


def read_report(root: Path, name: Path | str) -> bytes:
    """The content of a report, `name` relative to `root`; no link is followed on the way. Raises NotAReport."""
    *folders, last = Path(name).parts or ("",)
    if any(part.startswith((".", "/")) or not part for part in (*folders, last)):
        raise NotAReport(name)
    try:
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise NotAReport(name) from error
    try:
        for step, flags in [*((folder, os.O_DIRECTORY) for folder in folders), (last, 0)]:
            inside = os.open(step, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | flags, dir_fd=handle)
            os.close(handle)
            handle = inside
        if not is_ordinary(os.fstat(handle)):
            raise NotAReport(name)
        with open(handle, "rb", closefd=False) as stream:
            return stream.read()
    except OSError as error:
        raise NotAReport(name) from error
    finally:
        os.close(handle)


def has_report(root: Path, name: str) -> bool:
    """Whether `read_report` gives it."""
    try:
        read_report(root, name)
    except NotAReport:
        return False
    return True
