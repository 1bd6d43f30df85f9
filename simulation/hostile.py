"""The worst that may be dropped: files of every reason to refuse, hostile content, damage of a spreadsheet.

Does not live here: dirt of every day (dirt).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from simulation.render import CLEAN, render_csv, render_zip
from simulation.summary import FileSummary

FUTURE = date(2099, 12, 31)
HOSTILE_TEXTS = (
    "=cmd|' /C calc'!A0",
    "+33+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("https://piege.example";"ouvrir")',
    "<script>alert('lieu')</script>",
    "Lieu\x07 \x1b[31mcolore\x00",
    "'; DROP TABLE core.fct_pass; --",
    "Lieu \u202egnorw",
)


@dataclass(frozen=True)
class Planted:
    """A file of bytes and what must become of it; `kinds` says what it holds."""

    summary: FileSummary
    data: bytes
    kinds: Counter[str]


def spoil_texts(frame: pl.DataFrame) -> tuple[pl.DataFrame, int, Counter[str]]:
    """Hostile texts in the names of lieux of the first lines: free text, so the lines are kept.

    Returns also how many hold control characters: a value set aside.
    """
    count = min(len(HOSTILE_TEXTS), frame.height)
    names = pl.Series("nom_lieu", HOSTILE_TEXTS[:count]).extend(frame["nom_lieu"][count:])
    issues = sum("\x00" in text for text in HOSTILE_TEXTS[:count])
    return frame.with_columns(names), issues, Counter({"value:hostile_text": count})


def lose_zeros(frame: pl.DataFrame) -> tuple[pl.DataFrame, Counter[str]]:
    """Pass numbers and SIRETs as a spreadsheet leaves them, without their zeros: every one can be repaired."""
    sirets, passes = frame["siret_lieu"].str.starts_with("0").sum(), frame["numero_pass"].str.starts_with("0").sum()
    lost = frame.with_columns(pl.col("siret_lieu", "numero_pass").str.strip_chars_start("0"))
    return lost, Counter({"value:siret_lost_zeros": sirets, "value:pass_lost_zeros": passes})


def add_exponents(frame: pl.DataFrame) -> tuple[pl.DataFrame, int, Counter[str]]:
    """Lines whose SIRET became 9,99E+13: nothing can repair them, they are rejected."""
    wrong = frame.head(5).with_columns(pl.col("id_utilisation") + "-E", siret_lieu=pl.lit("9,99E+13"))
    return pl.concat([frame, wrong]), wrong.height, Counter({"value:exponent": wrong.height})


def break_records(data: bytes) -> tuple[bytes, int]:
    """One record too long and one too short after the last; `data` ends with a line end. Returns their number."""
    last = data.rstrip(b"\n").rsplit(b"\n", 1)[-1]
    if b";" not in last:
        return data, 0
    return data + last + b";champ en trop\n" + last.rsplit(b";", 2)[0] + b"\n", 2


def _csv(rows: pl.DataFrame) -> bytes:
    return render_csv(rows, CLEAN)


def list_refused(sample: pl.DataFrame, on: date) -> Iterator[Planted]:
    """One file at least for every reason of exports §3. `sample`: lines of redemptions extracted on `on`."""
    day, rows = f"{on:%Y-%m-%d}", sample.head(20)
    whole = _csv(rows)
    other = pl.DataFrame({"jour": ["03/01/2022"], "salle": ["Salle fictive"], "effectif": ["12"]})

    def refused(name: str, data: bytes, reason: str, kind: str | None = None, dataset: str | None = None) -> Planted:
        extracted = {"missing_extract_date": None, "future_extract_date": FUTURE}.get(reason, on)
        told = FileSummary(name, dataset, extracted, "rejected", reason)
        return Planted(told, data, Counter({f"file:{kind or reason}": 1}))

    yield refused(f"vide_{day}.csv", b"", "empty_file")
    yield refused(f"blancs_{day}.csv", b"  \r\n \n\n", "empty_file", "blank_file")
    yield refused(f"archive_cassee_{day}.zip", render_zip({"a.csv": whole})[:-40], "unreadable", "broken_zip")
    yield refused(f"gzip_casse_{day}.csv.gz", b"\x1f\x8b\x08\x00" + whole[:50], "unreadable", "broken_gzip")
    yield refused(f"guillemet_{day}.csv", whole + b'U-1;"jamais referm\xc3\xa9;1\n', "unreadable", "open_quote")
    yield refused(f"coupe_{day}.csv", whole[: whole.rstrip(b"\n").rfind(b";") - 30], "unreadable", "cut_off")
    yield refused(f"planning_{day}.csv", _csv(other), "unknown_layout")
    partial = rows.drop("montant", "statut")
    yield refused(f"utilisations_incompletes_{day}.csv", _csv(partial), "missing_columns", dataset="utilisations")
    yield refused("utilisations_sans_date.csv", whole, "missing_extract_date", dataset="utilisations")
    yield refused(f"utilisations_{FUTURE}.csv", whole, "future_extract_date", dataset="utilisations")
    signed = f"utilisations_signees_{day}.csv"
    yield refused(signed, whole, "unreadable", "wrong_sha256", "utilisations")
    wrong = hashlib.sha256(whole + b"?").hexdigest()
    yield Planted(FileSummary(f"{signed}.sha256", None, None, None), f"{wrong}  {signed}\n".encode(), Counter())


def list_tricky(sample: pl.DataFrame, on: date) -> Iterator[Planted]:
    """Files that may be loaded or refused but may neither harm nor stop the others."""
    day, header = f"{on:%Y-%m-%d}", _csv(sample.head(0))
    trick = render_zip({f"../../evasion_{day}.csv": header})
    told = FileSummary(f"chemins_{day}.zip/../../evasion_{day}.csv", "utilisations", on, None)
    yield Planted(told, trick, Counter({"file:path_trick": 1}))
    wide = (";".join(f"colonne {i}" for i in range(5_000)) + "\n").encode()
    yield Planted(FileSummary(f"large_{day}.csv", None, on, None), wide, Counter({"file:too_wide": 1}))


def conflict(sample: pl.DataFrame, on: date, rng: np.random.Generator) -> Planted:
    """A second file of the same extract date that says otherwise of a few keys (`conflicting_versions`)."""
    rows = sample[np.sort(rng.permutation(sample.height)[: min(5, sample.height)])]
    other = pl.when(pl.col("modalite") == "individuel").then(pl.lit("collectif")).otherwise(pl.lit("individuel"))
    rows = rows.with_columns(modalite=other)
    told = FileSummary(f"utilisations_bis_{on:%Y-%m-%d}.csv", "utilisations", on, lines=rows.height)
    return Planted(told, _csv(rows), Counter({"line:conflicting_version": rows.height}))
