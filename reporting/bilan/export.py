"""Issuing the bilan: PDF, images, the figures it compares, manifest, frozen by edition. No content here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from programme.config import Programme
from reporting.bilan.content import build
from reporting.bilan.since import since, told_in_pdf
from reporting.figures.issued import manifest_facts
from reporting.figures.period import Period
from reporting.figures.publication import folder_of, prepare, write_down
from reporting.files.editions import MANIFEST, Edition, deliver, editions, freeze, json_bytes, seals
from reporting.files.package import path_of
from reporting.files.tabular import csv_bytes, schema_of
from reporting.files.typeset import make_pdf
from warehouse.published.versions import Version
from warehouse.settings import Home

_TEMPLATE = Path(__file__).with_name("bilan.typ")


def issue(
    version: Version, programme: Programme, period: Period, home: Home, out: Path | None = None
) -> tuple[Edition, bool, Path | None]:
    """The bilan of `period`: (edition, whether it is new, where it was copied). Raises PeriodError (French)."""
    publication = prepare(version, programme, period, home)
    folder = folder_of(home, "bilan") / period.code
    before = editions(folder)
    mark = _mark(build(publication, 0)[0])
    if before and before[-1].manifest["empreinte_du_contenu"] == mark:
        return before[-1], False, deliver(before[-1].folder, out) if out else None
    number = before[-1].number + 1 if before else 1
    data, images = build(publication, number)
    made = since(publication, before, home)
    told = told_in_pdf(made)
    data |= told | {"alert": " ".join(filter(None, (data["alert"], told["replaces"])))}
    files = {
        f"passnum-bilan-{period.code}-edition-{number}.pdf": make_pdf(_TEMPLATE, data, images, version.published_at)
    }
    files |= {f"images/{name}": svg.encode("utf-8") for name, svg in images.items()}
    for table in made.tables:
        files[path_of(table.layout.name)] = csv_bytes(table)
        files[f"csv/{table.layout.name}.schema.json"] = json_bytes(schema_of(table))
    manifest = {
        "document": f"Bilan du comité de pilotage, {period.label}",
        **manifest_facts(publication, number),
        "version": {
            "construction": version.build_id,
            "empreinte": version.fingerprint,
            "code": publication.source.code_version,
        },
        "changements": {"valeurs": made.tables[-1].values.height, "raisons": list(made.told)},
        "editions_remplacees": list(made.superseded),
        "empreinte_du_contenu": mark,
        "fichiers": seals(files),
    }
    files[MANIFEST] = json_bytes(manifest)
    write_down(publication, home)
    frozen = freeze(files, folder / f"edition-{number}")
    return editions(folder)[-1], True, deliver(frozen, out) if out else None


def _mark(data: dict[str, Any]) -> str:
    """The fingerprint of what the bilan says; the build that said it (footer, version) is no change."""
    said = {name: value for name, value in data.items() if name not in ("footer", "version")}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()
