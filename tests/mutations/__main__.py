"""Break each rule of mutations.yaml in a copy of the dbt project, rebuild the golden set, say which tests notice.

Prints what it finds and writes the rows of docs/mutations.md that it made again. Exit code 1 when a mutation goes
unnoticed. Does not live here: the mutations (mutations.yaml), the tests themselves.
"""

from __future__ import annotations

import inspect
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml
from typer.testing import CliRunner

from orchestration.cli import app
from programme.config import load_programme
from tests.integration.golden import deliveries, test_golden
from warehouse.build import kept_manifest, transform
from warehouse.build.candidate import prepare
from warehouse.build.fingerprint import fingerprint_tables
from warehouse.settings import DBT_PROJECT, ROOT, Home

HERE = Path(__file__).parent
ACCOUNT = ROOT / "docs" / "mutations.md"
MISSING = "--manquantes"


def main(wanted: str = "") -> int:
    """Run the mutations whose rule contains `wanted` (all by default), or those the account has no row of (MISSING)."""
    every = yaml.safe_load((HERE / "mutations.yaml").read_text("utf-8"))
    told = _told_before()
    mutations = [m for m in every if (m["rule"] not in told if wanted == MISSING else wanted in m["rule"])]
    with tempfile.TemporaryDirectory(prefix="passnum-mutations-") as folder:
        home = Home.at(Path(folder) / "home")
        deliveries.drop(home.landing)
        result = CliRunner().invoke(app, ["run", "--home", str(home.root)])
        assert result.exit_code == 0, result.output
        project = Path(folder) / "project"
        shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
        transform._manifests.clear()  # the copy is parsed anew, in its own folder, for the others to start from
        unbroken = _noticed(home, project)
        parsed = Path(shutil.move(_parse_folder(project), folder))
        assert not any(unbroken.values()), f"sans rien casser : {_told(unbroken)}"
        rows = []
        for rank, mutation in enumerate(mutations, 1):
            caught = _break(home, project, mutation, parsed)
            rows.append((mutation["rule"], caught))
            # Written as it goes: what an interrupted run has found is not lost.
            told[mutation["rule"]] = _row(mutation["rule"], caught)
            _write([told[m["rule"]] for m in every if m["rule"] in told])
            sys.stdout.write(f"{rank}/{len(mutations)} {mutation['rule']} : {_told(caught)}\n")
            sys.stdout.flush()
    missed = [rule for rule, caught in rows if not any(caught.values())]
    sys.stdout.write(f"{len(rows)} règles cassées, {len(rows) - len(missed)} remarquées.\n")
    return 1 if missed else 0


def _break(home: Home, project: Path, mutation: dict[str, str], parsed: Path) -> dict[str, list[str]]:
    path = project / mutation["file"]
    text = path.read_text(encoding="utf-8")
    assert text.count(mutation["old"]) == 1, f"{mutation['file']} : « {mutation['old']} » doit s'y trouver une fois"
    path.write_text(text.replace(mutation["old"], mutation["new"]), encoding="utf-8")
    # dbt parses again only the file that changed; its own object, kept beside, is that of the unbroken project.
    kept = shutil.ignore_patterns(kept_manifest.NAME)
    start = shutil.copytree(parsed, _parse_folder(project), ignore=kept)
    try:
        return _noticed(home, project, "déterminisme" in mutation["rule"])
    finally:
        shutil.rmtree(start)
        path.write_text(text, encoding="utf-8")


def _parse_folder(project: Path) -> Path:
    transform.DBT_PROJECT = project
    try:
        return transform.parse_folder()
    finally:
        transform.DBT_PROJECT = DBT_PROJECT


def _noticed(home: Home, project: Path, compare_order: bool = False) -> dict[str, list[str]]:
    """Who fails when the golden set is built with `project`."""
    transform.DBT_PROJECT = project
    candidate = prepare(home, load_programme(), run_id="mutation", as_of=None, today=date(2026, 1, 1))
    caught: dict[str, list[str]] = {"construction": [], "unitaires": [], "contrôles": [], "jeu d'or": []}
    try:
        transform.build_models(candidate)
    except transform.TransformError as error:
        caught["construction"].append(str(error)[:80])
        return caught
    else:
        caught["unitaires"] = [r.name for r in transform.run_unit_tests(candidate) if r.status != "pass"]
        caught["contrôles"] = [r.meta.get("code", r.name) for r in transform.run_data_tests(candidate) if r.failures]
        caught["jeu d'or"] = _golden(candidate.database)
        if compare_order:
            caught["jeu d'or"] += _order(candidate.database, home)
        return caught
    finally:
        transform.DBT_PROJECT = DBT_PROJECT
        candidate.discard()


def _golden(database: Path) -> list[str]:
    """The tests of the golden set that fail on this file."""
    failed = []
    with duckdb.connect(str(database), read_only=True) as con:
        for name, function in inspect.getmembers(test_golden, inspect.isfunction):
            if not name.startswith("test_"):
                continue
            cases: list[dict[str, Any]] = [{}]
            if "indicator" in inspect.signature(function).parameters:
                cases = [{"indicator": key, "expected": value} for key, value in test_golden.INDICATORS.items()]
            for case in cases:
                try:
                    function(con, **case)
                except AssertionError:
                    failed.append(case.get("indicator", name))
    return failed


def _order(database: Path, home: Home) -> list[str]:
    """The rows of a mart in another stored order than the published file's (test_rules compares two builds)."""
    found = []
    for path in (database, home.published.resolve()):
        with duckdb.connect(str(path), read_only=True) as con:
            found.append(con.execute("select lieu_siret, month from marts.lieu_activity").fetchall())
            fingerprint_tables(con)
    return ["ordre des lignes"] if found[0] != found[1] else []


def _told(caught: dict[str, list[str]]) -> str:
    return ", ".join(f"{kind} {len(names)}" for kind, names in caught.items() if names) or "PERSONNE"


def _row(rule: str, caught: dict[str, list[str]]) -> str:
    cells = [caught["unitaires"], caught["contrôles"], caught["jeu d'or"] + caught["construction"]]
    return f"| {rule} | " + " | ".join(", ".join(cell) or "—" for cell in cells) + " |"


def _told_before() -> dict[str, str]:
    """Rule → its row in the account as it stands."""
    rows = [line for line in ACCOUNT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {row.split(" | ")[0].removeprefix("| "): row for row in rows[1:]}


def _write(rows: list[str]) -> None:
    lines = [
        "# Chaque règle cassée une fois",
        "",
        "Fabriqué par `python -m tests.mutations` : chaque règle est cassée exprès dans une copie du projet dbt, le",
        "jeu d'or est reconstruit, et l'on note qui le remarque. Une règle que",
        "personne ne remarque est un test manquant.",
        "",
        "| règle cassée | tests unitaires dbt | contrôles bloquants | jeu d'or ou construction |",
        "|---|---|---|---|",
        *rows,
    ]
    cells = [row.strip("| ").split(" | ")[1:] for row in rows]
    units, checks, golden = (sum(cell != "—" for cell in column) for column in zip(*cells, strict=True))
    noticed = sum(set(row) != {"—"} for row in cells)
    lines += [
        "",
        f"{len(rows)} règles cassées, {noticed} remarquées : {units} par un test unitaire, {checks} par un contrôle de "
        f"chaque passage, {golden} par le jeu d'or ou dès la construction (contrat ou type).",
        "",
    ]
    ACCOUNT.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
