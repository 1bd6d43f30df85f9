"""French reports: what became of a file, and how to mend it, for somebody who is no technician.

Does not live here: deciding it (examine), keeping the report (vault, lake).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import polars as pl

from ingestion.contract import Contract
from ingestion.examine import Examined
from ingestion.finishing import FIRST_LINES
from ingestion.receipt import Receipt
from ingestion.refusal import Refusal
from ingestion.tally import Why
from ingestion.wording import REASONS, describe_expected, describe_field
from presentation.plain_text import plain

SHOWN_LINES = FIRST_LINES

_KEPT = (
    "Le fichier d’origine est gardé à côté de ce rapport ; rien n’en a été chargé. Les autres fichiers ne sont pas "
    "touchés. Une fois corrigé, déposez-le de nouveau dans la zone de dépôt."
)
_REWRITTEN = (
    ". Excel a changé cet identifiant en nombre ou en date, et ses chiffres sont perdus : mettez la colonne au format "
    "« Texte » avant d’y coller ou d’exporter les identifiants, puis redéposez l’export"
)
_CHECKED = "Ceci est un contrôle : rien n’a été chargé ni déplacé."


def write_rejection(name: str, refusal: Refusal, layouts: list[Contract], *, is_kept: bool = True) -> str:
    """The report that lies beside a rejected file (Markdown). `is_kept`: False where the file was only checked."""
    lines = [
        f"# Fichier refusé : {name}",
        "",
        f"**Motif : {REASONS[refusal.reason]}** (`{refusal.reason}`)",
        "",
        refusal.explanation,
        "",
        "## Ce qu’il faut faire",
        "",
        refusal.remedy,
        "",
        _KEPT if is_kept else _CHECKED,
    ]
    contract = next((c for c in layouts if c.layout == refusal.layout), None)
    if contract:
        lines += _describe_layout(contract, refusal)
    elif refusal.unknown:
        lines += ["", "Colonnes du fichier :", "", *(f"- {_code(name)}" for name in refusal.unknown[:100])]
    return plain("\n".join(lines) + "\n")


def _describe_layout(contract: Contract, refusal: Refusal) -> list[str]:
    lines = ["", f"## L’export attendu : {contract.title}", "", contract.description, ""]
    lines += [f"Ce format appartient à : {contract.owner}. C’est à lui qu’il faut demander un nouvel export.", ""]
    if refusal.missing:
        lines += ["Colonnes obligatoires absentes :", ""]
        lines += [f"- {describe_field(contract, name)}" for name in refusal.missing] + [""]
    if refusal.unknown:
        lines += ["Colonnes du fichier que ce format ne connaît pas :", ""]
        lines += [f"- {_code(name)}" for name in refusal.unknown[:100]] + [""]
    required = ", ".join(f"`{f.name}`" for f in contract.required)
    return [*lines, f"Colonnes obligatoires de ce format : {required}."]


def _code(text: str) -> str:
    return "`" + text.replace("`", "'").replace("\n", " ")[:80] + "`"


def write_loading(examined: Examined, receipt: Receipt) -> str:
    """The report that lies in the lake beside a loaded file (Markdown)."""
    contract, parsed = examined.contract, examined.parsed
    if contract is None or parsed is None:
        raise ValueError("a loading report needs a parsed file")
    lines = [
        f"# Fichier chargé : {receipt.file_name}",
        "",
        f"{contract.title}, extraction du {receipt.extract_date:%d/%m/%Y}{_in_sheet(examined)}.",
        "",
        f"- lignes lues : {receipt.lines_read}",
        f"- acceptées : {receipt.lines_accepted}",
        f"- rejetées : {receipt.lines_rejected}",
        f"- en double dans le fichier : {receipt.lines_duplicate}",
        f"- hors données (titres, lignes vides, totaux) : "
        f"{receipt.lines_title + receipt.lines_blank + receipt.lines_total}",
    ]
    lines += [f"\n**{sentence}**" for sentence in (receipt.explanation, *describe_sheets(examined)) if sentence]
    lines += _describe_columns(examined, receipt)
    tally, rewritten = parsed.tally, parsed.rewritten
    lines += _describe_findings("Lignes rejetées", parsed.rejected, tally.rejects, contract, rewritten)
    lines += _describe_findings("Valeurs facultatives mises de côté", parsed.issues, tally.notes, contract, rewritten)
    return plain("\n".join(lines) + "\n")


def _in_sheet(examined: Examined) -> str:
    sheet = examined.table.sheet if examined.table else ""
    return f", {sheet}" if sheet else ""


def describe_sheets(examined: Examined) -> list[str]:
    """One French sentence where a workbook holds more exports than the one read."""
    table = examined.table
    if table is None or not table.unread_sheets:
        return []
    *others, last = table.unread_sheets
    which = f"{', '.join(others)} et {last} ont" if others else f"{last} a"
    return [
        f"{which[0].upper()}{which[1:]} aussi les colonnes d’un export : seule {table.sheet} du classeur est lue. "
        "Enregistrez chaque feuille dans son propre fichier, puis déposez-les."
    ]


def describe_personal(personal: dict[str, str]) -> list[str]:
    """One French sentence of the columns dropped because they look personal; no value is quoted."""
    if not personal:
        return []
    told = ", ".join(f"« {header} » ({kind})" for header, kind in personal.items())
    one = len(personal) == 1
    dropped = "Colonne non gardée, qui ressemble" if one else "Colonnes non gardées, qui ressemblent"
    return [
        f"{dropped} à des données personnelles (personal_data_dropped) : {told}. "
        f"Demandez un export sans {'elle' if one else 'elles'}."
    ]


def _describe_columns(examined: Examined, receipt: Receipt) -> list[str]:
    lines: list[str] = []
    if receipt.repairs:
        told = ", ".join(f"{name} ({count})" for name, count in receipt.repairs.items())
        lines += ["", f"Zéros de tête perdus et rétablis : {told}."]
    if examined.ignored:
        lines += ["", f"Colonnes hors contrat, non gardées : {', '.join(map(_code, examined.ignored))}."]
    if examined.personal:
        lines += ["", "## Données personnelles écartées", ""]
        lines += describe_personal(examined.personal)
    return lines


def _describe_findings(
    title: str, findings: pl.DataFrame, counts: Counter[Why], contract: Contract, rewritten: Collection[str]
) -> list[str]:
    """`findings`: the first ones at the least; `counts`: of all of them."""
    if not counts:
        return []
    lines = ["", f"## {title} : {counts.total()}", ""]
    for (column, reason), count in sorted(counts.items(), key=lambda told: (-told[1], told[0][0] or "", told[0][1])):
        expected = f" — attendu : {describe_expected(contract.field(column))}" if column else ""
        if reason == "invalid_value" and column in rewritten:
            expected += _REWRITTEN
        lines.append(f"- {count} × {REASONS[reason]}{f' dans `{column}`' if column else ''}{expected}")
    lines += ["", "| ligne | colonne | valeur | motif |", "|---:|---|---|---|"]
    for line, column, value, reason in findings.head(SHOWN_LINES).rows():
        lines.append(f"| {line} | {column or ''} | {_cell(value)} | {REASONS[reason]} |")
    if counts.total() > SHOWN_LINES:
        lines.append(f"\n… et {counts.total() - SHOWN_LINES} autres : voir la page Qualité.")
    return lines


def _cell(value: str | None) -> str:
    shown = (value or "").replace("|", "¦").replace("\n", " ").replace("`", "'")
    return f"`{shown[:60]}`" if shown else ""
