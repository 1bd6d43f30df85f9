"""Issuing the yearly account: XLSX, PDF, CSV and manifest, frozen by edition; closing the year. No figures here.

A first edition that is not provisional closes its year: its operations are kept (closing.py), the next year opens with
them, and a later request rewrites nothing. A rectifying edition is made on demand only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock

from presentation.sentences import DEMO
from programme.clock import PARIS
from programme.config import Programme, load_issuer, load_mandate
from reporting.figures.period import PeriodError
from reporting.files.editions import (
    MANIFEST,
    Edition,
    altered,
    deliver,
    editions,
    fingerprint,
    freeze,
    json_bytes,
    seals,
)
from reporting.files.replaced import Replaced
from reporting.files.tabular import csv_bytes, schema_of
from reporting.mandate.account import Account, read_account
from reporting.mandate.closing import (
    CLOSING,
    Closing,
    closed_years,
    folder_of_year,
    keep,
    orphans,
    snapshot_bytes,
    snapshot_path,
)
from reporting.mandate.document import write_pdf
from reporting.mandate.identity import Parties, identity_table
from reporting.mandate.replaced import renames, replaced
from reporting.mandate.since import Since, learnt_since
from reporting.mandate.workbook import write_workbook
from warehouse.published.version_settings import settings_of
from warehouse.published.versions import Version
from warehouse.settings import Home


@dataclass(frozen=True)
class Issued:
    """What came of a request. closing: the year's, when it was closed already; since: what has come since then.

    changes: operations that a rectifying edition moved; is_renamed: whether it moves what is said of the parties.
    """

    edition: Edition
    is_new: bool
    copy: Path | None = None
    closing: Closing | None = None
    since: Since | None = None
    changes: int = 0
    is_renamed: bool = False


def issue(
    version: Version,
    programme: Programme,
    year: int,
    home: Home,
    out: Path | None = None,
    *,
    rectifying: bool = False,
    parties: Parties | None = None,
) -> Issued:
    """The account of `year`, issued, or the closed one as it is, under the settings of the version (figures §4).

    parties: those of the settings in force where none are given. Raises PeriodError and VersionTooOld (French).
    """
    parties = parties or Parties(load_issuer(), load_mandate())
    programme = settings_of(version, programme)
    began = programme.agreement_signed_on
    if year < began.year:
        raise PeriodError(
            f"L'année {year} précède le début du programme ({began:%d/%m/%Y}, signature de l'accord-cadre) : "
            f"demandez une année à partir de {began.year}."
        )
    with _alone(home):
        closed = closed_years(home)
        closing = closed.get(year)
        if closing is not None:
            _must_be_intact(closing)
        identity = identity_table(parties, programme)
        is_renamed = closing is not None and renames(identity, closing.edition)
        if rectifying:
            _may_rectify(version, year, closed)
            if not is_renamed:
                _must_be_last(year, closed)
        elif closing is not None:
            since = learnt_since(version, closed, year)
            return Issued(closing.edition, False, _delivered(closing.edition, out), closing, since)
        account = read_account(version, year, closed, closing).with_first(identity)
        changes = account.statements["changements"].values.height if closing else 0
        if closing and closing.has_snapshot and not changes and not is_renamed:
            return Issued(closing.edition, False, _delivered(closing.edition, out), closing, Since())
        if closing and (changes or not closing.has_snapshot):
            _must_be_last(year, closed)
        edition, is_new = _freeze(account, programme, parties, home, changes)
    return Issued(edition, is_new, _delivered(edition, out), changes=changes, is_renamed=is_renamed)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One account at a time: two requests would close one year twice."""
    folder = snapshot_path(home, 0, 0).parents[1]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / ".lock", timeout=600):
        yield


def _must_be_intact(closing: Closing) -> None:
    """What is answered « arrêté », copied or rectified is what was issued, to the byte."""
    names = altered(closing.edition)
    if names:
        raise PeriodError(
            f"L'édition {closing.edition.number} du compte {closing.year} n'est plus celle qui a été émise : "
            f"{', '.join(names)} manque ou a été modifié. Restaurez reports/mandat/{closing.year}/"
            f"{closing.edition.folder.name} depuis la sauvegarde."
        )


def _may_rectify(version: Version, year: int, closed: Mapping[int, Closing]) -> None:
    if year not in closed:
        raise PeriodError(
            f"Le compte {year} n'est pas arrêté : il n'y a rien à rectifier. Émettez-le sans --rectificative."
        )
    if version.as_of < closed[year].end:
        raise PeriodError(
            f"Les données publiées s'arrêtent au {version.as_of:%d/%m/%Y}, avant la fin de {year} : un compte arrêté "
            "ne se rectifie pas sur des données qui ne couvrent plus l'année."
        )


def _must_be_last(year: int, closed: Mapping[int, Closing]) -> None:
    """Its closing is the opening of the next, whose operations it may not move; its parties it may name."""
    later = [number for number in closed if number > year]
    if later:
        raise PeriodError(
            f"Le compte {min(later)} est déjà arrêté : son ouverture est la clôture de {year}, qui ne peut plus "
            f"changer. Ce qui est connu depuis se comptabilise en régularisation d'exercice antérieur dans le compte "
            f"{max(later) + 1}."
        )


def _freeze(account: Account, programme: Programme, parties: Parties, home: Home, changes: int) -> tuple[Edition, bool]:
    """Keep the snapshot when the account closes its year, then freeze the edition. (edition, whether it is new)."""
    folder = folder_of_year(home, account.year)
    before = editions(folder)
    mark = fingerprint(account.tables)
    if before and account.is_provisional and before[-1].manifest["empreinte_du_contenu"] == mark:
        return before[-1], False
    number = before[-1].number + 1 if before else 1
    closing = {}
    if not account.is_provisional:
        _must_not_replace(home, account)
        content = snapshot_bytes(account.snapshot)
        keep(snapshot_path(home, account.year, number), content)
        closing = {"sha256": hashlib.sha256(content).hexdigest(), "operations": account.snapshot.height}
    since = replaced(account, before, home)
    freeze(_files(account, programme, parties, number, mark, closing, changes, since), folder / f"edition-{number}")
    return editions(folder)[-1], True


def _must_not_replace(home: Home, account: Account) -> None:
    """A snapshot without its edition: written just before a stop, or the edition of a closed account that was lost.

    Where it says what would be closed now, either way nothing is rewritten; else only a person knows which.
    """
    for path in orphans(home, account.year):
        if not pl.read_parquet(path, glob=False).equals(account.snapshot):
            number = path.stem
            raise PeriodError(
                f"Le compte {account.year} a déjà été arrêté sur d'autres données : reports/.comptes/{account.year}/"
                f"{path.name} existe sans son édition. Restaurez reports/mandat/{account.year}/{number} depuis la "
                "sauvegarde ; si cette édition n'a jamais été émise, retirez ce fichier."
            )


def _delivered(edition: Edition, out: Path | None) -> Path | None:
    return deliver(edition.folder, out) if out else None


def _files(
    account: Account,
    programme: Programme,
    parties: Parties,
    number: int,
    mark: str,
    closing: dict[str, Any],
    changes: int,
    since: Replaced,
) -> dict[str, bytes]:
    name = f"passnum-mandat-{account.year}-edition-{number}"
    files = {
        f"{name}.xlsx": write_workbook(account, parties, number, since),
        f"{name}.pdf": write_pdf(account, programme, parties, number, since),
    }
    for table in [*account.tables, since.moved]:
        files[f"csv/{table.layout.name}.csv"] = csv_bytes(table)
        files[f"csv/{table.layout.name}.schema.json"] = json_bytes(schema_of(table))
    files[MANIFEST] = json_bytes(
        {
            "document": f"Compte du mandat {account.year}",
            "annee": account.year,
            "edition": number,
            "emis_le": datetime.now(PARIS).date().isoformat(),
            "date_des_donnees": account.version.as_of.isoformat(),
            "provisoire": account.is_provisional,
            "rectificative": "changements" in account.statements,
            "lignes_changees": changes,
            **since.in_manifest(),
            "ouverture": account.opening_note,
            **({CLOSING: closing} if closing else {}),
            "demonstration": account.version.is_demo,
            "avertissement": DEMO if account.version.is_demo else "",
            "version": {"construction": account.version.build_id, "empreinte": account.version.fingerprint},
            "empreinte_du_contenu": mark,
            "lignes": {table.layout.name: table.values.height for table in account.tables},
            "fichiers": seals(files),
        }
    )
    return files
