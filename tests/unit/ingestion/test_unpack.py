"""Archives: what they give, and what is refused before it fills the memory or writes anywhere."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from datetime import date
from typing import Any

import pytest

from ingestion import examine, limits
from ingestion.contract import Contract
from ingestion.reader import Table
from ingestion.refusal import Refusal
from ingestion.unpack import Member, check_sidecar, parse_sidecar, unpack
from tests.unit.ingestion.kit import parse_text, write_csv

CSV = write_csv("services").encode()


def make_zip(files: dict[str, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data, **options)
    return out.getvalue()


def refusal_of(name: str, data: bytes) -> Refusal:
    try:
        found = [m.refusal for m in unpack(name, data) if m.refusal]
    except Refusal as refusal:
        return refusal
    assert found, "nothing was refused"
    return found[0]


def test_gzip_is_read_and_its_identity_is_that_of_the_file_received() -> None:
    data = gzip.compress(CSV)
    (member,) = unpack("s_2022-12-31.csv.gz", data)
    assert (member.name, member.data) == ("s_2022-12-31.csv.gz", CSV)
    assert member.sha256 == hashlib.sha256(data).hexdigest()
    assert parse_text(data, name="s_2022-12-31.csv.gz").accepted == 1


def test_a_zip_gives_one_file_a_member() -> None:
    """Exports §5: archive.zip/member.csv; hidden and unfinished members are left alone."""
    data = make_zip(
        {"a.csv": CSV, "sous/b.csv": CSV + b"\n", "__MACOSX/a.csv": b"x", ".DS_Store": b"x", "c.csv.part": b"x"}
    )
    assert [m.name for m in unpack("z.zip", data)] == ["z.zip/a.csv", "z.zip/sous/b.csv"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "/etc/passwd.csv", "..\\..\\x.csv", "C:\\x.csv", "a\x01\nb.csv", "./../x.csv"]
)
def test_path_tricks_in_member_names_come_to_nothing(name: str) -> None:
    """Issue 3 §7: a member's name is only ever shown, without folders that climb."""
    (member,) = unpack("z.zip", make_zip({name: CSV}))
    shown = member.name.removeprefix("z.zip/")
    assert ".." not in shown.split("/") and not shown.startswith("/") and "\n" not in shown and ":" not in shown
    assert member.data == CSV


@pytest.mark.parametrize("cut", [10, 60, -30, -1])
def test_a_broken_archive_is_one_refused_file(cut: int) -> None:
    """Exports §3: broken archive → unreadable."""
    for name, data in (("a.zip", make_zip({"a.csv": CSV, "b.csv": CSV})), ("a.csv.gz", gzip.compress(CSV * 50))):
        assert refusal_of(name, data[:cut]).reason == "unreadable"


def test_a_damaged_member_refuses_the_whole_archive() -> None:
    data = bytearray(make_zip({"a.csv": CSV, "b.csv": CSV * 20}))
    data[data.index(b"b.csv") + 20] ^= 0xFF
    assert refusal_of("a.zip", bytes(data)).reason == "unreadable"


def test_an_archive_without_file_or_with_an_archive_inside() -> None:
    assert refusal_of("a.zip", make_zip({})).reason == "unreadable"
    assert refusal_of("a.zip", make_zip({"b.zip": make_zip({"a.csv": CSV})})).reason == "unreadable"


def test_a_document_that_is_no_workbook_is_told_so() -> None:
    document = make_zip({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
    assert "bureautique" in refusal_of("lettre.docx", document).explanation


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_bombs_are_refused_and_memory_stays_bounded(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 3 §7: far more bytes inside than any export compresses to."""
    monkeypatch.setattr(limits, "RATIO_APPLIES_ABOVE_BYTES", 2 * 1024**2)
    zeros = bytes(20 * 1024**2)
    data = make_zip({"a.csv": zeros}) if kind == "zip" else gzip.compress(zeros)
    assert "démesurément" in refusal_of(f"a.{kind}", data).explanation


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ARCHIVE_MEMBERS", 5)
    assert refusal_of("a.zip", make_zip({f"{i}.csv": CSV for i in range(6)})).reason == "unreadable"


def test_a_member_is_checked_against_its_own_sha256() -> None:
    good = hashlib.sha256(CSV).hexdigest().encode()
    data = make_zip({"a.csv": CSV, "a.csv.sha256": good, "b.csv": CSV, "b.csv.sha256": b"0" * 64})
    assert [m.refusal is None for m in unpack("z.zip", data)] == [True, False]


SUM, OTHER = "a" * 64, "b" * 64
_POWERSHELL = f"\r\n\r\nAlgorithm : SHA256\r\nHash      : {SUM.upper()}\r\nPath      : C:\\Export\\nom.csv\r\n\r\n"
_TABLE = f"\nAlgorithm       Hash        Path\n---------       ----\nSHA256          {SUM.upper()}   C:\\e\\nom.csv\n"


@pytest.mark.parametrize(
    "data",
    [
        SUM.encode(), f"{SUM.upper()}  nom.csv\n".encode(), f"{SUM} *nom.csv".encode(), f"{SUM}  ancien.csv".encode(),
        f"\ufeff{SUM}\n".encode(), f"SHA256 (nom.csv) = {SUM}\n".encode(), f"SHA2-256(nom.csv)= {SUM}\n".encode(),
        f"{OTHER}  autre.csv\n{SUM}  ./lots/nom.csv\n{OTHER}  nom.csv.gz\n".encode(),
        f"SHA256 (autre.csv) = {OTHER}\nSHA256 (nom.csv) = {SUM}\n".encode(),
        _POWERSHELL.encode("utf-16"), _POWERSHELL.encode(), _TABLE.encode("utf-16"),
    ],
)  # fmt: skip
def test_every_usual_form_of_a_sha256_is_read(data: bytes) -> None:
    """Exports §3: where a file `NAME.sha256` lies beside NAME, it is verified first: its line names the file."""
    assert parse_sidecar(data, "depot/nom.csv") == SUM
    assert check_sidecar("depot/nom.csv", SUM, data) is None
    wrong = check_sidecar("depot/nom.csv", "c" * 64, data)
    assert wrong is not None and wrong.reason == "unreadable" and "ne correspond pas" in wrong.explanation


@pytest.mark.parametrize(
    "text",
    ["a" * 63, "", "a" * 65, "abîmé", f"{SUM}  x.csv\n{OTHER}  y.csv\n", f"{SUM}  nom.csv\n{OTHER}  nom.csv\n"],
)
def test_a_sha256_that_tells_nothing_of_the_file_does_not_accuse_it(text: str) -> None:
    refusal = check_sidecar("nom.csv", SUM, text.encode())
    assert refusal is not None and refusal.reason == "unreadable"
    assert "Empreinte illisible" in refusal.explanation and "abîmé" not in refusal.explanation


def test_a_file_that_the_memory_cannot_hold_is_refused_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system says so by MemoryError, whatever the limits allow."""

    def full(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(gzip.GzipFile, "read", full)
    (member,) = unpack("u.csv.gz", gzip.compress(b"a;b\n"))
    assert member.refusal is not None and "mémoire de cette machine" in member.refusal.explanation


def test_a_file_too_large_to_be_examined_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(member: Member, layouts: list[Contract]) -> Table:
        raise MemoryError

    monkeypatch.setattr(examine, "read_table", full)
    (member,) = unpack("u_2022-12-31.csv", CSV)
    examined = examine.examine(member, [], date(2023, 1, 1), lambda _: None)
    assert examined.refusal is not None and "mémoire de cette machine" in examined.refusal.explanation
