"""The account as a workbook: the statements first, then every table, each line with its pieces. No figures here."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from presentation.french import day_long
from presentation.safe_cells import write_text
from presentation.sentences import DEMO
from presentation.table import Table
from presentation.workbook import workbook
from reporting.files.replaced import Replaced
from reporting.mandate.account import Account

#: Tables whose amounts and passes may be summed: never over operations of different natures.
_SUMMED = {
    "contre_paiements": ("passes", "amount_eur"),
    "restes_a_payer": ("passes", "amount_eur"),
    "avoirs_dus": ("passes", "amount_eur"),
    "trop_percus": ("passes", "amount_eur"),
    "trop_percus_mouvements": ("opening", "receivable", "added", "removed", "recovery", "closing"),
}


def alert_of(account: Account) -> str:
    """Demonstration data, unfinished year: what must stand at the top. Empty when neither."""
    parts = [DEMO] if account.version.is_demo else []
    if account.is_provisional:
        parts.append(f"Compte provisoire : les données s'arrêtent au {day_long(account.version.as_of)}.")
    return " ".join(parts)


def statements(account: Account) -> list[tuple[str, dict[str, Decimal]]]:
    """The short statements, in the order they are read: title, label → euros."""
    return [
        ("Trésorerie (valeur faciale confiée à l'opérateur)", account.cash),
        ("Trop-perçus à recouvrer sur les lieux", account.owed),
        ("Avoirs dus par l'opérateur", account.credit),
        ("Rapprochement de la trésorerie", account.reconciliation),
    ]


def write_workbook(account: Account, number: int, since: Replaced) -> bytes:
    """The XLSX file."""
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
            account.opening_note,
            *([account.closing_note] if account.closing_note else []),
            *since.sentences,
            "Colonne « Pièces » : P1, P2… sont les fichiers livrés, listés dans la feuille « Pièces ».",
            "Une opération vient des fichiers cités ; « passnum trace » en donne les lignes.",
        ]
        row = book.heading(sheet, title, notes, alert_of(account))
        for name, lines in statements(account):
            write_text(sheet, row, 0, name, book.styles["head"])
            write_text(sheet, row, 1, "Montant", book.styles["head_right"])
            for label, value in lines.items():
                row += 1
                write_text(sheet, row, 0, label, book.kinds["text"])
                sheet.write_number(row, 1, float(value), book.kinds["euros"])
            row += 2
        # A first edition replaces none: it has no sheet for what moved.
        for table in [*account.tables, *([since.moved] if since.told else [])]:
            page = book.sheet(table.layout.sheet, wide=len(table.shown) > 10)
            notes = [f"Année {account.year}"] if table.values.height else [f"Année {account.year} : aucune ligne."]
            row = book.heading(page, table.layout.title, notes, alert_of(account))
            book.table(page, row, table, _totals(account, table))
            book.freeze(page, row, 2)
    return buffer.getvalue()


def _totals(account: Account, table: Table) -> dict[str, Any] | None:
    """A last line where a sum has a meaning."""
    first = table.layout.columns[0].name
    if table.layout.name == "balance":
        return {first: "Total", **account.totals}
    if table.layout.name in _SUMMED and table.values.height:
        return {first: "Total", **{name: table.values[name].sum() for name in _SUMMED[table.layout.name]}}
    return None
