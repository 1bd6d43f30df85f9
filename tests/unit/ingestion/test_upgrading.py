"""A lake whose pseudonyms are of an older rule: refused, then written anew from the archive, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from ingestion import accounting, identifier_rule, pseudonym, rewriting
from ingestion.cutting import cut
from ingestion.delivery import IngestionError
from ingestion.identifier_rule import written_otherwise
from ingestion.intake import Folders
from ingestion.lake import Lake
from ingestion.receipt import IDENTIFIER_RULE, RECEIPT_NAME, Receipt
from ingestion.upgrading import upgrade
from tests.unit.ingestion.kit import SECRET, drop, lake_tables, make_home, run, write_csv

FIRST = ({"id_beneficiaire": "ab-12"}, {"id_beneficiaire": "AB 12"}, {"id_beneficiaire": "cd"}, {"id_beneficiaire": ""})
SECOND = (*FIRST[:2], {"id_beneficiaire": "ef"})


def fill(folders: Folders) -> None:
    """Two extractions of prescriptions (the second repeats two lines of the first), and a file without people."""
    drop(folders, "p_2022-10-31.csv", write_csv("prescriptions", *FIRST))
    drop(folders, "p_2022-11-30.csv", write_csv("prescriptions", *SECOND))
    drop(folders, "b_2022-11-30.csv", write_csv("budget", {}))
    run(folders)


def write_as_before(folders: Folders) -> None:
    """What a passnum without the rule writes of what was dropped."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(pseudonym.RULES, IDENTIFIER_RULE, pseudonym.RULES[0])
        patched.setattr(accounting, "IDENTIFIER_RULE", None)
        patched.setattr(identifier_rule, "IDENTIFIER_RULE", 0)
        fill(folders)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = make_home(tmp_path / "home")
    write_as_before(made)
    return made


def keys(folders: Folders) -> list[str | None]:
    return lake_tables(folders)["prescriptions"].sort("extract_date", "source_line")["beneficiary_key"].to_list()


def state(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_files_of_people_say_their_rule_in_their_receipt(tmp_path: Path) -> None:
    """Absent before it had a number, and where nobody is named."""
    made = make_home(tmp_path / "today")
    fill(made)
    told = {r.dataset: r.identifier_rule for r in Lake(made.lake).receipts()}
    assert told == {"prescriptions": IDENTIFIER_RULE, "budget": None}
    assert written_otherwise(Lake(made.lake)) == []
    with_none = next(r for r in Lake(made.lake).receipts() if r.dataset == "prescriptions")
    assert Receipt.model_validate(with_none.model_dump(exclude={"identifier_rule"})).identifier_rule is None


def test_a_lake_of_an_older_rule_is_refused_with_the_command_that_mends_it(folders: Folders) -> None:
    """Nothing is mixed: what waits stays in the landing folder."""
    before = state(folders.lake)
    drop(folders, "p_2022-12-31.csv", write_csv("prescriptions", {"id_beneficiaire": "gh"}))
    with pytest.raises(IngestionError, match="passnum upgrade"):
        run(folders)
    assert (folders.landing / "p_2022-12-31.csv").exists()
    assert state(folders.lake) == before


def test_it_is_written_anew_as_a_fresh_home_reads_it(folders: Folders, tmp_path: Path) -> None:
    """Same rows, same rejects, same pseudonyms as today's passnum gives; one person in two spellings is one."""
    assert len(set(keys(folders)) - {None}) == 4
    done = upgrade(folders, Lake(folders.lake), SECRET)
    assert (done.files, done.before, done.after) == (2, 4, 3)
    fresh = make_home(tmp_path / "fresh")
    fill(fresh)
    told, expected = lake_tables(folders), lake_tables(fresh)
    for name in set(expected) - {"delivered_file"}:
        assert told[name].equals(expected[name]), name
    assert Lake(folders.lake).verify() == Lake(fresh.lake).verify()
    assert written_otherwise(Lake(folders.lake)) == []
    assert upgrade(folders, Lake(folders.lake), SECRET).files == 0
    run(folders)


def test_people_who_were_erased_stay_erased(folders: Folders) -> None:
    """Their pseudonyms were drawn at random: the original that still names them gives none of them."""
    lake = Lake(folders.lake)
    (key,) = pseudonym.pseudonymise(pl.Series(["cd"]), SECRET, 0)
    _, drawn = cut(lake, [key], "demande")
    upgrade(folders, lake, SECRET)
    assert keys(folders)[2] == drawn[key]
    assert not {key, *pseudonym.pseudonymise(pl.Series(["cd"]), SECRET)} & set(keys(folders))


def test_a_file_whose_original_is_gone_is_named_and_nothing_is_mixed(folders: Folders) -> None:
    """Unless another extraction holds the same identifiers: then nothing of it is missing."""
    aside = folders.archive.parent / "backup"
    (first,) = folders.archive.glob("*/*_p_2022-10-31.csv")
    shutil.move(first, aside)
    before = state(folders.lake)
    with pytest.raises(IngestionError, match=r"p_2022-10-31\.csv \(1\Wpseudonyme\)") as error:
        upgrade(folders, Lake(folders.lake), SECRET)
    assert "p_2022-11-30" not in str(error.value) and "sauvegarde" in str(error.value)
    assert state(folders.lake) == before
    # an extraction that repeats those prescriptions, pointed at by hand
    later = aside.with_name("depuis_le_debut_2023-01-31.csv")
    later.write_text(write_csv("prescriptions", {"id_beneficiaire": "cd"}), encoding="utf-8")
    assert upgrade(folders, Lake(folders.lake), SECRET, [later]).files == 2
    assert later.exists()


def test_an_original_that_was_changed_puts_nothing_wrong(folders: Folders) -> None:
    """Its identifiers give pseudonyms that the lake does not hold: those of the lake are missing."""
    for path in folders.archive.glob("*/*.csv"):
        path.write_bytes(path.read_bytes().replace(b"cd;", b"zz;"))
    with pytest.raises(IngestionError, match="n’a plus l’original"):
        upgrade(folders, Lake(folders.lake), SECRET)


def test_a_rule_of_a_later_passnum_is_refused(folders: Folders) -> None:
    """This code does not know how it wrote."""
    path = next(folders.lake.glob(f"prescriptions/*/{RECEIPT_NAME}"))
    receipt = Receipt.from_json(path.read_bytes())
    path.write_bytes(receipt.model_copy(update={"identifier_rule": IDENTIFIER_RULE + 1}).to_json())
    for refused in (lambda: run(folders), lambda: upgrade(folders, Lake(folders.lake), SECRET)):
        with pytest.raises(IngestionError, match="plus récente"):
            refused()


def test_another_secret_is_refused(folders: Folders) -> None:
    with pytest.raises(IngestionError, match="secret des pseudonymes"):
        upgrade(folders, Lake(folders.lake), b"another secret of the tests, long")


@pytest.mark.parametrize("moment", [None, 0, 1, 3])
def test_a_kill_leaves_the_lake_as_it_was_or_as_it_becomes(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, moment: int | None
) -> None:
    """Killed just before it is decided (None), or when so many files are in place: asked again, it is whole."""
    done = 0

    def killed_before(*_: object) -> None:
        raise KeyboardInterrupt

    def killed(self: Path, target: Path) -> Path:
        nonlocal done
        if rewriting.COMMITTED in self.parts:
            if done == moment:
                raise KeyboardInterrupt
            done += 1
        return real(self, target)

    real = Path.replace
    before = state(folders.lake)
    monkeypatch.setattr(Path, "replace", killed)
    if moment is None:
        monkeypatch.setattr(Path, "rename", killed_before)
    with pytest.raises(KeyboardInterrupt):
        upgrade(folders, Lake(folders.lake), SECRET)
    monkeypatch.undo()
    if moment is None:
        assert state(folders.lake) == before
    upgrade(folders, Lake(folders.lake), SECRET)
    assert written_otherwise(Lake(folders.lake)) == []
    assert len(set(keys(folders)) - {None}) == 3
    assert Lake(folders.lake).verify() == 12
