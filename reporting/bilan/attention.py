"""The points of attention, written from the figures: each appears only when its figures call for it.

The rule of their order: those that have euros at stake first, the most euros before; then the others, in the order
written below. Every threshold is a setting of the version (programme.yaml gives its reason); every sentence says
whether it speaks of the period, since the beginning, or of its last day. Does not live here: the figures, the points on
territories (quiet.py). Only what the publication shows is used: nothing withheld can be read here.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from presentation.french import count, day_long, euros_round, integer, percent
from reporting.bilan.outlook import has_projection, missed
from reporting.bilan.quiet import exhausted, inactive, never_started
from reporting.bilan.wording import Point, listed
from reporting.figures import frames
from reporting.figures.publication import Publication
from reporting.figures.stock import lapsing


def points(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[str]:
    """Sentences in the order they matter (see the rule above). summary: code → row of figures.summary."""
    found = [
        *(missed(publication, summary) if has_projection(publication) else _pace(publication, summary)),
        *_pic(publication, summary),
        *_expiry(publication),
        *_state(publication, summary),
        *_lost_passes(publication),
        *inactive(publication),
        *exhausted(publication),
        *never_started(publication),
        *_slow_territories(publication),
        *_silent_lieux(publication),
        *_uncounted(publication),
        *_examples(publication),
    ]
    ordered = sorted(found, key=lambda point: -point.euros)
    return [point.sentence for point in ordered] or ["Aucun point d'attention n'est relevé sur cette période."]


def _shown(row: dict[str, Any], scope: str) -> float | None:
    return None if row[f"mask_{scope}"] else row[f"value_{scope}"]


def _months_left(publication: Publication) -> float:
    return max((publication.programme.mandate_ends_on - publication.last_day).days / 30.4375, 0)


def _months_gone(publication: Publication) -> float:
    """Months of the period that the data tell of."""
    if not publication.is_provisional:
        return len(publication.period.months)
    return ((publication.last_day - publication.period.start).days + 1) / 30.4375


def _pace(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[Point]:
    """Whether the pace of the period, kept up, reaches each target by the mandate's end: what can be said of a period
    already passed, whose projection is another's."""
    left = _months_left(publication)
    sentences = []
    for code, one, several in (
        ("hours", "heure de formation", "heures de formation"),
        ("people_reached", "personne formée", "personnes formées"),
    ):
        done, lately, target = _shown(summary[code], "cum"), _shown(summary[code], "period"), summary[code]["target"]
        if done is None or lately is None or not target or done >= target or not left:
            continue
        needed, pace = (target - done) / left, lately / _months_gone(publication)
        # A pace that reads as the one needed is no alert: both would be the same number.
        if round(pace) < round(needed):
            sentences.append(
                Point(
                    f"Rythme insuffisant : {count(pace, one, several)} par mois sur la période, quand il en faudrait "
                    f"{integer(needed)} chaque mois jusqu'à la fin du mandat "
                    f"({day_long(publication.programme.mandate_ends_on)}) pour l'objectif de {integer(target)}."
                )
            )
    return sentences


def _pic(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[Point]:
    share, target = _shown(summary["pic_share"], "cum"), float(publication.programme.pic_share_target)
    if share is None or share >= target:
        return []
    return [
        Point(
            f"Public PIC : {percent(share)} des répondants depuis le début du programme, sous le minimum de "
            f"{percent(target, 0)} demandé par l'État."
        )
    ]


def _expiry(publication: Publication) -> list[Point]:
    """What is still usable on the period's last day and lapses within `expiry_alert_days`.

    A stock is what was issued less what was used: where the programme's uses are withheld, so is its amount, and a
    territory whose uses are withheld is not named.
    """
    day, horizon = publication.last_day, publication.programme.expiry_alert_days
    soon = lapsing(publication.stock, day, horizon)
    if soon.is_empty():
        return []
    by_day = soon.group_by("expires_on").agg(pl.col("passes", "face_value_eur").sum()).sort("face_value_eur")
    first = by_day.row(-1, named=True)
    if frames.ledger(publication)["mask_uses"].any() or frames.programme(publication)["mask_uses_cum"][0]:
        return [
            Point(
                f"Pass près d'expirer : des pass encore utilisables au {day_long(day)} expirent dans les {horizon} "
                "jours qui suivent (montant couvert par le secret statistique)."
            )
        ]
    passes, euros = int(soon["passes"].sum()), float(soon["face_value_eur"].sum())
    when = f"expirent le {day_long(first['expires_on'])}"
    if by_day.height > 1:
        amount = euros_round(first["face_value_eur"])
        when = f"expirent dans les {horizon} jours qui suivent, dont {amount} le {day_long(first['expires_on'])}"
    return [
        Point(
            f"Pass près d'expirer : {euros_round(euros)} ({count(passes, 'pass', 'pass')}) encore utilisables au "
            f"{day_long(day)} {when}.{_largest(publication, soon)} Prévenir les prescripteurs et les bénéficiaires.",
            euros,
        )
    ]


def _largest(publication: Publication, soon: pl.DataFrame) -> str:
    """The territories with the most to lose, by name."""
    hidden = pl.col("mask_uses_cum") | pl.col("mask_uses_period")
    amounts = (
        frames.territories(publication)
        .filter(~hidden)
        .join(soon.group_by("territory_code").agg(euros=pl.col("face_value_eur").sum()), on="territory_code")
        .sort("euros", "territory_code", descending=[True, False])
    )
    if amounts.is_empty():
        return ""
    named = [f"{name} ({euros_round(euros)})" for name, euros in amounts.select("territory_name", "euros").rows()]
    label = "Territoire concerné" if len(named) == 1 else "Plus gros montants"
    return f" {label} : {', '.join(named[:5])}."


def _state(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[Point]:
    """The State's share is due by the State: what the communes paid is none of it."""
    if not frames.has_budget(publication):
        return [
            Point(
                f"Budget : aucune écriture budgétaire n'est livrée au {day_long(publication.last_day)} ; ce qui est "
                "engagé, mandaté et reçu de l'État n'est pas connu, et les montants à zéro n'en disent rien."
            )
        ]
    due, received = _shown(summary["state_share_eur"], "cum"), _shown(summary["received_state_eur"], "cum")
    left = _shown(summary["state_to_call_eur"], "cum")
    if due is None or received is None or left is None or round(left) <= 0:
        return []
    return [
        Point(
            f"Recettes à appeler : depuis le début du programme, la part de l'État due s'élève à {euros_round(due)} ; "
            f"l'État en a versé {euros_round(received)} : il reste {euros_round(left)} à lui appeler au "
            f"{day_long(publication.last_day)}.",
            left,
        )
    ]


def _lost_passes(publication: Publication) -> list[Point]:
    ledger = frames.ledger(publication)
    if ledger["mask_uses"].any():
        return []
    lost = float(ledger.select(pl.sum("expired_eur") + pl.sum("cancelled_eur")).item())
    used = float(ledger["used_eur"].sum())
    if not lost or lost < float(publication.programme.lost_passes_share) * used:
        return []
    return [
        Point(
            f"Pass perdus sur la période : {euros_round(lost)} de valeur faciale expirée ou annulée, pour "
            f"{euros_round(used)} utilisés. Elle donne lieu à avoir (avoirs déjà reçus non déduits).",
            lost,
        )
    ]


def _slow_territories(publication: Publication) -> list[Point]:
    share = float(publication.programme.low_start_share)
    hidden = pl.col("mask_equipped_cum") | pl.col("mask_reached_cum")
    frame = (
        frames.territories(publication)
        .filter(~hidden, pl.col("carnets_prescribed_cum") >= publication.programme.low_start_min_carnets)
        .with_columns(rate=pl.col("carnets_started_cum") / pl.col("carnets_prescribed_cum"))
        .filter(pl.col("rate") < share)
        .sort("rate", "territory_code")
    )
    if frame.is_empty():
        return []
    names = [f"{name} ({percent(rate, 0)})" for name, rate in frame.select("territory_name", "rate").rows()]
    return [
        Point(
            f"Carnets remis mais peu entamés : depuis le début du programme, moins de {percent(share, 0)} des carnets "
            f"dans {count(frame.height, 'territoire')} ({listed(names, 5)}). Relancer les prescripteurs et les "
            "bénéficiaires."
        )
    ]


def _silent_lieux(publication: Publication) -> list[Point]:
    frame = frames.lieux(publication)
    silent = frame.filter(pl.col("passes_used_period") == 0).height
    if not silent or silent < frame.height * float(publication.programme.silent_lieux_share):
        return []
    who = (
        f"{integer(silent)} des {count(frame.height, 'lieu', 'lieux')} qui ont reçu un pass"
        if frame.height > 1
        else "le seul lieu qui a reçu un pass"
    )
    verb = "n'en a" if silent == 1 else "n'en ont"
    return [Point(f"Lieux sans activité : {who} depuis le début du programme {verb} reçu aucun sur la période.")]


def _uncounted(publication: Publication) -> list[Point]:
    out = int(publication.source.exclusions.filter(pl.col("month").is_in(publication.period.months))["lines"].sum())
    counted = int(frames.programme(publication)["passes_used_period"][0])
    hidden = bool(frames.programme(publication)["mask_uses_period"][0])
    if not out or hidden or out < float(publication.programme.uncounted_share) * (out + counted):
        return []
    return [
        Point(
            f"Qualité : {_uses_out(out)} ({percent(out / (out + counted))} des lignes) ; "
            "le détail est dans l'export ANCT, feuille « Qualité »."
        )
    ]


def _uses_out(lines: int) -> str:
    if lines == 1:
        return "1 utilisation livrée pour la période n'est pas comptée"
    return f"{integer(lines)} utilisations livrées pour la période ne sont pas comptées"


def _examples(publication: Publication) -> list[Point]:
    participating = publication.source.territories.filter("is_participating")
    examples = participating.filter(participation_status="exemple").height
    if not examples:
        return []
    verb = "est un exemple" if examples == 1 else "sont des exemples"
    return [
        Point(
            f"{integer(examples)} des {count(participating.height, 'territoire')} {verb} : la liste réelle "
            "des participants est à saisir dans les réglages du programme."
        )
    ]
