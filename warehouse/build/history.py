"""Every build and every check of it, kept beside the lake and given to the next version.

Tables quality.build, quality.check_result and quality.check_failure; and the confirmation that a build is still the
last word. A refused candidate is thrown away; its results are not. Does not live here: running checks, publishing.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from data_quality.results import CheckResult
from ingestion.receipt import PARTIAL_SUFFIX, fsync_path, write_atomically

if TYPE_CHECKING:
    import polars as pl

BUILDS = "_builds"
CONFIRMED = "confirmed.json"
BUILD, CHECKS, FAILURES = "build.json", "checks.parquet", "failures.parquet"

BUILD_COLUMNS = {
    "build_id": ("VARCHAR", "Identifiant du passage (instant UTC et suffixe)."),
    "status": ("VARCHAR", "published (publié) ou refused (refusé par un contrôle bloquant)."),
    "as_of": ("DATE", "Date des données : jour jusqu'auquel les évènements comptent."),
    "started_at": ("TIMESTAMP", "Début du passage (UTC)."),
    "finished_at": ("TIMESTAMP", "Fin de la construction et des contrôles (UTC)."),
    "duration_seconds": ("DOUBLE", "Durée, en secondes."),
    "input_files": ("INTEGER", "Nombre de fichiers chargés dont la version est faite."),
    "inputs_sha256": ("VARCHAR", "Empreinte de l'ensemble de ces fichiers."),
    "is_demo": ("BOOLEAN", "Vrai si la version contient des données de démonstration."),
    "code_version": ("VARCHAR", "Version du logiciel."),
    "fingerprint": ("VARCHAR", "Empreinte de l'ensemble des tables de core et marts."),
    "table_fingerprints": ("MAP(VARCHAR, VARCHAR)", "Empreinte de chaque table de core et marts."),
    "identity": (
        "MAP(VARCHAR, VARCHAR)",
        "Empreintes de ce dont la version est faite : fichiers, réglages, code, secret, date des données.",
    ),
}
CHECK_COLUMNS = {
    "build_id": ("VARCHAR", "Passage pendant lequel le contrôle a été fait."),
    "code": ("VARCHAR", "Code stable du contrôle (PN-xxx)."),
    "table_name": ("VARCHAR", "Table contrôlée."),
    "severity": ("VARCHAR", "bloquant ou avertissement."),
    "status": ("VARCHAR", "ok, ko, ou erreur (le contrôle lui-même n'a pas pu être fait)."),
    "observed": ("VARCHAR", "Ce qui a été observé."),
    "expected": ("VARCHAR", "Ce qui était attendu."),
    "owner": ("VARCHAR", "Qui doit agir : MGP, prescripteur, lieu, #APTIC."),
    "sentence": ("VARCHAR", "Le contrôle en une phrase."),
}
FAILURE_COLUMNS = {
    "build_id": ("VARCHAR", "Passage pendant lequel le contrôle a été fait."),
    "code": ("VARCHAR", "Code stable du contrôle (PN-xxx)."),
    "owner": ("VARCHAR", "Qui doit agir : MGP, prescripteur, lieu, #APTIC."),
    "territory_code": ("VARCHAR", "Territoire en cause ; vide si le défaut n'en a pas."),
    "lieu_siret": ("VARCHAR", "SIRET du lieu en cause ; vide si le défaut n'en a pas."),
    "prescriber_siret": ("VARCHAR", "SIRET du prescripteur en cause ; vide si le défaut n'en a pas."),
    "source_file_id": ("VARCHAR", "Fichier à corriger (file_id de quality.delivered_file) ; vide si plusieurs."),
    "source_lines": (
        "VARCHAR",
        "Numéros de toutes les lignes en cause dans ce fichier ; vide si le défaut n'en a pas.",
    ),
    "detail": ("VARCHAR", "Le défaut en une phrase, sans numéro de pass, de carnet ni de bénéficiaire."),
    "passes": ("BIGINT", "Pass touchés ; vide si cela n'a pas de sens."),
    "amount_eur": ("DECIMAL(18,2)", "Montant touché, en euros ; vide si cela n'a pas de sens."),
    "hours": ("DOUBLE", "Heures de formation touchées ; vide si cela n'a pas de sens."),
}
#: Failing units are kept for the latest builds only: they serve to mend, the results serve the trends.
FAILURE_BUILDS = 60
TABLES = {
    "build": ("Grain: one row per build, published or refused. Les passages.", BUILD_COLUMNS),
    "check_result": ("Grain: one row per check of a build. Les contrôles de chaque passage.", CHECK_COLUMNS),
    "check_failure": (
        "Grain: one row per failing unit of a check of a build. Ce qui est en défaut, et ce que cela touche "
        f"(les {FAILURE_BUILDS} derniers passages).",
        FAILURE_COLUMNS,
    ),
}


@dataclass(frozen=True)
class BuildRecord:
    """Grain: one build, published or refused. Instants are UTC without time zone."""

    build_id: str
    status: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    duration_seconds: float
    input_files: int
    inputs_sha256: str
    is_demo: bool
    code_version: str
    fingerprint: str
    table_fingerprints: dict[str, str]
    #: What it is made of (identity.py); empty for a build made before identities were kept.
    identity: dict[str, str] = field(default_factory=dict)


def save(lake: Path, record: BuildRecord, results: list[CheckResult]) -> Path:
    """Keep a build and its checks under `lake/_builds/<build_id>/`, whole or not at all."""
    folder = lake / BUILDS / record.build_id
    _remove_left_overs(lake)
    aside = folder.with_name(f".{record.build_id}{PARTIAL_SUFFIX}")
    aside.mkdir(parents=True)
    try:
        content = json.dumps(asdict(record), default=str, ensure_ascii=False, indent=1)
        (aside / BUILD).write_text(content, encoding="utf-8")
        _frame(record.build_id, results).write_parquet(aside / CHECKS)
        _failures(record.build_id, results).write_parquet(aside / FAILURES)
        for name in (BUILD, CHECKS, FAILURES):
            fsync_path(aside / name)
        aside.replace(folder)
        fsync_path(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _remove_left_overs(lake: Path) -> None:
    """What a killed run left half written; nobody reads it."""
    for partial in (lake / BUILDS).glob(f".*{PARTIAL_SUFFIX}"):
        shutil.rmtree(partial, ignore_errors=True)


def _kept(lake: Path, name: str) -> list[Path]:
    """The files `name` of the builds kept whole, oldest first: a name with a dot is one still being written."""
    return sorted((lake / BUILDS).glob(f"[!.]*/{name}"))


def load(lake: Path) -> list[BuildRecord]:
    """Every build kept, oldest first."""
    found = []
    for path in _kept(lake, BUILD):
        content = json.loads(path.read_text(encoding="utf-8"))
        content["as_of"] = date.fromisoformat(content["as_of"])
        content["started_at"] = datetime.fromisoformat(content["started_at"])
        content["finished_at"] = datetime.fromisoformat(content["finished_at"])
        found.append(BuildRecord(**content))
    return found


def confirm(lake: Path, build_id: str, at: datetime, files: dict[str, str]) -> None:
    """The run that published `build_id` finished whole, or a later one found nothing newer, at `at` (UTC).

    `files`: path under the home → sha256 of what that run left (the version, its copies, the page of its checks).
    """
    content = json.dumps({"at": at.isoformat(), "files": files}, indent=1).encode()
    write_atomically(lake / BUILDS / build_id / CONFIRMED, content)


def confirmed_files(lake: Path, build_id: str) -> dict[str, str]:
    """What `confirm` was told that the run left; empty when the run that published `build_id` did not end whole."""
    try:
        return dict(json.loads((lake / BUILDS / build_id / CONFIRMED).read_bytes())["files"])
    except (OSError, ValueError, KeyError):
        return {}


def confirmed_at(lake: Path, build_id: str) -> datetime | None:
    """When a run last ended whole with `build_id` (UTC); None when the run that published it did not."""
    try:
        content = json.loads((lake / BUILDS / build_id / CONFIRMED).read_bytes())
        return datetime.fromisoformat(content["at"])
    except (OSError, ValueError, KeyError):
        return None


def last_run_at(lake: Path) -> datetime | None:
    """When the last run ended (UTC): it published, was refused, or found nothing new. None before the first one."""
    builds = load(lake)
    if not builds:
        return None
    return max(builds[-1].finished_at, confirmed_at(lake, builds[-1].build_id) or datetime.min)


def write_into(con: duckdb.DuckDBPyConnection, lake: Path, record: BuildRecord, results: list[CheckResult]) -> None:
    """Create quality.build, check_result and check_failure in the candidate: every earlier build, then this one."""
    import polars as pl

    con.execute("create schema if not exists quality")
    for table, (comment, columns) in TABLES.items():
        _create(con, table, comment, columns)
    marks = ", ".join("?" for _ in BUILD_COLUMNS)
    for past in [*load(lake), record]:
        con.execute(f"insert into quality.build values ({marks})", [getattr(past, f.name) for f in fields(past)])
    checks = _kept(lake, CHECKS)
    _insert(con, "check_result", [*map(pl.read_parquet, checks), _frame(record.build_id, results)])
    failures = _kept(lake, FAILURES)[-FAILURE_BUILDS + 1 :]
    _insert(con, "check_failure", [*map(pl.read_parquet, failures), _failures(record.build_id, results)])


def _insert(con: duckdb.DuckDBPyConnection, table: str, frames: list[pl.DataFrame]) -> None:
    import polars as pl

    # A build kept by an earlier version may lack a column.
    con.register("rows_to_insert", pl.concat(frames, how="diagonal").to_arrow())
    con.execute(f"insert into quality.{table} by name select * from rows_to_insert")
    con.unregister("rows_to_insert")


def _create(con: duckdb.DuckDBPyConnection, table: str, comment: str, columns: dict[str, tuple[str, str]]) -> None:
    spec = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
    con.execute(f"create or replace table quality.{table} ({spec})")
    con.execute(f"comment on table quality.{table} is '{_text(comment)}'")
    for name, (_, meaning) in columns.items():
        con.execute(f"comment on column quality.{table}.{name} is '{_text(meaning)}'")


def _text(value: str) -> str:
    return value.replace("'", "''")


def _frame(build_id: str, results: list[CheckResult]) -> pl.DataFrame:
    import polars as pl

    columns = {"build_id": [build_id] * len(results)} | {
        name: [str(getattr(result, name)) for result in results] for name in CHECK_COLUMNS if name != "build_id"
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(CHECK_COLUMNS, pl.String))


def _failures(build_id: str, results: list[CheckResult]) -> pl.DataFrame:
    import polars as pl

    measures = {"passes": pl.Int64, "amount_eur": pl.Float64, "hours": pl.Float64}
    schema = {name: measures.get(name, pl.String) for name in FAILURE_COLUMNS}
    rows = [
        {"build_id": build_id, "code": result.code, "owner": result.owner, **failure}
        for result in results
        for failure in result.failures
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")
