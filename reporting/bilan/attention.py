"""The facts that the bilan's points of attention rest on: only what the publication shows, nothing withheld.

Does not live here: what is said of them, from which threshold, in which order (presentation/attention/), the figures.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from presentation.attention import engine
from presentation.attention.engine import Facts
from presentation.attention.money import Lost, Money
from presentation.attention.passes import Stock
from presentation.attention.places import Lieux, Territories
from presentation.attention.quality import Uncounted
from presentation.attention.targets import Answers
from programme.models import add_months
from reporting.bilan import outlook
from reporting.figures import frames
from reporting.figures.publication import Publication

#: Territories that a sentence of the bilan names.
_NAMES = 20
_HIDDEN = pl.col("mask_uses_cum") | pl.col("mask_uses_period")


def points(given: Facts) -> list[str]:
    """The points that deserve attention, in their order; or that there is none."""
    found = [point.sentence for point in engine.points(given) if point.is_alert]
    return found or ["Aucun point d'attention n'est relevé sur cette période."]


def facts(publication: Publication, summary: dict[str, dict[str, Any]]) -> Facts:
    """As of the period's last day."""
    quiet_months = publication.programme.quiet_months
    since = add_months(publication.last_day.replace(day=1), 1 - quiet_months)
    share = _shown(summary["pic_share"])
    return Facts(
        publication.programme,
        publication.last_day,
        quiet_since=since,
        targets=outlook.targets(publication, summary),
        answers=None if share is None else Answers(share),
        stock=_stock(publication),
        money=_money(publication, summary),
        lost=_lost(publication),
        territories=_territories(publication),
        slow=_handed_over(publication),
        lieux=_lieux(publication, since),
        uncounted=_uncounted(publication),
        examples=frames.participation(publication),
    )


def _shown(row: dict[str, Any]) -> float | None:
    return None if row["mask_cum"] else row["value_cum"]


def _uses_are_hidden(publication: Publication) -> bool:
    """Whether the programme's uses are withheld in the period or since the start.

    A stock is what was issued less what was used, and what is lost is what was issued less both.
    """
    return bool(frames.ledger(publication)["mask_uses"].any() or frames.programme(publication)["mask_uses_cum"][0])


def _territory_names(publication: Publication) -> pl.DataFrame:
    """territory_code, territory_name, is_participating, is_named (its uses are published), carnets since the start."""
    return frames.territories(publication).with_columns(is_named=~_HIDDEN)


def _stock(publication: Publication) -> Stock:
    names = _territory_names(publication).select("territory_code", "territory_name", "is_named")
    frame = publication.stock.join(names, on="territory_code", how="left")
    return Stock(frame.with_columns(pl.col("is_named").fill_null(False)), _uses_are_hidden(publication))


def _money(publication: Publication, summary: dict[str, dict[str, Any]]) -> Money:
    """What the summary shows since the start; the State's share is withheld with the uses."""
    state, notes = summary["state_share_eur"], frames.credit_notes(publication, None)
    return Money(
        frames.has_budget(publication),
        committed_eur=_shown(summary["budget_committed_eur"]),
        paid_eur=_shown(summary["budget_paid_eur"]),
        due_eur=_shown(state),
        due_ratio=state["ratio"],
        received_eur=_shown(summary["received_state_eur"]),
        to_call_eur=_shown(summary["state_to_call_eur"]),
        lost_eur=None if _uses_are_hidden(publication) else notes.born,
        credited_eur=notes.received,
        credit_left_eur=notes.left,
    )


def _lost(publication: Publication) -> Lost | None:
    ledger = frames.ledger(publication)
    if ledger["mask_uses"].any():
        return None
    notes = frames.credit_notes(publication, publication.period.start)
    return Lost(notes.born, float(ledger["used_eur"].sum()))


def _territories(publication: Publication) -> Territories:
    """Participating territories with their state; before the first operation of the programme, none has begun."""
    frame = (
        _territory_names(publication)
        .filter("is_participating")
        .join(publication.states, on="territory_code", how="left")
        .with_columns(pl.col("state").fill_null("never"), pl.col("passes_usable", "face_value_usable_eur").fill_null(0))
        .sort("territory_name")
    )
    return Territories(frame, _NAMES)


def _handed_over(publication: Publication) -> pl.DataFrame:
    hidden = pl.col("mask_handed_cum") | pl.col("mask_started_cum")
    return frames.territories(publication).filter(~hidden).select(
        "territory_name", carnets_prescribed="carnets_prescribed_cum", carnets_started="carnets_started_cum"
    )  # fmt: skip


def _lieux(publication: Publication, since: Any) -> Lieux:
    """Lieux used by the period's last day, and those of them without a use since the quiet months began."""
    used = publication.source.lieu_month.filter(
        pl.col("passes_used") > 0, pl.col("month") <= publication.period.months[-1]
    )
    last = used.group_by("lieu_siret").agg(pl.col("month").max())
    return Lieux(last.height, last.filter(pl.col("month") < since).height)


def _uncounted(publication: Publication) -> Uncounted | None:
    whole = frames.programme(publication)
    if whole["mask_uses_period"][0]:
        return None
    months = publication.source.exclusions.filter(pl.col("month").is_in(publication.period.months))
    see = " ; le détail est dans l'export ANCT, feuille « Qualité »"
    return Uncounted(int(months["lines"].sum()), int(whole["passes_used_period"][0]), see)
