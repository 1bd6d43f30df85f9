"""Work in a process of its own: what it returns, says and raises comes back; it never outlives who asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

import pytest

from orchestration.apart import ProcessLost, UnspeakableError, apart
from orchestration.telling import Listener, advance, tell, told_to

ROOT = Path(__file__).parents[3]
_loaded: list[int] = []


class MistakeOfAPerson(Exception):
    """Known by name to who shows it."""


class Locked(Exception):
    """It cannot travel."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.file = open(os.devnull)  # noqa: SIM115, PTH123


class Kept(Listener):
    """What was said, in order."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def say(self, message: str) -> None:
        self.said.append(message)

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        self.said.append((stage, done, total, name))


@pytest.fixture(autouse=True)
def no_page_of_streamlit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's own tests leave a page as the main module of their process: one started here would run it."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


def load() -> None:
    """What the work needs."""
    _loaded.append(os.getpid())


def load_nothing_there() -> None:
    """What cannot be loaded."""
    raise ImportError("il manque un paquet")


def work(number: int, *, fails: type[Exception] | None = None) -> tuple[int, int, list[int], str]:
    """Says where it is; the number, who works, who loaded, how Ctrl-C is heard there."""
    tell("au travail")
    advance("Étape", 1, 2, "premier")
    if fails is not None:
        raise fails("faux départ")
    return number, os.getpid(), _loaded, str(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def die() -> None:
    """As when the system kills it."""
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for_ever() -> None:
    """Work that has no end, and what a person sees of it."""
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    time.sleep(600)


def _has_ended(process: int) -> bool:
    """Gone, or dead and not yet buried by who inherited it; waited for, for its end is not its last word's."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_work_is_done_elsewhere_and_what_comes_of_it_is_here() -> None:
    """The result, the sentences, the progress; an error with its class, its words and its trace; then again."""
    kept = Kept()
    with apart(allowed=True) as processes, told_to(kept):
        processes.start(load)
        do = processes.having(load)
        number, who, loaded, masked = do(work, 3)
        assert (number, loaded) == (3, [who]), "loaded once, there"
        assert who != os.getpid()
        assert "SIGINT" in masked, "a terminal sends Ctrl-C to all: this process ends that one"
        assert kept.said == ["au travail", ("Étape", 1, 2, "premier")]
        with pytest.raises(MistakeOfAPerson, match="faux départ") as caught:
            do(work, 4, fails=MistakeOfAPerson)
        assert "in work" in "".join(traceback.format_exception(caught.value))
        with pytest.raises(UnspeakableError, match="Locked : faux départ"):
            do(work, 5, fails=Locked)
        assert do(work, 6)[:3] == (6, who, [who])
        with pytest.raises(ProcessLost, match="code -9"):
            do(die)
        with pytest.raises(ImportError, match="il manque un paquet"):
            processes.having(load_nothing_there)(work, 7)
    assert _has_ended(who)


def test_where_it_is_not_allowed_the_same_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "_loaded", [])
    kept = Kept()
    with apart(allowed=False) as processes, told_to(kept):
        processes.start(load)
        assert _loaded == [], "loaded where it is needed"
        assert processes.having(load)(work, 3)[:3] == (3, os.getpid(), [os.getpid()])
        with pytest.raises(MistakeOfAPerson):
            processes.having(load)(work, 4, fails=MistakeOfAPerson)
    assert kept.said[0] == "au travail"


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_work_outlives_who_asked_for_it(end: signal.Signals) -> None:
    """Killed, ended or interrupted in the middle of a call: the other process ends too, and says nothing."""
    script = (
        "from orchestration.apart import apart\n"
        "from tests.unit.orchestration.test_apart import load, wait_for_ever\n"
        "try:\n"
        "    with apart(allowed=True) as processes:\n"
        "        processes.having(load)(wait_for_ever)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrompu')\n"
    )
    asking = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert asking.stdout is not None
    working = int(asking.stdout.readline())
    if end is signal.SIGINT:
        os.killpg(asking.pid, end)  # as a terminal does
    else:
        os.kill(asking.pid, end)
    said, errors = asking.communicate(timeout=60)  # both ends are closed once nobody holds them any more
    assert (said, errors) == ("interrompu\n" if end is signal.SIGINT else "", "")
    assert _has_ended(working)
