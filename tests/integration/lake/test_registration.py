"""A version published here is in the shared lake: whole, once, by its name; what goes here goes there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.yardsticks import postgres
from ingestion.person import identify
from ingestion.secret import load_secret
from orchestration.apart import apart
from orchestration.doctor import examine
from orchestration.sharing import share
from presentation.french import NBSP
from reporting.analysts import KEYS, LEFT_OUT
from tests.conftest import ROOT, passnum_here
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.integration.lake.world import (
    Server,
    World,
    as_user,
    build_ids,
    cluster,
    differences,
    make_world,
    put_in_line,
    tables_of,
    write_settings,
)
from tests.once import copy_home, without_suites
from warehouse.build import sharing
from warehouse.published.shared_lake import NAME, SharedLakeError, attach_sql, load_extensions, open_lake
from warehouse.published.versions import build_of, build_path, current_path, version_paths
from warehouse.settings import Home

GUIDE = ROOT / "docs" / "analystes.md"


def _share(home: Home, world: World, exit_code: int = 0) -> str:
    return passnum_here("lake", "sync", "--programme", str(world.programme), home=home.root, exit_code=exit_code)


def _both(home: Home, world: World) -> tuple[str, str]:
    """Register the two versions of the home as their publications would have; their builds."""
    first, second = build_ids(home)
    for build in (first, second):
        put_in_line(home, build)
        _share(home, world)
    return first, second


def test_a_published_version_is_in_the_lake_and_a_past_one_is_its_file(
    golden_home: Path, world: World, tmp_path: Path
) -> None:
    """`passnum run` publishes, then registers; by its name each version is, table by table and row for row, the file
    that is kept. Each is one snapshot, and is registered once, whatever runs after."""
    home = Home.at(copy_home(golden_home, tmp_path / "home"))
    order = ("run", "--programme", str(world.programme))
    first = build_of(current_path(home) or Path())
    told = passnum_here(*order, home=home.root)  # nothing new: what is missing is registered all the same
    assert "Rien de nouveau" in told and f"Lac partagé : {first} inscrite" in told
    (line,) = [row for row in deliveries.prescriptions() if row["id_prescription"] == "P08"]
    write_delivery(home.landing, "prescriptions_2022-12-01.csv", [line | {"code_insee": "94080"}])
    with without_suites():
        passnum_here(*order, home=home.root)
    second = build_of(current_path(home) or Path())
    assert world.versions() == [first, second] and first != second
    for build in (first, second):
        tables, rows, wrong = differences(world, build, build_path(home, build))
        assert wrong == []
        assert tables > 60 and rows > 1_000
    with open_lake(world.lake) as con:
        numbers = con.execute(f"select count(*) from {NAME}.snapshots()").fetchone()
    assert numbers == (3,)  # that of the empty lake, and one a version
    assert "Lac partagé" not in passnum_here(*order, home=home.root)
    _share(home, world)
    assert world.versions() == [first, second]
    told = passnum_here("lake", "versions", "--programme", str(world.programme))
    assert [part in told for part in (first, second, "courante")] == [True] * 3
    # the statement that the command prints opens the version that it names
    said = passnum_here("lake", "attach", first, "--programme", str(world.programme))
    with load_extensions() as con:
        for statement in said.split(";"):
            con.execute(statement)
        assert con.execute("select max(build_id) from quality.build").fetchone() == (first,)


def test_the_guide_of_analysts_opens_the_lake(home: Home, world: World) -> None:
    """Its two blocks, one after the other, on the server of this test: the current version, then a past one by its
    name."""
    first, second = _both(home, world)
    opened, past = re.findall(r"^ *```duckdb\n(.*?)^ *```$", GUIDE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    opened, told = re.subn(r"(?<=postgres:)[^']*", world.lake.catalog, opened)
    past, named = re.subn(r"\d{8}T\d{6}Z-\w{6}", first, past)
    assert (told, named) == (1, 1)
    with load_extensions() as con:
        con.execute(opened)
        assert con.execute("select max(build_id) from quality.build").fetchone() == (second,)
        rows = con.execute(past).fetchall()
        with duckdb.connect(str(build_path(home, first)), read_only=True) as kept:
            assert sorted(rows) == sorted(kept.execute("from marts.programme_progress").fetchall())


def test_unset_nothing_is_imported_nor_written(home: Home) -> None:
    """The project's own setting is empty: a run loads nothing of it, and says nothing of it."""
    code = (
        "import sys; from warehouse.settings import Home; from orchestration.sharing import share;"
        f"print(share(Home.at({str(home.root)!r}), None), [m for m in sys.modules if 'shar' in m and 'lake' in m])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "None []"
    assert "remplissez « catalog »" in passnum_here("lake", "versions", exit_code=1)


def test_a_catalogue_that_is_down_is_told_and_mended_later(home: Home, tmp_path: Path) -> None:
    """The published version stays in line, the run ends with code 5 and says what to do; the next one, which builds
    nothing, registers it. `passnum doctor` says it meanwhile."""
    with cluster() as server:
        with server.running():
            world = make_world(server, tmp_path / "lake")
        order = ("run", "--programme", str(world.programme))
        before = current_path(home)
        told = passnum_here(*order, home=home.root, exit_code=5)
        assert "ne répond pas" in told and "passnum lake sync" in told
        assert current_path(home) == before
        assert _finding(home, world) == "à réparer"
        with server.running():
            assert _finding(home, world) == "à réparer"  # it answers, and lacks the version in line
            told = passnum_here(*order, home=home.root)
            assert "Rien de nouveau" in told and "inscrite" in told
            assert world.versions() == [build_of(before or Path())]
            assert _finding(home, world) == "bon"


def _finding(home: Home, world: World) -> str:
    (found,) = [one for one in examine(home, world.programme) if one.subject == "Lac partagé"]
    return found.state


def test_what_was_published_while_the_catalogue_was_down_is_not_lost(home: Home, world: World) -> None:
    """Two versions published, the first registered, the second not, and a third in line: both come, in their order."""
    first, second = build_ids(home)
    put_in_line(home, first)
    _share(home, world)
    third = f"{second}0"
    shutil.copy(build_path(home, second), build_path(home, third))
    put_in_line(home, third)
    own = [first, second, third]
    kept = [build_path(home, one) for one in own]
    plan = sharing.decide(world.snapshots(), kept, build_path(home, third), own, "complet")
    assert [build_of(path) for path in plan.register] == [second, third]


def test_a_step_back_is_the_current_version_of_the_lake(home: Home, world: World) -> None:
    """`passnum rollback`: readers of the lake see the version put back; it is there once, and so is the other."""
    first, second = _both(home, world)
    passnum_here("rollback", "--programme", str(world.programme), home=home.root)
    assert world.versions() == [second, first]
    assert differences(world, first, build_path(home, first))[2] == []
    with open_lake(world.lake) as con:
        assert con.execute(f"select max(build_id) from {NAME}.quality.build").fetchone() == (first,)


def test_a_version_that_is_pruned_goes_from_the_lake_with_its_files(home: Home, world: World) -> None:
    """`passnum prune`: its snapshot and its files go; those of the version in line stay, and no other file."""
    first, second = _both(home, world)
    before = set(world.files)
    passnum_here("prune", "--keep", "1", "--yes", "--programme", str(world.programme), home=home.root)
    assert world.versions() == [second]
    assert differences(world, second, build_path(home, second))[2] == []
    assert set(world.files) < before
    assert set(world.files) == _known(world)
    with pytest.raises(SharedLakeError, match="ne peut pas servir"):
        open_lake(world.lake, snapshot=1).execute(f"from {NAME}.quality.build")
    assert f"Aucune version « {first} »" in passnum_here(
        "lake", "attach", first, "--programme", str(world.programme), exit_code=1
    )


def _known(world: World) -> set[Path]:
    """The files that some snapshot of the lake has."""
    with open_lake(world.lake) as con:
        return {
            Path(row[0])
            for schema, table in (name.split(".") for name in tables_of(con, NAME))
            for row in con.execute(
                f"select data_file from ducklake_list_files('{NAME}', '{table}', schema => '{schema}')"
            ).fetchall()
        }


def test_a_person_who_is_erased_is_nowhere_in_the_lake(home: Home, world: World) -> None:
    """`passnum person erase` cuts the pseudonym from the kept versions: the lake then holds the version in line as it
    now is, no older snapshot of it, and no file where the pseudonym can be read. A lake that cannot be reached is
    told, and the same command does what is left."""
    _, second = _both(home, world)
    key = identify("ben-B", load_secret()).key
    assert len(_files_with(world, key)) >= 2
    order = ("person", "erase", "ben-B", "--yes", "--programme", str(world.programme))
    folder = Path(world.lake.folder)
    folder.rename(aside := folder.with_name("aside"))
    told = passnum_here(*order, home=home.root, exit_code=5)
    assert "Effacement" in told and "le partage est-il monté" in told and "passnum lake sync" in told
    aside.rename(folder)
    assert _files_with(world, key)
    told = passnum_here(*order, home=home.root)
    assert "ne détient rien sous cet identifiant" in told and f"Lac partagé : 2{NBSP}versions retirées" in told
    assert world.versions() == [second]
    assert differences(world, second, build_path(home, second))[2] == []
    assert _files_with(world, key) == []
    dump = [str(postgres.binaries() / "pg_dump"), "--host", str(world.server.cluster), "--username", postgres.USER]
    catalogue = subprocess.run([*dump, world.database], capture_output=True, text=True, check=True).stdout
    assert "programme_progress" in catalogue and key not in catalogue


def _files_with(world: World, key: str) -> list[Path]:
    """The files of the lake, known to it or not, in whose rows the pseudonym stands."""
    found = []
    for path in world.files:
        with duckdb.connect() as con:
            rows = con.execute(f"select * from read_parquet('{path}')").fetchall()
        found += [path] if any(key in map(str, row) for row in rows) else []
    return found


def test_analysts_get_no_key_unless_it_is_asked_for(home: Home, server: Server, tmp_path: Path) -> None:
    """By default what is shared is what `passnum export analystes` gives: no key of a pass, a carnet or a person, in no
    table, nor in what PostgreSQL keeps of the columns. Asked for later, whole versions take their place."""
    world = make_world(server, tmp_path / "lake", "analystes")
    _share(home, world)
    with open_lake(world.lake) as con:
        columns = con.execute(
            f"select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = '{NAME}'"
        ).fetchall()
    assert {table for table, _ in columns} >= {"core.fct_pass", "marts.programme_progress", "proof.contribution"}
    assert {column for _, column in columns} & set(KEYS) == set()
    assert {table for table, _ in columns} & set(LEFT_OUT) == set()
    assert list(home.warehouse.glob(".*.part")) == []
    (before,) = world.snapshots()
    write_settings(world.programme, world.lake.catalog, Path(world.lake.folder), "complet")
    _share(home, world)
    (after,) = world.snapshots()
    assert (before.content, after.content) == ("analystes", "complet")
    assert differences(world, after.version, build_path(home, after.version))[2] == []


def test_who_may_read_and_may_not_write(home: Home, world: World) -> None:
    """The rights that docs/exploitation.md gives: a reader's account attaches and reads, and cannot write; another has
    nothing. Files have the group's rights of the shared folder, others none."""
    folder = Path(world.lake.folder)
    folder.chmod(0o2750)
    _share(home, world)
    assert {path.stat().st_mode & 0o777 for path in world.files} == {0o640}
    assert {path.stat().st_mode & 0o777 for path in world.lake.files.rglob("*") if path.is_dir()} == {0o750}
    role = f"lecteur_{world.database}"
    world.server.psql(
        f"create role {role} login; create role {role}_autre login; grant usage on schema mgp to {role};"
        f"grant select on all tables in schema mgp to {role};",
        world.database,
    )
    reader = world.lake.model_copy(update={"catalog": as_user(role, world.lake.catalog)})
    with open_lake(reader) as con:
        assert con.execute(f"select count(*) > 0 from {NAME}.marts.programme_progress").fetchone() == (True,)
    with pytest.raises(SharedLakeError, match="refuse ce compte"):
        sharing.synchronise(*_older(home), reader, _whole)
    stranger = world.lake.model_copy(update={"catalog": as_user(f"{role}_autre", world.lake.catalog)})
    with pytest.raises(SharedLakeError, match="refuse ce compte"):
        open_lake(stranger)


def test_a_conflict_with_who_takes_no_lock_is_tried_again_and_not_for_ever(
    home: Home, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes the same table between the copy and the commit: once, the transaction is done again; each time,
    the failure is told, the version before stays, and no file is left."""
    first, second = build_ids(home)
    put_in_line(home, first)
    _share(home, world)
    put_in_line(home, second)
    written = sharing._open_to_group
    meddled: list[int] = []

    def meddle(lake: object, times: int) -> None:
        if len(meddled) < times:
            meddled.append(1)
            with load_extensions() as con:
                con.execute(attach_sql(world.lake).replace(", read_only", ""))
                con.execute(f"create or replace table {NAME}.marts.indicator as from {NAME}.marts.indicator")
        written(world.lake)

    monkeypatch.setattr("orchestration.sharing.apart", lambda allowed: apart(False))  # what is patched is of here
    monkeypatch.setattr(sharing, "_open_to_group", lambda lake: meddle(lake, 99))
    monkeypatch.setattr(sharing, "TRIES", 2)
    assert "à chaque essai" in _share(home, world, exit_code=5)
    assert world.versions() == [first]
    meddled.clear()
    monkeypatch.setattr(sharing, "_open_to_group", lambda lake: meddle(lake, 1))
    _share(home, world)
    assert world.versions() == [first, second]
    assert differences(world, second, build_path(home, second))[2] == []


def test_two_homes_of_one_programme_leave_each_other_s_versions(
    home: Home, golden_home: Path, world: World, tmp_path: Path
) -> None:
    """Each registers its own; the current one is the last published; a prune here takes nothing of there."""
    other = Home.at(copy_home(golden_home, tmp_path / "other"))
    with without_suites():
        passnum_here("run", "--force", "--programme", str(world.programme), home=other.root)
    theirs = build_of(current_path(other) or Path())
    second = build_of(current_path(home) or Path())
    _share(home, world)
    assert world.versions() == [theirs, second]
    passnum_here("run", "--programme", str(world.programme), home=other.root)  # nothing new: ours stays the current one
    assert world.versions() == [theirs, second]
    passnum_here("prune", "--keep", "1", "--yes", "--programme", str(world.programme), home=home.root)
    assert world.versions() == [theirs, second]
    assert differences(world, theirs, build_path(other, theirs))[2] == []


def test_two_programmes_are_two_lakes(home: Home, world: World, tmp_path: Path) -> None:
    """Another name is another schema of the same base and another folder: nothing of one is seen from the other."""
    _share(home, world)
    write_settings(world.programme, world.lake.catalog, Path(world.lake.folder), lake="autre")
    with pytest.raises(SharedLakeError, match="aucune version"):
        world.versions()
    _share(home, world)
    assert len(world.versions()) == 1
    assert {path.name for path in Path(world.lake.folder).glob("[!.]*")} == {"mgp", "autre"}


def test_what_a_killed_writer_left_is_removed_and_told(home: Home, world: World) -> None:
    """A file that no snapshot knows: removed with the next registration."""
    first, second = build_ids(home)
    put_in_line(home, first)
    _share(home, world)
    orphan = world.lake.files / "marts" / "indicator" / "ducklake-orphan.parquet"
    shutil.copy(world.files[0], orphan)
    put_in_line(home, second)
    told = _share(home, world)
    assert f"1{NBSP}fichier laissé par un passage tué" in told
    assert not orphan.exists()
    assert set(world.files) > _known(world)  # those of the version before stay


def test_a_share_that_is_not_mounted_is_told_and_not_made(home: Home, world: World) -> None:
    """A folder that is not there is a share that is not mounted: nothing is written in its place."""
    folder = Path(world.lake.folder)
    folder.rmdir()
    assert "le partage est-il monté" in _share(home, world, exit_code=5)
    assert not folder.exists()


def test_a_folder_is_one_catalogue_s(home: Home, world: World, tmp_path: Path) -> None:
    """A catalogue removes of its folder what it does not know: another's files are not its to remove, whether it was
    marked (a lake of today) or not (one made before)."""
    _share(home, world)
    files = world.files
    other = make_world(world.server, tmp_path / "other")
    write_settings(other.programme, other.lake.catalog, Path(world.lake.folder))
    (mark,) = Path(world.lake.folder).glob(".*.catalogue")
    for _ in range(2):
        assert "est celui d'un autre catalogue" in _share(home, other, exit_code=5)
        assert world.files == files
        mark.unlink(missing_ok=True)
    _share(home, world)
    assert mark.exists() and world.files == files


def test_a_national_view_is_never_registered(home: Home, world: World, tmp_path: Path) -> None:
    """Whatever the command: the lake is one programme's, and its readers are not those of the others."""
    _share(home, world)
    before = world.versions()
    listed = tmp_path / "l.csv"
    listed.write_text(f"siren;nom;maison\n200054781;Un;{home.root}\n")
    national = tmp_path / "national"
    passnum_here("union", "--list", str(listed), home=national)
    assert share(Home.at(national), world.programme) is None
    assert world.versions() == before


def test_a_process_that_is_cut_is_told_in_french(home: Home, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL that stops while DuckDB writes ends the whole process: it is not the run's."""
    monkeypatch.setattr("orchestration.sharing._synchronise", _cut)
    told = _share(home, world, exit_code=5)
    assert "a coupé l'inscription au lac partagé" in told and "« passnum lake sync »" in told


def _cut(home: Home, lake: object) -> None:
    os.abort()


def test_doctor_says_what_the_lake_lost_or_still_holds(home: Home, world: World) -> None:
    """A file that went; a person who is erased here and not there yet."""

    def said() -> list[str]:
        found = examine(home, world.programme)
        return [f"{one.state} {one.said}" for one in found if one.subject == "Lac partagé"]

    _both(home, world)
    assert [one[:3] for one in said()] == ["bon"]
    folder = Path(world.lake.folder)
    folder.rename(aside := folder.with_name("aside"))
    passnum_here("person", "erase", "ben-B", "--yes", "--programme", str(world.programme), home=home.root, exit_code=5)
    assert "manquent dans le dossier" in said()[0]
    aside.rename(folder)
    assert "telles qu'avant un effacement" in said()[0]
    _share(home, world)
    assert [one[:3] for one in said()] == ["bon"]


def test_an_erasure_while_a_version_is_held_stops_no_run(home: Home, world: World) -> None:
    """passnum rewrote the version that is held: it is as it was left."""
    first, _ = _both(home, world)
    passnum_here("rollback", first, "--programme", str(world.programme), home=home.root)
    passnum_here("person", "erase", "ben-B", "--yes", "--programme", str(world.programme), home=home.root)
    assert first in passnum_here("run", "--programme", str(world.programme), home=home.root)


def _older(home: Home) -> tuple[Home]:
    """The home with its first version in line, which is then to be registered."""
    put_in_line(home, build_of(version_paths(home)[-1]))
    return (home,)


def _whole(path: Path) -> contextlib.AbstractContextManager[Path]:
    return contextlib.nullcontext(path)
