"""The candidate of one build: a work folder with its inputs, before and after dbt.

`scratch.duckdb` holds the lake's views, the programme's settings and dbt's intermediate tables; `passnum.duckdb`
is the file that may be published. Does not live here: dbt itself (transform.py), checks, publication.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingestion.lake import Lake
from programme.config import Programme
from programme.holidays_fr import public_holidays
from warehouse.settings import Home

DEMO_PREFIX = "DEMO"
DESCRIPTION = "candidate.json"
# How many threads DuckDB builds with: all of the machine's unless told. The tables do not depend on it (a test).
THREADS_VARIABLE = "PASSNUM_THREADS"
# How much memory DuckDB may build with before it spills to disk: half of the machine's unless told.
MEMORY_VARIABLE = "PASSNUM_MEMORY_LIMIT"


@dataclass(frozen=True)
class Candidate:
    """The work folder of one build. `until` limits the files read (--as-of); `as_of` is the date of the data."""

    build_id: str
    folder: Path
    as_of: date
    until: date | None
    started_at: datetime
    input_files: int
    inputs_sha256: str
    process: int

    @property
    def database(self) -> Path:
        return self.folder / "passnum.duckdb"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch.duckdb"

    def environment(self) -> dict[str, str]:
        """What dbt needs to find the two files, and to write nothing in the project."""
        return {
            "PASSNUM_CANDIDATE": str(self.database),
            "PASSNUM_SCRATCH": str(self.scratch),
            "PASSNUM_TMP": str(self.folder / "tmp"),
            MEMORY_VARIABLE: os.environ.get(MEMORY_VARIABLE, _half_of_memory()),
            THREADS_VARIABLE: os.environ.get(THREADS_VARIABLE, str(os.cpu_count() or 1)),
        }

    def keep(self) -> None:
        """Write down what the candidate is, for the later steps of the same run."""
        (self.folder / DESCRIPTION).write_text(json.dumps(asdict(self), default=str), encoding="utf-8")

    @classmethod
    def of_run(cls, home: Home, run_id: str) -> Candidate:
        """The candidate that run `run_id` prepared in this home."""
        content = json.loads((home.builds / run_id / DESCRIPTION).read_text(encoding="utf-8"))
        content["folder"] = Path(content["folder"])
        content["as_of"] = date.fromisoformat(content["as_of"])
        content["until"] = date.fromisoformat(content["until"]) if content["until"] else None
        content["started_at"] = datetime.fromisoformat(content["started_at"])
        return cls(**content)

    def discard(self) -> None:
        """Remove the work folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def new_build_id(now: datetime) -> str:
    """Sortable by time, unique: 20221130T060000Z-1a2b3c."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def prepare(home: Home, programme: Programme, *, run_id: str, as_of: date | None, today: date) -> Candidate:
    """Verify the lake and lay out the inputs of a build in a work folder of its own.

    `as_of` limits the build to the files extracted by then; without it the date of the data is the greatest
    extract date loaded (today in an empty lake). Raises LakeCorruption when a file of the lake has changed.
    """
    lake = Lake(home.lake)
    lake.verify(until=as_of)
    receipts = lake.receipts(until=as_of)
    started_at = datetime.now(UTC).replace(tzinfo=None)
    build_id = new_build_id(started_at)
    remove_left_overs(home)
    folder = home.builds / run_id
    (folder / "tmp").mkdir(parents=True)
    candidate = Candidate(
        build_id=build_id,
        folder=folder,
        as_of=as_of or lake.greatest_extract_date() or today,
        until=as_of,
        started_at=started_at,
        input_files=len(receipts),
        inputs_sha256=hashlib.sha256("\n".join(sorted(r.file_id for r in receipts)).encode()).hexdigest(),
        process=os.getpid(),
    )
    candidate.keep()
    with duckdb.connect(str(candidate.scratch)) as con:
        lake.open_in(con, "lake", until=as_of)
        _write_inputs(con, programme, candidate)
    return candidate


def _half_of_memory() -> str:
    """Half of this machine's memory, as DuckDB writes it."""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2_000_000}MB"


def remove_left_overs(home: Home) -> None:
    """Remove the work folders of builds whose process is gone (a kill, a failure kept for a look)."""
    for description in home.builds.glob(f"*/{DESCRIPTION}"):
        process = json.loads(description.read_text(encoding="utf-8"))["process"]
        if process == os.getpid() or not Path(f"/proc/{process}").exists():
            shutil.rmtree(description.parent, ignore_errors=True)


def is_demo(candidate: Candidate) -> bool:
    """Whether any carnet of the candidate was made by the simulator (its number begins with DEMO)."""
    with duckdb.connect(str(candidate.database), read_only=True) as con:
        row = con.execute("select count(*) from core.dim_carnet where starts_with(carnet_number, ?)", [DEMO_PREFIX])
        found = row.fetchone()
    return bool(found and found[0])


#: Every setting of the programme, as the build freezes it (marts.programme), with its type.
SETTINGS = {
    "name": "VARCHAR",
    "budget_eur": "DECIMAL(18,2)",
    "hours_target": "INTEGER",
    "people_target": "INTEGER",
    "territories_target": "INTEGER",
    "lieux_target": "INTEGER",
    "state_rate": "DECIMAL(6,4)",
    "state_ceiling_eur": "DECIMAL(18,2)",
    "pic_share_target": "DECIMAL(6,4)",
    "agreement_signed_on": "DATE",
    "agreement_ends_on": "DATE",
    "mandate_months_after": "INTEGER",
    "mandate_ends_on": "DATE",
    "validity_tolerance_months": "INTEGER",
    "small_count_threshold": "INTEGER",
    "max_rejected_share": "DECIMAL(6,4)",
    "retention_months": "INTEGER",
    "expected_delivery_days": "INTEGER",
    "accepted_deliveries": "VARCHAR[]",
    "quiet_months": "INTEGER",
    "low_start_share": "DECIMAL(6,4)",
    "low_start_min_carnets": "INTEGER",
    "silent_lieux_share": "DECIMAL(6,4)",
    "lost_passes_share": "DECIMAL(6,4)",
    "uncounted_share": "DECIMAL(6,4)",
    "expiry_alert_days": "INTEGER",
    "run_expected_hours": "INTEGER",
    "reminder_days": "INTEGER",
    "trust_share_min": "DECIMAL(6,4)",
    "trust_share_max": "DECIMAL(6,4)",
    "trust_min_trials": "INTEGER",
}
_INPUTS = {
    "programme": ", ".join(
        f"{name} {kind}" for name, kind in {"as_of": "DATE", "build_id": "VARCHAR", **SETTINGS}.items()
    ),
    "territory": (
        "code_insee VARCHAR, nom VARCHAR, ami INTEGER, date_entree DATE, source VARCHAR, statut VARCHAR, "
        "cible_personnes INTEGER, cible_heures INTEGER"
    ),
    "territory_change": "code_insee VARCHAR, code_actuel VARCHAR, date_effet DATE, source VARCHAR",
    "commune": (
        "code_insee VARCHAR, nom VARCHAR, type VARCHAR, code_departement VARCHAR, ept_siren VARCHAR, "
        "ept_nom VARCHAR, population_municipale INTEGER, lon DOUBLE, lat DOUBLE"
    ),
    "holiday": "holiday_on DATE, name VARCHAR",
}


def _write_inputs(con: duckdb.DuckDBPyConnection, programme: Programme, candidate: Candidate) -> None:
    settings: dict[str, Any] = {"as_of": candidate.as_of, "build_id": candidate.build_id}
    settings |= {name: getattr(programme, name) for name in SETTINGS}
    tables: dict[str, list[dict[str, Any]]] = {
        "programme": [settings],
        "territory": [territory.model_dump() for territory in programme.territories],
        "territory_change": [change.model_dump() for change in programme.changes],
        "commune": [commune.model_dump() for commune in programme.communes],
        "holiday": [{"holiday_on": day, "name": name} for day, name in public_holidays().items()],
    }
    con.execute("create schema inputs")
    for table, columns in _INPUTS.items():
        con.execute(f"create table inputs.{table} ({columns})")
        for row in tables[table]:
            marks = ", ".join(f"${name}" for name in row)
            con.execute(f"insert into inputs.{table} ({', '.join(row)}) values ({marks})", _plain(row))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Decimals as text, tuples as lists: what DuckDB takes as it is."""
    kinds = {Decimal: str, tuple: list}
    return {name: kinds.get(type(value), lambda same: same)(value) for name, value in row.items()}
