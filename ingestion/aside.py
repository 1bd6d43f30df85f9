"""Frames set aside on the disk under a number, and taken again together: what memory does not hold of one file.

They are in one file without a name, which ends with the process: nothing is left behind a kill. Does not live here:
which frames, under which numbers (parse).
"""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from ingestion.content import spool


class Aside:
    """`parts` heaps of frames in a file of `folder`: those of one table and one number are taken as one."""

    def __init__(self, folder: Path | None, parts: int) -> None:
        self.parts = parts
        self._file = spool(folder)
        self._places: dict[tuple[str, int], list[tuple[int, int]]] = {}

    def put(self, table: str, frame: pl.DataFrame, numbers: pl.Series) -> None:
        """Set the lines of `frame` aside, each under its number (`numbers`, 0 to parts - 1). Raises OSError."""
        if frame.is_empty():
            return
        told = frame.with_columns(_number=numbers)
        for (number,), part in told.partition_by("_number", as_dict=True, include_key=False).items():
            buffer = io.BytesIO()
            part.write_ipc_stream(buffer, compression="lz4")
            start = self._file.seek(0, io.SEEK_END)
            self._file.write(buffer.getbuffer())
            self._places.setdefault((table, int(number)), []).append((start, buffer.tell()))

    def take(self, table: str, number: int) -> pl.DataFrame | None:
        """Those lines in the order in which they were set aside; None without any."""
        places = self._places.get((table, number))
        return pl.concat([self._read(*place) for place in places]) if places else None

    def _read(self, start: int, size: int) -> pl.DataFrame:
        self._file.seek(start)
        return pl.read_ipc_stream(io.BytesIO(self._file.read(size)))
