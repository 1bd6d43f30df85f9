"""Issuing the yearly account: XLSX, PDF, CSV and manifest, frozen by edition. No figures here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from programme.config import Programme
from reporting.figures.period import PeriodError
from reporting.figures.publication import folder_of
from reporting.figures.wording import DEMO
from reporting.files.editions import MANIFEST, Edition, deliver, editions, fingerprint, freeze
from reporting.files.tabular import csv_bytes, schema_of
from reporting.mandate.account import Account, read_account
from reporting.mandate.document import write_pdf, write_workbook
from warehouse.published import Version
from warehouse.settings import Home


def issue(
    version: Version, programme: Programme, year: int, home: Home, out: Path | None = None
) -> tuple[Edition, bool, Path | None]:
    """The account of `year`: (edition, whether it is new, where it was copied). Raises PeriodError (French)."""
    began = programme.agreement_signed_on
    if year < began.year:
        raise PeriodError(
            f"L'année {year} précède le début du programme ({began:%d/%m/%Y}, signature de l'accord-cadre) : "
            f"demandez une année à partir de {began.year}."
        )
    account = read_account(version, year)
    folder = folder_of(home, "mandat") / str(year)
    before = editions(folder)
    mark = fingerprint(account.tables)
    if before and before[-1].manifest["empreinte_du_contenu"] == mark:
        return before[-1], False, deliver(before[-1].folder, out) if out else None
    number = before[-1].number + 1 if before else 1
    frozen = freeze(_files(account, programme, number, mark), folder / f"edition-{number}")
    return editions(folder)[-1], True, deliver(frozen, out) if out else None


def _files(account: Account, programme: Programme, number: int, mark: str) -> dict[str, bytes]:
    name = f"passnum-mandat-{account.year}-edition-{number}"
    files = {f"{name}.xlsx": write_workbook(account, number), f"{name}.pdf": write_pdf(account, programme, number)}
    for table in account.tables:
        files[f"csv/{table.layout.name}.csv"] = csv_bytes(table)
        files[f"csv/{table.layout.name}.schema.json"] = _json(schema_of(table))
    files[MANIFEST] = _json(
        {
            "document": f"Compte du mandat {account.year}",
            "annee": account.year,
            "edition": number,
            "date_des_donnees": account.version.as_of.isoformat(),
            "provisoire": account.is_provisional,
            "demonstration": account.version.is_demo,
            "avertissement": DEMO if account.version.is_demo else "",
            "version": {"construction": account.version.build_id, "empreinte": account.version.fingerprint},
            "empreinte_du_contenu": mark,
            "lignes": {table.layout.name: table.values.height for table in account.tables},
            "fichiers": {
                path: {"octets": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
            },
        }
    )
    return files


def _json(content: dict) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
