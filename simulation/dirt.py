"""Dirt of every day: which form each file takes, and the few lines with a defect (exports §2).

The facts stay those of the clean delivery: a rejected line is added beside the good one, a spoilt value is
optional and enters no indicator. Does not live here: hostile files (hostile), bytes (render).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from simulation.render import Style

_LARGEST_SHEET = 12_000
STYLES: tuple[Style, ...] = (
    Style(),
    Style(separator=",", encoding="utf-8-sig", headers="upper", dates="iso", money="dot"),
    Style(encoding="cp1252", newline="\r\n", headers="accents", money="euro", has_trailing_separator=True),
    Style(container="xlsx", headers="degree", titles=2),
    Style(separator="\t", encoding="utf-16", newline="\r\n", dates="iso_t"),
    Style(encoding="iso-8859-15", headers="accents", dates="short", titles=3),
    Style(separator="|", headers="joined", dates="iso", is_spaced=True, has_blank_lines=True),
    Style(container="gz", headers="degree", money="euro", has_total=True),
    Style(encoding="utf-8-sig", newline="\r\n", titles=3, has_total=True, money="thousands", is_spaced=True),
    Style(separator=",", money="comma", headers="upper", has_trailing_separator=True, has_blank_lines=True),
    Style(encoding="cp1252", newline="\r\n", dates="short", money="thousands", has_total=True),
    Style(container="xlsx", headers="accents"),
    Style(encoding="utf-8", newline="\r", headers="upper"),
)
_NAME_FORMS = ("{d}_{on:%Y-%m-%d}", "{d}_{on:%Y%m%d}", "export {d} {on:%d-%m-%Y}", "{D}_{on:%d_%m_%Y}")

#: Optional columns that enter no indicator, and what may be found in them.
_BAD_OPTIONAL = {
    "emissions": (("siret_prescripteur", "inconnu"),),
    "prescriptions": (("siret_prescripteur", "en cours"), ("type_prescripteur", "guichet")),
    "utilisations": (("code_insee_lieu", "93???"), ("date_remboursement", "31/02/2022")),
}
#: Critical columns and a value that rejects the line.
_BAD_CRITICAL = {
    "emissions": (("date_fin_validite", "sans limite"), ("statut", "egare"), ("valeur_faciale", "dix")),
    "prescriptions": (("date_prescription", None), ("date_prescription", "32/01/2022"), ("code_insee", "Paris")),
    "utilisations": (("montant", "gratuit"), ("numero_pass", None), ("siret_lieu", "12345"), ("id_utilisation", None)),
}
_KEYS = {"emissions": "numero_carnet", "prescriptions": "id_prescription", "utilisations": "id_utilisation"}
_FIRST_NAMES = ("Zéphyrine", "Philibert", "Cunégonde", "Théodule", "Hermeline", "Barnabé")
_LAST_NAMES = ("FICTIFDUPONT", "EXEMPLARD", "DEMONSTRATEUR", "IMAGINAIRE-PETIT", "TESTEVIN")
#: What the planted personal data can be found by. Numbers of 06 39 98 are kept for fiction (Arcep).
PERSONAL_MARKERS = (*_FIRST_NAMES, *_LAST_NAMES, "courriel-fictif.example", "06 39 98 ", "DEMO-BEN-")


@dataclass(frozen=True)
class Damaged:
    """A table with its defects: how many lines will be rejected, are copies, hold a value that becomes empty."""

    frame: pl.DataFrame
    rejected: int = 0
    duplicates: int = 0
    issues: int = 0


def damage(frame: pl.DataFrame, dataset: str, rng: np.random.Generator) -> Damaged:
    """About 0.8 % of the lines of a monthly export get a defect: spoilt, copied, or a bad line beside a good one."""
    if dataset not in _KEYS or not frame.height:
        return Damaged(frame)
    spoilt, copied, bad = (int(rng.binomial(frame.height, share)) for share in (0.004, 0.002, 0.002))
    rows = rng.permutation(frame.height)
    frame = _spoil(frame, dataset, rows[:spoilt], rng)
    # Copies are taken among the lines left whole, so that a spoilt value is counted once.
    copies = frame[np.sort(rows[spoilt : spoilt + copied])]
    wrong = _reject(frame[np.sort(rows[spoilt + copied : spoilt + copied + bad])], dataset, rng)
    frame = pl.concat([frame, copies, wrong])
    # Mixed up: a copy may come long after its first, a bad line anywhere.
    frame = frame[rng.permutation(frame.height)]
    return Damaged(frame, rejected=wrong.height, duplicates=copies.height, issues=spoilt)


def _spoil(frame: pl.DataFrame, dataset: str, rows: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    choices = _BAD_OPTIONAL[dataset]
    what = np.full(frame.height, -1)
    what[rows] = rng.integers(0, len(choices), len(rows))
    chosen = pl.lit(pl.Series(what))
    return frame.with_columns(
        pl.when(chosen == index).then(pl.lit(value)).otherwise(column).alias(column)
        for index, (column, value) in enumerate(choices)
    )


def _reject(lines: pl.DataFrame, dataset: str, rng: np.random.Generator) -> pl.DataFrame:
    """These lines under a key of their own, each with one bad critical value."""
    choices, key = _BAD_CRITICAL[dataset], _KEYS[dataset]
    what = pl.lit(pl.Series(rng.integers(0, len(choices), lines.height)))
    lines = lines.with_columns(pl.col(key) + "-X")
    for index, (column, value) in enumerate(choices):
        spoilt = pl.when(what == index).then(pl.lit(value, dtype=pl.String)).otherwise(column)
        lines = lines.with_columns(spoilt.alias(column))
    return lines


def add_personal_columns(frame: pl.DataFrame, dataset: str, rng: np.random.Generator) -> pl.DataFrame:
    """Columns outside the contract, with invented people: they must be dropped and told (exports §4)."""
    first, last = rng.integers(0, len(_FIRST_NAMES), frame.height), rng.integers(0, len(_LAST_NAMES), frame.height)
    given, family = pl.Series(_FIRST_NAMES)[first], pl.Series(_LAST_NAMES)[last]
    who = "beneficiaire" if dataset == "prescriptions" else "agent"
    digits = pl.Series(rng.integers(0, 100, frame.height)).cast(pl.String).str.zfill(2)
    more = pl.Series(rng.integers(0, 100, frame.height)).cast(pl.String).str.zfill(2)
    note = pl.Series(["À rappeler ; voir avec l'accueil", "Dit « à bientôt »\nRevient lundi", None, None, None])
    extra = pl.DataFrame(
        {
            f"nom_{who}": given + " " + family,
            f"email_{who}": family.str.to_lowercase() + digits + "@courriel-fictif.example",
            f"telephone_{who}": "06 39 98 " + digits + " " + more,
            "commentaire": note[rng.integers(0, len(note), frame.height)],
        }
    )
    return frame.hstack(extra)


def choose_style(position: int, frame: pl.DataFrame, offset: int) -> Style:
    """The form of the file at that position of the delivery: every form comes in turn."""
    style = STYLES[(position * 5 + offset) % len(STYLES)]
    if style.container == "xlsx" and frame.height > _LARGEST_SHEET:
        style = replace(style, container="gz", titles=0)
    has_amount = any(c.startswith("montant") or c == "valeur_faciale" for c in frame.columns)
    return style if has_amount else replace(style, has_total=False)


def file_name(dataset: str, on: date, position: int, style: Style) -> str:
    """A name as people give them, the extract date in one of four forms."""
    stem = _NAME_FORMS[position % len(_NAME_FORMS)].format(d=dataset, D=dataset.upper(), on=on)
    ending = {"\t": ".tsv", "|": ".txt"}.get(style.separator, ".csv")
    return stem + {"csv": ending, "gz": f"{ending}.gz", "xlsx": ".xlsx"}[style.container]


def describe_style(style: Style) -> Counter[str]:
    """The kinds of dirt of a form, for the summary."""
    kinds = Counter({f"container:{style.container}": 1, f"encoding:{style.encoding}": 1})
    kinds[f"headers:{style.headers}"] += 1
    kinds[f"dates:{style.dates}"] += 1
    flags = {
        "layout:titles": bool(style.titles), "layout:total": style.has_total,
        "layout:trailing_separator": style.has_trailing_separator, "layout:blank_lines": style.has_blank_lines,
    }  # fmt: skip
    return kinds + Counter({kind: 1 for kind, is_there in flags.items() if is_there})
