"""`passnum rollback`: a step back holds until it is lifted, and nobody is left to wonder which version they read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ingestion.lake import Lake
from orchestration.doctor import examine
from tests.conftest import passnum_here
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.integration.road.conftest import value
from tests.once import copy_home, without_suites
from warehouse.build.publish import PublicationError, publish
from warehouse.build.rollback import find_target
from warehouse.published import builds
from warehouse.published.figure_address import Figure, write
from warehouse.published.held import find_held, held_path, words_beside
from warehouse.published.versions import NothingPublished, build_of, current_version, version_paths
from warehouse.settings import Home


@pytest.fixture
def place(corrected_home: Path, tmp_path: Path) -> Home:
    """The golden set, then its correction: two versions."""
    return Home.at(copy_home(corrected_home, tmp_path / "home"))


def _in_line(home: Home) -> str:
    version = current_version(home)
    assert version is not None
    return version.build_id


def test_a_step_back_sticks_until_it_is_lifted(place: Home) -> None:
    """The previous version with its Parquet; later runs read what comes and publish nothing; lifted, they publish."""
    corrected, first = (path.stem.removeprefix("passnum-") for path in version_paths(place))
    used = value(place.root, "passes_used")
    told = passnum_here("rollback", home=place.root)
    assert _in_line(place) == first
    assert first in told and "rollback --release" in told
    assert value(place.root, "passes_used") == used + 1  # the cancelled use counts again
    assert pq.read_schema(place.parquet / "programme_progress.parquet").metadata[b"build_id"] == first.encode()
    assert "maintenue en ligne" in passnum_here("status", home=place.root)
    assert {f.subject: f.state for f in examine(place)}["Version maintenue"] == "à voir"
    assert [f for f in examine(place) if f.state == "à réparer"] == []

    (line,) = [row for row in deliveries.prescriptions() if row["id_prescription"] == "P08"]
    write_delivery(place.landing, "prescriptions_2022-12-01.csv", [line | {"code_insee": "94080"}])
    loaded = len(Lake(place.lake).receipts())
    for order in (["run"], ["run", "--force"]):
        assert "maintenue en ligne" in passnum_here(*order, home=place.root)
        assert _in_line(place) == first
    assert len(Lake(place.lake).receipts()) == loaded + 1  # read and kept, though nothing is built
    # the correction that the version put back is without, and what came since
    (built,) = [build for build in builds.load(place.lake) if build.build_id == first]
    without = loaded + 1 - built.input_files
    assert f"absents de cette version : {without}\u00a0fichiers" in passnum_here("status", home=place.root)

    assert "levé" in passnum_here("rollback", "--release", home=place.root)
    with without_suites():
        passnum_here("run", home=place.root)
    assert _in_line(place) not in (first, corrected)
    assert current_version(place).as_of == date(2022, 12, 1)  # with what was read meanwhile
    assert "maintenue" not in passnum_here("status", home=place.root)
    assert "Aucune version n'est maintenue" in passnum_here("rollback", "--release", home=place.root, exit_code=1)


def test_a_line_put_back_is_not_told_as_a_correction(place: Home) -> None:
    """From the version put aside to the one put back: an earlier line came back, nothing was corrected."""
    corrected = _in_line(place)
    passnum_here("rollback", home=place.root)
    told = passnum_here("verify", write(Figure("passes_used", corrected)), home=place.root)
    assert "1\u00a0ligne d'avant, revenue" in told and "qui corrige" not in told
    assert "qui corrige" in passnum_here("diff", _in_line(place), corrected, home=place.root)


def test_nothing_is_published_over_a_held_version(place: Home) -> None:
    """Whatever asks for it: the publication itself refuses, and the candidate stays where it is."""
    passnum_here("rollback", home=place.root)
    held = _in_line(place)
    candidate = place.root / "candidate.duckdb"
    duckdb.connect(str(candidate)).close()
    with pytest.raises(PublicationError, match="rollback --release"):
        publish(candidate, place, "29990101T000000Z-abcdef")
    assert _in_line(place) == held
    assert candidate.exists()


def test_a_version_that_cannot_be_read_whole_is_not_put_in_line(place: Home) -> None:
    """Nothing has changed then, and nothing is held."""
    before = _in_line(place)
    damaged = find_target(place, None)
    content = bytearray(damaged.read_bytes())
    content[len(content) // 4 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 4)
    damaged.chmod(0o600)
    damaged.write_bytes(content)
    assert "choisissez-en une autre" in passnum_here("rollback", home=place.root, exit_code=1)
    assert _in_line(place) == before
    assert find_held(place) is None


def test_what_is_not_a_version_to_step_back_to_is_said(place: Home, earlier_home: Path) -> None:
    """The oldest has no other before it; an as-of version is read beside, and never put in line."""
    passnum_here("rollback", home=place.root)
    with pytest.raises(NothingPublished, match="Aucune version plus ancienne"):
        find_target(place, None)
    with pytest.raises(NothingPublished, match="version à une date"):
        find_target(Home.at(earlier_home), "2022-10-31")
    assert "Aucune version « zzz »" in passnum_here("rollback", "zzz", home=place.root, exit_code=1)


def test_a_second_step_back_names_the_versions_that_are_newer(place: Home) -> None:
    """Nothing older is kept, yet something is: it is not said that nothing is."""
    newest, _ = (path.stem.removeprefix("passnum-") for path in version_paths(place))
    passnum_here("rollback", home=place.root)
    told = passnum_here("rollback", home=place.root, exit_code=1)
    assert "plus ancienne" in told and newest in told
    assert newest in passnum_here("rollback", newest, home=place.root)
    assert _in_line(place) == newest


def test_a_step_back_that_was_killed_is_finished_by_the_next_run(place: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the hold, or after the link: the version held is then in line with its own copies."""
    import warehouse.build.rollback as steps

    first = version_paths(place)[1]
    kills = {"link_atomically": "before the link", "export_marts": "before the copies"}
    for name in kills:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(steps, name, _killed)
            steps.hold(place, first)
        told = passnum_here("run", home=place.root)
        assert "n'était pas entière en ligne" in told and "maintenue" in told
        assert _in_line(place) == build_of(first)
        copy = pq.read_schema(place.parquet / "programme_progress.parquet")
        assert copy.metadata[b"build_id"] == build_of(first).encode()
        assert [f.said for f in examine(place) if f.state == "à réparer"] == []
        assert "entière" not in passnum_here("run", home=place.root)
        steps.release(place)
        steps.put_in_line(place, version_paths(place)[0])


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_held_version_that_is_damaged_is_said_with_the_ways_out(place: Home) -> None:
    """Nothing is built while it is held: a run that said nothing would leave it to its readers."""
    passnum_here("rollback", home=place.root)
    path = current_version(place).path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    told = " ".join(passnum_here("run", home=place.root, exit_code=1).split())
    assert "n'est plus telle qu'elle a été écrite" in told and str(path) in told and "rollback --release" in told
    (finding,) = [f for f in examine(place) if f.state == "à réparer"]
    assert finding.mend == "passnum rollback --release, puis passnum run"
    passnum_here("rollback", "--release", home=place.root)
    with without_suites():
        passnum_here("run", home=place.root)
    assert [f.said for f in examine(place) if f.state == "à réparer"] == []


@pytest.mark.parametrize("damage", [b"", b"{\n", b'{"build_id": 3}'])
def test_a_damaged_hold_is_said_in_french_with_its_ways_out(place: Home, damage: bytes) -> None:
    """It still holds: nothing is published over what a person put in line, and each command says how to go on."""
    passnum_here("rollback", home=place.root)
    first = _in_line(place)
    held_path(place).write_bytes(damage)
    for order in ("run", "status", "doctor", "verify", "prune"):
        told = " ".join(passnum_here(order, home=place.root, exit_code=1).split())
        assert "held.json est abîmé" in told and "passnum rollback --release" in told
        assert "inattendue" not in told and "validation error" not in told
    with pytest.raises(PublicationError, match="abîmé"):
        publish(place.builds / "never.duckdb", place, "later")
    assert _in_line(place) == first
    assert "maintenue en ligne" in words_beside(place, first)
    passnum_here("rollback", first, home=place.root)
    held = find_held(place)
    assert held is not None and held.build_id == first
    held_path(place).write_bytes(damage)
    assert "levé" in passnum_here("rollback", "--release", home=place.root)
    assert words_beside(place, first) == ""
    assert not held_path(place).exists()
