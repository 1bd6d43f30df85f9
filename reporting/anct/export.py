"""Issuing the ANCT export: manifest, catalogue, frozen edition; nothing when the same was issued already.

Does not live here: tables (content.py), workbook (workbook.py), what a frozen folder is (files/editions.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from presentation.french import day_long
from presentation.safe_cells import neutralise_column
from presentation.sentences import DEMO
from presentation.table import Table
from programme.config import Programme
from reporting.anct.content import COLUMNS, build
from reporting.anct.workbook import Issue, delivery_counts, write_workbook
from reporting.figures.period import Period
from reporting.figures.publication import Publication, folder_of, prepare, write_down
from reporting.files import catalogue
from reporting.files.editions import MANIFEST, Change, Edition, compare, deliver, editions, fingerprint, freeze
from reporting.files.tabular import csv_bytes, schema_of
from warehouse.published.versions import Version
from warehouse.settings import Home


@dataclass(frozen=True)
class Issued:
    """The edition of a period. is_new: whether this call issued it; copy: where it was delivered, when asked."""

    edition: Edition
    is_new: bool
    changes: int
    copy: Path | None


def issue(
    version: Version,
    programme: Programme,
    period: Period,
    home: Home,
    out: Path | None = None,
    columns: Path = COLUMNS,
) -> Issued:
    """Issue the export of `period`, or say that the same one was issued already.

    Raises PeriodError and MappingError (French). Everything is written in home/reports/anct/<period>/edition-N.
    """
    publication = prepare(version, programme, period, home)
    tables = build(publication, columns)
    folder = folder_of(home, "anct") / period.code
    before = editions(folder)
    mark = fingerprint(tables)
    if before and before[-1].manifest["empreinte_du_contenu"] == mark:
        return Issued(before[-1], False, 0, deliver(before[-1].folder, out) if out else None)
    number = before[-1].number + 1 if before else 1
    reasons = _reasons(publication, before[-1].manifest, columns) if before else []
    changes = compare(before[-1].folder, tables, reasons[0]) if before else []
    files = _files(publication, tables, Issue(number, changes, reasons), columns, mark)
    # Written down first: should the machine die in between, the next edition protects more than it needs, not less.
    write_down(publication, home)
    frozen = freeze(files, folder / f"edition-{number}")
    edition = editions(folder)[-1]
    return Issued(edition, True, len(changes), deliver(frozen, out) if out else None)


def _files(publication: Publication, tables: list[Table], edition: Issue, columns: Path, mark: str) -> dict[str, bytes]:
    """Every file of the edition, the manifest last: it names the others."""
    name = f"passnum-anct-{publication.period.code}-edition-{edition.number}.xlsx"
    files = {name: write_workbook(publication, tables, edition)}
    for table in tables:
        files[f"csv/{table.layout.name}.csv"] = csv_bytes(table)
        files[f"csv/{table.layout.name}.schema.json"] = _json(schema_of(table))
    if edition.changes:
        files["csv/changements.csv"] = _changes_csv(edition.changes)
    files["dcat.jsonld"] = _json(_catalogue(publication, edition, files))
    files[MANIFEST] = _json(_manifest(publication, tables, edition, files, columns, mark))
    return files


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _changes_csv(changes: list[Change] | Any) -> bytes:
    frame = pl.DataFrame(
        [(c.table, c.key, c.column, c.before, c.after, c.why) for c in changes],
        schema=dict.fromkeys(("tableau", "ligne", "colonne", "avant", "maintenant", "pourquoi"), pl.String),
        orient="row",
    ).with_columns(neutralise_column(pl.all()))
    return frame.write_csv().encode("utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _manifest(
    publication: Publication,
    tables: list[Table],
    edition: Issue,
    files: dict[str, bytes],
    columns: Path,
    mark: str,
) -> dict[str, Any]:
    version, period, mask = publication.source.version, publication.period, publication.mask
    return {
        "document": f"Export ANCT du {publication.programme.name}",
        "periode": {"code": period.code, "debut": period.start.isoformat(), "fin": period.end.isoformat()},
        "edition": edition.number,
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
        "livraisons": delivery_counts(publication),
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
        "changements": {"valeurs": len(edition.changes), "raisons": list(edition.reasons)},
        "tables": {
            t.layout.name: {"lignes": t.values.height, "colonnes": t.values.width, "valeurs_masquees": t.withheld_count}
            for t in tables
        },
        "fichiers": {path: {"octets": len(data), "sha256": _digest(data)} for path, data in files.items()},
    }


def _catalogue(publication: Publication, edition: Issue, files: dict[str, bytes]) -> dict[str, Any]:
    version, period = publication.source.version, publication.period
    return catalogue.dataset(
        identifier=f"passnum-anct-{period.code}-edition-{edition.number}",
        title=f"{publication.programme.name} — export ANCT — {period.label}",
        description=(DEMO + " " if version.is_demo else "") + f"Suivi du programme au {day_long(version.as_of)}.",
        keywords=["pass numérique", "inclusion numérique", "médiation numérique", "Métropole du Grand Paris"],
        start=period.start,
        end=period.end,
        issued=version.published_at.date(),
        version=f"{version.build_id} / édition {edition.number}",
        files={path: (path, _digest(data), len(data)) for path, data in files.items()},
        licence=None,
    )


def _signed_files(change: int) -> str:
    """« +2 fichiers », « -1 fichier »."""
    return f"{change:+d} {'fichiers' if abs(change) > 1 else 'fichier'}"


def _reasons(publication: Publication, before: dict[str, Any], columns: Path) -> list[str]:
    """Why the content may differ from the edition before, the likeliest cause first."""
    version = publication.source.version
    reasons = []
    now = delivery_counts(publication)
    added = [
        f"{name} : {_signed_files(now[name]['fichiers'] - before['livraisons'].get(name, {'fichiers': 0})['fichiers'])}"
        for name in now
        if now[name] != before["livraisons"].get(name)
    ]
    if added:
        old = before["date_des_donnees"]
        reasons.append(
            f"Livraisons nouvelles ou corrigées ({', '.join(added)}), données au {version.as_of:%d/%m/%Y} "
            f"(édition précédente : {old[8:]}/{old[5:7]}/{old[:4]})."
        )
    if before["modele"]["sha256"] != _digest(columns.read_bytes()):
        reasons.append("Le modèle de l'export (colonnes) a été modifié.")
    if before["version"]["code"] != publication.source.code_version:
        reasons.append(f"Nouvelle version du calcul ({before['version']['code']} → {publication.source.code_version}).")
    if before["secret_statistique"]["seuil"] != publication.programme.small_count_threshold:
        reasons.append("Le seuil du secret statistique a été modifié.")
    return reasons or ["Réglages du programme ou éditions diffusées depuis (secret statistique)."]
