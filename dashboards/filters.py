"""The filters, kept in the URL under French names so that a view can be sent: du, au, territoires, ami, lieux.

Each page asks for those that apply to it. Does not live here: what a filter does to a query (reading.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboards import coverage
from dashboards.coverage import Choice
from dashboards.frame import Page
from dashboards.history import came_back, restore_address
from dashboards.reading import Filters
from dashboards.steps import MONTH, QUARTER, Step
from presentation import format_fr

ALL = "tous"
#: The filters that follow the reader from page to page; a page that has no use for one leaves it in the address.
CARRIED = {"du": "period", "au": "period", "ami": "ami", "territoires": "territories", "lieux": "lieux"}
#: Where a session keeps its choices and the page it is on.
KEPT, PAGE = "choices_kept", "page_shown"
#: The step of what is shown in time.
STEPS = {"mois": "mois", "trimestre": "trimestre entier"}


def carried() -> dict[str, list[str]]:
    """The filters in force, in the words of the address, for the links to other pages."""
    kept = st.session_state.get(KEPT, {})
    return {name: kept[name].words for name in CARRIED if name in kept and kept[name].words}


def arrive(page: str) -> None:
    """At the head of a page: the filters in force go into its address, at once (one step of the browser's history).

    An address that has filters of its own, sent by someone, is left as it is, and so is one come back to: it says what
    was chosen then, and nothing where nothing was.
    """
    restore_address()
    is_new = st.session_state.get(PAGE) not in (None, page)
    if is_new and not came_back() and not any(name in st.query_params for name in CARRIED):
        st.query_params.update(carried())
    st.session_state[PAGE] = page


@dataclass(frozen=True)
class Kept:
    """A choice, the words it has in the address (none for the default), and the page that drew it last."""

    value: Any
    words: list[str]
    page: str | None


def restore(key: str, is_possible: Callable[[Any], bool]) -> None:
    """Before a widget is drawn: the choice made on another page.

    Streamlit's own `persist_state="session"` forgets a choice that came from the address and was never touched.
    """
    kept = None if came_back() else st.session_state.get(KEPT, {}).get(key)
    if kept is not None and kept.page != st.session_state.get(PAGE) and is_possible(kept.value):
        st.session_state[key] = kept.value
        if kept.words and key not in st.query_params:
            st.query_params[key] = kept.words


def keep(key: str, value: Any, words: list[str]) -> None:
    """After a widget is drawn: its choice, for the pages to come."""
    st.session_state.setdefault(KEPT, {})[key] = Kept(value, words, st.session_state.get(PAGE))


def link(page: str, **more: str) -> str:
    """The address of another page with the filters in force, then `more`."""
    return f"{page}?{urlencode(carried() | more, doseq=True)}"


def _tell_unknown(label: str, key: str, words: list[str]) -> None:
    """Say when the address asks for what this version, or this reader, does not have: nothing is dropped in silence."""
    unknown = [value for value in st.query_params.get_all(key) if value not in words]
    if unknown:
        names = ", ".join(f"« {value} »" for value in unknown)
        st.warning(
            f"L'adresse demande {names} pour « {label} », que cette version, ou votre accès, ne comprend pas : "
            "ce choix n'est pas appliqué."
        )


def choose(page: Page, *names: str) -> tuple[Filters, list[Choice]]:
    """Draw the filters named (period, territories, ami, lieux) and return them, with their words.

    Says which filters chosen on other pages do not apply to this one.
    """
    values: dict = {}
    words: list[Choice] = []
    if not names:
        _tell_elsewhere()
        return Filters(), words
    with st.container(border=True):
        boxes = iter(st.columns(len(names) + ("period" in names)))
        if "period" in names:
            values["start"], values["end"] = _period(page, next(boxes), next(boxes), words)
        if "ami" in names:
            values["ami"] = _ami(page, next(boxes), words)
        if "territories" in names:
            values["territories"] = _territories(page, next(boxes), words)
            # A territory's reader has no programme to fall back on: no choice means its own territory.
            values["territories"] = values["territories"] or tuple(filter(None, [page.rights.territory_code]))
        if "lieux" in names:
            values["lieux"] = _lieux(page, next(boxes), words)
    _tell_elsewhere(*names)
    return Filters(**values), words


def _tell_elsewhere(*names: str) -> None:
    """Say which filters of the address, chosen on another page or sent, this page does not have."""
    asked = dict.fromkeys(key for name, key in CARRIED.items() if name in st.query_params and key not in names)
    told = coverage.unapplied([coverage.FILTERS[key] for key in asked], "à cette page")
    if told:
        st.html(f'<p class="pn-note">{told}</p>')


def pick(label: str, key: str, options: dict[str, str], place=st) -> str:
    """One choice among {value: French words}, kept in the URL under `key`; the first is the default."""
    _tell_unknown(label, key, list(options.values()))
    restore(key, lambda value: value in options)
    chosen = place.selectbox(label, list(options), format_func=options.get, key=key, bind="query-params")
    keep(key, chosen, [] if chosen == next(iter(options)) else [options[chosen]])
    return chosen


def pick_many(label: str, key: str, options: dict[str, str], place=st, empty: str = "Tous") -> tuple[str, ...]:
    """Several choices among {value: French words}, kept in the URL under `key`; none = no restriction."""
    _tell_unknown(label, key, list(options.values()))
    restore(key, lambda values: all(value in options for value in values))
    chosen = place.multiselect(
        label,
        list(options),
        format_func=options.get,
        key=key,
        placeholder=empty,
        bind="query-params",
    )
    keep(key, chosen, [options[value] for value in chosen])
    return tuple(chosen)


def pick_step() -> Step:
    """Whether what is shown in time is by month or by quarter."""
    return QUARTER if pick("Par mois ou par trimestre", "pas", STEPS) == QUARTER.word else MONTH


def tell_cut(step: Step, chosen: Filters) -> None:
    """Above what is shown by quarter: that a quarter which the period cuts is not, where it cuts one."""
    if step.is_quarter and chosen.cuts_a_quarter:
        st.html(
            '<p class="pn-note">Un trimestre que la période coupe n\'est pas montré : choisissez une période faite de '
            "trimestres entiers pour les voir tous.</p>"
        )


def _period(page: Page, left, right, words: list[Choice]) -> tuple[date | None, date | None]:
    months = page.ask("months")["month"].to_list()
    names = {f"{day:%Y-%m}": format_fr.month(day) for day in months}
    start = pick("Du mois de", "du", {"debut": "début du programme"} | names, left)
    end = pick("Au mois de", "au", {"fin": "fin des données"} | dict(reversed(names.items())), right)
    first = None if start == "debut" else date.fromisoformat(f"{start}-01")
    last = None if end == "fin" else date.fromisoformat(f"{end}-01")
    if first and last and last < first:
        st.warning("Le mois de fin précède le mois de début : les deux mois ont été échangés.")
        first, last = last, first
    if first:
        words.append(Choice("du mois de", format_fr.month(first), "period"))
    if last:
        words.append(Choice("au mois de", format_fr.month(last), "period"))
    return first, last


def _ami(page: Page, place, words: list[Choice]) -> int | None:
    since: dict[int, int] = {}
    for territory in page.programme.territories:
        since[territory.ami] = min(since.get(territory.ami, territory.date_entree.year), territory.date_entree.year)
    calls = {ALL: "AMI 1 et 2"} | {str(call): f"AMI {call} ({year})" for call, year in sorted(since.items())}
    chosen = pick("Appel (AMI)", "ami", calls, place)
    if chosen == ALL:
        return None
    words.append(Choice("appel à manifestation d'intérêt", f"AMI {chosen}", "ami"))
    return int(chosen)


def territory_names(page: Page) -> dict[str, str]:
    """Code → name of the participating territories this reader may see."""
    return dict(page.ask("territories").select("territory_code", "territory_name").rows())


def _territories(page: Page, place, words: list[Choice]) -> tuple[str, ...]:
    names = territory_names(page)
    chosen = pick_many("Territoires", "territoires", names, place)
    if chosen:
        words.append(Choice("territoires", ", ".join(names[code] for code in chosen), "territories"))
    return chosen


def _lieux(page: Page, place, words: list[Choice]) -> tuple[str, ...]:
    rows = page.ask("lieux").select("lieu_siret", "lieu_name").rows()
    names = {siret: name or f"Lieu hors annuaire {siret}" for siret, name in rows}
    chosen = pick_many("Lieux", "lieux", names, place)
    if chosen:
        words.append(Choice("lieux", ", ".join(names[code] for code in chosen), "lieux"))
    return chosen
