"""Fuzzing of the reader and the parser: `python -m tests.fuzz [NUMBER] [SEED]` (100,000 by default).

Real small files of every contract, layout and format are mutated (bytes, lines, cells, quotes, separators, encodings,
pieces of other files), then read and parsed. A mutant may be accepted or refused; any other exception is a failure and
the mutant is written to a file. Seeded: the same arguments give the same mutants. Does not live here: what a given
dirt must become (tests/unit/ingestion).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import multiprocessing
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

NUMBER = 100_000
WORKERS = 2
TODAY = date(2026, 11, 24)
CHUNK = 250

Mutator = Callable[[random.Random, bytes, bytes], bytes]

_TOKENS = [
    b'"', b'""', b'";"', b";", b",", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\x00", b"\x1a", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xe9", b"\x80", b"\xc3", "é€œ\u202f\u00a0".encode(), b"TOTAL", b"=cmd|' /C calc'!A0", b"1,23E+13", b"-1", b"0",
    b"99999999999999999999", b"31/02/2022", b"2022-02-30T25:61:61Z", b"0" * 40, b"sep=;\n", b" ", b"NaN", b"inf",
    b"1" + b"0" * 400, b"12:00", b"01/01/0001", b"9999-12-31", b"+33 6 39 98 00 00", b"PK\x03\x04", b"\x1f\x8b\x08",
]  # fmt: skip


def _tables() -> list[tuple[str, list[list[str]]]]:
    """Header and lines of every layout, from the examples of its contract."""
    from ingestion.contract import load_layouts

    found = []
    for contract in load_layouts():
        header = [f.name for f in contract.fields]
        line = [f.example or (f.values[0] if f.values else "x") for f in contract.fields]
        found.append((contract.layout, [header, *[[*line[:-1], f"{line[-1]}"] for _ in range(3)]]))
    return found


def _write_csv(rows: list[list[str]], separator: str, encoding: str, newline: str = "\n") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=newline).writerows(rows)
    return text.getvalue().encode(encoding, errors="replace")


def _write_xlsx(rows: list[list[str]]) -> bytes:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return packed.getvalue()


def _write_zip(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def list_seeds() -> list[tuple[str, bytes]]:
    """Name → bytes of the real files that are mutated: every layout in every format of exports §2."""
    seeds: list[tuple[str, bytes]] = []
    for layout, rows in _tables():
        plain = _write_csv(rows, ";", "utf-8")
        seeds += [
            (f"{layout}_2022-12-31.csv", plain),
            (f"{layout}_20221231.csv", _write_csv(rows, ",", "utf-8-sig", "\r\n")),
            (f"{layout}_31-12-2022.tsv", _write_csv(rows, "\t", "utf-16")),
            (f"{layout}_31_12_2022.txt", _write_csv(rows, "|", "cp1252", "\r")),
            (f"{layout}_2022-12-31.csv", b"Titre\n\n" + plain.replace(b"\n", b";\n") + b"TOTAL;;\n"),
            (f"{layout}_2022-12-31.csv.gz", gzip.compress(plain, mtime=0)),
            (f"{layout}_2022-12-31.zip", _write_zip({f"{layout}.csv": plain, "b.csv": plain})),
            (f"{layout}_2022-12-31.xlsx", _write_xlsx([["Titre"], [], *rows, ["TOTAL"]])),
        ]
    return seeds


# --- mutations -------------------------------------------------------------------------------------------


def _place(chance: random.Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def _flip(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _insert(chance: random.Random, data: bytes, _: bytes) -> bytes:
    at = _place(chance, data)
    return data[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 1, 3, 50)) + data[at:]


def _delete(chance: random.Random, data: bytes, _: bytes) -> bytes:
    at = _place(chance, data)
    return data[:at] + data[at + chance.choice((1, 2, 10, 100)) :]


def _cut(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return data[: _place(chance, data)]


def _splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: _place(chance, data)] + other[_place(chance, other) :]


def _lines(chance: random.Random, data: bytes, _: bytes) -> bytes:
    lines = data.split(b"\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(3)
    if kind == 0:
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 1:
        lines.insert(at, lines[to] * chance.choice((1, 2)))
    else:
        del lines[at]
    return b"\n".join(lines)


def _cell(chance: random.Random, data: bytes, _: bytes) -> bytes:
    """One cell of one line becomes a token: the likeliest way to reach the typing of values."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    for separator in (b";", b",", b"|", b"\t"):
        cells = lines[at].split(separator)
        if len(cells) > 2:
            cells[chance.randrange(len(cells))] = chance.choice(_TOKENS)
            lines[at] = separator.join(cells)
            break
    return b"\n".join(lines)


def _swap(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return data.replace(chance.choice((b";", b",", b"\n", b"_", b"e", b"0", b"/")), chance.choice(_TOKENS))


_MUTATORS: list[Mutator] = [_flip, _insert, _delete, _cut, _splice, _lines, _cell, _cell, _cell, _swap]


def _inside(chance: random.Random, name: str, data: bytes, other: bytes) -> bytes:
    """Mutate what a container holds rather than the container: a broken one is refused at its door."""
    if name.endswith(".gz"):
        return gzip.compress(_mutate_bytes(chance, gzip.decompress(data), other), 1, mtime=0)
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = {n: archive.read(n) for n in archive.namelist()}
    picked = chance.choice(list(members))
    members[picked] = _mutate_bytes(chance, members[picked], other)
    return _write_zip(members)


def _mutate_bytes(chance: random.Random, data: bytes, other: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        data = chance.choice(_MUTATORS)(chance, data, other)
    return data


def make_mutant(seeds: list[tuple[str, bytes]], seed: int, number: int) -> tuple[str, bytes]:
    """Mutant `number` of the series `seed`."""
    chance = random.Random(f"{seed}-{number}")
    name, data = seeds[number % len(seeds)]
    _, other = chance.choice(seeds)
    if name.endswith((".gz", ".zip", ".xlsx")) and chance.random() < 0.7:
        return name, _inside(chance, name, data, other)
    return name, _mutate_bytes(chance, data, other)


def read(name: str, data: bytes) -> list[str]:
    """Outcome of every table of one file: loaded, or the reason of its refusal. Checks the accounting of lines."""
    from ingestion.accounting import write_receipt
    from ingestion.contract import load_layouts
    from ingestion.examine import examine
    from ingestion.refusal import Refusal
    from ingestion.report import write_loading, write_rejection
    from ingestion.unpack import unpack

    layouts = load_layouts()
    ends: list[str] = []
    try:
        for member in unpack(name, data):
            found = examine(member, layouts, TODAY, lambda _: None)
            receipt = write_receipt(found, layouts, _NOW, "", "")
            if found.refusal is not None:
                write_rejection(member.name, found.refusal, layouts)
                ends.append(found.refusal.reason)
            else:
                write_loading(found, receipt)
                told = receipt.lines_accepted + receipt.lines_rejected + receipt.lines_duplicate
                if receipt.lines_read != told or receipt.lines_accepted < 0:
                    raise AssertionError(f"lines read {receipt.lines_read}, told {told}")
                ends.append("loaded")
    except Refusal as refusal:
        ends.append(refusal.reason)
    return ends


_NOW = datetime(2026, 11, 24)


def _work(job: tuple[int, int, int]) -> tuple[int, Counter[str], list[str]]:
    seed, first, last = job
    seeds = list_seeds()
    ends: Counter[str] = Counter()
    failures = []
    for number in range(first, last):
        name, data = make_mutant(seeds, seed, number)
        try:
            ends.update(read(name, data))
        except BaseException as error:  # a Polars panic is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            path = Path(tempfile.gettempdir()) / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}-{name}"
            path.write_bytes(data)
            failures.append(f"{number} {type(error).__name__}: {str(error)[:200]} ({path})")
    return last - first, ends, failures


def fuzz(number: int = NUMBER, seed: int = 1, workers: int = WORKERS) -> tuple[Counter[str], list[str]]:
    """Read `number` mutants. Returns how the tables ended, and the uncaught exceptions."""
    # small files: the threads of one worker would only hinder those of the other
    os.environ["POLARS_MAX_THREADS"] = "1"
    jobs = [(seed, first, min(first + CHUNK, number)) for first in range(0, number, CHUNK)]
    ends: Counter[str] = Counter()
    failures: list[str] = []
    done, started = 0, time.monotonic()
    # spawn: a forked process would inherit the locks of Polars' threads
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for count, found, failed in pool.imap_unordered(_work, jobs):
            done += count
            ends += found
            failures += failed
            if failed or done % 10_000 < CHUNK:
                rate = done / (time.monotonic() - started)
                sys.stderr.write(f"{done} / {number} ({rate:.0f}/s) {failed or ''}\n")
    return ends, failures


def main(arguments: list[str]) -> int:
    """Fuzz and print the number of inputs, how they ended, and every failure."""
    number = int(arguments[0]) if arguments else NUMBER
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    started = time.monotonic()
    ends, failures = fuzz(number, seed)
    told = ", ".join(f"{name} {count}" for name, count in ends.most_common())
    sys.stdout.write(
        f"{number} inputs read in {time.monotonic() - started:.0f} s (seed {seed}), "
        f"{len(failures)} uncaught exceptions; tables: {told}\n"
    )
    sys.stdout.writelines(f"  {failure}\n" for failure in failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
