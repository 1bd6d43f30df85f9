"""Where the CPU of a real `passnum run` goes, by stage: `python -P benchmarks/stages.py HOME OUT.json`,
PYTHONPATH being the folder of the checkout that is measured.

The run is the real one, in this process; beside it a thread looks, every few milliseconds, at what each Python thread
is doing and at the CPU spent since it last looked. A thread's own CPU goes to the stage it is in; the CPU of the
engines' threads (DuckDB, Polars), which have no Python, goes to the stages that wait for an engine. So the stages add
up to the process. A run does some of its work in processes of their own (orchestration/apart.py): here it is all done
in this one, or it could not be seen. Nothing else of the product is replaced: a stage is told by the file a frame is
of, so the same script measures an older checkout. Does not live here: the other measures.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.01
START, OTHER, CHILDREN = "démarrage de Python", "le reste", "autres processus"
IMPORTS, DBT, MODELS, TESTS = "imports", "mécanique de dbt", "SQL des modèles", "SQL des tests dbt"
CANDIDATE, PUBLICATION = "préparation du candidat", "publication"
#: A file's path holds → the stage. The innermost frame that one of them names decides; the first that fits wins.
_PLACES = (
    ("/dbt/adapters/duckdb/", MODELS),
    ("/great_expectations/", "Great Expectations"),
    ("/dbt/", DBT),
    ("/dbt_common/", DBT),
    ("/dagster", "Dagster"),
    ("/data_quality/", "SQL du contrôle"),
    ("/ingestion/", "lecture des fichiers"),
    ("/warehouse/candidate", CANDIDATE),
    ("/warehouse/publish", PUBLICATION),
    ("/warehouse/parquet", PUBLICATION),
    ("/warehouse/fingerprint", PUBLICATION),
    ("/warehouse/history", PUBLICATION),
    ("/reporting/", "rapport de qualité"),
)
#: Stages that no engine works for: the CPU of DuckDB's and Polars' threads is never theirs.
_WITHOUT_ENGINE = {IMPORTS, DBT, "Dagster", "Great Expectations", OTHER}
_IMPORTING = "<frozen importlib"
_VERIFYING = ("/ingestion/lake", "verify")
_TESTING = "/dbt/task/test"
_EXECUTE = "execute"
_RELATION = re.compile(r'"\w+"\."(\w+)"\."(\w+?)(?:__dbt_tmp)?"')


def stage_of(frame: FrameType | None) -> tuple[str, str]:
    """The stage of a thread by its frames, innermost first; of the models' SQL, also the table that is made."""
    found, made, is_test = "", "", False
    while frame is not None:
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if _IMPORTING in path:
            return IMPORTS, ""
        if not found and _VERIFYING[0] in path and name == _VERIFYING[1]:
            found = CANDIDATE
        found = found or next((stage for part, stage in _PLACES if part in path), "")
        if found == MODELS:
            if not made and name == _EXECUTE and isinstance(frame.f_locals.get("sql"), str):
                made = _table(frame.f_locals["sql"])
            is_test = is_test or _TESTING in path
        frame = frame.f_back
    if found == MODELS:
        # What the adapter does around its queries is dbt's own work.
        found = DBT if not made else TESTS if is_test else MODELS
    return found or OTHER, made


def _table(sql: str) -> str:
    """`schema.table`, the first that a statement names; "-" where it names none."""
    named = _RELATION.search(sql)
    return ".".join(named.groups()) if named else "-"


class Sampler(threading.Thread):
    """Adds up the CPU of the process until it is stopped. `seconds`: by stage; `models`: the models' SQL by table."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="sampler")
        self.seconds = defaultdict(float, {START: time.process_time()})
        self.models: defaultdict[str, float] = defaultdict(float)
        self._stopped = threading.Event()
        self._before = time.process_time()
        self._clocks: dict[int, float] = {}

    def run(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            self.look()

    def stop(self) -> None:
        """The last look; the CPU spent since the one before goes where it was seen."""
        self._stopped.set()
        self.join()
        self.look()

    def look(self) -> None:
        """Hand the CPU spent since the last look to the stages that are at work now."""
        now = time.process_time()
        spent, self._before = now - self._before, now
        waiting: list[tuple[str, str]] = []
        for ident, frame in sys._current_frames().items():
            clock = time.clock_gettime(time.pthread_getcpuclockid(ident))
            known = self._clocks.get(ident, clock)
            own = clock - known if clock >= known else clock  # an ended thread's number is given again
            self._clocks[ident] = clock
            spent -= own
            if ident == self.ident:  # its own CPU is no stage's
                continue
            stage, made = stage_of(frame)
            self._add(stage, made, own)
            if stage not in _WITHOUT_ENGINE:
                waiting.append((stage, made))
        for stage, made in waiting or [(OTHER, "")]:
            self._add(stage, made, max(0.0, spent) / max(1, len(waiting)))

    def _add(self, stage: str, made: str, seconds: float) -> None:
        self.seconds[stage] += seconds
        if stage == MODELS:
            self.models[made] += seconds


def main(home: str, out: str) -> None:
    """Run the command under the sampler; write {"stages": {stage: seconds}, "models": {table: seconds}}."""
    with contextlib.suppress(ImportError):  # an older checkout has one process
        from orchestration.apart import Apart

        Apart.start = lambda *_: None  # type: ignore[method-assign]
    sampler = Sampler()
    sampler.start()
    sys.argv = ["passnum", "run", "--home", home]
    try:
        from orchestration.cli import main as passnum

        passnum()
    except SystemExit as done:
        if done.code:
            raise
    sampler.stop()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    sampler.seconds[CHILDREN] += children.ru_utime + children.ru_stime
    found = {"stages": dict(sampler.seconds), "models": dict(sampler.models)}
    Path(out).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
