"""What is written is there whole or not at all, and what a kill left goes with the next writer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.atomic import folder_atomically, link_atomically, move_atomically, remove_left_overs, write_atomically


class Killed(Exception):
    """Stands for whatever stops a writer."""


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_with_its_rights_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    write_atomically(path, b"one", mode=0o600)
    write_atomically(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert _names(path.parent) == ["a.json"]


def test_a_file_is_written_for_its_owner_and_through_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"kept")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / f".a.json.{os.getpid()}.part").symlink_to(outside)
    (tmp_path / "home" / "a.json").symlink_to(outside)
    write_atomically(tmp_path / "home" / "a.json", b"one")
    assert outside.read_bytes() == b"kept"
    assert (tmp_path / "home" / "a.json").read_bytes() == b"one"
    assert (tmp_path / "home" / "a.json").lstat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "a", b"one")
    assert _names(tmp_path) == ["a"]


def test_a_folder_appears_filled_and_not_before(tmp_path: Path) -> None:
    folder = tmp_path / "edition-1"
    with folder_atomically(folder) as work:
        (work / "csv").mkdir()
        (work / "csv" / "a.csv").write_text("a", encoding="utf-8")
        assert not folder.exists()
    assert (folder / "csv" / "a.csv").read_text(encoding="utf-8") == "a"
    assert _names(tmp_path) == ["edition-1"]


def test_a_folder_stopped_half_way_is_not_there_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = tmp_path / "parquet"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(Killed), folder_atomically(folder, replace=True) as work:
        (work / "new").touch()
        raise Killed
    assert _names(folder) == ["old"]
    assert _names(tmp_path) == ["parquet"]


def test_a_folder_takes_the_place_of_another_only_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "edition-1"
    folder.mkdir()
    (folder / "old").touch()
    with pytest.raises(OSError, match="not empty"), folder_atomically(folder) as work:
        (work / "new").touch()
    assert _names(folder) == ["old"]
    with folder_atomically(folder, replace=True) as work:
        (work / "new").touch()
    assert _names(folder) == ["new"]
    assert _names(tmp_path) == ["edition-1"]


def test_a_file_where_the_folder_must_be_is_an_error_told(tmp_path: Path) -> None:
    (tmp_path / "parquet").write_text("pas un dossier", encoding="utf-8")
    with pytest.raises(NotADirectoryError), folder_atomically(tmp_path / "parquet", replace=True):
        pass
    assert (tmp_path / "parquet").read_text(encoding="utf-8") == "pas un dossier"


def test_a_file_is_moved_over_another_and_a_link_turned(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        move_atomically(tmp_path / name, tmp_path / "versions" / name)
        link_atomically(tmp_path / "last", tmp_path / "versions" / name)
    assert (tmp_path / "last").read_text(encoding="utf-8") == "b"
    assert (tmp_path / "last").readlink() == Path("versions/b")
    assert _names(tmp_path) == ["last", "versions"]


def test_what_a_kill_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in (".one.0123abcd.part", ".one.0123abcd.old", ".two.0123abcd.part"):
        (tmp_path / name).mkdir()
    (tmp_path / ".three.12.part").touch()
    (tmp_path / "one").touch()
    remove_left_overs(tmp_path, "one.*")
    assert _names(tmp_path) == [".three.12.part", ".two.0123abcd.part", "one"]
    remove_left_overs(tmp_path)
    assert _names(tmp_path) == ["one"]


def test_a_folder_whose_replacement_was_killed_half_way_takes_its_place_again(tmp_path: Path) -> None:
    """Between the two renames nothing has its name: what follows the kill may fail too (a full disk)."""
    (tmp_path / ".parquet.0123abcd.old").mkdir()
    (tmp_path / ".parquet.0123abcd.old" / "marts.parquet").write_text("ancien", encoding="utf-8")
    (tmp_path / ".parquet.0123abcd.part").mkdir()
    remove_left_overs(tmp_path, "parquet.*")
    assert _names(tmp_path) == ["parquet"]
    assert (tmp_path / "parquet" / "marts.parquet").read_text(encoding="utf-8") == "ancien"
