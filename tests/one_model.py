"""`make model NAME=…`: one dbt model, its unit tests and its data tests, on a golden candidate kept between calls.

The candidate holds the golden deliveries (integration/golden/deliveries.py), taken in once and again only when they,
the reading or the settings changed. What the model reads is built where it is missing or out of step, and nothing else.
Does not live here: the whole build and its tests (warehouse/build/transform.py, integration/golden/test_rules.py).
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from filelock import FileLock

from ingestion.intake import Folders, ingest
from programme.config import load_programme
from tests.integration.golden import deliveries
from warehouse.build.candidate import Candidate, prepare
from warehouse.settings import DBT_PROJECT, ROOT, Home, silence_telemetry

KEPT = ROOT / ".golden"
SECRET = b"a secret for tests, long enough to be one"
RUN = "golden"
#: A day after every delivery of the set: the date of the data is the last extract's.
TODAY = date(2026, 1, 1)
#: What the candidate's inputs are made from: deliveries, reading, settings.
INPUTS = ("tests/integration/golden/deliveries.py", "tests/factories.py", "ingestion", "programme", "warehouse/build")
BUILT = "built.json"
KINDS = {"model": "modèle", "seed": "liste", "unit_test": "test unitaire", "test": "contrôle"}
#: What a person reads is _tell's; dbt's own log is in <kept>/target/dbt.log.
SILENT = ("--quiet", "--log-level", "none", "--no-use-colors")


class UnknownModel(Exception):
    """No model of that name; the French message gives the nearest ones."""


@dataclass(frozen=True)
class Work:
    """What one call has to do, as names dbt selects. `left_out`: the unit tests that dbt would add of the ancestors."""

    ancestors: list[str]
    model: str
    tests: list[str]
    left_out: list[str]


def check_name(name: str) -> None:
    """Raises UnknownModel when no file of models/ makes a model of that name. Reads no manifest: it answers at once."""
    models = sorted(path.stem for path in (DBT_PROJECT / "models").rglob("*.sql"))
    if not name:
        raise UnknownModel(f"Donnez le nom d'un modèle : make model NAME=fct_redemption.\n{_listed(models)}")
    if name not in models:
        near = difflib.get_close_matches(name, models, n=3, cutoff=0.5)
        hint = f"Vouliez-vous dire : {', '.join(near)} ?" if near else _listed(models)
        raise UnknownModel(f"Aucun modèle « {name} ». {hint}")


def _listed(names: list[str]) -> str:
    return f"Les modèles : {', '.join(names)}."


def fingerprints(manifest: dict[str, Any], unique_id: str) -> dict[str, str]:
    """Unique id → fingerprint of a model and of all that it reads, what is read first: it changes with any of them."""
    macros = sorted(m["macro_sql"] for m in manifest["macros"].values() if m["package_name"] == "passnum")
    found: dict[str, str] = {}

    def visit(key: str) -> str:
        if key not in found:
            node = manifest["nodes"][key]
            own = [node["checksum"], node["columns"], node["config"], macros]
            upstream = [visit(parent) for parent in node["depends_on"].get("nodes", []) if _is_built(parent)]
            found[key] = hashlib.sha256(json.dumps([own, upstream], sort_keys=True).encode()).hexdigest()
        return found[key]

    visit(unique_id)
    return found


def _is_built(unique_id: str) -> bool:
    return unique_id.startswith(("model.", "seed."))


def plan(manifest: dict[str, Any], unique_id: str, built: dict[str, str]) -> Work:
    """The ancestors whose fingerprint is not the one they were built with, the model, and the tests it decides alone.

    A data test that also reads what lies downstream of the model is left to `make test`.
    """
    wanted = fingerprints(manifest, unique_id)
    tests = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and unique_id in node["depends_on"]["nodes"]
        and all(parent in wanted for parent in node["depends_on"]["nodes"] if _is_built(parent))
    ]
    units = manifest["unit_tests"].values()
    stale = [key for key in wanted if key != unique_id and built.get(key) != wanted[key]]
    return Work(
        ancestors=[_selector(manifest["nodes"][key]) for key in stale],
        model=_selector(manifest["nodes"][unique_id]),
        tests=[_selector(node) for node in tests],
        left_out=[_selector(node) for node in units if not unique_id.endswith("." + node["model"])],
    )


def _selector(node: dict[str, Any]) -> str:
    return "fqn:" + ".".join(node["fqn"])


def golden_candidate(kept: Path = KEPT) -> Candidate:
    """The candidate of the golden deliveries, made if what it comes from has changed since; no model is built in it."""
    kept.mkdir(exist_ok=True)
    folder = kept / inputs_digest()[:16]
    with FileLock(kept / "lock"):
        if not (folder / "ready").exists():
            for old in kept.glob("*/"):
                shutil.rmtree(old)
            home = Home.at(folder).create()
            deliveries.drop(home.landing)
            ingest(Folders.of_home(home.root), today=TODAY, secret=SECRET, settle_seconds=0.0)
            prepare(home, load_programme(), run_id=RUN, as_of=None, today=TODAY)
            (folder / "ready").touch()
    return Candidate.of_run(Home.at(folder), RUN)


def inputs_digest(root: Path = ROOT) -> str:
    """The sha256 of every file the candidate's inputs come from."""
    digest = hashlib.sha256()
    for place in INPUTS:
        for path in sorted([root / place, *(root / place).rglob("*")]):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def run_one(name: str, kept: Path = KEPT) -> int:
    """Build the model and run its tests; print what each did, in French. Returns how many failed.

    Raises UnknownModel before anything is done.
    """
    check_name(name)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    candidate = golden_candidate(kept)
    silence_telemetry()
    target = str(kept / "target")
    candidate = replace(candidate, shares_lines=True)  # some unit tests give lines of several records
    environment = candidate.environment() | {"DBT_TARGET_PATH": target, "DBT_LOG_PATH": target}
    with contextlib.chdir(DBT_PROJECT), mock.patch.dict(os.environ, environment):
        try:
            parsed: Any = dbtRunner().invoke(["parse", *SILENT])
            if parsed.result is None:
                _say(str(parsed.exception))
                return 1
            manifest = json.loads((kept / "target" / "manifest.json").read_text(encoding="utf-8"))
            built = _still_there(manifest, candidate, _read(candidate))
            work = plan(manifest, f"model.passnum.{name}", built)
            arguments = ["build", *SILENT, "--indirect-selection", "empty"]
            arguments += ["--select", work.model, *work.ancestors, *work.tests]
            arguments += ["--exclude", *work.left_out] if work.left_out else []
            outcome: Any = dbtRunner(manifest=parsed.result).invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()
    if outcome.result is None:
        _say(str(outcome.exception))
        return 1
    wanted = fingerprints(manifest, f"model.passnum.{name}")
    done = {item.node.unique_id for item in outcome.result if str(item.status) == "success"}
    built |= {key: wanted[key] for key in done & set(wanted)}
    (candidate.folder / BUILT).write_text(json.dumps(built), encoding="utf-8")
    return _tell(outcome.result, manifest, name, candidate)


def _read(candidate: Candidate) -> dict[str, str]:
    ledger = candidate.folder / BUILT
    return json.loads(ledger.read_text(encoding="utf-8")) if ledger.exists() else {}


def _still_there(manifest: dict[str, Any], candidate: Candidate, built: dict[str, str]) -> dict[str, str]:
    """Of what was built, what the files of the candidate still hold: an intermediate may live in memory."""
    there = set(_tables(candidate.database)) | set(_tables(candidate.scratch))
    nodes = {key: node for key, node in manifest["nodes"].items() if (node["schema"], node["alias"]) in there}
    return {key: mark for key, mark in built.items() if key in nodes}


def _tables(path: Path) -> Iterator[tuple[str, str]]:
    if path.exists():
        with duckdb.connect(str(path), read_only=True) as con:
            yield from con.execute("select table_schema, table_name from information_schema.tables").fetchall()


def _tell(results: Iterable[Any], manifest: dict[str, Any], name: str, candidate: Candidate) -> int:
    failed = 0
    for item in results:
        node = {**manifest["nodes"], **manifest["unit_tests"]}[item.node.unique_id]
        what = f"{KINDS[node['resource_type']]} {node['config']['meta'].get('code') or node['name']}"
        if str(item.status) == "skipped":
            _say(f"– {what} : pas fait")
        elif str(item.status) in {"success", "pass"}:
            _say(f"✔ {what}")
        else:
            failed += 1
            sentence = node["config"]["meta"].get("sentence") or node.get("description") or ""
            told = [sentence, *str(item.message or "").strip().splitlines()]
            _say(f"✘ {what}" + "".join(f"\n    {line}" for line in told if line.strip()))
    _say(f"« {name} » : {failed} en défaut." if failed else f"« {name} » : tout va bien.")
    _say(f"À regarder dans {candidate.database} (et scratch.duckdb à côté).")
    return failed


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    try:
        sys.exit(min(run_one(sys.argv[1] if len(sys.argv) > 1 else ""), 1))
    except UnknownModel as error:
        _say(str(error))
        sys.exit(2)
