"""What a check asks its owner to do, in French: the sentence of the check itself, else the one of its family.

Does not live here: the checks (data_quality/suites/), the wording of rejected lines (reporting/quality).
"""

from __future__ import annotations

from data_quality.registry import all_checks

#: What to do where a check says nothing of it: those of dbt (keys, relationships, identities) judge the warehouse.
WAREHOUSE_MEND = "Défaut de l’entrepôt lui-même : transmettez ce rapport à la personne qui l’entretient."
LINES_MEND = "Vérifiez ces lignes à la source ; corrigez-les et redéposez l’export, ou expliquez-les."
WAREHOUSE_OWNER = "MGP"


def mends() -> dict[str, str]:
    """Code of a check → what its owner should do, for the checks that say it themselves."""
    return {check.code: check.mend for check in all_checks()}


def mend_of(code: str, owner: str, said: dict[str, str]) -> str:
    """What to do for a failed check; `said`: what `mends` tells."""
    return said.get(code) or (WAREHOUSE_MEND if owner == WAREHOUSE_OWNER else LINES_MEND)
