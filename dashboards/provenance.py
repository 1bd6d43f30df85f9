"""« D'où vient ce chiffre ? »: the quiet link of a figure, and the panel it opens at the head of the page.

The panel gives the delivered files that make the figure, adding up to it, and the figure's code, which opens it again
in the address of the page. Does not live here: the files (warehouse/published/figure_files.py), the code
(warehouse/published/figure_address.py), what is withheld of people (people.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlencode

import duckdb
import polars as pl
import streamlit as st

from dashboards import people, tables
from dashboards.connections import VersionGone
from dashboards.frame import Page, answer, version_at
from dashboards.reading import NO_FILTER, Filters
from presentation import format_fr, labels
from presentation.labels import alone
from presentation.table import Column, Derived
from warehouse.published import versions
from warehouse.published.figure_address import AddressError, Figure, Place, joined, read, write
from warehouse.settings import Home

#: The parameter of the address that holds the code of the figure to open.
PARAMETER = "chiffre"
TITLE = "D'où vient ce chiffre ?"
#: The measures of the passes issued, and of those at each status: in passes, in euros.
ISSUED = ("passes_issued", "face_value_issued_eur")
STATUS_MEASURES = {
    "in_stock": ("passes_in_stock", "face_value_in_stock_eur"),
    "with_prescriber": ("passes_with_prescriber", "face_value_with_prescriber_eur"),
    "prescribed": ("passes_prescribed_unused", "face_value_prescribed_unused_eur"),
    "used": ("passes_used", "face_value_used_eur"),
    "expired": ("passes_expired", "face_value_expired_eur"),
    "cancelled": ("passes_cancelled", "face_value_cancelled_eur"),
}
#: Those of the passes that can still be used: the first three.
USABLE = tuple(name for pair in list(STATUS_MEASURES.values())[:3] for name in pair)


def link(
    page: Page,
    indicator: str,
    place: Place = "programme",
    code: str = "",
    filters: Filters | None = None,
    build_id: str = "",
) -> str:
    """The address of this page with the panel of a figure open; empty for a figure that has none (people of a period)
    and for a version that no code can name. `build_id`: of another version than the page's.

    Of `filters`, the months and the call for projects: the place is given.
    """
    chosen = filters or NO_FILTER
    return _opening(
        Figure(indicator, build_id or page.version.build_id, place, code, chosen.start, chosen.end, chosen.ami)
    )


def _opening(figure: Figure) -> str:
    if figure.indicator in people.COUNTS and not people.has_sources(figure):
        return ""
    try:
        return _address(write(figure))
    except AddressError:
        return ""


def _address(code: str | None) -> str:
    kept = _kept(tuple((name, tuple(st.query_params.get_all(name))) for name in st.query_params if name != PARAMETER))
    return "?" + "&".join(filter(None, [kept, urlencode({PARAMETER: code}) if code else ""]))


@lru_cache(maxsize=64)
def _kept(parameters: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """The parameters of an address as it writes them: a page writes hundreds of addresses with the same."""
    return urlencode(parameters, doseq=True)


@dataclass(frozen=True)
class Scope:
    """The figures of a page: their places, as the filters chosen say them, their months and their call for projects."""

    page: Page
    place: Place = "programme"
    code: str = ""
    months: Filters = NO_FILTER

    @classmethod
    def of(cls, page: Page, filters: Filters, places: Place = "territory") -> Scope:
        """`places`: how the page counts by territory: at the event, at the carnet (account) or at the lieu (lieux)."""
        whole: Place = "lieux" if places == "lieux" else "programme"
        return cls(page, places if filters.territories else whole, joined(filters.territories), filters)

    def between(self, start: date | None, end: date | None) -> Scope:
        """The same figures, of other months."""
        return replace(self, months=replace(self.months, start=start, end=end))

    def opens(self, indicator: str) -> str:
        """The address that opens a figure of this scope."""
        return link(self.page, indicator, self.place, self.code, self.months)

    def derived(self, sentence: str, *indicators: str) -> Derived:
        """« {sentence} », then what opens the figures it names."""
        labels = dict(self.page.ask("dictionary").select("code", "label").rows())
        own = {name: alone(labels[name]) for name in indicators if name in labels}
        return Derived(sentence, tuple((label, self.opens(name)) for name, label in own.items()))

    def by_row(
        self, frame: pl.DataFrame, figures: dict[str, str], place: Place | None = None, key: str = ""
    ) -> pl.DataFrame:
        """`frame` with a column `<column>_opens` for each of its `figures` (column → indicator): the address that opens
        it. `key`, `place`: the column of the rows' codes, and what they are of. A figure that is withheld has none."""
        scopes = [replace(self, place=place or self.place, code=code) for code in frame[key].to_list()]
        return _with_openings(frame, figures, scopes)

    def by_month(
        self,
        frame: pl.DataFrame,
        figures: dict[str, str],
        cumulated: bool = False,
        quarters: bool = False,
        key: str = "",
    ) -> pl.DataFrame:
        """As `by_row`, for rows that are each of a `month`; `cumulated`: since the first month of the scope;
        `quarters`: of the quarter that begins with it; `key`: the column of the code of each row's place, where the
        rows have several."""
        codes = frame[key].to_list() if key else [self.code] * frame.height
        return _with_openings(
            frame,
            figures,
            [
                replace(self, code=code).between(self.months.start if cumulated else first, last)
                for code, (first, last) in zip(codes, spans(frame, quarters), strict=True)
            ],
        )


def spans(frame: pl.DataFrame, quarters: bool = False) -> list[tuple[date, date]]:
    """The first and the last month of each row of a `month`, or of a quarter that begins with it."""
    lasts = frame["month"].dt.offset_by("2mo") if quarters else frame["month"]
    return list(zip(frame["month"].to_list(), lasts.to_list(), strict=True))


def _with_openings(frame: pl.DataFrame, figures: dict[str, str], scopes: list[Scope]) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.col(column).is_not_null())
        .then(pl.Series([scope.opens(indicator) for scope in scopes], dtype=pl.String))
        .alias(f"{column}_opens")
        for column, indicator in figures.items()
    )


def opening(columns: Sequence[Column], frame: pl.DataFrame, derived: Derived | None = None) -> list[Column]:
    """The columns, each with the addresses that `frame` has for it; those that have none, and are figures, with what
    they come from."""
    return [
        replace(
            column,
            opens_from=f"{column.name}_opens" if f"{column.name}_opens" in frame.columns else column.opens_from,
            derived=column.derived
            or (derived if column.is_figure and f"{column.name}_opens" not in frame.columns else None),
        )
        for column in columns
    ]


def draw(page: Page) -> None:
    """The panel of the figure that the address asks for; nothing where it asks for none."""
    text = st.query_params.get(PARAMETER)
    if not text:
        return
    with st.container(border=True, key="provenance"):
        st.header(TITLE, anchor=False)
        try:
            figure = read(text, page.ask("dictionary")["code"].to_list())
        except AddressError as error:
            st.warning(str(error))
        else:
            try:
                _draw_figure(page, figure)
            except (duckdb.BinderException, duckdb.CatalogException):
                st.warning(
                    "La version en ligne a été construite avant que ce chiffre ne garde ses fichiers : relancez "
                    "« passnum run », puis ouvrez-le de nouveau."
                )
        st.html(f'<p><a href="{escape(_address(None))}" target="_self">Fermer</a></p>')


def _draw_figure(page: Page, figure: Figure) -> None:
    words = page.ask("dictionary").row(by_predicate=pl.col("code") == figure.indicator, named=True)
    name = _place_name(page, figure)
    if name is None:
        st.warning("Ce chiffre est celui d'un lieu ou d'un territoire que votre accès ne comprend pas.")
        return
    of_people = people.is_of_people(words)
    if of_people and not people.has_sources(figure):
        st.warning("Les personnes ne sont comptées que depuis le début, pour le programme ou un territoire.")
        return
    is_current = figure.build_id == page.version.build_id
    facts = {"Indicateur": alone(words["label"]), "Périmètre": name, "Mois": _months(figure)}
    kind = people.kind_of(page, words)
    if is_current:
        st.html(_facts(facts | {"Valeur": format_fr.write(_value(page, figure, words), kind)}))
        _draw_files(page, figure, words)
    else:
        st.html(_facts(facts | {"Version": figure.build_id}))
        _tell_earlier(page, figure, words)
    code = write(figure)
    st.html(
        f"<p class=\"pn-note\">Code de ce chiffre : il l'ouvre de nouveau, dans l'adresse de la page, et "
        f"« passnum verify {escape(code)} » dira plus tard s'il a été publié et ce qui l'a changé.</p>"
    )
    st.code(code, language=None)


def _facts(facts: dict[str, str]) -> str:
    items = "".join(f"<div><dt>{name} :</dt> <dd>{escape(text)}</dd></div>" for name, text in facts.items())
    return f'<dl class="pn-facts">{items}</dl>'


def _months(figure: Figure) -> str:
    if figure.start is None and figure.end is None:
        return "depuis le début"
    first = format_fr.month(figure.start) if figure.start else "début du programme"
    return f"{first} à {format_fr.month(figure.end) if figure.end else 'fin des données'}"


def _place_name(page: Page, figure: Figure) -> str | None:
    """The figure's places in words; None for one that the reader may not see."""
    name = _all_of(figure.place) if not figure.codes else _names(page, figure)
    return name if name is None or figure.ami is None else f"{name}, AMI {figure.ami}"


def _all_of(place: Place) -> str | None:
    return {"programme": "tout le programme", "lieux": "tous les lieux"}.get(place)


def _names(page: Page, figure: Figure) -> str | None:
    own = page.rights.territory_code
    if figure.place == "lieu":
        known = dict(page.ask("lieux").select("lieu_siret", "lieu_name").rows())
        names = [known[code] or f"Lieu hors annuaire {code}" for code in figure.codes if code in known]
    else:
        known = dict(page.ask("places").select("territory_code", "territory_name").rows())
        names = [known[code] for code in figure.codes if code in known and own in (None, code)]
    if len(names) < len(figure.codes):
        return None
    told = " et ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return {"lieux": "les lieux de {}", "account": "les carnets de {}"}.get(figure.place, "{}").format(told)


def _is_closed(page: Page, figure: Figure) -> bool:
    """A territory's reader sees the programme's totals and not the files of the others."""
    return figure.place == "programme" and page.rights.territory_code is not None


def _value(page: Page, figure: Figure, words: dict[str, Any]) -> float | None:
    """The figure as the page shows it: withheld where it is withheld there."""
    if page.rights.is_protected:
        return people.value_of(page, figure)
    return page.ask("figure_value", figure=figure)["value"][0]


def _draw_files(page: Page, figure: Figure, words: dict[str, Any]) -> None:
    if _is_closed(page, figure):
        what = "ses fichiers" if people.whole_value(page.ask("progress"), figure) is not None else "valeur et fichiers"
        st.write(
            f"Ce chiffre est celui de tout le programme : {what} sont réservés à l'équipe et au comité de "
            "pilotage. Ceux de votre territoire s'ouvrent depuis sa fiche."
        )
        return
    if page.rights.is_protected and _value(page, figure, words) is None:
        st.write("Ce chiffre est secret : il est trop petit, ou permettrait d'en retrouver un qui l'est.")
        return
    files = page.ask("figure_files", figure=figure)
    if files.is_empty():
        st.write("Aucune ligne des fichiers livrés n'y contribue : ce chiffre est nul.")
        return
    files = files.with_columns(
        pl.col("dataset").replace_strict(labels.DATASET, default=pl.col("dataset")),
        pl.col("file_name").fill_null("fichier inconnu"),
    )
    dates = [Column("first_on", "Du", "date"), Column("last_on", "Au", "date")]
    columns = [
        Column("file_name", "Fichier livré"),
        Column("dataset", "Jeu de données"),
        Column("extract_date", "Extrait du", "date"),
    ]
    if not page.rights.is_protected:
        columns += [Column("lines", "Lignes", "integer"), *dates]
        if words["rule"] != "ratio":
            kind = people.kind_of(page, words)
            # A reader adds the parts up: they keep their decimal.
            columns += [Column("part", "Part du chiffre", {"hours": "hours_exact"}.get(kind, kind))]
    count = format_fr.count(files.height, "fichier livré", "fichiers livrés")
    st.write(f"{_event(words)} {_sum_words(page, words, count, files)}")
    st.html(tables.as_html(files, columns, "Fichiers qui composent ce chiffre"))
    if page.rights.is_team:
        st.html(
            '<p class="pn-note">Jusqu\'à la ligne : <code>passnum trace '
            f"{escape(write(figure))}</code>, puis <code>passnum why FICHIER:LIGNE</code>, sur la machine de "
            "l'entrepôt.</p>"
        )


def _event(words: dict[str, Any]) -> str:
    return f"{words['formula']}."


def _sum_words(page: Page, words: dict[str, Any], count: str, files: pl.DataFrame) -> str:
    if page.rights.is_protected:
        return f"Il vient de {count} ; la part de chacun n'est pas donnée (petits effectifs)."
    if words["rule"] == "ratio":
        return f"Il vient de {count}."
    lines = format_fr.count(int(files["lines"].sum()), "ligne")
    capped = " Chaque part est celle du chiffre plafonné." if words["rule"] == "capped" else ""
    return f"La somme des parts de {count} ({lines}) est le chiffre affiché.{capped}"


def _tell_earlier(page: Page, figure: Figure, words: dict[str, Any]) -> None:
    """A figure of another version than the one read: its value then and now, and where the bridge is."""
    path = versions.build_path(Home.at(), figure.build_id)
    kind = people.kind_of(page, words)
    now = _value(page, figure, words)
    today = f"Dans la version en ligne : {format_fr.write(now, kind)}."
    bridge = f"Ce qui l'a changé, fichier par fichier : passnum verify {write(figure)}."
    if page.rights.is_protected:
        # Two versions of one count differ by a few people: together they would give those away.
        st.write(f"Ce code est d'une autre version ; les chiffres d'alors ne sont pas redonnés ici. {today} {bridge}")
        return
    try:
        version = version_at(str(path)) if path in versions.version_paths(Home.at()) else None
    except VersionGone:
        version = None
    if version is None:
        st.write(f"Cette version n'est plus gardée, ou n'est pas d'ici. {today} {bridge}")
    else:
        then = answer(str(path), page.rights, "figure_value", {"figure": figure})["value"]
        st.write(
            f"Valeur publiée (données au {format_fr.day(version.as_of)}) : {format_fr.write(then[0], kind)}. {today} "
            f"{bridge}"
        )
