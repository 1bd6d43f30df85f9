"""Publication: what passes the gate is published whole, what does not leaves the last good version alone."""

from __future__ import annotations

import shutil
import threading
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from orchestration.cli import app
from orchestration.plan import RunPlan
from orchestration.steps import _readable_version, tell_an_empty_build
from orchestration.telling import told_to
from storage.atomic import link_atomically
from tests.factories import write_delivery
from tests.integration.golden.deliveries import uses
from tests.integration.road.conftest import Passnum, occupy, value
from tests.once import copy_home
from warehouse.build.candidate import new_build_id
from warehouse.build.publish import PublicationError, _forget_old_versions, publish, row_counts, seal
from warehouse.published import builds
from warehouse.published.refused import read_refusal
from warehouse.published.versions import build_of, find_version, read_version, version_paths
from warehouse.settings import Home


@pytest.fixture(scope="module")
def refused(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The golden home, published, once a delivery with 36 % of its lines rejected came; nor can the page of the checks
    be written. What the run said."""
    home = copy_home(golden_home, tmp_path_factory.mktemp("refused") / "home")
    occupy(home / "reports" / "data_docs")
    broken = [use | {"montant": "dix euros"} if rank % 3 == 0 else use for rank, use in enumerate(uses())]
    write_delivery(home / "landing", "utilisations_2022-12-31.csv", broken)
    return home, CliRunner().invoke(app, ["run", "--home", str(home)])


def test_a_delivery_too_rejected_is_refused_and_the_last_version_stays(
    golden_home: Path, refused: tuple[Path, Result]
) -> None:
    """More than 20 % of the lines of a delivery rejected blocks the publication (figures §4); exit code 3."""
    home, run = refused
    assert run.exit_code == 3, run.output
    assert "Publication refusée" in run.output
    assert "la version précédente reste en ligne" in run.output
    assert "utilisations_2022-12-31.csv" in run.output
    assert (home / "warehouse" / "passnum.duckdb").resolve().name == (
        golden_home / "warehouse" / "passnum.duckdb"
    ).resolve().name
    assert value(home, "passes_used") == 20
    assert list((home / "warehouse" / ".build").glob("*")) == []
    assert "a été refusé" in CliRunner().invoke(app, ["status", "--home", str(home)]).output
    told = read_refusal(Home.at(home), builds.load(home / "lake")[-1])
    assert told.checks["code"].to_list() == ["PN-401"]
    assert "Corrigez les lignes rejetées" in told.checks["mend"][0]
    assert "36,0" in told.checks["observed"][0]
    fault = told.files.filter("is_at_fault").row(0, named=True)
    rejected = -(-len(uses()) // 3)
    assert (fault["file_name"], fault["lines_rejected"]) == ("utilisations_2022-12-31.csv", rejected)
    assert told.rejected.height == rejected and set(told.rejected["column_name"]) == {"montant"}
    assert "dix euros" not in str(told.rejected.rows()), "never a rejected value"


def test_a_refusal_stays_a_refusal_when_its_page_cannot_be_written(refused: tuple[Path, Result]) -> None:
    _, run = refused
    assert run.exit_code == 3, run.output
    assert "Publication refusée" in run.output
    assert "La page des contrôles (reports/data_docs) n'a pas abouti" in " ".join(run.output.split())


def test_a_refused_build_keeps_its_results_beside_the_lake(refused_home: Path) -> None:
    (checks,) = (refused_home / "lake" / "_builds").glob("*/checks.parquet")
    failing = pl.read_parquet(checks).filter((pl.col("severity") == "bloquant") & (pl.col("status") == "ko"))
    assert failing.height == 1
    assert not (refused_home / "warehouse" / "passnum.duckdb").exists()


def test_a_broken_identity_is_refused(published_home: Path, passnum: Passnum, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate altered after the models are built fails an accounting identity: exit code 3, nothing published."""
    home = published_home
    from warehouse.build import transform

    def build_alter_and_test(candidate, on_node=None, on_test=None):
        models = transform.build_models(candidate, on_node)
        with duckdb.connect(str(candidate.database)) as con:
            con.execute("update core.fct_pass set status = 'used' where pass_number = '00000105'")
        return models, transform.run_data_tests(candidate, on_test)

    before = (home / "warehouse" / "passnum.duckdb").resolve()
    monkeypatch.setattr(transform, "build_and_test", build_alter_and_test)
    refused = passnum("run", "--force")
    assert refused.exit_code == 3, refused.output
    assert "PN-308" in refused.output
    assert (home / "warehouse" / "passnum.duckdb").resolve() == before


def test_a_corrupt_lake_stops_the_build_and_names_the_file(published_home: Path, passnum: Passnum) -> None:
    home = published_home
    (rows,) = (home / "lake" / "emissions").glob("*/rows.parquet")
    damaged = bytearray(rows.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    rows.chmod(0o600)
    rows.write_bytes(bytes(damaged))
    failed = passnum("run")
    assert failed.exit_code == 1
    assert "rows.parquet" in failed.output.replace("\n", "")
    assert "a été modifié" in failed.output.replace("\n", " ")
    assert value(home, "passes_used") == 20


def test_as_of_builds_the_programme_as_it_was_known_then(golden_home: Path, earlier_home: Path) -> None:
    """--as-of reads only the files extracted by then, beside the current version, which is untouched."""
    home = earlier_home
    current, before = ((place / "warehouse" / "passnum.duckdb").resolve() for place in (home, golden_home))
    assert current.name == before.name
    assert current.read_bytes() == before.read_bytes()
    with duckdb.connect(str(home / "warehouse" / "as_of" / "passnum-asof-2022-10-31.duckdb"), read_only=True) as con:
        # The emissions of 30 November were not known: nothing was issued, every use is of an unknown pass.
        assert con.execute("select count(*) from core.fct_pass").fetchone() == (0,)
        reasons = dict(
            con.execute("select exclusion_reason, count(*) from core.fct_redemption group by all").fetchall()
        )
    # The 23 of the golden set, and the one that waited.
    assert reasons == {"unknown_pass": 24, "rejected": 1, "cancelled": 1}
    again = CliRunner().invoke(app, ["run", "--home", str(home), "--as-of", "2022-10-31"])
    assert again.exit_code == 0, again.output
    assert "Rien de nouveau" in again.output, "nothing that was known then has changed since"


def test_as_of_reads_what_waits_in_the_landing_folder_first(earlier_home: Path) -> None:
    """What was known at a date depends on every file received, those of today included."""
    home = earlier_home
    assert not list((home / "landing").iterdir())
    said = (home.parent / "passage.txt").read_text(encoding="utf-8")
    assert "lancez aussi « passnum run » sans --as-of" in said
    with duckdb.connect(str(home / "warehouse" / "as_of" / "passnum-asof-2022-10-31.duckdb"), read_only=True) as con:
        assert con.execute("from core.fct_redemption where redemption_id = 'U900'").fetchone() is not None
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        assert con.execute("from core.fct_redemption where redemption_id = 'U900'").fetchone() is None


def test_a_date_before_every_file_is_told_with_that_of_the_oldest(earlier_home: Path) -> None:
    """Nothing was known then: everything will be zero, and that is said before it is built."""
    told: list[str] = []

    class Heard:
        def say(self, message: str) -> None:
            told.append(message)

        def advance(self, stage: str, done: int, total: int, name: str) -> None: ...

    with told_to(Heard()):
        tell_an_empty_build(RunPlan(Home.at(earlier_home), as_of=date(2020, 1, 1)))
        assert "au 01/01/2020 (le plus ancien est du 31/01/2022) : tout sera à zéro" in told.pop()
        tell_an_empty_build(RunPlan(Home.at(earlier_home), as_of=date(2022, 10, 31)))
    assert told == [], "files were known then"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("hier", "« hier » n'est pas une date"),
        # A day to come would see every pass expired, of a programme that nobody knew then.
        ("2099-01-01", "le 01/01/2099 est à venir"),
    ],
)
def test_an_impossible_date_is_a_french_sentence(passnum: Passnum, home: Path, written: str, told: str) -> None:
    result = passnum("run", "--as-of", written)
    assert result.exit_code == 2
    assert told in result.output.replace("\n", " ")
    assert not (home / "warehouse").exists()


def _candidate(path: Path, rows: int) -> Path:
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts")
        con.execute(f"create table marts.one as select range as n from range({rows})")
        con.execute("create schema quality")
        con.execute(
            "create table quality.build as select 'one' as build_id, date '2022-01-01' as as_of, "
            "timestamp '2022-01-02' as finished_at, true as is_demo, 'f' as fingerprint"
        )
    return path


def test_readers_keep_the_version_they_opened(tmp_path: Path) -> None:
    home = Home.at(tmp_path).create()
    publish(_candidate(tmp_path / "a.duckdb", 1), home, "20220101T000000Z-aaaaaa")
    reader = duckdb.connect(str(home.published.resolve()), read_only=True)
    publish(_candidate(tmp_path / "b.duckdb", 2), home, "20220102T000000Z-bbbbbb")
    assert reader.execute("select count(*) from marts.one").fetchone() == (1,)
    with duckdb.connect(str(home.published.resolve()), read_only=True) as fresh:
        assert fresh.execute("select count(*) from marts.one").fetchone() == (2,)
    reader.close()


def test_of_publishers_at_once_the_build_that_began_last_is_in_line(tmp_path: Path) -> None:
    """Two publishers at once would both succeed and the last to end win in silence: a slow build never takes the place
    of one that began after it, and says so. What is in line is one whole version, with its own copies."""
    home = Home.at(tmp_path).create()
    names = [f"2022010{n}T000000Z-{n}{n}{n}{n}{n}{n}" for n in range(1, 7)]
    for rank, build in enumerate(names, start=1):
        _candidate(tmp_path / f"{build}.duckdb", rank)
    late: list[str] = []

    def publish_one(build: str) -> None:
        try:
            publish(tmp_path / f"{build}.duckdb", home, build)
        except PublicationError as error:
            late.append(str(error))

    threads = [threading.Thread(target=publish_one, args=(build,)) for build in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with duckdb.connect(str(home.published.resolve()), read_only=True) as con:
        counts = row_counts(con)
    assert home.published.resolve().stem == f"passnum-{names[-1]}"
    assert counts["marts.one"] == len(names)
    assert all("commencée après celle-ci" in told for told in late)
    assert pl.read_parquet(home.parquet / "one.parquet").height == counts["marts.one"]


def test_only_the_last_ten_versions_are_kept(tmp_path: Path) -> None:
    home = Home.at(tmp_path).create()
    for day in range(1, 13):
        build = f"202201{day:02d}T000000Z-000000"
        publish(_candidate(tmp_path / f"{day}.duckdb", day), home, build)
    kept = sorted(path.stem for path in home.versions.glob("*.duckdb"))
    assert len(kept) == 10
    assert kept[0] == "passnum-20220103T000000Z-000000"


def test_a_slow_build_does_not_replace_one_that_began_after_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path).create()
    quick = publish(_candidate(tmp_path / "b.duckdb", 2), home, "20220102T000000Z-bbbbbb")
    with pytest.raises(PublicationError, match="commencée après celle-ci"):
        publish(_candidate(tmp_path / "a.duckdb", 1), home, "20220101T000000Z-aaaaaa")
    assert home.published.resolve() == quick
    assert version_paths(home) == [quick]


def test_a_clock_put_back_changes_nothing_of_the_order_of_builds(tmp_path: Path) -> None:
    """Numbers follow each other: what was published last is the last, whatever the clock said then."""
    home = Home.at(tmp_path).create()
    ahead = "20300101T000000Z-ffffff"
    publish(_candidate(tmp_path / "a.duckdb", 1), home, ahead)
    after = new_build_id(home, datetime(2022, 1, 1))
    assert after.startswith("20300101T000001Z-")
    published = publish(_candidate(tmp_path / "b.duckdb", 2), home, after)
    assert find_version(home, "last") == published == home.published.resolve()
    assert build_of(find_version(home, "previous")) == ahead


def test_a_version_tells_its_own_build_and_no_other(tmp_path: Path) -> None:
    """The history that it holds may know of builds numbered by a clock that ran ahead."""
    path = _candidate(tmp_path / "passnum-one.duckdb", 1)
    with duckdb.connect(str(path)) as con:
        con.execute("insert into quality.build select * replace ('z-later' as build_id) from quality.build")
    assert read_version(path).build_id == "one"


def test_the_version_in_line_is_never_retired(tmp_path: Path) -> None:
    """Somebody put an old one back: it is the oldest, and the one that readers see."""
    home = Home.at(tmp_path).create()
    for day in range(1, 11):
        publish(_candidate(tmp_path / f"{day}.duckdb", day), home, f"202201{day:02d}T000000Z-000000")
    oldest = version_paths(home)[-1]
    for name in ("20220111T000000Z-000000", "20220112T000000Z-000000"):
        shutil.copy(oldest, home.versions / f"passnum-{name}.duckdb")
    link_atomically(home.published, oldest)
    _forget_old_versions(home)
    assert oldest.exists() and home.published.resolve() == oldest
    assert len(version_paths(home)) == 11


def test_a_version_no_reader_ever_saw_is_removed(tmp_path: Path) -> None:
    """A kill between the file and the link: it must not pass for a version that was published."""
    home = Home.at(tmp_path).create()
    shown = publish(_candidate(tmp_path / "a.duckdb", 1), home, "20220101T000000Z-aaaaaa")
    never = Path(shutil.copy(shown, home.versions / "passnum-20220102T000000Z-bbbbbb.duckdb"))
    aside = Path(shutil.copy(shown, home.versions / ".passnum-20220103T000000Z-cccccc.duckdb.part"))
    third = publish(_candidate(tmp_path / "c.duckdb", 3), home, "20220104T000000Z-dddddd")
    assert not never.exists() and not aside.exists()
    assert version_paths(home) == [third, shown]


def test_a_candidate_whose_data_stay_in_the_wal_is_refused(tmp_path: Path) -> None:
    """A disk full at the last checkpoint leaves a .wal and raises nothing: the publication looks for it."""
    candidate = _candidate(tmp_path / "c.duckdb", 3)
    (tmp_path / "c.duckdb.wal").mkdir()
    with pytest.raises((PublicationError, duckdb.Error)):
        seal(candidate)


def test_a_damaged_version_is_never_compared_and_never_in_the_way(golden_home: Path, tmp_path: Path) -> None:
    """A blocking check reads the version before: whatever byte of it is damaged, it is passed over with a warning, else
    it would refuse every later one. One whose run did not end whole is believed where it can be read."""
    home = Home.at(copy_home(golden_home, tmp_path / "home"))
    version = home.published.resolve()
    whole = version.read_bytes()
    assert _readable_version(RunPlan(home)) == version
    for block in range(3 * 4096, len(whole), len(whole) // 8):  # after DuckDB's three headers
        damaged = bytearray(whole)
        damaged[block + 64] ^= 0xFF
        version.write_bytes(bytes(damaged))
        assert _readable_version(RunPlan(home)) is None
    version.write_bytes(whole)
    (confirmed,) = (home.lake / builds.BUILDS).glob(f"*/{builds.CONFIRMED}")
    confirmed.unlink()
    assert _readable_version(RunPlan(home)) == version
