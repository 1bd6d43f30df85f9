"""A clean simulated programme and the same with every defect planted, each built once a test run by the real road."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.factories import make_siret, write_delivery
from tests.integration.data_quality.building import build, build_candidate, judge, simulated_home, take_in
from tests.integration.data_quality.defects import ROAD
from tests.integration.data_quality.planting import EXTRACT, Planter
from tests.once import made_once
from warehouse.build.candidate import Candidate
from warehouse.check_result import CheckResult
from warehouse.settings import Home


@pytest.fixture(scope="session")
def clean_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The deliveries of a simulated programme, in the lake. Not to be written in, but for builds of their own."""

    def make(folder: Path) -> None:
        simulated_home(folder, carnets=200, seed=11)

    return Home.at(made_once(tmp_path_factory, "clean", make))


@pytest.fixture(scope="session")
def clean(clean_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its warehouse, as of 31 December 2023."""

    def make(folder: Path) -> None:
        folder.mkdir()
        build(clean_home, folder / "clean.duckdb")

    return made_once(tmp_path_factory, "clean-built", make) / "clean.duckdb"


@pytest.fixture(scope="session")
def planted_candidate(clean_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """The candidate, with dbt's intermediate tables, once every defect of ROAD was delivered on 29 February 2024, and
    the defects of whole files. Not to be written in: copy it."""

    def make(folder: Path) -> None:
        home = Home.at(folder).create()
        shutil.copytree(clean_home.lake, home.lake, dirs_exist_ok=True)
        plant = Planter()
        for put_in, _ in ROAD.values():
            put_in(plant)
        plant.deliver(home.landing)
        _deliver_bad_files(plant, home.landing)
        take_in(home)
        build_candidate(home, "planted")

    return Candidate.of_run(Home.at(made_once(tmp_path_factory, "planted", make)), "planted")


@pytest.fixture(scope="session")
def planted(planted_candidate: Candidate) -> Path:
    """The warehouse of the planted deliveries."""
    return planted_candidate.database


@pytest.fixture(scope="session")
def verdict(planted: Path, clean: Path) -> dict[str, CheckResult]:
    """Every check on the planted warehouse, compared with the clean one published before."""
    return judge(planted, previous=clean)


def _deliver_bad_files(plant: Planter, landing: Path) -> None:
    sound = [plant.held() for _ in range(100)]
    rows = [row for row in plant.rows["prescriptions"] if row["numero_carnet"] in {c["numero_carnet"] for c in sound}]
    # Six lines of a hundred whose date is none, and thirty of a hundred.
    write_delivery(landing, "prescriptions_2024-02-20.csv", _spoil(rows, 6, "date_prescription", "32/01/2024"))
    write_delivery(landing, "prescriptions_2024-02-21.csv", _spoil(rows, 30, "date_prescription", "32/01/2024"))
    write_delivery(landing, "prescriptions_2024-02-22.csv", _spoil(rows, 12, "type_prescripteur", "guichet"))
    wrong_key = str(int(make_siret(5003)) ^ 1)
    write_delivery(landing, "prescriptions_2024-02-23.csv", _spoil(rows, 2, "siret_prescripteur", wrong_key))
    with_names = [row | {"email_beneficiaire": f"personne{n}@courriel.example"} for n, row in enumerate(rows)]
    write_delivery(landing, "prescriptions_2024-02-24.csv", with_names)
    write_delivery(landing, "prescriptions_2024-02-19.csv", _rewrite(rows[:30]))
    # The same bytes under two dates, then two files of one date that disagree on a line.
    for day in ("2024-02-25", "2024-02-26"):
        write_delivery(landing, f"prescriptions_{day}.csv", rows[:50])
    write_delivery(landing, "prescriptions_2024-02-27.csv", rows[:60])
    write_delivery(landing, "prescriptions_bis_2024-02-27.csv", [rows[0] | {"genre": "homme"}])
    (landing / f"releve_{EXTRACT}.csv").write_text("colonne;autre\n1;2\n", encoding="utf-8")
    # The last word on these lines is the sound one.
    write_delivery(landing, "prescriptions_final_2024-02-29.csv", rows)
    write_delivery(landing, "emissions_final_2024-02-29.csv", sound)


def _spoil(rows: list[dict], count: int, column: str, value: str) -> list[dict]:
    return [row | {column: value} if rank < count else row for rank, row in enumerate(rows)]


def _rewrite(rows: list[dict]) -> list[dict]:
    """What programs do to an export: one key on six lines, one person on all, a damaged text, words for nothing."""
    one = {"id_beneficiaire": "AUCUN"}
    rewritten = [row | one | ({"genre": "NULL"} if rank < 12 else {}) for rank, row in enumerate(rows)]
    rewritten[20] |= {"nom_prescripteur": "MÃ©diathÃ¨que"}
    return _spoil(rewritten, 6, "id_prescription", str(rows[0]["id_prescription"]))
