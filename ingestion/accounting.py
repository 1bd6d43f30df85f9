"""What was found in a table → its receipt: the outcome, the exact accounting of lines, how it was read.

Does not live here: judging (examine), keeping the receipt (lake).
"""

from __future__ import annotations

from datetime import datetime

from ingestion.contract import Contract
from ingestion.examine import Examined
from ingestion.finishing import Parsed
from ingestion.personal import RULE
from ingestion.reader import Table
from ingestion.receipt import IDENTIFIER_RULE, Receipt

_SEPARATOR = "un séparateur est en trop ou manque"


def write_receipt(
    examined: Examined, layouts: list[Contract], received_at: datetime, landing: str, secret_mark: str
) -> Receipt:
    """The receipt of one table. `landing`: its identity there; `secret_mark`: fingerprint of the secret in use."""
    member = examined.member
    base = Receipt(
        file_id=examined.file_id,
        sha256=member.sha256,
        file_name=member.name,
        extract_date=examined.extract_date,
        received_at=received_at,
        outcome="rejected",
        landing=landing,
        masking_rule=RULE,
    )
    if examined.refusal is not None:
        return base.model_copy(update=_of_refusal(examined, layouts))
    if examined.duplicate_of is not None:
        told = "Ce fichier est déjà chargé : rien ne change."
        update = {"outcome": "duplicate", "dataset": examined.duplicate_of.dataset, "explanation": told}
        return base.model_copy(update=update)
    return base.model_copy(update=_of_lines(examined, secret_mark))


def _of_refusal(examined: Examined, layouts: list[Contract]) -> dict[str, object]:
    """The data set is told where the layout is known: never for `unknown_layout`."""
    refusal = examined.refusal
    if refusal is None:
        raise ValueError("no refusal")
    near = next((c.dataset for c in layouts if c.layout == refusal.layout), None)
    dataset = examined.contract.dataset if examined.contract else near
    return {
        "reason": refusal.reason,
        "explanation": refusal.explanation,
        "dataset": None if refusal.reason == "unknown_layout" else dataset,
    }


def _of_lines(examined: Examined, secret_mark: str) -> dict[str, object]:
    table, contract, parsed = examined.table, examined.contract, examined.parsed
    if table is None or contract is None or parsed is None:
        raise ValueError("a file without refusal is parsed")
    header = table.match.candidate
    holds_people = any(f.pseudonym for f in contract.fields)
    return {
        "outcome": "loaded",
        "dataset": contract.dataset,
        "layout": contract.layout,
        "lines_read": parsed.read,
        "lines_accepted": parsed.accepted,
        "lines_rejected": parsed.tally.rejected,
        "lines_duplicate": parsed.duplicate,
        "lines_absorbed": parsed.tally.absorbed,
        "lines_blank": parsed.blanks,
        "lines_title": table.titles,
        "lines_total": parsed.totals,
        "rows": parsed.tally.rows,
        "field_issues": parsed.tally.issues,
        "repairs": parsed.repairs,
        "encoding": table.encoding,
        "separator": header.separator,
        "header_line": header.line,
        "columns": {field: header.cells[position] for field, position in table.match.columns.items()},
        "ignored_columns": list(examined.ignored),
        "personal_data_dropped": list(examined.personal),
        "explanation": explain_rejects(table, parsed),
        "secret_fingerprint": secret_mark if holds_people else None,
        "identifier_rule": IDENTIFIER_RULE if holds_people else None,
    }


def explain_rejects(table: Table, parsed: Parsed) -> str:
    """French sentences where no line is accepted, or where lines have not the fields of their header; else empty."""
    told = []
    if parsed.read and not parsed.accepted:
        lines = f"les {parsed.read} lignes lues sont rejetées" if parsed.read > 1 else "la seule ligne lue est rejetée"
        told.append(f"Aucune ligne n’est chargée : {lines}, et la date des données ne change pas.")
    widths = parsed.tally.widths
    if widths:
        value, number = min(widths.items(), key=lambda told: (-told[1], told[0]))
        which = f"{number} lignes en ont {value}" if number > 1 else f"une ligne en a {value}"
        others = widths.total() - number
        rest = f", et {others} un autre nombre" if others else ""
        why = "des cellules sont remplies hors de ses colonnes" if table.is_sheet else _SEPARATOR
        told.append(f"L’en-tête (ligne {table.match.candidate.line}) a {table.width} champs, {which}{rest} : {why}.")
    return " ".join(told)
