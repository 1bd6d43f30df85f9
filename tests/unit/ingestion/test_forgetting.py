"""Originals without a person: in every form of a delivery only their personal cells go, or the file goes whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ingestion import limits, reader
from ingestion.erasing import erase, find
from ingestion.forgetting import NOTE, split_record
from ingestion.intake import Folders
from ingestion.lake import Lake
from ingestion.person import identify
from tests.unit.ingestion.kit import ROWS, SECRET, drop, make_home, run, write_csv

WHO = "Dupônt-77"
NAMES = list(ROWS["prescriptions"])
PLACES = [NAMES.index("id_beneficiaire"), NAMES.index("annee_naissance")]


def _text(end: str = "\n", separator: str = ";") -> str:
    return write_csv(
        "prescriptions", {"id_beneficiaire": "B-1"}, {"id_beneficiaire": WHO}, {"id_beneficiaire": f"{WHO}8"},
        {"id_beneficiaire": f" {WHO} ", "nom_prescripteur": f'"Un {separator} nom{end}sur deux lignes ""cités"""'},
        {"id_beneficiaire": "B-5"}, separator=separator, end=end,
    )  # fmt: skip


def _zipped(text: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("dossier/prescriptions.csv", text)
        archive.writestr("services.csv", write_csv("services"))
    return stream.getvalue()


def _unzipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["dossier/prescriptions.csv", "services.csv"]
        assert archive.read("services.csv").decode() == write_csv("services")
        return archive.read("dossier/prescriptions.csv")


def _same(data: bytes) -> bytes:
    return data


FORMS: dict[str, tuple[str, Callable[[bytes], bytes], Callable[[bytes], bytes], str, str]] = {
    "UTF-8": (".csv", _same, _same, "utf-8", "\n"),
    "UTF-8 with BOM, CRLF": (".csv", _same, _same, "utf-8-sig", "\r\n"),
    "UTF-16": (".csv", _same, _same, "utf-16", "\r\n"),
    "Windows-1252, CR": (".csv", _same, _same, "cp1252", "\r"),
    "gzip": (".csv.gz", gzip.compress, gzip.decompress, "utf-8", "\n"),
    "ZIP": (".zip", _zipped, _unzipped, "utf-8", "\n"),
}


def _erase(folders: Folders) -> dict[str, int]:
    person, lake = identify(WHO, SECRET), Lake(folders.lake)
    erasure, _ = erase(folders, lake, person, SECRET)
    assert find(folders, lake, person, SECRET).is_empty
    lake.verify()
    return erasure.originals


def test_a_name_in_a_column_that_nothing_asks_for_goes_too(tmp_path: Path) -> None:
    """A real export names its beneficiaries in columns of its own: never loaded, they stay in the original."""
    folders = make_home(tmp_path / "home")
    head, *lines = write_csv("prescriptions", {"id_beneficiaire": "B-1"}, {"id_beneficiaire": WHO}).splitlines()
    named = ["Ada BEAUVOIR;ada@exemple.fr;06 11 22 33 44;rappelée", "Zoé CHAMPLAIN;zoe@exemple.fr;06 55 66 77 88;"]
    told = [f"{head};Nom_beneficiaire;Email_beneficiaire;Telephone_beneficiaire;Commentaire"]
    told += [f"{line};{extra}" for line, extra in zip(lines, named, strict=True)]
    drop(folders, "p_2022-12-31.csv", "\n".join([*told, ""]).encode())
    assert {d.outcome for d in run(folders).values()} == {"loaded"}
    assert _erase(folders) == {"rewritten": 1}
    (path,) = folders.archive.glob("*/*_p_2022-12-31*")
    now = path.read_text().splitlines()
    assert now[:2] == told[:2]
    assert now[2].split(";")[len(NAMES) :] == ["", "", "", ""]
    kept = [field for place, field in enumerate(lines[1].split(";")) if place not in PLACES]
    assert [field for place, field in enumerate(now[2].split(";")[: len(NAMES)]) if place not in PLACES] == kept


@pytest.mark.parametrize("form", FORMS)
def test_only_the_cells_of_the_person_are_emptied(tmp_path: Path, form: str) -> None:
    """Every other byte stays, encoding, mark and line ends included; somebody whose identifier begins so too."""
    suffix, pack, unpacked, encoding, end = FORMS[form]
    folders = make_home(tmp_path / "home")
    drop(folders, f"p_2022-12-31{suffix}", pack(_text(end).encode(encoding)))
    assert {d.outcome for d in run(folders).values()} == {"loaded"}
    assert _erase(folders) == {"rewritten": 1}
    (path,) = folders.archive.glob("*/*_p_2022-12-31*")
    now = unpacked(path.read_bytes()).decode(encoding)
    lines = now.split(end)
    before = _text(end).split(end)
    touched = [n for n, (a, b) in enumerate(zip(before, lines, strict=True)) if a != b]
    assert touched == [2, 5]  # 4 holds the beginning of a record that spans two lines
    assert [lines[2].split(";")[p] for p in PLACES] == ["", ""]
    assert [f for n, f in enumerate(lines[2].split(";")) if n not in PLACES] == [
        f for n, f in enumerate(before[2].split(";")) if n not in PLACES
    ]
    assert f";{WHO}8;1968;" in lines[3]
    assert lines[5] == before[5].replace(f" {WHO} ;1968", ";")


def test_a_line_that_was_rejected_is_found_and_emptied(tmp_path: Path) -> None:
    """A bad value, a copy, and a wrong number of fields, whose cells are under no column."""
    folders = make_home(tmp_path / "home")
    lines = write_csv(
        "prescriptions", {}, {"id_beneficiaire": WHO, "statut": "?"}, {"id_beneficiaire": WHO},
        {"id_beneficiaire": WHO, "genre": "x;y"},
    ).splitlines()  # fmt: skip
    drop(folders, "p_2022-12-31.csv", "\n".join([*lines, lines[3], ""]))
    (delivery,) = run(folders).values()
    assert (delivery.lines_accepted, delivery.lines_rejected, delivery.lines_duplicate) == (2, 2, 1)
    found = find(folders, Lake(folders.lake), identify(WHO, SECRET), SECRET)
    assert [named.lines for named in found.named] == [(3, 4, 5, 6)]
    assert found.lake_lines == 1
    _erase(folders)
    (path,) = folders.archive.glob("*/*.csv")
    now = path.read_text(encoding="utf-8").splitlines()
    assert now[4] == ";" * 14
    assert now[1] == lines[1]
    assert WHO not in "".join(now)


def test_a_workbook_goes_whole_and_a_copy_of_it_is_known(tmp_path: Path) -> None:
    folders = make_home(tmp_path / "home")
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, line in enumerate(write_csv("prescriptions", {}, {"id_beneficiaire": WHO}).splitlines()):
        sheet.write_row(number, 0, line.split(";"))
    book.close()
    drop(folders, "p_2022-12-31.xlsx", stream.getvalue())
    run(folders)
    assert _erase(folders) == {"erased": 1}
    (path,) = folders.archive.glob("*/*.xlsx")
    assert path.read_text(encoding="utf-8") == NOTE
    assert next(iter(Lake(folders.lake).receipts())).original == "erased"
    drop(folders, "p_2022-12-31.xlsx", stream.getvalue())
    assert [d.outcome for d in run(folders).values()] == ["duplicate"]
    assert [p.read_text(encoding="utf-8") for p in folders.archive.glob("*/*.xlsx")] == [NOTE]


def test_an_original_too_large_to_be_written_anew_goes_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by slices, however large it is; what would be held to empty its cells is not."""
    monkeypatch.setattr(limits, "HELD_BYTES", 100)
    monkeypatch.setattr(limits, "TOGETHER_BYTES", 0)
    monkeypatch.setattr(reader, "SLICE_BYTES", 300)
    folders = make_home(tmp_path / "home")
    drop(folders, "p_2022-12-31.csv", _text())
    drop(folders, "q_2023-01-31.csv", _text().replace(WHO, "B-9"))
    assert {d.outcome for d in run(folders).values()} == {"loaded"}
    monkeypatch.setattr(limits, "MAX_REWRITTEN_BYTES", 300)
    assert _erase(folders) == {"erased": 1}
    (path,) = folders.archive.glob("*/*_p_2022-12-31*")
    assert path.read_text() == NOTE
    (other,) = folders.archive.glob("*/*_q_2023-01-31*")
    assert "B-9" in other.read_text()
    assert find(folders, Lake(folders.lake), identify(WHO, SECRET), SECRET).named == ()


def test_an_archive_is_as_large_as_all_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that name nobody are written again too: they are held."""
    folders = make_home(tmp_path / "home")
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p_2022-12-31.csv", _text())
        archive.writestr("q_2023-01-31.csv", _text().replace(WHO, "B-9") * 20)
    drop(folders, "a.zip", box.getvalue())
    run(folders)
    monkeypatch.setattr(limits, "MAX_REWRITTEN_BYTES", 3 * len(_text()))
    assert _erase(folders) == {"erased": 1}


def test_a_refused_file_that_names_the_person_goes_whole_and_its_report_stays(tmp_path: Path) -> None:
    folders = make_home(tmp_path / "home")
    drop(folders, "inconnu_2022-12-31.csv", f"a;b\n1;{WHO.upper()}\n2;{WHO}9\n")
    drop(folders, "autre_2022-12-31.csv", f"a;b\n1;{WHO}9\n")
    run(folders)
    found = find(folders, Lake(folders.lake), identify(WHO, SECRET), SECRET)
    assert [(named.member.name, named.lines) for named in found.named] == [("inconnu_2022-12-31.csv", (2,))]
    assert _erase(folders) == {"erased": 1}
    kept = {p.name: p.read_text(encoding="utf-8") for p in folders.quarantine.glob("*/*/*.csv")}
    assert kept["inconnu_2022-12-31.csv"] == NOTE
    assert WHO in kept["autre_2022-12-31.csv"]
    assert len(list(folders.quarantine.glob("*/*/rapport.md"))) == 2


def test_the_sum_delivered_with_an_original_goes_with_what_it_was_the_sum_of(tmp_path: Path) -> None:
    """Dropped again from the archive, the file would be refused for it."""
    folders = make_home(tmp_path / "home")
    content = _text().encode()
    drop(folders, "p_2022-12-31.csv", content)
    drop(folders, "p_2022-12-31.csv.sha256", hashlib.sha256(content).hexdigest())
    run(folders)
    assert len(list(folders.archive.glob("*/*.sha256"))) == 1
    _erase(folders)
    assert list(folders.archive.glob("*/*.sha256")) == []


def test_fields_are_told_apart_as_the_reader_does() -> None:
    text = 'x\na; "b;""c"\n"" ;;d\ny'
    assert split_record(text, 2, ";") == (["a", ' "b;""c"'], 12)
    assert split_record(text, 13, ";") == (['"" ', "", "d"], 19)
    assert split_record("a\tb", 0, "\t") == (["a", "b"], 3)


def test_what_was_drawn_is_under_no_secret(tmp_path: Path) -> None:
    """Each erasure draws another: two homes, one secret, one person, two pseudonyms."""
    drawn = set()
    for name in ("a", "b"):
        folders = make_home(tmp_path / name)
        drop(folders, "p_2022-12-31.csv", _text())
        run(folders)
        _erase(folders)
        rows = pl.read_parquet(next(folders.lake.glob("prescriptions/*/rows.parquet")))
        (key,) = rows.filter(pl.col("source_line") == 3)["beneficiary_key"]
        drawn.add(key)
    assert len(drawn) == 2
    assert identify(WHO, SECRET).key not in drawn
