"""Checks of core.fct_redemption: the uses of the passes."""

from __future__ import annotations

from typing import Any

from data_quality.expectations import Check

_WATCHED = ("dim_carnet", "fct_pass", "fct_prescription", "fct_redemption", "fct_attendance", "fct_budget_entry")


def _emptied(context: Any) -> str:
    counted = " union all ".join(
        f"select '{table}' as table_name, (select count(*) from core.{table}) as rows_now, "
        + (f"(select count(*) from previous.core.{table})" if context.previous else "0")
        + " as rows_before"
        for table in _WATCHED
    )
    return f"select *, case when rows_before > 0 and rows_now = 0 then 1 else 0 end as is_emptied from ({counted})"


def _none_emptied(context: Any) -> Any:
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnMaxToBeBetween(column="is_emptied", max_value=0)


CHECKS = [
    Check(
        code="PN-402",
        table_name="fct_redemption",
        severity="bloquant",
        owner="MGP",
        sentence="Aucune table de faits ne s'est vidée depuis la dernière version publiée.",
        expected="aucune table vidée",
        why="Une table vide publierait zéro heure et zéro personne là où il y en avait.",
        profile=_emptied,
        expectation=_none_emptied,
        observed=lambda profile: (
            ", ".join(profile.loc[profile["is_emptied"] == 1, "table_name"]) or "aucune table vidée"
        ),
    ),
]
