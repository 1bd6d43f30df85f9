"""What machines are told of a home, and what number it carries: nothing unless asked, and no run depends on it."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from orchestration.observed import METRICS_VARIABLE, lineage_events, observe
from orchestration.telling import told_to
from tests.conftest import passnum_here
from warehouse.settings import FORMAT, Home, NewerHome


class _Heard:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)

    def advance(self, stage: str, done: int, total: int, name: str) -> None: ...


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (METRICS_VARIABLE, "OPENLINEAGE_URL", "OPENLINEAGE_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_the_metrics_of_a_run_are_a_file_that_prometheus_reads(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "collector" / "passnum.prom"
    monkeypatch.setenv(METRICS_VARIABLE, str(path))
    passnum_here("run", home=published_home)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(path.read_text(encoding="utf-8"))
        for sample in family.samples
    }
    assert found["passnum_last_run_verdict", "unchanged"] == 1
    assert found["passnum_last_run_verdict", "published"] == 0
    assert found["passnum_files_loaded",] == len(list((published_home / "lake").glob("[!_]*/*/receipt.json")))
    assert found["passnum_data_timestamp_seconds",] == datetime(2022, 11, 30, tzinfo=UTC).timestamp()
    assert found["passnum_checks", "ok"] > 100
    assert found["passnum_version_held",] == 0


def test_lineage_goes_where_openlineage_is_told_to(
    golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unwatched: None
) -> None:
    """One start and one end a run: the exports that were read, the tables that were made with their rows."""
    log = tmp_path / "lineage.json"
    for name, value in {"TYPE": "file", "LOG_FILE_PATH": str(log), "APPEND": "true"}.items():
        monkeypatch.setenv(f"OPENLINEAGE__TRANSPORT__{name}", value)
    home, run = Home.at(golden_home), str(uuid.uuid4())
    observe(home, "published", datetime.now(UTC), run)
    start, end = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"] == run
    assert "lake.utilisations" in {one["name"] for one in end["inputs"]}
    rows = {one["name"]: one["outputFacets"]["outputStatistics"]["rowCount"] for one in end["outputs"]}
    assert rows["core.fct_redemption"] > 0
    _, refused = lineage_events(home, "refused", datetime.now(UTC), run)
    assert refused.eventType is not None and refused.eventType.value == "FAIL"
    assert refused.outputs == []


def test_nothing_is_told_unless_asked_and_what_cannot_be_stops_nothing(
    golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unwatched: None
) -> None:
    heard = _Heard()
    with told_to(heard):
        observe(Home.at(golden_home), "published", datetime.now(UTC), str(uuid.uuid4()))
        assert heard.said == []
        (tmp_path / "file").write_text("", encoding="utf-8")
        monkeypatch.setenv(METRICS_VARIABLE, str(tmp_path / "file" / "passnum.prom"))
        observe(Home.at(golden_home), "published", datetime.now(UTC), str(uuid.uuid4()))
    assert len(heard.said) == 1
    assert "n'ont pas pu être transmis" in heard.said[0]


def test_a_home_of_today_is_brought_to_its_number_and_moves_no_figure(published_home: Path) -> None:
    """A home from before carries none: the next run writes it, and has nothing else to do."""
    home = Home.at(published_home)
    home.format_path.unlink(missing_ok=True)
    assert home.read_format() == 0
    assert "Rien de nouveau" in passnum_here("run", home=published_home)
    assert home.read_format() == FORMAT


@pytest.mark.parametrize("written", [str(FORMAT + 1), "futur"])
def test_a_home_of_a_later_passnum_is_refused_whole(published_home: Path, written: str, tmp_path: Path) -> None:
    home = Home.at(published_home)
    home.format_path.write_text(written, encoding="ascii")
    before = sorted((path, path.lstat().st_mtime_ns) for path in published_home.rglob("*"))
    with pytest.raises(NewerHome):
        home.create()
    out = str(tmp_path / "out")
    for order in (["run"], ["doctor"], ["backup", "--out", out]):
        told = passnum_here(*order, home=published_home, exit_code=1)
        assert "passnum plus récent" in " ".join(told.split())
    locks = {home.root / ".passnum.lock", home.warehouse / ".passnum.lock"}
    after = sorted((path, path.lstat().st_mtime_ns) for path in published_home.rglob("*"))
    assert [one for one in after if one[0] not in locks] == [one for one in before if one[0] not in locks]
