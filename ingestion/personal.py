"""Personal data: what looks like it, by name or by value, and how it is masked (exports §4).

Does not live here: pseudonyms and age bands (pseudonym).
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from ingestion.contract import Field, normalise_header

MASK = "***"
LONGEST_VALUE = 500
"""Characters kept of the value of a reject."""
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
NUMBER_TYPES = ("digits", "digits_list", "siret")
"""Columns whose right values are long numbers: a run of digits there is no phone and no NIR."""
PERSON_LEVEL = ("prescriptions", "utilisations")
"""Data sets whose lines are one person's: what is written in the wrong column there may be anything about them."""
READABLE_REASONS = ("wrong_field_count", "null_word", "error_cell", "uncalculated_formula", "invalid_check_digits")
"""Findings whose value is never anybody's."""

EMAIL = r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
PHONE = r"(?:\+|00)33[\s. -]?(?:\(0\))?[\s. -]?[1-9](?:[\s. -]?[0-9]{2}){4}|\b0[1-9](?:[\s. -]?[0-9]{2}){4}\b"
SPACED_PHONE = r"(?:\+33[\s. -]?[1-9]|\b0[1-9])(?:[\s.-][0-9]{2}){4}\b"
NIR = (
    r"\b[1-478][\s.]?[0-9]{2}[\s.]?(?:0[1-9]|1[0-2]|[2-9][0-9])[\s.]?(?:[0-9]{2}|2[ABab])"
    r"[\s.]?[0-9]{3}[\s.]?[0-9]{3}(?:[\s.]?[0-9]{2})?\b"
)
SPACED_NIR = (
    r"\b[1-478][\s.][0-9]{2}[\s.][0-9]{2}[\s.](?:[0-9]{2}|2[ABab])[\s.]?[0-9]{3}[\s.][0-9]{3}(?:[\s.]?[0-9]{2})?\b"
)
ADDRESS = (
    r"(?i)\b[0-9]{1,4}(?:\s?(?:bis|ter|quater|[a-d]))?,?\s+(?:rue|avenue|av\.?|boulevard|bd|place|impasse|allée|"
    r"allee|chemin|quai|cours|square|route|passage|villa|résidence|residence|cité|cite|sentier)\s"
)
_VALUE_PATTERNS = {
    "adresse électronique": f"^\\s*{EMAIL}\\s*$",
    "numéro de téléphone": f"^\\s*(?:{PHONE})\\s*$",
    "numéro de sécurité sociale": f"^\\s*(?:{NIR})\\s*$",
    "adresse postale": ADDRESS,
    "nom de personne": r"^\s*(?:(?i:m\.?|mr|mme|mlle|monsieur|madame)\s+\p{L}|\p{Lu}[\p{Lu}' -]+\s+\p{Lu}\p{Ll}+$)",
}
_NAME_WORDS = {
    "nom de personne": (
        "nom", "prenom", "prenoms", "nomprenom", "prenomnom", "identite", "patronyme", "nomnaissance", "nomusage",
        "civilite", "nombeneficiaire", "prenombeneficiaire", "nomfamille", "nomjeunefille", "nomusager", "usager",
        "beneficiaire", "agent", "conseiller", "referent", "contact", "titulaire", "nomcomplet",
    ),
    "adresse électronique": ("mail", "email", "courriel", "adressemail", "adresseemail", "adresseelectronique"),
    "numéro de téléphone": ("tel", "telephone", "portable", "mobile", "numerotelephone", "telephonebeneficiaire"),
    "adresse postale": ("adresse", "adressepostale", "domicile", "rue", "adressebeneficiaire", "voie"),
    "numéro de sécurité sociale": ("nir", "numerosecu", "securitesociale", "numerosecuritesociale", "numeross"),
    "date de naissance": ("datenaissance", "naissance", "nele", "neele", "ddn"),
}  # fmt: skip
_NAME_FRAGMENTS = {
    "nom de personne": r"prenom|patronyme|nom.*(?:beneficiaire|usager|personne)|(?:beneficiaire|usager).*nom|surname"
    r"|(?:beneficiary|user|person|holder|client|first|last|given|family|full)s?name",
    "adresse électronique": r"e?mail|courriel",
    "numéro de téléphone": r"telephone|portable|mobile|^tel|phone",
    "adresse postale": r"adresse|domicile|address",
    "numéro de sécurité sociale": r"\bnir\b|securitesociale|^nir|socialsecurity|^ssn",
    "date de naissance": r"naissance|birth",
}
NAME_LIKE = r"^\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)+$"
"""Two capitalised words: a person, or a place. Never shown of a column that nothing explains."""
_SHARE_OF_VALUES = 0.2
_VALUE = re.compile(
    rf"^\s*(?:{EMAIL}|{PHONE}|{NIR}|[+-]?[0-9][0-9\s.,/:€%-]*|[0-9]{{1,4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,4}}.*)\s*$"
)


def looks_like_value(cell: str) -> bool:
    """A number, a date, an e-mail, a phone number or a NIR: not the name of a column."""
    return bool(_VALUE.match(cell[:200]))


def recognise_by_name(header: str) -> str | None:
    """The kind of personal data a header announces (French), None when it announces none."""
    name = normalise_header(header)
    for kind, words in _NAME_WORDS.items():
        if name in words or re.search(_NAME_FRAGMENTS.get(kind, "(?!)"), name):
            return kind
    return None


def recognise_by_values(values: pl.Series) -> str | None:
    """The kind of personal data a column's values look like: at least one in five. No value is ever given."""
    present = values.drop_nulls()
    present = present.filter(present.str.strip_chars() != "")
    if present.is_empty():
        return None
    for kind, pattern in _VALUE_PATTERNS.items():
        share: Any = present.str.contains(pattern).mean()
        if share >= _SHARE_OF_VALUES:
            return kind
    return None


def mask_inside(text: pl.Expr) -> pl.Expr:
    """Mask e-mails, NIR and phone numbers inside a text, the rest kept as it is."""
    masked = text
    for pattern in (EMAIL, NIR, PHONE):
        masked = masked.str.replace_all(pattern, MASK)
    return masked


def show_shape(texts: pl.Series) -> pl.Series:
    """What stands for a text of a person-level export: its letters as A, its digits as 9 (`AAAA-99`).

    One that holds a mail, a phone number, a postal address or a NIR, or a part masked already, is masked whole.
    """
    text = pl.col("t")
    is_personal = pl.any_horizontal(text.str.contains(p) for p in (EMAIL, NIR, PHONE, ADDRESS, re.escape(MASK)))
    shape = text.str.replace_all(r"\p{M}", "").str.replace_all(r"\p{L}", "A").str.replace_all(r"\p{N}", "9")
    return texts.to_frame("t").select(pl.when(is_personal).then(pl.lit(MASK)).otherwise(shape).alias("t")).to_series()


def show_finding_shapes(findings: pl.DataFrame) -> pl.DataFrame:
    """Rejects or issues of a person-level export as they may be shown: the shapes of their values.

    Counts of fields, words for nothing and SIRET of fourteen digits say nothing of anybody: kept.
    """
    told = pl.col("reason").is_in(READABLE_REASONS)
    shapes = show_shape(findings["value"]).alias("shape")
    shown = pl.when(told).then("value").otherwise("shape").alias("value")
    return findings.with_columns(shapes).with_columns(shown).drop("shape")


def mask_value(field: Field, texts: pl.Series) -> pl.Series:
    """The value of a reject or an issue as it may be stored: personal columns whole, others where they look so.

    In a column of long numbers only phones and NIR written in groups are masked.
    """
    if field.personal:
        return texts.set(texts.is_not_null(), MASK)
    text = pl.col("t").str.replace_all(CONTROLS, "\ufffd")
    if field.type in NUMBER_TYPES:
        masked = text.str.replace_all(EMAIL, MASK).str.replace_all(SPACED_NIR, MASK).str.replace_all(SPACED_PHONE, MASK)
    else:
        masked = mask_inside(text)
    return texts.to_frame("t").select(masked.str.slice(0, LONGEST_VALUE)).to_series()
