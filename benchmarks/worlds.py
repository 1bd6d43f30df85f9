"""What is measured on: clean simulated deliveries of any size, made once a work folder, and homes to run them in.

Does not live here: the simulator (the command `passnum simulate`), the measures.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import floor
from benchmarks.timing import Cost, run_command
from programme.config import load_programme
from programme.holidays_fr import public_holidays

ROOT = Path(__file__).resolve().parents[1]
SEED = "1"
WARM_UP_CARNETS = 300


@dataclass(frozen=True)
class Code:
    """A checkout of the project with its own environment (`make setup` done)."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / ".venv" / "bin" / "python")

    def passnum(self, *arguments: str) -> list[str]:
        return [self.python, "-m", "orchestration", *arguments]


THIS = Code(ROOT)


class Bench:
    """A work folder: deliveries by size, the secret of the measures, a fresh home or floor at every turn."""

    def __init__(self, work: Path, code: Code) -> None:
        self.work, self.code = work, code
        work.mkdir(parents=True, exist_ok=True)
        self.secret = work / "secret"
        if not self.secret.exists():
            self.secret.touch(0o600)
            self.secret.write_text(secrets.token_hex(32), encoding="ascii")
        # dbt's parse is kept in the project: a measured run must not depend on who ran it last.
        self.environment = {"PASSNUM_SECRET_FILE": str(self.secret), "PYTHONPATH": str(code.folder)}
        self._homes = 0

    def landing(self, carnets: int) -> Path:
        """The deliveries of `carnets` carnets; simulated at the first call. Not to be written in."""
        folder = self.work / f"landing-{carnets}"
        if not folder.exists():
            aside = self.work / f".landing-{carnets}"
            shutil.rmtree(aside, ignore_errors=True)
            command = THIS.passnum(
                "simulate", "--out", str(aside), "--carnets", str(carnets), "--seed", SEED, "--dirt", "clean"
            )
            run_command(command, cwd=ROOT, environment=self.environment | {"PYTHONPATH": str(ROOT)})
            aside.rename(folder)
        return folder

    def new_home(self, carnets: int) -> Path:
        """A home where the deliveries wait: copies, for a file that has another name elsewhere is left alone."""
        self._homes += 1
        home = self.work / f"home-{carnets}-{self._homes}"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.landing(carnets), home / "landing")
        return home

    def warm_up(self) -> None:
        """A small run: what is compiled or parsed once (bytecode, dbt's parse) is no part of a measure."""
        home = self.new_home(WARM_UP_CARNETS)
        self.run(home)
        shutil.rmtree(home)

    def run(self, home: Path) -> Cost:
        """`passnum run` on `home`, in a process of its own."""
        return run_command(
            self.code.passnum("run", "--home", str(home)), cwd=self.code.folder, environment=self.environment
        )

    def floor(self, carnets: int) -> tuple[Cost, Path]:
        """The floor on the same deliveries, in a process of its own, and the file it made."""
        target = self.work / f"floor-{carnets}.duckdb"
        target.unlink(missing_ok=True)
        command = [THIS.python, "-m", "benchmarks.floor"]
        command += [str(self.landing(carnets)), str(target), str(self.settings(carnets))]
        return run_command(command, cwd=ROOT, environment=self.environment | {"PYTHONPATH": str(ROOT)}), target

    def settings(self, carnets: int) -> Path:
        """The programme as the floor reads it, at the date of these deliveries."""
        folder = self.work / f"settings-{carnets}"
        if not folder.exists():
            as_of = max(floor.extract_date(path) for path in self.landing(carnets).glob("*.csv"))
            floor.write_settings(load_programme(), public_holidays(), as_of, folder)
        return folder


def published(home: Path) -> Path:
    """The file that `passnum run` published in `home`."""
    return (home / "warehouse" / "passnum.duckdb").resolve()


def headline_figures(warehouse: Path) -> dict[str, float]:
    """Every indicator of the programme, by its code."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute("select indicator, value from marts.programme_progress").fetchall()
    return dict(rows)


def size_on_disk(folder: Path) -> int:
    """Bytes of every file under `folder`; a link counts for nothing, a file linked twice once."""
    found = {(at.st_dev, at.st_ino): at.st_size for path in folder.rglob("*") if (at := path.lstat()) and path.is_file()
             and not path.is_symlink()}  # fmt: skip
    return sum(found.values())
