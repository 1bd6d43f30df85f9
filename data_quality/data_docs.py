"""The results of one build as a French page that opens without a network: the Data Docs of the gate.

Great Expectations' own pages ask other sites for their style and logo; this one holds everything it shows.
Does not live here: where it is written (orchestration/checks.py), the mails to partners (reporting/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, select_autoescape

from data_quality.registry import all_checks
from data_quality.results import CheckResult, Failure

#: Failing units shown for one check; the table quality.check_failure holds the rest.
SHOWN = 20
STATUS = {"ok": "réussi", "ko": "en échec", "erreur": "n'a pas pu être fait"}
_PARIS = ZoneInfo("Europe/Paris")
_ORDER = {"erreur": 0, "ko": 1, "ok": 2}


@dataclass(frozen=True)
class Build:
    """What the page says of the build. `finished_at` is UTC without time zone."""

    build_id: str
    as_of: date
    finished_at: datetime
    is_refused: bool
    is_demo: bool


def render(build: Build, results: Sequence[CheckResult]) -> str:
    """The page: verdict, what must be looked at with its failing units, then every check by table."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "integer": _integer, "euros": _euros, "hours": _hours, "french": _french, "measures": _measures,
    }  # fmt: skip
    tables = groupby(sorted(results, key=lambda r: (r.table_name, r.code)), key=lambda r: r.table_name)
    return environment.get_template("data_docs.html").render(
        build=build,
        verdict=_say_verdict(build, results),
        as_of=format_date(build.as_of, format="long", locale="fr_FR"),
        finished_at=format_datetime(
            build.finished_at.replace(tzinfo=ZoneInfo("UTC")).astimezone(_PARIS), "d MMMM y 'à' HH:mm", locale="fr_FR"
        ),
        attention=sorted(
            (r for r in results if r.status != "ok"), key=lambda r: (not r.blocks, _ORDER[r.status], r.code)
        ),
        tables=[(name, list(group)) for name, group in tables],
        counts={status: sum(r.status == status for r in results) for status in STATUS},
        reasons={check.code: check.why for check in all_checks()},
        status=STATUS,
        shown=SHOWN,
    )


def _say_verdict(build: Build, results: Sequence[CheckResult]) -> tuple[str, str]:
    """CSS class and sentence."""
    if build.is_refused:
        return "refused", "Publication refusée : la version précédente reste en ligne."
    if any(result.status != "ok" for result in results):
        return "watch", "Version publiée, à surveiller : des avertissements demandent une action."
    return "sound", "Version publiée, conforme : tous les contrôles sont réussis."


def _french(text: str) -> str:
    """No line break inside quotation marks, nor before a colon."""
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»").replace(" : ", "\u00a0: ")


def _measures(failure: Failure) -> bool:
    return any(failure[name] is not None for name in ("passes", "amount_eur", "hours"))


def _integer(value: int | None) -> str:
    return "" if value is None else format_decimal(value, locale="fr_FR")


def _euros(value: float | None) -> str:
    return "" if value is None else format_decimal(value, format="#,##0.00", locale="fr_FR") + "\u00a0€"


def _hours(value: float | None) -> str:
    return "" if value is None else format_decimal(value, format="#,##0.0", locale="fr_FR") + "\u00a0h"
