"""Reads and checks the configuration of the programme: `load_programme`, `load_correspondents`, `load_issuer`,
`load_mandate`, `load_shared_lake`; and `load_commanditaires`, the list of a national view.

Lives here: where the files are, checks of values and between files. Lives elsewhere: the fields (models.py),
the reading of bytes (files.py), the wording of an error (errors.py).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from programme.errors import Problem, ProgrammeError
from programme.expected import EXPECTED
from programme.files import Row, read_features, read_settings, read_table
from programme.models import (
    Commanditaire,
    Commune,
    Correspondent,
    Decision,
    Issuer,
    Mandate,
    Population,
    Programme,
    SharedLake,
    Territory,
    TerritoryChange,
    fold,
)

__all__ = [
    "Commanditaire", "Commune", "Correspondent", "Decision", "Issuer", "Mandate", "Population", "Problem", "Programme",
    "ProgrammeError", "SharedLake", "Territory", "TerritoryChange", "load_commanditaires", "load_correspondents",
    "load_geography", "load_issuer", "load_mandate", "load_programme", "load_shared_lake",
]  # fmt: skip

PROJECT_FOLDER = Path(__file__).resolve().parent
ENVIRONMENT_VARIABLE = "PASSNUM_PROGRAMME"
_TABLES = {"territories", "changes", "communes", "populations", "communes_geojson", "decisions"}
_SETTINGS = {name: field for name, field in Programme.model_fields.items() if name not in _TABLES}
_Model = TypeVar("_Model", bound=BaseModel)
#: What is wrong in a whole list: (its file, its rows as written, the same as read) → problems.
_Check = Callable[[Path, list[Row], list[_Model]], Iterator[Problem]]


def folder_in_force(folder: Path | None = None) -> Path:
    """The folder of the settings: the argument, else PASSNUM_PROGRAMME, else the project's own."""
    return Path(folder or os.environ.get(ENVIRONMENT_VARIABLE) or PROJECT_FOLDER)


def load_programme(folder: Path | None = None) -> Programme:
    """The configuration of `folder`, else of PASSNUM_PROGRAMME, else the project's own (figures §1, §4).

    A folder needs programme.yaml and territories.csv; decisions.csv may be left out; territory_changes.csv,
    populations.csv, communes.geojson and commune_names.csv are the project's where it has none. Raises ProgrammeError
    (French, every mistake of a file at once) where a value, a code or a number of rows cannot be right.
    """
    folder = folder_in_force(folder)
    if not folder.is_dir():
        expected = f"Indiquez un dossier qui contient programme.yaml et territories.csv ({ENVIRONMENT_VARIABLE})."
        raise ProgrammeError([Problem(str(folder), "dossier de configuration introuvable", expected)])
    geography = load_geography(folder)
    by_code = {commune.code_insee: commune for commune in geography["communes"]}
    territories = _load_territories(folder / "territories.csv", by_code)
    decisions = _load_decisions(folder / "decisions.csv")
    return _assemble(
        folder / "programme.yaml",
        folder / "territories.csv",
        territories=territories,
        decisions=decisions,
        **geography,
    )


def load_correspondents(folder: Path | None = None) -> list[Correspondent]:
    """Where each structure is written to (correspondants.csv), in the order of the file; the project's, which is
    empty, where the folder has none. Read when mails are made: a version holds no address. Raises ProgrammeError
    (French, every mistake at once)."""
    folder = folder_in_force(folder)
    territories = {territory.code_insee for territory in load_programme(folder).territories}
    path = _own_or_shipped(folder, "correspondants.csv")
    return _load_rows(path, Correspondent, _not_of_the_programme(territories), _repeated_addresses)


def load_commanditaires(path: Path) -> list[Commanditaire]:
    """The programmes that a national view unites (columns siren, nom, maison), in the order of the file, each home as
    an absolute path. Raises ProgrammeError (French, every mistake at once): nobody, or somebody or a home, twice."""
    found = _load_rows(path, Commanditaire, _nobody, _twice("siren"), _twice("maison"))
    return [one.model_copy(update={"maison": str((path.parent / one.maison).resolve())}) for one in found]


def _nobody(path: Path, rows: list[Row], _: list[Commanditaire]) -> Iterator[Problem]:
    if not rows:
        yield Problem(path.name, "aucun commanditaire", "Écrivez une ligne par commanditaire : siren, nom, maison.")


def _twice(column: str) -> _Check[Commanditaire]:
    """A check: a programme counts once."""

    def check(path: Path, rows: list[Row], parsed: list[Commanditaire]) -> Iterator[Problem]:
        first: dict[str, int] = {}
        for row, one in zip(rows, parsed, strict=True):
            said = one.siren if column == "siren" else str((path.parent / one.maison).resolve())
            line = first.setdefault(said, row.line)
            if line != row.line:
                what = f"déjà à la ligne {line} : ses chiffres compteraient deux fois"
                yield Problem(path.name, what, "Gardez une seule ligne.", row.line, column, row.values[column])

    return check


def load_issuer(folder: Path | None = None) -> Issuer:
    """Who issues the documents (diffusion.yaml). The project's where the folder has none, unless its map is another
    one: it is then another carrier's, and would sign with the Métropole's SIREN. Read when a document is made: no
    version holds it. Raises ProgrammeError (French, every mistake at once)."""
    return _load_of_the_carrier(folder, "diffusion.yaml", Issuer)


def load_mandate(folder: Path | None = None) -> Mandate:
    """The mandate whose account is rendered (mandat.yaml): who, under which convention. As `load_issuer`: the project's
    where the folder has none, unless its map is another carrier's. Raises ProgrammeError (French)."""
    return _load_of_the_carrier(folder, "mandat.yaml", Mandate)


def load_shared_lake(folder: Path | None = None) -> SharedLake | None:
    """Where versions are shared (lac.yaml), None where they are not. The file of the folder in force alone: another
    carrier's versions never go to a lake that it did not name. Read after a publication. Raises ProgrammeError
    (French, every mistake at once)."""
    path = folder_in_force(folder) / "lac.yaml"
    if not path.exists():
        return None
    try:
        lake = _load_flat(path, SharedLake)
    except ProgrammeError as error:  # a password that was written there is not said again
        told = [replace(one, value=None) if one.column == "catalog" else one for one in error.problems]
        raise ProgrammeError(told) from None
    if lake.is_set or not (lake.catalog or lake.folder):
        return lake if lake.is_set else None
    name = "folder" if lake.catalog else "catalog"
    what = "un lac partagé a une base et un dossier : l'un des deux manque"
    raise ProgrammeError([Problem(path.name, what, EXPECTED[name], column=name)])


def _load_of_the_carrier(folder: Path | None, name: str, model: type[_Model]) -> _Model:
    folder = folder_in_force(folder)
    own_map, shipped_map = _own_or_shipped(folder, "communes.geojson"), PROJECT_FOLDER / "communes.geojson"
    is_ours = own_map == shipped_map or own_map.read_bytes() == shipped_map.read_bytes()
    return _load_flat(_own_or_shipped(folder, name) if is_ours else folder / name, model)


def _load_flat(path: Path, model: type[_Model]) -> _Model:
    settings = read_settings(path)
    if problems := list(_setting_names(path, settings, model.model_fields)):
        raise ProgrammeError(problems)
    values = {name: row.values["value"] for name, row in settings.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = {name: row.line for name, row in settings.items()}
        raise ProgrammeError(_value_problems(path.name, error, lines, values)) from None


def _not_of_the_programme(territories: set[str]) -> _Check[Correspondent]:
    """A check: a territory that is written to takes part."""

    def check(path: Path, rows: list[Row], parsed: list[Correspondent]) -> Iterator[Problem]:
        for row, one in zip(rows, parsed, strict=True):
            if not one.is_structure and one.structure not in territories:
                what = "ce code n'est celui d'aucun territoire du programme (territories.csv)"
                yield Problem(path.name, what, EXPECTED["structure"], row.line, "structure", row.values["structure"])

    return check


def _repeated_addresses(path: Path, rows: list[Row], parsed: list[Correspondent]) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for row, one in zip(rows, parsed, strict=True):
        line = first.setdefault((one.structure, one.courriel.lower()), row.line)
        if line != row.line:
            what = f"cette adresse est déjà à la ligne {line}, pour la même structure"
            yield Problem(path.name, what, "Gardez une seule ligne.", row.line, "courriel", one.courriel)


def load_geography(folder: Path = PROJECT_FOLDER) -> dict[str, Any]:
    """The public geography of the Métropole: fields changes, communes, populations and communes_geojson of a
    Programme."""
    geojson = _own_or_shipped(folder, "communes.geojson")
    communes = _load_communes(geojson, _own_or_shipped(folder, "commune_names.csv"))
    by_code = {commune.code_insee: commune for commune in communes}
    changes = _load_changes(_own_or_shipped(folder, "territory_changes.csv"), by_code)
    populations = _load_populations(_own_or_shipped(folder, "populations.csv"), by_code)
    return {"changes": changes, "communes": communes, "populations": populations, "communes_geojson": geojson}


def _own_or_shipped(folder: Path, name: str) -> Path:
    own = folder / name
    return own if own.exists() else PROJECT_FOLDER / name


def _columns(model: type[BaseModel]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    fields = model.model_fields.items()
    return tuple(n for n, f in fields if f.is_required()), tuple(n for n, f in fields if not f.is_required())


def _value_problems(file: str, error: ValidationError, lines: dict[str, int], values: dict[str, str]) -> list[Problem]:
    """pydantic's findings as French problems, one a field."""
    names = dict.fromkeys(str(item["loc"][0]) for item in error.errors())
    what = {True: "valeur absente", False: "valeur refusée"}
    return [
        Problem(file, what[not values[name].strip()], EXPECTED[name], lines[name], name, values[name]) for name in names
    ]


def _parse_rows(path: Path, rows: list[Row], model: type[_Model]) -> list[_Model]:
    parsed: list[_Model] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            parsed.append(model.model_validate(row.values))
        except ValidationError as error:
            problems += _value_problems(path.name, error, dict.fromkeys(row.values, row.line), row.values)
    if problems:
        raise ProgrammeError(problems)
    return parsed


def _known_codes(column: str, known: dict[str, Commune]) -> _Check[Any]:
    """A check: the codes of a column are those of communes of the Métropole."""

    def check(path: Path, rows: list[Row], _parsed: list[Any]) -> Iterator[Problem]:
        for row in rows:
            code = row.values[column].strip()
            if code not in known:
                near = difflib.get_close_matches(row.values.get("nom", ""), [c.nom for c in known.values()], 1, 0.8)
                hint = next((f" {c.nom} a le code {c.code_insee}." for c in known.values() if c.nom in near), "")
                what = "ce code n'est pas celui d'une commune ou d'un arrondissement de la Métropole"
                yield Problem(path.name, what, f"Vérifiez le code Insee.{hint}", row.line, column, code)

    return check


def _repeated_codes(path: Path, rows: list[Row], _parsed: list[Any]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        code = row.values["code_insee"].strip()
        if first.setdefault(code, row.line) != row.line:
            what = f"ce code est déjà à la ligne {first[code]}"
            yield Problem(path.name, what, "Gardez une seule ligne par territoire.", row.line, "code_insee", code)


def _misnamed(known: dict[str, Commune]) -> _Check[Any]:
    """A check: a name that is another commune's. The code, or the name, is on the wrong line."""
    owner = {fold(commune.nom): commune for commune in known.values()}

    def check(path: Path, rows: list[Row], _parsed: list[Any]) -> Iterator[Problem]:
        for row in rows:
            named, coded = owner.get(fold(row.values["nom"])), known.get(row.values["code_insee"].strip())
            if named and coded and named != coded:
                what = f"ce nom est celui du code {named.code_insee}, la ligne porte {coded.code_insee} ({coded.nom})"
                yield Problem(path.name, what, "Corrigez le code ou le nom.", row.line, "nom", row.values["nom"])

    return check


def _load_communes(geojson: Path, names: Path) -> list[Commune]:
    full_names = {row.values["code_insee"]: row.values["nom"] for row in read_table(names, ("code_insee", "nom"))}
    properties: list[dict[str, Any]] = read_features(geojson)
    try:
        return [Commune.model_validate({**p, "nom": full_names.get(p["code_insee"], p["nom"])}) for p in properties]
    except (ValidationError, KeyError):
        expected = "Reprenez le fichier livré avec le projet."
        raise ProgrammeError([Problem(geojson.name, "une commune est incomplète", expected)]) from None


def _load_rows(path: Path, model: type[_Model], *checks: _Check[_Model]) -> list[_Model]:
    """A list of the programme, row by row as its model reads it, then what `checks` find in the whole of it."""
    rows = read_table(path, *_columns(model))
    parsed = _parse_rows(path, rows, model)
    if problems := [problem for check in checks for problem in check(path, rows, parsed)]:
        raise ProgrammeError(problems)
    return parsed


def _load_territories(path: Path, known: dict[str, Commune]) -> list[Territory]:
    return _load_rows(path, Territory, _known_codes("code_insee", known), _repeated_codes, _misnamed(known))


def _load_changes(path: Path, known: dict[str, Commune]) -> list[TerritoryChange]:
    checks = (_known_codes("code_insee", known), _known_codes("code_actuel", known), _repeated_codes)
    return _load_rows(path, TerritoryChange, *checks)


def _load_populations(path: Path, known: dict[str, Commune]) -> list[Population]:
    checks = (_known_codes("code_insee", known), _repeated_codes, _misnamed(known), _undated)
    return _load_rows(path, Population, *checks)


def _load_decisions(path: Path) -> list[Decision]:
    """The decisions noted, oldest first; none where the folder has no file."""
    decisions = _load_rows(path, Decision, _half_expected) if path.exists() else []
    return sorted(decisions, key=lambda decision: decision.prise_le)


def _half_expected(path: Path, rows: list[Row], decisions: list[Decision]) -> Iterator[Problem]:
    """What is expected of a decision is said whole, or not at all; and falls due after it was taken."""
    for row, decision in zip(rows, decisions, strict=True):
        said = {name: getattr(decision, name) for name in ("indicateur", "attendu", "echeance")}
        missing = [name for name, value in said.items() if value is None]
        if missing and len(missing) < len(said):
            what = "on attend un effet sans dire lequel, combien ou pour quand"
            expected = "Remplissez indicateur, attendu et echeance, ou laissez les trois vides."
            yield Problem(path.name, what, expected, row.line, missing[0], row.values.get(missing[0], ""))
        elif decision.echeance is not None and decision.echeance <= decision.prise_le:
            what = f"l'échéance n'est pas après la décision ({row.values['prise_le']})"
            expected = EXPECTED["echeance"]
            yield Problem(path.name, what, expected, row.line, "echeance", row.values["echeance"])


def _undated(path: Path, rows: list[Row], populations: list[Population]) -> Iterator[Problem]:
    """A population without its day or its source, or more people in the QPV than in the commune."""
    for row, one in zip(rows, populations, strict=True):
        for value, names in (
            (one.population, ("date_population", "source_population")),
            (one.population_qpv, ("date_qpv", "source_qpv")),
        ):
            for name in names:
                if value is not None and getattr(one, name) is None:
                    expected = "Un nombre d'habitants se lit avec sa date et sa source : écrivez-les, ou retirez-le."
                    yield Problem(path.name, "valeur absente", expected, row.line, name)
        if one.population is not None and (one.population_qpv or 0) > one.population:
            what = f"plus d'habitants dans les quartiers prioritaires que dans la commune ({one.population})"
            expected = "Corrigez l'un des deux nombres."
            yield Problem(path.name, what, expected, row.line, "population_qpv", row.values["population_qpv"])


def _setting_names(path: Path, settings: dict[str, Row], known: Mapping[str, FieldInfo]) -> Iterator[Problem]:
    for name, row in settings.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            expected = f"Vouliez-vous écrire « {near[0]} » ?" if near else "Retirez cette ligne."
            yield Problem(path.name, "réglage inconnu", expected, row.line, name)
    for name, field in known.items():
        if name not in settings and field.is_required():
            yield Problem(
                path.name, "réglage absent", f"Ajoutez une ligne « {name}: … ». {EXPECTED[name]}", column=name
            )


def _assemble(settings_path: Path, territories_path: Path, **tables: Any) -> Programme:
    settings = read_settings(settings_path)
    if problems := list(_setting_names(settings_path, settings, _SETTINGS)):
        raise ProgrammeError(problems)
    values = {name: row.values["value"] for name, row in settings.items()}
    lines = {name: row.line for name, row in settings.items()}
    try:
        programme = Programme.model_validate({**values, **tables})
    except ValidationError as error:
        raise ProgrammeError(_value_problems(settings_path.name, error, lines, values)) from None
    if programme.agreement_ends_on <= programme.agreement_signed_on:
        name = "agreement_ends_on"
        what = f"le terme de l'accord-cadre n'est pas après sa signature ({values['agreement_signed_on']})"
        raise ProgrammeError([Problem(settings_path.name, what, EXPECTED[name], lines[name], name, values[name])])
    if programme.trust_share_min > programme.trust_share_max:
        name = "trust_share_min" if "trust_share_min" in values else "trust_share_max"
        what = f"trust_share_min ({programme.trust_share_min}) dépasse trust_share_max ({programme.trust_share_max})"
        raise ProgrammeError([Problem(settings_path.name, what, EXPECTED[name], lines[name], name, values[name])])
    if len(programme.territories) != programme.territories_target:
        what = (
            f"{len(programme.territories)} territoires inscrits, alors que territories_target en annonce "
            f"{programme.territories_target} ({settings_path.name}, ligne {lines['territories_target']})"
        )
        expected = "Ajoutez ou retirez des lignes, ou corrigez territories_target."
        raise ProgrammeError([Problem(territories_path.name, what, expected)])
    return programme
