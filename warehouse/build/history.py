"""Every build and every check of it, kept beside the lake and given to the next version.

Tables quality.build, quality.check_result and quality.check_failure; and the confirmation that a build is still the
last word. A refused candidate is thrown away; its results are not. Does not live here: reading them back
(warehouse/published/builds.py), running checks, publishing.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from storage.atomic import folder_atomically, remove_left_overs, write_atomically
from storage.sql_text import quoted
from warehouse.check_result import CheckResult
from warehouse.published.builds import (
    BUILD,
    BUILDS,
    CHECKS,
    CONFIRMED,
    FAILURES,
    RECORD,
    SEAL,
    BuildRecord,
    Confirmation,
    kept_files,
    load,
    seal_of,
)
from warehouse.published.versions import build_of, connect

if TYPE_CHECKING:
    import polars as pl

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
    "mend": ("VARCHAR", "Ce que son responsable doit faire ; vide si le contrôle ne le dit pas."),
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


def save(lake: Path, record: BuildRecord, results: list[CheckResult]) -> Path:
    """Keep a build and its checks under `lake/_builds/<build_id>/`, whole or not at all."""
    remove_left_overs(lake / BUILDS)
    return _keep(lake, record, _frame(record.build_id, results), _failures(record.build_id, results))


def adopt(lake: Path, version: Path) -> bool:
    """Keep the build of a version in line that its run had no time to keep (a kill just after the link), as the version
    tells it itself. Whether there was any. Raises duckdb.Error where the version cannot be read.
    """
    if (lake / BUILDS / build_of(version)).exists():
        return False
    own = f"build_id = {quoted(build_of(version))}"
    with connect(version) as con:
        found = con.execute(f"select * from quality.build where {own}")
        names = [column[0] for column in found.description or ()]
        row = found.fetchone()
        if row is None:
            return False
        record = RECORD.validate_python(dict(zip(names, row, strict=True)))
        checks = con.sql(f"select * from quality.check_result where {own}").pl()
        failures = con.sql(
            f"select * replace (cast(amount_eur as double) as amount_eur) from quality.check_failure where {own}"
        ).pl()
    _keep(lake, record, checks, failures)
    return True


def _keep(lake: Path, record: BuildRecord, checks: pl.DataFrame, failures: pl.DataFrame) -> Path:
    folder = lake / BUILDS / record.build_id
    with folder_atomically(folder) as aside:
        (aside / BUILD).write_bytes(RECORD.dump_json(record, indent=1))
        checks.write_parquet(aside / CHECKS)
        failures.write_parquet(aside / FAILURES)
        (aside / SEAL).write_bytes(seal_of(aside))
    return folder


def confirm(lake: Path, build_id: str, at: datetime, files: dict[str, str]) -> None:
    """The run that published `build_id` finished whole, or a later one found nothing newer, at `at` (UTC).

    `files`: path under the home → sha256 of what that run left (the version, its copies, the page of its checks).
    """
    said = Confirmation(at=at, files=files)
    sealed = said.model_copy(update={"seal": said.digest})
    write_atomically(lake / BUILDS / build_id / CONFIRMED, sealed.model_dump_json(indent=1).encode())


def write_into(con: duckdb.DuckDBPyConnection, lake: Path, record: BuildRecord, results: list[CheckResult]) -> None:
    """Create quality.build, check_result and check_failure in the candidate: every earlier build, then this one."""
    import polars as pl

    con.execute("create schema if not exists quality")
    for table, (comment, columns) in TABLES.items():
        create_table(con, table, comment, columns)
    marks = ", ".join("?" for _ in BUILD_COLUMNS)
    for past in [*load(lake), record]:
        con.execute(f"insert into quality.build values ({marks})", [getattr(past, f.name) for f in fields(past)])
    checks = kept_files(lake, CHECKS)
    _insert(
        con, "check_result", [*(pl.read_parquet(path, glob=False) for path in checks), _frame(record.build_id, results)]
    )
    failures = kept_files(lake, FAILURES)[-FAILURE_BUILDS + 1 :]
    _insert(
        con,
        "check_failure",
        [*(pl.read_parquet(path, glob=False) for path in failures), _failures(record.build_id, results)],
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, frames: list[pl.DataFrame]) -> None:
    import polars as pl

    # A build kept by an earlier version may lack a column.
    con.register("rows_to_insert", pl.concat(frames, how="diagonal").to_arrow())
    con.execute(f"insert into quality.{table} by name select * from rows_to_insert")
    con.unregister("rows_to_insert")


def create_table(con: duckdb.DuckDBPyConnection, table: str, comment: str, columns: dict[str, tuple[str, str]]) -> None:
    """Create quality.`table`, empty, with its comments. `columns`: name → (type, meaning)."""
    spec = ", ".join(f"{name} {kind}" for name, (kind, _) in columns.items())
    con.execute(f"create or replace table quality.{table} ({spec})")
    con.execute(f"comment on table quality.{table} is {quoted(comment)}")
    for name, (_, meaning) in columns.items():
        con.execute(f"comment on column quality.{table}.{name} is {quoted(meaning)}")


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
