"""The account as a PDF: its sections in the order an accountant reads them, each table with its caption and its pieces.

Does not live here: the figures (account.py), the sentences of a section (document_text.py), how it is set
(account.typ).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from presentation.format_fr import KINDS, LEFT_KINDS
from presentation.french import count, day, day_long, integer
from presentation.table import Table
from programme.config import Programme
from reporting.files.changes import BETWEEN, written
from reporting.files.replaced import Replaced
from reporting.files.typeset import make_pdf
from reporting.mandate import document_text as text
from reporting.mandate.account import Account
from reporting.mandate.identity import Parties, signatures
from reporting.mandate.tables import MOVES
from reporting.mandate.workbook import alert_of, totals

_ISO = re.compile(r"\d{4}-\d\d-\d\d$")
_TEMPLATE = Path(__file__).with_name("account.typ")
#: Lines of these tables that stay readable on paper; the workbook has every line. The others are printed whole.
LONGEST = 400
_SHORTENED = ("regularisations", "trop_percus", "changements", "ce_qui_a_change", "developpement_des_soldes")
#: Texts share the width of a page by the longest of each, within these bounds; a figure takes what it needs.
_NARROWEST, _BROADEST = 26, 180
_PIECES = "pieces"
#: What must not be cut takes what it needs too.
_NEEDED = (
    "lieu_siret", "reference", "number", "entry_id", "piece", "way_label", "lot_code", "order_reference", "sha256",
)  # fmt: skip
Section = dict[str, Any]


def write_pdf(account: Account, programme: Programme, parties: Parties, number: int, since: Replaced) -> bytes:
    """The PDF file. since: what it changes of the edition that it replaces."""
    version, year = account.version, account.year
    rectifies = "changements" in account.statements
    data = {
        "title": f"Compte du mandat {year}" + (" — édition rectificative" if rectifies else ""),
        "subtitle": f"{programme.name} — article D. 1611-25 du CGCT — du 1er janvier au "
        f"{day_long(date(year, 12, 31))} — édition {number}",
        "footer": f"Compte du mandat {year}, édition {number} — données au {day_long(version.as_of)} — "
        f"version {version.build_id}" + (" — données de démonstration" if version.is_demo else ""),
        "alert": alert_of(account),
        "introduction": text.INTRODUCTION,
        "sections": _sections(account, since),
        "signatures": [
            {"title": one.title, "text": one.text, "signatory": one.signatory} for one in signatures(parties, year)
        ],
    }
    return make_pdf(_TEMPLATE, data, {}, version.published_at)


def _sections(account: Account, since: Replaced) -> list[Section]:
    """In the order of the article: who, balances, operations, treasury, claims; then line by line, then the pieces."""

    def of(title: str, sentence: str, *names: str, level: int = 1) -> Section:
        made = [shown for name in names for shown in _all_shown(account, account.statements[name])]
        overflow = "".join(_overflow(account.statements[name]) for name in names)
        return {"title": title, "level": level, "text": sentence + overflow, "tables": made, "points": []}

    changed = []
    if since.sentences:
        changed.append({**of("Ce qui a changé depuis l'édition remplacée", ""), **_since(account, since)})
    if "changements" in account.statements:
        changed.append(of("Changements, ligne par ligne", text.changes(account), "changements"))
    late = "regularisations_par_nature", *(["regularisations"] if _has(account, "regularisations") else [])
    owed = ["trop_percus", "trop_percus_mouvements"] if _has(account, "trop_percus") else []
    return [
        *changed,
        of("Identification du mandat", text.IDENTITY, "identification"),
        of("Balance générale des comptes", text.balance(account), "balance_generale"),
        of("Opérations de l'année par nature, sans contraction", text.OPERATIONS, "operations_par_nature"),
        of("Situation de trésorerie", text.TREASURY, "tresorerie"),
        of("Rapprochement", text.gap(account), "rapprochement", level=2),
        of("État des créances demeurées impayées", text.claims(account), "creances"),
        of("Trop-perçus à recouvrer sur les lieux", text.receivables(account), "trop_percus_synthese", *owed, level=2),
        of("États de développement des soldes", text.DEVELOPMENT, "developpement_des_soldes"),
        of("Régularisations d'exercices antérieurs", text.regularised(account), *late),
        of("Avoirs dus par l'opérateur", text.CREDIT_NOTES, "avoirs_synthese", "avoirs_dus"),
        of("Balance des pass confiés au mandataire, par territoire", text.PASSES, "balance"),
        of("Restes à contre-payer à la clôture", text.unpaid(account), "restes_a_payer"),
        of("Écritures budgétaires de l'année", text.ENTRIES, "ecritures"),
        of("Contre-paiements aux lieux, un par un", text.counter_payments(account), "contre_paiements"),
        of("Opérations par nature, mois par mois", text.MONTHS, "operations"),
        of("Pièces", text.PIECES, "pieces"),
    ]


def _has(account: Account, name: str) -> bool:
    return account.statements[name].values.height > 0


def _since(account: Account, since: Replaced) -> Section:
    """What moved, value by value, under the sentences that say how many, why, and by which deliveries."""
    moved = since.moved
    if not moved.values.height:
        return {"text": "", "points": since.sentences, "tables": []}
    shown = _shown(account, moved, ("tableau", "ligne", "colonne", "avant", "maintenant", "pourquoi"))
    places = [number for number, column in enumerate(shown["columns"]) if column["title"] in ("Avant", "Maintenant")]
    for place in places:
        shown["columns"][place] |= {"side": "right", "width": 0}
    names = dict(account.statements["balance"].values.select("territory_code", "territory_name").rows())
    shown["rows"] = [
        [written(cell) if number in places else _in_words(cell, names) for number, cell in enumerate(row)]
        for row in shown["rows"]
    ]
    return {"text": f"{text.CHANGED}{_overflow(moved)}", "points": since.sentences, "tables": [shown]}


def _in_words(key: str, names: Mapping[str, str | None]) -> str:
    """The key of a line, as a CSV has it, for a reader: « Pass utilisés (sortie) · 01/10/2022 », a territory's name."""
    parts = [
        day(date.fromisoformat(part)) if _ISO.match(part) else names.get(part) or part for part in key.split(BETWEEN)
    ]
    return BETWEEN.join(parts)


def _all_shown(account: Account, table: Table) -> list[dict[str, Any]]:
    """A table, or the two that it is on paper: the general balance stands on one page, its pieces under it."""
    if table.layout.name == "balance":
        return [
            {**_passes_over_euros(table.values, totals(account, table)), "caption": table.layout.title, "whole": False}
        ]
    if table.layout.name == "balance_generale":
        names = [column.name for column in table.layout.columns]
        pieces = _shown(account, table, [names[0], _PIECES])
        told = {"caption": f"{table.layout.title} : pièces, compte par compte", "total": []}
        return [_shown(account, table, [name for name in names if name != _PIECES], whole=True), pieces | told]
    return [_shown(account, table)]


def _shown(account: Account, table: Table, names: Sequence[str] = (), *, whole: bool = False) -> dict[str, Any]:
    """A table as the template sets it: columns (title, side, share of the width), rows and total as texts."""
    kept = [column for column in table.layout.columns if not names or column.name in names]
    short = table.values.head(LONGEST) if table.layout.name in _SHORTENED else table.values
    total = totals(account, table)
    columns = [
        {
            "title": column.title,
            "side": "left" if column.kind in LEFT_KINDS else "right",
            "width": 0 if column.name in _NEEDED or column.kind != "text" else _share(column.title, short[column.name]),
        }
        for column in kept
    ]
    rows = short.select(column.name for column in kept).rows()
    kinds = [column.kind for column in kept]
    return {
        "caption": table.layout.title,
        "whole": whole,
        "columns": columns,
        "rows": [[_text(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in rows],
        "total": [_text(column.kind, total.get(column.name)) for column in kept] if total else [],
    }


def _share(title: str, texts: Iterable[str | None]) -> int:
    """The share of a page's width that a column of texts takes: that of its longest, its title included."""
    longest = max(len(text or "") for text in (title, *texts))
    return min(max(longest, _NARROWEST), _BROADEST)


def _passes_over_euros(frame: pl.DataFrame, total: dict[str, Any] | None) -> dict[str, Any]:
    """The balance of the passes: of each move, passes and face value in one cell, so that the pieces have their
    column."""

    def cells(row: dict[str, Any]) -> list[str]:
        name = row.get("territory_name") or row["territory_code"]
        moves = [f"{_text('integer', row[f'{m}_passes'])}\n{_text('euros', row[f'{m}_eur'])}" for m in MOVES]
        return [name, *moves, row.get("pieces") or ""]

    heads = ["Territoire", *text.MOVE_HEADS, "Pièces"]
    rows = [cells(row) for row in frame.to_dicts()]
    widths = [
        _share(heads[0], (row[0] for row in rows)),
        *[0] * len(MOVES),
        _share(heads[-1], (row[-1] for row in rows)),
    ]
    sides = ["left", *["right"] * len(MOVES), "left"]
    return {
        "columns": [
            {"title": head, "side": side, "width": width}
            for head, side, width in zip(heads, sides, widths, strict=True)
        ],
        "rows": rows,
        "total": cells({**total, "territory_name": "Total"}) if total else [],
    }


def _overflow(table: Table) -> str:
    if table.values.height <= LONGEST or table.layout.name not in _SHORTENED:
        return ""
    return (
        f" {count(LONGEST, 'ligne')} sont imprimées sur {integer(table.values.height)} : toutes sont dans le classeur, "
        f"feuille « {table.layout.sheet} »."
    )


def _text(kind: str, value: Any) -> str:
    return "" if value is None else KINDS[kind].write(value)
