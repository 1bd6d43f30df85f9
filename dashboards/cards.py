"""The figure cards: a value, its target, a gauge, and its definition one click away.

Does not live here: the values (queries.py), the words of the definition (marts.indicator).
"""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from dashboards.tables import derived_html
from presentation import format_fr
from presentation.french import bind, part_of
from presentation.table import Derived


def indicator_card(
    row: dict[str, Any],
    note: str = "",
    span: str = "",
    opens: str = "",
    derived: Derived | None = None,
    trend: str = "",
) -> str:
    """The HTML of one indicator, from a row of `people.progress` (value null = withheld); `span`: since when; `opens`:
    the address that opens what it is made of (provenance.link); `trend`: HTML, how it moves (pace.trend)."""
    opens = "" if row["value"] is None else opens
    kind = row.get("kind") or format_fr.UNIT_WRITERS[row["unit"]]
    target = ""
    if row["target"] is not None and row["value"] is not None:
        target = _against_target(row)
    # A count always has a value: one that is missing is withheld.
    text = (
        format_fr.WITHHELD if row["value"] is None and row["unit"] != "ratio" else format_fr.write(row["value"], kind)
    )
    return card(row["label"], text, target + trend, note, definition_of(row), span, opens, derived)


def _against_target(row: dict[str, Any]) -> str:
    goal = format_fr.write(row["target"], format_fr.ROUND_WRITERS[row["unit"]])
    label = row["target_label"][0].lower() + row["target_label"][1:]
    if row["unit"] == "ratio":
        verdict = "respectée" if row["value"] >= row["target"] else "non respectée"
        return f"<p>{escape(row['target_label'])} : {escape(goal)}, <strong>{verdict}</strong></p>"
    share = float(row["value"] / row["target"]) if row["target"] else 0.0
    return (
        f'<div class="pn-gauge" aria-hidden="true"><span style="width:{min(share, 1) * 100:.1f}%"></span></div>'
        f"<p><strong>{escape(part_of(row['value'], row['target']))}</strong> de {escape(goal)} ({escape(label)})</p>"
    )


def definition_of(row: dict[str, Any]) -> str:
    """The folded definition of an indicator, from a row that has label, definition, formula and source."""
    return (
        f'<details><summary>Définition<span class="pn-hidden"> : {escape(row["label"])}</span></summary>'
        f"<p>{escape(row['definition'])}</p><p>Calcul : {escape(row['formula'])}.</p>"
        f"<p>Source : {escape(row['source'])}.</p></details>"
    )


def card(
    label: str,
    value: str,
    target: str = "",
    note: str = "",
    definition: str = "",
    span: str = "",
    opens: str = "",
    derived: Derived | None = None,
) -> str:
    """The HTML of one card; `target` and `definition` are HTML, the rest is text. `span`: since when it counts;
    `opens`: the address that opens what it is made of; `derived`: what it comes from, where it is no sum of lines."""
    size = " pn-small" if len(value) > 14 else ""
    more = f"<p>{escape(bind(note))}</p>" if note else ""
    told = f'<p class="pn-why pn-derived">{derived_html(derived)}</p>' if derived is not None else ""
    since = f'<p class="pn-span">{escape(span)}</p>' if span else ""
    return (
        f'<section class="pn-card"><h3>{escape(label)}</h3>{since}'
        f'<p class="pn-value{size}">{escape(value)}</p>'
        f"{target}{more}{definition}{_opening(label, opens)}{told}</section>"
    )


def _opening(label: str, opens: str) -> str:
    if not opens:
        return ""
    return (
        f'<p class="pn-why"><a href="{escape(opens)}" target="_self">D\'où vient ce chiffre ?'
        f'<span class="pn-hidden"> {escape(label)}</span></a></p>'
    )


def show(cards: list[str], heading: str = "") -> None:
    """Lay the cards out, as many a row as fit; a wide screen holds whole rows.

    `heading`: the heading a screen reader hears above them, where the page shows none.
    """
    above = f'<h2 class="pn-hidden">{escape(heading)}</h2>' if heading else ""
    grid = {3: " pn-three", 4: " pn-tight", 5: " pn-tight", 6: " pn-three"}.get(len(cards), "")
    st.html(f'{above}<div class="pn-cards{grid}">{"".join(cards)}</div>')
