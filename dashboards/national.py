"""A national view as its pages read it: whose figures, who may see which, and the head of such a page.

The team reads the figures as they are; everyone else the protected ones (reporting/national), a commanditaire its own
beside the national sums. Does not live here: making the view (passnum union), what the pages show (national_pages/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from dashboards import session
from dashboards.access import ROLE_LABELS, Rights
from dashboards.frame import NOT_PROTECTED, Page, version_at
from presentation import format_fr
from presentation.sentences import DEMO
from presentation.table import Column
from programme.config import PROJECT_FOLDER, load_programme
from reporting.national import facts, store
from reporting.national.protected import DECIDED_BY
from warehouse.published import versions
from warehouse.published.national import is_national
from warehouse.published.versions import connect
from warehouse.settings import Home

#: Indicators that are no fact of these pages: withheld with the count that decides. Those of the budget are public.
FOLLOWS = {"reimbursed_eur": "passes_used", "state_share_due_eur": "passes_used", "session_hours": "passes_used",
           "pic_share": "people_equipped", "qpv_share": "people_equipped"}  # fmt: skip
_SHARES = {"pic_share": "public_pic=", "qpv_share": "residence_qpv="}


class NotPrepared(Exception):
    """The protected figures of the version are not there: nobody outside the team can be shown any."""


def is_shown() -> bool:
    """Whether the home of these pages has a national view in line."""
    path = versions.current_path(Home.at())
    return path is not None and _is_national(str(path))


@lru_cache(maxsize=8)
def _is_national(path: str) -> bool:
    return is_national(Path(path))


@dataclass(frozen=True)
class National:
    """The figures of one national version that one reader may see.

    facts: kind, place, span, measure, value (null: withheld). members: a row a commanditaire. totals: a row an
    indicator of the nation. as the page: what draws tables and charts.
    """

    page: Page
    facts: pl.DataFrame
    members: pl.DataFrame
    totals: pl.DataFrame

    @property
    def names(self) -> dict[str, str]:
        """SIREN → name of those who are there, each name of one alone."""
        told = dict(self.members.filter("is_present").select("siren", "name").rows())
        times = Counter(told.values())
        return {siren: name if times[name] == 1 else f"{name} ({siren})" for siren, name in told.items()}

    def meanings(self, columns: Sequence[Column]) -> tuple[tuple[str, str], ...]:
        """(label, definition) of the figures of a table, for its file."""
        names = {column.name for column in columns}
        rows = self.totals.filter(pl.col("code").is_in(list(names))).to_dicts()
        return tuple((row["label"], f"{row['definition']} ({row['formula']})") for row in rows)

    def since_the_start(self, kind: str) -> pl.DataFrame:
        """place, and a column a measure, since the start."""
        own = self.facts.filter(pl.col("kind") == kind, pl.col("span") == "tout")
        if own.is_empty():
            return pl.DataFrame(schema={"place": pl.String})
        return own.pivot("measure", index="place", values="value").sort("place")

    def quarters(self, siren: str | None, measure: str) -> pl.DataFrame:
        """month (the first of each quarter), and the measure: of the nation, or of one commanditaire."""
        own = self.facts.filter(
            pl.col("kind") == ("national" if siren is None else "commanditaire"), pl.col("place") == (siren or ""),
            pl.col("measure") == measure, pl.col("span").str.contains(r"^\d{4}-T\d$"),
        )  # fmt: skip
        first = pl.date(
            pl.col("span").str.head(4).cast(pl.Int32), (pl.col("span").str.tail(1).cast(pl.Int32) - 1) * 3 + 1, 1
        )
        return own.select(first.alias("month"), pl.col("value").alias(measure)).sort("month")

    def territories(self, siren: str) -> pl.DataFrame:
        """The territories of one commanditaire since the start: territory_code, territory_name, a column a measure."""
        own = self.since_the_start("territory")
        own = own.filter(pl.col("place").str.starts_with(f"{siren}:"))
        named = pl.DataFrame(self._territory_names(siren), schema=["territory_code", "territory_name"], orient="row")
        coded = own.with_columns(territory_code=pl.col("place").str.split(":").list.last())
        return coded.join(named, on="territory_code", how="left").sort("territory_name")

    def _territory_names(self, siren: str) -> list[tuple[str, str]]:
        with connect(self.page.version.path) as con:
            return con.execute(
                "select territory_code, territory_name from national.territory_progress where siren = ?", [siren]
            ).fetchall()


def open_national(title: str, lead: str) -> National:
    """Draw the head of a national page and return what it works with; stops where there is nothing to show."""
    home = Home.at()
    rights = session.rights(home)
    st.title(title, anchor=False)
    st.html(f'<p class="pn-lead">{escape(lead)}</p>')
    path = versions.current_path(home)
    assert path is not None, "a national page is drawn for a national version"
    if rights.role == "territoire":
        st.info("Votre accès est celui d'un territoire : la vue nationale ne vous est pas ouverte.")
        st.stop()
    try:
        known, members, totals = figures(str(path), rights)
    except NotPrepared:
        st.error("Les chiffres protégés de cette version ne sont pas là. L'équipe relance « passnum union --force ».")
        st.stop()
    version = version_at(str(path))
    there = members.filter("is_present")
    scope = _scope(rights, members)
    # The settings that the product ships: no figure of these pages depends on them.
    page = Page(title, version, rights, load_programme(PROJECT_FOLDER), scope, st.empty(), st.container())
    if version.is_demo:
        page.opening.html(f'<p class="pn-banner" role="note">{escape(DEMO)}</p>')
    told = {
        "Données au": _dates(there),
        "Version": f"{version.build_id}, publiée le {format_fr.instant(version.published_at)}",
        "Périmètre": scope,
    }
    if not rights.is_team or session.is_signed_in():
        told["Accès"] = ROLE_LABELS[rights.role]
    told["Petits effectifs"] = "secrets" if rights.is_protected else NOT_PROTECTED
    items = "".join(f"<div><dt>{name} :</dt> <dd>{escape(text)}</dd></div>" for name, text in told.items())
    page.facts.html(f'<dl class="pn-facts">{items}</dl>')
    return National(page, known, members, totals)


def _dates(there: pl.DataFrame) -> str:
    dates = sorted(there["as_of"].to_list())
    first, last = dates[0], dates[-1]
    said = format_fr.day_long(last)
    return said if first == last else f"{said} (la plus ancienne au {format_fr.day_long(first)})"


def _scope(rights: Rights, members: pl.DataFrame) -> str:
    there, listed = int(members["is_present"].sum()), members.height
    if rights.siren is not None:
        name = members["name"][0] if listed else rights.siren
        return f"{name}, et les sommes nationales"
    whole = format_fr.count(listed, "commanditaire", "commanditaires")
    return whole if there == listed else f"{there} des {whole}"


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs={Rights: repr})
def figures(path: str, rights: Rights) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """facts, members and totals of the national file at `path` (real path), cut to the rights of a reader. Raises
    NotPrepared."""
    with connect(Path(path)) as con:
        members = con.execute("from national.commanditaire order by name").pl()
        totals = con.execute(
            "select named.*, total.value, total.target from national.total as total inner join"
            " (select distinct on (code) code, rank, label, definition, formula, unit, source, target_label"
            " from national.indicator order by code, siren) as named on named.code = total.indicator order by rank"
        ).pl()
        known = con.execute("from national.fact").pl() if rights.is_team else None
    if known is None:
        kept = store.load(Path(path))
        if kept is None:
            raise NotPrepared(path)
        known, totals = kept, _guarded(totals, kept)
    if rights.siren is not None:
        own = (pl.col("place") == rights.siren) | pl.col("place").str.starts_with(f"{rights.siren}:")
        known = known.filter((pl.col("kind") == facts.NATIONAL) | own)
        members = members.filter(siren=rights.siren)
    return known, members, totals


def _guarded(totals: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The totals whose count is withheld are withheld; a share, with any of the answers that it is made of."""
    whole = known.filter(kind=facts.NATIONAL)
    shown = set(whole.filter(pl.col("span") == "tout", pl.col("value").is_not_null())["measure"])
    secret = whole.filter(pl.col("value").is_null(), pl.col("measure") == "people_equipped")["span"].to_list()
    decides = DECIDED_BY | FOLLOWS
    hidden = [
        code for code in totals["code"]
        if (code in decides and decides[code] not in shown)
        or any(span.startswith(_SHARES.get(code, "-")) for span in secret)
    ]  # fmt: skip
    return totals.with_columns(value=pl.when(~pl.col("code").is_in(hidden)).then("value"))
