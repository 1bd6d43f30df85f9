"""Issuing the open data: CSV with schemas, README, DCAT and manifest, frozen by edition. No figures here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from presentation.attention.places import examples
from presentation.french import count, day_long, integer
from presentation.labels import capital
from presentation.sentences import DEMO, HOURS_ONCE, PEOPLE_ONCE, ZEROS
from presentation.table import Column, Layout, Table, nothing_withheld
from programme.config import Programme, load_issuer
from programme.models import Issuer
from reporting.figures import frames
from reporting.figures.issued import catalogue_facts, manifest_facts, package_facts
from reporting.figures.period import Period
from reporting.figures.publication import Publication, folder_of, prepare, write_down
from reporting.figures.tables import INDICATORS, build
from reporting.figures.wording import span
from reporting.files import catalogue
from reporting.files.editions import MANIFEST, Edition, deliver, editions, freeze, json_bytes, seals
from reporting.files.package import PACKAGE, Link, Schema, linked, package
from reporting.files.replaced import replaced
from reporting.files.tabular import csv_bytes, schema_of
from reporting.open_data.lieux import STANDARD_URL, Directory, read_directory
from warehouse.published.versions import Version
from warehouse.settings import Home

COLUMNS = Path(__file__).with_name("columns.yaml")
_LIEUX = "lieux-mediation-numerique"
LINKS = (Link("activite-mois", "code_insee", "activite-territoires"),)


def issue(
    version: Version,
    programme: Programme,
    period: Period,
    home: Home,
    out: Path | None = None,
    issuer: Issuer | None = None,
) -> tuple[Edition, bool, Path | None]:
    """The open data of `period`: (edition, whether it is new, where it was copied).

    issuer: who signs them; None: as the settings in force say. Raises PeriodError and ProgrammeError (French).
    """
    issuer = issuer or load_issuer()
    publication = prepare(version, programme, period, home)
    tables, directory = build(publication, COLUMNS), read_directory(publication.source.lieux, version.as_of)
    data = {_path(table.layout.name): csv_bytes(table) for table in tables}
    data[_path(_LIEUX)] = directory.frame.write_csv(quote_style="necessary", line_terminator="\n").encode("utf-8")
    mark = hashlib.sha256(b"".join(name.encode() + data[name] for name in sorted(data))).hexdigest()
    folder = folder_of(home, "open-data") / period.code
    before = editions(folder)
    if before and before[-1].manifest["empreinte_du_contenu"] == mark:
        return before[-1], False, deliver(before[-1].folder, out) if out else None
    number = before[-1].number + 1 if before else 1
    # The names of the files received are no concern of the public: their data set and their day are.
    compared = [*tables, _directory_table(directory)]
    since = replaced(before, version, home, compared, INDICATORS, named=False, path=_path)
    moved = since.moved
    files = data | {_path(moved.layout.name): csv_bytes(moved)}
    schemas = {_LIEUX: directory.schema} | {table.layout.name: schema_of(table) for table in [*tables, moved]}
    files |= {f"{name}.schema.json": json_bytes(schema) for name, schema in schemas.items()}
    files[PACKAGE] = json_bytes(_package(publication, schemas, files, number, issuer))
    files["README.md"] = _readme(publication, [*tables, moved], directory, number, since.sentences, issuer.name).encode(
        "utf-8"
    )
    files["dcat.jsonld"] = json_bytes(_catalogue(publication, files, number, issuer))
    files[MANIFEST] = json_bytes(_manifest(publication, tables, directory, files, number, mark) | since.in_manifest())
    write_down(publication, home)
    frozen = freeze(files, folder / f"edition-{number}")
    return editions(folder)[-1], True, deliver(frozen, out) if out else None


def _path(table: str) -> str:
    """Where the CSV of a table is in an edition."""
    return f"{table}.csv"


def _directory_table(directory: Directory) -> Table:
    """The lieux as a table, to be compared with those of the edition before."""
    fields = tuple(Column(field["name"], field["name"]) for field in directory.schema["fields"])
    title = "Lieux de médiation numérique"
    return Table(Layout(_LIEUX, title, title, "", ("id",), fields), directory.frame, nothing_withheld(directory.frame))


def _readme(
    publication: Publication, tables: list[Table], directory: Directory, number: int, told: Sequence[str], issuer: str
) -> str:
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
        f"Licence : [Licence Ouverte 2.0]({catalogue.LICENCE}). Mention à faire figurer : « {issuer} ».",
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
        *_since(number, told),
        "## Secret statistique",
        "",
        f"« s » remplace un effectif de personnes inférieur à {threshold}, ou une valeur qui permettrait de "
        "le retrouver "
        f"par soustraction (autres territoires, totaux, mois, éditions précédentes). {ZEROS}",
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
            f"- {count(directory.lieux_left_out, 'lieu est écarté', 'lieux sont écartés')} : un champ obligatoire du "
            "standard manque."
        )
    if directory.closed:
        lines.append(
            f"- {count(directory.closed, 'lieu est écarté', 'lieux sont écartés')} : le référencement a pris fin avant "
            f"le {day_long(version.as_of)}."
        )
    if directory.unfilled:
        lines.append(
            "- Aucun lieu ne renseigne ces champs du standard, leur colonne est vide : "
            f"{', '.join(directory.unfilled)}."
        )
    if directory.values_left_out:
        left = count(directory.values_left_out, "valeur est laissée vide", "valeurs sont laissées vides")
        lines.append(f"- {left} : hors des listes du standard, ou écrite autrement que lui.")
    lines += ["- Les dates de référencement ne sont pas publiées : le standard n'a pas de champ pour elles.", ""]
    lines += [
        "`datapackage.json` décrit ces fichiers, leurs schémas, leurs clés et leurs empreintes : "
        "`frictionless validate datapackage.json` les vérifie."
    ]
    return "\n".join(lines) + "\n"


def _since(number: int, told: Sequence[str]) -> list[str]:
    """What moved since the edition before, and those replaced: for who kept one."""
    if not told:
        return []
    more = "Chaque valeur, avant et maintenant, est dans `changements.csv`."
    return [f"## Ce qui a changé depuis l'édition {number - 1}", "", *(f"- {one}" for one in told), "", more, ""]


def _catalogue(publication: Publication, files: dict[str, bytes], number: int, issuer: Issuer) -> dict[str, Any]:
    period = publication.period
    return catalogue.dataset(
        issuer=issuer,
        folder=f"open-data/{period.code}/edition-{number}",
        conforms_to={f"{_LIEUX}.csv": STANDARD_URL},
        identifier=f"passnum-open-data-{period.code}",
        title=f"{publication.programme.name} — {period.label}",
        description="Lieux de médiation numérique et activité agrégée du Pass Numérique, effectifs de personnes "
        "protégés.",
        files=files,
        licence=catalogue.LICENCE,
        **catalogue_facts(publication, number),
    )


def _package(
    publication: Publication, schemas: dict[str, Schema], files: dict[str, bytes], number: int, issuer: Issuer
) -> dict[str, Any]:
    """datapackage.json: a month's territory is one of those of the period."""
    period = publication.period
    return package(
        f"passnum-open-data-{issuer.siren}-{period.code.lower()}-edition-{number}",
        f"{publication.programme.name} — {period.label}",
        schemas=linked(schemas, LINKS, shared=()),
        files=files,
        path=_path,
        licence=catalogue.LICENCE,
        **package_facts(publication, "open-data", issuer, number),
    )


def _manifest(
    publication: Publication, tables: list[Table], directory: Directory, files: dict[str, bytes], number: int, mark: str
) -> dict[str, Any]:
    version, period = publication.source.version, publication.period
    return {
        "document": f"Données ouvertes du Pass Numérique, {period.label}",
        **manifest_facts(publication, number),
        "licence": "Licence Ouverte 2.0",
        "version": {"construction": version.build_id, "empreinte": version.fingerprint},
        "empreinte_du_contenu": mark,
        "tables": {t.layout.name: {"lignes": t.values.height, "valeurs_masquees": t.withheld_count} for t in tables}
        | {
            _LIEUX: {
                "lignes": directory.frame.height,
                "lieux_ecartes": directory.lieux_left_out,
                "lieux_fermes": directory.closed,
            }
        },
        "fichiers": seals(files),
    }
