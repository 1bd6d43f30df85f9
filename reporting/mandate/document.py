"""The account as a workbook and as a PDF. Does not live here: the figures (account.py), freezing (export.py)."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from programme.config import Programme
from programme.french import day_long, euros, integer
from reporting.figures.wording import DEMO
from reporting.files.table import Table
from reporting.files.typeset import make_pdf
from reporting.files.workbook import workbook
from reporting.mandate.account import NATURES, Account
from warehouse.safe_cells import write_text

_TEMPLATE = Path(__file__).with_name("account.typ")


def alert_of(account: Account) -> str:
    """Demonstration data, unfinished year: what must stand at the top. Empty when neither."""
    parts = [DEMO] if account.version.is_demo else []
    if account.is_provisional:
        parts.append(f"Compte provisoire : les données s'arrêtent au {day_long(account.version.as_of)}.")
    return " ".join(parts)


def write_workbook(account: Account, number: int) -> bytes:
    """The XLSX file: the statements first, then every table, each line with its pieces."""
    buffer = io.BytesIO()
    version = account.version
    title = f"Pass Numérique — compte du mandat {account.year}"
    footer = f"{title} — édition {number} — données au {version.as_of:%d/%m/%Y} — version {version.build_id}"
    footer += " — DONNÉES DE DÉMONSTRATION" if version.is_demo else ""
    with workbook(buffer, title, footer, version.published_at) as book:
        sheet = book.sheet("Lisez-moi", landscape=False)
        sheet.set_column(0, 0, 62)
        sheet.set_column(1, 1, 20)
        notes = [
            "Compte annuel du mandat (article D. 1611-25 du CGCT) : opérations par nature, sans contraction.",
            f"Données au {day_long(version.as_of)}, version {version.build_id}, édition {number}.",
            "Colonne « Pièces » : P1, P2… sont les fichiers livrés par l'opérateur, listés dans la feuille « Pièces ».",
            "Une opération vient des fichiers cités ; « passnum trace » en donne les lignes.",
        ]
        row = book.heading(sheet, title, notes, alert_of(account))
        for name, lines in _statements(account):
            write_text(sheet, row, 0, name, book.head)
            write_text(sheet, row, 1, "Montant", book.head)
            for label, value in lines.items():
                row += 1
                write_text(sheet, row, 0, label, book.plain["text"])
                sheet.write_number(row, 1, value, book.plain["euros"])
            row += 2
        for table in account.tables:
            page = book.sheet(table.layout.sheet, wide=len(table.shown) > 10)
            row = book.heading(page, table.layout.title, [f"Année {account.year}"], alert_of(account))
            book.table(page, row, table, _totals(account, table))
            book.freeze(page, row, 2)
    return buffer.getvalue()


def _statements(account: Account) -> list[tuple[str, dict[str, float]]]:
    return [
        ("Trésorerie (valeur faciale confiée à l'opérateur)", account.cash),
        ("Rapprochement de la trésorerie", account.reconciliation),
        ("Avoirs dus par l'opérateur", account.credit),
    ]


def _totals(account: Account, table: Table) -> dict[str, Any] | None:
    """A last line where a sum has a meaning: never over operations of different natures."""
    if table.layout.name == "balance":
        return {table.layout.columns[0].name: "Total", **account.totals}
    if table.layout.name in ("contre_paiements", "restes_a_payer", "avoirs_dus"):
        sums = {name: table.values[name].sum() for name in ("passes", "amount_eur")}
        return {table.layout.columns[0].name: "Total", **sums}
    return None


def write_pdf(account: Account, programme: Programme, number: int) -> bytes:
    """The PDF file: statements, then the annexes line by line."""
    version = account.version
    end = day_long(date(account.year, 12, 31))
    paid = account.counter_payments.values
    by_lieu = (
        paid.group_by("lieu_siret", "lieu_name").agg(pl.col("passes", "amount_eur").sum()).sort("lieu_siret").rows()
    )
    unpaid = account.unpaid.values
    gap = account.reconciliation["Écart"]
    data = {
        "title": f"Compte du mandat {account.year}",
        "subtitle": f"{programme.name} — article D. 1611-25 du CGCT — du 1er janvier au {end}",
        "footer": f"Compte du mandat {account.year}, édition {number} — données au {day_long(version.as_of)} — "
        f"version {version.build_id}" + (" — données de démonstration" if version.is_demo else ""),
        "alert": alert_of(account),
        "introduction": "Ce compte retrace toutes les opérations du mandat, par nature et sans contraction. Chaque "
        "ligne renvoie à ses pièces (P1, P2…), les fichiers livrés par l'opérateur, listés en annexe 2. Le "
        "classeur joint porte les mêmes lignes, mois par mois et territoire par territoire.",
        "balance_sentence": "Ouverture + émis − utilisés − expirés − annulés = clôture. Le détail par territoire est "
        "dans le classeur.",
        "balance": _balance_lines(account),
        "cash": [[label, euros(value)] for label, value in account.cash.items()],
        "reconciliation": [[label, euros(value)] for label, value in account.reconciliation.items()],
        "reconciliation_sentence": "La trésorerie s'explique entièrement : ce que l'opérateur détient est ce qui "
        "reste à utiliser, à contre-payer ou à rembourser."
        if abs(gap) < 0.005
        else f"La trésorerie présente un écart de {euros(gap)} avec ce qui reste à utiliser, à contre-payer ou à "
        "rembourser : il est à expliquer avant l'approbation du compte.",
        "credit": [[label, euros(value)] for label, value in account.credit.items()],
        "credit_notes": _texts(account.credit_notes),
        "operations": _operation_lines(account),
        "entries": _texts(account.entries, drop=("order_reference",)),
        "counter_sentence": f"{integer(paid.height)} contre-paiements à {integer(len(by_lieu))} lieux ; chacun est en "
        "annexe 1 avec sa référence.",
        "lieux": [[siret, name or "", integer(passes), euros(amount)] for siret, name, passes, amount in by_lieu],
        "lieux_total": ["Total", "", integer(paid["passes"].sum()), euros(paid["amount_eur"].sum())],
        "unpaid_sentence": f"{integer(unpaid['passes'].sum())} pass utilisés dans {integer(unpaid.height)} lieux "
        f"n'étaient pas contre-payés au {end}, pour {euros(unpaid['amount_eur'].sum())} de valeur faciale "
        "(détail dans le classeur).",
        "counter_payments": _texts(account.counter_payments),
        "pieces_sentence": "L'empreinte complète de chaque fichier est dans le classeur.",
        "pieces": [
            [piece, name, f"{extracted:%d/%m/%Y}", integer(lines), sha[:16]]
            for piece, name, _, extracted, lines, sha in account.pieces.values.rows()
        ],
    }
    return make_pdf(_TEMPLATE, data, {}, version.published_at)


def _balance_lines(account: Account) -> list[list[str]]:
    names = ("opening", "issued", "used", "expired", "cancelled", "closing")
    labels = (
        "Solde à l'ouverture",
        "Émis",
        "Utilisés",
        "Expirés",
        "Annulés, retournés, perdus ou volés",
        "Solde à la clôture",
    )
    totals = account.totals
    return [
        [label, integer(totals.get(f"{name}_passes", 0)), euros(totals.get(f"{name}_eur", 0))]
        for name, label in zip(names, labels, strict=True)
    ]


def _operation_lines(account: Account) -> list[list[str]]:
    summed = account.operations.values.group_by("label").agg(pl.col("passes", "amount_eur").sum())
    found = {label: (passes, amount) for label, passes, amount in summed.rows()}
    nothing = (0, 0)
    return [
        [label, integer(found.get(label, nothing)[0] or 0) if rank < 5 else "", euros(found.get(label, nothing)[1])]
        for rank, label in enumerate(NATURES.values())
    ]


def _texts(table: Table, drop: tuple[str, ...] = ()) -> list[list[str]]:
    """Every row as French texts."""
    shown = [column for column in table.layout.columns if column.name not in drop]

    def text(kind: str, value: Any) -> str:
        if value is None:
            return ""
        if kind == "euros":
            return euros(value)
        if kind == "date":
            return f"{value:%d/%m/%Y}"
        return integer(value) if kind == "integer" else str(value)

    rows = table.values.select(column.name for column in shown).rows()
    return [[text(column.kind, value) for column, value in zip(shown, row, strict=True)] for row in rows]
