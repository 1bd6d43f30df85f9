"""The answer to a person's request: all that the home holds of them, laid out; and their erasure, place after place.

Does not live here: asking who it is (commands/person.py), finding and cutting (ingestion/erasing, warehouse).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.cell_marks import show_cell
from ingestion.erased import KEPT
from ingestion.intake import Folders
from ingestion.lake import Lake
from ingestion.rewriting import finish
from orchestration.deciding import confirm_now, is_as_left
from orchestration.person_elsewhere import search_elsewhere
from presentation.french import count
from storage.atomic import write_atomically
from warehouse.published.person import ANSWERS, answer, find_in_versions
from warehouse.published.spark_folders import current_folder
from warehouse.published.spelled import with_keys_of_versions
from warehouse.published.versions import current_path, current_version
from warehouse.settings import Home

if TYPE_CHECKING:
    from ingestion.erasing import Findings
    from ingestion.person import Person

Rows = list[dict[str, Any]]
LAKE, ORIGINALS, VERSIONS = "Lac (lignes, par fichier livré)", "Originaux (archive et quarantaine)", "Versions gardées"
OTHERS = "Autres fichiers du dossier"
#: What no search can tell.
UNTOLD = (
    "Un nom écrit seul dans un texte libre, une sauvegarde, un fichier déjà remis à quelqu’un ne sont pas cherchés."
)
#: Said of versions built under an older rule of identifiers.
UNSURE = (
    "Réponse incomplète pour {versions} : faite sous une règle plus ancienne des identifiants, une prescription passée "
    "d’une personne à une autre y porte un pseudonyme qui ne peut pas être attribué. Lancez « passnum run --force », "
    "puis « passnum prune --keep 1 --yes » (« passnum run --as-of DATE » refait une version à une date), et redemandez."
)


@dataclass(frozen=True)
class Report:
    """What was found, by place: rows that a person may be given. `in_lake`, `in_originals`, `in_versions`: lines."""

    tables: dict[str, Rows]
    in_lake: int
    lake_files: int
    in_originals: int
    originals: int
    versions: int
    rejected: int = 0
    #: Versions where a pseudonym of theirs may not have been recognised.
    unsure: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.in_lake or self.in_originals or self.versions or self.tables[OTHERS])


def collect(home: Home, person: Person, secret: bytes) -> Report:
    """Everything the home holds of the person. Raises LakeCorruption. Call it under the home's lock."""
    from ingestion.erasing import find, rejected_of
    from ingestion.person import spellings

    finish(home.lake)
    lake, folders = Lake(home.lake), _folders(home)
    found = find(folders, lake, person, secret)
    person, unsure = with_keys_of_versions(home, person.with_spellings(spellings(found.named), secret))
    versions = find_in_versions(home, person.keys)
    rejected = {id(named): rejected_of(lake, named) for named in found.named if named.is_read}
    tables: dict[str, Rows] = {LAKE: _lake_rows(found), ORIGINALS: _original_rows(home, found, rejected)}
    tables[VERSIONS] = [
        {"version": path.stem, "colonne": place, "lignes": rows}
        for path, places in versions.items()
        for place, rows in places.items()
    ]
    current = next((path for path in (current_path(home), current_folder(home)) if path in versions), None)
    for name, (title, _) in ANSWERS.items():
        tables[title] = answer(current, person.keys)[name] if current else []
    tables[OTHERS] = search_elsewhere(home, person, _carnets(found))
    return Report(
        tables=tables,
        in_lake=found.lake_lines,
        lake_files=len(found.held),
        in_originals=found.original_lines,
        originals=len({named.path for named in found.named}),
        versions=len(versions),
        rejected=sum(map(len, rejected.values())),
        unsure=tuple(path.stem for path in unsure),
    )


def summarise(report: Report) -> list[str]:
    """What is told at the screen: places and numbers of lines, nothing of the person."""
    if report.is_empty:
        return [
            "Le dossier de données ne détient rien sous cet identifiant.",
            "Avant de le répondre, vérifiez son écriture : telle que dans l'export, sans guillemets, zéros de tête "
            "compris (casse, blancs et traits d'union ne comptent pas).",
        ]
    told = [
        f"{LAKE} : {count(report.in_lake, 'ligne')} dans {count(report.lake_files, 'fichier')}.",
        f"{ORIGINALS} : {count(report.in_originals, 'ligne')} dans {count(report.originals, 'fichier')}, dont "
        f"{count(report.rejected, 'ligne rejetée', 'lignes rejetées')} au chargement.",
        f"{VERSIONS} : {count(report.versions, 'version')}.",
    ]
    told += [f"{title} : {count(len(report.tables[title]), 'ligne')}." for title, _ in ANSWERS.values()]
    others = report.tables[OTHERS]
    told.append(f"{OTHERS} : {count(len(others), 'fichier')}{'.' if not others else ' :'}")
    told += [f"  {row['fichier']} ({row['quoi']} : {row['lignes']})" for row in others]
    if report.unsure:
        told.append(UNSURE.format(versions=", ".join(report.unsure)))
    return [*told, UNTOLD]


def erase_person(home: Home, person: Person, secret: bytes, tell: Callable[[str], None]) -> list[str]:
    """Cut the person from versions, lake and originals, in that order: a kill leaves something to do again.

    Returns what was done and what is kept, in French. Raises LakeCorruption, OSError.
    """
    from ingestion.erasing import erase
    from ingestion.person import search_originals, spellings
    from warehouse.build.left_overs import remove_left_overs
    from warehouse.build.versions import cut_from_versions

    lake = Lake(home.lake)
    lake.verify()
    remove_left_overs(home)
    told = person.with_spellings(spellings(search_originals(_folders(home), person, secret)), secret)
    known, _ = with_keys_of_versions(home, told)
    in_line = current_version(home)
    was_whole = in_line is not None and is_as_left(home, in_line)
    versions = cut_from_versions(home, known.keys)
    if in_line is not None and was_whole and in_line.path in {path.resolve() for path in versions}:
        confirm_now(home, in_line)  # held, or united with others, it is as passnum left it
    if versions:
        tell("Les versions gardées sont récrites.")
    erasure, _ = erase(_folders(home), lake, person, secret, tell)
    fates = erasure.originals
    return [
        f"Effacement {erasure.erasure_id} : {count(erasure.lines, 'ligne')} du lac dans "
        f"{count(erasure.files, 'fichier')}, {count(len(versions), 'version')}, "
        f"{count(fates.get('rewritten', 0), 'original récrit', 'originaux récrits')}, "
        f"{count(fates.get('erased', 0), 'original effacé', 'originaux effacés')} en entier.",
        KEPT,
        "Registre : lake/_erased (sans identité). Lancez « passnum run » : la version suivante a les mêmes chiffres.",
        "Demandez à qui livre les fichiers d’effacer aussi la personne : une prescription déjà connue, livrée de "
        "nouveau, repasse d’elle-même sous le nouveau pseudonyme ; une prescription inconnue est une donnée nouvelle.",
    ]


def write(report: Report, out: Path) -> None:
    """The whole detail, as JSON or XLSX by the name of the file; 0600. Raises OSError."""
    tables = {title: _plain(rows) for title, rows in report.tables.items()}
    if out.suffix.lower() == ".json":
        content = json.dumps({**tables, "non cherché": UNTOLD}, ensure_ascii=False, indent=1, default=str).encode()
    else:
        content = _workbook(tables)
    write_atomically(out, content, mode=0o600)


def _folders(home: Home) -> Folders:
    return Folders(home.landing, home.archive, home.quarantine, home.lake)


def _carnets(found: Findings) -> set[str]:
    return {
        number for held in found.held if "numero_carnet" in held.lines.columns for number in held.lines["numero_carnet"]
    }


def _lake_rows(found: Findings) -> Rows:
    return [
        {"fichier": held.receipt.file_name, "date d'extraction": held.receipt.extract_date}
        | {
            name: value
            for name, value in row.items()
            if name not in ("source_file_id", "source_sha256", "extract_date")
        }
        for held in found.held
        for row in held.lines.sort("source_line").to_dicts()
    ]


def _original_rows(home: Home, found: Findings, rejected: dict[int, list[int]]) -> Rows:
    rows: Rows = []
    for named in found.named:
        cells = {row.pop("line"): row for row in named.cells.to_dicts()}
        for line in named.lines:
            fate = "rejetée" if line in rejected.get(id(named), ()) else "lue" if named.is_read else "fichier refusé"
            where = {"original": str(named.path.relative_to(home.root)), "fichier": named.member.name, "ligne": line}
            written = {
                name.removeprefix("f_"): show_cell(value)
                for name, value in cells.get(line, {}).items()
                if name.startswith("f_") and isinstance(value, str)
            }
            rows.append({**where, "sort": fate, **written})
    return rows


def _plain(rows: Rows) -> Rows:
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _workbook(tables: dict[str, Rows]) -> bytes:
    from presentation.looks import LIST
    from presentation.table import Column
    from presentation.workbook import plain_workbook

    stream = io.BytesIO()
    with plain_workbook(stream, LIST, {"title": "Données détenues sur une personne"}) as writer:
        for title, rows in tables.items():
            names = list(dict.fromkeys(name for row in rows for name in row)) or ["rien"]
            sheet = writer.book.add_worksheet(title.split(" (")[0])
            cells = [["" if row.get(name) is None else str(row[name]) for name in names] for row in rows]
            writer.grid(sheet, [Column(name, name) for name in names], cells)
    return stream.getvalue()
