"""The points of attention, written from the figures: each appears only when its figures call for it.

Does not live here: the figures. Only what the publication shows is used: nothing withheld can be read here.
"""

from __future__ import annotations

import polars as pl

from programme.french import day_long, euros_round, integer, percent
from reporting.figures import frames
from reporting.figures.publication import Publication

_LOW_START = 0.6
_MIN_CARNETS = 50


def points(publication: Publication, summary: dict[str, dict]) -> list[str]:
    """Sentences in the order they matter. summary: code → row of figures.summary."""
    found = [
        *_pace(publication, summary),
        *_pic(publication, summary),
        *_silent_territories(publication),
        *_slow_territories(publication),
        *_silent_lieux(publication),
        *_lost_passes(publication),
        *_state(summary),
        *_uncounted(publication),
        *_examples(publication),
    ]
    return found or ["Aucun point d'attention n'est relevé sur cette période."]


def _shown(row: dict, scope: str) -> float | None:
    return None if row[f"mask_{scope}"] else row[f"value_{scope}"]


def _months_left(publication: Publication) -> float:
    end = min(publication.period.end, publication.source.version.as_of)
    return max((publication.programme.mandate_ends_on - end).days / 30.4375, 0)


def _pace(publication: Publication, summary: dict[str, dict]) -> list[str]:
    """Whether the pace of the period, kept up, reaches each target by the mandate's end."""
    left = _months_left(publication)
    sentences = []
    for code, noun in (("hours", "heures de formation"), ("people_reached", "personnes formées")):
        done, lately, target = _shown(summary[code], "cum"), _shown(summary[code], "period"), summary[code]["target"]
        if done is None or lately is None or not target or done >= target or not left:
            continue
        needed, pace = (target - done) / left, lately / len(publication.period.months)
        if pace < needed:
            sentences.append(
                f"Rythme insuffisant : {integer(pace)} {noun} par mois sur la période, quand il en faudrait "
                f"{integer(needed)} "
                f"chaque mois jusqu'à la fin du mandat ({day_long(publication.programme.mandate_ends_on)}) pour "
                "l'objectif "
                f"de {integer(target)}."
            )
    return sentences


def _pic(publication: Publication, summary: dict[str, dict]) -> list[str]:
    share, target = _shown(summary["pic_share"], "cum"), float(publication.programme.pic_share_target)
    if share is None or share >= target:
        return []
    return [
        f"Public PIC : {percent(share)} des répondants, sous le minimum de {percent(target, 0)} demandé par l'État."
    ]


def _silent_territories(publication: Publication) -> list[str]:
    """Zeros are shown, hence may be named; a withheld cell is not zero."""
    frame = frames.territories(publication).filter("is_participating", pl.col("passes_used_period") == 0)
    names = frame["territory_name"].to_list()
    if not names:
        return []
    listed = ", ".join(names[:8]) + (f" et {integer(len(names) - 8)} autres" if len(names) > 8 else "")
    who = "1 territoire participant" if len(names) == 1 else f"{integer(len(names))} territoires participants"
    return [f"Sans activité : {who} sans aucun pass utilisé sur la période ({listed})."]


def _slow_territories(publication: Publication) -> list[str]:
    hidden = pl.col("mask_equipped_cum") | pl.col("mask_reached_cum")
    frame = (
        frames.territories(publication)
        .filter(~hidden, pl.col("carnets_prescribed_cum") >= _MIN_CARNETS)
        .with_columns(rate=pl.col("carnets_started_cum") / pl.col("carnets_prescribed_cum"))
        .filter(pl.col("rate") < _LOW_START)
        .sort("rate", "territory_code")
    )
    if frame.is_empty():
        return []
    listed = ", ".join(
        f"{name} ({percent(rate, 0)})" for name, rate in frame.head(5).select("territory_name", "rate").rows()
    )
    return [
        f"Carnets remis mais peu entamés : moins de {percent(_LOW_START, 0)} dans {integer(frame.height)} "
        "territoire(s), dont "
        f"{listed}. Relancer les prescripteurs et les bénéficiaires."
    ]


def _silent_lieux(publication: Publication) -> list[str]:
    frame = frames.lieux(publication)
    silent = frame.filter(pl.col("passes_used_period") == 0).height
    if not silent or silent < frame.height * 0.1:
        return []
    return [f"{integer(silent)} lieux déjà actifs, sur {integer(frame.height)}, n'ont reçu aucun pass sur la période."]


def _lost_passes(publication: Publication) -> list[str]:
    ledger = frames.ledger(publication)
    if ledger["mask_uses"].any():
        return []
    lost, used = float(ledger["expired_eur"].sum() + ledger["cancelled_eur"].sum()), float(ledger["used_eur"].sum())
    if not lost or lost < 0.05 * used:
        return []
    return [
        f"Pass perdus : {euros_round(lost)} de valeur faciale expirée ou annulée sur la période, pour "
        f"{euros_round(used)} "
        "utilisés. L'opérateur en doit l'avoir."
    ]


def _state(summary: dict[str, dict]) -> list[str]:
    due, received = _shown(summary["state_share_eur"], "cum"), _shown(summary["received_eur"], "cum")
    if due is None or received is None or received >= due:
        return []
    return [
        f"Recettes à appeler : la part de l'État due s'élève à {euros_round(due)} ; les recettes reçues (État "
        "et communes) "
        f"à {euros_round(received)}."
    ]


def _uncounted(publication: Publication) -> list[str]:
    out = publication.source.exclusions.filter(pl.col("month").is_in(publication.period.months))["lines"].sum()
    counted = int(frames.programme(publication)["passes_used_period"][0])
    hidden = bool(frames.programme(publication)["mask_uses_period"][0])
    if not out or hidden or out < 0.02 * (out + counted):
        return []
    return [
        f"Qualité : {integer(out)} utilisations livrées ne sont pas comptées ({percent(out / (out + counted))} "
        "des lignes) ; "
        "le détail est dans l'export ANCT, feuille « Qualité »."
    ]


def _examples(publication: Publication) -> list[str]:
    participating = publication.source.territories.filter("is_participating")
    examples = participating.filter(participation_status="exemple").height
    if not examples:
        return []
    return [
        f"{integer(examples)} des {integer(participating.height)} territoires sont des exemples : la liste réelle des "
        "participants est à saisir dans les réglages du programme."
    ]
