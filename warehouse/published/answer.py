"""The answer of `passnum why` in French, and as JSON: sentences that may be sent to a lieu.

Without `is_operator` they hold no pass, carnet or person number, and nothing of the person (their territory, their
answers). The words of reasons are those of labels.py and ingestion/wording.py. Does not live here: looking up (why.py),
printing (orchestration/commands).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from ingestion.contract import Contract, load_layouts
from ingestion.lake import Lake, LakeCorruption
from ingestion.receipt import Receipt
from ingestion.wording import REASONS, describe_expected
from presentation.french import count, day, decimal, euros, integer
from presentation.labels import DATASET, EVENT, LINE_REASON, NATURE, RECEIVABLE_BECAUSE, STATUS, in_sentence
from warehouse.published.delivered import DeliveredFile
from warehouse.published.originals import HIDDEN, is_numbered
from warehouse.published.why import Answer, Brought, Finding, PassAnswer
from warehouse.published.why_payment import PaymentAnswer

#: Events that say something of a person: where they live, what they answered.
_PERSONAL = ("equipped", "reached", "pic_answer", "qpv_answer")
_MINUTES = 60


class Guide:
    """What the lake tells of a file beside the version: its headers, its layout, why it was refused."""

    def __init__(self, lake: Path, layouts: list[Contract] | None = None) -> None:
        self._lake = Lake(lake)
        self._layouts = layouts

    def receipt(self, file: DeliveredFile) -> Receipt | None:
        """The receipt of a file; None where the lake no longer holds a sound one."""
        try:
            if file.outcome == "loaded":
                return self._lake.find_loaded(file.file_id)
            receipts = self._lake.other_receipts()
        except LakeCorruption:
            return None
        return next((r for r in receipts if r.file_id == file.file_id and r.outcome == file.outcome), None)

    def contract(self, file: DeliveredFile, receipt: Receipt | None) -> Contract | None:
        """The layout that a file was read by, else its data set's own."""
        layouts = self._layouts = self._layouts or load_layouts()
        wanted = (receipt and receipt.layout) or file.dataset
        return next((layout for layout in layouts if layout.layout == wanted), None)


def tell(answer: Answer, guide: Guide, *, is_operator: bool = False) -> list[str]:
    """The sentences of one answer, the verdict first."""
    told = [f"{_place(answer)} : {_verdict(answer, guide, is_operator=is_operator)}"]
    told += _tell_chain(answer)
    told += _tell_brought(answer, is_operator=is_operator)
    if answer.older_versions:
        told.append(f"Elle remplace {count(answer.older_versions, 'ligne plus ancienne', 'lignes plus anciennes')}.")
    if answer.records > 1:
        told.append(f"Cette ligne porte {integer(answer.records)} pass, qui ont le même sort.")
    told += [_tell_issue(issue, answer, guide, is_operator=is_operator) for issue in answer.issues]
    return told


def tell_pass(found: PassAnswer, guide: Guide, *, is_operator: bool = False) -> list[str]:
    """What is known of a pass. Its number was given by whoever asks: it may be repeated."""
    number = found.number
    if found.status is None:
        told = [f"Pass {number} : inconnu. Il n'est dans aucun carnet émis à la date des données."]
        if not number.isdecimal():
            told.append("Un numéro de pass ne s'écrit qu'en chiffres.")
        elif found.digits and len(number) not in found.digits:
            sizes = " ou ".join(str(size) for size in found.digits)
            told.append(f"Les numéros de pass émis ont {sizes} chiffres ; celui-ci en a {len(number)}.")
        if is_operator and found.nearest:
            told.append(f"Les numéros émis les plus proches : {' et '.join(found.nearest)}.")
        if not found.lines:
            told.append("Aucune utilisation livrée ne porte ce numéro.")
    else:
        carnet = f" (carnet {found.carnet_number})" if is_operator else ""
        when = f" le {day(found.used_on)} par « {found.lieu_name} »" if found.used_on else ""
        told = [f"Pass {number}{carnet} : {in_sentence(STATUS[found.status])}{when}."]
    if found.lines:
        told.append(f"Il est nommé par {count(len(found.lines), 'ligne livrée', 'lignes livrées')} :")
    return told


def tell_payment(found: PaymentAnswer) -> list[str]:
    """What a payment paid, lieu by lieu, and what of it is to be given back."""
    if not found.payments:
        return [f"Aucun contre-paiement : {count(len(found.lines), 'écriture budgétaire', 'écritures budgétaires')}."]
    told = []
    for paid in found.payments:
        sentence = (
            f"Paiement {paid.reference}, « {paid.lieu_name or paid.lieu_siret} » (SIRET {paid.lieu_siret}), le "
            f"{day(paid.paid_on)} : {euros(paid.amount_eur)} pour {count(paid.uses, 'utilisation')}. "
        )
        if paid.overpaid_eur:
            causes = ", ou ".join(RECEIVABLE_BECAUSE[cause] for cause in paid.causes)
            sentence += f"Trop-perçu, à rendre par le lieu : {euros(paid.overpaid_eur)}, parce que {causes}. "
            sentence += (
                f"Le reste, {euros(paid.supported_eur)}, est justifié par des utilisations comptées."
                if paid.supported_eur
                else "Aucune utilisation comptée ne le justifie."
            )
        else:
            sentence += "Tout est justifié par des utilisations comptées."
        told.append(sentence)
        told += [f"  - Pièce : {_file(piece.file)}, {piece.said}." for piece in paid.pieces]
    counted = sum(answer.state == "counted" for answer in found.lines)
    others = len(found.lines) - counted
    told.append(
        f"{count(counted, 'ligne comptée', 'lignes comptées')}, "
        f"{count(others, 'ligne non comptée', 'lignes non comptées')}{' :' if others else '.'}"
    )
    return told


def as_json(answer: Answer, *, is_operator: bool = False) -> dict[str, object]:
    """One answer as JSON: codes and exact values (text, so that no float rounds them)."""
    rejection = answer.rejection
    return {
        "file_id": answer.file.file_id,
        "file_name": answer.file.file_name,
        "dataset": answer.file.dataset,
        "extract_date": answer.file.extract_date and answer.file.extract_date.isoformat(),
        "line": answer.line,
        "state": answer.state,
        "reason": answer.reason,
        "records": answer.records,
        "older_versions": answer.older_versions,
        "other": answer.other and as_json(answer.other, is_operator=is_operator),
        "brought": [_brought_json(b, is_operator=is_operator) for b in answer.brought],
        "rejection": rejection and _finding_json(rejection, answer, is_operator=is_operator),
        "issues": [_finding_json(issue, answer, is_operator=is_operator) for issue in answer.issues],
    }


def _brought_json(brought: Brought, *, is_operator: bool) -> dict[str, object]:
    hidden = brought.event in _PERSONAL and not is_operator
    return {
        "event": brought.event,
        "nature": None if hidden else brought.nature,
        "on": brought.event_on.isoformat(),
        "indicator": brought.code,
        "label": brought.label or EVENT.get(brought.event, brought.event),
        "unit": "minute" if brought.unit == "heure" else brought.unit or "euro",
        "value": None if hidden and brought.rule == "ratio" else str(_plain(brought.value)),
        "territory_code": None if hidden else brought.territory_code,
        "lieu_siret": brought.lieu_siret,
    }


def _finding_json(finding: Finding, answer: Answer, *, is_operator: bool) -> dict[str, object]:
    value = finding.value if is_operator or not _is_numbered(finding, answer.file, None) else HIDDEN
    return {"column": finding.column, "value": value, "reason": finding.reason}


def _place(answer: Answer) -> str:
    return f"Ligne {answer.line} de {_file(answer.file)}"


def _file(file: DeliveredFile) -> str:
    what = in_sentence(DATASET.get(file.dataset or "inconnu", file.dataset or ""))
    extracted = f", extraction du {day(file.extract_date)}" if file.extract_date else ""
    return f"« {file.file_name} » ({what}{extracted})"


def _verdict(answer: Answer, guide: Guide, *, is_operator: bool) -> str:
    if answer.state == "counted":
        return "elle est comptée."
    if answer.state == "described":
        return f"elle est acceptée ; {LINE_REASON[answer.reason or '']}."
    if answer.state == "rejected" and answer.rejection is not None:
        return _tell_rejection(answer.rejection, answer, guide, is_operator=is_operator)
    if answer.state == "duplicate":
        return f"elle est en double : {LINE_REASON['copy']}. Celle-là est lue, une seule fois."
    if answer.state == "merged":
        return f"elle est acceptée : {LINE_REASON['part']}."
    if answer.state == "refused_file":
        return _tell_refusal(answer.file, guide)
    if answer.state == "no_data":
        return _tell_no_data(answer, guide)
    return f"elle n'est pas comptée : {LINE_REASON.get(answer.reason or '', answer.reason or '')}."


def _tell_rejection(finding: Finding, answer: Answer, guide: Guide, *, is_operator: bool) -> str:
    receipt = guide.receipt(answer.file)
    contract = guide.contract(answer.file, receipt)
    why = REASONS.get(finding.reason, finding.reason)
    if finding.column is None or contract is None:
        fields = f" ({finding.value} au lieu de ceux de l'en-tête)" if finding.value else ""
        return (
            f"elle est rejetée, donc comptée nulle part : {why}{fields}. Un séparateur est en trop ou manque : "
            "corrigez-la dans l'outil d'origine, puis redéposez l'export."
        )
    numbered = _is_numbered(finding, answer.file, contract)
    value = f", valeur « {finding.value} »" if finding.value and (is_operator or not numbered) else ""
    return (
        f"elle est rejetée, donc comptée nulle part : {why} dans la colonne {_header(finding, receipt)}{value}. "
        f"Attendu : {describe_expected(contract.field(finding.column))}. "
        "Corrigez-la dans l'outil d'origine, puis redéposez l'export."
    )


def _tell_issue(finding: Finding, answer: Answer, guide: Guide, *, is_operator: bool) -> str:
    numbered = _is_numbered(finding, answer.file, None)
    value = f" (« {finding.value} »)" if finding.value and (is_operator or not numbered) else ""
    header = _header(finding, guide.receipt(answer.file))
    return f"À relire, sans effet sur son acceptation : {REASONS[finding.reason]}, colonne {header}{value}."


def _header(finding: Finding, receipt: Receipt | None) -> str:
    """A column by the header that the file gives it."""
    return f"« {(receipt.columns if receipt else {}).get(finding.column or '', finding.column)} »"


def _is_numbered(finding: Finding, file: DeliveredFile, contract: Contract | None) -> bool:
    contract = contract or next((c for c in load_layouts() if c.layout == file.dataset), None)
    field = contract and next((f for f in contract.fields if f.name == finding.column), None)
    return bool(contract and field and is_numbered(contract.dataset, field))


def _tell_refusal(file: DeliveredFile, guide: Guide) -> str:
    receipt = guide.receipt(file)
    why = REASONS.get(file.reason or "", file.reason or "")
    explained = f" {receipt.explanation}" if receipt and receipt.explanation else ""
    return (
        f"le fichier entier est refusé ({why}), aucune de ses lignes n'est comptée.{explained} Le rapport à côté de "
        "l'original, dans la quarantaine, dit comment le corriger ; redéposez-le ensuite."
    )


def _tell_no_data(answer: Answer, guide: Guide) -> str:
    receipt = guide.receipt(answer.file)
    lines = count(answer.file.lines_read, "ligne de données", "lignes de données")
    if receipt and receipt.header_line is not None and answer.line <= receipt.header_line:
        what = "c'est l'en-tête" if answer.line == receipt.header_line else "elle est au-dessus de l'en-tête"
    else:
        what = "elle est vide, c'est un total, la suite d'une ligne commencée plus haut, ou elle dépasse la fin"
    return f"ce n'est pas une ligne de données ({what}). Le fichier en a {lines}."


def _tell_chain(answer: Answer) -> list[str]:
    """What became of the line that stands in its place, and of the one that stands in that one's."""
    told, other = [], answer.other
    while other is not None:
        verdict = (
            "elle est comptée"
            if other.state == "counted"
            else "elle est acceptée"
            if other.state in ("described", "merged")
            else "elle est rejetée"
            if other.state == "rejected"
            else f"elle n'est pas comptée : {LINE_REASON.get(other.reason or '', other.reason or '')}"
        )
        told.append(f"À sa place : {in_sentence(_place(other))} ; {verdict}.")
        other = other.other
    return told


def _tell_brought(answer: Answer, *, is_operator: bool) -> list[str]:
    """The figures that a line is part of: one a line, indicators first; others where no indicator tells the event."""
    told_events = {b.event for b in answer.brought if b.is_indicator}
    kept = [b for b in answer.brought if b.is_indicator or b.event not in told_events]
    kept = [b for b in kept if b.value or b.rule == "ratio"]
    if not is_operator:  # of a person, that there is one: the first measure of the event says it
        firsts = {b.event: b for b in reversed(kept)}
        kept = [b for b in kept if b.event not in _PERSONAL or firsts[b.event] is b]
    if not kept:
        return []
    title = "Elle apporte :" if answer.state == "counted" else "Elle garde la trace de :"
    return [title, *(f"  - {_tell_one(b, is_operator=is_operator)}" for b in kept)]


def _tell_one(brought: Brought, *, is_operator: bool) -> str:
    label = brought.label or EVENT.get(brought.event, brought.event)
    code = f" ({brought.code})" if brought.code else ""
    nature = f", {in_sentence(NATURE[brought.nature])}" if brought.code is None and brought.nature in NATURE else ""
    if brought.event == "receivable" and brought.nature in RECEIVABLE_BECAUSE:
        # What the lieu has to give back, since when it is known, and why.
        value = _tell_value(brought, hidden=False)
        because = RECEIVABLE_BECAUSE[brought.nature]
        return f"{EVENT['receivable']} : {value}, connu le {day(brought.event_on)}, parce que {because}"
    hidden = brought.event in _PERSONAL and not is_operator
    where = f", {brought.territory_name}" if brought.territory_name and not hidden else ""
    return f"{label}{code}{nature} : {_tell_value(brought, hidden=hidden)}, le {day(brought.event_on)}{where}"


def _tell_value(brought: Brought, *, hidden: bool) -> str:
    value = brought.value
    if brought.rule == "ratio":
        return "une réponse" if hidden else f"une réponse, « {'oui' if value else 'non'} »"
    if brought.rule == "capped":
        return f"{euros(value)} de valeur faciale, avant taux et plafond"
    if brought.unit in ("euro", None):
        return euros(value)
    if brought.unit == "heure":
        return f"{count(value, 'minute')} ({decimal(value / _MINUTES, 2)} h)"
    return integer(value)


def _plain(value: Decimal) -> Decimal:
    """Without the noughts of its type: 1, not 1.00; never an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
