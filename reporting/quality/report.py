"""Make the report of a build: every edition as HTML, text and workbook, in the home's reports.

Does not live here: reading a build (sources.py), what stands (details.py), sending (outbox.py), when (orchestration).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reporting.quality.addressees import Addressees, Boxes
from reporting.quality.content import FACT_COLUMNS, Content, write_content
from reporting.quality.details import collect_details
from reporting.quality.editions import Edition, list_editions
from reporting.quality.notice import Notice, make_notice
from reporting.quality.notice_workbook import write_notice_workbook
from reporting.quality.page import write_html, write_notice_html, write_notice_text, write_text
from reporting.quality.past import read_past
from reporting.quality.sources import Sources
from reporting.quality.store import (
    ReportRecord,
    find_previous,
    make_report_id,
    one_at_a_time,
    read_facts,
    save_report,
)
from reporting.quality.view import make_view
from reporting.quality.wording import Guides
from reporting.quality.workbook import write_workbook
from warehouse.settings import Home

HTML, TEXT, WORKBOOK = "rapport.html", "rapport.txt", "rapport.xlsx"


@dataclass(frozen=True)
class QualityReport:
    """A report written in `folder`. `contents`: one an edition, the complete one first. `notices`: the letter of each
    structure. `boxes`: who receives which; `strangers`: those written to whom the version does not know."""

    report_id: str
    folder: Path
    contents: list[Content]
    notices: dict[Edition, Notice]
    boxes: Boxes
    strangers: list[str]

    @property
    def complete(self) -> Content:
        return self.contents[0]

    def subject(self, edition: Edition) -> str:
        """Of the mail of an edition."""
        if edition in self.notices:
            return self.notices[edition].subject
        return make_view(next(content for content in self.contents if content.edition == edition)).subject

    def file(self, edition: Edition, name: str) -> Path:
        """One file (HTML, TEXT, WORKBOOK) of an edition."""
        return self.folder / edition.slug / name


def make_report(
    home: Home,
    sources: Sources,
    guides: Guides,
    written_on: date,
    expected_days: int,
    addressees: Addressees | None = None,
) -> QualityReport:
    """Write the report of `sources`, compared with the last one written in this home.

    `addressees`: who is written to, nobody where there is none; each of their editions is written.
    `written_on`: today in Paris; data older than `expected_days` (expected_delivery_days) are late.
    The same build on the same day is the same report: it is written again over itself.
    """
    report_id, to = make_report_id(written_on, sources.build_id), addressees or Addressees()
    boxes = to.known(sources.names)
    with one_at_a_time(home):
        previous = find_previous(home, report_id)
        facts = collect_details(sources)
        before = None if previous is None else read_facts(home, previous)
        contents = [
            write_content(
                edition,
                facts,
                sources,
                guides,
                report_id=report_id,
                written_on=written_on,
                expected_days=expected_days,
                previous=before,
                previous_on=None if previous is None else previous.written_on,
                titles={} if previous is None else previous.titles,
            )
            for edition in list_editions(facts, boxes)
        ]
        past = read_past(home, report_id, [content.edition for content in contents])
        notices = {
            content.edition: make_notice(
                content, sources.seen, past.of_edition(content.edition), to.answer_days, sources.inputs_sha256
            )
            for content in contents
            if content.edition.siret
        }
        files: dict[str, bytes] = {}
        for content in contents:
            forms = _forms(content, notices.get(content.edition))
            files |= {f"{content.edition.slug}/{name}": form for name, form in forms.items()}
        complete = contents[0]
        record = ReportRecord(
            report_id=report_id,
            written_on=written_on,
            build_id=sources.build_id,
            status=sources.status,
            verdict=complete.verdict,
            inputs_sha256=sources.inputs_sha256,
            blocking=sorted(problem.code for problem in complete.problems if problem.blocks),
            titles={problem.key: problem.advice.title for problem in complete.problems},
        )
        folder = save_report(home, record, files, facts.select(FACT_COLUMNS))
    return QualityReport(report_id, folder, contents, notices, boxes, to.strangers(sources.names))


def _forms(content: Content, notice: Notice | None) -> dict[str, bytes]:
    """An edition as page, text and workbook: that of a structure is its letter."""
    if notice is not None:
        page, text, book = write_notice_html(notice), write_notice_text(notice), write_notice_workbook(notice)
    else:
        view = make_view(content)
        page, text, book = write_html(view), write_text(view), write_workbook(content, view)
    return {HTML: page.encode(), TEXT: text.encode(), WORKBOOK: book}
