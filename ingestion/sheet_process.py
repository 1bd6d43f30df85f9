"""The process that opens workbooks: requests on its standard input, cells on its standard output, until that is closed.

Apart from the run, and with a limit of memory: a workbook that asks for too much, or breaks what reads it, ends this
process and is refused; the run and the other files go on. Only Python's own library: it starts in some hundredths of a
second, once for a run. Does not live here: who asks (sheet), what is read (sheet_package, sheet_cells).

A request is a line of JSON, `{"open": bytes}` followed by the file, or `{"read": index, "filled_rows": n or null}`. An
answer is a line of JSON, followed by the texts of its columns end to end, each of the bytes told, `SEPARATOR` between
two texts; a last line says `{"end": true}`, or `{"error": …}`.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

from ingestion import limits
from ingestion.archive_errors import DAMAGED_ARCHIVE
from ingestion.sheet_cells import Limits, SheetTooLarge, SheetTooWide, read_rows
from ingestion.sheet_package import BrokenWorkbook, NotAWorkbook, Package

SEPARATOR = "\x1f"
ERRORS = {
    SheetTooWide: "wide",
    SheetTooLarge: "large",
    NotAWorkbook: "document",
    MemoryError: "memory",
    RecursionError: "broken",
}
_BROKEN = (BrokenWorkbook, *DAMAGED_ARCHIVE, KeyError, OverflowError)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    package: Package | None = None
    while line := requests.readline():
        request = json.loads(line)
        try:
            if "open" in request:
                package = None
                package = open_package(requests.read(request["open"]))
                names = [sheet.name for sheet in package.sheets]
                _answer(answers, {"sheets": names, "uses_1904": package.uses_1904})
            elif package is not None:
                for header, texts in _read(package, request["read"], request["filled_rows"]):
                    _answer(answers, header)
                    answers.writelines(texts)
            _answer(answers, {"end": True})
        except (*ERRORS, *_BROKEN) as error:
            _answer(answers, {"error": next((word for kind, word in ERRORS.items() if type(error) is kind), "broken")})
        answers.flush()


def open_package(data: bytes) -> Package:
    """The package, once what it holds is told to fit in memory. Raises SheetTooLarge, BrokenWorkbook, NotAWorkbook."""
    package = Package(data)
    total = sum(info.file_size for info in package.members)
    is_bomb = total > limits.RATIO_APPLIES_ABOVE_BYTES and total > limits.MAX_COMPRESSION_RATIO * len(data)
    if total > limits.MAX_SHEET_TEXT_BYTES or is_bomb or len(package.members) > limits.MAX_ARCHIVE_MEMBERS:
        raise SheetTooLarge
    return package


def _read(package: Package, index: int, filled_rows: int | None) -> Iterator[tuple[dict[str, object], list[bytes]]]:
    part = package.sheets[index].part
    if part is None:
        return
    bounds = Limits(limits.MAX_SHEET_CELLS, limits.MAX_SHEET_TEXT_BYTES, limits.MAX_COLUMNS, filled_rows)
    for rows in read_rows(package, part, bounds):
        texts = {column: SEPARATOR.join(found).encode() for column, found in sorted(rows.columns.items())}
        yield (
            {"rows": rows.count, "is_cut": rows.is_cut, "columns": [[c, len(text)] for c, text in texts.items()]},
            list(texts.values()),
        )


def _answer(answers: BinaryIO, content: dict[str, object]) -> None:
    answers.write(json.dumps(content).encode() + b"\n")


def main() -> None:
    """Serve the process that started this one. The argument is the memory it may use, in bytes."""
    most, (_, allowed) = int(sys.argv[1]), resource.getrlimit(resource.RLIMIT_AS)
    most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
