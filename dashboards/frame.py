"""The frame of every page: which version is read, by whom, its header, its states, and the cache by version.

`open_page` gives a page all it needs, or says in French why nothing can be shown and stops. Does not live here: the
filters (filters.py), the queries (queries.py), the sign-in (session.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import connections, coverage, drawing, preparing, session, tables
from dashboards.access import ROLE_LABELS, Rights
from dashboards.chart_files import as_png, as_svg
from dashboards.downloads import Origin, file_name
from dashboards.drawing import Drawing
from dashboards.offers import offer, offer_images
from dashboards.queries import Reader
from dashboards.queries_protected import ProtectedReader
from dashboards.reading import Filters
from dashboards.rights import NotAllowed
from presentation import format_fr
from presentation.attention.quality import Checks
from presentation.freshness import Freshness
from presentation.sentences import DEMO, refused_run
from presentation.table import Column
from programme import clock
from programme.config import Programme, load_programme
from programme.errors import ProgrammeError
from reporting.cube import issued_by
from warehouse.published import builds, versions
from warehouse.published.figure_address import Figure
from warehouse.published.held import words_beside
from warehouse.published.version_settings import VersionTooOld, settings_of
from warehouse.published.versions import Version
from warehouse.settings import Home

#: Answers kept: a page asks about ten questions, a view a few more; a version replaces the one before it.
CACHED_ANSWERS = 400
#: Dataclasses whose text tells them whole: Streamlit would take each apart, field by field.
TOLD_WHOLE: dict[str | type, Callable[[Any], Any]] = dict.fromkeys((Rights, Filters, Figure), repr)
#: What can be done about a figure withheld.
HOW_TO_SEE = (
    "petits effectifs, ou chiffres qui permettraient d'en retrouver un. Là où les filtres s'appliquent, une période "
    "plus longue (trimestre, année) ou moins de filtres en montrent davantage."
)
NOT_PROTECTED = (
    "Chiffres non protégés : les petits effectifs y sont visibles. Ils sont pour l'équipe seule ; ne les diffusez pas "
    "tels quels."
)
#: The filters of a page in words: coverage.Choice, or (label, text) for what is no filter.
Words = Sequence[tuple]


@dataclass(frozen=True)
class Page:
    """What a page works with: the version, the reader's rights, the programme.

    facts: the line that says the version, the checks and the scope; opening: the place above it.
    """

    title: str
    version: Version
    rights: Rights
    programme: Programme
    scope: str
    facts: DeltaGenerator
    opening: DeltaGenerator

    def within(self, scope: str) -> Page:
        """The same page about a part of the programme: its head and its files say so."""
        narrowed = replace(self, scope=scope)
        _draw_facts(narrowed)
        return narrowed

    def kind(self, name: str) -> str:
        """The kind of a figure on this page: where it may be withheld, a missing one reads « secret »."""
        return format_fr.GUARDED.get(name, name) if self.rights.is_protected else name

    def guarded(self, frame: pl.DataFrame, columns: list[Column]) -> tuple[pl.DataFrame, list[Column]]:
        """The rows and columns of a table, its figures written as this page writes them."""
        if not self.rights.is_protected:
            return frame, columns
        named = {column.kind_from for column in columns if column.kind_from and not column.may_miss}
        frame = frame.with_columns(pl.col(name).replace(format_fr.GUARDED) for name in sorted(named))
        known = [column for column in columns if column.name in frame.columns]
        return frame, [replace(c, kind=self.kind(c.kind)) if c.is_figure and not c.may_miss else c for c in known]

    def ask(self, question: str, **values: Any) -> pl.DataFrame:
        """The answer of `Reader.<question>(**values)`, kept for this version, these rights and these values."""
        # By their names: Streamlit looks up, each time, the name of an argument that has none.
        return answer(path=str(self.version.path), rights=self.rights, question=question, values=values)

    def definitions(self, *codes: str) -> list[tuple[str, str]]:
        """(label, definition) of indicators, for a download."""
        if not codes:
            return []
        known = {row["code"]: row for row in self.ask("indicators").to_dicts()}
        return [(known[code]["label"], f"{known[code]['definition']} ({known[code]['formula']})") for code in codes]

    def show(self, frame: pl.DataFrame, columns: list[Column], caption: str, words: Words = ()) -> None:
        """A table, with what its figures cover and the filters in force that they do not follow."""
        frame, columns = self.guarded(frame, columns)
        tables.show(frame, coverage.titles(columns, words), caption, coverage.about(caption, columns, words))
        self._tell_unfollowed(columns, words)
        self._tell_withheld(frame, columns)

    def picture(
        self, chart: Drawing, alt_text: str, height: int, title: str = "", words: Words = (), named: str = ""
    ) -> None:
        """A chart, its text alternative, and its image to take away; its table is beside it.

        `title`: of the image; without one, what its text alternative says first. `named`: what its buttons call it.
        """
        specification = drawing.draw(chart, alt_text, height, str(self.version.path), self.rights)
        title = title or alt_text.split(". ")[0].rstrip(".")
        named = named or title
        notes = [f"{one.label[:1].upper()}{one.label[1:]} : {one.text}" for one in coverage.choices(words)]
        demo = [DEMO] if self.version.is_demo else []
        notes += [*demo, f"Pass numérique, {self.scope}. Données au {format_fr.day(self.version.as_of)}."]
        stem = file_name(title, self.version.as_of, coverage.choices(words))
        offer_images(
            stem, named, partial(as_png, specification, title, notes), partial(as_svg, specification, title, notes)
        )

    def draw(
        self,
        chart: Drawing,
        alt_text: str,
        frame: pl.DataFrame,
        columns: list[Column],
        caption: str,
        words: Words = (),
        height: int = 320,
    ) -> None:
        """A chart and, folded, its table, which say what their figures cover."""
        frame, columns = self.guarded(frame, columns)
        about = coverage.about(caption, columns, words)
        applied = coverage.applied(columns, words)
        self.picture(chart, alt_text, height, tables.joined(caption, about), applied, caption)
        tables.show_folded(frame, coverage.titles(columns, words), caption, about)
        self._tell_unfollowed(columns, words)
        self._tell_withheld(frame, columns)

    def _tell_withheld(self, frame: pl.DataFrame, columns: list[Column]) -> None:
        """How much of a table is withheld, and what a reader can do about it."""
        if not self.rights.is_protected:
            return
        # Of a column whose rows have each their kind, the rows that may read « secret »: a missing target is not one.
        guarded = [
            value
            for column in columns
            if column.name in frame.columns
            for value, kind in zip(frame[column.name].to_list(), column.kinds(frame), strict=True)
            if kind in format_fr.PEOPLE_KINDS
        ]
        hidden = guarded.count(None)
        if hidden:
            told = f"{format_fr.count(hidden, 'case secrète', 'cases secrètes')} sur {format_fr.integer(len(guarded))}"
            st.html(f'<p class="pn-note">{told} : {escape(HOW_TO_SEE)}</p>')

    def _tell_unfollowed(self, columns: list[Column], words: Words) -> None:
        for sentence in coverage.sentences(columns, words):
            st.html(f'<p class="pn-note">{escape(sentence)}</p>')

    def download(
        self,
        name: str,
        frame: pl.DataFrame,
        columns: list[Column],
        title: str,
        filters: Words = (),
        indicators: tuple[str, ...] = (),
        meanings: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Under a table: the definitions of its figures, and its rows as CSV and XLSX with where they come from.

        The files say what their figures cover and which filters apply (coverage.py), in their head and in the titles.

        `indicators`: codes of the dictionary; `meanings`: (label, definition) of columns that are no indicator.
        """
        if frame.is_empty():
            return
        frame, columns = self.guarded(frame, columns)
        origin = Origin(
            title,
            self.version.as_of,
            self.version.build_id,
            self.scope,
            self.version.is_demo,
            coverage.origin_lines(columns, filters),
            [*self.definitions(*indicators), *meanings],
        )
        stem = file_name(name, self.version.as_of, coverage.applied(columns, filters))
        columns = coverage.titles(columns, filters, always=True)
        if origin.definitions:
            words = "".join(
                f"<dt><strong>{escape(label)}</strong></dt><dd>{escape(text)}</dd>"
                for label, text in origin.definitions
            )
            st.html(
                f'<details class="pn-details"><summary>Définitions<span class="pn-hidden"> : {escape(title)}</span>'
                f"</summary><dl>{words}</dl></details>"
            )
        offer(name, stem, frame, columns, origin)


@st.cache_resource(max_entries=CACHED_ANSWERS, show_spinner=False, hash_funcs=TOLD_WHOLE)
def answer(path: str, rights: Rights, question: str, values: dict[str, Any]) -> pl.DataFrame:
    """The answer to a question on the published file at `path`, kept: a published file never changes, and no page
    writes in a frame (every reader of these rights has the very same one)."""
    reader = ProtectedReader if rights.is_protected else Reader
    return getattr(reader(Path(path), rights, connections.opened(path, rights)), question)(**values)


@st.cache_data(max_entries=8, show_spinner=False)
def version_at(path: str) -> Version:
    """What the published file at `path` says of itself. Raises VersionGone."""
    try:
        return versions.read_version(Path(path))
    except duckdb.IOException as error:
        if Path(path).exists():
            raise
        raise connections.VersionGone(path) from error


@st.cache_data(max_entries=2, ttl=30, show_spinner=False)
def _settings_in_force() -> tuple[Programme | None, str]:
    """The settings of today and, where they cannot be read, why; read again every half-minute."""
    try:
        return load_programme(), ""
    except ProgrammeError as error:
        return None, str(error)


@st.cache_data(max_entries=4, show_spinner=False)
def _settings_of(path: str, current: Programme | None) -> Programme:
    return settings_of(version_at(path), current)


@st.cache_data(max_entries=4, show_spinner=False)
def _last_build(lake: Path, stamp: float) -> builds.BuildRecord | None:
    return next(iter(reversed(builds.load(lake))), None)


def last_build(home: Home) -> builds.BuildRecord | None:
    """The latest build tried in this home, refused ones included; None before the first."""
    folder = home.lake / builds.BUILDS
    return _last_build(home.lake, folder.stat().st_mtime if folder.exists() else 0.0)


def refused_since(home: Home, version: Version | None) -> builds.BuildRecord | None:
    """The last build of this home where it was refused and is later than `version` (None: nothing is published)."""
    build = last_build(home)
    if build is None or build.status != "refused" or (version is not None and build.build_id < version.build_id):
        return None
    return build


def open_page(
    title: str,
    lead: str,
    *,
    for_programme: bool = False,
    before_any_version: Callable[[Rights], None] | None = None,
) -> Page:
    """Draw the head of a page and return what it works with; stops when there is nothing to show.

    `for_programme`: the page is for the team and the steering committee; a territory's reader is told so.
    `before_any_version`: what the page draws all the same where nothing was ever published.
    """
    home = Home.at()
    rights = session.rights(home)
    st.title(title, anchor=False)
    st.html(f'<p class="pn-lead">{escape(lead)}</p>')
    if rights.role == "commanditaire":
        st.info("Votre accès est celui d'une vue nationale : les pages d'un programme ne vous sont pas ouvertes.")
        st.stop()
    path = versions.current_path(home)
    if path is None:
        _nothing_yet(refused_since(home, None))
        if before_any_version is not None and rights.role != "territoire":
            before_any_version(rights)
        st.stop()
    version = version_at(str(path))
    current, mistake = _settings_in_force()
    try:
        programme = _settings_of(str(path), current)
    except VersionTooOld as error:
        st.error(f"Rien ne peut être affiché. {error}")
        st.stop()
    _banners(version, refused_since(home, version), mistake)
    if rights.is_protected:
        rights = replace(rights, threshold=programme.small_count_threshold, issued=issued_by(path))
    opening, facts = st.container(), st.empty()
    if rights.is_protected:
        preparing.wait_for(path, rights, facts)
    page = Page(title, version, rights, programme, _scope(rights, programme), facts, opening)
    _draw_facts(page)
    if for_programme and rights.role == "territoire":
        st.info("Cette page est réservée à l'équipe du programme et au comité de pilotage.")
        st.stop()
    return page


def _scope(rights: Rights, programme: Programme) -> str:
    if rights.territory_code is None:
        return f"les {len(programme.territories)} territoires du programme"
    names = {territory.code_insee: territory.nom for territory in programme.territories}
    return names.get(rights.territory_code, rights.territory_code)


def _nothing_yet(refused: builds.BuildRecord | None) -> None:
    if refused is not None:
        st.error(
            f"Aucune version n'est publiée : le passage du {format_fr.instant(refused.finished_at)} a été refusé par "
            "un contrôle bloquant. La page Qualité dit lequel, sur quels fichiers, et que faire."
        )
    else:
        st.info(
            "Aucune donnée n'est encore publiée. Déposez les exports dans le dossier « landing », puis lancez "
            "« passnum run ». Cette page se remplira sans redémarrage."
        )


def checks(page: Page, see: str = "") -> Checks:
    """The checks of the version read. `see`: where they are listed."""
    row = page.ask("builds").row(0, named=True)
    return Checks(row["checks"], row["checks_ok"], row["not_made"], see)


def verdict(page: Page) -> str:
    """« publiable : 64 contrôles réussis sur 66, 2 en avertissement » for the version read."""
    return f"publiable : {checks(page).words}"


def _banners(version: Version, refused: builds.BuildRecord | None, mistake: str) -> None:
    """What every page must say first. `mistake`: why the settings in force cannot be read, empty when they can."""
    if version.is_demo:
        st.html(f'<p class="pn-banner" role="note">{escape(DEMO)}</p>')
    if refused is not None:
        st.html(
            '<p class="pn-banner pn-refused" role="note">'
            f"{escape(refused_run(format_fr.instant(refused.finished_at)))} : les chiffres affichés restent ceux de la "
            f"version du {escape(format_fr.instant(version.published_at))}. "
            '<a href="qualite" target="_self">Ce qui est en cause et que faire</a>.</p>'
        )

    if mistake:
        st.warning(
            f"Les réglages du programme ne peuvent pas être lus : cette page suit ceux de la version publiée. {mistake}"
        )


def _draw_facts(page: Page) -> None:
    """What every page says of itself: the date of the data, the version, the verdict of the checks, the scope."""
    version = page.version
    kept = words_beside(Home.at(), version.build_id)
    facts = {
        "Données au": format_fr.day_long(version.as_of),
        **Freshness(version.as_of, clock.today_in_paris(), page.programme.expected_delivery_days).lateness,
        "Version": f"{version.build_id}, publiée le {format_fr.instant(version.published_at)}{kept}",
        "Qualité": verdict(page),
        "Périmètre": page.scope,
    }
    if not page.rights.is_team or session.is_signed_in():
        facts["Accès"] = ROLE_LABELS[page.rights.role]
    facts["Petits effectifs"] = "secrets" if page.rights.is_protected else NOT_PROTECTED
    items = "".join(f"<div><dt>{name} :</dt> <dd>{escape(text)}</dd></div>" for name, text in facts.items())
    page.facts.html(f'<dl class="pn-facts">{items}</dl>')


__all__ = [
    "NotAllowed",
    "Page",
    "answer",
    "checks",
    "last_build",
    "open_page",
    "refused_since",
    "verdict",
    "version_at",
]
