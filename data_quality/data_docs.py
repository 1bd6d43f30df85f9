"""The results of one build as a French page that opens without a network: the Data Docs of the gate.

Great Expectations' own pages ask other sites for their style and logo; this one holds everything it shows.
Does not live here: where it is written (orchestration/verdict.py), the mails to partners (reporting/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from data_quality.nature import natures
from data_quality.registry import all_checks
from presentation import french
from warehouse.check_result import CheckResult, Failure

#: Failing units shown for one check; the table quality.check_failure holds the rest.
SHOWN = 20
STATUS = {"ok": "réussi", "ko": "en échec", "erreur": "n'a pas pu être fait"}
_ICONS = {"ok": "✓", "ko": "✗", "erreur": "!"}
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
        "percent": french.percent,
        "integer": _or_blank(french.integer), "euros": _or_blank(french.euros), "hours": _or_blank(french.hours),
        "french": french.bind, "measures": _measures,
    }  # fmt: skip
    tables = groupby(sorted(results, key=lambda r: (r.table_name, r.code)), key=lambda r: r.table_name)
    return environment.get_template("data_docs.html").render(
        build=build,
        verdict=_say_verdict(build, results),
        as_of=french.day_long(build.as_of),
        finished_at=french.instant_long(build.finished_at),
        attention=sorted(
            (r for r in results if r.status != "ok"), key=lambda r: (not r.blocks, _ORDER[r.status], r.code)
        ),
        tables=[(name, group, _count(group)) for name, group in ((name, list(group)) for name, group in tables)],
        counts=_count(results),
        reasons={check.code: check.why for check in all_checks()},
        natures={check.code: natures(check) for check in all_checks()},
        status=STATUS,
        icons=_ICONS,
        shown=SHOWN,
    )


def _say_verdict(build: Build, results: Sequence[CheckResult]) -> tuple[str, str]:
    """CSS class and sentence."""
    if build.is_refused:
        return "refused", "Publication refusée : la version précédente reste en ligne."
    if any(result.status != "ok" for result in results):
        return "watch", "Version publiée, à surveiller : des avertissements demandent une action."
    return "sound", "Version publiée, conforme : tous les contrôles sont réussis."


def _count(results: Sequence[CheckResult]) -> dict[str, int]:
    return {status: sum(result.status == status for result in results) for status in STATUS}


def _measures(failure: Failure) -> bool:
    return any(value is not None for value in (failure["passes"], failure["amount_eur"], failure["hours"]))


def _or_blank(write: Callable[[float], str]) -> Callable[[float | None], str]:
    """The writing of a figure that may be absent: a blank then."""
    return lambda value: "" if value is None else write(value)
