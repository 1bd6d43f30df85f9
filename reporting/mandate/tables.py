"""The account line by line as tables: French titles and order of lines, each with its pieces.

Does not live here: the figures (queries.py), the pieces (pieces.py), the tables that the article asks for by name
(article.py), the short statements (statements.py).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from presentation import labels
from presentation.table import Column, Kind, Layout, Table, nothing_withheld

NATURES = {
    "issued": "Pass émis (prise en charge)",
    "used": "Pass utilisés (sortie)",
    "expired": "Pass expirés (sortie)",
    "cancelled": "Pass annulés, retournés, perdus ou volés (sortie)",
    "counter_payment": "Contre-paiements aux lieux",
    "trop_percu": "Trop-perçus constatés sur les lieux",
    "recouvrement_lieu": "Recouvrements sur les lieux",
    "recouvrement": "Recouvrements affectés aux trop-perçus",
    "engagement": "Engagements",
    "mandatement": "Mandatements",
    "avoir": "Avoirs reçus",
    "recette_etat": "Recettes de l'État",
    "recette_commune": "Recettes des communes",
}
#: Natures counted in passes.
OF_PASSES = ("issued", "used", "expired", "cancelled", "counter_payment", "trop_percu")
CATEGORIES = {
    "valeur_faciale": "Valeur faciale",
    "frais_emission": "Frais d'émission",
    "mandat_gestion": "Mandat de gestion",
    "accompagnement": "Accompagnement",
    "autre": "Autre",
}
WAYS = {"retrait": "Retrait", "ajout": "Ajout"}
MOVES = ("opening", "issued", "used", "expired", "cancelled", "added", "removed", "closing")
MOVE_TITLES = (
    "Ouverture", "Émis", "Utilisés", "Expirés", "Annulés", "Régularisations en plus", "Régularisations en moins",
    "Clôture",
)  # fmt: skip
_LIEU: list[tuple[str, str, Kind]] = [("lieu_siret", "SIRET", "text"), ("lieu_name", "Lieu", "text")]
_MONEY: list[tuple[str, str, Kind]] = [("passes", "Pass", "integer"), ("amount_eur", "Montant", "euros")]
_PIECES: list[tuple[str, str, Kind]] = [("pieces", "Pièces", "text")]
_REFERENCE: tuple[str, str, Kind] = ("reference", "Référence", "text")


def build(
    frames: dict[str, pl.DataFrame], numbers: pl.DataFrame, territories: dict[str, str], rectified: bool = False
) -> tuple[list[Table], list[Table], dict[str, Any]]:
    """The tables of operations, those of what corrects closed years, and the totals of the balance.

    frames: of queries.py by name, each with its pieces. numbers: of pieces.number_pieces. territories: code → name.
    """
    balance, totals = _balance(frames["balance"])
    late = [_regularised(frames["regularised"]), regularisations(frames["moved"], territories)]
    if rectified:
        late.append(changes(frames["changed"], territories))
    made = [
        balance, _operations(frames["operations"]), _counter_payments(frames["counter_payments"]),
        _receivables(frames["receivables"], frames["receivable_moves"]),
        _receivable_moves(frames["receivable_moves"]), _unpaid(frames["unpaid"]),
        _credit_notes(frames["credit_notes"]), _entries(frames["entries"]), _pieces(numbers),
    ]  # fmt: skip
    return made, late, totals


def make_table(
    name: str,
    sheet: str,
    title: str,
    key: list[str],
    columns: list[tuple[str, str, Kind]],
    frame: pl.DataFrame,
    signed: tuple[str, ...] = (),
) -> Table:
    """A table of the account: nothing in it is withheld, it counts no people. signed: may be under nought."""
    made = tuple(Column(source, label, kind, source, is_signed=source in signed) for source, label, kind in columns)
    values = frame.select(column.source for column in made)
    return Table(Layout(name, sheet, title, name, tuple(key), made), values, nothing_withheld(values))


def _balance(frame: pl.DataFrame) -> tuple[Table, dict[str, Any]]:
    """Grain: one row per territory of the carnets; opening, moves of the year, regularisations, closing."""
    columns: list[tuple[str, str, Kind]] = [
        ("territory_code", "Code INSEE", "text"),
        ("territory_name", "Territoire", "text"),
    ]
    columns += [(f"{m}_passes", f"{t} (pass)", "integer") for m, t in zip(MOVES, MOVE_TITLES, strict=True)]
    columns += [(f"{m}_eur", t, "euros") for m, t in zip(MOVES, MOVE_TITLES, strict=True)]
    totals = frame.select(pl.selectors.numeric().sum()).row(0, named=True) if frame.height else {}
    columns += _PIECES
    title = "Balance des pass confiés au mandataire, par territoire"
    return make_table("balance", "Balance des pass", title, ["territory_code"], columns, frame), totals


def in_order() -> pl.Expr:
    """The rank of a nature among those of the account."""
    return pl.col("nature").replace_strict({code: rank for rank, code in enumerate(NATURES)}, default=99)


def _operations(frame: pl.DataFrame) -> Table:
    shown = frame.sort(in_order(), "month").with_columns(
        label=pl.col("nature").replace(NATURES), passes=pl.when(pl.col("passes") > 0).then("passes")
    )
    columns: list[tuple[str, str, Kind]] = [
        ("label", "Nature", "text"), ("month", "Mois", "month"), *_MONEY, *_PIECES,
    ]  # fmt: skip
    title = "Opérations par nature, sans contraction"
    return make_table("operations", "Opérations", title, ["label", "month"], columns, shown)


def _regularised(frame: pl.DataFrame) -> Table:
    shown = frame.sort(in_order(), pl.col("way") == "ajout").with_columns(
        label=pl.col("nature").replace(NATURES), way_label=pl.col("way").replace(WAYS)
    )
    columns: list[tuple[str, str, Kind]] = [
        ("label", "Nature", "text"), ("way_label", "Sens", "text"), ("lines", "Lignes", "integer"), *_MONEY,
        *_PIECES,
    ]  # fmt: skip
    return make_table(
        "regularisations_par_nature", "Régularisations par nature",
        "Régularisations d'exercices antérieurs, par nature et par sens", ["label", "way_label"], columns, shown,
    )  # fmt: skip


def regularisations(frame: pl.DataFrame, territories: dict[str, str]) -> Table:
    """Every line learnt later of a closed year, with what caused it. No pass number: the line of the file is enough."""
    shown = frame.with_row_index("row", 1).with_columns(
        number=pl.lit("R") + pl.col("row").cast(pl.String),
        type=pl.lit("regularisation_exercice_anterieur"),
        label=pl.col("nature").replace(NATURES),
        way_label=pl.col("way").replace(WAYS),
        territory_name=pl.col("territory_code").replace_strict(territories, default=pl.col("territory_code")),
    )
    columns: list[tuple[str, str, Kind]] = [
        ("number", "Numéro", "text"), ("type", "Type", "text"), ("label", "Nature", "text"),
        ("way_label", "Sens", "text"), ("day", "Date de l'opération", "date"), ("territory_code", "Code INSEE", "text"),
        ("territory_name", "Territoire", "text"), ("lieu_siret", "SIRET", "text"), _REFERENCE, *_MONEY,
        ("extract_date", "Connu le", "date"), *_PIECES,
    ]  # fmt: skip
    title = "Régularisations d'exercices antérieurs, ligne par ligne"
    return make_table("regularisations", "Régularisations", title, ["number"], columns, shown)


_FAMILIES = {
    "issue": "Pass émis",
    "exit": "Sortie d'un pass",
    "payment": "Contre-paiement",
    "receivable": "Trop-perçu",
    "recovery": "Recouvrement",
    "entry": "Écriture",
}


def changes(frame: pl.DataFrame, territories: dict[str, str]) -> Table:
    """Every operation that a rectifying edition moved: before, after, why, and the line that says so.

    frame: of differences.pairs, with its pieces.
    """

    def told(side: str) -> pl.Expr:
        amount = pl.col(f"{side}_amount_eur").cast(pl.String).str.replace(".", ",", literal=True) + "\u00a0€"
        parts = [
            pl.col(f"{side}_nature").replace(NATURES),
            pl.lit("le ") + pl.col(f"{side}_day").dt.to_string("%d/%m/%Y"),
            amount,
            pl.col(f"{side}_territory_code").replace_strict(territories, default=pl.col(f"{side}_territory_code")),
            pl.col(f"{side}_lieu_siret"),
            pl.col(f"{side}_reference"),
        ]
        return pl.when(pl.col(f"{side}_nature").is_null()).then(pl.lit("—")).otherwise(
            pl.concat_str(parts, separator=", ", ignore_nulls=True)
        )  # fmt: skip

    def moved(name: str) -> pl.Expr:
        return pl.col(f"was_{name}").ne_missing(pl.col(f"became_{name}"))

    why = (
        pl.when(pl.col("was_nature").is_null()).then(pl.lit("Opération connue depuis l'arrêté"))
        .when(pl.col("became_nature").is_null()).then(pl.lit("La ligne citée ne porte plus cette opération"))
        .when(moved("nature")).then(pl.lit("Nature changée"))
        .when(moved("amount_eur")).then(pl.lit("Montant changé"))
        .when(moved("territory_code")).then(pl.lit("Territoire changé"))
        .when(moved("lieu_siret")).then(pl.lit("Lieu changé"))
        .when(moved("day")).then(pl.lit("Date changée"))
        .otherwise(pl.lit("Catégorie changée"))
    )  # fmt: skip
    shown = frame.with_row_index("row", 1).with_columns(
        number=pl.lit("C") + pl.col("row").cast(pl.String),
        object=pl.col("family").replace(_FAMILIES), before=told("was"), after=told("became"), why=why,
    )  # fmt: skip
    columns: list[tuple[str, str, Kind]] = [
        ("number", "Numéro", "text"), ("object", "Objet", "text"), ("before", "Avant", "text"),
        ("after", "Après", "text"), ("why", "Pourquoi", "text"), ("extract_date", "Connu le", "date"), *_PIECES,
    ]  # fmt: skip
    title = "Changements : chaque ligne qui a bougé depuis l'édition rectifiée"
    return make_table("changements", "Changements", title, ["number"], columns, shown)


def _counter_payments(frame: pl.DataFrame) -> Table:
    columns = [*_LIEU, _REFERENCE, ("paid_on", "Date", "date"), *_MONEY, *_PIECES]
    return make_table(
        "contre_paiements", "Contre-paiements", "Contre-paiements aux lieux, avec leurs références",
        ["lieu_siret", "reference", "paid_on"], columns, frame,
    )  # fmt: skip


def _receivables(frame: pl.DataFrame, moves: pl.DataFrame) -> Table:
    """Those that moved in the year or are still open: the others are in the accounts before."""
    moved = pl.any_horizontal(pl.col("receivable", "added", "removed", "recovery") > 0)
    alive = moves.filter((pl.col("closing") != 0) | moved)
    shown = frame.join(alive, on=["lieu_siret", "reference"], how="semi").with_columns(
        cause_label=pl.col("cause").replace(labels.RECEIVABLE)
    )
    columns = [
        *_LIEU, _REFERENCE, ("cause_label", "Cause", "text"), ("known_on", "Connu le", "date"), *_MONEY, *_PIECES,
    ]  # fmt: skip
    return make_table(
        "trop_percus", "Trop-perçus", "Trop-perçus à recouvrer sur les lieux, par référence et par cause",
        ["lieu_siret", "reference", "cause_label"], columns, shown.sort("lieu_siret", "reference", "cause_label"),
    )  # fmt: skip


def _receivable_moves(frame: pl.DataFrame) -> Table:
    columns: list[tuple[str, str, Kind]] = [
        *_LIEU, _REFERENCE, ("opening", "Ouverture", "euros"), ("receivable", "Constaté dans l'année", "euros"),
        ("added", "Régularisations en plus", "euros"), ("removed", "Régularisations en moins", "euros"),
        ("recovery", "Recouvré dans l'année", "euros"), ("closing", "Clôture", "euros"),
        *_PIECES,
    ]  # fmt: skip
    moved = pl.any_horizontal(pl.col("opening", "receivable", "added", "removed", "recovery") != 0)
    return make_table(
        "trop_percus_mouvements", "Trop-perçus, mouvements", "Trop-perçus : ouverture, mouvements, clôture",
        ["lieu_siret", "reference"], columns, frame.filter(moved),
    )  # fmt: skip


def _unpaid(frame: pl.DataFrame) -> Table:
    columns = [*_LIEU, *_MONEY, ("oldest_on", "Plus ancienne utilisation", "date"), *_PIECES]
    title = "Pass utilisés et non contre-payés à la clôture"
    return make_table("restes_a_payer", "Restes à contre-payer", title, ["lieu_siret"], columns, frame)


def _credit_notes(frame: pl.DataFrame) -> Table:
    words = {"expired": "Expirés", "cancelled": "Annulés, retournés, perdus ou volés"}
    columns: list[tuple[str, str, Kind]] = [
        ("order_reference", "Bon de commande", "text"), ("lot_code", "Lot", "text"), ("label", "Motif", "text"),
        *_MONEY, *_PIECES,
    ]  # fmt: skip
    return make_table(
        "avoirs_dus", "Avoirs dus", "Avoirs dus par l'opérateur : valeur faciale des pass sortis sans utilisation",
        ["order_reference", "lot_code", "label"], columns, frame.with_columns(label=pl.col("status").replace(words)),
    )  # fmt: skip


def _entries(frame: pl.DataFrame) -> Table:
    columns: list[tuple[str, str, Kind]] = [
        ("entry_id", "Écriture", "text"), ("entered_on", "Date", "date"), ("nature_label", "Nature", "text"),
        ("category_label", "Catégorie", "text"), _REFERENCE, ("order_reference", "Bon de commande", "text"),
        ("amount_eur", "Montant TTC", "euros"), *_PIECES,
    ]  # fmt: skip
    shown = frame.with_columns(
        nature_label=pl.col("nature").replace(NATURES), category_label=pl.col("category").replace(CATEGORIES)
    )
    return make_table("ecritures", "Écritures", "Écritures budgétaires de l'année", ["entry_id"], columns, shown)


def _pieces(numbers: pl.DataFrame) -> Table:
    columns: list[tuple[str, str, Kind]] = [
        ("piece", "Pièce", "text"), ("file_name", "Fichier livré", "text"), ("dataset", "Jeu de données", "text"),
        ("extract_date", "Extrait le", "date"), ("lines_accepted", "Lignes acceptées", "integer"),
        ("sha256", "Empreinte SHA-256", "text"),
    ]  # fmt: skip
    shown = numbers.with_columns(pl.col("dataset").replace(labels.DATASET))
    return make_table("pieces", "Pièces", "Pièces : les livraisons citées", ["piece"], columns, shown)
