"""The mail of one structure: what it may still save, by when, and what to do. Does not live here: sending it."""

from __future__ import annotations

from datetime import date
from html import escape

from presentation.french import bind, count, day, day_long, euros_round
from presentation.sentences import DEMO
from reporting.quality.letters import compose, short_page
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import Letter
from reporting.to_save.content import PRESCRIBER, TERRITORY, Share
from warehouse.published.versions import Version

_WHOSE = {PRESCRIBER: "votre structure", TERRITORY: "votre territoire"}
_DO = {
    PRESCRIBER: "Remettez les carnets qui sont encore chez vous, et rappelez aux personnes que vous avez équipées que "
    "leurs pass ont un dernier jour. Ce qui ne servira pas chez vous peut servir ailleurs : répondez à ce courriel.",
    TERRITORY: "Appelez les structures de votre territoire qui ont des carnets, et les lieux qui les reçoivent.",
}


def sentence_of(share: Share) -> str:
    """« 29 pass (290 €), dernier jour le 31 janvier 2024 »."""
    if share.passes is None or share.euros is None:
        what = "des pass (nombre couvert par le secret statistique)"
    else:
        what = f"{count(share.passes, 'pass', 'pass')} ({euros_round(share.euros)})"
    if share.first_on == share.last_on:
        return f"{what}, dernier jour le {day_long(share.last_on)}"
    return f"{what}, du {day_long(share.first_on)} au {day_long(share.last_on)}"


def _by_when(share: Share, version: Version, today: date) -> str:
    """Before the first of the last days; data that are late may tell of days that are gone."""
    if share.first_on >= today:
        return f"À faire avant le {day_long(share.first_on)}, le premier de ces derniers jours."
    gone = "ces jours sont passés" if share.last_on < today else "certains de ces jours sont passés"
    return f"Nos données s’arrêtent au {day_long(version.as_of)} et {gone} : vérifiez d’abord ce qui reste."


def compose_letters(
    share: Share, workbook: tuple[str, bytes], boxes: list[str], version: Version, settings: MailSettings, today: date
) -> list[Letter]:
    """One letter an address: the same version never makes two for one structure and one address. `today`: in Paris."""
    title = share.title
    told = [
        f"Bonjour, il reste à {_WHOSE[share.kind]} {sentence_of(share)}. Passé leur dernier jour, ils seront perdus.",
        f"{_by_when(share, version, today)} {_DO[share.kind]}",
        f"Le détail est dans le classeur joint. Données au {day_long(version.as_of)}.",
    ]
    if version.is_demo:
        told = [DEMO, *told]
    told = [bind(sentence) for sentence in told]
    html = short_page(title, [escape(sentence) for sentence in told])
    text = "\n\n".join([title, *told]) + "\n"
    by = "à vérifier aujourd’hui" if share.first_on < today else f"à faire avant le {day(share.first_on)}"
    demo = "Démonstration. " if version.is_demo else ""
    subject = f"[Pass Numérique] {demo}{title} ({by}, données au {day(version.as_of)})"
    key = f"a-sauver|{version.build_id}|{share.slug}"
    return [compose(settings, key, box, subject, text, html, workbook, f"a-sauver|{share.slug}") for box in boxes]
