"""Why the system refused is told in French, whoever met the refusal: a file, DuckDB, Polars, dbt."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import duckdb
import polars as pl
import pytest

from presentation.system_errors import explain_error, find_system_error


def test_an_error_of_the_system_is_told_with_its_file() -> None:
    assert explain_error(OSError(errno.ENOSPC, "No space left on device", "/a/b")) == "le disque est plein (/a/b)"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('IO Error: Could not write file "/a/b": No space left on device', "le disque est plein"),
        ("Input/output error (os error 5)", "erreur de lecture ou d’écriture du disque"),
        ('IO Error: Cannot open file "/a/b": Read-only file system', "disque en lecture seule"),
    ],
)
def test_the_cause_shows_through_the_error_of_a_library(said: str, told: str) -> None:
    """« Erreur inattendue (IOException) » hid a full disk."""
    assert explain_error(duckdb.IOException(said)) == told


def test_a_library_does_say_the_words_of_the_system(tmp_path: Path) -> None:
    """What the sentences above rest on, on a disk that is always full."""
    with pytest.raises(Exception) as met:
        pl.DataFrame({"a": [1]}).write_parquet("/dev/full")
    found = find_system_error(met.value)
    assert found is not None and found.errno == errno.ENOSPC


def test_another_error_keeps_its_own_words() -> None:
    assert find_system_error(ValueError("no space in a name")) is None
    assert explain_error(ValueError("a")) == "ValueError, a"
    assert os.strerror(errno.ENOSPC) == "No space left on device", "the words are those of this system"
