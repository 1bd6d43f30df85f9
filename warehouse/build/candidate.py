"""The candidate of one build: a work folder with its inputs, before and after dbt.

`sources.duckdb` holds the lake's views and the programme's settings, `passnum.duckdb` the tables that may be published;
dbt's intermediate tables are in memory, or in `scratch.duckdb` when they must outlive the build. Does not live here:
what the programme's tables hold (inputs.py), dbt itself (transform.py), checks, publication.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
from pydantic import TypeAdapter

from ingestion.lake import Lake
from programme.config import Programme
from storage.atomic import write_atomically
from warehouse.build.inputs import write_inputs
from warehouse.published.builds import BUILDS
from warehouse.published.versions import build_of, version_paths
from warehouse.settings import Home

DEMO_PREFIX = "DEMO"
DESCRIPTION = "candidate.json"
IN_MEMORY = ":memory:"
# How many threads build: all of the machine's unless told. The tables do not depend on it (a test).
THREADS_VARIABLE = "PASSNUM_THREADS"
# Up to so many lines, a model each for the threads; above, all of them on one model, for its memory is not shared. On a
# small table DuckDB's threads mostly wake each other: a fifth of the CPU of 38,000 carnets.
LINES_OF_A_MODEL_EACH = 1_000_000
# Up to so many lines, intermediate tables are held in memory, and spill when they must; above, they are written in a
# file, which compresses them: ten million carnets spilled more than 40 GB before a third of their models was built.
LINES_HELD_IN_MEMORY = 50_000_000
# How much memory DuckDB may build with before it spills to the work folder. Unless told, half of the machine's; up to
# LINES_HELD_IN_MEMORY no more than MEMORY_CEILING_MB, with which a million carnets are built. Above, half of it: what a
# group of lines is made of does not spill, and there are millions of people.
MEMORY_VARIABLE = "PASSNUM_MEMORY_LIMIT"
MEMORY_CEILING_MB = 3_000
# Whether a line of the files may be several records (macros/lines.sql): where none may, what is told of lines is not
# searched for lines told twice, which is most of what they would cost.
SHARED_LINES_VARIABLE = "PASSNUM_SHARED_LINES"


@dataclass(frozen=True)
class Candidate:
    """The work folder of one build. `until` limits the files read (--as-of); `as_of` is the date of the data.

    `shares_lines`: whether a line of those files may be several records (Receipt.may_share_lines).
    """

    build_id: str
    folder: Path
    as_of: date
    until: date | None
    started_at: datetime
    input_files: int
    input_lines: int
    inputs_sha256: str
    process: int
    shares_lines: bool = True

    @property
    def database(self) -> Path:
        return self.folder / "passnum.duckdb"

    @property
    def sources(self) -> Path:
        return self.folder / "sources.duckdb"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch.duckdb"

    @property
    def spilled(self) -> Path:
        """Where DuckDB puts aside what its memory does not hold."""
        return self.folder / "tmp"

    @property
    def memory_limit(self) -> str:
        """What the build may hold, as DuckDB writes it: PASSNUM_MEMORY_LIMIT, else what its size asks for."""
        return os.environ.get(MEMORY_VARIABLE, default_memory_limit(self.input_lines))

    def environment(self, *, keep_scratch: bool = True) -> dict[str, str]:
        """What dbt needs to find its databases, and to write nothing in the project.

        `keep_scratch`: dbt's intermediate tables are written in a file, for a later step to read; else they are held
        in memory, spill to the work folder when they must, and end with the connection: but where they are many.
        """
        is_large = self.input_lines > LINES_HELD_IN_MEMORY
        return {
            "PASSNUM_CANDIDATE": str(self.database),
            "PASSNUM_SOURCES": str(self.sources),
            "PASSNUM_SCRATCH": str(self.scratch) if keep_scratch or is_large else IN_MEMORY,
            "PASSNUM_LARGE": "1" if is_large else "0",
            "PASSNUM_LET_GO": "0" if keep_scratch else "1",
            "PASSNUM_TMP": str(self.spilled),
            MEMORY_VARIABLE: self.memory_limit,
            SHARED_LINES_VARIABLE: "1" if self.shares_lines else "0",
            THREADS_VARIABLE: str(1 if self.models_at_once > 1 else _threads()),
        }

    def connect(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        """Open the tables once dbt has built them, with the memory, the threads and the disk that dbt had."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self.memory_limit,
            "threads": _threads(),
            "temp_directory": str(self.spilled),
        }
        return duckdb.connect(str(self.database), read_only=read_only, config=config)

    @property
    def models_at_once(self) -> int:
        """How many models are built side by side: one, or as many as there are threads, each then on one thread."""
        return _threads() if self.input_lines <= LINES_OF_A_MODEL_EACH else 1

    def keep(self) -> None:
        """Write down what the candidate is, for the later steps of the same run."""
        write_atomically(self.folder / DESCRIPTION, _WRITTEN.dump_json(self))

    @classmethod
    def of_run(cls, home: Home, run_id: str) -> Candidate:
        """The candidate that run `run_id` prepared in this home."""
        return _WRITTEN.validate_json((home.builds / run_id / DESCRIPTION).read_bytes())

    def discard(self) -> None:
        """Remove the work folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


_WRITTEN = TypeAdapter(Candidate)
_INSTANT_FORMAT = "%Y%m%dT%H%M%SZ"
_INSTANT = re.compile(r"\d{8}T\d{6}Z")


def new_build_id(home: Home, now: datetime) -> str:
    """Unique, and after every build this home knows of: 20221130T060000Z-1a2b3c.

    Builds are told apart and ordered by their number, never by a clock: one that was put back only makes numbers that
    follow each other by a second.
    """
    known = [build_of(path) for path in version_paths(home)]
    known += [path.name for path in (home.lake / BUILDS).glob("[!.]*")]
    known += [_build_under_way(path) for path in home.builds.glob(f"[!.]*/{DESCRIPTION}")]
    instants = [found[0] for name in known if (found := _INSTANT.match(name))]
    instant = now
    with contextlib.suppress(ValueError):
        instant = max(now, datetime.strptime(max(instants, default=""), _INSTANT_FORMAT) + timedelta(seconds=1))
    return f"{instant:{_INSTANT_FORMAT}}-{secrets.token_hex(3)}"


def _build_under_way(description: Path) -> str:
    try:
        return _WRITTEN.validate_json(description.read_bytes()).build_id
    except (OSError, ValueError):
        return ""


def prepare(home: Home, programme: Programme, *, run_id: str, as_of: date | None, today: date) -> Candidate:
    """Verify the lake and lay out the inputs of a build in a work folder of its own.

    `as_of` limits the build to the files extracted by then; without it the date of the data is the greatest
    extract date loaded (today in an empty lake). Raises LakeCorruption when a file of the lake has changed.
    """
    lake = Lake(home.lake)
    lake.verify(until=as_of)
    receipts = lake.receipts(until=as_of)
    started_at = datetime.now(UTC).replace(tzinfo=None)
    build_id = new_build_id(home, started_at)
    folder = home.builds / run_id
    (folder / "tmp").mkdir(parents=True)
    candidate = Candidate(
        build_id=build_id,
        folder=folder,
        as_of=as_of or lake.greatest_extract_date() or today,
        until=as_of,
        started_at=started_at,
        input_files=len(receipts),
        input_lines=sum(receipt.lines_accepted for receipt in receipts),
        inputs_sha256=hashlib.sha256("\n".join(sorted(r.file_id for r in receipts)).encode()).hexdigest(),
        process=os.getpid(),
        shares_lines=any(receipt.may_share_lines for receipt in receipts),
    )
    candidate.keep()
    with duckdb.connect(str(candidate.sources)) as con:
        lake.open_in(con, "lake", until=as_of)
        write_inputs(con, programme, as_of=candidate.as_of, build_id=build_id)
    return candidate


def _threads() -> int:
    """The threads of a build: those of PASSNUM_THREADS, else of the machine."""
    return int(os.environ.get(THREADS_VARIABLE) or os.cpu_count() or 1)


def default_memory_limit(lines: int) -> str:
    """What a build of so many lines may hold, as DuckDB writes it: half of this machine's memory at most."""
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2_000_000
    return f"{half if lines > LINES_HELD_IN_MEMORY else min(half, MEMORY_CEILING_MB)}MB"


def is_demo(candidate: Candidate) -> bool:
    """Whether any carnet of the candidate was made by the simulator (its number begins with DEMO)."""
    with candidate.connect(read_only=True) as con:
        row = con.execute("select count(*) from core.dim_carnet where starts_with(carnet_number, ?)", [DEMO_PREFIX])
        found = row.fetchone()
    return bool(found and found[0])
