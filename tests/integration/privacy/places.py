"""Where planted data are looked for: every byte of a home and what it holds once opened, by place.

Does not live here: what is planted (planting).
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

_DIGITS = "qrstuvwxyz"
_SEP = r"[\s ._/-]{0,3}"
_PATTERNS = (
    re.compile(r"zephyrine([0-9]{4})"),
    re.compile(_SEP.join("063998") + _SEP + "(" + _SEP.join(["[0-9]"] * 4) + ")"),
    re.compile(_SEP.join("285059408") + _SEP + "(" + _SEP.join(["[0-9]"] * 4) + ")"),
    re.compile(r"(?<![0-9])([0-9]{1,4})[\s_-]+bis[\s_-]+rue[\s_-]+de[\s_-]+la[\s_-]+fausse"),
    re.compile(rf"fauxnom[_ -]+([{_DIGITS}]{{4}})"),
)
_HINT = re.compile(rb"(?i)fauxnom|z.{1,3}phyrine|fausse.piste|0.{0,2}6.{0,2}39.{0,2}98|85.{0,2}05.{0,2}94")


def numbers_in(text: str) -> set[int]:
    """The plantings that a text holds, however they are written."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    found: set[int] = set()
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            told = re.sub(r"[^0-9a-z]", "", match[1])
            digits = told if told.isdigit() else "".join(str(_DIGITS.index(c)) for c in told)
            found.add(int(digits))
    return found


def place_of(path: Path, home: Path) -> str:
    """The place of a file, in French."""
    parts = path.relative_to(home).parts
    if parts[0] == "archive":
        return "archive : comptes rendus et noms"
    if parts[0] == "lake":
        if len(parts) > 1 and parts[1].startswith("_"):
            return "lac : registre des passages et des fichiers reçus"
        names = {"rows.parquet": "lac : lignes", "rapport.md": "lac : comptes rendus", "receipt.json": "lac : reçus"}
        return names.get(path.name, "lac : rejets et valeurs écartées")
    if parts[0] == "warehouse":
        return "entrepôt : versions DuckDB" if path.suffix == ".duckdb" else "entrepôt : Parquet et le reste"
    named = {
        "reports": "rapports, éditions, data docs",
        "logs": "journaux",
        "dagster": "Dagster",
        "exports": "exports, éditions",
    }
    return named.get(parts[0], parts[0])


def search_home(home: Path) -> dict[str, set[int]]:
    """The plantings found in each place. Originals in the archive are not looked into; their names are."""
    found: dict[str, set[int]] = {}
    for path in sorted(home.rglob("*")):
        if path.is_relative_to(home / "landing") or path.is_symlink():
            continue
        place = place_of(path, home)
        found.setdefault(place, set()).update(numbers_in(path.name))
        is_original = path.is_relative_to(home / "archive") and path.name != "rapport.md"
        if path.is_file() and not is_original:
            for text in _texts(path):
                found[place] |= numbers_in(text)
    return found


def _texts(path: Path) -> Iterator[str]:
    raw = path.read_bytes()
    yield from _decoded(raw)
    if path.suffix == ".parquet":
        yield from _values(pl.read_parquet(path))
    elif path.suffix == ".duckdb":
        yield from _tables(path)
    elif raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                yield name
                yield from _decoded(archive.read(name))


def _decoded(raw: bytes) -> Iterator[str]:
    if _HINT.search(raw):
        yield raw.decode("utf-8", errors="ignore")
        yield raw.decode("cp1252", errors="ignore")


def _values(frame: pl.DataFrame) -> Iterator[str]:
    for name in frame.columns:
        column = frame[name]
        if column.dtype == pl.String:
            yield "\n".join(column.drop_nulls().unique())
        elif column.dtype.is_nested():
            yield "\n".join(map(str, column.drop_nulls().to_list()))


def _tables(path: Path) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as con:
        names = con.execute(
            "select table_schema, table_name from information_schema.tables where table_schema <> 'information_schema'"
        ).fetchall()
        for schema, table in names:
            yield from _values(con.execute(f'select * from "{schema}"."{table}"').pl())
