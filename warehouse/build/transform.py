"""dbt in process: the models and the data tests on one candidate; what each node did, told as it ends.

dbt holds the database until its connections are closed, so they are closed after every call. Does not live here:
the models and tests themselves (dbt_project/), what a failure means (orchestration).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from presentation import french
from warehouse.build import kept_manifest
from warehouse.build.candidate import MEMORY_VARIABLE, Candidate
from warehouse.check_result import CheckResult, Status
from warehouse.settings import DBT_PROJECT, silence_telemetry

#: Told as a node ends: nodes done, nodes in all, the node's name.
OnNode = Callable[[int, int, str], None]

_PARSE = "parse-"
# Whose code, macros and classes a parse holds.
_PARSERS = ("dbt-core", "dbt-common", "dbt-adapters", "dbt-duckdb")
# What happened is in the results and the exceptions: dbt's own journal and traces are for nobody.
_SILENT = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
_OUT_OF_MEMORY = "Out of Memory Error"
_TEST = "test"
_BUILT = ("seed", "model")
_BUILD = ["build", *(part for kind in (_TEST, "unit_test", "exposure") for part in ("--exclude-resource-type", kind))]
# A test asks for rows, and no table of what is there already.
_TESTS = ["test", "--exclude-resource-type", "unit_test", "--no-populate-cache"]
_COUNT = ["run-operation", "count_failing_rows"]
_COUNTED = "JinjaLogDebug"
_STATUS: dict[str, Status] = {"pass": "ok", "fail": "ko", "warn": "ko"}
_manifests: dict[str, Any] = {}


class TransformError(Exception):
    """A model could not be built; the French message names it and gives the database's own words."""


@dataclass(frozen=True)
class NodeResult:
    """One node of the dbt graph after a run. `failures`: failing rows of a test."""

    unique_id: str
    name: str
    kind: str
    status: str
    seconds: float
    failures: int
    message: str
    meta: dict[str, str]
    severity: str
    table_name: str


def load() -> None:
    """Import dbt and read the parsed project, which takes a second or two: a run may have it done ahead.

    So is what dbt makes at its first command alone (the schemas that its settings are checked against).
    """
    manifest = _manifest()
    with tempfile.TemporaryDirectory() as aside, inside_project(_parsing(Path(aside))):
        run_dbt(["list", "--resource-type", "seed"], manifest)


def build_and_test(
    candidate: Candidate, on_node: OnNode | None = None, on_test: OnNode | None = None
) -> tuple[list[NodeResult], list[NodeResult]]:
    """The models, then every data test on them: what a run needs. Returns what each did, models first.

    Both share one connection, so the intermediate tables are held in memory and end with the call. A failing test
    stops neither the others nor a model. `on_node`, `on_test`: told as each model, as each test ends.
    Raises TransformError naming the first model that failed.
    """
    with _session(candidate, keep_scratch=False) as session:
        return well_built(session.build(on_node)), session.test(on_test)


def build_models(candidate: Candidate, on_node: OnNode | None = None) -> list[NodeResult]:
    """Seeds and models, without tests; the intermediate tables are kept in a file, for the tests to read.

    Raises TransformError naming the first model that failed.
    """
    with _session(candidate) as session:
        return well_built(session.build(on_node))


def run_data_tests(candidate: Candidate, on_node: OnNode | None = None) -> list[NodeResult]:
    """Every data test (keys, relationships, accounting identities) after build_models; none stops the others."""
    with _session(candidate) as session:
        return session.test(on_node)


def run_unit_tests(candidate: Candidate) -> list[NodeResult]:
    """The unit tests of the rules, on a candidate whose models are built: some give lines of several records."""
    with _session(replace(candidate, shares_lines=True)) as session:
        return session.unit_test()


def document(database: Path, sources: Path, target: Path) -> Path:
    """dbt's documentation of the project as one page, in `target`: from the parse that is kept, nothing is built.

    `database`: a copy of a published version, whose tables it describes; `sources`: any database that can be opened.
    Raises TransformError.
    """
    target.mkdir(parents=True, exist_ok=True)
    manifest = _manifest()
    candidate = {"PASSNUM_CANDIDATE": str(database), "PASSNUM_SOURCES": str(sources), "PASSNUM_SCRATCH": ":memory:"}
    with inside_project(candidate | folders(target)):
        try:
            done = run_dbt(["docs", "generate", "--static"], manifest)
        finally:
            _close()
    if not done.success:
        raise TransformError("dbt n'a pas pu décrire l'entrepôt : voyez « make docs » après un « passnum run » réussi.")
    return target / "static_index.html"


def to_check_results(results: list[NodeResult]) -> list[CheckResult]:
    """The data tests as checks: code, sentence and owner come from the test's meta; severity error blocks."""
    return [
        CheckResult(
            code=result.meta.get("code", result.name),
            table_name=result.table_name,
            severity="bloquant" if result.severity == "error" else "avertissement",
            status=_STATUS.get(result.status, "erreur"),
            observed=result.message
            if result.status == "error"
            else f"{french.count(result.failures, 'ligne', 'lignes')} en défaut",
            expected="0 ligne en défaut",
            owner=result.meta.get("owner", "MGP"),
            sentence=result.meta.get("sentence", result.name),
        )
        for result in results
    ]


def parsed_project() -> Path:
    """The folder of dbt's parse of the project as it stands: `manifest.json`, and what dbt starts a later parse from.

    Parsing costs as much as building a small warehouse, so it is done again only when a file of the project changed.
    """
    folder = parse_folder()
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
            fresh = Path(aside) / folder.name
            with inside_project(_parsing(fresh)):
                kept_manifest.keep(fresh, run_dbt(["parse"]).result)
            for old in set(folder.parent.glob(f"{_PARSE}*")) - {folder}:
                shutil.rmtree(old, ignore_errors=True)
            try:
                fresh.rename(folder)
            except OSError:
                if not folder.exists():  # else another process has just put the same one there
                    raise
    return folder


def project_manifest() -> dict[str, Any]:
    """dbt's manifest of the project as it stands."""
    return json.loads((parsed_project() / "manifest.json").read_text(encoding="utf-8"))


def parse_folder() -> Path:
    """Where the parse of the project as it stands, by the dbt that is installed, is kept."""
    versions = "-".join(map(version, _PARSERS))
    return DBT_PROJECT / "target" / f"{_PARSE}{versions}-{project_digest()[:16]}"


def project_digest() -> str:
    """The sha256 of the project's files: it changes when a model, a test or a setting does."""
    digest = hashlib.sha256()
    for path in sorted(DBT_PROJECT.rglob("*")):
        inside = path.relative_to(DBT_PROJECT).parts[0]
        if path.is_file() and inside not in {"target", "logs"} and path.name != ".user.yml":
            digest.update(str(path.relative_to(DBT_PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()


def well_built(results: list[NodeResult]) -> list[NodeResult]:
    """The results of a build that ended well."""
    for result in results:
        if result.status == "error" and _OUT_OF_MEMORY in result.message:
            raise TransformError(
                f"Le modèle « {result.name} » n'a pas pu être construit : la mémoire permise à DuckDB "
                f"({os.environ.get(MEMORY_VARIABLE, 'la moitié de la machine au plus')}) ne suffit pas à cette taille. "
                f"Donnez-en plus ({MEMORY_VARIABLE}, par exemple 12GB), ou construisez sur une machine qui en a plus. "
                "La version publiée n'a pas changé."
            )
        if result.status == "error":
            raise TransformError(
                f"Le modèle « {result.name} » n'a pas pu être construit : {result.message.strip()} "
                "La version publiée n'a pas changé."
            )
    return results


class _Session:
    """dbt on one connection to the candidate, held from one command to the next."""

    def __init__(self, manifest: Any, models_at_once: int) -> None:
        self._manifest = manifest
        self._models_at_once = models_at_once

    def build(self, on_node: OnNode | None) -> list[NodeResult]:
        """Seeds and models. Returns what each did."""
        total = sum(node.resource_type in _BUILT for node in self._manifest.nodes.values())
        return invoke([*_BUILD, "--threads", str(self._models_at_once)], self._manifest, counting(on_node, total))

    def unit_test(self) -> list[NodeResult]:
        """The unit tests of the rules."""
        return invoke(["test", "--select", "test_type:unit"], self._manifest, counting(None, 0))

    def test(self, on_test: OnNode | None) -> list[NodeResult]:
        """Every data test; none stops the others.

        All are counted in one go (macros/data_tests.sql): where nothing fails, that is their result. dbt then runs, one
        by one, those of which rows fail and those that could not be counted.
        """
        tell = counting(on_test, sum(node.resource_type == _TEST for node in self._manifest.nodes.values()))
        passed, tests = _counted(self._manifest, [], tell)
        left = [test.name for test, _ in tests]
        return passed + (invoke([*_TESTS, "--select", *left], self._manifest, tell) if left else [])


def count_tests(manifest: Any, target: list[str], on_test: OnNode | None) -> list[NodeResult]:
    """Every data test counted by its own SQL, on the engine of `target`: no row of any is fetched."""
    tests = sum(node.resource_type == _TEST for node in manifest.nodes.values())
    passed, left = _counted(manifest, target, counting(on_test, tests))
    return passed + [
        _node(test, "error", message="n'a pas pu être compté") if found is None else _node(test, "fail", failures=found)
        for test, found in left
    ]


def _counted(
    manifest: Any, target: list[str], tell: Callable[[str], None]
) -> tuple[list[NodeResult], list[tuple[Any, int | None]]]:
    """The tests of which no row fails, told; the others, with how many rows, None for one that could not be counted."""
    tests = {node.unique_id: node for node in manifest.nodes.values() if node.resource_type == _TEST}
    found: dict[str, int] = {}

    def listen(event: Any) -> None:
        if event.info.name != _COUNTED:
            return
        name, _, failing = event.data.msg.partition(" ")
        if name in tests and failing.isdigit():
            found[name] = int(failing)
            if not found[name]:
                tell(tests[name].name)

    run_dbt([*_COUNT, *target, "--no-write-json"], manifest, [listen])
    passed = [_node(test, "pass") for name, test in tests.items() if found.get(name) == 0]
    return passed, [(test, found.get(name)) for name, test in tests.items() if found.get(name) != 0]


def invoke(arguments: list[str], manifest: Any, tell: Callable[[str], None]) -> list[NodeResult]:
    """One command of dbt on the parsed project, inside it; `tell`: called with the name of each node as it ends."""

    def listen(event: Any) -> None:  # dbt calls it at each of its events: only the end of a node is told
        if event.info.name == "NodeFinished":
            tell(event.data.node_info.node_name)

    return [
        _node(
            item.node,
            str(item.status),
            seconds=float(item.execution_time),
            failures=int(item.failures or 0),
            message=str(item.message or ""),
        )
        for item in run_dbt([*arguments, "--no-write-json"], manifest, [listen]).result or []
    ]


@contextlib.contextmanager
def _session(candidate: Candidate, *, keep_scratch: bool = True) -> Iterator[_Session]:
    """One connection to the candidate, for one dbt command or several: dbt holds it until it is told to close."""
    session = _Session(_manifest(), candidate.models_at_once)  # asked before the environment tells DuckDB its threads
    with inside_project(candidate.environment(keep_scratch=keep_scratch) | folders(candidate.folder / "dbt")):
        try:
            yield session
        finally:
            _close()


def counting(on_node: OnNode | None, total: int) -> Callable[[str], None]:
    """What is called with the name of each node as it ends: it tells how many are done by now, of how many."""
    done = count(1)
    return lambda name: on_node(next(done), total, name) if on_node is not None else None


def _manifest() -> Any:
    """The parsed project, read once a process from the parse that is kept; made again where that cannot be read."""
    digest = project_digest()
    if digest not in _manifests:
        folder = parsed_project()
        manifest = kept_manifest.find(folder)
        if manifest is None:
            parse = ["parse", "--no-write-json", "--partial-parse-file-path", str(folder / "partial_parse.msgpack")]
            with tempfile.TemporaryDirectory() as aside, inside_project(_parsing(Path(aside))):
                manifest = run_dbt(parse).result
            with contextlib.suppress(OSError):  # a folder that is only read: the next run parses as well
                kept_manifest.keep(folder, manifest)
        _manifests.clear()
        _manifests[digest] = manifest
    return _manifests[digest]


def folders(target: Path) -> dict[str, str | None]:
    return {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target)}


def _parsing(target: Path) -> dict[str, str | None]:
    """The environment of a parse: the profile's own defaults, for dbt starts afresh when a value of it changes."""
    return dict.fromkeys(name for name in os.environ if name.startswith("PASSNUM_")) | folders(target)


def run_dbt(arguments: list[str], manifest: Any = None, callbacks: Sequence[Callable[[Any], None]] = ()) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(manifest=manifest, callbacks=list(callbacks)).invoke([*arguments, *_SILENT])
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if outcome.exception is not None:
        raise TransformError(f"dbt n'a pas pu démarrer : {outcome.exception}")
    return outcome


def _close() -> None:
    """Let go of the candidate: dbt keeps its connection from one command to the next."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _node(node: Any, status: str, *, seconds: float = 0.0, failures: int = 0, message: str = "") -> NodeResult:
    config = node.config
    attached = getattr(node, "attached_node", None) or ""
    upstream = getattr(node.depends_on, "nodes", [])  # a seed has none
    parents = [parent for parent in upstream if parent.startswith("model.")]
    meta = dict(getattr(config, "meta", None) or {})
    named = meta.get("dagster", {}).get("ref", {}).get("name", "")
    table = named or attached or (parents[0] if parents else node.unique_id)
    return NodeResult(
        unique_id=node.unique_id,
        name=node.name,
        kind=str(node.resource_type),
        status=status,
        seconds=seconds,
        failures=failures,
        message=message,
        meta={key: value for key, value in meta.items() if isinstance(value, str)},
        severity=str(getattr(config, "severity", "error") or "error").lower(),
        table_name=table.split(".")[-1],
    )


@contextlib.contextmanager
def inside_project(environment: Mapping[str, str | None]) -> Iterator[None]:
    """dbt reads its project from the working folder and its paths from the environment: both are put back.

    A variable set to None is absent meanwhile.
    """
    silence_telemetry()
    before = {name: os.environ.get(name) for name in environment}
    folder = Path.cwd()
    _set(environment)
    os.chdir(DBT_PROJECT)
    sys.stdout.flush()
    try:
        yield
    finally:
        os.chdir(folder)
        _set(before)


def _set(environment: Mapping[str, str | None]) -> None:
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
