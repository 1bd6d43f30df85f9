"""The documents of docs/rgpd: their facts are written here, from contracts, settings and a published version.

The prose is theirs, the facts stand between `<!-- passnum rgpd : name -->` and `<!-- fin -->`: a fact written by hand
would drift. Does not live here: the command (commands/rgpd.py), the measure of uniqueness (warehouse/published).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingestion.contract import Contract, Field, load_layouts
from ingestion.personal import PERSON_LEVEL
from presentation.french import NBSP, day_long, integer, percent
from programme.conservation import Place, Retention
from programme.models import Programme
from warehouse.published.uniqueness import KNOWN, SQL, measure
from warehouse.published.versions import Version, connect
from warehouse.settings import ROOT

FOLDER = ROOT / "docs" / "rgpd"
DOCUMENTS = {"registre": "registre.md", "aipd": "aipd.md", "droits": "droits.md"}
_BLOCK = re.compile(r"(<!-- passnum rgpd : (\w+) -->\n)(.*?)(<!-- fin -->)", re.S)
_NUMBERS, _AGGREGATED = ("numero_carnet", "numero_pass"), ("date_prescription", "date_utilisation", "siret_lieu")
_COUNTED = {
    "core.dim_person": "personnes",
    "core.fct_prescription": "prescriptions",
    "core.fct_redemption": "utilisations de pass",
    "core.dim_lieu": "lieux",
}


@dataclass(frozen=True)
class Facts:
    """What the documents are told from. `version`: None before anything is published: its counts are then absent."""

    programme: Programme
    retentions: dict[Place, Retention]
    version: Version | None


def render(name: str, facts: Facts) -> str:
    """The document `name` (DOCUMENTS), every block of facts written anew."""
    text = (FOLDER / DOCUMENTS[name]).read_text(encoding="utf-8")
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]](facts)}\n{found[4]}", text)


def _columns(_: Facts) -> str:
    """Every column about a person that is received, and what is kept of it."""
    lines = ["| export | colonne reçue | ce qui en est gardé |", "|---|---|---|"]
    layouts = [layout for layout in load_layouts() if layout.dataset in PERSON_LEVEL]
    for layout in layouts:
        for field in layout.fields:
            if field.personal or _is_coded(field) or _links(layout, field):
                lines.append(f"| {layout.title} | {field.title} (`{field.name}`) | {_kept(layout, field)} |")
    return "\n".join(lines)


def _is_coded(field: Field) -> bool:
    return field.type == "enum" and field.name in ("genre", "situation", "public_pic", "residence_qpv")


def _links(layout: Contract, field: Field) -> bool:
    return field.role == "K" or field.type == "digits_list" or field.name in (*_NUMBERS, *_AGGREGATED)


def _kept(layout: Contract, field: Field) -> str:
    if field.pseudonym:
        return f"un pseudonyme (`{field.pseudonym}`, HMAC-SHA256) ; l’identifiant n’est plus que dans l’archive"
    if field.age_band:
        return f"une tranche d’âge (`{field.age_band.column}`) ; l’année n’est plus que dans l’archive"
    if _is_coded(field):
        return f"la réponse codée : {', '.join(field.values)}"
    if field.name in _AGGREGATED:
        return "elle-même dans `core` ; ailleurs, agrégée"
    return "elle-même : elle relie une personne à ses visites, et ne sort jamais du schéma `core`"


def _durations(facts: Facts) -> str:
    lines = ["| endroit | durée | fondement | raison |", "|---|---|---|---|"]
    for place, one in facts.retentions.items():
        basis = "loi" if one.is_law else "choix"
        lines.append(f"| {place} | {one.months}{NBSP}mois | {basis} | {one.reason} |")
    return "\n".join(lines)


def _volumes(facts: Facts) -> str:
    if facts.version is None:
        return "Rien n’est publié dans ce dossier de données : aucun volume à dire."
    with connect(facts.version.path) as con:
        told = []
        for table, words in _COUNTED.items():
            row = con.execute(f"select count(*) from {table}").fetchone()
            told.append(f"{integer(row[0] if row else 0)}{NBSP}{words}")
    return f"{_origin(facts.version)} : {', '.join(told)}."


def _uniqueness(facts: Facts) -> str:
    if facts.version is None:
        return "Rien n’est publié dans ce dossier de données : l’unicité n’est pas mesurée."
    threshold = facts.programme.small_count_threshold
    found = measure(facts.version.path, threshold)
    lines = [
        f"{_origin(facts.version)}, {integer(found[0].people)} personnes identifiées :",
        "",
        f"| ce que l’on sait de la personne | groupes | personnes seules dans le leur (k = 1) | en groupes de moins de "
        f"{threshold} |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {one.title} | {integer(one.groups)} | {_share(one.alone, one.people)} | "
        f"{_share(one.under_threshold, one.people)} |"
        for one in found
    ]
    return "\n".join(lines)


def _share(number: int, whole: int) -> str:
    return f"{integer(number)} ({percent(number / whole if whole else 0)})"


def _origin(version: Version) -> str:
    what = "données de démonstration" if version.is_demo else "données"
    return f"Mesuré sur la version publiée, {what} au {day_long(version.as_of)}"


def _query(facts: Facts) -> str:
    columns = ", ".join(list(KNOWN)[:-1])
    sql = SQL.format(columns=columns, threshold=facts.programme.small_count_threshold).strip()
    return f"```sql\n{sql}\n```"


def _programme(facts: Facts) -> str:
    one = facts.programme
    return (
        f"« {one.name} » : {integer(one.people_target)} personnes à accompagner, {integer(one.territories_target)} "
        f"communes et arrondissements, jusqu’au {day_long(one.mandate_ends_on)} (terme de la convention de mandat)."
    )


BLOCKS: dict[str, Callable[[Facts], str]] = {
    "colonnes": _columns,
    "durees": _durations,
    "volumes": _volumes,
    "unicite": _uniqueness,
    "requete": _query,
    "programme": _programme,
}


def write_all(facts: Facts, folder: Path = FOLDER) -> None:
    """Write every document in place."""
    for name, file in DOCUMENTS.items():
        (folder / file).write_text(render(name, facts), encoding="utf-8")
