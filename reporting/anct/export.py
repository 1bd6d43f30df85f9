"""Issuing the ANCT export: the edition's files, frozen; nothing when the same was issued already.

Does not live here: tables (content.py), workbook (workbook.py), the files that describe an edition (about.py), what
moved since the one before (files/changes.py), what a frozen folder is (files/editions.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from presentation.table import Table
from programme.config import Programme, load_issuer
from programme.models import Issuer
from reporting.anct import about
from reporting.anct.content import COLUMNS, build
from reporting.anct.workbook import Issue, write_workbook
from reporting.figures.period import Period
from reporting.figures.publication import Publication, folder_of, prepare, write_down
from reporting.figures.tables import INDICATORS
from reporting.files import changes
from reporting.files.editions import MANIFEST, Edition, deliver, editions, fingerprint, freeze, json_bytes
from reporting.files.package import PACKAGE, path_of
from reporting.files.replaced import replaced
from reporting.files.stamp import Stamp
from reporting.files.tabular import csv_bytes, schema_of
from warehouse.published.versions import Version
from warehouse.settings import Home


@dataclass(frozen=True)
class Issued:
    """The edition of a period. is_new: whether this call issued it; told: what moved since the one before, a sentence
    a cause; copy: where it was delivered, when asked."""

    edition: Edition
    is_new: bool
    changes: int
    copy: Path | None
    told: tuple[str, ...] = ()


def issue(
    version: Version,
    programme: Programme,
    period: Period,
    home: Home,
    out: Path | None = None,
    columns: Path = COLUMNS,
    issuer: Issuer | None = None,
) -> Issued:
    """Issue the export of `period`, or say that the same one was issued already.

    issuer: who signs it; None: as the settings in force say. Raises PeriodError, MappingError and ProgrammeError
    (French). Everything is written in home/reports/anct/<period>/edition-N.
    """
    issuer = issuer or load_issuer()
    publication = prepare(version, programme, period, home)
    tables = build(publication, columns)
    folder = folder_of(home, "anct") / period.code
    before = editions(folder)
    mark = hashlib.sha256(f"{issuer.siren}\0{fingerprint(tables)}".encode()).hexdigest()
    if before and before[-1].manifest["empreinte_du_contenu"] == mark:
        return Issued(before[-1], False, 0, deliver(before[-1].folder, out) if out else None)
    number = before[-1].number + 1 if before else 1
    since = replaced(before, version, home, tables, INDICATORS, code=publication.source.code_version)
    moved, told = since.moved, since.told
    summary = next((table for table in tables if table.layout.name == "synthese"), None)
    told += changes.headlines(moved, summary) if summary else ()
    signed = before[-1].manifest.get("porteur", {}).get("siren", issuer.siren) if before else issuer.siren
    if signed != issuer.siren:
        told = (f"Le porteur n'est plus le même : SIREN {signed}, puis {issuer.siren}.", *told)
    edition = Issue(Stamp(issuer.siren, period.code, number), issuer.name, replace(since, told=told))
    files = _files(publication, [*tables, moved], edition, issuer)
    manifest = about.manifest(publication, [*tables, moved], edition, files, columns, mark)
    files[MANIFEST] = json_bytes(manifest)
    # Written down first: should the machine die in between, the next edition protects more than it needs, not less.
    write_down(publication, home)
    frozen = freeze(files, folder / f"edition-{number}")
    newest = editions(folder)[-1]
    return Issued(newest, True, moved.values.height, deliver(frozen, out) if out else None, told)


def _files(publication: Publication, tables: list[Table], edition: Issue, issuer: Issuer) -> dict[str, bytes]:
    """Every file of the edition but its manifest, which names them."""
    stamped = [edition.stamp.on(table) for table in tables]
    schemas = {table.layout.name: schema_of(table) for table in stamped}
    name = f"passnum-anct-{publication.period.code}-edition-{edition.stamp.edition}.xlsx"
    files = {name: write_workbook(publication, stamped, edition)}
    for table in stamped:
        files[path_of(table.layout.name)] = csv_bytes(table)
        files[f"csv/{table.layout.name}.schema.json"] = json_bytes(schemas[table.layout.name])
    files[PACKAGE] = json_bytes(about.package_of(publication, edition, issuer, schemas, files))
    files["dcat.jsonld"] = json_bytes(about.catalogue_of(publication, edition, issuer, files))
    return files
