"""A frame as an HTML table a screen reader can walk, a keyboard can scroll and a printer can print.

Used instead of st.dataframe, whose canvas and menus are neither French nor reachable by keyboard. Its headings sort it
and a field searches it, in the browser (static/tables.js). Does not live here: a column and the writing of a value
(presentation/), the files to download (downloads.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from urllib.parse import quote

import polars as pl
import streamlit as st

from presentation import format_fr
from presentation.format_fr import KINDS
from presentation.french import NBSP, bind
from presentation.labels import in_sentence
from presentation.table import Column, Derived

#: A page shows at most this many rows; the files to download hold them all.
PAGE_ROWS = 500
#: From so many rows on, a field searches the table.
SEARCHED_ROWS = 12
#: From so many characters a cell, on average, a column holds sentences.
SENTENCE = 40
#: Kinds whose writing does not sort: the cell says its day too.
_DAYS = ("date", "month", "instant")
#: The longest piece of a word that is never cut.
_LONG_WORD = re.compile(r"\S{24}(?=\S)")


def most_hours(months: pl.DataFrame, when: str = "en") -> str:
    """« , au plus 312 h en mars 2021 », of a table of months; empty where each of them is withheld. `when`:
    what is said before the month."""
    known = months.filter(pl.col("hours").is_not_null()).sort("hours", descending=True)
    if known.is_empty():
        return ""
    best = known.row(0, named=True)
    return f", au plus {format_fr.hours(best['hours'])} {when} {format_fr.month(best['month'])}"


def show(frame: pl.DataFrame, columns: list[Column], caption: str, about: str = "") -> None:
    """Draw the table. A frame without a row says so in words. `about`: what its figures cover, after the caption."""
    st.html(as_html(frame, columns, caption, about=about))


def show_folded(frame: pl.DataFrame, columns: list[Column], caption: str, about: str = "") -> None:
    """The table under a chart: closed, one click or one key away."""
    st.html(
        f'<details class="pn-details"><summary>Tableau des données : {escape(joined(caption, about))}</summary>'
        f"{as_html(frame, columns, caption, hide_caption=True, about=about)}</details>"
    )


def joined(caption: str, about: str) -> str:
    """The name of a table and what its figures cover."""
    return f"{caption}, {about}" if about else caption


def as_html(
    frame: pl.DataFrame, columns: list[Column], caption: str, hide_caption: bool = False, about: str = ""
) -> str:
    """The table's HTML: header cells with their scope, the first column heading its row."""
    if frame.is_empty():
        return f'<p class="pn-empty">{escape(caption)} : aucune ligne.</p>'
    shown = frame.head(PAGE_ROWS)
    written = [_cells(shown, column, heading=not i) for i, column in enumerate(columns)]
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*written, strict=True))
    head = "".join(_heading(column, sorts=shown.height > 1) for column in columns)
    caption_class = ' class="pn-hidden"' if hide_caption else ""
    named = escape(bind(joined(caption, about)))
    more = ""
    if frame.height > PAGE_ROWS:
        more = (
            f'<p class="pn-note">Les {PAGE_ROWS} premières lignes sur {format_fr.integer(frame.height)} : '
            "le fichier à télécharger les contient toutes ; le tri et la recherche portent sur celles-ci.</p>"
        )
    # What paper says of a table that it shortens (static/print.js).
    rows = f' data-rows="{frame.height}"' if more else ""
    table = (
        f'<div class="pn-scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f'<table class="pn-table"{rows}><caption{caption_class}><span>{named}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return f"{_searched(table, caption) if shown.height >= SEARCHED_ROWS else table}{more}{_derived(columns)}"


def _heading(column: Column, sorts: bool) -> str:
    title = escape(bind(column.title))
    inside = f'<button type="button" class="pn-sort">{title}</button>' if sorts else title
    return f'<th scope="col" class="{_align(column)}">{inside}</th>'


def _searched(table: str, caption: str) -> str:
    """The table under a field that searches it, which says how many rows are found."""
    return (
        '<div class="pn-searched"><p class="pn-find"><label>Chercher dans ce tableau'
        f'<span class="pn-hidden"> : {escape(caption)}</span> <input type="search" autocomplete="off"></label> '
        f'<span class="pn-found" role="status"></span></p>{table}</div>'
    )


def derived_html(derived: Derived) -> str:
    """The sentence, and the links that open the figures it names."""
    links = f"{NBSP}· ".join(
        f'<a href="{escape(address)}" target="_self"><span class="pn-hidden">D\'où vient ce chiffre ? </span>'
        f"{escape(label)}</a>"
        for label, address in derived.parts
        if address
    )
    return f"{escape(bind(derived.sentence))}{' ' if links else ''}{links}"


def _derived(columns: list[Column]) -> str:
    """Under the table, where its figures that open nothing come from: each sentence once, with the columns it is of."""
    told: dict[Derived, list[str]] = {}
    for column in columns:
        if column.derived is not None:
            told.setdefault(column.derived, []).append(column.title)
    whole = len(told) == 1 and all(column.derived or not column.is_figure for column in columns)
    return "".join(
        f'<p class="pn-note pn-derived">{derived_html(derived) if whole else _told_of(derived, labels)}</p>'
        for derived, labels in told.items()
    )


def _told_of(derived: Derived, titles: list[str]) -> str:
    """The sentence after the columns it is of, said without the sign that a column of an account has."""
    names = ", ".join(title.lstrip("+−= ") for title in titles)
    return f"{escape(bind(f'{names} : '))}{derived_html(replace(derived, sentence=in_sentence(derived.sentence)))}"


def _align(column: Column) -> str:
    return "pn-text" if KINDS[column.kind].is_text else "pn-number"


def _are_sentences(texts: list[str]) -> bool:
    """Whether the cells of a column are rather sentences: a narrow column would cut each into many lines."""
    return sum(map(len, texts)) > SENTENCE * len(texts)


def _cells(frame: pl.DataFrame, column: Column, heading: bool) -> list[str]:
    tag, close = ('th scope="row"', "th") if heading else ("td", "td")
    values = frame[column.name].to_list()
    kinds = column.kinds(frame)
    texts = [_breakable(format_fr.write(value, kind)) for value, kind in zip(values, kinds, strict=True)]
    if column.link_to:
        ends = frame[column.link_from].to_list()
        texts = [
            text if end is None else f'<a href="{column.link_to}{quote(str(end))}" target="_self">{text}</a>'
            for text, end in zip(texts, ends, strict=True)
        ]
    if column.opens_from:
        texts = [
            f'<a class="pn-opens" href="{escape(opens)}" target="_self" title="D\'où vient ce chiffre ?" '
            f'aria-label="{text}, d\'où vient ce chiffre ?">{text}</a>'
            if opens
            else text
            for text, opens in zip(texts, frame[column.opens_from].to_list(), strict=True)
        ]
    told = " data-derived" if column.derived is not None else ""
    told += " data-figure" if column.is_figure else ""
    days = (
        [f' data-sort="{"" if day is None else day.isoformat()}"' for day in values] if column.kind in _DAYS else None
    )
    told_of = [told] * frame.height if days is None else [told + day for day in days]
    align = _align(column)
    if not heading and align == "pn-text" and _are_sentences([str(value or "") for value in values]):
        align += " pn-sentence"
    return [f'<{tag} class="{align}"{more}>{text}</{close}>' for text, more in zip(texts, told_of, strict=True)]


def _breakable(text: str) -> str:
    """HTML of a text; a word that no column could hold may be cut, so that it does not push the others away."""
    return escape(bind(_LONG_WORD.sub("\\g<0>\0", text))).replace("\0", "<wbr>")
