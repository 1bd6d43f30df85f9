"""What a figure covers: since when it counts, and which filters it follows. Declared once a question, said everywhere.

A column of a table says what it covers (`covered`); the page's caption, the titles of a file and the sentences on the
filters that do not apply are written from that and from the choices in force. No Streamlit here. Does not live here:
the filters themselves (filters.py), the queries (queries*.py: a test holds this list to their SQL).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from presentation.sentences import MONTH, PERIOD, START, STATE
from presentation.table import Column, Cover, Span

#: The filters by their key, as a sentence names them.
FILTERS = {
    "period": "la période",
    "ami": "l'appel (AMI)",
    "territories": "les territoires",
    "lieux": "les lieux",
    "lots": "les lots",
    "years": "la fin de validité",
}


class Choice(NamedTuple):
    """A filter in force, in words for a page or a file; `key` names it in FILTERS, empty for what is no filter."""

    label: str
    text: str
    key: str = ""


def _cover(span: Span, *follows: str) -> Cover:
    return Cover(span, frozenset(follows))


_PLACES = ("ami", "territories")
#: Answered whole, then filtered by the page: protected first, or joined to the rows shown.
FILTERED_BY_THE_PAGE = {"audience", "stock", "territory_rates", "territory_states", "territory_totals"}
#: Question (method of Reader) → what its figures cover.
QUESTIONS: dict[str, Cover] = {
    "progress": _cover("start"),
    "burn_up": _cover("start"),
    "activity_by_month": _cover("month", *_PLACES),
    "audience": _cover("start", *_PLACES),
    "audience_by_quarter": _cover("start", *_PLACES),
    "territory_states": _cover("state", *_PLACES, "lieux"),
    "territory_totals": _cover("start", *_PLACES),
    "territory_rates": _cover("start", *_PLACES),
    "territory_period": _cover("period", *_PLACES),
    "territory_months": _cover("month", *_PLACES),
    "flows": _cover("start"),
    "lieu_totals": _cover("period", *_PLACES, "lieux"),
    "lieu_months": _cover("month", *_PLACES, "lieux"),
    "lifecycle": _cover("state", *_PLACES, "lots", "years"),
    "expiry_risk": _cover("state", *_PLACES),
    "expiry_by_territory": _cover("state", *_PLACES),
    "expiry_schedule": _cover("state", *_PLACES),
    "expiry_days": _cover("state", *_PLACES),
    "expiry_places": _cover("state", *_PLACES),
    "ledger_years": _cover("start", *_PLACES),
    "ledger_months": _cover("start", *_PLACES),
    "credit_notes": _cover("start", *_PLACES),
    "counter_payments": _cover("start", *_PLACES, "lieux"),
    "receivables": _cover("start", *_PLACES, "lieux"),
    "stock": _cover("state", *_PLACES),
    "state_share": _cover("start"),
    "measures": _cover("period", "ami"),
    "budget": _cover("period", "ami"),
}
#: Questions answered from another's rows, with its filters.
THROUGH = {"statuses": "lifecycle", "steps": "lifecycle", "lot_statuses": "lifecycle", "lieu_sums": "lieu_totals"}
QUESTIONS |= {name: QUESTIONS[other] for name, other in THROUGH.items()}


def covered(question: str, columns: Sequence[Column], *others: str) -> list[Column]:
    """The columns with what the question covers: those of figures, and those named in `others`.

    A column that has its own cover keeps it.
    """
    cover = QUESTIONS[question]
    return [
        replace(column, cover=cover) if column.cover is None and (column.is_figure or column.name in others) else column
        for column in columns
    ]


def choices(words: Sequence[tuple]) -> list[Choice]:
    """The words of a page's filters, two or three parts each, as choices."""
    return [Choice(*word) for word in words]


def _keys(words: Sequence[tuple]) -> list[str]:
    return list(dict.fromkeys(choice.key for choice in choices(words) if choice.key in FILTERS))


def has_period(words: Sequence[tuple]) -> bool:
    """Whether a period is in force."""
    return any(choice.key == "period" for choice in choices(words))


def span_words(cover: Cover, words: Sequence[tuple] = ()) -> str:
    """« sur la période », « depuis le début » or « à la date des données », for the choices in force."""
    if cover.span == "state":
        return STATE
    return PERIOD if cover.span in ("period", "month") and has_period(words) else START


def span_of(question: str, words: Sequence[tuple] = ()) -> str:
    """`span_words` of a question."""
    return span_words(QUESTIONS[question], words)


def about(caption: str, columns: Sequence[Column], words: Sequence[tuple] = ()) -> str:
    """What the figures under a caption cover, where they all cover the same; empty when it says it already."""
    spans = _spans(columns, words)
    return spans[0] if len(spans) == 1 and spans[0] not in caption else ""


def titles(columns: Sequence[Column], words: Sequence[tuple] = (), *, always: bool = False) -> list[Column]:
    """The columns, their titles saying what each covers: where they differ, or `always` (a file, cut from its page)."""
    if not always and len(_spans(columns, words)) < 2:
        return list(columns)
    return [
        column
        if column.cover is None
        else replace(column, title=f"{column.title} ({_title_words(column.cover, words, always)})")
        for column in columns
    ]


def _title_words(cover: Cover, words: Sequence[tuple], in_file: bool) -> str:
    return MONTH if cover.span == "month" and in_file else span_words(cover, words)


def _spans(columns: Sequence[Column], words: Sequence[tuple]) -> list[str]:
    return list(dict.fromkeys(span_words(column.cover, words) for column in columns if column.cover is not None))


def unfollowed(columns: Sequence[Column], words: Sequence[tuple]) -> list[tuple[str, list[str]]]:
    """Each filter in force that figures do not follow: its key, and the titles of those figures ([]: all of them)."""
    figures = [column for column in columns if column.cover is not None]
    found = []
    for key in _keys(words):
        deaf = [column.title for column in figures if column.cover is not None and not column.cover.obeys(key)]
        if deaf:
            found.append((key, [] if len(deaf) == len(figures) else deaf))
    return found


def sentences(columns: Sequence[Column], words: Sequence[tuple]) -> list[str]:
    """« Le filtre sur la période ne s'applique pas à … », one a filter that figures of a table do not follow."""
    return [
        unapplied([FILTERS[key]], "à ce tableau" if not deaf else "à « " + " », « ".join(deaf) + " »")
        for key, deaf in unfollowed(columns, words)
    ]


def deaf_sentence(question: str, words: Sequence[tuple], what: str) -> str:
    """« Ce filtre ne s'applique pas `what` », for figures that are in no table; empty when they follow every filter."""
    deaf = [FILTERS[key] for key in _keys(words) if not QUESTIONS[question].obeys(key)]
    return unapplied(deaf, what)


def unapplied(names: Sequence[str], what: str) -> str:
    """« Ce filtre ne s'applique pas `what` : la période. », empty without a name."""
    if not names:
        return ""
    who = "Ce filtre ne s'applique" if len(names) == 1 else "Ces filtres ne s'appliquent"
    return f"{who} pas {what} : {', '.join(names)}."


def applied(columns: Sequence[Column], words: Sequence[tuple]) -> list[Choice]:
    """The filters in force that at least one of the figures follows."""
    deaf = dict(unfollowed(columns, words))
    return [one for one in choices(words) if deaf.get(one.key) != []]


def origin_lines(columns: Sequence[Column], words: Sequence[tuple]) -> list[tuple[str, str]]:
    """What a file says of its filters: those that apply, those that do not and to what, and the span of its figures."""
    deaf = dict(unfollowed(columns, words))
    lines = [(f"Filtre : {one.label}", one.text) for one in applied(columns, words)]
    lines = lines or [("Filtre : aucun", "tout est pris")]
    lines += [
        (
            f"Filtre sans effet : {FILTERS[key]}",
            "ce filtre ne s'applique pas à " + (", ".join(names) or "ce tableau"),
        )
        for key, names in deaf.items()
    ]
    spans = _spans(columns, words)
    if len(spans) == 1:
        return [("Portée des chiffres", spans[0]), *lines]
    return [*(("Portée des chiffres", f"{span} : {_named(columns, words, span)}") for span in spans), *lines]


def _named(columns: Sequence[Column], words: Sequence[tuple], span: str) -> str:
    return ", ".join(c.title for c in columns if c.cover is not None and span_words(c.cover, words) == span)
