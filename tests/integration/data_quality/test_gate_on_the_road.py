"""The gate as `passnum run` uses it: what it keeps, what it shows, what a person may accept."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
from typer.testing import CliRunner

from data_quality.context import GateContext
from data_quality.gate import run_checks
from data_quality.registry import all_checks
from orchestration.cli import app
from orchestration.deciding import decide
from orchestration.plan import RunPlan
from programme.config import PROJECT_FOLDER, load_programme
from tests.integration.golden.deliveries import BROKEN
from tests.once import copy_home
from warehouse.settings import Home


def _query(home: Path, sql: str, path: Path | None = None) -> list[tuple]:
    published = path or (home / "warehouse" / "passnum.duckdb").resolve()
    with duckdb.connect(str(published), read_only=True) as con:
        return con.execute(sql).fetchall()


def _programme(folder: Path, accepted: str) -> Path:
    shutil.copytree(PROJECT_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / "programme.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^accepted_deliveries:.*$", f"accepted_deliveries: {accepted}", text)
    (folder / "programme.yaml").write_text(text, encoding="utf-8")
    return folder


def test_results_and_failing_units_are_published_with_the_version(golden_home: Path) -> None:
    home = golden_home
    said = (home.parent / "passage.txt").read_text(encoding="utf-8")
    assert "Contrôles de vraisemblance" in said
    assert "Calculating Metrics" not in said
    assert "great_expectations" not in said
    failing = _query(
        home,
        """
        select result.code, any_value(result.status), count(failure.code), any_value(failure.detail)
        from quality.check_result as result
        left join quality.check_failure as failure using (build_id, code)
        where result.code >= 'PN-4'
        group by all
        """,
    )
    assert {code for code, _, _, _ in failing} >= {"PN-401", "PN-421", "PN-507"}
    assert [code for code, status, _, _ in failing if status == "erreur"] == []
    assert [code for code, status, units, _ in failing if (status == "ko") != (units > 0)] == []
    # U019 is a use of a pass that nobody issued: line 20 of the October extract.
    details = {code: detail for code, _, _, detail in failing}
    assert details["PN-421"].endswith("pass inconnus des émissions : 1 (« utilisations_2022-10-31.csv », ligne 20)")
    page = (home / "reports" / "data_docs" / "index.html").read_text(encoding="utf-8")
    assert "PN-421" in page


def test_a_refused_delivery_is_shown_then_accepted_by_a_person(refused_home: Path, tmp_path: Path) -> None:
    """Refused; its results appear in the next version; accepted, it blocks no more and PN-403 names it."""
    home = copy_home(refused_home, tmp_path / "home")
    run = CliRunner()
    refusal = (home / "reports" / "data_docs" / "refus.html").read_text(encoding="utf-8")
    assert "Publication refusée" in refusal
    assert BROKEN in refusal
    assert not (home / "reports" / "data_docs" / "index.html").exists()
    (folder,) = (home / "lake" / "utilisations").glob("20221231-*")
    accepted = run.invoke(
        app, ["run", "--home", str(home), "--programme", str(_programme(tmp_path / "programme", folder.name))]
    )
    assert accepted.exit_code == 0, accepted.output
    statuses = _query(
        home,
        """
        select build.status, result.code, result.status, count(failure.code)
        from quality.build
        inner join quality.check_result as result using (build_id)
        left join quality.check_failure as failure using (build_id, code)
        where code in ('PN-401', 'PN-403')
        group by all order by all
        """,
    )
    assert statuses == [
        ("published", "PN-401", "ok", 0), ("published", "PN-403", "ko", 1),
        ("refused", "PN-401", "ko", 1), ("refused", "PN-403", "ok", 0),
    ]  # fmt: skip
    # It blocks again once it is no more accepted: that is new, and the checks of the same tables refuse.
    assert decide(RunPlan(Home.at(home))).why == "les réglages ont changé"
    (check,) = [check for check in all_checks() if check.code == "PN-401"]
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        (again,) = run_checks(con, GateContext.of(load_programme(), date(2022, 11, 30), None), [check])
    assert again.blocks


def test_a_build_as_of_an_earlier_date_is_not_compared_with_the_current_one(earlier_home: Path) -> None:
    """Nothing was issued on 31 October: tables that are empty then have not been emptied."""
    home = earlier_home
    path = home / "warehouse" / "as_of" / "passnum-asof-2022-10-31.duckdb"
    sql = """
        select status, observed from quality.check_result
        where code = 'PN-402' and build_id = (select max(build_id) from quality.build)
    """
    assert _query(home, sql, path) == [("ok", "aucune version précédente à comparer")]
    assert _query(home, "select count(*) from core.dim_carnet", path) == [(0,)]
