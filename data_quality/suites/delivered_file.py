"""Checks of quality.delivered_file: what the deliveries are worth."""

from __future__ import annotations

from typing import Any

from data_quality.expectations import Check


def _rejected_share(context: Any) -> Any:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(column="rejected_share", max_value=context.max_rejected_share)


CHECKS = [
    Check(
        code="PN-401",
        table_name="delivered_file",
        severity="bloquant",
        owner="#APTIC",
        sentence="Aucune livraison n'a plus d'un cinquième de ses lignes rejetées.",
        expected="au plus 20 % de lignes rejetées par fichier (réglage max_rejected_share)",
        why="Au-delà, le fichier a changé de forme : publier compterait un programme amputé.",
        profile=lambda context: (
            """
            select file_name, lines_rejected / lines_read as rejected_share
            from quality.delivered_file
            where outcome = 'loaded' and lines_read > 0
        """
        ),
        expectation=_rejected_share,
        observed=lambda profile: (
            "aucun fichier"
            if profile.empty
            else "pire fichier : {} ({:.1f} % rejetés)".format(
                profile.sort_values("rejected_share").iloc[-1]["file_name"],
                100 * profile["rejected_share"].max(),
            )
        ),
    ),
]
