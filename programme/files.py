"""The configuration files as lines: reads them and remembers where each value stands.

Lives here: decoding, separators, line numbers. Lives elsewhere: what the values mean (models.py, config.py).
These are files of tens of lines edited by hand: row by row is what gives a person the line to mend.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from programme.errors import Problem, ProgrammeError


@dataclass(frozen=True)
class Row:
    """One record of a table: its line in the file (1 = the first) and its values by column."""

    line: int
    values: dict[str, str]


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ProgrammeError(
            [
                Problem(
                    path.name, f"fichier introuvable dans {path.parent}", "Replacez-le, ou indiquez un autre dossier."
                )
            ]
        ) from None
    except OSError as error:
        raise ProgrammeError(
            [Problem(path.name, f"fichier illisible ({error.strerror})", "Vérifiez les droits d'accès.")]
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # A spreadsheet of a French Windows saves « CSV » in this encoding.
        return data.decode("cp1252", errors="replace")


def read_table(path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[Row]:
    """Rows of a `,` or `;` CSV; raises ProgrammeError on a missing or unknown column or an uneven record."""
    text = _read_text(path)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    header = [name.strip().lower() for name in next(reader, [])]
    known = ", ".join((*required, *optional))
    problems = [
        Problem(path.name, "colonne absente", f"Colonnes attendues : {known}.", 1, name)
        for name in required
        if name not in header
    ]
    problems += [
        Problem(path.name, "colonne inconnue ou répétée", f"Colonnes attendues : {known}.", 1, name)
        for position, name in enumerate(header)
        if name not in (*required, *optional) or name in header[:position]
    ]
    if problems:
        raise ProgrammeError(problems)
    rows: list[Row] = []
    start = reader.line_num + 1
    for record in reader:
        line, start = start, reader.line_num + 1
        if not any(value.strip() for value in record):
            continue
        if len(record) != len(header):
            expected = f"Il en faut {len(header)} : mettez entre guillemets un texte qui contient le séparateur."
            problems.append(Problem(path.name, f"{len(record)} champs sur cette ligne", expected, line))
            continue
        rows.append(Row(line, dict(zip(header, record, strict=True))))
    if problems:
        raise ProgrammeError(problems)
    return rows


def read_settings(path: Path) -> dict[str, Row]:
    """Settings of a flat YAML file: name → its line and its text under the key `value`."""
    try:
        root = yaml.compose(_read_text(path), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        expected = "Chaque réglage s'écrit « nom: valeur », un par ligne, sans tabulation."
        raise ProgrammeError([Problem(path.name, "écriture YAML incorrecte", expected, line)]) from None
    except yaml.YAMLError:
        expected = "Enregistrez le fichier en texte UTF-8, sans caractère de contrôle."
        raise ProgrammeError([Problem(path.name, "ce n'est pas un texte YAML", expected)]) from None
    if not isinstance(root, yaml.MappingNode):
        raise ProgrammeError([Problem(path.name, "aucun réglage trouvé", "Écrivez « nom: valeur », un par ligne.")])
    settings: dict[str, Row] = {}
    problems: list[Problem] = []
    for key, node in root.value:
        line = key.start_mark.line + 1
        if not (isinstance(key, yaml.ScalarNode) and isinstance(node, yaml.ScalarNode)):
            expected = "Écrivez une seule valeur après les deux-points."
            problems.append(Problem(path.name, "liste ou groupe inattendu", expected, line, str(key.value)))
        elif key.value in settings:
            problems.append(Problem(path.name, "réglage écrit deux fois", "Gardez une seule ligne.", line, key.value))
        else:
            settings[key.value] = Row(line, {"value": node.value})
    if problems:
        raise ProgrammeError(problems)
    return settings


def read_features(path: Path) -> list[dict[str, Any]]:
    """Properties of every feature of a GeoJSON file."""
    try:
        return [feature["properties"] for feature in json.loads(_read_text(path))["features"]]
    except (ValueError, KeyError, TypeError):
        expected = "Reprenez le fichier livré avec le projet."
        raise ProgrammeError([Problem(path.name, "ce n'est pas un GeoJSON de communes", expected)]) from None
