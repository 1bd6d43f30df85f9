"""The tables that the article asks for by name (D. 1611-25): general balance, operations by nature, what makes the
balances up, claims that are not paid.

Does not live here: the figures (balances.py, queries.py), the pieces (pieces.py), line by line (tables.py).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from presentation.table import Kind, Table
from reporting.mandate.pieces import NOT_CITED
from reporting.mandate.tables import CATEGORIES, NATURES, OF_PASSES, in_order, make_table

#: The accounts of the mandate, in the order of the balance.
ACCOUNTS = {
    "treasury": "Trésorerie de l'opérateur (valeur faciale)",
    "receivable": "Lieux : trop-perçus à recouvrer",
    "circulation": "Pass en circulation, à honorer",
    "payable": "Lieux : utilisations à contre-payer",
    "credit_note": "Métropole : avoirs à rendre",
    "principal": "Métropole : versements, moins la valeur des pass émis",
    "suspense": "Recouvrements à rattacher à un trop-perçu",
}
#: The sides of the operations of the year, in the order they are read.
SECTIONS = {
    "passes": "Pass : prise en charge et sorties",
    "receipts": "Recettes du mandat",
    "expenses": "Dépenses du mandat",
    "credit_notes": "Avoirs",
    "receivables": "Créances constatées",
    "outside": "Écritures de la Métropole, hors trésorerie du mandat",
}
STATE, COMMUNES, OPERATOR, LIEU = "État", "Communes (ensemble)", "Mandataire", "Lieu"
#: Of an operation that has no category.
NO_CATEGORY = "—"
#: What the deliveries do not say of a claim.
UNKNOWN = "non livré"
_PIECES: tuple[str, str, Kind] = ("pieces", "Pièces", "text")
_BALANCE_COLUMNS: list[tuple[str, str, Kind]] = [
    ("opening_debit_eur", "Ouverture, débit", "euros"), ("opening_credit_eur", "Ouverture, crédit", "euros"),
    ("debit_eur", "Débits de l'année", "euros"), ("credit_eur", "Crédits de l'année", "euros"),
    ("late_debit_eur", "Régularisations, débit", "euros"), ("late_credit_eur", "Régularisations, crédit", "euros"),
    ("closing_debit_eur", "Clôture, débit", "euros"), ("closing_credit_eur", "Clôture, crédit", "euros"),
]  # fmt: skip


def build(frames: dict[str, pl.DataFrame], state: dict[str, Any] | None) -> list[Table]:
    """frames: of balances.py and queries.py by name, each with its pieces. state: the State's share at the end."""
    return [
        _general_balance(frames["general_balance"]),
        _operations_of_year(frames["operations_of_year"]),
        _claims(frames, state),
        _development(frames["development"]),
    ]


def _general_balance(frame: pl.DataFrame) -> Table:
    """Grain: one row an account; all debits are all credits."""
    shown = frame.with_columns(account_label=pl.col("account").replace(ACCOUNTS))
    return make_table(
        "balance_generale", "Balance générale", "Balance générale des comptes du mandat",
        ["account_label"], [("account_label", "Compte", "text"), *_BALANCE_COLUMNS, _PIECES], shown,
    )  # fmt: skip


def _operations_of_year(frame: pl.DataFrame) -> Table:
    """Grain: one row a side, nature and category of the year."""
    sections = {code: rank for rank, code in enumerate(SECTIONS)}
    shown = frame.sort(pl.col("section").replace_strict(sections), in_order(), "category").with_columns(
        section_label=pl.col("section").replace(SECTIONS),
        label=pl.col("nature").replace(NATURES),
        category_label=pl.col("category").replace(CATEGORIES).fill_null(NO_CATEGORY),
        passes=pl.when(pl.col("nature").is_in(OF_PASSES)).then("passes"),
    )
    columns: list[tuple[str, str, Kind]] = [
        ("section_label", "Sens", "text"), ("label", "Nature", "text"), ("category_label", "Catégorie", "text"),
        ("operations", "Opérations", "integer"), ("passes", "Pass", "integer"), ("amount_eur", "Montant", "euros"),
        _PIECES,
    ]  # fmt: skip
    return make_table(
        "operations_par_nature", "Opérations par nature", "Opérations de l'année par nature, sans contraction",
        ["section_label", "label", "category_label"], columns, shown,
    )  # fmt: skip


def _claims(frames: dict[str, pl.DataFrame], state: dict[str, Any] | None) -> Table:
    """Grain: one row a debtor and nature: what was booked since the start, what came in, what is left."""
    pieces = {row["nature"]: row for row in frames["receipts"].to_dicts()}
    communes = pieces.get("recette_commune", {})
    used = frames["uses"]["pieces"].to_list()
    share = state or {}
    state_pieces = " ; ".join([*used, *([pieces["recette_etat"]["pieces"]] if "recette_etat" in pieces else [])])
    owed = "Part de l'État sur les pass utilisés"
    zero = Decimal("0.00")
    first = [
        (STATE, owed, share.get("due_total_eur", zero), share.get("received_total_eur", zero),
         share.get("to_call_eur", zero), None, state_pieces or NOT_CITED),
        (COMMUNES, f"Participations : ce que chacune doit est {UNKNOWN}", None, communes.get("received_eur", zero),
         None, None, communes.get("pieces", NOT_CITED)),
    ]  # fmt: skip
    names = ("debtor", "nature_label", "due_eur", "received_eur", "left_eur", "since_on", "pieces")
    euros = pl.Decimal(18, 2)
    kinds = (pl.String(), pl.String(), euros, euros, euros, pl.Date(), pl.String())
    schema = dict(zip(names, kinds, strict=True))
    others = frames["claims"].select(
        pl.when(pl.col("account") == "receivable")
        .then(pl.format("{} : {} (SIRET {})", pl.lit(LIEU), pl.col("lieu_name").fill_null("sans nom"), "lieu_siret"))
        .otherwise(pl.lit(OPERATOR))
        .alias("debtor"),
        nature_label=pl.when(pl.col("account") == "receivable")
        .then(pl.lit("Trop-perçus sur contre-paiements"))
        .otherwise(pl.lit("Avoirs dus sur les pass expirés et annulés")),
        due_eur=pl.col("due_eur").cast(euros),
        received_eur=pl.col("received_eur").cast(euros),
        left_eur=pl.col("left_eur").cast(euros),
        since_on="since_on",
        pieces="pieces",
    )
    columns: list[tuple[str, str, Kind]] = [
        ("debtor", "Débiteur", "text"), ("nature_label", "Nature", "text"),
        ("due_eur", "Constaté", "euros"), ("received_eur", "Encaissé", "euros"), ("left_eur", "Reste dû", "euros"),
        ("since_on", "Depuis le", "date"), _PIECES,
    ]  # fmt: skip
    frame = pl.concat([pl.DataFrame(first, schema=schema, orient="row"), others.select(names)])
    return make_table(
        "creances", "Créances impayées", "État des créances demeurées impayées, par débiteur et par nature",
        ["debtor", "nature_label"], columns, frame, signed=("left_eur",),
    )  # fmt: skip


def _development(frame: pl.DataFrame) -> Table:
    """Grain: account × what its balance is told by; the lines of an account add up to its closing."""
    parts = [
        pl.col("nature").replace(NATURES),
        pl.col("lieu_name"),
        pl.lit("SIRET ") + pl.col("lieu_siret"),
        pl.lit("référence ") + pl.col("reference"),
        pl.col("order_reference"),
        pl.lit("lot ") + pl.col("lot_code"),
    ]
    detail = pl.concat_str(parts, separator=", ", ignore_nulls=True).replace("", "Sans détail")
    shown = frame.with_columns(account_label=pl.col("account").replace(ACCOUNTS), detail=detail)
    columns: list[tuple[str, str, Kind]] = [
        ("account_label", "Compte", "text"), ("detail", "Détail", "text"),
        ("passes", "Pass", "integer"), ("debit_eur", "Débits", "euros"), ("credit_eur", "Crédits", "euros"),
        ("balance_debit_eur", "Solde débiteur", "euros"), ("balance_credit_eur", "Solde créditeur", "euros"), _PIECES,
    ]  # fmt: skip
    return make_table(
        "developpement_des_soldes", "Développement des soldes",
        "États de développement des soldes, depuis le début du programme",
        ["account_label", "detail"], columns, shown,
    )  # fmt: skip
