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
from presentation.table import Table
from programme.models import Issuer
from reporting.anct.content import LINKS
from reporting.anct.workbook import Issue
from reporting.figures.issued import catalogue_facts, manifest_facts, package_facts
from reporting.figures.publication import Publication
from reporting.files import catalogue
from reporting.files.editions import seals
from reporting.files.package import Schema, linked, package


def package_of(
    publication: Publication, edition: Issue, issuer: Issuer, schemas: Mapping[str, Schema], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """datapackage.json. The foreign keys are in it alone: a file read by itself, with its schema, has no other."""
    title = f"{publication.programme.name} — export ANCT — {publication.period.label}"
    facts = package_facts(publication, "anct", issuer, edition.stamp.edition)
    return package(_name(publication, edition), title, schemas=linked(schemas, LINKS), files=files, **facts)


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
        identifier=f"passnum-anct-{period.code}-edition-{number}",
        title=f"{publication.programme.name} — export ANCT — {period.label}",
        description=f"Suivi du programme au {day_long(version.as_of)}.",
        files=files,
        licence=None,
        **catalogue_facts(publication, number),
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
    version, mask = publication.source.version, publication.mask
    return {
        "document": f"Export ANCT du {publication.programme.name}",
        "porteur": {"siren": edition.stamp.siren, "nom": edition.issuer},
        **manifest_facts(publication, edition.stamp.edition),
        "version": {
            "construction": version.build_id,
            "publiee_le": version.published_at.isoformat(),
            "empreinte": version.fingerprint,
            "code": publication.source.code_version,
        },
        "modele": {"fichier": columns.name, "sha256": hashlib.sha256(columns.read_bytes()).hexdigest()},
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
        **edition.since.in_manifest(),
        "tables": {
            t.layout.name: {"lignes": t.values.height, "colonnes": t.values.width, "valeurs_masquees": t.withheld_count}
            for t in tables
        },
        "fichiers": seals(files),
    }


def _delivery_counts(publication: Publication) -> dict[str, Any]:
    """Files loaded by data set."""
    rows = publication.source.deliveries.select("dataset", "files_loaded", "lines_accepted").rows(named=True)
    return {
        labels.word(row["dataset"]): {"fichiers": row["files_loaded"], "lignes": row["lines_accepted"]} for row in rows
    }
