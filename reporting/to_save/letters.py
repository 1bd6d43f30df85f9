"""The mail of one structure: what it may still save, by when, and what to do. Does not live here: sending it."""

from __future__ import annotations

from html import escape

from presentation.french import bind, count, day_long, euros_round
from presentation.sentences import DEMO
from reporting.quality.letters import compose, short_page
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import Letter
from reporting.to_save.content import PRESCRIBER, TERRITORY, Share
from warehouse.published.versions import Version

_WHOSE = {PRESCRIBER: "votre structure", TERRITORY: "votre territoire"}
_DO = {
    PRESCRIBER: "Remettez les carnets qui sont encore chez vous, et rappelez aux personnes que vous avez équipées que "
    "leurs pass ont un dernier jour. Ce qui ne servira pas chez vous peut servir ailleurs : dites-le à l'équipe.",
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


def compose_letters(
    share: Share, workbook: tuple[str, bytes], boxes: list[str], version: Version, settings: MailSettings
) -> list[Letter]:
    """One letter an address: the same version never makes two for one structure and one address."""
    title = share.title
    told = [
        f"Bonjour, il reste à {_WHOSE[share.kind]} {sentence_of(share)}. Passé leur dernier jour, ils seront perdus.",
        _DO[share.kind],
        f"Le détail est dans le classeur joint. Données au {day_long(version.as_of)}.",
    ]
    if version.is_demo:
        told = [DEMO, *told]
    told = [bind(sentence) for sentence in told]
    html = short_page(title, [escape(sentence) for sentence in told])
    text = "\n\n".join([title, *told]) + "\n"
    subject = f"[Pass Numérique] {'Démonstration. ' if version.is_demo else ''}{title}"
    key = f"a-sauver|{version.build_id}|{share.slug}"
    return [compose(settings, key, box, subject, text, html, workbook) for box in boxes]
