"""What one edition of the report says: verdict, problems by weight, what is new, fixed, persisting.

Lives here: grouping facts into problems, ranking, the comparison with the last report, the state of the whole beside
an edition that is a part of it. Does not live here: which facts stand (details.py), sentences (wording.py), how it is
drawn (page.py, workbook.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from presentation.french import count
from presentation.freshness import Freshness
from presentation.mends import mend_of
from reporting.quality.compare import compare_facts
from reporting.quality.details import WHOLE
from reporting.quality.editions import Edition
from reporting.quality.sources import Sources
from reporting.quality.wording import (
    CHECK_ERROR,
    CONFLICT,
    OWNER_TITLES,
    OWNERS,
    PERSONAL_CHECKS,
    PERSONAL_REASON,
    Advice,
    Guides,
    advise_on_file,
    advise_on_line,
    dataset_title,
)

#: « rien à corriger »: a part has nothing to mend while the whole is not conforme; only a conforme whole is said so.
Verdict = Literal["conforme", "rien à corriger", "à surveiller", "bloquant"]
#: A check counts once whatever it found; the other kinds count file by file, line by line.
CHECK_KINDS = ("contrôle", "erreur")

#: Columns of the facts kept with a report, to tell the next one what is new and what is fixed.
FACT_COLUMNS = ("fact", "key", "owner", "siret")


@dataclass(frozen=True)
class Problem:
    """Grain: one problem of one edition. Euros and hours: what it touches; None = not measured.

    `lines`: the facts themselves, as a frame (details.SCHEMA). `is_new` None = there is no earlier report.
    """

    key: str
    kind: str
    owner: str
    severity: str
    code: str
    advice: Advice
    place: str
    observed: str
    expected: str
    lines: pl.DataFrame
    new_lines: int
    fixed_lines: int
    amount_eur: float | None
    hours: float | None
    is_estimated: bool
    is_new: bool | None

    @property
    def blocks(self) -> bool:
        return self.severity == "bloquant" and self.kind in {"contrôle", "erreur"}

    @property
    def is_personal(self) -> bool:
        """Whether it tells of personal data that should not have been received: what harms most."""
        return self.code in PERSONAL_CHECKS or self.lines["reason"][0] == PERSONAL_REASON

    @property
    def has_lines(self) -> bool:
        """Whether its facts are files, lines or units of a check, to be listed."""
        return self.kind != "erreur" and self.lines["reason"][0] != WHOLE


@dataclass(frozen=True)
class Whole:
    """What all the deliveries are like, beside an edition that holds a part. `owners`: those who have to mend."""

    verdict: Verdict
    counts: dict[str, int]
    total: int
    owners: list[str]


@dataclass(frozen=True)
class Content:
    """One edition, ready to be drawn. `fixed`: titles and counts of what the last report had and this one has not.

    `name`: of the structure, empty for a team or where the version does not know it.
    """

    edition: Edition
    name: str
    report_id: str
    written_on: date
    build_id: str
    freshness: Freshness
    is_demo: bool
    is_refused: bool
    previous_on: date | None
    problems: list[Problem]
    fixed: list[tuple[str, int]]
    new_count: int
    fixed_count: int
    persisting_count: int
    checks_made: int
    whole: Whole

    @property
    def title(self) -> str:
        return f"{self.edition.title} – {self.name}" if self.name else self.edition.title

    @property
    def as_of(self) -> date:
        return self.freshness.as_of

    @property
    def verdict(self) -> Verdict:
        """Of this edition alone; a part that has nothing to mend is conforme only when the whole is.

        bloquant: a blocking check fails (or the build was refused, for the whole).
        """
        if not self.edition.is_part:
            return self.whole.verdict
        if any(problem.blocks for problem in self.problems):
            return "bloquant"
        if self.problems:
            return "à surveiller"
        return "conforme" if self.whole.verdict == "conforme" else "rien à corriger"

    def by_owner(self) -> list[tuple[str, list[Problem]]]:
        """The problems of each owner, heaviest first; the owner of the heaviest one comes first too."""
        owners = dict.fromkeys(problem.owner for problem in self.problems)
        return [(OWNER_TITLES.get(owner, owner), [p for p in self.problems if p.owner == owner]) for owner in owners]

    def count(self, kind: str) -> int:
        """How many facts of this kind the edition holds (see CHECK_KINDS)."""
        mine = [problem for problem in self.problems if problem.kind == kind]
        codes = {problem.code for problem in mine}
        return len(codes) if kind in CHECK_KINDS else sum(problem.lines.height for problem in mine)

    @property
    def total(self) -> int:
        """How many files, lines and cases the edition holds."""
        return sum(problem.lines.height for problem in self.problems)


def write_content(
    edition: Edition,
    facts: pl.DataFrame,
    sources: Sources,
    guides: Guides,
    *,
    report_id: str,
    written_on: date,
    expected_days: int,
    previous: pl.DataFrame | None,
    previous_on: date | None,
    titles: dict[str, str],
) -> Content:
    """The content of `edition`. `previous`: the facts of the last report (FACT_COLUMNS), None for the first one.

    `written_on` is today's date in Paris; data older than `expected_days` (expected_delivery_days) are late.
    `titles`: titles of the problems of the last report, to name the fixed ones.
    """
    freshness = Freshness(sources.as_of, written_on, expected_days)
    mine = edition.select(facts)
    before = None if previous is None else edition.select(previous)
    marked, gone = compare_facts(mine, before)
    lost: dict[str, int] = dict(gone.group_by("key").len().rows())
    problems = [
        _problem(part, sources, guides, None if before is None else set(before["key"]), lost)
        for part in marked.partition_by("key", maintain_order=True)
    ]
    return Content(
        edition=edition,
        name=_name_of(edition, sources.names),
        report_id=report_id,
        written_on=written_on,
        build_id=sources.build_id,
        freshness=freshness,
        is_demo=sources.is_demo,
        is_refused=sources.status == "refused",
        previous_on=previous_on,
        problems=sorted(problems, key=_weight),
        fixed=sorted((titles.get(key, key), count) for key, count in lost.items()),
        new_count=int(marked["is_new"].sum()),
        fixed_count=gone.height,
        persisting_count=0 if before is None else marked.height - int(marked["is_new"].sum()),
        checks_made=sources.checks.height,
        whole=_whole(facts, sources, freshness),
    )


def _whole(facts: pl.DataFrame, sources: Sources, freshness: Freshness) -> Whole:
    """conforme: nothing to mend by anybody, the build published, the data on time."""
    blocking = facts.filter(pl.col("severity") == "bloquant", pl.col("kind").is_in(CHECK_KINDS)).height
    verdict: Verdict = "conforme"
    if blocking or sources.status == "refused":
        verdict = "bloquant"
    elif facts.height or freshness.is_late:
        verdict = "à surveiller"
    counted = facts.group_by("kind").agg(facts=pl.len(), codes=pl.col("code").n_unique())
    return Whole(
        verdict=verdict,
        counts={kind: codes if kind in CHECK_KINDS else lines for kind, lines, codes in counted.rows()},
        total=facts.height,
        owners=[owner for owner in OWNERS if owner in set(facts["owner"])],
    )


def _name_of(edition: Edition, names: pl.DataFrame) -> str:
    known = names.filter(owner=edition.owner, siret=edition.siret)["name"].drop_nulls()
    return str(known[0]) if len(known) else ""


def _weight(problem: Problem) -> tuple[bool, bool, float, float, int, str]:
    """By harm: personal data received off contract, what blocks, then the most euros, the most hours, most lines."""
    amount, hours = problem.amount_eur or 0.0, problem.hours or 0.0
    return (not problem.is_personal, not problem.blocks, -amount, -hours, -problem.lines.height, problem.key)


def _problem(
    lines: pl.DataFrame, sources: Sources, guides: Guides, before: set[str] | None, lost: dict[str, int]
) -> Problem:
    first = lines.row(0, named=True)
    found = sources.checks.filter(pl.col("code") == (first["code"] or ""))
    check = found.row(0, named=True) if found.height else {}
    ordered = lines.sort("file_name", "line_number", "value", nulls_last=True)
    return Problem(
        key=first["key"],
        kind=first["kind"],
        owner=first["owner"],
        severity=first["severity"],
        code=first["code"] or "",
        advice=_advise(first, check, guides),
        place=_place(first, lines),
        observed=_observed(first),
        expected=check.get("expected") or "",
        lines=ordered,
        new_lines=int(lines["is_new"].sum()),
        fixed_lines=lost.get(first["key"], 0),
        amount_eur=_total(lines["amount_eur"]),
        hours=_total(lines["hours"]),
        is_estimated=bool(lines["is_estimated"].any()),
        is_new=None if before is None else first["key"] not in before,
    )


def _total(values: pl.Series) -> float | None:
    return None if values.null_count() == len(values) else float(values.sum())


def _observed(first: dict[str, Any]) -> str:
    """What a check saw, where it names no unit of its own (the units are listed; numbers are masked in them)."""
    return (first["detail"] or "") if first["reason"] == WHOLE else ""


def _advise(first: dict[str, Any], check: dict[str, Any], guides: Guides) -> Advice:
    if first["kind"] == "fichier":
        return advise_on_file(first["reason"])
    if first["kind"] == "conflit":
        return CONFLICT
    if first["kind"] == "erreur":
        return Advice(f"{CHECK_ERROR.title} : {first['code']}", CHECK_ERROR.rule, CHECK_ERROR.mend)
    if first["kind"] == "contrôle":
        expected = check.get("expected") or ""
        rule = f"Attendu : {expected}." if expected else ""
        mend = mend_of(first["owner"], check.get("mend"))
        # The sentence says what should be: alone it would read as if all were well.
        sentence = (check.get("sentence") or first["code"]).rstrip(".")
        return Advice(f"Règle non tenue : {_lower(sentence)}", rule, mend)
    return advise_on_line(first["reason"], first["dataset"], first["column_name"], guides)


def _lower(sentence: str) -> str:
    """The sentence after a colon: its first letter small, unless it opens with an acronym."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def _place(first: dict[str, Any], lines: pl.DataFrame) -> str:
    if first["kind"] == "fichier":
        return count(lines.height, "fichier refusé", "fichiers refusés")
    if first["kind"] in {"contrôle", "erreur"}:
        return first["code"]
    place = dataset_title(first["dataset"])
    return f"{place}, colonne {first['column_name']}" if first["column_name"] else place
