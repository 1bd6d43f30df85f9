"""The floor: the same files to the same tables in one DuckDB process and plain SQL (benchmarks/floor/*.sql).

`python -m benchmarks.floor LANDING OUT SETTINGS` reads clean deliveries with their types and pseudonyms, makes the
same tables of core, marts and proof (`TABLES`), runs a few checks (`CHECKS`), checkpoints and renames: what a run would
cost if nothing of it were kept, refused or shown. `SETTINGS` is a folder made by `write_settings`. `differences`
compares the tables, row for row and both ways, with those that `passnum run` published: a floor that gave other figures
would be no yardstick. Does not live here: the measures (the other modules), the rules' reasons (dbt_project/).
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

if TYPE_CHECKING:
    from programme.config import Programme

SQL = Path(__file__).parent / "floor"
SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
DATASETS = ("emissions", "prescriptions", "utilisations", "lieux", "services", "budget")
#: What the settings' folder holds, by the name the SQL reads it under.
SETTINGS = ("settings", "territories", "changes", "communes", "populations", "holidays", "decisions")
TABLES = (
    "core.dim_carnet", "core.dim_date", "core.dim_lieu", "core.dim_person", "core.dim_prescriber", "core.dim_service",
    "core.dim_territory", "core.fct_attendance", "core.fct_budget_entry", "core.fct_counter_payment", "core.fct_pass",
    "core.fct_prescription", "core.fct_recovery", "core.fct_redemption",
    "marts.active_period", "marts.audience_month", "marts.audience_profile", "marts.budget_month",
    "marts.counter_payment", "marts.credit_note", "marts.decision_outcome", "marts.expiry_pace",
    "marts.expiry_risk", "marts.expiry_schedule", "marts.indicator", "marts.lieu_activity", "marts.lieu_payment",
    "marts.lieu_quality", "marts.mandate_ledger", "marts.mandate_nature", "marts.mandate_operation",
    "marts.mandate_receivable", "marts.mandate_treasury", "marts.measure_month", "marts.pass_lifecycle",
    "marts.programme", "marts.programme_progress", "marts.progress_daily", "marts.projection",
    "marts.projection_backtest", "marts.projection_reliability", "marts.rate", "marts.scenario_basis",
    "marts.scenario_stock", "marts.state_share", "marts.stock_month", "marts.territory_flows",
    "marts.territory_month", "marts.territory_pace", "marts.territory_progress", "marts.territory_rate",
    "marts.territory_state", "marts.territory_state_month", "marts.uncounted_month",
    "proof.contribution", "proof.figure_source", "proof.lieu_source", "proof.line", "proof.measure",
)  # fmt: skip
#: What the models make and the floor does not, by how its name begins: the accounts of files and of what is refused.
LEFT_OUT = ("quality.",)
CHECKS = 31
#: Decimals that doubles are compared to: the last bits of an average depend on the order of its rows.
PLACES = 6
BLOCK_BYTES = 64


class DeliveredFile(NamedTuple):
    """One delivery; in this order, files are in the order of their versions."""

    extract_date: date
    sha256: str
    path: Path

    @property
    def file_id(self) -> str:
        return f"{self.extract_date:%Y%m%d}-{self.sha256[:16]}"


class FloorError(Exception):
    """The floor does not hold: one of its checks fails."""


def write_settings(programme: Programme, holidays: dict[date, str], as_of: date, folder: Path) -> Path:
    """The programme as the floor reads it: six small JSON files. Returns `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    lists = {"territories", "changes", "communes", "populations", "communes_geojson", "decisions"}
    one = {"as_of": as_of, **programme.model_dump(exclude=lists)}
    one["mandate_ends_on"] = programme.mandate_ends_on
    tables: dict[str, list[dict[str, Any]]] = {
        "settings": [one],
        "territories": [row.model_dump() for row in programme.territories],
        "changes": [row.model_dump() for row in programme.changes],
        "communes": [row.model_dump() for row in programme.communes],
        "decisions": [row.model_dump() for row in programme.decisions],
        "populations": [row.model_dump() for row in programme.populations],
        "holidays": [{"holiday_on": day, "name": name} for day, name in holidays.items()],
    }
    for name in SETTINGS:
        (folder / f"{name}.json").write_text(json.dumps(tables[name], default=str), encoding="utf-8")
    return folder


def extract_date(delivery: Path) -> date:
    """The extract date that the name of a delivery tells: utilisations_2022-11-30.csv."""
    return date.fromisoformat(delivery.stem.split("_")[-1])


def build(landing: Path, target: Path, settings: Path, secret: bytes) -> Path:
    """Make the warehouse of `landing` at `target`, complete or not at all. Raises FloorError when a check fails."""
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    with duckdb.connect(str(part)) as con:
        _set_inputs(con, landing, settings, secret)
        for path in sorted(SQL.glob("*.sql")):
            con.execute(path.read_text(encoding="utf-8"))
        verdicts = con.execute("select what, failures from verdict").fetchall()
        broken = [what for what, failures in verdicts if failures]
        if broken or len(verdicts) != CHECKS:
            raise FloorError(f"{len(verdicts)} checks, failing: {broken}")
        con.execute("checkpoint")
    handle = os.open(part, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    part.replace(target)
    return target


def delivered_files(landing: Path) -> dict[str, list[DeliveredFile]]:
    """The files of each data set in the order of their versions: extract date, then sha256."""
    found: dict[str, list[DeliveredFile]] = {}
    for dataset in DATASETS:
        files = []
        for path in landing.glob(f"{dataset}_*.csv"):
            with path.open("rb") as handle:
                sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
            files.append(DeliveredFile(extract_date(path), sha256, path))
        found[dataset] = sorted(files)
    return found


def hmac_pads(secret: bytes) -> tuple[bytes, bytes]:
    """The inner and the outer pad of HMAC-SHA256 (RFC 2104)."""
    key = hashlib.sha256(secret).digest() if len(secret) > BLOCK_BYTES else secret
    key = key.ljust(BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


def _set_inputs(con: duckdb.DuckDBPyConnection, landing: Path, settings: Path, secret: bytes) -> None:
    """The files in the order of their versions, the pads of the pseudonyms, the programme's files."""
    con.execute("create temp table delivered (dataset text, file_rank smallint, file_id text, extract_date date)")
    for dataset, files in delivered_files(landing).items():
        con.execute(f"set variable {dataset} = $1", [[str(file.path) for file in files]])
        rows = [(dataset, rank, file.file_id, file.extract_date) for rank, file in enumerate(files)]
        con.executemany("insert into delivered values (?, ?, ?, ?)", rows)
    for name, pad in zip(("inner_pad", "outer_pad"), hmac_pads(secret), strict=True):
        con.execute(f"set variable {name} = $1::blob", [pad])
    for name in SETTINGS:
        con.execute(f"set variable {name} = $1", [str(settings / f"{name}.json")])
    for name, file in (
        ("dictionary", "indicator_dictionary"),
        ("chart", "account_chart"),
        ("rates", "rate_dictionary"),
    ):
        con.execute(f"set variable {name} = $1", [str(SEEDS / f"{file}.csv")])


def differences(ours: Path, published: Path) -> dict[str, tuple[int, int]]:
    """Rows of each table that only the published file has, and that only the floor has; empty when all are equal.

    Doubles are equal to PLACES decimals. Raises FloorError where the columns differ, in name, order or type.
    """
    found = {}
    with duckdb.connect() as con:
        con.execute(f"set temp_directory = '{ours.parent / 'compare.tmp'}'")
        con.execute(f"attach '{ours}' as ours (read_only)")
        con.execute(f"attach '{published}' as theirs (read_only)")
        for table in TABLES:
            columns = [
                con.execute(f"select column_name, column_type from (describe {side}.{table})").fetchall()
                for side in ("theirs", "ours")
            ]
            if columns[0] != columns[1]:
                raise FloorError(f"{table}: {set(columns[0]) ^ set(columns[1])}")
            row = ", ".join(f"round({name}, {PLACES})" if kind == "DOUBLE" else name for name, kind in columns[0])
            missing, extra = (
                con.execute(
                    f"select count(*) from (select {row} from {a}.{table} except all select {row} from {b}.{table})"
                ).fetchall()[0][0]
                for a, b in (("theirs", "ours"), ("ours", "theirs"))
            )
            if missing or extra:
                found[table] = (missing, extra)
    return found


if __name__ == "__main__":
    landing, target, settings = (Path(word) for word in sys.argv[1:4])
    build(landing, target, settings, Path(os.environ["PASSNUM_SECRET_FILE"]).read_bytes().strip())
