"""The programme's figures of the period before, and of the same a year before, as those of the period are.

Selected by the same functions, under the same mask: each is a cell of the publication (cells.beside_keys). Does not
live here: the figures of the period itself (summary.py), how they are set side by side (reporting/bilan).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reporting.figures.period import Period
from reporting.figures.publication import Publication
from reporting.figures.summary import summary

#: Measures of the programme that bear comparison. Their masks are those of the cells of `beside_keys`, or they have
#: none: any other one would be told beside the mask.
COMPARED = (
    "hours", "people_reached", "people_equipped", "passes_used", "face_value_used_eur", "territories_active",
    "lieux_active", "budget_paid_eur", "state_share_eur",
)  # fmt: skip


@dataclass(frozen=True)
class Other:
    """Another period. rows: code → row of `summary`, of which the period alone is to be read; empty for a period that
    ended before the programme began. is_partial: the programme began within it."""

    period: Period
    rows: Mapping[str, dict[str, Any]]
    is_partial: bool = False


def others(publication: Publication) -> list[Other]:
    """The period before, then the same of the year before; of a year, they are one."""
    own, began = publication.period, publication.programme.agreement_signed_on
    found = []
    for period in dict.fromkeys((own.before, own.year_before)):
        if period.end < began:
            found.append(Other(period, {}))
            continue
        rows = summary(replace(publication, period=period), COMPARED)
        by_code = rows.rows_by_key("code", named=True, include_key=True, unique=True)
        found.append(Other(period, by_code, is_partial=period.start < began))
    return found
