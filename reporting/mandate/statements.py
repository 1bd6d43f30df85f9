"""The short statements of the account: treasury, credit notes, what the lieux owe, and how the treasury is explained.

Each is lines of a label and an amount, opening first, closing last; `MOVES` says which moves make a line, for its
pieces. Does not live here: the figures (queries.py), the tables line by line (tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from presentation.table import Table
from reporting.mandate.pieces import ABOVE, NOT_CITED
from reporting.mandate.tables import make_table

ZERO = Decimal("0.00")
Lines = dict[str, Decimal]
_ADDED = "Régularisations d'exercices antérieurs, en plus"
_REMOVED = "Régularisations d'exercices antérieurs, en moins"
_BORN = "Avoirs nés dans l'année (pass expirés et annulés)"
_REGULARISED = {"added": _ADDED, "removed": _REMOVED}
#: Of each account, its moves in the order they are read → their labels; two moves may make one line.
MOVES: dict[str, dict[str, str]] = {
    # The operator's treasury of face value: what it was paid, what it paid out, got back and gave back.
    "treasury": {
        "opening": "Solde à l'ouverture",
        "mandatement": "Versements de la Métropole (mandatements, valeur faciale)",
        "counter_payment": "Contre-paiements aux lieux",
        "recouvrement_lieu": "Recouvrements sur les lieux",
        "avoir": "Avoirs remboursés à la Métropole",
        **_REGULARISED,
        "closing": "Solde à la clôture",
    },
    # What the lieux owe: payments that their lines no longer support, less what they gave back.
    "receivable": {
        "opening": "Trop-perçus à recouvrer à l'ouverture",
        "trop_percu": "Trop-perçus constatés dans l'année",
        "recouvrement": "Recouvrés dans l'année",
        **_REGULARISED,
        "closing": "Trop-perçus à recouvrer à la clôture",
    },
    # Credit notes of face value: due so far, born and received in the year, and what is still to come.
    "credit_note": {
        "opening": "Avoirs dus et non reçus à l'ouverture",
        "expired": _BORN,
        "cancelled": _BORN,
        "avoir": "Avoirs reçus dans l'année",
        **_REGULARISED,
        "closing": "Avoirs dus et non reçus à la clôture",
    },
}
#: Name, sheet and title of the table of each.
_TABLES = {
    "treasury": ("tresorerie", "Trésorerie", "Situation de trésorerie (valeur faciale confiée à l'opérateur)"),
    "receivable": ("trop_percus_synthese", "Trop-perçus, synthèse", "Trop-perçus à recouvrer sur les lieux, synthèse"),
    "credit_note": ("avoirs_synthese", "Avoirs, synthèse", "Avoirs dus par l'opérateur, synthèse"),
}


def chain(account: str, move: Mapping[str, Decimal]) -> Lines:
    """Opening, each line, what is regularised (when there is some), closing."""
    shown: Lines = {}
    for nature, label in MOVES[account].items():
        amount = move.get(nature, ZERO)
        if amount or nature not in _REGULARISED:
            shown[label] = shown.get(label, ZERO) + amount
    return shown


def lines_of_pieces() -> pl.DataFrame:
    """account × move → label, of the lines that have pieces of their own: a closing is the sum of those above."""
    rows = [
        (account, move, f"{account}|{label}")
        for account, moves in MOVES.items()
        for move, label in moves.items()
        if move != "closing"
    ]
    return pl.DataFrame(rows, schema=["account", "move", "label"], orient="row")


def statement_table(account: str, lines: Lines, pieces: Mapping[str, str]) -> Table:
    """The statement as a table. pieces: « account|label » → pieces."""
    name, sheet, title = _TABLES[account]
    closing = MOVES[account]["closing"]
    told = [ABOVE if label == closing else pieces.get(f"{account}|{label}", NOT_CITED) for label in lines]
    return _of_lines(name, sheet, title, lines, told)


def reconciliation_table(lines: Lines) -> Table:
    """How the treasury is explained, each line with the table that gives it."""
    where = {
        "Solde de trésorerie à la clôture": "Tableau « Trésorerie »",
        "Trop-perçus à recouvrer sur les lieux": "Tableau « Trop-perçus, synthèse »",
        "Ensemble à expliquer": ABOVE,
        "Pass encore en circulation (valeur faciale)": "Tableau « Balance des pass »",
        "Pass utilisés, restant à contre-payer": "Tableau « Restes à contre-payer »",
        "Avoirs dus et non reçus": "Tableau « Avoirs, synthèse »",
    }
    other = "Tableau « Développement des soldes »"
    told = [where.get(label, other) for label in lines]
    title = "Rapprochement de la trésorerie"
    return _of_lines("rapprochement", "Rapprochement", title, lines, told)


def _of_lines(name: str, sheet: str, title: str, lines: Lines, pieces: list[str]) -> Table:
    frame = pl.DataFrame(
        {"label": list(lines), "amount_eur": list(lines.values()), "pieces": pieces},
        schema={"label": pl.String, "amount_eur": pl.Decimal(18, 2), "pieces": pl.String},
    )
    return make_table(
        name, sheet, title, ["label"],
        [("label", "Ligne", "text"), ("amount_eur", "Montant", "euros"), ("pieces", "Pièces", "text")], frame,
    )  # fmt: skip
