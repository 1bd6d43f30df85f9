"""Budget entries that follow from the lots: orders, payments, credit notes, what the State and communes pay.

Grain: one entry. Amounts in cents. Does not live here: the State's share as the programme computes it.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from programme.config import Programme
from programme.models import add_months
from simulation.carnets import FACE_VALUE_EUR, Lot
from simulation.working_days import WorkingDays, day_number

_ISSUING_FEE = 0.035
_MANDATE_FEE = 0.012
_SUPPORT_FEE = 0.018
_VAT = 0.20
_COMMUNES_SHARE = 0.03


class _Entries:
    """Collects entries; `day` is the wished day, moved to the next working day."""

    def __init__(self, days: WorkingDays) -> None:
        self._days = days
        self.rows: list[tuple[int, str, str, int | None, int, str, str | None, int | None]] = []

    def add(
        self, day: date, nature: str, category: str, cents: int, what: str, order: str | None, ami: int | None,
        vat: bool = False,
    ) -> None:  # fmt: skip
        if cents > 0:
            on = int(self._days.after(np.array([day_number(day) - 1]), 1e-9)[0])
            ttc = round(cents * (1 + _VAT)) if vat else cents
            self.rows.append((on, nature, category, cents, ttc, what, order, ami))


def _order(entries: _Entries, lot: Lot, face: int) -> None:
    """A lot: ordered a month before its issue, paid forty days after, its printing and loading likewise."""
    fee = round(face * _ISSUING_FEE)
    ordered, paid = lot.issued_on - timedelta(days=30), lot.issued_on + timedelta(days=40)
    entries.add(ordered, "engagement", "valeur_faciale", face, f"ENG-{lot.order}", lot.order, lot.ami)
    entries.add(ordered, "engagement", "frais_emission", fee, f"ENG-{lot.order}-F", lot.order, lot.ami, vat=True)
    entries.add(paid, "mandatement", "valeur_faciale", face, f"MDT-{lot.order}", lot.order, lot.ami)
    entries.add(paid, "mandatement", "frais_emission", fee, f"MDT-{lot.order}-F", lot.order, lot.ami, vat=True)


def _credit(entries: _Entries, lots: list[Lot], lot: int, unused: int) -> None:
    """Credit note at face value for what was not used, ten weeks after the end of validity."""
    day = lots[lot].valid_to + timedelta(days=74)
    order = lots[lot].order
    entries.add(day, "avoir", "valeur_faciale", unused, f"AV-{order}", order, lots[lot].ami)


def book(
    programme: Programme, lots: list[Lot], passes: np.ndarray, used: pl.DataFrame, days: WorkingDays, end: int
) -> pl.DataFrame:
    """Entries up to `end`: day, nature, categorie, ht, ttc (cents), reference, order, ami; in order of date.

    `passes`: issued, of each lot; `used`: counted redemptions (lot, day, passes).
    """
    entries = _Entries(days)
    cents = 100 * FACE_VALUE_EUR
    spent = np.bincount(used["lot"].to_numpy(), used["passes"].to_numpy(), minlength=len(lots)).astype(int)
    for index, lot in enumerate(lots):
        _order(entries, lot, int(passes[index]) * cents)
        _credit(entries, lots, index, int(passes[index] - spent[index]) * cents)
    face = int(passes.sum()) * cents
    for ami in sorted({lot.ami for lot in lots}):
        own = int(sum(passes[i] for i, lot in enumerate(lots) if lot.ami == ami)) * cents
        start = min(t.date_entree for t in programme.territories if t.ami == ami)
        support = round(own * _SUPPORT_FEE)
        entries.add(
            add_months(start, 1), "engagement", "accompagnement", support, f"ENG-AMI{ami}-ACC", None, ami, vat=True
        )
        for part, months in enumerate((6, 14), 1):
            day, what = add_months(start, months), f"MDT-AMI{ami}-ACC-{part}"
            entries.add(day, "mandatement", "accompagnement", support // 2, what, None, ami, vat=True)
    _mandate(entries, programme, round(face * _MANDATE_FEE))
    _receive(entries, programme, used, cents)
    names = ["day", "nature", "categorie", "ht", "ttc", "reference", "order", "ami"]
    types = {"order": pl.String, "ami": pl.Int64}
    frame = pl.DataFrame(entries.rows, schema=names, schema_overrides=types, orient="row")
    frame = frame.filter(pl.col("day") <= end).sort("day", "reference", "nature", maintain_order=True)
    return frame.with_columns(number=pl.int_range(1, pl.len() + 1))


def _mandate(entries: _Entries, programme: Programme, fee: int) -> None:
    """The mandate given to the issuer after the council's decision of April 2022 (two years before the term)."""
    start = add_months(programme.agreement_ends_on, -20)
    entries.add(start, "engagement", "mandat_gestion", fee, "ENG-MANDAT", None, None, vat=True)
    for part, months in enumerate((8, 16), 1):
        what = f"MDT-MANDAT-{part}"
        entries.add(add_months(start, months), "mandatement", "mandat_gestion", fee // 2, what, None, None, vat=True)


def _receive(entries: _Entries, programme: Programme, used: pl.DataFrame, cents: int) -> None:
    """Each spring the State pays its rate of the passes used the year before, up to its ceiling; communes a little."""
    yearly = (
        used.group_by(pl.from_epoch("day", time_unit="d").dt.year().alias("year"))
        .agg(pl.col("passes").sum())
        .sort("year")
    )
    left = int(programme.state_ceiling_eur * 100)
    for year, count in zip(yearly["year"].to_list(), yearly["passes"].to_list(), strict=True):
        share = min(round(count * cents * float(programme.state_rate)), left)
        left -= share
        entries.add(date(year + 1, 5, 11), "recette_etat", "valeur_faciale", share, f"TIT-ETAT-{year}", None, None)
        part = round(count * cents * _COMMUNES_SHARE)
        entries.add(date(year + 1, 6, 15), "recette_commune", "accompagnement", part, f"TIT-COM-{year}", None, None)
