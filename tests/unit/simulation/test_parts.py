"""A large programme drawn part by part: the files of a whole one, whose numbers never meet.

Does not live here: what a programme looks like (tests/integration/ingestion/test_simulated_dirt.py).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from programme.config import load_programme
from simulation import simulate as door
from simulation.simulate import SimulationError, simulate

CARNETS, AT_ONCE = 250, 100


def read(folder: Path, dataset: str) -> pl.DataFrame:
    files = sorted(folder.glob(f"{dataset}_*.csv"))
    return pl.concat([pl.read_csv(file, separator=";", infer_schema=False) for file in files])


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, door.Summary]:
    """250 carnets, a hundred at a time."""
    out = tmp_path_factory.mktemp("parts") / "landing"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(door, "AT_ONCE", AT_ONCE)
        return out, simulate(out, carnets=CARNETS, seed=3, dirt="clean", programme=load_programme())


def test_each_number_is_given_once_whatever_the_part(deliveries: tuple[Path, door.Summary]) -> None:
    """A carnet, its passes, a prescription, a use and a session are of one part alone."""
    folder, summary = deliveries
    carnets = read(folder, "emissions").unique("numero_carnet")
    assert carnets.height == CARNETS == summary.facts["carnets"]
    ranges = carnets.select(pl.col("premier_pass", "dernier_pass").cast(pl.Int64)).sort("premier_pass")
    assert (ranges["premier_pass"][1:] == ranges["dernier_pass"][:-1] + 1).all(), "passes follow one another"
    prescriptions = read(folder, "prescriptions").unique("id_prescription")
    assert set(prescriptions["numero_carnet"]) <= set(carnets["numero_carnet"])
    assert prescriptions["numero_carnet"].is_unique().all()
    uses = read(folder, "utilisations").unique("id_utilisation")
    known = pl.int_ranges(ranges["premier_pass"], ranges["dernier_pass"] + 1, eager=True).explode()
    assert uses["numero_pass"].cast(pl.Int64).is_in(known.implode()).all()
    sessions = uses.filter(pl.col("id_session").is_not_null()).group_by("id_session")
    assert (sessions.agg(pl.col("siret_lieu").n_unique())["siret_lieu"] == 1).all(), "a session is held at one lieu"


def test_a_file_has_one_header_and_the_lines_of_every_part(deliveries: tuple[Path, door.Summary]) -> None:
    folder, summary = deliveries
    told = {file.name: file.lines for file in summary.files}
    assert told.keys() == {path.name for path in folder.iterdir()}
    for path in folder.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) == told[path.name] + 1, path.name
        assert lines.count(lines[0]) == 1, path.name


def test_the_money_is_of_the_whole_programme(deliveries: tuple[Path, door.Summary]) -> None:
    """What is committed at face value is that of every pass issued, and the State pays no more than its ceiling."""
    folder, summary = deliveries
    entries = read(folder, "budget").unique("id_ecriture")
    euros = pl.col("montant_ttc").str.replace(",", ".").cast(pl.Float64)
    committed = entries.filter(nature="engagement", categorie="valeur_faciale").select(euros.sum()).item()
    assert committed == 10 * summary.facts["passes"]


@pytest.mark.parametrize(("dirt", "most"), [("clean", 20_000_001), ("real", 5_000_001)])
def test_a_programme_too_large_for_its_dirt_is_refused(dirt: str, most: int, tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="carnets impossible"):
        simulate(tmp_path / "x", carnets=most, seed=1, dirt=dirt, programme=load_programme())  # type: ignore[arg-type]
