"""After a publication, or a document that left: what readers of the pages would wait for is made before they come.

The version is in line already, and stays so whatever happens here: a failure is told, and the first page tries again.
Only where somebody outside the team may sign in: nobody else waits for it. Does not live here: the figures
(reporting/cube), the page that comes first (dashboards/preparing.py).
"""

from __future__ import annotations

import time

from dashboards.access import access_path
from orchestration.telling import tell
from presentation.french import decimal
from presentation.system_errors import explain_error
from programme.config import Programme
from warehouse.settings import Home


def prepare(home: Home, programme: Programme | None) -> None:
    """Make the protected figures of the current version, where they are awaited and not there. Never raises.

    `programme`: the settings in force, None where they cannot be read.
    """
    if access_path(home) is None:
        return
    from dashboards.awaited import awaited
    from reporting.cube import cube_file, cube_of

    try:
        asked = awaited(home, programme)
        if asked is None or cube_file(*asked).exists():
            return
        tell("Préparation des chiffres protégés, pour les lecteurs hors de l'équipe.")
        began = time.perf_counter()
        cube_of(*asked)
        tell(f"Chiffres protégés prêts, en {decimal(time.perf_counter() - began, 1)} s.")
    except Exception as error:  # noqa: BLE001 — the version is published, whatever fails here
        tell(
            f"Les chiffres protégés n'ont pas pu être préparés ({explain_error(error)}) : la version est en ligne, et "
            "la première page ouverte hors de l'équipe les préparera."
        )
