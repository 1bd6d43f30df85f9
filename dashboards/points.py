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
from presentation.attention.one_territory import Own
from presentation.attention.passes import Stock
from presentation.attention.places import Lieux, Territories
from presentation.attention.targets import AMOUNTS, Answers, Target
from presentation.outlook import Outlook
from reporting.cube.reading import whole_sum

#: Territories that a sentence of a page names.
_NAMES = 4
_EVERYTHING = Filters()


def facts(page: Page, progress: dict[str, dict]) -> Facts:
    """Of the overview. progress: indicator → row of `people.progress`."""
    stock = _stock(page)
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
        stock=Stock(stock.with_columns(pl.col("passes", "face_value_eur").fill_null(0)), stock["passes"].has_nulls()),
        money=_money(page, progress),
        territories=_territories(page, stock),
        lieux=_lieux(page),
        checks=checks(page, " (page Qualité)"),
    )


def territory_facts(page: Page, row: dict, lieux: pl.DataFrame) -> Facts:
    """Of one territory alone, for its sheet. row: of `people.territory_totals`; lieux: its rows of `lieu_totals`."""
    code = row["territory_code"]
    stock = page.ask("stock").filter(pl.col("territory_code") == code)
    stock = stock.with_columns(is_named=pl.lit(value=True))
    state = page.ask("territory_states").filter(territory_code=code).row(0, named=True)
    targets = {"hours": row["hours_target"], "people_reached": row["people_target"]}
    named = {item["code"]: item["label"] for item in page.ask("indicators").to_dicts()}
    return Facts(
        page.programme,
        page.version.as_of,
        quiet_since=page.ask("quiet_since")["quiet_since"][0],
        targets=[Target(name, named[name], row[name], goal, None) for name, goal in targets.items() if goal],
        stock=Stock(stock.with_columns(pl.col("passes", "face_value_eur").fill_null(0)), stock["passes"].has_nulls()),
        own=Own(state, stock.select(whole_sum("face_value_eur")).item()),
        lieux=_used(page, lieux),
    )


def has_entries(page: Page) -> bool:
    """Whether any budget entry was delivered: without one, a zero is not a figure. Not for a territory's reader."""
    return not page.ask("measures", filters=_EVERYTHING, codes=ENTRIES).is_empty()


def state_share(page: Page) -> tuple[float, float]:
    """What the State paid, and what is left to call (negative: it paid too much), in euros; zeros before any month."""
    months = page.ask("state_share")
    last = months.select("received_total_eur", "to_call_eur").cast(pl.Float64).tail(1)
    return (0.0, 0.0) if last.is_empty() else last.row(0)


def _stock(page: Page) -> pl.DataFrame:
    """territory × day of expiry. What the territories withheld make together is a row of no territory, where it may be
    told: a reader subtracts it all the same."""
    rows = page.ask("stock").with_columns(is_named=pl.lit(value=True))
    if not rows["passes"].has_nulls() or page.rights.territory_code is not None:
        return rows
    known = rows.drop_nulls("passes")
    shown = known.group_by("expires_on").agg(pl.col("passes", "face_value_eur").sum())
    rest = (
        page.ask("stock_of_programme")
        .join(shown, on="expires_on", how="left", suffix="_shown")
        .with_columns(pl.col(name) - pl.col(f"{name}_shown").fill_null(0) for name in ("passes", "face_value_eur"))
    )
    rest = rest.select(
        pl.lit("").alias("territory_code"), pl.lit("autres territoires").alias("territory_name"), "expires_on",
        "passes", "face_value_eur", pl.lit(value=False).alias("is_named"),
    )  # fmt: skip
    return pl.concat([known, rest.filter(pl.col("passes").is_null() | (pl.col("passes") > 0))], how="vertical_relaxed")


def lost_eur(page: Page, chosen: Filters) -> float | None:
    """Face value of the passes expired and cancelled since the start, in euros; None where it is withheld."""
    if not page.rights.is_protected:
        return float(page.ask("credit_notes", filters=chosen)["born_eur"].sum())
    lost = page.ask("statuses", filters=chosen, lots=(), years=()).filter(
        pl.col("status").is_in(["expired", "cancelled"])
    )
    return lost.select(whole_sum("face_value_eur")).item()


def _money(page: Page, progress: dict[str, dict]) -> Money:
    """A territory's reader, who may not read the entries, is told the programme's totals and its own passes lost."""
    committed, paid, state = (
        progress[code] for code in ("budget_committed_eur", "budget_paid_eur", "state_share_due_eur")
    )
    lost = lost_eur(page, _EVERYTHING)
    known = Money(
        bool(committed["value"] or paid["value"]),
        committed_eur=committed["value"],
        paid_eur=paid["value"],
        due_eur=state["value"],
        due_ratio=state["ratio"],
        lost_eur=lost,
    )
    if page.rights.role == "territoire":
        return known
    received, left = state_share(page)
    credited = abs(float(page.ask("credit_notes", filters=_EVERYTHING)["received_eur"].sum()))
    return replace(
        known,
        is_delivered=has_entries(page),
        received_eur=received,
        to_call_eur=left,
        # A credit note received takes from those due; the sentence says what came back.
        credited_eur=credited,
        credit_left_eur=None if lost is None else lost - credited,
    )


def _territories(page: Page, stock: pl.DataFrame) -> Territories:
    states = page.ask("territory_states").filter(pl.col("passes_usable").is_not_null())
    worth = stock.group_by("territory_code").agg(face_value_usable_eur=pl.col("face_value_eur").sum())
    states = states.join(worth, on="territory_code", how="left")
    return Territories(states.with_columns(pl.col("face_value_usable_eur").fill_null(0), is_named=pl.lit(True)), _NAMES)


def _lieux(page: Page) -> Lieux:
    return _used(page, page.ask("lieu_totals", filters=_EVERYTHING))


def _used(page: Page, lieux: pl.DataFrame) -> Lieux:
    used = lieux.filter(pl.col("last_month").is_not_null())
    stopped = used.filter(pl.col("last_month") < page.ask("quiet_since")["quiet_since"][0])
    return Lieux(used.height, stopped.height, " (page Lieux, « Qui s'est arrêté »)")
