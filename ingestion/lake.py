"""The lake: one folder a loaded file (rows, rejects, issues, receipt), committed by one rename, verified by sha256.

`lake/<dataset>/<file_id>/` is the register: a file is loaded exactly when that folder is there. Receipts of
files not loaded are under `lake/_received/`. Does not live here: deciding what a file is worth (intake).
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from ingestion.contract import Contract, load_contracts
from ingestion.receipt import RECEIPT_NAME, Receipt, hash_file
from ingestion.rewriting import STAGING, finish
from presentation.sentences import PUT_BACK
from storage.atomic import PARTIAL_SUFFIX, fsync_paths, write_atomically
from storage.sql_text import quoted

if TYPE_CHECKING:
    import polars as pl

RECEIVED = "_received"
ABSORBED_NAME = "absorbed.parquet"
FINDINGS = ("rejected.parquet", "issues.parquet")
"""Rejected lines, and values set aside of lines that are kept."""

REJECTED_LINES = {
    "file_id": "VARCHAR", "file_name": "VARCHAR", "dataset": "VARCHAR", "line_number": "BIGINT",
    "column_name": "VARCHAR", "value": "VARCHAR", "reason": "VARCHAR",
}  # fmt: skip
ABSORBED_LINES = {
    "file_id": "VARCHAR", "file_name": "VARCHAR", "dataset": "VARCHAR", "line_number": "BIGINT",
    "kept_line": "BIGINT", "reason": "VARCHAR",
}  # fmt: skip
DELIVERED_FILES = {
    "file_id": "VARCHAR", "sha256": "VARCHAR", "file_name": "VARCHAR", "dataset": "VARCHAR",
    "extract_date": "DATE", "received_at": "TIMESTAMP", "outcome": "VARCHAR", "reason": "VARCHAR",
    "lines_read": "BIGINT", "lines_accepted": "BIGINT", "lines_rejected": "BIGINT", "lines_duplicate": "BIGINT",
    "personal_data_dropped": "VARCHAR[]", "rows_in_lake": "BIGINT", "lines_absorbed": "BIGINT",
}  # fmt: skip


class LakeCorruption(Exception):
    """A file of the lake is not the one that was written; the French message names it."""


class Lake:
    """The lake under `root`; `contracts` define its columns (default: the shipped ones)."""

    def __init__(self, root: Path, contracts: dict[str, Contract] | None = None) -> None:
        self.root = Path(root)
        self.contracts = load_contracts() if contracts is None else contracts

    # --- reading -------------------------------------------------------------------------------------

    def receipts(self, until: date | None = None) -> list[Receipt]:
        """Receipts of the loaded files extracted by `until`, by extract date then sha256.

        Raises LakeCorruption when a receipt is missing or was changed.
        """
        found = [self._read_receipt(folder / RECEIPT_NAME) for folder in self._folders()]
        kept = [r for r in found if until is None or (r.extract_date is not None and r.extract_date <= until)]
        return sorted(kept, key=lambda r: (r.extract_date or date.min, r.sha256))

    def other_receipts(self) -> list[Receipt]:
        """Receipts of the files received and not loaded (duplicates, rejected), by time of reception."""
        folder = self.root / RECEIVED
        found = [self._read_receipt(p) for p in sorted(folder.glob("*.json"))] if folder.is_dir() else []
        return sorted(found, key=lambda r: (r.received_at, r.file_name))

    def secret_marks(self) -> set[str]:
        """The fingerprints of the secrets under which files were loaded: one, or none in an empty lake."""
        return {receipt.secret_fingerprint for receipt in self.receipts() if receipt.secret_fingerprint}

    def greatest_extract_date(self, until: date | None = None) -> date | None:
        """The date of the data: the greatest extract date loaded, None in an empty lake.

        A file whose every line was rejected is no extraction to go by: it would expire passes.
        """
        dates = (r.extract_date for r in self.receipts(until) if r.extract_date and not r.holds_nothing)
        return max(dates, default=None)

    def folder_of(self, dataset: str, file_id: str) -> Path:
        return self.root / dataset / file_id

    def find_loaded(self, file_id: str) -> Receipt | None:
        """The receipt of a loaded file, None when it is not loaded."""
        for dataset in sorted(self.contracts):
            path = self.folder_of(dataset, file_id) / RECEIPT_NAME
            if path.exists():
                return self._read_receipt(path)
        return None

    def verify(self, until: date | None = None) -> int:
        """Check every file of the lake against the sha256 of its receipt (exports §3).

        Returns the number of files checked. Raises LakeCorruption naming the first one that differs.
        """
        checked = 0
        for receipt in self.receipts(until):
            folder = self.folder_of(receipt.dataset or "", receipt.file_id)
            for name, expected in sorted(receipt.files.items()):
                path = folder / name
                if not path.is_file():
                    raise LakeCorruption(f"{path} a disparu du lac : {PUT_BACK}.")
                if hash_file(path) != expected:
                    raise LakeCorruption(
                        f"{path} a été modifié depuis son chargement (empreinte SHA-256 différente) : {PUT_BACK}."
                    )
                checked += 1
        return checked

    def open_in(self, con: duckdb.DuckDBPyConnection, schema: str, until: date | None = None) -> None:
        """Create in `schema` a typed view a data set, the three tables of exports §5, and the lines absorbed.

        Grain of the views: one accepted row of one loaded file. A data set without file gives an empty typed
        view. Only files extracted by `until` are seen; files received without a date are always listed in
        `delivered_file`.
        """
        con.execute(f'create schema if not exists "{schema}"')
        for name, (columns, paths) in self.views(until).items():
            _create_view(con, schema, name, columns, paths)
        receipts = self.receipts(until)
        others = [r for r in self.other_receipts() if not (until and r.extract_date) or r.extract_date <= until]
        _create_delivered_files(con, schema, [*receipts, *others])

    def views(self, until: date | None = None) -> dict[str, tuple[dict[str, str], list[Path]]]:
        """What each view of `open_in` is made of: its columns with DuckDB's types, and the Parquet files it reads."""
        receipts = self.receipts(until)
        root = self.root.resolve()  # once: a view names its files wherever it is read from
        made = {
            dataset: (
                contract.output_columns,
                [root / dataset / r.file_id / "rows.parquet" for r in receipts if r.dataset == dataset],
            )
            for dataset, contract in self.contracts.items()
        }
        # most files have no reject, no issue, no copy: the views open those that have
        rejects = [root / (r.dataset or "") / r.file_id for r in receipts if r.lines_rejected]
        issues = [root / (r.dataset or "") / r.file_id for r in receipts if r.field_issues]
        absorbed = [root / (r.dataset or "") / r.file_id for r in receipts if ABSORBED_NAME in r.files]
        return made | {
            "rejected_line": (REJECTED_LINES, [f / "rejected.parquet" for f in rejects]),
            "field_issue": (REJECTED_LINES, [f / "issues.parquet" for f in issues]),
            "absorbed_line": (ABSORBED_LINES, [f / ABSORBED_NAME for f in absorbed]),
        }

    # --- writing -------------------------------------------------------------------------------------

    def commit(
        self,
        receipt: Receipt,
        rows: Iterable[pl.DataFrame],
        rejected: Iterable[pl.DataFrame],
        issues: Iterable[pl.DataFrame],
        absorbed: Iterable[pl.DataFrame],
        report: str,
    ) -> Receipt:
        """Load one file: write its folder aside, flush it, rename it into place. Returns the final receipt.

        Each table comes a part at a time, all of it at once where it is held; `absorbed` may have none.

        After a kill at any instant the folder is there whole or not at all. The caller flushes the folder it is in,
        once for many files, before their originals go. OSError passes through (full disk), with nothing left behind.
        """
        # Here, not above: whoever only reads the register (a run with nothing new) waits for no Polars.
        from ingestion.parquet import write_parts

        target = self.folder_of(receipt.dataset or "", receipt.file_id)
        work = self.root / STAGING / uuid.uuid4().hex
        work.mkdir(parents=True)
        try:
            write_parts(rows, work / "rows.parquet")
            write_parts(rejected, work / "rejected.parquet")
            write_parts(issues, work / "issues.parquet")
            names = ["rows.parquet", "rejected.parquet", "issues.parquet", "rapport.md"]
            names += [ABSORBED_NAME] if write_parts(absorbed, work / ABSORBED_NAME) else []
            (work / "rapport.md").write_text(report, encoding="utf-8")
            final = receipt.model_copy(update={"files": {name: hash_file(work / name) for name in names}})
            # The folder becomes the file's at the rename: until then nobody reads it, so all of it is flushed together.
            (work / RECEIPT_NAME).write_bytes(final.to_json())
            (work / RECEIPT_NAME).chmod(0o600)
            fsync_paths([*(work / name for name in (*names, RECEIPT_NAME)), work])
            target.parent.mkdir(parents=True, exist_ok=True)
            work.rename(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return final

    def record(self, receipt: Receipt) -> Path:
        """Keep the receipt of a file that is not loaded (duplicate, rejected). Returns its path."""
        stamp = receipt.received_at.strftime("%Y%m%dT%H%M%S%f")
        path = self.root / RECEIVED / f"{stamp}-{receipt.file_id}-{uuid.uuid4().hex[:6]}.json"
        write_atomically(path, receipt.to_json())
        return path

    def clean_staging(self) -> None:
        """Finish or remove what a killed process left aside. Call it under the lock only."""
        finish(self.root)
        shutil.rmtree(self.root / STAGING, ignore_errors=True)
        for partial in (self.root / RECEIVED).glob(f".*{PARTIAL_SUFFIX}"):
            partial.unlink(missing_ok=True)

    # --- helpers -------------------------------------------------------------------------------------

    def _folders(self) -> Iterator[Path]:
        for dataset in sorted(self.contracts):
            if (self.root / dataset).is_dir():
                yield from _subfolders(self.root / dataset)

    def _read_receipt(self, path: Path) -> Receipt:
        try:
            status = path.stat()
            return _parse_receipt(path, status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
        except FileNotFoundError as error:
            raise LakeCorruption(f"{path} a disparu du lac : {PUT_BACK}.") from error
        except ValueError as error:
            raise LakeCorruption(f"{path} a été modifié depuis son écriture : {PUT_BACK}.") from error


@lru_cache(maxsize=100_000)
def _parse_receipt(path: Path, *_version: int) -> Receipt:
    """Once a version of the file: a run looks at its receipts half a dozen times."""
    return Receipt.from_json(path.read_bytes())


def _subfolders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(e.path) for e in entries if e.is_dir())


def _create_view(
    con: duckdb.DuckDBPyConnection, schema: str, name: str, columns: dict[str, str], paths: list[Path]
) -> None:
    nulls = ", ".join(f'null::{kind} as "{column}"' for column, kind in columns.items())
    empty = f"select {nulls} where false"
    source = f"({empty})"
    if paths:
        listed = ", ".join(map(quoted, paths))
        # union by name: a column added to a contract is NULL in the files loaded before it
        source = f"({empty} union all by name select * from read_parquet([{listed}], union_by_name = true))"
    picked = ", ".join(f'"{column}"::{kind} as "{column}"' for column, kind in columns.items())
    con.execute(f'create or replace view "{schema}"."{name}" as select {picked} from {source}')


def _create_delivered_files(con: duckdb.DuckDBPyConnection, schema: str, receipts: list[Receipt]) -> None:
    columns = ", ".join(f'"{column}" {kind}' for column, kind in DELIVERED_FILES.items())
    con.execute(f'create or replace table "{schema}".delivered_file ({columns})')
    if receipts:
        import pyarrow as pa

        lines = [_delivered_file(receipt) for receipt in receipts]
        con.register("delivered_files", pa.table({name: [line[name] for line in lines] for name in DELIVERED_FILES}))
        con.execute(f'insert into "{schema}".delivered_file by name select * from delivered_files')
        con.unregister("delivered_files")


def _delivered_file(receipt: Receipt) -> dict[str, object]:
    """The columns of one received file. Instants are UTC without time zone."""
    # a line may be several rows, or several lines one (another grain): rows are counted apart from lines
    told = {"rows_in_lake": receipt.rows, "received_at": receipt.received_at.replace(tzinfo=None)}
    return {name: told[name] if name in told else getattr(receipt, name) for name in DELIVERED_FILES}
