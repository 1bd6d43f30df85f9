"""Issuing the open data: CSV with schemas, README, DCAT and manifest, frozen by edition. No figures here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from presentation.attention.places import examples
from presentation.french import day_long, integer
from presentation.labels import capital
from presentation.sentences import DEMO, HOURS_ONCE, PEOPLE_ONCE
from presentation.table import Table
from programme.config import Programme
from reporting.figures import frames
from reporting.figures.period import Period
from reporting.figures.publication import Publication, folder_of, prepare, write_down
from reporting.figures.tables import build
from reporting.figures.wording import span
from reporting.files import catalogue
from reporting.files.editions import MANIFEST, Edition, deliver, editions, freeze
from reporting.files.tabular import csv_bytes, schema_of
from reporting.open_data.lieux import Directory, read_directory
from warehouse.published.versions import Version
from warehouse.settings import Home

COLUMNS = Path(__file__).with_name("columns.yaml")
_LIEUX = "lieux-mediation-numerique"


def issue(
    version: Version, programme: Programme, period: Period, home: Home, out: Path | None = None
) -> tuple[Edition, bool, Path | None]:
    """The open data of `period`: (edition, whether it is new, where it was copied). Raises PeriodError (French)."""
    publication = prepare(version, programme, period, home)
    tables, directory = build(publication, COLUMNS), read_directory(publication.source.lieux)
    data = {f"{table.layout.name}.csv": csv_bytes(table) for table in tables}
    data[f"{_LIEUX}.csv"] = directory.frame.write_csv(quote_style="necessary", line_terminator="\n").encode("utf-8")
    mark = _digest(b"".join(name.encode() + data[name] for name in sorted(data)))
    folder = folder_of(home, "open-data") / period.code
    before = editions(folder)
    if before and before[-1].manifest["empreinte_du_contenu"] == mark:
        return before[-1], False, deliver(before[-1].folder, out) if out else None
    number = before[-1].number + 1 if before else 1
    files = dict(data)
    files |= {f"{table.layout.name}.schema.json": _json(schema_of(table)) for table in tables}
    files[f"{_LIEUX}.schema.json"] = _json(directory.schema)
    files["README.md"] = _readme(publication, tables, directory, number).encode("utf-8")
    files["dcat.jsonld"] = _json(_catalogue(publication, files, number))
    files[MANIFEST] = _json(_manifest(publication, tables, directory, files, number, mark))
    write_down(publication, home)
    frozen = freeze(files, folder / f"edition-{number}")
    return editions(folder)[-1], True, deliver(frozen, out) if out else None


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _readme(publication: Publication, tables: list[Table], directory: Directory, number: int) -> str:
    version, period = publication.source.version, publication.period
    threshold = publication.programme.small_count_threshold
    lines = [
        f"# {publication.programme.name} — {period.label}",
        "",
        *([f"> **{DEMO}**", ""] if version.is_demo else []),
        f"Période : {span(publication)}. Cumul : depuis le début du programme, jusqu'au "
        f"{day_long(publication.last_day)}. Données au {day_long(version.as_of)}, "
        f"version {version.build_id}, édition {number}.",
        "",
        f"Licence : [Licence Ouverte 2.0]({catalogue.LICENCE}). "
        "Mention à faire figurer : « Métropole du Grand Paris ».",
        "",
        "| fichier | contenu | lignes |",
        "|---|---|---|",
        f"| `{_LIEUX}.csv` | Lieux de médiation numérique, standard national v1.0.2 | "
        f"{integer(directory.frame.height)} |",
        *(f"| `{t.layout.name}.csv` | {t.layout.title} | {integer(t.values.height)} |" for t in tables),
        "",
        "Chaque fichier est en UTF-8, séparé par des virgules, dates AAAA-MM-JJ, et a son schéma (Table "
        "Schema) à côté.",
        "",
        "## Secret statistique",
        "",
        f"« s » remplace un effectif de personnes inférieur à {threshold}, ou une valeur qui permettrait de "
        "le retrouver "
        "par soustraction (autres territoires, totaux, mois, éditions précédentes). Zéro est diffusé.",
        "",
        "## Ce qu'il faut savoir",
        "",
        f"- {PEOPLE_ONCE}",
        f"- {HOURS_ONCE}",
    ]
    if told := examples(frames.participation(publication)):
        lines.append(f"- {capital(told)}")
    if directory.lieux_left_out:
        lines.append(
            f"- {integer(directory.lieux_left_out)} lieux sont écartés : un champ obligatoire du standard manque."
        )
    if directory.values_left_out:
        lines.append(f"- {integer(directory.values_left_out)} valeurs hors des listes du standard sont laissées vides.")
    return "\n".join(lines) + "\n"


def _catalogue(publication: Publication, files: dict[str, bytes], number: int) -> dict[str, Any]:
    version, period = publication.source.version, publication.period
    return catalogue.dataset(
        identifier=f"passnum-open-data-{period.code}",
        title=f"{publication.programme.name} — {period.label}",
        description=(DEMO + " " if version.is_demo else "")
        + "Lieux de médiation numérique et activité agrégée du Pass Numérique, effectifs de personnes protégés.",
        keywords=["pass numérique", "inclusion numérique", "médiation numérique", "Métropole du Grand Paris"],
        start=period.start,
        end=period.end,
        issued=version.published_at.date(),
        version=f"{version.build_id} / édition {number}",
        files={path: (path, _digest(data), len(data)) for path, data in files.items()},
        licence=catalogue.LICENCE,
    )


def _manifest(
    publication: Publication, tables: list[Table], directory: Directory, files: dict[str, bytes], number: int, mark: str
) -> dict[str, Any]:
    version, period = publication.source.version, publication.period
    return {
        "document": f"Données ouvertes du Pass Numérique, {period.label}",
        "periode": {"code": period.code, "debut": period.start.isoformat(), "fin": period.end.isoformat()},
        "edition": number,
        "date_des_donnees": version.as_of.isoformat(),
        "provisoire": publication.is_provisional,
        "demonstration": version.is_demo,
        "avertissement": DEMO if version.is_demo else "",
        "licence": "Licence Ouverte 2.0",
        "version": {"construction": version.build_id, "empreinte": version.fingerprint},
        "empreinte_du_contenu": mark,
        "tables": {t.layout.name: {"lignes": t.values.height, "valeurs_masquees": t.withheld_count} for t in tables}
        | {_LIEUX: {"lignes": directory.frame.height, "lieux_ecartes": directory.lieux_left_out}},
        "fichiers": {path: {"octets": len(data), "sha256": _digest(data)} for path, data in files.items()},
    }
