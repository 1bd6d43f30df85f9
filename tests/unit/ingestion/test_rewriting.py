"""The lake written anew: all of it or nothing, whatever the moment of a kill, and sealed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from ingestion import rewriting
from ingestion.cutting import cut
from ingestion.intake import Folders
from ingestion.lake import Lake, LakeCorruption
from ingestion.person import identify
from tests.unit.ingestion.kit import SECRET, drop, make_home, run, write_csv

WHO = "B-77"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Two prescriptions of one person, in two files."""
    made = make_home(tmp_path / "home")
    drop(made, "a_2022-11-30.csv", write_csv("prescriptions"))
    drop(made, "b_2022-12-31.csv", write_csv("prescriptions", {}, {"id_beneficiaire": "B-1"}))
    run(made)
    return made


def _keys(folders: Folders) -> list[str]:
    paths = sorted(folders.lake.glob("prescriptions/*/rows.parquet"))
    return list(pl.concat([pl.read_parquet(path) for path in paths])["beneficiary_key"])


class Killed(BaseException):
    """What a kill is to a test."""


@pytest.mark.parametrize("moment", range(6))
def test_a_kill_at_any_moment_leaves_all_of_it_or_nothing(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Moment 0: before it is decided. From then on `finish` gives one pseudonym for one, sealed, and the register."""
    before, person = _keys(folders), identify(WHO, SECRET)
    done = 0
    replace, rename = Path.replace, Path.rename

    def killed(self: Path, target: Path) -> Path:
        nonlocal done
        if rewriting.COMMITTED in self.parts:
            done += 1
            if done == moment:
                raise Killed
        return replace(self, target)

    def undecided(self: Path, target: Path) -> Path:
        if moment == 0 and target.name == rewriting.COMMITTED:
            raise Killed
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    monkeypatch.setattr(Path, "rename", undecided)
    with pytest.raises(Killed):
        cut(Lake(folders.lake), [person.key], "demande")
    monkeypatch.undo()
    lake = Lake(folders.lake)
    lake.clean_staging()
    assert lake.verify() == 8
    now = _keys(folders)
    register = list((folders.lake / "_erased").glob("*.json"))
    if moment == 0:
        assert now == before
        assert register == []
    else:
        assert [n == b for n, b in zip(now, before, strict=True)] == [False, False, True]
        assert now[0] == now[1]
        assert len(register) == 1
    assert not rewriting.finish(folders.lake)


def test_another_rewriting_first_finishes_the_one_that_was_decided(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its staging would take the place of what was committed."""

    def killed(_: Path) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        decided = rewriting.finish
        calls = iter([decided, killed])
        patched.setattr(rewriting, "finish", lambda root: next(calls)(root))
        with pytest.raises(Killed):
            cut(Lake(folders.lake), [identify(WHO, SECRET).key], "demande")
    assert rewriting.is_under_way(folders.lake)
    before = _keys(folders)
    rewriting.rewrite(Lake(folders.lake), [])
    assert not rewriting.is_under_way(folders.lake)
    assert _keys(folders) != before
    assert Lake(folders.lake).verify() == 8


def test_what_was_changed_by_another_hand_is_not_sealed_anew(folders: Folders) -> None:
    """Nothing is written over a lake of which a file is not the one that was loaded."""
    path = next(folders.lake.glob("prescriptions/*/rows.parquet"))
    pl.read_parquet(path).head(0).write_parquet(path)
    before = _keys(folders)
    with pytest.raises(LakeCorruption):
        cut(Lake(folders.lake), [identify(WHO, SECRET).key], "demande")
    assert _keys(folders) == before


def test_lines_of_a_later_file_go_back_under_the_pseudonym_that_was_drawn(folders: Folders) -> None:
    """Whatever their identifier says by now, none included; those of others and new ones have their own."""
    cut(Lake(folders.lake), [identify(WHO, SECRET).key], "demande")
    (drawn,) = set(_keys(folders)) - {identify("B-1", SECRET).key}
    changes = [{"id_beneficiaire": value} for value in (WHO, "B-1", WHO)]
    drop(folders, "c_2023-01-31.csv", write_csv("prescriptions", *changes))
    drop(folders, "d_2022-10-31.csv", write_csv("prescriptions", {"id_beneficiaire": ""}))
    run(folders)
    rows = {
        path.parent.name[:8]: pl.read_parquet(path)["beneficiary_key"].to_list()
        for path in folders.lake.glob("prescriptions/*/rows.parquet")
    }
    assert rows["20230131"] == [drawn, identify("B-1", SECRET).key, identify(WHO, SECRET).key]
    assert rows["20221031"] == [drawn]
