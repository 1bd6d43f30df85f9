"""Whether the lake's pseudonyms are all of one rule: a person under two would be counted twice (exports §4).

Quick to import: a run that has nothing new asks it. Does not live here: the rule (pseudonym), its number (receipt),
writing a lake anew under it (upgrading).
"""

from __future__ import annotations

from ingestion.delivery import IngestionError
from ingestion.lake import Lake
from ingestion.receipt import IDENTIFIER_RULE, Receipt
from presentation.french import count


def rule_of(receipt: Receipt) -> int:
    """The rule under which a file of people was written; 0 before it had a number."""
    return receipt.identifier_rule or 0


def written_otherwise(lake: Lake) -> list[Receipt]:
    """The loaded files of people whose pseudonyms are not of today's rule. Raises LakeCorruption."""
    people = {dataset for dataset, contract in lake.contracts.items() if any(f.pseudonym for f in contract.fields)}
    return [r for r in lake.receipts() if r.dataset in people and rule_of(r) != IDENTIFIER_RULE]


def refuse_other_rule(lake: Lake) -> None:
    """Raises IngestionError, with the command that mends it, where a file was written under another rule."""
    found = written_otherwise(lake)
    refuse_later_rule(found)
    if found:
        raise IngestionError(
            "Des pseudonymes du lac ont été faits sous une règle plus ancienne "
            f"({count(len(found), 'fichier')}) : une même personne, écrite de deux façons, serait comptée deux fois. "
            "Rien n’est lu ni construit. Récrivez-les depuis l’archive par « passnum upgrade », puis relancez la "
            "commande."
        )


def refuse_later_rule(found: list[Receipt]) -> None:
    """Raises IngestionError where one of those files was written under a rule that this code does not know."""
    if any(rule_of(receipt) > IDENTIFIER_RULE for receipt in found):
        raise IngestionError(
            "Le lac porte des pseudonymes faits par une version plus récente de passnum, sous une règle inconnue de "
            "celle-ci. Reprenez la version de passnum qui l’a écrit."
        )
