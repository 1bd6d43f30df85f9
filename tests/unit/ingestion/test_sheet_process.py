"""What the process that opens workbooks answers, request by request."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingestion import limits
from ingestion.sheet import Workbook
from ingestion.sheet_process import SEPARATOR, serve
from tests.unit.ingestion.books import write_book, write_sheet
from tests.unit.ingestion.many_books import make_book

ROOT = Path(__file__).parents[3]
BOOK = write_book({"A": write_sheet([["a", "b"], [1, None], ["c", 2.5]]), "B": write_sheet([["x"]])})


def ask(*requests: tuple[dict[Any, Any], bytes]) -> list[list[dict[Any, Any]]]:
    """The answers of each request; the texts of a column are under its number."""
    sent = b"".join(json.dumps(request).encode() + b"\n" + data for request, data in requests)
    out = io.BytesIO()
    serve(io.BytesIO(sent), out)
    out.seek(0)
    answers: list[list[dict[Any, Any]]] = [[]]
    while line := out.readline():
        answer = json.loads(line)
        for column, size in answer.get("columns", []):
            answer[column] = out.read(size).decode().split(SEPARATOR)
        answers[-1].append(answer)
        if "end" in answer or "error" in answer:
            answers.append([])
    return answers[:-1]


def opening(data: bytes) -> tuple[dict[Any, Any], bytes]:
    return {"open": len(data)}, data


def reading(index: int, filled_rows: int | None = None) -> tuple[dict[Any, Any], bytes]:
    return {"read": index, "filled_rows": filled_rows}, b""


def test_a_workbook_is_opened_then_read_sheet_by_sheet() -> None:
    opened, whole, head, other = ask(opening(BOOK), reading(0), reading(0, 2), reading(1))
    assert opened == [{"sheets": ["A", "B"], "uses_1904": False}, {"end": True}]
    assert (whole[0][0], whole[0][1], whole[0]["is_cut"]) == (["a", "1", "c"], ["b", "", "2.5"], False)
    assert (head[0]["rows"], head[0]["is_cut"]) == (2, True)
    assert other[0][0] == ["x"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"PK\x03\x04", "broken"),
        (BOOK[:200], "broken"),
        (write_book({"A": "<worksheet"}), None),
        (write_book({"A": write_sheet([["a"]])}).replace(b"workbook", b"workbrok"), "broken"),
    ],
)
def test_what_cannot_be_opened_is_told_and_the_next_is_read(data: bytes, error: str | None) -> None:
    first, then = ask(opening(data), opening(BOOK))
    told: dict[str, Any] = {"error": error} if error else {"end": True}
    assert first[-1] == told
    assert then[-1] == {"end": True}


def test_a_document_that_is_no_workbook_is_told_apart() -> None:
    word = write_book({"A": write_sheet([["a"]])}, main="word/document.xml")
    assert ask(opening(word)) == [[{"sheets": ["A"], "uses_1904": False}, {"end": True}]], (
        "the root decides, not the name"
    )
    slides = write_book({}, workbook="<sheets/>")
    assert ask(opening(slides))[0][-1] == {"error": "broken"}


def test_what_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SHEET_CELLS", 3)
    assert ask(opening(BOOK), reading(0))[1][-1] == {"error": "large"}
    monkeypatch.setattr(limits, "MAX_ARCHIVE_MEMBERS", 2)
    assert ask(opening(BOOK))[0] == [{"error": "large"}]


def test_too_many_columns_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_COLUMNS", 1)
    assert ask(opening(BOOK), reading(0))[1][-1] == {"error": "wide"}


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_the_frame_is_what_the_process_answers(seed: int) -> None:
    data = make_book(seed).data
    _, answers = ask(opening(data), reading(0))
    frame = Workbook(data).load(1).frame
    for column, name in enumerate(frame.columns):
        told = [text or None for answer in answers[:-1] for text in answer.get(column, [None] * answer["rows"])]
        assert (told + [None] * frame.height)[: frame.height] == frame[name].to_list()


def test_it_starts_under_a_limit_lower_than_its_own() -> None:
    """A machine, a container or a service may allow less memory: a limit is never raised."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9)); "
        "sys.argv = ['', str(3 * 1024**3)]; from ingestion.sheet_process import main; main()"
    )
    asked = json.dumps(opening(BOOK)[0]).encode() + b"\n" + BOOK
    done = subprocess.run([sys.executable, "-c", code], input=asked, capture_output=True, cwd=ROOT)
    assert (done.returncode, b'"sheets"' in done.stdout) == (0, True), done.stderr
