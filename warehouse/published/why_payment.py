"""« Montrez-moi ce paiement »: what a reference of the account paid, to whom, by which delivered lines.

Of a counter-payment, what became of each of its uses; else the budget entries of that reference, or of that number. A
look-up, no rule.

Does not live here: what became of a line (why.py), how lines are cited (cited.py), the French (answer.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import duckdb

from warehouse.published.cited import gathered
from warehouse.published.delivered import DeliveredFile, LookupFailed, file_of, nearest
from warehouse.published.versions import ask
from warehouse.published.why import Answer, why_lines


@dataclass(frozen=True)
class Piece:
    """Where a delivery bears something: its file and, in words, its lines."""

    file: DeliveredFile
    said: str


@dataclass(frozen=True)
class Payment:
    """One counter-payment to one lieu: what was paid, what its uses still support, and what is to be given back.

    pieces: the lines that bear it, as the mandate's account cites them.
    """

    reference: str
    lieu_siret: str
    lieu_name: str | None
    paid_on: date
    uses: int
    amount_eur: Decimal
    supported_eur: Decimal
    overpaid_eur: Decimal
    causes: list[str]
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class PaymentAnswer:
    """The payments of one reference, and the current lines of their uses: those that count, those that do not.

    Without a payment, the lines are the budget entries of that reference.
    """

    payments: list[Payment]
    lines: list[Answer]


#: Entries by their reference, or by their own number, as the account lists them.
_ENTRIES = """
    select source_file_id, source_line from core.fct_budget_entry
    where lower(reference) = lower($r) or lower(entry_id) = lower($r)
"""


def why_payment(con: duckdb.DuckDBPyConnection, reference: str) -> PaymentAnswer:
    """What a reference paid, or the entries that it names. Raises LookupFailed (French) for an unknown one, with the
    nearest payments."""
    wanted = reference.strip()
    payments = ask(
        con,
        """
        select
            payment.reimbursement_reference,
            payment.lieu_siret,
            lieu.lieu_name,
            payment.booked_on,
            count(*),
            sum(payment.amount_eur)::decimal(18, 2),
            sum(payment.supported_eur)::decimal(18, 2),
            sum(payment.overpaid_eur)::decimal(18, 2),
            coalesce(list(distinct payment.cause order by payment.cause) filter (where payment.cause is not null), [])
        from core.fct_counter_payment as payment
        left join core.dim_lieu as lieu using (lieu_siret)
        where lower(payment.reimbursement_reference) = lower($r)
        group by all
        order by payment.booked_on, payment.lieu_siret
        """,
        r=wanted,
    )
    if not payments and (entries := ask(con, _ENTRIES, r=wanted)):
        return PaymentAnswer([], why_lines(con, entries))
    if not payments:
        known = con.execute("select distinct reimbursement_reference from core.fct_counter_payment where "
                            "reimbursement_reference is not null").fetchall()  # fmt: skip
        raise LookupFailed(
            f"Paiement inconnu : « {wanted} ». {nearest(wanted, [name for (name,) in known], 'paiements connus')}"
        )
    places = ask(
        con,
        """
        select use.source_file_id, use.source_line
        from core.fct_counter_payment as payment
        inner join core.fct_redemption as use using (redemption_id)
        where lower(payment.reimbursement_reference) = lower($r)
        """,
        r=wanted,
    )
    told = [Payment(*(*row, _pieces_of(con, wanted, row[1], row[3]))) for row in payments]
    return PaymentAnswer(told, why_lines(con, places))


def _pieces_of(con: duckdb.DuckDBPyConnection, reference: str, lieu_siret: str, paid_on: date) -> list[Piece]:
    cited = ask(
        con,
        gathered(
            "core.fct_counter_payment where lower(reimbursement_reference) = lower($r) and lieu_siret = $l "
            "and booked_on = $d::date",
            {"lieu_siret": "lieu_siret"},
            {},
        ),
        r=reference,
        l=lieu_siret,
        d=paid_on.isoformat(),
    )
    found = [Piece(file_of(con, one["file_id"]), one["said"]) for _, pieces in cited for one in pieces]
    return sorted(found, key=lambda piece: (piece.file.extract_date or date.min, piece.file.file_name))
