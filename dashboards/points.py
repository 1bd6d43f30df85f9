"""The facts that the points of attention of a page rest on, as its reader may have them.

Does not live here: what is said of them, and in which order (presentation/attention/), the figures (queries*.py).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboards.filters import Filters
from dashboards.frame import Page, checks
from presentation.attention.engine import Facts
from presentation.attention.money import ENTRIES, Money
from presentation.attention.passes import Stock
from presentation.attention.places import Lieux, Territories
from presentation.attention.targets import AMOUNTS, Answers, Target
from presentation.outlook import Outlook

#: Territories that a sentence of a page names.
_NAMES = 4
_EVERYTHING = Filters()


def facts(page: Page, progress: dict[str, dict]) -> Facts:
    """Of the overview. progress: indicator → row of `people.progress`."""
    stock = page.ask("stock").with_columns(is_named=pl.lit(True))
    return Facts(
        page.programme,
        page.version.as_of,
        quiet_since=page.ask("quiet_since")["quiet_since"][0],
        targets=[
            Target(
                code,
                progress[code]["label"],
                progress[code]["value"],
                progress[code]["target"],
                progress[code]["ratio"],
                Outlook.of(page.ask("projection", measure=code)),
            )
            for code in AMOUNTS
        ],
        answers=Answers(
            progress["pic_share"]["value"],
            progress["pic_share"]["answered_share"],
            progress["people_equipped"]["value"],
        ),
        stock=Stock(stock),
        money=_money(page, progress),
        territories=_territories(page, stock),
        lieux=_lieux(page),
        checks=checks(page, " (page Qualité)"),
    )


def has_entries(page: Page) -> bool:
    """Whether any budget entry was delivered: without one, a zero is not a figure. Not for a territory's reader."""
    return not page.ask("measures", filters=_EVERYTHING, codes=ENTRIES).is_empty()


def state_share(page: Page) -> tuple[float, float]:
    """What the State paid, and what is left to call (negative: it paid too much), in euros; zeros before any month."""
    months = page.ask("state_share")
    last = months.select("received_total_eur", "to_call_eur").cast(pl.Float64).tail(1)
    return (0.0, 0.0) if last.is_empty() else last.row(0)


def _money(page: Page, progress: dict[str, dict]) -> Money:
    """A territory's reader, who may not read the entries, is told the programme's totals and its own passes lost."""
    committed, paid, state = (
        progress[code] for code in ("budget_committed_eur", "budget_paid_eur", "state_share_due_eur")
    )
    notes = page.ask("credit_notes", filters=_EVERYTHING).sum().row(0, named=True)
    known = Money(
        bool(committed["value"] or paid["value"]),
        committed_eur=committed["value"],
        paid_eur=paid["value"],
        due_eur=state["value"],
        due_ratio=state["ratio"],
        lost_eur=float(notes["born_eur"]),
    )
    if page.rights.role == "territoire":
        return known
    received, left = state_share(page)
    return replace(
        known,
        is_delivered=has_entries(page),
        received_eur=received,
        to_call_eur=left,
        # A credit note received takes from those due; the sentence says what came back.
        credited_eur=abs(float(notes["received_eur"])),
        credit_left_eur=float(notes["due_eur"]),
    )


def _territories(page: Page, stock: pl.DataFrame) -> Territories:
    worth = stock.group_by("territory_code").agg(face_value_usable_eur=pl.col("face_value_eur").sum())
    states = page.ask("territory_states").join(worth, on="territory_code", how="left")
    return Territories(states.with_columns(pl.col("face_value_usable_eur").fill_null(0), is_named=pl.lit(True)), _NAMES)


def _lieux(page: Page) -> Lieux:
    used = page.ask("lieu_totals", filters=_EVERYTHING).filter(pl.col("last_month").is_not_null())
    stopped = used.filter(pl.col("last_month") < page.ask("quiet_since")["quiet_since"][0])
    return Lieux(used.height, stopped.height, " (page Lieux, « Qui s'est arrêté »)")
