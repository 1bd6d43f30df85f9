"""The report of a home's last build: which build it tells of, what it is made of, its writing.

Does not live here: what the report says (content.py), its mails (sending.py), when it is written (orchestration/).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import polars as pl

from programme.models import Programme
from reporting.quality.addressees import Addressees
from reporting.quality.report import QualityReport, make_report
from reporting.quality.sources import Sources, explained, of_refused_build, read_published, without_accepted
from reporting.quality.store import read_records
from reporting.quality.wording import GUARDED_COLUMNS
from warehouse.published import builds
from warehouse.published.received import column_guides, explanations, find_numbers, lake_frames
from warehouse.published.version_settings import settings_of_home
from warehouse.published.versions import NothingPublished, current_path
from warehouse.settings import Home


def read_sources(home: Home) -> Sources:
    """The last build of the home: the published one, or the refused one that came after it.

    Raises NothingPublished (French) before the first build.
    """
    published = current_path(home)
    kept = builds.load(home.lake)
    last = kept[-1] if kept else None
    if last is not None and last.status == "refused":
        refused = of_refused_build(
            home.lake, last, published, *lake_frames(home), find_numbers=partial(find_numbers, home)
        )
        return explained(refused, explanations(home))
    if published is None:
        raise NothingPublished("Rien n'a encore été construit : déposez des fichiers, puis lancez « passnum run ».")
    return explained(read_published(published), explanations(home))


def write_report(
    home: Home, programme: Callable[[], Programme], written_on: date, addressees: Addressees | None = None
) -> QualityReport:
    """Write the report of the home's last build, without the deliveries a person accepted.

    `programme` reads the settings in force: a refused build was judged by them. A published version is told by its
    own. `written_on`: today in Paris.
    """
    sources = read_sources(home)
    settings = programme() if sources.status == "refused" else settings_of_home(home, programme)
    sources = without_accepted(sources, settings.accepted_deliveries)
    guides = column_guides(without_example=GUARDED_COLUMNS)
    return make_report(home, sources, guides, written_on, settings.expected_delivery_days, addressees)


def is_new_refusal(home: Home) -> bool:
    """Whether the last build was refused, for a reason (files and blocking checks) no report has told yet."""
    kept = builds.load(home.lake)
    if not kept or kept[-1].status != "refused":
        return False
    told = [record for record in read_records(home) if record.status == "refused"]
    if not told or told[-1].inputs_sha256 != kept[-1].inputs_sha256:
        return True
    checks = read_sources(home).checks
    failing = checks.filter((pl.col("severity") == "bloquant") & (pl.col("status") != "ok"))
    return sorted(failing["code"]) != told[-1].blocking
