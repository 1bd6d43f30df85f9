"""A week of a home in the hands of Dagster's own daemon: deposits that come as they do, and what goes wrong.

`python -m tests.integration.road.week DIR` lives it in DIR and draws docs/images/semaine-*.png. Lives here: the days.
Does not live here: what must come of them (test_week.py), the daemon (dagster), the mail server (smtp_server.py).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import yaml

from ingestion.lake import Lake
from orchestration.serving import prepare_dagster
from tests.conftest import ROOT
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.integration.reporting.smtp_server import Mailbox, smtp_server
from warehouse.settings import Home

#: What a day may take on a busy machine; nothing here is a measure.
PATIENCE_SECONDS = 400.0
GROWN_IN, GROWS_EVERY_SECONDS = 40, 0.25
_OVER = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED}
READ, BUILD = "passnum_read", "passnum_build"
Ended = tuple[str, str]


@dataclass
class Day:
    """What a day brought: the runs that ended, oldest first, as (job, status), and the mails that left."""

    name: str
    runs: list[Ended] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    version: str = ""


class Week:
    """A home, its daemon, and what is looked at from outside."""

    def __init__(self, root: Path, mailbox: Mailbox, settings: dict[str, object]) -> None:
        self.home = Home.at(root / "home").create()
        self.mailbox = mailbox
        self.days: list[Day] = []
        self.secret = root / "secret"
        self._programme = shutil.copytree(ROOT / "programme", root / "programme")
        recipients = {"complet": ["equipe@metropole.example"], "alerte": ["astreinte@metropole.example"]}
        told = yaml.safe_dump(settings | {"recipients": recipients}, allow_unicode=True)
        (self._programme / "mail.yaml").write_text(told, encoding="utf-8")
        shutil.copy(os.environ["PASSNUM_SECRET_FILE"], self.secret)
        self.environment = os.environ | {
            "PASSNUM_HOME": str(self.home.root),
            "PASSNUM_PROGRAMME": str(self._programme),
            "PASSNUM_SECRET_FILE": str(self.secret),
            "PASSNUM_LOOK_SECONDS": "2",
            "PASSNUM_RETRY_SECONDS": "1",
            "DAGSTER_HOME": str(prepare_dagster(self.home)),
        }
        self._seen = 0

    @contextlib.contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        """Dagster's daemon, which ends with the block, and what it started with it."""
        log = (self.home.logs / "daemon.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster._daemon", "run", "-m", "orchestration.definitions"],
            cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            _end(process, signal.SIGTERM)

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait for something that Dagster will do by itself."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} : {self.runs()} {(self.home.logs / 'daemon.log').read_text()[-3000:]}")
            time.sleep(0.5)

    def runs(self) -> list[tuple[str, dg.DagsterRunStatus]]:
        with dg.DagsterInstance.from_config(self.environment["DAGSTER_HOME"]) as instance:
            return [(run.job_name, run.status) for run in reversed(instance.get_runs())]

    def over(self, number: int) -> bool:
        """Whether so many more runs ended since the last day, and none is under way."""
        runs = self.runs()
        return len(runs) >= self._seen + number and all(status in _OVER for _, status in runs)

    def close_day(self, name: str, runs: int, mails: int = 0) -> Day:
        """Wait for what the day must bring, then a little for what it must not."""
        before = sum(len(day.mails) for day in self.days)
        self.until(lambda: self.over(runs), f"{name}, {runs} passages")
        self.until(lambda: len(self.mailbox.received) >= before + mails, f"{name}, {mails} courriels")
        ticks = self._ticks()
        self.until(lambda: self._ticks() >= ticks + 3 and self.over(runs), f"{name}, calme")
        found = [(job, status.value) for job, status in self.runs()[self._seen :]]
        self._seen += len(found)
        link = self.home.published
        day = Day(name, found, [str(m["Subject"]) for _, m in self.mailbox.received[before:]])
        day.version = link.resolve().stem.removeprefix("passnum-") if link.exists() else ""
        self.days.append(day)
        return day

    def _ticks(self) -> int:
        """How often the daemon has looked at the landing folder."""
        log = (self.home.logs / "daemon.log").read_text(encoding="utf-8", errors="replace")
        return log.count("Checking for new runs for sensor: landing_sensor")

    def accept(self, file_id: str) -> None:
        """A person accepts a delivery as it is."""
        settings = self._programme / "programme.yaml"
        lines = settings.read_text(encoding="utf-8").splitlines()
        told = [f"accepted_deliveries: {file_id}" if x.startswith("accepted_deliveries:") else x for x in lines]
        settings.write_text("\n".join(told) + "\n", encoding="utf-8")

    def looks(self, number: int) -> None:
        """Let the sensor look so many times more."""
        seen = self._ticks()
        self.until(lambda: self._ticks() >= seen + number, f"{number} regards")


def live(root: Path, mailbox: Mailbox, settings: dict[str, object]) -> Week:
    """Live the whole week. Returns it, each day with what it brought."""
    week = Week(root, mailbox, settings)
    landing = week.home.landing
    aside = root / "aside"
    deliveries.drop(aside)
    files = sorted(aside.iterdir())
    uses = next(path for path in files if path.name.startswith("utilisations"))
    with week.daemon():
        week.looks(1)
        # Monday: a file grows under its own name while it is uploaded, after all the others.
        for path in files:
            if path != uses:
                shutil.copy(path, landing)
        # It grows faster than the sensor looks, however busy the machine: two looks never see the same.
        content = uses.read_bytes()
        for part in range(1, GROWN_IN + 1):
            (landing / uses.name).write_bytes(content[: len(content) * part // GROWN_IN])
            time.sleep(GROWS_EVERY_SECONDS)
        week.close_day("lundi : un fichier qui grossit", 2)

        # Tuesday: a burst.
        for day in (15, 20, 25):
            write_delivery(landing, f"utilisations_2022-11-{day}.csv", deliveries.corrected_uses())
            time.sleep(0.5)
        week.close_day("mardi : une rafale", 2)

        # Wednesday: a file that nobody can read. It is refused with its report, and the rest goes on.
        (landing / "utilisations_2022-11-26.csv").write_text("colonne;inconnue\n1;2\n", encoding="utf-8")
        week.close_day("mercredi : un fichier illisible", 2)

        # Thursday: a delivery that the gate refuses; those who must mend it are told, once.
        known = {receipt.file_id for receipt in Lake(week.home.lake).receipts()}
        deliveries.drop_broken(landing)
        week.close_day("jeudi : une version refusée", 2, mails=1)

        # Friday: a person accepts it, and drops what was due.
        (broken,) = {receipt.file_id for receipt in Lake(week.home.lake).receipts()} - known
        week.accept(broken)
        deliveries.drop_late(landing)
        week.close_day("vendredi : acceptée, publiée", 2)

        # Saturday: the secret is away for a while. The reading fails, is told, and is tried again by itself.
        hidden = week.secret.rename(week.secret.with_name("hidden"))
        (line,) = [row for row in deliveries.prescriptions() if row["id_prescription"] == "P08"]
        write_delivery(landing, "prescriptions_2022-12-01.csv", [line | {"code_insee": "94080"}])
        week.until(lambda: (READ, dg.DagsterRunStatus.FAILURE) in week.runs(), "la panne")
        hidden.rename(week.secret)
        week.close_day("samedi : une panne, réessayée", 3, mails=1)

    # Sunday: the machine stops in the middle of a build, and starts again.
    with week.daemon() as daemon:
        week.looks(1)
        write_delivery(landing, "prescriptions_2022-12-02.csv", [line | {"code_insee": "93066"}])
        week.until(lambda: (BUILD, dg.DagsterRunStatus.STARTED) in week.runs(), "le passage en cours")
        week.until(lambda: any(week.home.builds.glob("*/candidate.json")), "une construction commencée")
        _end(daemon, signal.SIGKILL)
    with week.daemon():
        week.close_day("dimanche : la machine redémarre", 3, mails=1)
    return week


def _end(process: subprocess.Popen[bytes], number: int) -> None:
    """End a daemon and all that it started, in its group or not: its code server, and the runs under way."""
    found = _descendants(process.pid)
    for pid in [process.pid, *found] if number == signal.SIGKILL else [process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found = list(children.get(pid, []))
    for one in found:
        found += children.get(one, [])
    return found


def main() -> None:
    """Live the week, say it, draw it."""
    from tests.integration.road.week_pictures import draw

    root = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="semaine-"))
    with smtp_server(root / "smtp") as server:
        week = live(root, server.mailbox, server.settings)
    for day in week.days:
        runs = ", ".join(f"{job} {status}" for job, status in day.runs)
        sys.stdout.write(f"{day.name} → {runs} ; courriels : {day.mails or 'aucun'} ; en ligne : {day.version}\n")
    draw(week, ROOT / "docs" / "images")


if __name__ == "__main__":
    main()
