"""`passnum stack`: the exports of several carriers in one folder, each table the lines of all, their keys still unique.

Of a carrier and a period, the latest edition holds; the others are named and left out. Nothing is added up: overlapping
periods stay apart by their column. Does not live here: what an edition is (export.py), its descriptor
(files/package.py).
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import polars as pl
from stdnum.fr import siren as siren_number

from presentation.french import count
from presentation.safe_cells import neutralise_column
from presentation.sentences import DEMO
from reporting.files.editions import json_bytes
from reporting.files.package import OWN, PACKAGE, digest, package, path_of
from reporting.files.stamp import NAMES
from storage.atomic import folder_atomically

#: The table of whose editions were stacked, and what its columns say.
CARRIERS = "porteurs"
_CARRIER_FIELDS = (
    ("porteur_siren", "Porteur (SIREN)", "string"), ("periode", "Période", "string"), ("edition", "Édition", "integer"),
    ("porteur", "Nom du porteur", "string"), ("date_des_donnees", "Date des données", "date"),
    ("provisoire", "Chiffres provisoires", "boolean"), ("demonstration", "Données de démonstration", "boolean"),
    ("debut", "Premier jour de la période", "date"), ("fin", "Dernier jour de la période", "date"),
    ("retenue", "Retenue : la plus récente de sa période", "boolean"),
)  # fmt: skip
Schema = dict[str, Any]


class StackError(Exception):
    """The exports cannot be stacked as they are; the French message names every one at fault, and what to ask."""


@dataclass(frozen=True)
class Export:
    """One edition found. own: what its descriptor says of itself; schemas: table → Table Schema."""

    folder: Path
    own: dict[str, Any]
    schemas: dict[str, Schema]
    hashes: dict[str, str]

    @property
    def of(self) -> tuple[str, str, int]:
        """SIREN, period, edition: what its every line bears."""
        return self.own["porteur_siren"], self.own["periode"], self.own["edition"]

    @property
    def name(self) -> str:
        siren, period, edition = self.of
        return f"{self.own['porteur']} (SIREN {siren}), {period}, édition {edition} [{self.folder}]"


@dataclass(frozen=True)
class Stacked:
    """What was written. left_out: the editions that a later one replaces, or that were given twice; notes: what to know
    of those kept; one French sentence each."""

    folder: Path
    kept: tuple[Export, ...]
    lines: int
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def stack(folders: Sequence[Path], out: Path) -> Stacked:
    """Stack every edition found in `folders`, at any depth, in the new folder `out`: csv/<table>.csv, porteurs.csv and
    datapackage.json.

    Raises StackError (French, every fault at once): no export there, a file that is not the one issued, lines of
    another carrier, tables that differ from one carrier to the next, a key given twice; or `out` exists.
    """
    if out.exists():
        raise StackError(f"{out} existe déjà : indiquez un dossier nouveau, rien n'y est remplacé.")
    found = [_read(path) for folder in folders for path in _descriptors(folder)]
    _refuse(told for export in found for told in _altered(export))
    kept, left_out = _latest(found)
    _refuse(_unlike(kept))
    tables = {name: pl.concat(_lines(export, name) for export in kept) for name in kept[0].schemas}
    _refuse(told for name, frame in tables.items() for told in _repeated(kept[0].schemas[name], frame))
    _write(found, kept, tables, out)
    lines = sum(frame.height for frame in tables.values())
    return Stacked(out, tuple(kept), lines, tuple(left_out), tuple(_notes(kept)))


def _refuse(problems: Iterable[str]) -> None:
    """Raise every problem at once, where there is one."""
    if told := list(problems):
        raise StackError("\n".join(["Ces exports ne peuvent pas être empilés :", *(f"  - {one}" for one in told)]))


def _descriptors(folder: Path) -> list[Path]:
    if found := sorted(folder.rglob(PACKAGE)):
        return found
    what = "ce dossier n'existe pas" if not folder.is_dir() else f"aucune édition (fichier {PACKAGE}) n'y est"
    raise StackError(
        f"{folder} : {what}. Donnez le dossier d'une édition de l'export ANCT, ou un dossier qui en contient ; une "
        "édition émise avant que l'export n'ait ce fichier est à redemander au porteur."
    )


def _read(path: Path) -> Export:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        own = content[OWN]
        schemas = {resource["name"]: resource["schema"] for resource in content["resources"]}
        hashes = {resource["name"]: resource["hash"] for resource in content["resources"]}
        is_ours = own["document"] == "anct" and all(name in own for name, _, _ in _CARRIER_FIELDS[:-1])
        keyed = all(schema["primaryKey"] and schema["fields"] for schema in schemas.values())
        # A descriptor comes from outside: a table is a file of its folder, whatever it is named.
        is_ours = is_ours and keyed and all(re.fullmatch(r"[a-z0-9_]+", name) for name in schemas)
        is_ours = is_ours and siren_number.is_valid(own["porteur_siren"]) and isinstance(own["edition"], int)
    except (ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise StackError(
            f"{path} : ce n'est pas le descripteur d'un export ANCT de passnum, ou son SIREN n'est pas valable. "
            "Redemandez l'édition entière au porteur."
        )
    return Export(path.parent, own, schemas, hashes)


def _altered(export: Export) -> Iterator[str]:
    """The files that are not those issued, or whose lines are of another edition than their descriptor's."""
    for name, told in export.hashes.items():
        path = export.folder / path_of(name)
        if not path.is_file():
            yield f"{export.name} : {path_of(name)} manque. Redemandez l'édition entière au porteur."
        elif digest(path.read_bytes()) != told:
            yield (
                f"{export.name} : {path_of(name)} a été modifié depuis son émission (enregistré par un tableur ?). "
                "Redemandez l'édition entière au porteur."
            )
        else:
            yield from _of_others(export, name)


def _of_others(export: Export, name: str) -> Iterator[str]:
    """The lines of a table that bear another SIREN, period or edition than the descriptor."""
    frame = _lines(export, name)
    missing = [column for column in NAMES if column not in frame.columns]
    if missing:
        yield f"{export.name} : {path_of(name)} n'a pas de colonne {', '.join(f'« {one} »' for one in missing)}."
        return
    own = dict(zip(NAMES, map(str, export.of), strict=True))
    others = frame.filter(pl.any_horizontal(pl.col(column).ne_missing(value) for column, value in own.items()))
    if others.height:
        yield (
            f"{export.name} : {count(others.height, 'ligne', 'lignes')} de {path_of(name)} d'un autre porteur, d'une "
            f"autre période ou d'une autre édition ({', '.join(str(value) for value in others.select(NAMES).row(0))})."
        )


def _lines(export: Export, name: str) -> pl.DataFrame:
    """A table as it was issued: every value is its text."""
    return pl.read_csv(io.BytesIO((export.folder / path_of(name)).read_bytes()), infer_schema=False)


def _latest(found: Sequence[Export]) -> tuple[list[Export], list[str]]:
    """Of each carrier and period, the latest edition; and what is said of the others."""
    kept, left_out, problems = [], [], []
    ordered = sorted(found, key=lambda export: (export.of, str(export.folder)))
    for _, group in groupby(ordered, key=lambda export: export.of[:2]):
        editions = list(group)
        last = editions[-1]
        kept.append(last)
        for export in editions[:-1]:
            if export.of != last.of:
                left_out.append(f"{export.name} : remplacée par l'édition {last.of[2]}.")
            elif export.hashes == last.hashes:
                left_out.append(f"{export.name} : donnée deux fois, à l'identique ; comptée une.")
            else:
                problems.append(
                    f"{export.name} et {last.folder} : la même édition, et deux contenus. Demandez au porteur laquelle "
                    "il a émise."
                )
    _refuse(problems)
    return kept, left_out


def _unlike(kept: Sequence[Export]) -> Iterator[str]:
    """What differs from the form of most: tables or columns, their names and types."""
    forms = [{name: _fields(schema) for name, schema in export.schemas.items()} for export in kept]
    usual = json.loads(Counter(json.dumps(form) for form in forms).most_common(1)[0][0])
    for export, form in zip(kept, forms, strict=True):
        for name in {**usual, **form}:
            theirs, ours = usual.get(name), form.get(name)
            if theirs is None or ours is None:
                yield f"{export.name} : table « {name} » {'en trop' if theirs is None else 'absente'}."
            elif list(theirs.items()) != list(ours.items()):
                yield f"{export.name} : table « {name} », {_difference(theirs, ours)}."


def _fields(schema: Schema) -> dict[str, str]:
    """Column → its type, in the order of the file."""
    return {field["name"]: field["type"] for field in schema["fields"]}


def _difference(theirs: dict[str, str], ours: dict[str, str]) -> str:
    """In what the columns of a table are not those of the others."""
    parts = {
        "colonnes absentes": [name for name in theirs if name not in ours],
        "colonnes en trop": [name for name in ours if name not in theirs],
        "colonnes d'un autre type": [name for name in ours if name in theirs and ours[name] != theirs[name]],
    }
    told = [f"{words} : {', '.join(names)}" for words, names in parts.items() if names]
    return " ; ".join(told) or "colonnes dans un autre ordre"


def _repeated(schema: Schema, frame: pl.DataFrame) -> Iterator[str]:
    """The keys that several lines of a stacked table bear."""
    key = schema["primaryKey"]
    twice = frame.group_by(key, maintain_order=True).len().filter(pl.col("len") > 1)
    if twice.height:
        first = ", ".join(str(value) for value in twice.select(key).row(0))
        yield f"table « {schema['name']} » : {count(twice.height, 'clé', 'clés')} en double, la première : {first}."


def _notes(kept: Sequence[Export]) -> Iterator[str]:
    """What who adds up the stack must know."""
    made_up = [export for export in kept if export.own["demonstration"]]
    if made_up:
        yield f"{count(len(made_up), 'édition', 'éditions')} de démonstration. {DEMO}"
    provisional = [export.name for export in kept if export.own["provisoire"]]
    yield from (f"{name} : chiffres provisoires." for name in provisional)
    for siren, group in groupby(kept, key=lambda export: export.of[0]):
        own = list(group)
        if len(names := sorted({export.own["porteur"] for export in own})) > 1:
            yield f"SIREN {siren} : plusieurs noms ({', '.join(names)})."
        spans = sorted((export.own["debut"], export.own["fin"], export.of[1]) for export in own)
        for (_, end, before), (start, _, after) in pairwise(spans):
            if start <= end:
                yield f"SIREN {siren} : {before} et {after} se recouvrent, ne les additionnez pas."


def _write(found: Sequence[Export], kept: Sequence[Export], tables: dict[str, pl.DataFrame], out: Path) -> None:
    files = {path_of(name): _csv(frame) for name, frame in tables.items()}
    files[path_of(CARRIERS)] = _csv(_carriers(found, kept))
    fields = [{"name": name, "title": title, "type": kind} for name, title, kind in _CARRIER_FIELDS]
    own = {"name": CARRIERS, "title": "Les éditions reçues", "missingValues": [""], "fields": fields}
    schemas = {**kept[0].schemas, CARRIERS: own}
    created = max(export.own["date_des_donnees"] for export in kept) + "T00:00:00Z"
    about = {"document": "anct-empile", "porteurs": sorted({export.of[0] for export in kept}), "editions": len(kept)}
    files[PACKAGE] = json_bytes(
        package(
            "passnum-anct-empile", "Exports ANCT de plusieurs porteurs", created, "passnum stack", about, schemas, files
        )
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with folder_atomically(out) as work:
        for name, content in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(content)


def _csv(frame: pl.DataFrame) -> bytes:
    """What carriers wrote is a text received, like any other."""
    safe = frame.with_columns(neutralise_column(pl.col(name)) for name, of in frame.schema.items() if of == pl.String)
    return safe.write_csv(quote_style="necessary", line_terminator="\n").encode("utf-8")


def _carriers(found: Sequence[Export], kept: Sequence[Export]) -> pl.DataFrame:
    """Grain: one row per edition received."""
    folders = {export.folder for export in kept}
    rows = [{**export.own, "retenue": export.folder in folders} for export in found]
    return pl.DataFrame([{name: row[name] for name, _, _ in _CARRIER_FIELDS} for row in rows]).sort(*NAMES, "retenue")
