"""What every test gets: a secret of its own, one thread; and the homes that several folders start from, each run once.

Does not live here: the fixtures of a folder (its own conftest.py).
"""

from __future__ import annotations

import functools
import gc
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from typer.testing import CliRunner
from xdist.scheduler import LoadFileScheduling

from tests import turns
from tests.factories import settle
from tests.integration.golden import deliveries
from tests.once import copy_home, made_once

ROOT = Path(__file__).resolve().parents[1]
CARNETS = 600
#: Two workers begin with the two homes that most tests wait for, each its own; what takes a second comes last, so that
#: both end together.
ORDER = ("browser", "integration/golden", "integration/road", "integration", "pages", "dbt", "unit")
#: Two workers have two cores, and most tables here a few rows: more threads wait for each other. What a number of
#: threads could change has its own test (golden/test_rules.py); a process of its own has as many as a user's.
ONE_THREAD = dict.fromkeys(("PASSNUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS"), "1")


#: Where pytest makes its folders: in memory where there is room, for on a disk each small file that is made and removed
#: waits, and the tests make and remove tens of thousands. What passed is removed at once (pyproject.toml).
FOLDERS = "PYTEST_DEBUG_TEMPROOT"
IN_MEMORY = Path("/dev/shm")
ROOM = 8 * 2**30

#: When cycles are searched for (gc.set_threshold): Python's 700, 10, 10 took a twentieth of the tests, most of it in
#: dbt's and Great Expectations' own objects, which stay.
SEARCHES = (50_000, 20, 50)


#: The lines of debugging by which a run follows dbt (warehouse/build/transform.py).
HEARD = ("NodeFinished", "JinjaLogDebug")


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


def _no_power_cut(fd: object) -> None:
    """What `os.fsync` is to the tests: they kill processes, and a killed process loses nothing that it wrote."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--exhaustive`: walks that try every combination try them all; without it, those docs/tests.md names.
    `--part`: which of the long files are run."""
    parser.addoption("--exhaustive", action="store_true", help="every combination of the walks of docs/tests.md")
    told = "short: without the long files (tests/turns.py); turn: with those of today; all of them unless told"
    parser.addoption("--part", choices=("short", "turn", "all"), default="all", help=told)


@pytest.fixture(scope="session")
def exhaustive(request: pytest.FixtureRequest) -> bool:
    """Whether every combination is asked for, as `make test-all` does."""
    return bool(request.config.getoption("exhaustive"))


def pytest_configure() -> None:
    """Before any library is imported. No search for cycles meanwhile: a third of what the imports take."""
    os.environ.update(ONE_THREAD)
    if FOLDERS not in os.environ and _has_room(IN_MEMORY):
        os.environ[FOLDERS] = str(IN_MEMORY)
    turns.today()  # asked here, by the first process, so that its workers are told
    os.environ["PASSNUM_RETRY_SECONDS"] = "0"  # what Dagster tries again, it tries at once
    os.fsync = _no_power_cut  # type: ignore[assignment]
    gc.disable()
    # A shell has what it starts in the background ignore Ctrl-C, and so would the processes that tests interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # No test is of time: a busy machine makes none fail.
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """The libraries stay until the end: they are not searched again and again."""
    if "dbt_common" in sys.modules:
        _only_what_is_heard()
        _no_search_for_who_asks()
    if "streamlit.testing.v1" in sys.modules:
        _components_found_once()
    gc.freeze()
    gc.set_threshold(*SEARCHES)
    gc.enable()


def _only_what_is_heard() -> None:
    """dbt writes thousands of lines of debugging a build, for a log that nobody keeps: those that no run listens to are
    not written, a twentieth of a road."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire = EventManager.fire_event

    def fire_what_is_heard(
        manager: EventManager, event: BaseEvent, level: EventLevel | None = None, *others: object, **more: object
    ) -> None:
        if (level or event.level_tag()) is not EventLevel.DEBUG or type(event).__name__ in HEARD:
            fire(manager, event, level, *others, **more)  # type: ignore[arg-type]

    EventManager.fire_event = fire_what_is_heard  # type: ignore[method-assign, assignment]


def _no_search_for_who_asks() -> None:
    """At each of its commands dbt reads the whole stack, and every module that is loaded, for the name of who declares
    a flag: a tenth of a road, where the tests have loaded thousands of modules. It is told in its debugging alone."""
    from dbt_common.behavior_flags import BehaviorFlagRendered

    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]


def _components_found_once() -> None:
    """A server of Streamlit searches every installed library for components as it starts; its AppTest, each time that
    a page is run: half of what the tests of the pages took. What is installed does not change under them."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Files are given out whole, those of the browser together: one server and one Chromium, which end with them."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "browser" if file.startswith("tests/browser/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile | None:
    """The scheduler of `--dist loadfile`; another choice stays another choice."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the files, and nothing inside a file (`make test` gives files out in that order); leave out what only
    `--exhaustive` runs, and the long files that `--part` does not ask for."""
    tests = Path(__file__).parent

    def place(item: pytest.Item) -> str:
        return item.path.relative_to(tests).as_posix()

    items.sort(
        key=lambda item: next((rank for rank, start in enumerate(ORDER) if place(item).startswith(start)), len(ORDER))
    )
    out = turns.left_out(config.getoption("part"), turns.today())
    walks = bool(config.getoption("exhaustive"))
    left = [item for item in items if place(item) in out or (not walks and item.get_closest_marker("exhaustive"))]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="session", autouse=True)
def secret_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A secret made for this session, the same for every worker: the user's own is neither read nor created."""

    def make(folder: Path) -> None:
        folder.mkdir()
        path = folder / "secret"
        path.write_text(secrets.token_hex(32), encoding="ascii")
        path.chmod(0o600)

    made = made_once(tmp_path_factory, "secret", make)
    os.environ["PASSNUM_SECRET_FILE"] = str(made / "secret")
    os.environ["XDG_CONFIG_HOME"] = str(made / "config")


def passnum(*arguments: str, home: Path | None = None) -> str:
    """Run the command as a person would; its output, also shown in the failure."""
    command = [sys.executable, "-m", "orchestration", *arguments]
    options = ["--home", str(home)] if home else []
    theirs = {name: value for name, value in os.environ.items() if name not in ONE_THREAD} | {"COLUMNS": "200"}
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, env=theirs)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def passnum_here(*arguments: str, home: Path | None = None, exit_code: int = 0) -> str:
    """Run the command in this process, where what it imports is already there for most tests; its output."""
    from orchestration.cli import app

    result = CliRunner().invoke(app, [*arguments, *(["--home", str(home)] if home else [])])
    assert result.exit_code == exit_code, (result.output, result.exception)
    return result.output


@pytest.fixture(scope="session")
def simulated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 600 carnets, as dirty as real files, published. Not to be written in: copy it.

    PASSNUM_BROWSER_HOME names a home to reuse while writing tests (never set in `make test`).
    """
    if ready := os.environ.get("PASSNUM_BROWSER_HOME"):
        return Path(ready)

    def make(root: Path) -> None:
        landing = root / "landing"
        passnum_here("simulate", "--out", str(landing), "--carnets", str(CARNETS), "--seed", "7", "--dirt", "real")
        settle(landing)
        passnum_here("run", home=root)

    return made_once(tmp_path_factory, "simulated-home", make)


@pytest.fixture(scope="session")
def ask(simulated_home: Path) -> Callable[..., list[tuple]]:
    """Rows of a query on what the simulated home published: the truth the pages are held against."""

    def rows(sql: str, *values: object) -> list[tuple]:
        import duckdb

        with duckdb.connect(str((simulated_home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
            return con.execute(sql, list(values)).fetchall()

    return rows


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the golden set was dropped, run and published. Not to be written in: copy it.

    `passage.txt` beside it: what the command printed, in a process of its own.
    """

    def make(root: Path) -> None:
        deliveries.drop(root / "home" / "landing")
        (root / "passage.txt").write_text(passnum("run", home=root / "home"), encoding="utf-8")

    return made_once(tmp_path_factory, "golden", make) / "home"


@pytest.fixture(scope="session")
def earlier_home(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden home asked `--as-of 2022-10-31`, before the emissions were known, while a use of October waits to be
    read. Not to be written in.

    `passage.txt` beside it: what the command printed.
    """

    def make(root: Path) -> None:
        home = copy_home(golden_home, root / "home")
        deliveries.drop_late(home / "landing")
        said = passnum_here("run", "--as-of", "2022-10-31", home=home)
        (root / "passage.txt").write_text(said, encoding="utf-8")

    return made_once(tmp_path_factory, "earlier", make) / "home"


@pytest.fixture(scope="session")
def refused_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden set and a delivery with 36 % of its lines rejected, refused: nothing was ever published in it.

    Not to be written in: copy it.
    """

    def make(home: Path) -> None:
        deliveries.drop(home / "landing")
        deliveries.drop_broken(home / "landing")
        passnum_here("run", home=home, exit_code=3)

    return made_once(tmp_path_factory, "refused", make)


@pytest.fixture(scope="session")
def asked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden set and what a lieu asks about (deliveries.drop_asked), published. Not to be written in: copy it."""

    def make(home: Path) -> None:
        deliveries.drop(home / "landing")
        deliveries.drop_asked(home / "landing")
        passnum_here("run", home=home)

    return made_once(tmp_path_factory, "asked", make)
