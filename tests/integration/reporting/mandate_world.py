"""The home of three yearly accounts, the command on it, and what each step of the story left.

Does not live here: the deliveries (three_years.py), what the accounts must say (test_mandate_years.py).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from typer.testing import CliRunner, Result

from orchestration.cli import app
from reporting.mandate.account import Account, read_account
from reporting.mandate.closing import closed_years
from tests.once import copy_home, without_suites
from warehouse.published.versions import Version, current_version
from warehouse.settings import Home


class World:
    """The home, the command on it, and what each step of the story left."""

    def __init__(self, root: Path) -> None:
        self.home = Home.at(root)
        self.accounts: dict[int, Account] = {}
        self.said: dict[str, str] = {}

    def invoke(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--home", str(self.home.root)])

    def step(self, year: int) -> None:
        with without_suites():
            run = self.invoke("run")
        assert run.exit_code == 0, run.output
        self.said[f"{year - 1} again"] = self.export(year - 1) if year > 2021 else ""
        self.accounts[year] = read_account(self.version, year, closed_years(self.home))
        if year == 2022:
            copy_home(self.home.root, self.home.root.parent / "before-2022")
        self.said[str(year)] = self.export(year)

    def export(self, year: int, *options: str) -> str:
        result = self.invoke("export", "mandat", "--year", str(year), *options)
        assert result.exit_code == 0, result.output
        return plain(result.output)

    @property
    def version(self) -> Version:
        found = current_version(self.home)
        assert found is not None
        return found

    def csv(self, year: int, name: str, edition: int = 1) -> pl.DataFrame:
        folder = self.home.reports / "mandat" / str(year) / f"edition-{edition}" / "csv"
        return pl.read_csv(folder / f"{name}.csv", infer_schema=False)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")
