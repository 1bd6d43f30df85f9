"""The data-quality report of a home: which build it tells of, what the contracts say of a column, writing, sending.

Used by the command and by Dagster. Does not live here: the report's content and mails (reporting/quality), schedules.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import duckdb
import polars as pl

from ingestion.contract import Field, load_layouts
from ingestion.lake import Lake
from ingestion.wording import TYPES
from programme.config import Programme
from reporting.quality.editions import Edition
from reporting.quality.report import QualityReport, make_report
from reporting.quality.sources import Sources, explained, of_refused_build, read_published, without_accepted
from reporting.quality.store import read_records
from reporting.quality.wording import GUARDED_COLUMNS, FieldGuide
from warehouse import history
from warehouse.mends import mends
from warehouse.published import NothingPublished, current_path
from warehouse.settings import Home
from warehouse.version_settings import settings_of_home


def read_sources(home: Home) -> Sources:
    """The last build of the home: the published one, or the refused one that came after it.

    Raises NothingPublished (French) before the first build.
    """
    published = current_path(home)
    builds = history.load(home.lake)
    last = builds[-1] if builds else None
    if last is not None and last.status == "refused":
        refused = of_refused_build(
            home.lake, last, published, *_lake_frames(home), find_numbers=partial(_find_numbers, home)
        )
        return explained(refused, _explanations(home), mends())
    if published is None:
        raise NothingPublished("Rien n'a encore été construit : déposez des fichiers, puis lancez « passnum run ».")
    return explained(read_published(published), _explanations(home), mends())


def write_report(
    home: Home, programme: Callable[[], Programme], written_on: date, subscribed: tuple[Edition, ...] = ()
) -> QualityReport:
    """Write the report of the home's last build, without the deliveries a person accepted.

    `programme` reads the settings in force: a refused build was judged by them. A published version is told by its
    own. `written_on`: today in Paris.
    """
    sources = read_sources(home)
    settings = programme() if sources.status == "refused" else settings_of_home(home, programme)
    sources = without_accepted(sources, settings.accepted_deliveries)
    return make_report(home, sources, column_guides(), written_on, settings.expected_delivery_days, subscribed)


def is_new_refusal(home: Home) -> bool:
    """Whether the last build was refused, for a reason (files and blocking checks) no report has told yet."""
    builds = history.load(home.lake)
    if not builds or builds[-1].status != "refused":
        return False
    told = [record for record in read_records(home) if record.status == "refused"]
    if not told or told[-1].inputs_sha256 != builds[-1].inputs_sha256:
        return True
    checks = read_sources(home).checks
    failing = checks.filter((pl.col("severity") == "bloquant") & (pl.col("status") != "ok"))
    return sorted(failing["code"]) != told[-1].blocking


def column_guides() -> dict[tuple[str, str], FieldGuide]:
    """What each column of each export expects, from the contracts; no example of a personal value nor of a pass."""
    return {
        (contract.dataset, field.name): FieldGuide(
            title=field.title,
            expected=_expected(field),
            example="" if field.personal or field.name in GUARDED_COLUMNS else field.example,
        )
        for contract in reversed(load_layouts())
        for field in contract.fields
    }


def _expected(field: Field) -> str:
    if field.values:
        return f"une de ces valeurs : {', '.join(field.values)}"
    # A bound that depends on the file (extract_year) is not a number: it is left out.
    least, most = (f"{b:g}" if isinstance(b, float) else "" for b in (field.minimum, field.maximum))
    bounds = f" de {least} à {most}" if least and most else f", au moins {least}" if least else ""
    return TYPES[field.type] + bounds


def _lake_frames(home: Home) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """delivered_file, rejected_line and field_issue as the lake holds them now."""
    with duckdb.connect() as con:
        Lake(home.lake).open_in(con, "lake")
        frames = [con.execute(f"select * from lake.{name}").pl() for name in _TABLES]
    return frames[0], frames[1], frames[2]


def _explanations(home: Home) -> pl.DataFrame:
    """What the reader said of each refused file."""
    found = [(one.file_id, one.file_name, one.explanation) for one in Lake(home.lake).other_receipts()]
    return pl.DataFrame(found, schema=dict.fromkeys(("file_id", "file_name", "explanation"), pl.String), orient="row")


def _find_numbers(home: Home, words: pl.DataFrame) -> list[str]:
    """Which of `words` are numbers of passes or carnets in the lake: issued, prescribed or used."""
    with duckdb.connect() as con:
        Lake(home.lake).open_in(con, "lake")
        con.register("written", words.to_arrow())
        return [word for (word,) in con.execute(_NUMBERS).fetchall()]


_NUMBERS = """
    select word from written where upper(word) in (
        select numero_carnet from lake.emissions union all select numero_carnet from lake.prescriptions
    )
    union
    select word from written where word in (select numero_pass from lake.utilisations)
    union
    select written.word
    from written
    inner join lake.emissions as carnet
        on length(written.word) = length(carnet.premier_pass)
        and written.word between carnet.premier_pass and carnet.dernier_pass
"""
_TABLES = ("delivered_file", "rejected_line", "field_issue")
