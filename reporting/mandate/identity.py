"""Who renders the account, for whom, under which convention; who certifies it, approves it and controls it.

From the settings alone (programme/mandat.yaml, programme/diffusion.yaml): what they do not say is said « non renseigné
», with the line to fill in; nothing is guessed. Does not live here: the figures, where it is laid out (document.py,
workbook.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from presentation.french import day_long
from presentation.table import Table
from programme.config import Issuer, Mandate, Programme
from reporting.mandate.tables import make_table

#: Setting of mandat.yaml → what it is called in the account.
NAMES = {
    "agent_name": "Mandataire",
    "agent_siren": "SIREN du mandataire",
    "agent_address": "Adresse du mandataire",
    "agent_representative": "Représentant du mandataire",
    "convention_reference": "Convention de mandat, référence",
    "convention_signed_on": "Convention de mandat, signée le",
    "convention_starts_on": "Convention de mandat, date d'effet",
    "convention_ends_on": "Convention de mandat, terme",
    "deliberation": "Délibération qui l'approuve",
    "agreement": "Accord-cadre, référence",
    "authorising_officer": "Ordonnateur",
    "accountant": "Comptable public assignataire",
}
_ISSUER, _MANDATE, _PROGRAMME = "programme/diffusion.yaml", "programme/mandat.yaml", "programme/programme.yaml"


@dataclass(frozen=True)
class Parties:
    """Those whom the account names: the issuer is the mandant."""

    issuer: Issuer
    mandate: Mandate


@dataclass(frozen=True)
class Signature:
    """A block to be signed: who, as what, what they declare."""

    title: str
    signatory: str
    text: str


def identity_table(parties: Parties, programme: Programme) -> Table:
    """Grain: one line of what the account says of its parties, with the file of settings that says it."""
    rows = [
        ("Mandant", parties.issuer.name, _ISSUER),
        ("SIREN du mandant", parties.issuer.siren, _ISSUER),
        *((label, _told(parties.mandate, name), _MANDATE) for name, label in NAMES.items()),
        ("Accord-cadre, signé le", day_long(programme.agreement_signed_on), _PROGRAMME),
        ("Accord-cadre, terme (hypothèse à confirmer)", day_long(programme.agreement_ends_on), _PROGRAMME),
        ("Fin du mandat au plus tard", day_long(programme.mandate_ends_on), _PROGRAMME),
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["label", "value", "source"], orient="row")
    return make_table(
        "identification", "Identification", "Identification du mandat et de ses parties", ["label"],
        [("label", "Élément", "text"), ("value", "Valeur", "text"), ("source", "Réglage", "text")], frame,
    )  # fmt: skip


def signatures(parties: Parties, year: int) -> list[Signature]:
    """Certified by the agent, approved by the authorising officer, controlled by the accountant (D. 1611-25, -26)."""
    mandate = parties.mandate
    return [
        Signature(
            "Certification du mandataire", _told(mandate, "agent_representative"),
            f"Le mandataire, {mandate.agent_name}, certifie exacts le présent compte de l'année {year}, ses états de "
            "développement des soldes et ses pièces, qui retracent toutes les opérations du mandat sans contraction.",
        ),
        Signature(
            "Approbation de l'ordonnateur", _told(mandate, "authorising_officer"),
            f"L'ordonnateur du mandant, {parties.issuer.name}, approuve le compte de l'année {year}, à l'exception des "
            "opérations suivantes (numéro de pièce, montant, motif) :",
        ),
        Signature(
            "Visa du comptable public", _told(mandate, "accountant"),
            "Le comptable public intègre à ses comptes les opérations contrôlées, et notifie celles qu'il refuse, "
            "portées à un compte d'attente (numéro de pièce, montant, motif) :",
        ),
    ]  # fmt: skip


def lacking_sentence(mandate: Mandate, closed: int | None = None) -> str:
    """What is left to fill in, for whoever issues the account, and how; empty when nothing is. closed: the year that is
    closed with it, which only a rectifying edition says otherwise, before the next is closed."""
    if not mandate.lacking:
        return ""
    names = ", ".join(f"« {name} »" for name in mandate.lacking)
    told = f"Le compte porte « non renseigné » : remplissez {names} dans {_MANDATE} avant de le faire signer"
    if closed is None:
        return f"{told}."
    again = f"passnum export mandat --year {closed} --rectificative"
    return f"{told}, puis, avant d'arrêter {closed + 1}, émettez l'édition qui les porte : « {again} »."


def _told(mandate: Mandate, name: str) -> str:
    value = getattr(mandate, name)
    if value is None:
        return f"non renseigné (à compléter dans {_MANDATE}, ligne « {name} »)"
    return day_long(value) if isinstance(value, date) else str(value)
