"""The mails themselves: one a recipient, in text and HTML, with the workbook. Does not live here: sending them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from presentation.french import bind
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import Letter
from reporting.quality.report import HTML, TEXT, WORKBOOK, QualityReport

#: Where the page of a mail takes the signature: who answers, and where.
SIGNATURE = "<!--signature-->"
_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def report_letters(report: QualityReport, settings: MailSettings) -> list[Letter]:
    """The letters of a report: each recipient's own edition. A team receives it also when there is nothing to mend; a
    lieu or a prescriber when its letter has something new to say."""
    letters = []
    for edition, boxes in report.boxes.items():
        if edition in report.notices and not report.notices[edition].is_due:
            continue
        text = report.file(edition, TEXT).read_text(encoding="utf-8")
        html = report.file(edition, HTML).read_text(encoding="utf-8")
        name = f"qualite-{edition.slug}-{report.report_id[:10]}.xlsx"
        workbook = (name, report.file(edition, WORKBOOK).read_bytes())
        key, subject = f"{report.report_id}|{edition.slug}", report.subject(edition)
        letters += [compose(settings, key, box, subject, text, html, workbook, edition.slug) for box in boxes]
    return letters


def short_page(title: str, paragraphs: Sequence[str], colour: str = "#1d2733") -> str:
    """The HTML of a mail of a few sentences: a title, in `colour`, then paragraphs, which are HTML."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        '<!DOCTYPE html><html lang="fr"><body style="font-family:Arial,sans-serif;font-size:15px;color:#1d2733">'
        f'<h1 style="font-size:20px;color:{colour}">{escape(title)}</h1>{body}{SIGNATURE}</body></html>'
    )


def compose(
    settings: MailSettings,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str,
    workbook: tuple[str, bytes] | None = None,
    stream: str = "",
) -> Letter:
    """A mail in text and HTML, both signed. Its Message-ID depends on `key` and the address alone: a copy is known.

    `html` holds SIGNATURE where the signature goes. `stream`: see outbox.Letter.
    """
    text, html = with_signature(text, html, settings.contact_line)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = settings.sender_header
    message["To"] = to
    message["Reply-To"] = settings.reply_header
    message["Date"] = format_datetime(datetime.now(UTC))
    domain = settings.sender_address.rpartition("@")[2]
    message_id = f"<{hashlib.sha256(f'{key}|{to}'.encode()).hexdigest()[:32]}@{domain}>"
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "fr"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    if workbook is not None:
        message.add_attachment(workbook[1], maintype=_XLSX[0], subtype=_XLSX[1], filename=workbook[0])
    # Python 3.11's own folding of a long accented subject loses spaces: the older Header does not.
    header = Header(" ".join(subject.split()), "utf-8", header_name="Subject").encode(linesep="\r\n")
    return Letter(key, to, message_id, f"Subject: {header}\r\n".encode() + message.as_bytes(), stream)


def with_signature(text: str, html: str, contact_line: str) -> tuple[str, str]:
    """Both forms of a mail with who answers and where: a reader of one never needs the other. Raises ValueError for a
    page that has no place for it."""
    if SIGNATURE not in html:
        raise ValueError("the page has no place for the signature")
    contact, answer = (
        f"Votre contact : {contact_line}.",
        "Répondez à ce courriel : votre réponse lui parvient.",
    )
    block = (
        '<p style="margin:20px 0 0;padding:10px 12px;background:#f2f6fc;border-left:4px solid #2a5caa">'
        f"<strong>{escape(bind(contact))}</strong><br>{escape(bind(answer))}</p>"
    )
    return f"{text.rstrip()}\n\n{contact}\n{answer}\n", html.replace(SIGNATURE, block)
