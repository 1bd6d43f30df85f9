"""The account as a PDF: the texts and lines that the template sets. Does not live here: the figures (account.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from presentation.french import day_long, euros, integer
from presentation.table import Table
from programme.config import Programme
from reporting.files.typeset import make_pdf
from reporting.mandate.account import Account
from reporting.mandate.tables import NATURES, OF_PASSES
from reporting.mandate.workbook import alert_of

_TEMPLATE = Path(__file__).with_name("account.typ")
#: Lines of an annex that stay readable on paper; the workbook has every line.
_LONGEST_ANNEX = 400


def write_pdf(account: Account, programme: Programme, number: int, since: Sequence[str]) -> bytes:
    """The PDF file: statements, then the annexes line by line. since: what it changes of the edition it replaces."""
    version, year = account.version, account.year
    rectifies = "changements" in account.statements
    end = day_long(date(year, 12, 31))
    tables = account.statements
    owed = tables["trop_percus"]
    paid, unpaid = tables["contre_paiements"].values, tables["restes_a_payer"].values
    by_lieu = (
        paid.group_by("lieu_siret", "lieu_name").agg(pl.col("passes", "amount_eur").sum()).sort("lieu_siret").rows()
    )
    data = {
        "title": f"Compte du mandat {year}" + (" — édition rectificative" if rectifies else ""),
        "subtitle": f"{programme.name} — article D. 1611-25 du CGCT — du 1er janvier au {end}",
        "footer": f"Compte du mandat {year}, édition {number} — données au {day_long(version.as_of)} — "
        f"version {version.build_id}" + (" — données de démonstration" if version.is_demo else ""),
        "alert": alert_of(account),
        "introduction": "Ce compte retrace toutes les opérations du mandat, par nature et sans contraction. Chaque "
        "ligne renvoie à ses pièces (P1, P2…), les fichiers livrés, listés en dernière annexe. Le classeur joint "
        "porte les mêmes lignes, mois par mois et territoire par territoire.",
        "opening_note": " ".join(filter(None, [account.opening_note, account.closing_note])),
        "since": list(since),
        "balance": _balance_lines(account),
        "cash": _amounts(account.cash),
        "owed": _amounts(account.owed),
        "reconciliation": _amounts(account.reconciliation),
        "reconciliation_sentence": _gap_sentence(account),
        "credit": _amounts(account.credit),
        "credit_notes": _texts(tables["avoirs_dus"]),
        "operations": _operation_lines(account),
        "regularised": _texts(tables["regularisations_par_nature"]),
        "regularised_sentence": _regularised_sentence(account),
        "regularisations": _annex(tables["regularisations"], drop=("type", "territory_code", "lieu_siret", "passes")),
        "entries": _texts(tables["ecritures"], drop=("order_reference",)),
        "counter_sentence": f"{_count(paid.height, 'contre-paiement')} à {_count(len(by_lieu), 'lieu', 'lieux')} ; "
        "chacun est en annexe avec sa référence.",
        "lieux": [[siret, name or "", integer(passes), euros(amount)] for siret, name, passes, amount in by_lieu],
        "lieux_total": ["Total", "", integer(paid["passes"].sum()), euros(paid["amount_eur"].sum())],
        "receivable_sentence": _receivable_sentence(account),
        "receivables": _annex(owed),
        "receivables_total": [
            "Total",
            "",
            "",
            "",
            "",
            integer(owed.values["passes"].sum()),
            euros(owed.values["amount_eur"].sum()),
            "",
        ],
        "unpaid_sentence": "Pass utilisés et non contre-payés au "
        f"{end} : {integer(unpaid['passes'].sum())}, dans {_count(unpaid.height, 'lieu', 'lieux')}, pour "
        f"{euros(unpaid['amount_eur'].sum())} de valeur faciale (détail dans le classeur).",
        "counter_payments": _texts(tables["contre_paiements"]),
        "changes_sentence": _changes_sentence(account) if rectifies else "",
        "changes": _annex(tables["changements"]) if rectifies else [],
        "pieces_sentence": "L'empreinte complète de chaque fichier est dans le classeur.",
        "pieces": [
            [piece, name, f"{extracted:%d/%m/%Y}", integer(lines), sha[:16]]
            for piece, name, _, extracted, lines, sha in tables["pieces"].values.rows()
        ],
    }
    return make_pdf(_TEMPLATE, data, {}, version.published_at)


def _gap_sentence(account: Account) -> str:
    gap = account.reconciliation["Écart"]
    if not gap:
        return (
            "La trésorerie s'explique entièrement : ce que l'opérateur détient, et ce que les lieux doivent rendre, "
            "est ce qui reste à utiliser, à contre-payer ou à rembourser."
        )
    return (
        f"La trésorerie présente un écart de {euros(gap)} avec ce qui reste à utiliser, à contre-payer ou à "
        "rembourser : les versements de la Métropole ne sont pas égaux à la valeur faciale des pass émis. Il est à "
        "expliquer avant l'approbation du compte."
    )


def _regularised_sentence(account: Account) -> str:
    lines = account.statements["regularisations"].values
    if not lines.height:
        return "Rien n'a été appris, depuis leur arrêté, des exercices antérieurs."
    sentence = (
        f"{_count(lines.height, 'ligne')} sur des exercices arrêtés : leurs comptes ne "
        "sont pas réécrits, ce qui en est connu depuis est comptabilisé ici, retraits et ajouts séparés. Chaque ligne "
        "est en annexe, avec le fichier et la ligne en cause."
    )
    return sentence + _overflow(account.statements["regularisations"])


def _receivable_sentence(account: Account) -> str:
    table = account.statements["trop_percus"]
    if not table.values.height:
        return "Aucun trop-perçu n'était à recouvrer sur les lieux."
    return (
        "Un contre-paiement fait reste fait. Quand la ligne livrée ne le justifie plus (utilisation annulée ou "
        "rejetée, paiement effacé ou changé), la somme est un trop-perçu que le lieu doit rendre." + _overflow(table)
    )


def _changes_sentence(account: Account) -> str:
    table = account.statements["changements"]
    if not table.values.height:
        return (
            "L'édition rectifiée date d'avant le registre des comptes arrêtés : ses lignes ne peuvent pas être "
            "comparées une à une."
        )
    return (
        "Cette édition remplace la précédente, qui reste conservée. Chaque ligne qui a bougé est ci-dessous, avec le "
        "fichier et la ligne qui la font bouger." + _overflow(table)
    )


def _count(number: int, one: str, many: str = "") -> str:
    """« 1 lieu », « 12 lieux »."""
    return f"{integer(number)} {one if number < 2 else many or one + 's'}"


def _overflow(table: Table) -> str:
    if table.values.height <= _LONGEST_ANNEX:
        return ""
    return (
        f" Les {integer(_LONGEST_ANNEX)} premières lignes sont imprimées ; les {integer(table.values.height)} sont "
        f"dans le classeur, feuille « {table.layout.sheet} »."
    )


def _amounts(lines: dict[str, Any]) -> list[list[str]]:
    return [[label, euros(value)] for label, value in lines.items()]


def _balance_lines(account: Account) -> list[list[str]]:
    names = ("opening", "issued", "used", "expired", "cancelled", "added", "removed", "closing")
    labels = (
        "Solde à l'ouverture", "Émis", "Utilisés", "Expirés", "Annulés, retournés, perdus ou volés",
        "Régularisations d'exercices antérieurs, en plus", "Régularisations d'exercices antérieurs, en moins",
        "Solde à la clôture",
    )  # fmt: skip
    totals = account.totals
    return [
        [label, integer(totals.get(f"{name}_passes", 0)), euros(totals.get(f"{name}_eur", 0))]
        for name, label in zip(names, labels, strict=True)
        if name not in ("added", "removed") or account.statements["regularisations"].values.height
    ]


def _operation_lines(account: Account) -> list[list[str]]:
    summed = account.statements["operations"].values.group_by("label").agg(pl.col("passes", "amount_eur").sum())
    found = {label: (passes, amount) for label, passes, amount in summed.rows()}
    nothing = (0, 0)
    return [
        [
            label,
            integer(found.get(label, nothing)[0] or 0) if nature in OF_PASSES else "",
            euros(found.get(label, nothing)[1]),
        ]
        for nature, label in NATURES.items()
        if nature != "recouvrement"
    ]


def _annex(table: Table, drop: tuple[str, ...] = ()) -> list[list[str]]:
    """The first lines of a table that may be long."""
    short = Table(table.layout, table.values.head(_LONGEST_ANNEX), table.withheld.head(_LONGEST_ANNEX))
    return _texts(short, drop)


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
