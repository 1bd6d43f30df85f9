"""Personal data: what announces it (a header, a whole column), and what may be shown of a value (exports §4).

Does not live here: what in a text is somebody's (personal_text), pseudonyms and age bands (pseudonym).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import polars as pl

from ingestion.contract import Field, load_layouts, normalise_header
from ingestion.personal_text import ADDRESS, KINDS, MAIL, MASK, NIR, PHONE, holds_personal, mask_sentence
from ingestion.vocabulary import WORDS

RULE = 3
"""Of what is masked, and how: a lake written under an older one is masked again (masking_again). 2: bad values of a
person by their shape, texts, headers and names of files masked. 3: more writings of a mail, a number, a name."""
LONGEST_VALUE = 500
"""Characters kept of the value of a reject."""
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
NUMBER_TYPES = ("digits", "digits_list", "siret")
"""Columns whose right values are long numbers: a run of digits there is no phone and no NIR."""
PERSON_LEVEL = ("prescriptions", "utilisations")
"""Data sets whose lines are one person's: what is written in the wrong column there may be anything about them."""
FREE_TYPES = ("text", "code", "digits", "digits_list", "list")
"""Columns that may hold anything once read: the others are days, numbers, words of the contract, SIRET."""
_NUMBERED = re.compile("(?:id|numero)_")
"""Identifiers made of numbers, as codes are: two capitalised words there are a person's."""
_TEXTS = ("text", "list")
READABLE_REASONS = (
    "missing_key", "missing_value", "wrong_field_count", "personal_text_masked", "null_word", "error_cell",
    "uncalculated_formula", "invalid_check_digits", "damaged_text",
)  # fmt: skip
"""Findings whose value is nobody's: a number of fields, a word for nothing, a SIRET of fourteen digits, a text that is
kept (masked where it holds somebody's)."""

_KIND_OF_VALUES = {
    "adresse électronique": MAIL,
    "numéro de téléphone": PHONE,
    "numéro de sécurité sociale": NIR,
    "adresse postale": ADDRESS,
}
_NAME = r"^\s*(?:(?i:m\.?|mr|mme|mlle|monsieur|madame)\s+\p{L}|\p{Lu}[\p{Lu}' -]+\s+\p{Lu}\p{Ll}+$)"
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
_OTHER_HEADERS = (
    "colonne", "remarque", "remarques", "commentaire", "commentaires", "observation", "observations", "note", "notes",
    "champ", "divers", "info", "informations", "total", "libre", "utilisateur", "compte", "dossier", "fichier",
    "suivi", "action", "heure", "jour", "mois", "semaine", "annee", "age", "tranche", "departement", "region", "pays",
    "quartier", "epci", "canal", "origine", "motif", "responsable", "direction", "partenaire", "formation", "atelier",
    "export",
)  # fmt: skip
NAME_LIKE = r"^\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)+$"
"""Two capitalised words: a person, or a place. Never shown of a column that nothing explains."""
_CAPITALISED = re.compile(r"^[^\W\d_a-zß-ÿ][^\W\d_]+(?:[ '’-]+[^\W\d_a-zß-ÿ][^\W\d_]*)+$")
_SHARE_OF_VALUES = 0.2
_VALUE = re.compile(
    r"^\s*(?:[^\s@]+@[^\s@]+\.[^\s@]+|[+-]?[0-9][0-9\s.,/:€%()-]*|[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}.*"
    r"|[1-478][\s.-]?[0-9]{2}[\s.-]?[0-9]{2}[\s.-]?2[ABab][0-9\s.-]{6,})\s*$"
)


def looks_like_value(cell: str) -> bool:
    """A number, a date, an e-mail, a phone number or a NIR: not the name of a column."""
    return bool(_VALUE.match(cell[:200]))


def show_header(header: str, place: int) -> str:
    """A header as it may be told: by its place (from 0) where it holds somebody's, or where it is a name.

    A name is two capitalised words of which none is found in the headers of exports.
    """
    is_name = bool(_CAPITALISED.match(header)) and _known_words().isdisjoint(_words(header))
    return f"colonne {place + 1}" if is_name or mask_sentence(header) != header else header


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    """The words of the headers of every layout, and others of exports."""
    spelled = [header for layout in load_layouts() for field in layout.fields for header in field.headers]
    named = [word for words in _NAME_WORDS.values() for word in words]
    return frozenset().union(*map(_words, (*spelled, *named, *WORDS, *_OTHER_HEADERS)))


def _words(header: str) -> frozenset[str]:
    return frozenset(filter(None, (normalise_header(word) for word in re.split(r"[\W_]+", header))))


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
    for kind, code in _KIND_OF_VALUES.items():
        share: Any = holds_personal(present, but=[other for other in KINDS if other != code]).mean()
        if share >= _SHARE_OF_VALUES:
            return kind
    is_name: Any = present.str.contains(_NAME).mean()
    return "nom de personne" if is_name >= _SHARE_OF_VALUES else None


def show_shape(texts: pl.Series) -> pl.Series:
    """What stands for a text of a person-level export: its letters as A, its digits as 9 (`AAAA-99`).

    One that holds a mail, a phone number, a postal address or a NIR, or a part masked already, is masked whole.
    """
    is_personal = holds_personal(texts) | texts.str.contains(MASK, literal=True).fill_null(False)
    shape = pl.col("t").str.replace_all(r"\p{M}", "").str.replace_all(r"\p{L}", "A").str.replace_all(r"\p{N}", "9")
    shown = pl.when(is_personal).then(pl.lit(MASK)).otherwise(shape).alias("t")
    return texts.to_frame("t").select(shown).to_series()


def show_findings(dataset: str, findings: pl.DataFrame) -> pl.DataFrame:
    """Rejects or issues as they may be kept: by their shape where a line is one person's (exports §4)."""
    return show_finding_shapes(findings) if dataset in PERSON_LEVEL and findings.height else findings


def show_finding_shapes(findings: pl.DataFrame) -> pl.DataFrame:
    """Rejects or issues of a person-level export as they may be shown: the shapes of their values.

    Counts of fields, words for nothing and SIRET of fourteen digits say nothing of anybody: kept.
    """
    told = pl.col("reason").is_in(READABLE_REASONS)
    shapes = show_shape(findings["value"]).alias("shape")
    shown = pl.when(told).then("value").otherwise("shape").alias("value")
    return findings.with_columns(shapes).with_columns(shown).drop("shape")


def is_somebody(field: Field, identifiers: pl.Series) -> pl.Series:
    """Whether an identifier is a person's NIR, phone, mail or name: it names them, a bad value (exports §4).

    One that a pseudonym replaces is theirs, whatever it is made of.
    """
    if field.pseudonym:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(identifiers))
    held = holds_personal(identifiers, among_identifiers=True)
    is_numbered = field.type == "code" or bool(_NUMBERED.match(field.name))
    return held | identifiers.str.contains(NAME_LIKE).fill_null(False) if is_numbered else held


def without_people(field: Field, frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers (column `t`), of which one written as a NIR or as a phone number is not one: null."""
    is_bad = is_somebody(field, frame["t"])
    return frame.with_columns(t=pl.when(~is_bad).then(pl.col("t"))) if is_bad.any() else frame


def mask_texts(field: Field, frame: pl.DataFrame) -> pl.DataFrame:
    """A free text (columns `t`, `value`) that holds somebody's: masked whole, or empty where the column may be."""
    held = holds_personal(frame["t"], but=field.public)
    if not held.any():
        return frame
    masked = pl.lit(MASK if field.is_required else None, dtype=pl.String)
    return frame.with_columns(value=pl.when(held).then(masked).otherwise("value"), is_masked=held)


def mask_value(field: Field, texts: pl.Series) -> pl.Series:
    """A value as it may be shown: personal columns masked, others where they hold somebody's; the whole value.

    Among numbers and identifiers only what is written like nothing else is masked. In a column that is no text two
    capitalised words are a name: their shape. What the column publishes by nature stays.
    """
    if field.personal:
        return texts.set(texts.is_not_null(), MASK)
    is_number = field.type in NUMBER_TYPES or field.is_identifier
    held = holds_personal(texts, but=field.public, among_identifiers=is_number)
    shown = texts.to_frame("t").select(pl.col("t").str.replace_all(CONTROLS, "\ufffd").str.slice(0, LONGEST_VALUE))["t"]
    shown = shown.set(held, MASK) if held.any() else shown
    if field.type in _TEXTS and not field.is_identifier:
        return shown
    named = texts.str.contains(NAME_LIKE).fill_null(False)
    return show_shape(shown).zip_with(named, shown) if named.any() else shown
