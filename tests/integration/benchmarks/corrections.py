"""A delivery that corrects lines already paid, one of what lieux gave back: simulated clean deliveries have neither.

Does not live here: the world they are added to (conftest.py).
"""

from __future__ import annotations

import csv
from pathlib import Path

from benchmarks.floor import extract_date

DAY = "2024-01-31"
#: The debt that a correction leaves (`sans_…`: none) → what the line then says; None: the pass of the line before.
CORRECTIONS: dict[str, dict[str, str | None]] = {
    "utilisation_annulee": {"statut": "annulee"},
    "utilisation_rejetee": {"statut": "rejetee", "date_remboursement": "", "reference_remboursement": ""},
    "pass_inconnu": {"numero_pass": "0099999999"},
    "paiement_efface": {"statut": "validee", "date_remboursement": "", "reference_remboursement": ""},
    "paiement_remplace": {"reference_remboursement": "CP-CORRIGE"},
    "montant_corrige": {"montant": "6,50"},
    "double_utilisation": {"numero_pass": None},
    "sans_jour": {"date_remboursement": ""},
    "sans_reference": {"reference_remboursement": ""},
}


def add_corrections(landing: Path) -> None:
    """Add to `landing` a month that corrects one paid line a kind, and recoveries: of a part, and of too much."""
    lines: dict[str, dict[str, str]] = {}
    for path in sorted(landing.glob("utilisations_*.csv"), key=extract_date):
        lines |= {line["id_utilisation"]: line for line in _read(path)}
    paid = [line for _, line in sorted(lines.items()) if line["date_remboursement"]][: len(CORRECTIONS)]
    corrected = [
        line | {name: before["numero_pass"] if said is None else said for name, said in change.items()}
        for before, line, change in zip([paid[-1], *paid], paid, CORRECTIONS.values(), strict=False)
    ]
    _write(landing / f"utilisations_{DAY}.csv", corrected)
    entry = _read(min(landing.glob("budget_*.csv")))[0] | {
        "date_ecriture": "30/01/2024", "nature": "recouvrement_lieu", "categorie": "valeur_faciale", "bon_commande": "",
    }  # fmt: skip
    recoveries = [
        {
            **entry, "id_ecriture": f"RECOUVREMENT-{line['id_utilisation']}", "montant_ht": eur, "montant_ttc": eur,
            "reference": line["reference_remboursement"],
        }
        for line, eur in zip(paid, ("3,00", "1000,00"), strict=False)
    ]  # fmt: skip
    _write(landing / f"budget_{DAY}.csv", recoveries)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=";"))


def _write(path: Path, lines: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(lines[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
