"""The files that describe an edition of the ANCT export: schemas, package, catalogue, manifest.

Does not live here: issuing (export.py), what a descriptor or a catalogue is made of (reporting/files/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from presentation import labels
from presentation.french import day_long
from presentation.sentences import DEMO
from presentation.table import Table
from programme.models import Issuer
from reporting.anct.content import LINKS
from reporting.anct.workbook import Issue
from reporting.figures.publication import Publication
from reporting.files import catalogue
from reporting.files.package import Schema, linked, package


def package_of(
    publication: Publication, edition: Issue, issuer: Issuer, schemas: Mapping[str, Schema], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """datapackage.json. The foreign keys are in it alone: a file read by itself, with its schema, has no other."""
    version, period, stamp = publication.source.version, publication.period, edition.stamp
    own = {
        "document": "anct",
        "porteur_siren": issuer.siren,
        "porteur": issuer.name,
        "periode": period.code,
        "debut": period.start.isoformat(),
        "fin": period.end.isoformat(),
        "edition": stamp.edition,
        "editions_remplacees": list(range(1, stamp.edition)),
        "date_des_donnees": version.as_of.isoformat(),
        "provisoire": publication.is_provisional,
        "demonstration": version.is_demo,
    }
    title = f"{publication.programme.name} — export ANCT — {period.label}"
    created = version.published_at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return package(_name(publication, edition), title, created, issuer.name, own, linked(schemas, LINKS), files)


def _name(publication: Publication, edition: Issue) -> str:
    return f"passnum-anct-{edition.stamp.siren}-{publication.period.code.lower()}-edition-{edition.stamp.edition}"


def catalogue_of(
    publication: Publication, edition: Issue, issuer: Issuer, files: Mapping[str, bytes]
) -> dict[str, Any]:
    """dcat.jsonld."""
    version, period, number = publication.source.version, publication.period, edition.stamp.edition
    return catalogue.dataset(
        issuer=issuer,
        folder=f"anct/{period.code}/edition-{number}",
        outlines=publication.programme.communes_geojson,
        identifier=f"passnum-anct-{period.code}-edition-{number}",
        title=f"{publication.programme.name} — export ANCT — {period.label}",
        description=(DEMO + " " if version.is_demo else "") + f"Suivi du programme au {day_long(version.as_of)}.",
        keywords=["pass numérique", "inclusion numérique", "médiation numérique", issuer.name],
        start=period.start,
        end=period.end,
        months=len(period.months),
        issued=version.published_at.date(),
        version=f"{version.build_id} / édition {number}",
        files={path: (path, _digest(data), len(data)) for path, data in files.items()},
        licence=None,
    )


def manifest(
    publication: Publication,
    tables: Sequence[Table],
    edition: Issue,
    files: Mapping[str, bytes],
    columns: Path,
    mark: str,
) -> dict[str, Any]:
    """manifest.json: what made the edition, what it withholds, and the seal of every other file."""
    version, period, mask = publication.source.version, publication.period, publication.mask
    return {
        "document": f"Export ANCT du {publication.programme.name}",
        "porteur": {"siren": edition.stamp.siren, "nom": edition.issuer},
        "periode": {"code": period.code, "debut": period.start.isoformat(), "fin": period.end.isoformat()},
        "edition": edition.stamp.edition,
        "date_des_donnees": version.as_of.isoformat(),
        "provisoire": publication.is_provisional,
        "demonstration": version.is_demo,
        "avertissement": DEMO if version.is_demo else "",
        "version": {
            "construction": version.build_id,
            "publiee_le": version.published_at.isoformat(),
            "empreinte": version.fingerprint,
            "code": publication.source.code_version,
        },
        "modele": {"fichier": columns.name, "sha256": _digest(columns.read_bytes())},
        "empreinte_du_contenu": mark,
        "livraisons": _delivery_counts(publication),
        "secret_statistique": {
            "seuil": publication.programme.small_count_threshold,
            "cases_masquees": len(mask.hidden),
            "dont_petits_effectifs": len(mask.primary),
            "dont_complementaires": len(mask.complementary),
            "non_protegeables": len(mask.exposed),
            "attaque": {
                "cases_essayees": publication.attacked.cells,
                "intervalle_le_plus_etroit": publication.attacked.narrowest,
                "cases_trop_approchees": publication.attacked.exposed,
            },
        },
        "changements": {"valeurs": _count(tables), "raisons": list(edition.told)},
        "editions_remplacees": list(edition.superseded),
        "tables": {
            t.layout.name: {"lignes": t.values.height, "colonnes": t.values.width, "valeurs_masquees": t.withheld_count}
            for t in tables
        },
        "fichiers": {path: {"octets": len(data), "sha256": _digest(data)} for path, data in files.items()},
    }


def _count(tables: Sequence[Table]) -> int:
    return next(table.values.height for table in tables if table.layout.name == "changements")


def _delivery_counts(publication: Publication) -> dict[str, Any]:
    """Files loaded by data set."""
    rows = publication.source.deliveries.select("dataset", "files_loaded", "lines_accepted").rows(named=True)
    return {
        labels.word(row["dataset"]): {"fichiers": row["files_loaded"], "lignes": row["lines_accepted"]} for row in rows
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
