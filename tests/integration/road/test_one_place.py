"""The table « One place to edit » of the README is true: five changes, each made where it says and nowhere else.

On a copy of the sources, all five at once, then one run of the copy and questions to it, in a process of its own. Does
not live here: what a contract, a figure, a check or a page may be (their own tests).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import ROOT
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from warehouse.build.transform import parsed_project

ROOMS = (
    "programme", "storage", "presentation", "ingestion", "simulation", "dbt_project", "warehouse", "data_quality",
    "reporting", "dashboards", "orchestration",
)  # fmt: skip
#: What Python compiled stays: it is not compiled again.
_LEFT = shutil.ignore_patterns("target", "logs")

CHECK = """    TableCheck(
        code="PN-489",
        table_name="dim_service",
        owner="MGP",
        sentence="Aucun service du catalogue ne dure plus d'une heure.",
        expected="une heure au plus",
        why="Essai.",
        mend="Essai.",
        unit="service",
        table=_DIM_SERVICE,
        expectations=(expect("ExpectColumnValuesToBeBetween", column="nominal_minutes", max_value=60),),
        units=_UNITS.format(what="trop longs"),
    ),
]
"""
COLUMN = """  - name: langue
    type: text
    role: o
    title: Langue du service
    description: Langue dans laquelle le service est rendu.
    example: "français"
    aliases: [langue d animation]
"""
INDICATOR = (
    "22,passes_paid,Pass payés,Pass utilisés que les lieux se sont vu rembourser.,"
    "Nombre d'utilisations comptées et remboursées,pass,Utilisations,,,use,passes,reimbursed,sum,true\n"
)
PAGE = '''"""Page « Essai »."""

from dashboards.frame import open_page

TITLE = "Page d'essai"
MENU = ("Comprendre", 9)

page = open_page(TITLE, "Une page de plus.")
'''


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def _append(path: Path, more: str) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.rstrip("\n") + "\n" + more, encoding="utf-8")


def _alias(copy: Path) -> None:
    _replace(copy / "ingestion/contracts/utilisations.yaml", "[utilise le, ", "[badge passe le, utilise le, ")


def _column(copy: Path) -> None:
    _append(copy / "ingestion/contracts/services.yaml", COLUMN)


def _indicator(copy: Path) -> None:
    _append(copy / "dbt_project/seeds/indicator_dictionary.csv", INDICATOR)


def _check(copy: Path) -> None:
    suite = copy / "data_quality/suites/dim_service.py"
    suite.write_text(suite.read_text(encoding="utf-8").removesuffix("]\n") + CHECK, encoding="utf-8")


def _page(copy: Path) -> None:
    (copy / "dashboards/app_pages/essai.py").write_text(PAGE, encoding="utf-8")


#: The change, as its row of the table begins → how it is made.
TRIALS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "alias": ("a column of an export, or a header as a real export writes it", _alias),
    "column": ("a column of an export, or a header as a real export writes it", _column),
    "indicator": ("an indicator", _indicator),
    "check": ("a check", _check),
    "page": ("a page", _page),
}


def _table() -> dict[str, list[str]]:
    """The README's table: change → the places between backquotes, as patterns of paths."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## One place to edit\n")[1].split("\n## ")[0]
    rows = [row.strip("| ").split(" | ", 1) for row in section.splitlines() if row.startswith("| ")]
    return {
        change: [
            re.sub("<[a-z]+>", "*", place) + ("*" if place.endswith("/") else "")
            for place in re.findall("`([^`]+)`", where)
            if "/" in place
        ]
        for change, where in rows[1:]
    }


def _sources(copy: Path) -> dict[str, bytes]:
    files = (path for path in copy.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(copy).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """A copy of the sources with the five changes; trial → the files that it touched."""
    copy = tmp_path_factory.mktemp("one_place") / "passnum"
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=_LEFT)
    shutil.copy(ROOT / "pyproject.toml", copy)
    touched = {}
    for trial, (_, edit) in TRIALS.items():
        before = _sources(copy)
        edit(copy)
        after = _sources(copy)
        touched[trial] = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return copy, touched


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden set, whose last uses have a header of their own, and services that say their language."""
    home = tmp_path_factory.mktemp("one_place_home")
    landing = home / "landing"
    deliveries.drop(landing)
    uses = [
        {("Badge passé le" if name == "date_utilisation" else name): value for name, value in use.items()}
        for use in deliveries.corrected_uses()
    ]
    write_delivery(landing, "utilisations_2022-11-30.csv", uses)
    services = [service | {"Langue d'animation": "occitan"} for service in deliveries.services()]
    write_delivery(landing, "services_2022-11-30.csv", services)
    return home


@pytest.fixture(scope="module")
def published(home: Path, answers: dict[str, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the run published."""
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        yield con


#: Run in the copy: a run, then what its menu, its page, its trace and its dictionary say.
_ASK = """
import json
from typer.testing import CliRunner
from orchestration.cli import app

run = CliRunner().invoke(app, ["run"])
assert run.exit_code == 0, run.output

from streamlit.testing.v1 import AppTest
from warehouse.build.dictionary import render

pages = AppTest.from_file("dashboards/app.py", default_timeout=60)
pages.switch_page("app_pages/essai.py").run()
menu = [node.proto.label for node in pages.sidebar.get("page_link")]
print(json.dumps({
    "menu": menu,
    "title": [title.value for title in pages.title],
    "exceptions": [node.value for node in pages.exception],
    "trace": json.loads(CliRunner().invoke(app, ["trace", "passes_paid", "--territory", "vincennes", "--json"]).stdout),
    "dictionary": render({"nodes": {}}),
}))
"""


@pytest.fixture(scope="module")
def answers(edited: tuple[Path, dict[str, list[str]]], home: Path) -> dict[str, Any]:
    """What the copy answers about that home, once it has published it. dbt parses what changed of its project alone."""
    copy, _ = edited
    parsed = parsed_project() / "partial_parse.msgpack"
    ours = {"PYTHONPATH": str(copy), "PASSNUM_HOME": str(home), "DBT_PARTIAL_PARSE_FILE_PATH": str(parsed)}
    command = [sys.executable, "-c", _ASK]
    done = subprocess.run(command, cwd=copy, env=os.environ | ours, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("trial", TRIALS)
def test_a_change_touches_one_file_and_the_table_names_it(
    edited: tuple[Path, dict[str, list[str]]], trial: str
) -> None:
    places = _table()[TRIALS[trial][0]]
    (file,) = edited[1][trial]
    assert any(Path(file).match(place) for place in places), (file, places)


def test_every_place_of_the_table_exists() -> None:
    """A file renamed, a folder moved: the table says so no longer."""
    table = _table()
    assert {change for change, _ in TRIALS.values()} < set(table)
    assert [(change, place) for change, places in table.items() for place in places if not any(ROOT.glob(place))] == []


def test_an_alias_makes_a_header_read(published: duckdb.DuckDBPyConnection) -> None:
    """Without it the date, which every use must have, is in no column: the file is refused."""
    file = published.execute(
        "select outcome, lines_accepted from quality.delivered_file where file_name = 'utilisations_2022-11-30.csv'"
    ).fetchall()
    assert file == [("loaded", 1)]
    use = published.execute(
        "select redeemed_on::varchar, source_status from core.fct_redemption where redemption_id = 'U025'"
    )
    assert use.fetchall() == [("2022-10-05", "remboursee")]


def test_a_column_is_kept_in_the_lake_and_told_in_the_dictionary(home: Path, answers: dict[str, Any]) -> None:
    rows = duckdb.sql(
        f"select code_service, langue from read_parquet('{home}/lake/services/*/rows.parquet') order by all"
    ).fetchall()
    assert rows == [("S1", "occitan"), ("S1", None), ("S2", "occitan"), ("S2", None)]
    assert (
        "| `langue` | Langue du service | non | Langue dans laquelle le service est rendu. | langue d animation |"
        in answers["dictionary"]
    )


def test_an_indicator_is_published_cut_and_traced(
    published: duckdb.DuckDBPyConnection, answers: dict[str, Any]
) -> None:
    """Paid: U001 to U004 and, once corrected, U025 in Vincennes; U005, U009 and U014 in Saint-Denis."""
    by_territory = [("93066", 3), ("94080", 5)]
    programme = published.execute(
        "select value, label from marts.programme_progress join marts.indicator on code = indicator "
        "where indicator = 'passes_paid'"
    ).fetchall()
    assert programme == [(8, "Pass payés")]
    months = published.execute(
        "select territory_code, sum(value) from marts.measure_month where indicator = 'passes_paid' group by all "
        "order by all"
    ).fetchall()
    assert months == by_territory
    metric = "select territory_code, value from metric('passes_paid', by := 'territory') order by all"
    assert published.execute(metric).fetchall() == by_territory
    assert answers["trace"]["value"] == "5"


def test_a_check_is_made_and_told(published: duckdb.DuckDBPyConnection) -> None:
    """S1 lasts an hour and a half."""
    found = published.execute(
        "select sentence, status, owner from quality.check_result where code = 'PN-489'"
    ).fetchall()
    assert found == [("Aucun service du catalogue ne dure plus d'une heure.", "ko", "MGP")]


def test_a_page_is_in_the_menu_and_served(answers: dict[str, Any]) -> None:
    """Last of its section, as it asks."""
    assert answers["menu"][-2:] == ["Accessibilité", "Page d'essai"]
    assert answers["title"] == ["Page d'essai"]
    assert answers["exceptions"] == []
