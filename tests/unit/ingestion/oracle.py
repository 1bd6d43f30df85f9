"""Exports §1 to §5 once more, slowly: one cell, one line at a time, in plain Python, written from the specification.

It shares nothing with the product but the names of the fields. `judge` tells what must become of a table whose records
are known (titles, header, records, as texts). Does not live here: making files (dirty_files), comparing (test_oracle).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

BAD = object()
PARIS = ZoneInfo("Europe/Paris")
STATUSES = "emis livre retourne annule perdu vole"

# field, type, role, and the bounds or the values of exports §1. `code`: upper-cased.
LAYOUTS: dict[str, list[tuple]] = {
    "emissions": [
        ("numero_carnet", "code", "K", r"[A-Z0-9-]{4,20}"), ("premier_pass", "digits", "C", r"[0-9]{8,16}"),
        ("dernier_pass", "digits", "C", r"[0-9]{8,16}"), ("valeur_faciale", "decimal", "C"),
        ("numero_lot", "code", "o"), ("bon_commande", "text", "o"), ("code_insee", "insee", "C"),
        ("siret_prescripteur", "siret", "o"), ("date_emission", "date", "C"), ("date_livraison", "date", "o"),
        ("date_fin_validite", "date", "C"), ("statut", "enum", "C", STATUSES), ("date_statut", "date", "o"),
    ],
    "prescriptions": [
        ("id_prescription", "text", "K"), ("numero_carnet", "code", "C"), ("date_prescription", "date", "C"),
        ("siret_prescripteur", "siret", "o"), ("nom_prescripteur", "text", "o"),
        ("type_prescripteur", "enum", "o",
         "ccas mairie france_services mission_locale france_travail association bailleur autre"),
        ("code_insee", "insee", "C"), ("id_beneficiaire", "text", "o"),
        ("annee_naissance", "integer", "o", 1900, "year"),
        ("genre", "enum", "o", "femme homme autre non_communique"),
        ("situation", "enum", "o",
         "demandeur_emploi en_emploi etudiant retraite sans_activite autre non_communique"),
        ("public_pic", "enum", "o", "oui non nsp"), ("residence_qpv", "enum", "o", "oui non nsp"),
        ("statut", "enum", "C", "validee annulee"),
    ],
    "utilisations": [
        ("id_utilisation", "text", "K"), ("numero_pass", "digits", "C", r"[0-9]+"),
        ("date_utilisation", "datetime", "C"), ("siret_lieu", "siret", "C"), ("nom_lieu", "text", "o"),
        ("code_insee_lieu", "insee", "o"), ("code_service", "code", "o"), ("id_session", "text", "o"),
        ("modalite", "enum", "o", "individuel collectif"), ("duree_minutes", "integer", "o", 1, 600),
        ("montant", "decimal", "C"), ("statut", "enum", "C", "enregistree validee remboursee rejetee annulee"),
        ("date_remboursement", "date", "o"), ("reference_remboursement", "text", "o"),
    ],
    "lieux": [
        ("id", "text", "K"), ("pivot", "text", "C"), ("nom", "text", "C"), ("commune", "text", "C"),
        ("code_postal", "text", "C"), ("code_insee", "insee", "o"), ("adresse", "text", "C"),
        ("latitude", "number", "o", -90, 90), ("longitude", "number", "o", -180, 180), ("services", "list", "o"),
        ("date_maj", "date", "C"), ("date_referencement", "date", "o"), ("date_fin_referencement", "date", "o"),
    ],
    "services": [
        ("code_service", "code", "K"), ("libelle", "text", "C"), ("modalite", "enum", "o", "individuel collectif"),
        ("duree_minutes", "integer", "o", 1, None), ("nb_pass", "integer", "o", 0, None),
        ("niveau", "enum", "o", "decouvrir maitriser augmenter"),
    ],
    "budget": [
        ("id_ecriture", "text", "K"), ("date_ecriture", "date", "C"),
        ("nature", "enum", "C", "engagement mandatement avoir recette_etat recette_commune recouvrement_lieu"),
        ("categorie", "enum", "C", "valeur_faciale frais_emission mandat_gestion accompagnement autre"),
        ("montant_ht", "decimal", "o"), ("montant_ttc", "decimal", "C"), ("reference", "text", "o"),
        ("bon_commande", "text", "o"), ("ami", "integer", "o", 1, 2),
    ],
}  # fmt: skip
PERSONAL = {"id_beneficiaire", "annee_naissance"}


@dataclass
class Verdict:
    """What must become of a table. `rejected`, `issues`: (line, column, value, reason); `rows`: line → values."""

    reason: str | None = None
    rejected: list[tuple] = field(default_factory=list)
    issues: list[tuple] = field(default_factory=list)
    rows: dict[int, dict] = field(default_factory=dict)
    duplicates: int = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        read = len(self.rows) + len(self.rejected) + self.duplicates
        return read, len(self.rows), len(self.rejected), self.duplicates


def judge(dataset: str, header: list[str | None], records: list[tuple[int, list]], year: int) -> Verdict:
    """Data records (line number, cells: texts or native sheet values) under a header of field names.

    A header cell that is None is no field. Records that are blank or TOTAL are not given here.
    """
    verdict = Verdict()
    seen = set()
    places = {name: i for i, name in enumerate(header) if name}
    layout = [f for f in LAYOUTS[dataset] if f[0] in places]
    for line, cells in records:
        if len(cells) != len(header):
            verdict.rejected.append((line, None, str(len(cells)), "wrong_field_count"))
            continue
        texts = {f[0]: strip(cells[places[f[0]]]) for f in layout}
        reject, issues, values = judge_line(layout, texts, year)
        if reject:
            verdict.rejected.append((line, *reject))
            continue
        whole = {f[0]: values.get(f[0]) for f in LAYOUTS[dataset]}
        compared = tuple(one_spelling(v) if name == "id_beneficiaire" else v for name, v in whole.items())
        if compared in seen:
            verdict.duplicates += 1
            continue
        seen.add(compared)
        verdict.issues += [(line, *issue) for issue in issues]
        verdict.rows[line] = whole
    return verdict


def one_spelling(identifier: str | None) -> str | None:
    """Exports §4: neither case, blanks, hyphens nor the `.0` of a number tell two people apart; accents do."""
    kept = [c for c in identifier or "" if not c.isspace() and unicodedata.category(c) not in ("Cf", "Pd") and c != "−"]
    spelled = unicodedata.normalize("NFC", "".join(kept).upper())
    whole, dot, decimals = spelled.replace(",", ".").partition(".")
    number = whole.isascii() and whole.isdigit() and dot and decimals and not decimals.strip("0")
    return (whole if number else spelled) or None


def judge_line(layout: list[tuple], texts: dict, year: int) -> tuple[tuple | None, list[tuple], dict]:
    """The first reason of exports §5 (or None), the issues, the typed values of one line."""
    for name, _, role, *_ in layout:
        if role == "K" and (texts[name] is None or word_for_nothing(texts[name])):
            return (name, texts[name], "missing_key"), [], {}
    issues: list[Any] = []
    values: dict[str, Any] = {}
    for name, kind, role, *more in layout:
        raw = texts[name]
        if raw is None:
            if role == "C":
                return (name, None, "missing_value"), [], {}
            values[name] = None
            continue
        if word_for_nothing(raw):
            if role == "C":
                return (name, raw, "missing_value"), [], {}
            issues.append((name, "***" if name in PERSONAL else raw, word_for_nothing(raw)))
            values[name] = None
            continue
        value = READERS[kind](raw, *more) if kind != "integer" else read_integer(raw, *more, year=year)
        if kind in ("date", "datetime") and not name.startswith("date_fin_"):
            value = not_ahead(raw, value)
        if role == "K" and value is not BAD and '"' in value:
            value = BAD  # docs/ingestion.md: a quote astray in an identifier
        if kind in ("text", "code") and is_exact(name) and is_rewritten(raw):
            value = BAD
        if name == "pivot" and value is not BAD and not value.replace(" ", "").strip("0"):
            value = BAD
        if name == "dernier_pass" and value is not BAD and not is_range(values.get("premier_pass"), value):
            value = BAD
        if name in ("valeur_faciale", "montant", "montant_ht", "montant_ttc") and value is not BAD and value < 0:
            value = BAD
        born = value if name == "annee_naissance" and value is not BAD else None
        if born is not None and born > values["date_prescription"].year:
            value = BAD
        if value is BAD:
            shown = shown_text(name, raw, layout)
            if role != "o":
                return (name, shown, "invalid_value"), [], {}
            issues.append((name, shown, "invalid_value"))
            value = None
        elif kind == "siret" and not siret_holds(value):
            issues.append((name, raw if isinstance(raw, str) else None, "invalid_check_digits"))
        elif kind in ("text", "code", "list") and is_damaged(as_text(raw)):
            issues.append((name, "***" if name in PERSONAL else raw if isinstance(raw, str) else None, "damaged_text"))
        values[name] = value
    return None, issues, values


def word_for_nothing(raw: Any) -> str | None:
    """Exports §2: words for nothing, and Excel's error cells, alone in a field."""
    if not isinstance(raw, str):
        return None
    if raw.lower() in {"null", "\\n", "na", "n/a", "#n/a", "none", "nan", "-", "--", "—", "–"}:
        return "null_word"
    return "error_cell" if re.fullmatch(r"#[A-Z/0]+[!?]", raw) else None


def is_exact(name: str) -> bool:
    """Exports §2: id_*, numero_*, pivot, references, and the codes."""
    return name in ("id", "pivot", "bon_commande") or name.startswith(("id_", "numero_", "code_", "reference"))


def is_rewritten(raw: Any) -> bool:
    """Exports §2: an identifier that a spreadsheet wrote as a number with an exponent; a pivot of zeros."""
    return isinstance(raw, str) and bool(re.fullmatch(r"\d+([.,]\d+)?[eE][+-]\d+", raw, re.ASCII))


def is_damaged(text: str) -> bool:
    """Exports §2: double-encoded UTF-8, U+FFFD, HTML entities."""
    if "\ufffd" in text or re.search(r"&(\w{2,8}|#\d+);", text):
        return True
    runs = re.findall("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]+", text)
    return any(reads_as_utf8(run) for run in runs)


def reads_as_utf8(run: str) -> bool:
    try:
        return len(run.encode("cp1252").decode("utf-8")) < len(run)
    except UnicodeError:
        return False


def strip(cell: Any) -> Any:
    if isinstance(cell, str):
        cell = cell.strip(" \t\n\r\u00a0\u202f\u200b\ufeff")
        if cell.startswith('="') and cell.endswith('"') and cell.count('"') == 2:
            cell = cell[2:-1].strip(" \t\n\r\u00a0\u202f\u200b\ufeff")
        return cell or None
    return cell


def shown_text(name: str, raw: Any, layout: list[tuple]) -> str | None:
    """Exports §4: of a person-level export, a bad value is its shape; letters A, digits 9, signs as they are."""
    if name in PERSONAL:
        return "***"
    if not isinstance(raw, str):
        return None
    if not {f[0] for f in layout} & {"id_prescription", "id_utilisation"}:
        return raw
    letters = [(unicodedata.category(c)[0], c) for c in raw]
    return "".join({"L": "A", "N": "9"}.get(kind, c) for kind, c in letters if kind != "M")


def blanks_out(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def as_text(raw: Any) -> str:
    """A native number of a sheet as a person sees it: no thousands, no decimals that are not there."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, float) and not raw.is_integer():
        return repr(raw)
    return str(int(raw)) if isinstance(raw, int | float) else raw.strftime("%Y-%m-%d %H:%M:%S")


def read_text(raw: Any) -> Any:
    return as_text(raw)


def read_list(raw: Any) -> Any:
    """Items between bars, or between semicolons as in version 0.1 of the standard; the words here have no successor."""
    text = as_text(raw)
    items = [item.strip(" \u00a0") for item in text.split("|" if "|" in text else ";")]
    return "|".join(dict.fromkeys(item for item in items if item and not word_for_nothing(item)))


def read_code(raw: Any, pattern: str = ".*") -> Any:
    text = as_text(raw).upper()
    return text if re.fullmatch(pattern, text, re.DOTALL) else BAD


def read_digits(raw: Any, pattern: str) -> Any:
    text = blanks_out(as_text(raw))
    return text if re.fullmatch(pattern, text) else BAD


def siret_holds(siret: str) -> bool:
    if siret.startswith("356000000") and sum(map(int, siret)) % 5 == 0:
        return True
    total = 0
    for place, digit in enumerate(reversed(siret)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def read_siret(raw: Any) -> Any:
    text = blanks_out(as_text(raw))
    if not re.fullmatch("[0-9]{11,14}", text) or not text.strip("0"):
        return BAD
    padded = text.rjust(14, "0")
    return padded if len(text) == 14 or siret_holds(padded) else BAD


def read_insee(raw: Any) -> Any:
    text = as_text(raw).upper()
    if re.fullmatch("[0-9]{4}", text):
        return "0" + text
    return text if re.fullmatch("[0-9]{5}|2[AB][0-9]{3}", text) else BAD


def read_decimal(raw: Any) -> Any:
    if isinstance(raw, int | float):
        rounded = Decimal(repr(raw)).quantize(Decimal("0.01"))
        return rounded if abs(Decimal(repr(raw)) - rounded) < Decimal("1e-9") else BAD
    text = re.sub(r"\s*€$", "", raw)
    if not re.fullmatch(r"[+-]?([0-9]{1,13}|[0-9]{1,3}(\s[0-9]{3}){1,4})([.,][0-9]{1,2})?", text):
        return BAD
    return Decimal(blanks_out(text).replace(",", ".")).quantize(Decimal("0.01"))


def read_integer(raw: Any, low: int | None, high: int | str | None, *, year: int) -> Any:
    text = as_text(raw)
    if not re.fullmatch(r"[+-]?[0-9]{1,9}([.,]0+)?", text):
        return BAD
    value = int(re.split("[.,]", text)[0])
    top = year if high == "year" else high
    return value if (low is None or value >= low) and (top is None or value <= top) else BAD


def read_number(raw: Any, low: float, high: float) -> Any:
    text = as_text(raw).replace(",", ".")
    if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{1,17})?", text):
        return BAD
    return float(text) if low <= float(text) <= high else BAD


def fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def read_enum(raw: Any, values: str) -> Any:
    found = "_".join(fold(as_text(raw)).split())
    return found if found in values.split() else BAD


def read_datetime(raw: Any) -> Any:
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day)
    if isinstance(raw, int | float):
        return from_serial(raw)
    text = re.sub("[\u00a0\u202f]", " ", raw)
    basic = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(\D.*)?", text, re.ASCII)
    if basic:
        year, month, day, hour, minute, second, rest = basic.groups()
        text = f"{year}-{month}-{day}T{hour}:{minute}" + (f":{second}" if second else "") + (rest or "")
    match = re.fullmatch(
        r"(?:(\d\d)/(\d\d)/(\d{4}|\d\d)|(\d{4})-(\d\d)-(\d\d))"
        r"(?:(?: +|T)(\d{1,2}):(\d\d)(?::(\d\d))?(Z|[+-]\d\d(?::?\d\d)?)?)?",
        text,
        re.ASCII,
    )
    if not match:
        return BAD
    d, m, y, iso_y, iso_m, iso_d, hour, minute, second, zone = match.groups()
    y, m, d = (iso_y, iso_m, iso_d) if iso_y else (whole_year(y), m, d)
    try:
        found = datetime(int(y), int(m), int(d), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return BAD
    if zone:
        offset = "+00:00" if zone == "Z" else zone[:3] + ":" + (zone[3:].strip(":") or "00")
        found = datetime.fromisoformat(found.isoformat() + offset).astimezone(PARIS).replace(tzinfo=None)
    return found if 1900 <= found.year <= 2100 else BAD


def whole_year(year: str) -> str:
    """docs/ingestion.md: of this century up to ten years after the extraction (2022 here), else of the last."""
    if len(year) == 4:
        return year
    return ("20" if int(year) <= 32 else "19") + year


def not_ahead(raw: Any, value: Any) -> Any:
    """What has happened is at most a year after the extraction (2022 here) where its year has two digits."""
    if value is BAD or not isinstance(raw, str) or not re.match(r"\d\d/\d\d/\d\d(?!\d)", raw, re.ASCII):
        return value
    return value.replace(year=value.year - 100) if value.year > 2023 else value


def from_serial(days: float) -> Any:
    """Exports §2: a number under 20,000 or over 80,000 in a column of dates is a bad value."""
    return datetime(1899, 12, 30) + timedelta(seconds=round(days * 86_400)) if 20_000 <= days <= 80_000 else BAD


def read_date(raw: Any) -> Any:
    found = read_datetime(raw)
    return found if found is BAD else found.date()


def is_range(first: str | None, last: str) -> bool:
    return first is None or (len(first) == len(last) and 0 <= int(last) - int(first) <= 49)


READERS = {
    "text": read_text, "list": read_list, "code": read_code, "digits": read_digits,
    "siret": read_siret, "insee": read_insee,
    "decimal": read_decimal, "number": read_number, "enum": read_enum, "date": read_date, "datetime": read_datetime,
}  # fmt: skip
