"""Make the report of a build: every edition as HTML, text and workbook, in the home's reports.

Does not live here: reading a build (sources.py), what stands (details.py), sending (outbox.py), when (orchestration).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reporting.quality.content import FACT_COLUMNS, Content, write_content
from reporting.quality.details import collect_details
from reporting.quality.editions import Edition, list_editions
from reporting.quality.page import write_html, write_text
from reporting.quality.sources import Sources
from reporting.quality.store import (
    ReportRecord,
    find_previous,
    make_report_id,
    one_at_a_time,
    read_facts,
    save_report,
)
from reporting.quality.view import View, make_view
from reporting.quality.wording import Guides
from reporting.quality.workbook import write_workbook
from warehouse.settings import Home

HTML, TEXT, WORKBOOK = "rapport.html", "rapport.txt", "rapport.xlsx"


@dataclass(frozen=True)
class QualityReport:
    """A report written in `folder`. `contents`: one an edition, the complete one first."""

    report_id: str
    folder: Path
    contents: list[Content]

    @property
    def complete(self) -> Content:
        return self.contents[0]

    def view(self, edition: Edition) -> View:
        """The edition as it was written."""
        return make_view(next(content for content in self.contents if content.edition == edition))

    def file(self, edition: Edition, name: str) -> Path:
        """One file (HTML, TEXT, WORKBOOK) of an edition."""
        return self.folder / edition.slug / name


def make_report(
    home: Home,
    sources: Sources,
    guides: Guides,
    written_on: date,
    expected_days: int,
    subscribed: Iterable[Edition] = (),
) -> QualityReport:
    """Write the report of `sources`, compared with the last one written in this home.

    `written_on`: today in Paris; data older than `expected_days` (expected_delivery_days) are late.
    The same build on the same day is the same report: it is written again over itself.
    """
    report_id = make_report_id(written_on, sources.build_id)
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
            for edition in list_editions(facts, subscribed)
        ]
        files: dict[str, bytes] = {}
        for content in contents:
            view = make_view(content)
            files[f"{content.edition.slug}/{HTML}"] = write_html(view).encode()
            files[f"{content.edition.slug}/{TEXT}"] = write_text(view).encode()
            files[f"{content.edition.slug}/{WORKBOOK}"] = write_workbook(content, view)
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
    return QualityReport(report_id, folder, contents)
