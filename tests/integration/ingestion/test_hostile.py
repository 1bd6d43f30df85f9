"""Hostile content, and a machine that fails: loaded or refused, never an exception, memory bounded, nothing lost.

Everything runs in a process of its own, under limits of the system: the peak of its memory is what is measured.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter

from ingestion.checking import check_files
from ingestion.erasing import find
from ingestion.lake import Lake
from ingestion.landing import CLAIMED
from ingestion.person import identify
from presentation.plain_text import plain, plain_name
from simulation.hostile import HOSTILE_TEXTS
from tests.integration.ingestion.killing import run_until
from tests.unit.ingestion.kit import ROWS, SECRET, TODAY, drop, lake_tables, make_home, run, write_csv

MIB = 1024**2
PEAK_MIB = 800
"""Observed: 540 with the whole folder below, of which 185 are the libraries."""
BOMB_MIB = 1_000
GOOD = write_csv("utilisations").encode()

_INGEST = """
import json, os, re, resource, sys
from datetime import date
from pathlib import Path
import duckdb, pandas, polars, pyarrow.dataset  # before any limit: only the work is measured
from ingestion.intake import Folders, IngestionError, ingest
home, landing, memory, file_size, user = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
if memory:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
if file_size:
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
if user:
    os.setgroups([]); os.setgid(user); os.setuid(user)
folders = Folders.of_home(Path(home), Path(landing))
try:
    told = ingest(folders, today=date(2026, 11, 24), secret=b"a secret of the tests, long enough", settle_seconds=0.2)
    rows = [[d.file_name, d.outcome, d.reason, list(d.notes)] for d in told]
except IngestionError as error:
    rows = str(error)
# not ru_maxrss, which a process inherits from the one that started it: here from the whole test worker
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"told": rows, "peak": peak}))
"""


def _start(home: Path, *, memory: int = 0, file_size: int = 0, user: int = 0) -> subprocess.Popen[str]:
    limits = [str(memory), str(file_size), str(user)]
    command = [sys.executable, "-c", _INGEST, str(home), str(home / "landing"), *limits]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _finish(process: subprocess.Popen[str]) -> dict:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out)


def _zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _bomb(mebibytes: int) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,  # the quickest to make
        archive.open("bombe.csv", "w", force_zip64=True) as stream,
    ):
        for _ in range(mebibytes):
            stream.write(b"0" * MIB)
    return packed.getvalue()


def _gzip_bomb(mebibytes: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        for _ in range(mebibytes):
            stream.write(b"0" * MIB)
    return packed.getvalue()


def _lying_size(content: bytes) -> bytes:
    """A ZIP whose directory tells a smaller size than what comes out."""
    packed = bytearray(_zip({"a.csv": content}))
    at = packed.rfind(b"PK\x01\x02") + 24
    packed[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(packed)


def _xlsx(cells: dict[tuple[int, int], str]) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for (row, column), text in cells.items():
            sheet.write_string(row, column, text)
    return packed.getvalue()


def _xlsx_of(parts: dict[str, bytes]) -> bytes:
    """A workbook whose parts are replaced by others."""
    source = zipfile.ZipFile(io.BytesIO(_xlsx({(0, 0): "a", (0, 1): "b"})))
    return _zip({name: parts.get(name, source.read(name)) for name in source.namelist()})


_XML = b'<?xml version="1.0"?>'
_SST = (
    _XML
    + b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
    + b"x" * MIB
    + b"</t></si></sst>"
)
_REPEATED = (
    _XML
    + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    + b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (i, i) for i in range(1, 4_001))
    + b"</sheetData></worksheet>"
)
_LAUGHS = (
    _XML + b'<!DOCTYPE lolz [<!ENTITY a "haha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
    ) + b']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&j;</t></si></sst>'
)  # fmt: skip


def _binary(size: int) -> bytes:
    return random.Random(7).randbytes(size)


REFUSED = {"unreadable"}
HOSTILE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    # name → what makes its content, the reasons it may end with ("loaded" where it may be loaded)
    "bombe_2022-12-31.zip": (lambda: _bomb(BOMB_MIB), REFUSED),
    "bombe_2022-12-31.csv.gz": (lambda: _gzip_bomb(BOMB_MIB), REFUSED),
    "emboitee_2022-12-31.zip": (lambda: _zip({"dedans.zip": _bomb(100)}), REFUSED),
    "deux_fois_2022-12-31.csv.gz": (lambda: gzip.compress(gzip.compress(GOOD)), REFUSED | {"unknown_layout"}),
    "menteuse_2022-12-31.zip": (lambda: _lying_size(GOOD * 1000), REFUSED),
    "foule_2022-12-31.zip": (lambda: _zip({f"{i}.csv": b"" for i in range(1_500)}), REFUSED),
    "chemins_2022-12-31.zip": (lambda: _zip({"../../../evasion.csv": GOOD, "/etc/evasion.csv": GOOD[:-1], "C:\\Temp\\evasion.csv": GOOD + b"\n", "\x1b[31m\nevasion.csv": GOOD + b"\n\n"}), {"loaded"}),  # noqa: E501
    "vide_2022-12-31.zip": (lambda: _zip({}), REFUSED),
    "large_2022-12-31.csv": (lambda: ";".join(f"c{i}" for i in range(1_000_000)).encode() + b"\n", REFUSED),
    "large_et_vide_2022-12-31.csv": (lambda: b";" * 900_000 + b"\n" + b";" * 900_000 + b"\n", REFUSED),
    "champ_2022-12-31.csv": (lambda: GOOD + b'U;"' + b"x" * 50 * MIB + b'";1\n', REFUSED),
    "champ_long_2022-12-31.csv": (lambda: GOOD + b'U;"' + b"xxxxxxxxx\n" * 5 * MIB + b'";1\n', REFUSED),
    "une_ligne_2022-12-31.csv": (lambda: b"x" * 50 * MIB, REFUSED),
    "accents_2022-12-31.csv": (lambda: "é".encode() * 2 * MIB, REFUSED),
    "accents_plus_loin_2022-12-31.csv": (lambda: GOOD + b"U;" + "é".encode() * 30 * MIB + b"\n", REFUSED),
    "quotes_2022-12-31.csv": (lambda: GOOD + b'"' * 999_999 + b"\n" + b'";"' * 300_000 + b"\n", REFUSED | {"loaded"}),
    "sauts_2022-12-31.csv": (lambda: b"\n" * 20 * MIB, {"empty_file"}),
    "sauts_et_lignes_2022-12-31.csv": (lambda: GOOD.replace(b"\n", b"\n" * 2 * MIB), {"loaded", "unknown_layout"}),
    "nuls_2022-12-31.csv": (lambda: b"\x00" * MIB, REFUSED | {"empty_file"}),
    "nuls_dedans_2022-12-31.csv": (lambda: GOOD.replace(b"diath", b"\x00\x00\x07\x1b[2J"), {"loaded", "unreadable"}),
    "hasard_2022-12-31.csv": (lambda: _binary(5 * MIB), REFUSED | {"unknown_layout"}),
    "hasard_2022-12-31.xlsx": (lambda: b"PK\x03\x04" + _binary(MIB), REFUSED),
    "hasard_2022-12-31.csv.gz": (lambda: b"\x1f\x8b\x08\x00" + _binary(MIB), REFUSED),
    "cellule_isolee_2022-12-31.xlsx": (lambda: _xlsx({(0, 0): "a", (1_048_575, 16_383): "b"}), REFUSED),
    "feuille_bombe_2022-12-31.xlsx": (lambda: _xlsx_of({"xl/worksheets/sheet1.xml": b" " * 120 * MIB}), REFUSED),
    "textes_repetes_2022-12-31.xlsx": (lambda: _xlsx_of({"xl/sharedStrings.xml": _SST, "xl/worksheets/sheet1.xml": _REPEATED}), REFUSED | {"unknown_layout"}),  # noqa: E501
    "mille_rires_2022-12-31.xlsx": (lambda: _xlsx_of({"xl/sharedStrings.xml": _LAUGHS}), REFUSED | {"unknown_layout"}),
    "sans_feuille_2022-12-31.xlsx": (lambda: _zip({"xl/workbook.xml": b"<workbook/>"}), REFUSED | {"empty_file"}),
    "document_2022-12-31.docx": (lambda: _zip({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}), REFUSED),
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict]]:
    """All of them in one folder, with two good exports, in one run under a limit of memory."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    folders = make_home(home)
    for name, (content, _) in HOSTILE.items():
        drop(folders, name, content())
    drop(folders, "a_2022-12-31.csv", write_csv("emissions"))
    drop(folders, "zz_2022-12-31.csv", write_csv("services"))
    (folders.landing / "lien_2022-12-31.csv").symlink_to("/etc/passwd")
    os.mkfifo(folders.landing / "tube_2022-12-31.csv")
    (folders.landing / "dossier_2022-12-31.csv").mkdir()
    yield home, _finish(_start(home, memory=6 * 1024 * MIB))
    shutil.rmtree(home)


def test_each_is_loaded_or_refused_with_its_reason(hostile: tuple[Path, dict]) -> None:
    """Issue 3, 7: never a crash, and the others go on."""
    told = {name: (outcome, reason) for name, outcome, reason, _ in hostile[1]["told"]}
    for name, (_, allowed) in HOSTILE.items():
        ends = {(o, r) for n, (o, r) in told.items() if n == name or n.startswith(f"{name}/")}
        assert ends, name
        assert {reason or outcome for outcome, reason in ends} <= allowed | {"duplicate"}, (name, ends)
    assert told["a_2022-12-31.csv"] == told["zz_2022-12-31.csv"] == ("loaded", None)
    assert told["lien_2022-12-31.csv"] == told["tube_2022-12-31.csv"] == ("left", None)
    assert all(notes for _, outcome, _, notes in hostile[1]["told"] if outcome in ("rejected", "left"))


def test_memory_stays_bounded(hostile: tuple[Path, dict]) -> None:
    """Bombs of 1,000 MiB, 50 MB fields, a million columns: read or refused within the bound."""
    assert hostile[1]["peak"] < PEAK_MIB


def test_nothing_is_written_where_a_name_says(hostile: tuple[Path, dict]) -> None:
    """Path tricks of ZIP members."""
    home = hostile[0]
    assert not list(home.parent.parent.glob("evasion*")) and not Path("/etc/evasion.csv").exists()
    outside = [p for p in home.rglob("*evasion*") if not p.is_relative_to(home / "archive")]
    assert outside == []
    assert all("\x1b" not in n and "\n" not in n and ".." not in n for n, *_ in hostile[1]["told"])


def test_formulas_survive_as_text(tmp_path: Path) -> None:
    """Issue 3, 7: =cmd|… is kept letter for letter; control characters are set aside, with an issue."""
    folders = make_home(tmp_path)
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\n")
    writer.writerow(ROWS["utilisations"])
    for number, text in enumerate(HOSTILE_TEXTS):
        writer.writerow((ROWS["utilisations"] | {"id_utilisation": f"U-{number}", "nom_lieu": text}).values())
    drop(folders, "u_2022-12-31.csv", table.getvalue())
    (told,) = run(folders).values()
    assert (told.lines_accepted, told.lines_rejected) == (len(HOSTILE_TEXTS), 0)
    tables = lake_tables(folders)
    found = tables["utilisations"].sort("source_line")["nom_lieu"].to_list()
    assert found == [None if "\x00" in text else text for text in HOSTILE_TEXTS]
    assert tables["field_issue"].select("column_name", "reason").rows() == [("nom_lieu", "invalid_value")]


# --- names -----------------------------------------------------------------------------------------------

NAMES = [
    b"u \xe9\xff_2022-12-31.csv", b"u\n\x1b[31m_2022-12-31.csv", b"u'; drop table x; --_2022-12-31.csv",
    b"u" * 200 + b"_2022-12-31.csv", b"rapport.md", b"u{0}%s_2022-12-31.csv", b"-rf_2022-12-31.csv",
    "u\u202egnp_2022-12-31.csv".encode(), b"[bold red]u[_2022-12-31.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_taken(tmp_path: Path, name: bytes) -> None:
    """Names that are no UTF-8, too long, or made to be mistaken for code, for an option or for a report."""
    folders = make_home(tmp_path)
    path = folders.landing / os.fsdecode(name)
    path.write_bytes(GOOD)
    (checked,) = check_files([path], today=TODAY)
    (told,) = run(folders).values()
    assert (checked.delivery.file_name, checked.delivery.outcome) == (told.file_name, told.outcome)
    assert told.outcome == ("rejected" if name == b"rapport.md" else "loaded")
    assert lake_tables(folders)["delivered_file"]["file_name"].to_list() == [told.file_name]
    assert told.file_name == plain_name(told.file_name), "shown on terminals, in reports and mails: it acts on none"
    reports = [p.read_text("utf-8") for p in tmp_path.rglob("*.md") if p.is_file() and p.read_bytes() != GOOD]
    assert all(text == plain(text) for text in reports)
    kept = [p for p in folders.archive.rglob("*") if p.is_file() and p.read_bytes() == GOOD]
    assert len(kept) == 1
    assert not find(folders, Lake(folders.lake), identify("B-1", SECRET), SECRET).named


# --- a machine that fails --------------------------------------------------------------------------------


def test_a_file_still_being_written_waits(tmp_path: Path) -> None:
    """Issue 3, 4: its size grows while the run looks at it; the next run takes it whole."""
    folders = make_home(tmp_path)
    path = drop(folders, "u_2022-12-31.csv", GOOD)
    drop(folders, "a_2022-12-31.csv", write_csv("emissions"))
    process = _start(tmp_path)
    with path.open("ab") as stream:
        while process.poll() is None:
            stream.write(b"\n")
            stream.flush()
            time.sleep(0.01)
    told = {name: (outcome, notes) for name, outcome, _, notes in _finish(process)["told"]}
    assert told["a_2022-12-31.csv"][0] == "loaded"
    assert told["u_2022-12-31.csv"][0] == "left" and "en cours d’écriture" in told["u_2022-12-31.csv"][1][0]
    assert path.exists()
    assert run(folders)["u_2022-12-31.csv"].outcome == "loaded"


def test_a_file_that_may_not_be_read_is_named_and_waits(tmp_path: Path) -> None:
    """Issue 3, 4. Root reads everything: the run is then another user's."""
    home = Path(tempfile.mkdtemp(prefix="passnum-"))
    try:
        folders = make_home(home)
        path = drop(folders, "u_2022-12-31.csv", GOOD)
        drop(folders, "a_2022-12-31.csv", write_csv("emissions"))
        user = 0
        if os.geteuid() == 0:
            user = 65534
            for item in (home, *home.rglob("*")):
                os.chown(item, user, user)
        path.chmod(0)
        told = {name: (outcome, notes) for name, outcome, _, notes in _finish(_start(home, user=user))["told"]}
        assert told["a_2022-12-31.csv"][0] == "loaded"
        assert told["u_2022-12-31.csv"][0] == "left" and "pas le droit de le lire" in told["u_2022-12-31.csv"][1][0]
        assert stat.S_IMODE(path.stat().st_mode) == 0 and path.stat().st_size == len(GOOD)
        path.chmod(0o600)
        assert run(folders)["u_2022-12-31.csv"].outcome == "loaded"
    finally:
        shutil.rmtree(home)


@pytest.mark.parametrize("fails", ["archive", "lake"])
def test_a_write_that_fails_loses_nothing(tmp_path: Path, fails: str) -> None:
    """Issue 3, 4, a full disk: the archive's copy fails, or the lake's Parquet file; the next run finishes.

    A file system cannot be filled here without privileges: the system refuses to let a file grow instead.
    """
    folders = make_home(tmp_path)
    chance = random.Random(3)
    changes = [{"nom_lieu": f"{chance.random()}{chance.random()}"} for _ in range(3_000)]
    path = drop(folders, "u_2022-12-31.csv", write_csv("utilisations", *changes))
    if fails == "lake":
        # a run killed once the original was in the archive: only the lake is left to write
        instant = 0
        while not list(folders.archive.glob("*/*_u_2022-12-31.csv")):
            instant += 1
            assert not run_until(instant, lambda: run(folders))
    drop(folders, "a_2022-12-31.csv", write_csv("emissions"))
    told = _finish(_start(tmp_path, file_size=40_000))["told"]
    assert isinstance(told, str)
    assert "u_2022-12-31.csv n’a pas pu être rangé (fichier trop grand" in told
    assert "il reste dans la zone de dépôt" in told
    assert ("rows.parquet" in told) == (fails == "lake")
    assert (folders.landing / CLAIMED / path.name).exists(), "claimed, for the next run to read first"
    assert lake_tables(folders)["delivered_file"]["file_name"].to_list() == ["a_2022-12-31.csv"]
    assert not list((folders.lake / "_staging").glob("*"))
    run(folders)
    assert lake_tables(folders)["utilisations"].height == 3_000
    assert not path.exists()
