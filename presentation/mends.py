"""What a failed check asks its owner to do where the check itself says nothing: one sentence a family.

Does not live here: the checks' own sentences (data_quality/suites/), the wording of rejected lines (reporting/quality).
"""

from __future__ import annotations

#: The checks of dbt (keys, relationships, identities) judge the warehouse itself.
WAREHOUSE_MEND = "Défaut de l’entrepôt lui-même : transmettez ce rapport à la personne qui l’entretient."
LINES_MEND = "Vérifiez ces lignes à la source ; corrigez-les et redéposez l’export, ou expliquez-les."
WAREHOUSE_OWNER = "MGP"


def mend_of(owner: str, said: str | None) -> str:
    """What to do for a failed check; `said`: what the check says itself, empty or None where it says nothing."""
    return said or (WAREHOUSE_MEND if owner == WAREHOUSE_OWNER else LINES_MEND)
