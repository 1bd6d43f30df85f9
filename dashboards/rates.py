"""The rates of the territories on a page: their words, what they come from, where each stands beside the average.

Does not live here: the rates (marts.territory_rate, marts.rate), what is withheld of them (reporting/cube/rates.py),
the pages that show them (app_pages/).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import polars as pl

from dashboards.filters import link
from dashboards.frame import Page
from dashboards.provenance import Scope
from presentation import format_fr
from presentation.labels import in_sentence
from presentation.table import Derived

#: What a rate may be divided by, that no delivered line gives.
INHABITANTS = {"population": "habitants", "qpv_population": "habitants des quartiers prioritaires"}
ABOVE, BELOW, EQUAL, NO_AVERAGE = "au-dessus", "au-dessous", "égal", "—"
_FILE = "programme/populations.csv"


def known(page: Page) -> list[dict[str, Any]]:
    """The rates that at least one territory can have, in their order, each with its `kind`: those whose inhabitants
    nobody has written are not (`missing`)."""
    territories = len(page.programme.territories)
    return [
        row | {"kind": format_fr.RATE_WRITERS[row["rate_unit"]]}
        for row in page.ask("rates").to_dicts()
        if row["territories_without"] < territories
    ]


def missing(page: Page) -> str:
    """« Population QPV non renseignée… »: which inhabitants are not known and, for the team, where to write them; empty
    without."""
    frame = page.ask("inhabitants")
    where = "" if page.rights.is_protected else f" ({_FILE})"
    told = []
    for name, what in (("population", "Population"), ("qpv_population", "Population QPV")):
        without = frame[name].null_count()
        if without:
            who = "" if without == frame.height else f" pour {format_fr.count(without, 'territoire')}"
            told.append(f"{what} non renseignée{who} : les taux qui en dépendent ne sont pas calculés{where}.")
    return " ".join(told)


def source(page: Page) -> str:
    """« Habitants : Insee, populations légales 2017…, au 1er janvier 2017. », a source after another; empty without."""
    frame = page.ask("inhabitants")
    told: list[str] = []
    for place, what in (("population", "Habitants"), ("qpv_population", "Habitants des quartiers prioritaires")):
        cited = frame.select(f"{place}_source", f"{place}_on").drop_nulls().unique(maintain_order=True).rows()
        told += [f"{what} : {text}, au {format_fr.day_long(day)}." for text, day in cited]
    return " ".join(told)


def derived(scope: Scope, row: dict[str, Any]) -> Derived:
    """What a rate comes from: the figures that it divides, which open, and the inhabitants, which are public."""
    divided, by = row["numerator_code"], row["denominator_code"]
    labels = dict(scope.page.ask("dictionary").select("code", "label").rows())
    if by in INHABITANTS:
        per = f" × {format_fr.integer(row['per'])}" if row["per"] != 1 else ""
        return scope.derived(f"{labels[divided]} ÷ {INHABITANTS[by]}{per} ; parmi :", divided)
    return scope.derived(f"{labels[divided]} ÷ {in_sentence(labels[by])}, parmi :", divided, by)


def average(page: Page, row: dict[str, Any]) -> str:
    """The average of the programme as a page writes it, or why it has none."""
    if row["territories_without"]:
        return "non calculée, des habitants n'étant pas renseignés"
    return format_fr.write(row["programme_value"], page.kind(row["kind"]))


def of_programme(page: Page) -> str:
    """HTML: the averages of the programme since the start, each a link to the map and the ranking of its rate."""
    items = "".join(
        f'<li><a href="{escape(link("territoires", mesure=row["label"]))}" target="_self">{escape(row["label"])}</a> : '
        f"<strong>{escape(average(page, row))}</strong></li>"
        for row in known(page)
        if row["programme_value"] is not None
    )
    if not items:
        return ""
    return (
        f'<h3>Rapporté aux habitants, aux heures et aux pass</h3><ul class="pn-rates">{items}</ul>'
        '<p class="pn-note pn-derived">Moyennes du programme depuis le début ; ce que chacune divise, la carte et le '
        "rang de chaque territoire s'ouvrent sur la page Territoires.</p>"
    )


def beside(value: float | None, average: float | None, kind: str) -> str:
    """Where a rate stands beside the average, as both are written; no word where one of them is not known."""
    if value is None or average is None:
        return NO_AVERAGE
    if format_fr.write(value, kind) == format_fr.write(average, kind):
        return EQUAL
    return ABOVE if value > average else BELOW


def wide(page: Page, rates: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """territory_code, and a column a rate."""
    names = [row["rate"] for row in rates]
    found = page.ask("territory_rates").filter(pl.col("rate").is_in(names))
    frame = found.pivot("rate", index="territory_code", values="value")
    return frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in names if name not in frame.columns)
