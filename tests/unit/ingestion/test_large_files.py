"""A file that memory does not hold is worth what it would be held: same lines, same lake, same report (issue 22).

Memory is made small, not the files large: what is held, what is read at once and what is finished at once are a few
lines. The road is the real one: a copy on the disk, texts and lines set aside on the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import IO

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ingestion import aside, checking, content, decode, limits, reader
from ingestion import unpack as unpack_module
from ingestion.checking import check_files
from ingestion.contract import load_layouts
from ingestion.delivery import IngestionError
from ingestion.erasing import erase, find
from ingestion.finishing import Parsed
from ingestion.intake import Folders
from ingestion.lake import Lake
from ingestion.parquet import write_parquet
from ingestion.parse import parse
from ingestion.person import identify
from ingestion.reader import read_table
from ingestion.refusal import Refusal
from ingestion.unpack import unpack
from programme.config import load_programme
from simulation.simulate import simulate
from tests.unit.ingestion.dirty_files import make_file
from tests.unit.ingestion.kit import SECRET, TODAY, drop, lake_tables, make_home, parse_text, run, write_csv

TABLES = ("rows", "rejected", "issues", "absorbed")
NAME = "f_2022-12-31.csv"


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HELD_BYTES", 200)
    monkeypatch.setattr(limits, "PART_BYTES", 1_500)
    monkeypatch.setattr(limits, "TOGETHER_BYTES", 0)
    monkeypatch.setattr(reader, "SLICE_BYTES", 1_000)
    monkeypatch.setattr(content, "SLICE_BYTES", 700)
    monkeypatch.setattr(decode, "SLICE_BYTES", 701)
    monkeypatch.setattr(content, "COPY_BYTES", 300)
    monkeypatch.setattr(content, "NEAR_BYTES", 50)


def parse_large(data: bytes, folder: Path, *, name: str = NAME, year: int = 2022) -> Parsed:
    """A file of the disk, read in place, under `small_memory`."""
    path = folder / name
    path.write_bytes(data)
    data_there = content.read_in_place(path)
    assert isinstance(data_there, content.OnDisk)
    member = next(iter(unpack(name, data_there, folder=folder)))
    return parse(read_table(member, load_layouts()), year)


def assert_same(found: Parsed, held: Parsed) -> None:
    assert found.aside is not None and found.aside.parts > 1 and held.is_held
    for table in TABLES:
        parts = list(found.each(table))
        assert_frame_equal(pl.concat(parts), vars(held)[table], check_exact=True)
        assert_frame_equal(vars(found)[table], vars(held)[table].head(vars(found)[table].height), check_exact=True)
    for name in {f.name for f in fields(Parsed)} - {*TABLES, "aside", "watched"}:
        assert getattr(found, name) == getattr(held, name), name
    assert found.read == held.read


def test_copies_and_rejects_far_apart_are_found(small_memory: None, tmp_path: Path) -> None:
    """Exports §3: a line equal to an earlier one of its file is a duplicate, however far that one is."""
    lines = [{"id_utilisation": f"U-{n % 150}", "montant": "10,00" if n % 7 else "?"} for n in range(300)]
    text = "Titre\n\n" + write_csv("utilisations", *lines) + "\nTotal;" + ";" * 13 + "\n"
    held = parse_held(text)
    assert held.duplicate > 100 and held.rejected.height > 40 and held.totals == 1 and held.blanks == 2
    assert_same(parse_large(text.encode(), tmp_path), held)


def parse_held(text: str | bytes) -> Parsed:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "HELD_BYTES", 10**9)
        return parse_text(text)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("layout", ["emissions_par_pass", "utilisations_par_transaction"])
def test_other_grains_are_the_same(layout: str, seed: int, small_memory: None, tmp_path: Path) -> None:
    """A carnet whose lines are at both ends of a file is one carnet; one that lost a line is rejected whole."""
    rng = random.Random(seed)
    contract = next(c for c in load_layouts() if c.layout == layout)
    lines = []
    for line in range(120):
        given = {
            "numero_carnet": f"MGP-{line // 3}",
            "numero_pass": f"{2100000 + line:010d}" if rng.random() < 0.9 else "?",
            "id_transaction": f"T-{line}",
            "numeros_pass": ", ".join(f"{rng.randint(1, 9):010d}" for _ in range(rng.randint(1, 3))),
        }
        lines += [";".join(given.get(f.name, f.example) for f in contract.fields)] * rng.choice([1, 1, 2])
    rng.shuffle(lines)
    text = "\n".join([";".join(f.name for f in contract.fields), *lines]) + "\n"
    held = parse_held(text)
    assert held.rows.height and held.rejected.height and held.absorbed.height
    assert_same(parse_large(text.encode(), tmp_path), held)


@pytest.mark.parametrize("proof", [{}, {"date_utilisation": "31/12/2021"}])
def test_the_order_of_days_is_that_of_the_whole_file(proof: dict[str, str], small_memory: None, tmp_path: Path) -> None:
    """What proves the order may be far from what lies."""
    other = {"date_remboursement": "", "reference_remboursement": "", "statut": "en_attente"}
    days = [{"date_utilisation": d} | other for d in ["12/31/2021"] * 2 + ["05/06/2021"] * 100]
    text = write_csv("utilisations", *days, {"date_utilisation": "05/06/2021"} | other | proof)
    held = parse_held(text)
    assert held.months_first == (() if proof else ("date_utilisation",))
    assert_same(parse_large(text.encode(), tmp_path), held)


TEXT = write_csv(
    "utilisations",
    *(
        {"nom_lieu": f"Médiathèque de l’Été n° {n}", "id_session": '"a\nb;""c"' if n % 9 == 0 else "s"}
        for n in range(60)
    ),
)
ENCODED = {
    "bom": TEXT.encode("utf-8-sig"),
    "two-boms": ('\ufeff\ufeff"' + TEXT.replace(";", '";', 1)).replace("\n", "\r\n").encode(),
    "crlf": TEXT.replace("\n", "\r\n").encode(),
    "cr": TEXT.replace("\n", "\r").encode(),
    "nul": TEXT.encode() + b"\x00" * 3_000,
    "dos-end": TEXT.encode() + b"\x1a",
    "utf-16": TEXT.encode("utf-16"),
    "bare-16-le": TEXT.encode("utf-16-le"),
    "bare-16-be": TEXT.encode("utf-16-be") + b"\x00" * 900,
    "1252": TEXT.encode("cp1252"),
    "850": TEXT.replace("’", "'").encode("cp850"),
    "8859-15": TEXT.replace("’", "'").encode("iso8859-15"),
    "mac": TEXT.encode("mac_roman"),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_every_encoding_reads_the_same(data: bytes, small_memory: None, tmp_path: Path) -> None:
    held = parse_held(data)
    assert held.rows["nom_lieu"][0] in ("Médiathèque de l’Été n° 0", "Médiathèque de l'Été n° 0")
    assert_same(parse_large(data, tmp_path), held)


def test_what_is_packed_is_unpacked_on_the_disk(small_memory: None, tmp_path: Path) -> None:
    held = parse_held(TEXT)
    assert_same(parse_large(gzip.compress(TEXT.encode()), tmp_path, name=f"{NAME}.gz"), held)
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, TEXT)
        archive.writestr(f"{NAME}.sha256", hashlib.sha256(TEXT.encode()).hexdigest())
    assert_same(parse_large(box.getvalue(), tmp_path, name="f.zip"), held)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n" * 900,
        b"\x00" * 2_000,
        b"PK\x03\x04" + b"x" * 2_000,
        b"\x1f\x8b" + b"x" * 2_000,
        b"%PDF-1.7" + b"x" * 2_000,
        TEXT.encode() + b"\xff\xfe\xfd" * 4,
        TEXT.encode() + b'x;"never closed\n' + TEXT.encode(),
        TEXT.encode()[:-40],
        b"a;b\n" + b"1;2\n" * 500,
        b"x" * (limits.MAX_RECORD_BYTES + 10),
    ],
)
def test_what_is_refused_held_is_refused_in_the_same_words(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(data)
    (held,) = check_files([path], today=TODAY)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("HELD_BYTES", 100), ("PART_BYTES", 1_500), ("TOGETHER_BYTES", 0)):
            patch.setattr(limits, name, value)
        (found,) = check_files([path], today=TODAY)
    assert (found.delivery.outcome, found.report) == (held.delivery.outcome, held.report)


@pytest.mark.parametrize("number", range(8))
def test_dirty_files_are_worth_the_same(number: int, small_memory: None, tmp_path: Path) -> None:
    """Every layout, encoding, separator, spelling of a header, sheet and archive of the oracle's files."""
    file = make_file(f"large {number}")
    (tmp_path / file.name).write_bytes(file.data)
    found = check_files([tmp_path / file.name], today=TODAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "HELD_BYTES", 10**9)
        held = check_files([tmp_path / file.name], today=TODAY)
    told = [(c.title, c.report, replace(c.delivery, received_at=TODAY)) for c in found]  # type: ignore[arg-type]
    assert told == [(c.title, c.report, replace(c.delivery, received_at=TODAY)) for c in held]  # type: ignore[arg-type]


def test_a_nasty_delivery_gives_the_same_lake(tmp_path: Path) -> None:
    """Nothing of the lake, of the archive or of the quarantine depends on what memory holds; no copy is left."""
    deliveries = []
    for name in ("held", "large"):
        folders = make_home(tmp_path / name)
        simulate(folders.landing / "in", carnets=12, seed=5, dirt="nasty", programme=load_programme())
        with pytest.MonkeyPatch.context() as patch:
            if name == "large":
                for setting, value in (("HELD_BYTES", 3_000), ("PART_BYTES", 25_000), ("TOGETHER_BYTES", 20_000)):
                    patch.setattr(limits, setting, value)
                patch.setattr(reader, "SLICE_BYTES", 30_000)
            deliveries.append((folders, run(folders)))
    (held, first), (large, second) = deliveries
    told = ("outcome", "reason", "lines_read", "lines_accepted", "lines_rejected", "lines_duplicate")
    assert {n: [getattr(d, t) for t in told] for n, d in first.items()} == {
        n: [getattr(d, t) for t in told] for n, d in second.items()
    }
    for table, frame in lake_tables(held).items():
        assert_frame_equal(
            lake_tables(large)[table].drop("received_at", strict=False), frame.drop("received_at", strict=False)
        )
    kept = [
        {p.relative_to(f.archive): p.read_bytes() for p in f.archive.rglob("*") if p.is_file()} for f in (held, large)
    ]
    assert kept[0] == kept[1] and not any(path.name.startswith(".") for path in kept[1])
    reports = [{p.parent.name: p.read_text() for p in f.lake.rglob("rapport.md")} for f in (held, large)]
    assert reports[0] == reports[1]


def test_the_copy_that_a_kill_leaves_is_cleaned(small_memory: None, tmp_path: Path) -> None:
    folders = make_home(tmp_path)
    folders.archive.mkdir()
    taken = content.take(drop(folders, NAME, TEXT), folders.archive)
    assert taken.copy is not None and taken.copy.exists()
    run(folders)
    assert not taken.copy.exists()
    assert sorted(path.name[17:] for path in folders.archive.rglob("*") if path.is_file()) == [NAME]


@pytest.mark.parametrize("then", [b"", TEXT.replace("é", "e").encode("cp1252") * 2], ids=["alone", "then-1252"])
@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_every_encoding_is_decoded_to_the_same_text(
    data: bytes, then: bytes, small_memory: None, tmp_path: Path
) -> None:
    """Accents are counted over the whole, wherever those of one kind stand."""
    path = tmp_path / NAME
    path.write_bytes(data + then)
    there = content.read_in_place(path)
    assert decode._beyond_ascii(there) == decode._beyond_ascii(data + then)
    try:
        held = decode.decode(data + then)
    except Refusal as refusal:
        with pytest.raises(Refusal, match=re.escape(refusal.explanation)):
            decode.decode(there, tmp_path)
        return
    large = decode.decode(there, tmp_path)
    assert (large.encoding, large.data[:]) == (held.encoding, held.data)


def test_a_broken_large_text_is_refused_where_it_breaks(small_memory: None, tmp_path: Path) -> None:
    """The line that is told is counted, not held."""
    with pytest.raises(Refusal, match="ligne 69"):
        parse_large(TEXT.encode("utf-8-sig") + b"\xff;\n", tmp_path)


@pytest.mark.parametrize("module", [aside, decode, unpack_module], ids=["lines", "text", "gzip"])
def test_a_full_disk_is_told_and_nothing_is_lost(
    module: ModuleType, small_memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays, its copy goes from a disk that is full, and the next run reads it."""
    folders = make_home(tmp_path)
    name = f"{NAME}.gz" if module is unpack_module else NAME
    data = TEXT.replace("\n", "\r\n").encode()
    drop(folders, name, gzip.compress(data, 0) if module is unpack_module else data)
    with monkeypatch.context() as full:
        full.setattr(module, "spool", lambda folder: io.FileIO("/dev/full", "r+"))
        with pytest.raises(IngestionError, match=f"disque est plein : {name} reste"):
            run(folders)
    assert [path for path in folders.archive.rglob("*") if path.is_file()] == []
    assert {d.outcome for d in run(folders).values()} == {"loaded"}


PERSON = "B-77123"


def _delivered_about(person: str, folders: Folders, name: str, pack: Callable[[bytes], bytes]) -> None:
    text = write_csv("prescriptions", *({"id_beneficiaire": person} for _ in range(40)))
    drop(folders, name, pack(text.encode()))
    assert {d.outcome for d in run(folders).values()} == {"loaded"}


def test_a_person_is_never_missed_for_want_of_room(
    small_memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An original that cannot be opened is not one that names nobody."""
    folders = make_home(tmp_path)
    _delivered_about(PERSON, folders, "p_2022-12-31.csv.gz", lambda data: gzip.compress(data, 0))
    with monkeypatch.context() as full:
        full.setattr(unpack_module, "spool", lambda folder: io.FileIO("/dev/full", "r+"))
        with pytest.raises(OSError, match="No space"):
            find(folders, Lake(folders.lake), identify(PERSON, SECRET), SECRET)
    (named,) = find(folders, Lake(folders.lake), identify(PERSON, SECRET), SECRET).named
    assert len(named.lines) == 40


@pytest.mark.parametrize("shift", range(0, 30, 3))
def test_a_person_is_found_in_a_refused_line_longer_than_a_slice(
    shift: int, small_memory: None, tmp_path: Path
) -> None:
    """No slice cuts a word, nor a character."""
    folders = make_home(tmp_path)
    line = "é" * 300 + "x" * (85 + shift) + f' "{PERSON}" ' + "é" * 600
    drop(folders, "refus_2022-12-31.csv", f'[{{"a": 1}}]\n{line}\n{line}')
    assert {d.outcome for d in run(folders).values()} == {"rejected"}
    (named,) = find(folders, Lake(folders.lake), identify(PERSON, SECRET), SECRET).named
    assert named.lines == (2, 3)


def test_a_file_cut_short_while_it_is_checked_is_told(
    small_memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is exporting it: the process does not end for that."""
    path = tmp_path / NAME
    path.write_text(TEXT)
    real = checking.hash_content

    def cut_then_hash(data: content.Content) -> str:
        os.truncate(path, 500)
        return real(data)

    monkeypatch.setattr(checking, "hash_content", cut_then_hash)
    (told,) = check_files([path], today=TODAY)
    assert told.delivery.outcome == "left" and "plus court pendant sa lecture" in told.report


@pytest.mark.parametrize("size", [2, 3, 7, 50])
@given(
    data=st.binary(max_size=60).map(lambda b: b.replace(b"x", b"\n")), sought=st.sampled_from([b"\n", b"\r", b"\r\n"])
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_on_the_disk_reads_as_bytes_do(size: int, data: bytes, sought: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryFile() as file:
        patch.setattr(content, "SLICE_BYTES", size)
        patch.setattr(content, "NEAR_BYTES", size)
        file.write(b"before" + data + b"after")
        there = content.part(content.on_disk(file), 6, 6 + len(data))
        assert (len(there), there[:], there[2:-1]) == (len(data), data, data[2:-1])
        for start, end in ((0, None), (3, None), (1, 9), (5, 2)):
            assert there.find(sought, start, end) == data.find(sought, start, end)
            assert there.rfind(sought, start, end) == data.rfind(sought, start, end)
        assert b"".join(content.slices(there)) == b"".join(content.slices(there, whole_lines=True)) == data
        assert all(piece.endswith(b"\n") for piece in [*content.slices(there, whole_lines=True)][:-1])
        assert content.bare_length(there, b"\n") == len(data.rstrip(b"\n"))
        assert content.as_stream(there).read() == data


def test_an_erasure_opens_originals_in_the_archive_not_in_the_system_s_folder(
    small_memory: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one is often small, in memory, and not the Métropole's alone."""
    folders = make_home(tmp_path)
    _delivered_about(PERSON, folders, "p_2022-12-31.csv.gz", lambda data: gzip.compress(data, 0))
    asked: set[Path | None] = set()
    real = unpack_module.spool

    def spool(folder: Path | None) -> IO[bytes]:
        asked.add(folder)
        return real(folder)

    monkeypatch.setattr(unpack_module, "spool", spool)
    erase(folders, Lake(folders.lake), identify(PERSON, SECRET), SECRET)
    assert asked == {folders.archive}


def test_the_footer_of_a_lake_s_file_on_a_full_disk_is_a_full_disk(tmp_path: Path) -> None:
    """Polars says no number of it: « Invalid thrift: transport error »."""
    frame = pl.DataFrame({"a": [1]})
    with pytest.MonkeyPatch.context() as patch:
        said = pl.exceptions.ComputeError("parquet: File out of specification: Invalid thrift: transport error")

        def full(*_: object, **__: object) -> None:
            raise said

        patch.setattr(pl.DataFrame, "write_parquet", full)
        with pytest.raises(OSError, match="No space left"):
            write_parquet(frame, tmp_path / "rows.parquet")
