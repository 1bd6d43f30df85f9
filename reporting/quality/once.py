"""One cause is told once: the checks that only count, or follow from, what the same owner reads line by line.

Lives here: which checks those are. Does not live here: the checks (data_quality/suites/), the facts (details.py), the
causes of a lieu or prescriber (causes.py).
"""

from __future__ import annotations

import polars as pl

#: Reason of a value (« ligne »: any rejected line) → the check that counts them by file.
_COUNTED_BY = {
    "ligne": "PN-405",
    "invalid_value": "PN-410",
    "invalid_check_digits": "PN-411",
    "error_cell": "PN-153",
    "uncalculated_formula": "PN-153",
    "damaged_text": "PN-153",
    "null_word": "PN-154",
}
#: Column whose value was set aside → the check that then finds it missing on that line.
_MISSED_BY = {
    "date_remboursement": "PN-432",
    "reference_remboursement": "PN-432",
    "date_livraison": "PN-465",
}


def told_once(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts (details.SCHEMA) without the checks whose every line, or file, the same owner reads already."""
    lines = facts.filter(pl.col("kind").is_in(["ligne", "valeur"]))
    reason = pl.when(pl.col("kind") == "ligne").then(pl.lit("ligne")).otherwise("reason")
    counted = lines.select("file_id", "owner", _coded(reason, _COUNTED_BY)).drop_nulls().unique()
    kept = facts.join(counted, on=["file_id", "owner", "code"], how="anti")
    return kept.join(_all_missed(kept, lines), on="fact", how="anti")


def _all_missed(facts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """`fact` of the checks of _MISSED_BY all of whose lines have their value set aside, and told."""
    missed = lines.select("file_id", "owner", "line_number", _coded(pl.col("column_name"), _MISSED_BY)).drop_nulls()
    listed = pl.col("source_lines").str.strip_chars_end("…").str.split(", ").cast(pl.List(pl.Int64))
    checks = facts.filter(pl.col("kind") == "contrôle", pl.col("code").is_in([*_MISSED_BY.values()]))
    each = checks.select("fact", "file_id", "owner", "code", listed.alias("line_number")).explode("line_number")
    left = each.join(missed, on=["file_id", "owner", "line_number", "code"], how="anti")
    return each.join(left, on="fact", how="anti").select("fact").unique()


def _coded(expression: pl.Expr, codes: dict[str, str]) -> pl.Expr:
    return expression.replace_strict(codes, default=None, return_dtype=pl.String).alias("code")
