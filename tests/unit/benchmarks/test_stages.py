"""Each instant of CPU has one stage, told by the files that are at work; nothing is lost between them."""

from __future__ import annotations

import sys
import time
from types import CodeType, FrameType

import pytest

from benchmarks import stages

_FILES = {
    "intake": "/x/ingestion/intake.py",
    "lake": "/x/ingestion/lake.py",
    "gate": "/x/data_quality/gate.py",
    "dbt": "/y/site-packages/dbt/task/build.py",
    "dbt_test": "/y/site-packages/dbt/task/test.py",
    "adapter": "/y/site-packages/dbt/adapters/duckdb/environments/__init__.py",
    "dagster": "/y/site-packages/dagster/_core/execution/api.py",
    "import": "<frozen importlib._bootstrap>",
    "run": "/x/orchestration/run.py",
}


def _frames(*names: str, call: str = "work", sql: str | None = None) -> FrameType:
    """A real stack, outermost first, whose functions say they are of these files."""
    found: list[FrameType] = []
    inside: object = lambda: found.append(sys._getframe(1))  # noqa: E731
    for depth, name in enumerate(reversed(names)):
        text = f"def {call}(inside, sql):\n    inside()\n" if depth == 0 else "def outer(inside, sql):\n    inside()\n"
        scope: dict[str, object] = {}
        code: CodeType = compile(text, _FILES[name], "exec")
        exec(code, scope)
        function, deeper = scope[call if depth == 0 else "outer"], inside
        inside = lambda function=function, deeper=deeper: function(deeper, sql)  # type: ignore[operator]  # noqa: E731
    inside()  # type: ignore[operator]
    return found[0]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("run", "dagster", "run", "intake"), "lecture des fichiers"),
        (("run", "dagster", "gate"), "SQL du contrôle"),
        (("run", "dagster"), "Dagster"),
        (("run", "dbt"), stages.DBT),
        (("run", "dbt", "adapter"), stages.DBT),  # around a query, not in it
        (("run", "import", "dagster"), stages.IMPORTS),  # what a module does while it is imported
        (("run",), stages.OTHER),
    ],
)
def test_the_innermost_known_file_tells_the_stage(names: tuple[str, ...], expected: str) -> None:
    assert stages.stage_of(_frames(*names))[0] == expected


def test_verifying_the_lake_is_the_candidate_s_work() -> None:
    """The lake's files are hashed for the build, not for the reading."""
    assert stages.stage_of(_frames("run", "lake", call="verify"))[0] == stages.CANDIDATE


def test_a_statement_of_dbt_is_the_models_sql_and_names_its_table() -> None:
    sql = '/* {"dbt_version": "1.11.16"} */ create table "passnum"."core"."fct_pass__dbt_tmp" as (select 1)'
    assert stages.stage_of(_frames("dbt", "adapter", call="execute", sql=sql)) == (stages.MODELS, "core.fct_pass")


def test_a_statement_of_a_data_test_is_not_a_model() -> None:
    sql = 'select count(*) from (select 1 from "passnum"."core"."fct_pass")'
    assert stages.stage_of(_frames("dbt_test", "adapter", call="execute", sql=sql))[0] == stages.TESTS


def test_the_stages_add_up_to_the_process() -> None:
    """All the CPU of the process is handed out, but the sampler's own."""
    before = time.process_time()
    sampler = stages.Sampler()
    sampler.start()
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    sampler.stop()
    spent = time.process_time() - before
    seen = sum(sampler.seconds.values()) - before
    assert 0.7 * spent <= seen <= spent + 0.01
