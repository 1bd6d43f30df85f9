"""Words that other exports use for ours: English, and the abbreviations of spreadsheets (for `passnum map`, and for
telling a header from a name).

A word here makes a header look more like a field; it decides nothing: what is proposed is told doubtful until a
person confirms it. Does not live here: the aliases of a contract (ingestion/contracts).
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # English
    "amount": "montant", "beneficiary": "beneficiaire", "birth": "naissance", "book": "carnet", "booklet": "carnet",
    "category": "categorie", "city": "commune", "delivered": "livraison", "delivery": "livraison",
    "duration": "duree", "expiry": "validite", "expires": "validite", "entry": "ecriture", "face": "faciale",
    "first": "premier", "gender": "genre", "issued": "emission", "issue": "emission", "issuer": "prescripteur",
    "kind": "type", "label": "libelle", "last": "dernier", "lot": "lot", "batch": "lot", "minutes": "minutes",
    "mode": "modalite", "name": "nom", "number": "numero", "order": "commande", "paid": "remboursement",
    "payment": "remboursement", "place": "lieu", "prescribed": "prescription", "reference": "reference",
    "refund": "remboursement", "service": "service", "session": "session", "sex": "genre", "site": "lieu",
    "state": "statut", "status": "statut", "ticket": "pass", "used": "utilisation", "validity": "validite",
    "value": "valeur", "voucher": "pass", "year": "annee", "handed": "prescription", "scanned": "utilisation",
    # Abbreviations, and other French words for the same thing
    "benef": "beneficiaire", "bc": "commande", "bdc": "commande", "cde": "commande", "cmd": "commande",
    "chequier": "carnet", "cheque": "pass", "titre": "pass", "deb": "premier", "debut": "premier", "fin": "dernier",
    "dt": "date", "dte": "date", "id": "identifiant", "ident": "identifiant", "mt": "montant", "mnt": "montant",
    "total": "montant", "mn": "minutes", "min": "minutes", "nb": "nombre", "naiss": "naissance", "yr": "annee",
    "presc": "prescripteur", "prestation": "service", "prest": "service", "ref": "reference", "seance": "session",
    "sexe": "genre", "stat": "statut", "situation": "statut", "val": "valeur", "unit": "faciale", "edite": "emission",
    "remis": "livraison", "expire": "validite", "scanne": "utilisation", "paye": "remboursement",
    "activite": "situation", "atelier": "service", "groupe": "session", "horodatage": "utilisation",
    "imprime": "emission", "ne": "naissance", "orienteur": "prescripteur", "raison": "nom", "etablissement": "lieu",
    "reverse": "montant", "usager": "beneficiaire", "public": "public", "expedie": "livraison", "scan": "utilisation",
    "maj": "date", "ville": "commune", "1er": "premier",
    "virement": "remboursement", "commune": "commune", "cp": "postal", "mail": "courriel", "tel": "telephone",
}  # fmt: skip
