"""The services as they are installed: units that systemd takes, a container that is nobody, and all ended together."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import pytest
import typer
import yaml

from orchestration import serving
from orchestration.cli import app
from orchestration.serving import Service, keep, make_bases
from tests.conftest import ROOT, passnum_here
from warehouse.settings import Home

EXAMPLES = ROOT / "docs" / "exemples"
UNITS = sorted((EXAMPLES / "systemd").iterdir())


def _known(words: list[str]) -> bool:
    """Whether `passnum` has this command with these options."""
    command = typer.main.get_command(app).get_command(None, words[0])  # type: ignore[attr-defined]
    options = {option for param in command.params for option in param.opts}
    return {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("unit", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name)
def test_a_unit_is_not_root_and_writes_in_the_data_alone(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    (command,) = re.findall(r"(?m)^ExecStart=/opt/passnum/\.venv/bin/passnum (.*)$", text)
    assert _known(command.split())
    for line in ("User=passnum", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "UMask=0077"):
        assert f"\n{line}\n" in text
    (written,) = re.findall(r"(?m)^ReadWritePaths=(.*)$", text)
    assert set(written.split()) <= {"/srv/passnum", "/mnt/sauvegardes"}


def test_the_container_is_nobody_and_its_code_is_read_only() -> None:
    """Its user is the image's; no port is open to other machines; the secret is neither in it nor in a variable."""
    content = yaml.safe_load((EXAMPLES / "compose.yaml").read_text(encoding="utf-8"))
    assert set(content) == {"services", "volumes", "secrets"}
    service = content["services"]["passnum"]
    image = (EXAMPLES / "Dockerfile").read_text(encoding="utf-8")
    (uid,) = re.findall(r"--uid (\d+)", image)
    assert service["user"] == f"{uid}:{uid}" and uid != "0"
    assert "\nUSER passnum\n" in image
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert _known([word for word in service["command"] if not word.replace(".", "").isdigit()])
    assert service["environment"]["PASSNUM_SECRET_FILE"].startswith("/run/secrets/")
    volumes = {volume.split(":")[1]: volume.split(":")[2:] for volume in service["volumes"]}
    assert volumes == {"/srv/passnum": [], "/etc/passnum": ["ro"]}
    assert service["build"]["dockerfile"] == "docs/exemples/Dockerfile"


def _sleeper(pids: Path, *, ends_itself: bool = False, stubborn: bool = False) -> list[str]:
    """A service that starts another process, and writes both numbers down."""
    code = (
        "import os, signal, subprocess, sys, time\n"
        + ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else "")
        + "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'a').write(f'{{os.getpid()}} {{child.pid}}\\n')\n"
        + ("sys.exit(3)\n" if ends_itself else "time.sleep(600)\n")
    )
    return [sys.executable, "-c", code]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _written(pids: Path, lines: int) -> list[int]:
    until = time.monotonic() + 60
    while not pids.exists() or len(pids.read_text(encoding="utf-8").splitlines()) < lines:
        assert time.monotonic() < until
        time.sleep(0.05)
    return [int(pid) for pid in pids.read_text(encoding="utf-8").split()]


def _ask(pids: Path, asked: signal.Signals) -> None:
    _written(pids, 2)
    os.kill(os.getpid(), asked)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_of_them_and_what_they_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: signal.Signals
) -> None:
    """A service that does not hear SIGTERM ends too; the code says that it was asked. SIGHUP: the terminal or the SSH
    session of `make serve` is closed; a daemon left alone would keep the next one from starting."""
    monkeypatch.setattr(serving, "GRACE_SECONDS", 0.3)
    pids, said = tmp_path / "pids", list[str]()
    threading.Thread(target=_ask, args=(pids, asked), daemon=True).start()
    wanted = [Service("un", _sleeper(pids)), Service("deux", _sleeper(pids, stubborn=True))]
    before = signal.getsignal(asked)
    assert keep(Home.at(tmp_path / "home").create(), wanted, said.append) == 0
    assert said == ["Arrêt demandé : tout est arrêté."]
    assert [pid for pid in _written(pids, 2) if _alive(pid)] == []
    assert signal.getsignal(asked) == before


def test_the_databases_of_dagster_are_made_once_and_one_of_two_revisions_serves_again(tmp_path: Path) -> None:
    """Daemon and interface, started at the same instant on a new home, each wrote its revision: none of them started
    any more."""
    home = Home.at(tmp_path / "home").create()
    make_bases(home)
    bases = sorted(path.relative_to(home.root / "dagster") for path in home.root.rglob("*.db"))
    assert bases == [Path("history/runs/index.db"), Path("history/runs.db"), Path("schedules/schedules.db")]
    for base in bases:
        with contextlib.closing(sqlite3.connect(home.root / "dagster" / base)) as con, con:
            con.execute("insert into alembic_version values ('5771160a95ad')")
    with pytest.raises(Exception, match="more than one head"):
        dg.DagsterInstance.from_config(str(home.root / "dagster"))
    make_bases(home)
    with dg.DagsterInstance.from_config(str(home.root / "dagster")) as instance:
        assert instance.get_runs() == [] and list(instance.all_instigator_state()) == []


def test_one_that_ends_by_itself_ends_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches over the service starts it again whole: half of it would look alive."""
    monkeypatch.setattr(serving, "GRACE_SECONDS", 0.3)
    pids, said = tmp_path / "pids", list[str]()
    wanted = [Service("un", _sleeper(pids)), Service("deux", _sleeper(pids, ends_itself=True))]
    assert keep(Home.at(tmp_path / "home").create(), wanted, said.append) == 1
    assert said == ["« deux » s'est arrêté (code 3) : tout est arrêté."]
    assert [pid for pid in _written(pids, 1) if _alive(pid)] == []


def test_what_dagster_prints_goes_to_a_log_and_the_screen_stays_french(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Stopped while it was starting, Dagster showed its traceback; a log that grew long is put aside."""
    monkeypatch.setattr(serving, "LOG_OCTETS", 10)
    home, said = Home.at(tmp_path / "home").create(), list[str]()
    code = "import sys; print('hello', flush=True); sys.exit('Traceback (most recent call last)')"
    for _ in range(2):
        assert keep(home, [Service("Dagster", [sys.executable, "-c", code], "dagster.log")], said.append) == 1
    assert capfd.readouterr() == ("", "")
    for name in ("dagster.log", "dagster.log.1"):
        assert (home.logs / name).read_text("utf-8") == "hello\nTraceback (most recent call last)\n"
    assert said[0] == f"« Dagster » s'est arrêté (code 1) : tout est arrêté. Son journal : {home.logs}/dagster.log."
    kept = serving.services(home, "127.0.0.1", 8501, 3000)
    assert [bool(one.log) for one in kept] == [one.name.startswith("Dagster") for one in kept] == [True, True, False]


@pytest.mark.parametrize("option", ["--port", "--dagster-port"])
def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path, option: str) -> None:
    """In French, with the option to change; two services on one port are a mistake of typing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = passnum_here("serve", option, port, home=tmp_path / "home", exit_code=1)
    assert f"Le port {port}" in told and "déjà pris" in told and f"{option} " in told
    assert not (tmp_path / "home").exists()
    assert "même" in passnum_here("serve", option, "3000" if option == "--port" else "8501", home=tmp_path, exit_code=2)
