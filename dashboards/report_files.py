"""Which produced files a reader may take from the reports folder. No Streamlit here.

Does not live here: making the reports (reporting/), drawing their list (app_pages/exports.py).
"""

from __future__ import annotations

from pathlib import Path

from dashboards.access import Rights

#: The kinds of file a person opens; manifests and schemas stay in their folder.
KINDS = {".pdf", ".xlsx", ".csv", ".html", ".txt", ".zip"}
#: Folders of reports made for the committee; the others (quality by sender, checks) are the team's.
FOR_COMMITTEE = {"anct", "bilan", "mandat", "open_data"}

#: The results of the checks that every build writes: file → title.
CHECK_RESULTS = {
    "data_docs/index.html": "Résultats des contrôles de la version publiée",
    "data_docs/refus.html": "Résultats du dernier passage refusé",
}


def list_reports(root: Path, rights: Rights) -> list[Path]:
    """The reports this reader may take, relative to `root`. Hidden folders hold withheld counts: never listed."""
    if rights.role == "territoire" or not root.exists():
        return []
    found = [path.relative_to(root) for path in root.rglob("*") if path.is_file() and path.suffix.lower() in KINDS]
    seen = [path for path in found if not any(part.startswith(".") for part in path.parts)]
    return [path for path in seen if rights.role == "equipe" or path.parts[0] in FOR_COMMITTEE]
