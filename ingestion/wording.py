"""The French words of what is wrong with a file or a value, and of what a column expects: reports and `passnum why`.

Does not live here: what is wrong (examine, judging), the reports themselves (report).
"""

from __future__ import annotations

from ingestion.contract import Contract, Field

REASONS = {
    "empty_file": "fichier vide",
    "unreadable": "fichier illisible",
    "unknown_layout": "export inconnu",
    "missing_columns": "colonnes manquantes",
    "missing_extract_date": "date d’extraction absente du nom",
    "future_extract_date": "date d’extraction dans le futur",
    "wrong_field_count": "nombre de champs différent de l’en-tête",
    "missing_key": "identifiant absent",
    "missing_value": "valeur obligatoire absente",
    "invalid_value": "valeur incorrecte",
    "invalid_check_digits": "chiffres de contrôle incorrects (valeur gardée)",
    "null_word": "mot qui veut dire « rien » (lu comme un vide)",
    "error_cell": "erreur d’Excel (lue comme un vide)",
    "uncalculated_formula": "formule non calculée (lue comme un vide)",
    "personal_text_masked": "texte qui contient une donnée personnelle (masqué)",
    "damaged_text": "texte abîmé par un mauvais encodage (gardé tel quel)",
}
TYPES = {
    "code": "code (lettres, chiffres, tirets)",
    "text": "texte",
    "digits": "chiffres, zéros de tête compris",
    "digits_list": "un ou plusieurs numéros",
    "siret": "SIRET de 14 chiffres",
    "insee": "code INSEE de 5 caractères",
    "decimal": "montant en euros, deux décimales au plus",
    "integer": "nombre entier",
    "number": "nombre",
    "date": "date jj/mm/aaaa ou aaaa-mm-jj",
    "datetime": "date, avec ou sans heure",
    "enum": "une des valeurs prévues",
    "list": "liste séparée par « | »",
}


def describe_field(contract: Contract, name: str) -> str:
    """`montant` — Montant : montant en euros…, par exemple « 10,00 »."""
    field = contract.field(name)
    return f"`{field.name}` — {field.title} : {describe_expected(field)}"


def describe_expected(field: Field) -> str:
    """What a right value of the column is, with an example where none is personal."""
    values = f" ({', '.join(field.values)})" if field.values else ""
    bounds = _describe_bounds(field)
    example = "" if field.personal or not field.example else f", par exemple « {field.example} »"
    return f"{TYPES[field.type]}{values}{bounds}{example}"


def _describe_bounds(field: Field) -> str:
    low, high = field.minimum, field.maximum
    top = "l’année de l’extraction" if high == "extract_year" else None if high is None else f"{high:g}"
    if low is not None and top is not None:
        return f", de {low:g} à {top}"
    if low is not None:
        return f", {low:g} au moins"
    return f", {top} au plus" if top is not None else ""
