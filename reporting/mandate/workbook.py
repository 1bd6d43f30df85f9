"""The account as a workbook: what each sheet holds, every table with its pieces, the sheet to sign. No figures here."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from presentation.french import day_long
from presentation.safe_cells import write_text
from presentation.sentences import DEMO
from presentation.table import Table
from presentation.workbook import Book, workbook
from reporting.files.replaced import Replaced
from reporting.mandate.account import Account
from reporting.mandate.identity import Parties, Signature, signatures

#: Tables whose amounts and passes may be summed: never over operations of different natures.
_SUMMED = {
    "contre_paiements": ("passes", "amount_eur"),
    "restes_a_payer": ("passes", "amount_eur"),
    "avoirs_dus": ("passes", "amount_eur"),
    "trop_percus": ("passes", "amount_eur"),
    "trop_percus_mouvements": ("opening", "receivable", "added", "removed", "recovery", "closing"),
    "balance_generale": (
        "opening_debit_eur", "opening_credit_eur", "debit_eur", "credit_eur", "late_debit_eur", "late_credit_eur",
        "closing_debit_eur", "closing_credit_eur",
    ),
}  # fmt: skip


#: Characters of a line of the sheet to be signed.
_SIGNED_WIDTH = 76


def alert_of(account: Account) -> str:
    """Demonstration data, unfinished year: what must stand at the top. Empty when neither."""
    parts = [DEMO] if account.version.is_demo else []
    if account.is_provisional:
        parts.append(f"Compte provisoire : les données s'arrêtent au {day_long(account.version.as_of)}.")
    return " ".join(parts)


def write_workbook(account: Account, parties: Parties, number: int, since: Replaced) -> bytes:
    """The XLSX file."""
    buffer = io.BytesIO()
    version = account.version
    title = f"Pass Numérique — compte du mandat {account.year}"
    footer = f"{title} — édition {number} — données au {version.as_of:%d/%m/%Y} — version {version.build_id}"
    footer += " — DONNÉES DE DÉMONSTRATION" if version.is_demo else ""
    with workbook(buffer, title, footer, version.published_at) as book:
        sheet = book.sheet("Lisez-moi", landscape=False)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 1, 76)
        notes = [
            "Compte annuel du mandat (article D. 1611-25 du CGCT) : opérations par nature, sans contraction.",
            f"Données au {day_long(version.as_of)}, version {version.build_id}, édition {number}.",
            account.opening_note,
            *([account.closing_note] if account.closing_note else []),
            *since.sentences,
            "Colonne « Pièces » : P1, P2… sont les fichiers livrés (feuille « Pièces »), avec leurs lignes.",
            "« Montrez-moi ce paiement » : « passnum why --payment RÉFÉRENCE » répond, ligne par ligne.",
        ]
        row = book.heading(sheet, title, notes, alert_of(account), columns=3)
        _contents(book, sheet, row, [*account.tables, *([since.moved] if since.told else [])])
        # A first edition replaces none: it has no sheet for what moved.
        for table in [*account.tables, *([since.moved] if since.told else [])]:
            page = book.sheet(table.layout.sheet, wide=len(table.shown) > 10)
            notes = [f"Année {account.year}"] if table.values.height else [f"Année {account.year} : aucune ligne."]
            row = book.heading(page, table.layout.title, notes, alert_of(account), len(table.shown))
            book.table(page, row, table, totals(account, table))
            book.freeze(page, row, 2)
        _to_sign(book, signatures(parties, account.year))
    return buffer.getvalue()


def _contents(book: Book, sheet: Worksheet, row: int, tables: Sequence[Table]) -> None:
    """Which sheet holds what, and how many lines."""
    for column, head in enumerate(("Feuille", "Ce qu'elle contient", "Lignes")):
        write_text(sheet, row, column, head, book.styles["head"])
    for table in tables:
        row += 1
        write_text(sheet, row, 0, table.layout.sheet, book.kinds["text"])
        write_text(sheet, row, 1, table.layout.title, book.kinds["text"])
        sheet.write_number(row, 2, table.values.height, book.kinds["integer"])


def _to_sign(book: Book, blocks: Sequence[Signature]) -> None:
    """The sheet to be signed: who, what they declare, where they write the day and their name."""
    sheet = book.sheet("Certification et visas", landscape=False)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _SIGNED_WIDTH)
    row = book.heading(sheet, "Certification, approbation et visa")
    for block in blocks:
        lines = (("Objet", block.text), ("Signataire", block.signatory), ("Fait à, le", ""), ("Signature", ""))
        write_text(sheet, row, 0, block.title, book.styles["bold"])
        for label, told in lines:
            row += 1
            write_text(sheet, row, 0, label, book.kinds["text"])
            write_text(sheet, row, 1, told, book.styles["wrap"])
            book.height(sheet, row, max(len(told), _SIGNED_WIDTH * (3 if label == "Signature" else 1)), _SIGNED_WIDTH)
        row += 2


def totals(account: Account, table: Table) -> dict[str, Any] | None:
    """A last line where a sum has a meaning."""
    first = table.layout.columns[0].name
    if table.layout.name == "balance":
        return {first: "Total", **account.totals}
    if table.layout.name in _SUMMED and table.values.height:
        return {first: "Total", **{name: table.values[name].sum() for name in _SUMMED[table.layout.name]}}
    return None
