"""How much our road costs beside a plain read: the same file, in one run, so that the machine cancels out.

`python benchmarks/ingestion.py [CARNETS]` simulates deliveries, joins their uses in one CSV, and prints, for each step,
the seconds (best of three), the ratio to Polars' plain read and the lines a second; then what many tiny files cost
beside the same lines in one file, in processor seconds. Does not live here: the tests, which never look at a clock.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import polars as pl

# Before this script's own folder, where this very file would pass for the package it measures.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.timing import best_of
from ingestion.contract import load_layouts
from ingestion.intake import Folders, ingest
from ingestion.parse import parse
from ingestion.reader import read_table
from ingestion.unpack import unpack
from programme.config import load_programme
from simulation.simulate import simulate

CARNETS = 38_000
REPEATS = 3
TINY_FILES = 164
"""The files of four years of deliveries."""
NAME = "utilisations_2023-12-31.csv"


def make_file(folder: Path, carnets: int) -> Path:
    """All the uses of a simulated programme in one plain CSV."""
    simulate(folder / "simulated", carnets=carnets, seed=1, dirt="clean", programme=load_programme())
    files = sorted((folder / "simulated").glob("utilisations_*.csv"))
    path = folder / NAME
    with path.open("wb") as out:
        for number, file in enumerate(files):
            header, _, body = file.read_bytes().partition(b"\n")
            out.write(body if number else header + b"\n" + body)
    return path


def _take_in(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as home:
        folders = Folders.of_home(Path(home))
        folders.landing.mkdir()
        for name, content in files.items():
            (folders.landing / name).write_bytes(content)
        told = ingest(folders, today=date(2026, 1, 1), secret=b"a secret for measures only", settle_seconds=0.0)
        assert len(told) == len(files)
        assert all(d.outcome == "loaded" and d.lines_rejected == 0 for d in told)


def _compare_tiny(data: bytes) -> None:
    header, *lines = data.splitlines(keepends=True)[: TINY_FILES + 1]
    one = {NAME: b"".join([header, *lines])}
    many = {f"{number:03d}_{NAME}": header + line for number, line in enumerate(lines)}
    once = best_of(REPEATS, lambda: _take_in(one)).cpu
    each = best_of(REPEATS, lambda: _take_in(many)).cpu
    print(
        f"{len(many)} lines in one file each, beside the same lines in one file: x {each / once:.1f} of its processor"
    )


def main(carnets: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = make_file(Path(folder), carnets)
        layouts = load_layouts()
        data = path.read_bytes()
        lines = pl.scan_csv(path, separator=";", infer_schema=False).select(pl.len()).collect().item()
        print(f"{lines} lines, {len(data) / 1e6:.1f} MB, Polars {pl.__version__}, {pl.thread_pool_size()} threads")

        def recognise() -> None:
            for member in unpack(NAME, data):
                for _ in read_table(member, layouts).slices:
                    pass

        def read_and_parse() -> None:
            for member in unpack(NAME, data):
                parse(read_table(member, layouts), 2023)

        steps = {
            "Polars read_csv, all text": lambda: pl.read_csv(path, separator=";", infer_schema=False),
            "ours: bytes to records": recognise,
            "ours: records, typed and accounted": read_and_parse,
            "ours: landing to lake, flushed": lambda: _take_in({NAME: data}),
        }
        plain = None
        for name, work in steps.items():
            seconds = best_of(REPEATS, work).wall
            plain = plain or seconds
            print(f"{name:38} {seconds:7.3f} s   x {seconds / plain:5.1f}   {lines / seconds / 1e6:6.2f} M lines/s")
        _compare_tiny(data)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CARNETS)
