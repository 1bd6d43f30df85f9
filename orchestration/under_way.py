"""What a run has made so far of a version: one typed record, handed from step to step, or left beside the candidate.

`passnum run` hands it on; Dagster's steps, each called by itself, read it back. Not here: the steps (steps.py).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from storage.atomic import write_atomically
from warehouse.build.candidate import Candidate
from warehouse.build.identity import Identity
from warehouse.check_result import CheckResult
from warehouse.settings import Home

FILE = "run.json"


class UnderWay(BaseModel):
    """Grain: one build under way. `tests`: dbt's, in their order; `results`: every check, by code, once judged."""

    model_config = ConfigDict(extra="forbid")

    candidate: Candidate
    identity: Identity
    tests: list[CheckResult]
    results: list[CheckResult] = []

    def keep(self) -> None:
        """Leave it to a later step of the same run that is called by itself."""
        write_atomically(self.candidate.folder / FILE, self.model_dump_json().encode())

    @classmethod
    def of_run(cls, home: Home, run_id: str) -> UnderWay:
        """What run `run_id` has made so far in this home."""
        return cls.model_validate_json((home.builds / run_id / FILE).read_bytes())

    @classmethod
    def find(cls, home: Home, run_id: str) -> UnderWay | None:
        """`of_run`; None where that run built nothing, or has done with it."""
        return cls.of_run(home, run_id) if (home.builds / run_id / FILE).is_file() else None
