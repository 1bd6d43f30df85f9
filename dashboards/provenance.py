"""« D'où vient ce chiffre ? »: the quiet link of a figure, and the panel it opens at the head of the page.

The panel gives the delivered files that make the figure, adding up to it, and the figure's code, which opens it again
in the address of the page. Does not live here: the files (warehouse/published/figure_files.py), the code
(warehouse/published/figure_address.py), what is withheld of people (people.py).
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from dashboards import people, tables
from dashboards.connections import VersionGone
from dashboards.frame import Page, answer, version_at
from dashboards.reading import Filters
from presentation import format_fr, labels
from presentation.table import Column
from warehouse.published import versions
from warehouse.published.figure_address import AddressError, Figure, Place, read, write
from warehouse.settings import Home

#: The parameter of the address that holds the code of the figure to open.
PARAMETER = "chiffre"
TITLE = "D'où vient ce chiffre ?"


def link(page: Page, indicator: str, place: Place = "programme", code: str = "", filters: Filters | None = None) -> str:
    """The address of this page with the panel of a figure open; empty for a version that no code can name.

    Of `filters`, the months alone: the place is given.
    """
    start, end = (filters.start, filters.end) if filters else (None, None)
    try:
        return _address(write(Figure(indicator, page.version.build_id, place, code, start, end)))
    except AddressError:
        return ""


def _address(code: str | None) -> str:
    kept = {name: st.query_params.get_all(name) for name in st.query_params if name != PARAMETER}
    return "?" + urlencode(kept | ({PARAMETER: [code]} if code else {}), doseq=True)


def with_links(
    page: Page, frame: pl.DataFrame, indicators: tuple[str, ...], place: Place, key: str, filters: Filters | None = None
) -> pl.DataFrame:
    """`frame` with a column `<indicator>_opens` for each of its figures: the address that opens it; `key`: the column
    of the places' codes. A figure that is withheld has none."""
    for name in indicators:
        opens = [link(page, name, place, code, filters) for code in frame[key].to_list()]
        column = pl.when(pl.col(name).is_not_null()).then(pl.Series(opens, dtype=pl.String)).alias(f"{name}_opens")
        frame = frame.with_columns(column)
    return frame


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
            _draw_figure(page, figure)
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
    facts = {"Indicateur": words["label"], "Périmètre": name, "Mois": _months(figure)}
    kind = people.kind_of(words)
    if is_current:
        st.html(_facts(facts | {"Valeur": format_fr.write(_value(page, figure, words), kind)}))
        _draw_files(page, figure, words)
    else:
        st.html(_facts(facts | {"Version": figure.build_id}))
        _tell_earlier(page, figure, words, of_people)
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
    """The figure's place in words; None for one that the reader may not see."""
    own = page.rights.territory_code
    if figure.place == "programme":
        return "tout le programme"
    if figure.place == "lieu":
        found = page.ask("lieux").filter(lieu_siret=figure.code)
        return None if found.is_empty() else found["lieu_name"][0] or f"Lieu hors annuaire {figure.code}"
    if own is not None and figure.code != own:
        return None
    if not figure.code:
        return "tous les lieux" if figure.place == "lieux" else None
    known = dict(page.ask("places").select("territory_code", "territory_name").rows())
    name = known.get(figure.code)
    return name and (f"les lieux de {name}" if figure.place == "lieux" else name)


def _is_closed(page: Page, figure: Figure) -> bool:
    """A territory's reader sees the programme's totals and not the files of the others."""
    return figure.place == "programme" and page.rights.territory_code is not None


def _value(page: Page, figure: Figure, words: dict[str, Any]) -> float | None:
    """The figure as the page shows it: withheld where it is withheld there."""
    if people.is_of_people(words) or _is_closed(page, figure):
        return people.value_of(page, figure)
    return page.ask("figure_value", figure=figure)["value"][0]


def _draw_files(page: Page, figure: Figure, words: dict[str, Any]) -> None:
    if _is_closed(page, figure):
        st.write(
            "Ce chiffre est celui de tout le programme : ses fichiers sont réservés à l'équipe et au comité de "
            "pilotage. Ceux de votre territoire s'ouvrent depuis sa fiche."
        )
        return
    of_people = people.is_of_people(words)
    files = people.sources(page, figure) if of_people else page.ask("figure_files", figure=figure)
    if files.is_empty():
        st.write("Aucune ligne des fichiers livrés n'y contribue : ce chiffre est nul.")
        return
    files = files.with_columns(
        pl.col("dataset").replace_strict(labels.DATASET, default=pl.col("dataset")),
        pl.col("file_name").fill_null("fichier inconnu"),
    )
    number = "people" if of_people else "integer"
    dates = [Column("first_on", "Du", "date"), Column("last_on", "Au", "date")]
    columns = [
        Column("file_name", "Fichier livré"),
        Column("dataset", "Jeu de données"),
        Column("extract_date", "Extrait du", "date"),
    ]
    if words["rule"] != "ratio" and people.has_parts(words):
        columns += [Column("lines", "Lignes", number), *dates, Column("part", "Part du chiffre", people.kind_of(words))]
    elif not of_people:
        columns += [Column("lines", "Lignes", number), *dates]
    count = format_fr.count(files.height, "fichier livré", "fichiers livrés")
    st.write(f"{_event(words)} {_sum_words(words, count, files, of_people)}")
    st.html(tables.as_html(files, columns, "Fichiers qui composent ce chiffre"))
    if page.rights.role == "equipe":
        st.html(
            '<p class="pn-note">Jusqu\'à la ligne : <code>passnum trace '
            f"{escape(_traced(figure))}</code>, puis <code>passnum why FICHIER:LIGNE</code>, sur la machine de "
            "l'entrepôt.</p>"
        )


def _traced(figure: Figure) -> str:
    """What `passnum trace` is given to go on from here; the lieux together are traced as the programme."""
    places = {"territory": " --territory ", "lieu": " --lieu "}
    place = places[figure.place] + figure.code if figure.place in places else ""
    first = f" --from {figure.start}" if figure.start else ""
    # 32 days after the first of a month: the next month, whatever its length.
    after = figure.end and (figure.end + timedelta(32)).replace(day=1)
    last = f" --to {after - timedelta(1)}" if after else ""
    return figure.indicator + place + first + last


def _event(words: dict[str, Any]) -> str:
    return f"{words['formula']}."


def _sum_words(words: dict[str, Any], count: str, files: pl.DataFrame, of_people: bool) -> str:
    if words["rule"] == "ratio" or not people.has_parts(words):
        return f"Il vient de {count} ; les effectifs de chacun ne sont pas donnés (secret statistique)."
    if of_people:
        return f"La somme des parts de {count} est le chiffre affiché ; une part trop petite est secrète."
    lines = format_fr.count(int(files["lines"].sum()), "ligne")
    capped = " Chaque part est celle du chiffre plafonné." if words["rule"] == "capped" else ""
    return f"La somme des parts de {count} ({lines}) est le chiffre affiché.{capped}"


def _tell_earlier(page: Page, figure: Figure, words: dict[str, Any], of_people: bool) -> None:
    """A figure of another version than the one read: its value then and now, and where the bridge is."""
    path = Home.at().versions / f"passnum-{figure.build_id}.duckdb"
    kind = people.kind_of(words)
    now = _value(page, figure, words)
    today = f"Dans la version en ligne : {format_fr.write(now, kind)}."
    bridge = f"Ce qui l'a changé, fichier par fichier : passnum verify {write(figure)}."
    if of_people:
        # Two versions of one count differ by a few people: together they would give those away.
        st.write(f"Ce code est d'une autre version ; les effectifs d'alors ne sont pas redonnés ici. {today} {bridge}")
        return
    try:
        version = version_at(str(path)) if path in versions.version_paths(Home.at()) else None
    except VersionGone:
        version = None
    if version is None:
        st.write(f"Cette version n'est plus gardée, ou n'est pas d'ici. {today} {bridge}")
    elif _is_closed(page, figure):
        then = answer(str(path), page.rights, "progress", {}).filter(indicator=figure.indicator)["value"]
        st.write(
            f"Valeur publiée (données au {format_fr.day(version.as_of)}) : {format_fr.write(then[0], kind)}. {today}"
        )
    else:
        then = answer(str(path), page.rights, "figure_value", {"figure": figure})["value"]
        st.write(
            f"Valeur publiée (données au {format_fr.day(version.as_of)}) : {format_fr.write(then[0], kind)}. {today} "
            f"{bridge}"
        )
