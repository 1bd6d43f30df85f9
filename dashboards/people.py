"""People by territory as the pages may show them: small counts withheld, in every page by the same rule.

What is withheld is worked out once and kept, by all that it depends on (`Key`): the version, the rights of who reads
and the threshold; never by the filters, which come after. Does not live here: the rule itself (protection.py), the
threshold (programme/).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from dashboards.access import TEAM, Rights
from dashboards.frame import Page, answer
from dashboards.protection import far_apart, is_small, protect, protect_column
from dashboards.reading import NO_FILTER
from presentation import format_fr
from warehouse.published.figure_address import Figure

MEASURES = ["people_equipped", "people_reached"]
PARTS_OF_REACHED = ("people_reached_identified", "people_reached_anonymous")
SHARES = {"pic_share": "public_pic", "qpv_share": "residence_qpv"}


#: Protected tables kept: a version has six for a reader, and one reader in all but a few is of the team.
KEPT_TABLES = 200


class Key(NamedTuple):
    """All that a protected table depends on, besides the question."""

    path: str
    rights: Rights
    threshold: int

    @classmethod
    def of(cls, page: Page) -> Key:
        return cls(str(page.version.path), page.rights, page.programme.small_count_threshold)

    def ask(self, question: str, **values: object) -> pl.DataFrame:
        """The answer to a question, with the rights of this key."""
        return answer(self.path, self.rights, question, values)


def progress(page: Page) -> pl.DataFrame:
    """`Reader.progress`, its counts of people protected, with the writing of each row (kind, target_kind).

    Reached = identified + anonymous: a small one takes the other with it. A share is withheld with any of the counts
    it is made of; the share without an answer with it.
    """
    return _progress(Key.of(page))


@st.cache_data(max_entries=KEPT_TABLES, show_spinner=False)
def _progress(key: Key) -> pl.DataFrame:
    frame = key.ask("progress").with_columns(
        kind=pl.col("unit").replace_strict(format_fr.UNIT_WRITERS),
        target_kind=pl.col("unit").replace_strict(format_fr.ROUND_WRITERS),
    )
    counts = frame.filter(pl.col("unit") == "personne")
    small = set(counts.filter(is_small(pl.col("value"), key.threshold))["indicator"])
    if small & set(PARTS_OF_REACHED):
        small |= set(PARTS_OF_REACHED)
    # Read whole whatever the reader's rights: only whether a total of the programme may be shown comes of it.
    everyone = key._replace(rights=TEAM).ask("audience")
    for share, dimension in SHARES.items():
        if _programme_audience(everyone, dimension, key.threshold)["people_equipped"].null_count():
            small.add(share)
    secret = pl.col("indicator").is_in(sorted(small))
    return frame.with_columns(
        *(
            pl.when(secret).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("value", "ratio", "answered_share")
        ),
        kind=pl.when(secret & (pl.col("unit") == "ratio")).then(pl.lit("people_share")).otherwise("kind"),
    )


def moves(page: Page, frame: pl.DataFrame) -> pl.DataFrame:
    """The figures that changed: `progress` joined with `before`, and their `change`.

    A difference of people is a count of people: a small one is withheld with the earlier total that would give it.
    """
    threshold = page.programme.small_count_threshold
    moved = frame.with_columns(change=pl.col("value") - pl.col("before"))
    moved = moved.filter(pl.col("change").is_null() | (pl.col("change").abs() > 1e-9))
    of_people = pl.col("unit") == "personne"
    secret = of_people & is_small(pl.col("change"), threshold) | pl.col("change").is_null()
    return moved.with_columns(
        *(pl.when(secret).then(None).otherwise(pl.col(name)).alias(name) for name in ("before", "change")),
        change_kind=pl.concat_str(pl.lit("signed_"), "kind"),
    )


def burn_up(page: Page, measure: str) -> pl.DataFrame:
    """`Reader.burn_up`; for a count of people, only the days that neither are, nor part, a small count."""
    frame = page.ask("burn_up", measure=measure)
    if measure not in MEASURES:
        return frame
    return frame.filter(far_apart(frame["value"].to_numpy(), page.programme.small_count_threshold))


def audience(page: Page, dimension: str) -> pl.DataFrame:
    """territory × category of a dimension, protected within each call for projects, whose totals are shown too.

    Protecting before filtering keeps one cell's fate the same in every view: two views cannot be subtracted.
    """
    return _audience(Key.of(page), dimension)


@st.cache_data(max_entries=KEPT_TABLES, show_spinner=False)
def _audience(key: Key, dimension: str) -> pl.DataFrame:
    profile = key.ask("audience").filter(pl.col("dimension") == dimension)
    parts = [
        protect(part, "territory_code", "category", MEASURES, key.threshold) for part in profile.partition_by("ami")
    ]
    return pl.concat(parts) if parts else profile


def ami_audience(page: Page, dimension: str, ami: int) -> pl.DataFrame:
    """category → people of one call for projects, protected with the programme's totals known."""
    profile = page.ask("audience").filter(pl.col("dimension") == dimension)
    calls = profile.group_by("ami", "category").agg(pl.col(*MEASURES).sum()).sort("ami", "category")
    calls = calls.with_columns(call=pl.col("ami").cast(pl.String).fill_null("hors programme"))
    calls = protect(calls, "call", "category", MEASURES, page.programme.small_count_threshold)
    return calls.filter(pl.col("ami") == ami).select("category", *MEASURES)


def territory_totals(page: Page) -> pl.DataFrame:
    """`Reader.territory_totals` of every territory, its counts of people and shares protected.

    Identified and anonymous people are not given by territory: their difference is nearly always small. A share is
    withheld with any of the counts it is made of.
    """
    return _territory_totals(Key.of(page))


@st.cache_data(max_entries=KEPT_TABLES, show_spinner=False)
def _territory_totals(key: Key) -> pl.DataFrame:
    frame = key.ask("territory_totals", filters=NO_FILTER).drop("people_reached_identified", "people_reached_anonymous")
    parts = [protect_column(part, MEASURES, key.threshold) for part in frame.partition_by("ami")]
    frame = pl.concat(parts).sort("territory_name") if parts else frame
    for share, dimension in SHARES.items():
        known = _audience(key, dimension)
        hidden = known.filter(pl.col("people_equipped").is_null())["territory_code"].unique()
        answered = share.replace("_share", "_answered_share")
        secret = pl.col("territory_code").is_in(hidden.implode())
        frame = frame.with_columns(
            pl.when(secret).then(None).otherwise(pl.col(name)).alias(name) for name in (share, answered)
        )
    return frame


def programme_audience(page: Page, dimension: str) -> pl.DataFrame:
    """category → people of the whole programme, protected with its total known."""
    return _programme_audience(page.ask("audience"), dimension, page.programme.small_count_threshold)


def _programme_audience(audience: pl.DataFrame, dimension: str, threshold: int) -> pl.DataFrame:
    profile = audience.filter(pl.col("dimension") == dimension)
    whole = profile.group_by("category").agg(pl.col(*MEASURES).sum()).sort("category")
    return protect_column(whole, MEASURES, threshold)


#: The counts of people whose files are told, each file's part protected: no other is its complement in a file.
WITH_PARTS = ("people_equipped", "people_reached")


#: Every count of people and share of them that a page shows: what `is_of_people` says of the dictionary.
COUNTS = (*WITH_PARTS, *PARTS_OF_REACHED, *SHARES)


def is_of_people(words: dict[str, Any]) -> bool:
    """Whether a measure (a row of `Queries.dictionary`) counts people, or is a share of them."""
    return words["unit"] in ("personne", "ratio")


def has_parts(words: dict[str, Any]) -> bool:
    """Whether the part of each file may be given, once protected."""
    return not is_of_people(words) or words["code"] in WITH_PARTS


def has_sources(figure: Figure) -> bool:
    """Whether a count of people exists: since the start, for the programme or a territory (protection.py)."""
    return _is_whole(figure) and figure.place in ("programme", "territory") and len(figure.codes) < 2


def kind_of(words: dict[str, Any]) -> str:
    """How the measure is written; a count of people that is withheld reads « secret »."""
    kind = format_fr.UNIT_WRITERS.get(words["unit"], "integer")
    return {"integer": "people", "share": "people_share"}.get(kind, kind) if is_of_people(words) else kind


def whole_value(progress: pl.DataFrame, figure: Figure) -> float | None:
    """A figure of the whole programme among its totals; null for a part of it (months, a call for projects), which no
    total gives, and for one that has no total."""
    found = progress.filter(pl.col("indicator") == figure.indicator)
    return found["value"][0] if _is_whole(figure) and found.height else None


def _is_whole(figure: Figure) -> bool:
    return figure.start is None and figure.end is None and figure.ami is None


def value_of(page: Page, figure: Figure) -> float | None:
    """A figure of the current version as the pages show it: null where it is withheld there, or not shown at all."""
    if figure.place == "programme":
        return whole_value(progress(page), figure)
    found = territory_totals(page).filter(territory_code=figure.code)
    return found[figure.indicator][0] if figure.indicator in found.columns and found.height else None


def sources(page: Page, figure: Figure) -> pl.DataFrame:
    """The files behind a count of people, as `Reader.figure_files`; lines, dates and part null where withheld.

    Protected territory by file, all territories together, both totals known: a panel cannot be taken from another.
    """
    files = page.ask("figure_files", figure=figure)
    if figure.indicator not in WITH_PARTS:
        return files.select("file_name", "dataset", "extract_date")
    shown = _sources(Key.of(page), figure.indicator, figure.place, figure.code)
    return (
        files.drop("part")
        .join(shown, on="source_file_id", how="left")
        .with_columns(
            pl.when(pl.col("part").is_null()).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("lines", "first_on", "last_on")
        )
    )


@st.cache_data(max_entries=KEPT_TABLES, show_spinner=False)
def _sources(key: Key, indicator: str, place: str, code: str) -> pl.DataFrame:
    """source_file_id, part (null = withheld). Read whole whatever the reader's rights, as in `_progress`."""
    cells = key._replace(rights=TEAM).ask("figure_cells", indicator=indicator)
    if place == "programme":
        cells = cells.group_by("source_file_id").agg(pl.col("part").sum()).sort("source_file_id")
        return protect_column(cells, ["part"], key.threshold)
    cells = protect(cells, "territory_code", "source_file_id", ["part"], key.threshold)
    return cells.filter(territory_code=code).select("source_file_id", "part")
