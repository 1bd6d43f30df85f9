"""The programme on one page: every measure in the period and in total, with its target and its mask.

Grain of `summary`: one row per measure. Does not live here: territories, lieux, audience (frames.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from decimal import Decimal

import polars as pl

from presentation.attention.money import ENTRIES
from reporting.figures import frames
from reporting.figures.cells import PROGRAMME, cumulative_key, period_key
from reporting.figures.publication import Publication


@dataclass(frozen=True)
class Measure:
    """One line. unit: carnet, pass, heure, personne, territoire, lieu, euro, ratio. target None where there is none."""

    rank: int
    code: str
    label: str
    unit: str
    value_period: float | None
    value_cum: float | None
    target: float | None
    ratio: float | None
    mask_period: bool
    mask_cum: bool


#: The words of a document: those of the dictionary, and what a reader without one needs. Not read from the version:
#: one of before its measures had words is issued all the same. A test holds the two together.
LABELS: dict[str, tuple[str, str]] = {
    "carnets_issued": ("Carnets émis", "carnet"),
    "carnets_prescribed": ("Carnets injectés (remis à un bénéficiaire)", "carnet"),
    "carnets_started": ("Carnets entamés (au moins un pass utilisé)", "carnet"),
    "passes_issued": ("Pass émis", "pass"),
    "passes_prescribed": ("Pass prescrits", "pass"),
    "passes_used": ("Pass utilisés", "pass"),
    "hours": ("Heures de formation (heures-personnes)", "heure"),
    "people_equipped": ("Personnes équipées", "personne"),
    "people_reached": ("Personnes formées", "personne"),
    "people_reached_identified": ("dont identifiées", "personne"),
    "people_reached_anonymous": ("dont anonymes", "personne"),
    "people_pic": ("Personnes équipées du public PIC", "personne"),
    "pic_share": ("Part du public PIC parmi les répondants", "ratio"),
    "people_qpv": ("Personnes équipées habitant un QPV", "personne"),
    "qpv_share": ("Part des habitants de QPV parmi les répondants", "ratio"),
    "territories_active": ("Territoires actifs", "territoire"),
    "lieux_active": ("Lieux actifs", "lieu"),
    "face_value_issued_eur": ("Valeur faciale émise", "euro"),
    "face_value_used_eur": ("Valeur faciale utilisée", "euro"),
    "reimbursed_eur": ("Remboursé aux lieux", "euro"),
    "state_share_eur": ("Part de l'État due", "euro"),
    "budget_committed_eur": ("Budget engagé", "euro"),
    "budget_paid_eur": ("Budget mandaté", "euro"),
    "received_eur": ("Recettes reçues (État et communes)", "euro"),
    "received_state_eur": ("dont recettes de l'État", "euro"),
    "received_communes_eur": ("dont recettes des communes", "euro"),
    "state_to_call_eur": ("Part de l'État restant à appeler (due moins reçue de l'État)", "euro"),
}


def summary(publication: Publication, codes: Collection[str] = tuple(LABELS)) -> pl.DataFrame:
    """Grain: one row per measure of `codes`, in display order (columns of Measure)."""
    whole = frames.programme(publication)
    ranked = [(rank, code) for rank, code in enumerate(LABELS, start=1) if code in codes]
    rows = [asdict(_measure(publication, whole, rank, code)) for rank, code in ranked]
    return pl.DataFrame(
        rows, schema_overrides=dict.fromkeys(("value_period", "value_cum", "target", "ratio"), pl.Float64)
    )


def _measure(publication: Publication, whole: pl.DataFrame, rank: int, code: str) -> Measure:
    label, unit = LABELS[code]
    period, hidden_period = _value(publication, whole, code, "period")
    total, hidden_total = _value(publication, whole, code, "cum")
    target = _target(publication, code)
    ratio = total / target if target and total is not None else None
    return Measure(rank, code, label, unit, period, total, target, ratio, hidden_period, hidden_total)


def _target(publication: Publication, code: str) -> float | None:
    programme = publication.programme
    targets: dict[str, float | Decimal] = {
        "hours": programme.hours_target,
        "people_reached": programme.people_target,
        "people_equipped": programme.people_target,
        "territories_active": programme.territories_target,
        "lieux_active": programme.lieux_target,
        "pic_share": programme.pic_share_target,
        "state_share_eur": programme.state_ceiling_eur,
        "budget_committed_eur": programme.budget_eur,
        "budget_paid_eur": programme.budget_eur,
    }
    return float(targets[code]) if code in targets else None


def _value(publication: Publication, whole: pl.DataFrame, code: str, scope: str) -> tuple[float | None, bool]:
    """The figure of the programme and whether it is withheld; `whole` is frames.programme, made once."""
    start = publication.period.start if scope == "period" else None
    if code in frames.MEASURES:
        family = frames.MEASURES[code]
        return float(whole[f"{code}_{scope}"][0]), bool(family and whole[f"mask_{family}_{scope}"][0])
    if code in ("people_reached_identified", "people_reached_anonymous"):
        return frames.measured(publication, code, start), _is_hidden(
            publication, code.replace("people_reached", "reached"), scope
        )
    if code in ("people_pic", "people_qpv", "pic_share", "qpv_share"):
        return _answers(publication, "public_pic" if "pic" in code else "residence_qpv", code.endswith("share"), scope)
    counts = {"territories_active": frames.active_territories, "lieux_active": frames.active_lieux}
    if code in counts:
        return float(counts[code](publication, start)), False
    if code == "state_to_call_eur":
        return _to_call(publication, whole, scope)
    assert code in ENTRIES, code
    return frames.measured(publication, code, start), False


def _to_call(publication: Publication, whole: pl.DataFrame, scope: str) -> tuple[float | None, bool]:
    """What the State still owes at the period's end: a balance, which no period has. Negative when it paid too much."""
    if scope == "period":
        return None, False
    _, hidden = _value(publication, whole, "state_share_eur", "cum")
    months = publication.source.state_share.filter(pl.col("month") <= publication.period.end)
    return (float(months["to_call_eur"][-1]) if months.height else 0.0), hidden


def _answers(publication: Publication, dimension: str, is_share: bool, scope: str) -> tuple[float | None, bool]:
    rows = frames.audience(publication).filter(dimension=dimension)
    found = rows.rows_by_key("category", named=True, unique=True)
    nothing = {f"people_equipped_{scope}": 0, f"mask_equipped_{scope}": False}
    yes, no = found.get("oui", nothing), found.get("non", nothing)
    count, other = yes[f"people_equipped_{scope}"], no[f"people_equipped_{scope}"]
    hidden = yes[f"mask_equipped_{scope}"]
    if not is_share:
        return float(count), hidden
    answered = count + other
    return (count / answered if answered else None), hidden or no[f"mask_equipped_{scope}"]


def _is_hidden(publication: Publication, family: str, scope: str) -> bool:
    time = (period_key if scope == "period" else cumulative_key)(publication.period)
    return PROGRAMME in publication.withheld(family, time)
