"""Extracts → files in a folder, clean or dirty, with the account of what was written.

Does not live here: the facts (facts), the forms (render), the dirt itself (dirt, hostile).
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from simulation import dirt, hostile
from simulation.extracts import MONTHLY, Extract, Facts, list_extracts
from simulation.render import CLEAN, STANDARD, Style, render, render_csv, render_zip
from simulation.summary import FileSummary, Summary

#: Files are dated so long ago: they are whole, and a run need not wait to see whether they still grow.
SETTLED_SECONDS = 3600
_CUMULATIVE_MONTH = 14
_CUMULATIVE = {"emissions": "numero_carnet", "prescriptions": "id_prescription"}
_CUMULATIVE_LINES = 400_000
_HOSTILE_MONTHS = {"texts": 16, "zeros": 18, "exponents": 20, "records": 22, "conflict": 24, "refused": 26}


class Writer:
    """Writes the files of one simulation and keeps the account in `summary`."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary

    def put(self, name: str, data: bytes) -> None:
        """One file under the folder."""
        path = self.summary.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        done = path.stat().st_mtime - SETTLED_SECONDS
        os.utime(path, (done, done))
        self.summary.bytes_written += len(data)

    def add(self, name: str, data: bytes) -> None:
        """More lines at the end of one file."""
        path = self.summary.out / name
        with path.open("ab") as file:
            file.write(data)
        done = path.stat().st_mtime - SETTLED_SECONDS
        os.utime(path, (done, done))
        self.summary.bytes_written += len(data)

    def note(self, told: FileSummary) -> None:
        """One table in the account."""
        self.summary.files.append(told)


def deliver_clean(extracts: Iterable[Extract], writer: Writer) -> None:
    """One plain file an extract."""
    for extract in extracts:
        name = f"{extract.dataset}_{extract.on:%Y-%m-%d}.csv"
        style = STANDARD if extract.dataset == "lieux" else CLEAN
        writer.put(name, render_csv(extract.frame, style))
        writer.note(FileSummary(name, extract.dataset, extract.on, lines=extract.frame.height))


def deliver_parts(parts: Iterable[Facts], writer: Writer) -> None:
    """The plain files of a programme drawn part by part: each part adds its lines to the monthly ones; what is told of
    the whole (lieux, services, budget) is that of the last part."""
    told: dict[str, FileSummary] = {}
    facts: Facts | None = None
    for facts in parts:
        for extract in list_extracts(facts):
            if extract.dataset in MONTHLY:
                name = f"{extract.dataset}_{extract.on:%Y-%m-%d}.csv"
                lines = told[name].lines if name in told else 0
                data = render_csv(extract.frame, CLEAN)
                if name in told:
                    writer.add(name, data.split(b"\n", 1)[1])
                else:
                    writer.put(name, data)
                told[name] = FileSummary(name, extract.dataset, extract.on, lines=lines + extract.frame.height)
    for summary in told.values():
        writer.note(summary)
    if facts is not None:
        deliver_clean((one for one in list_extracts(facts) if one.dataset not in MONTHLY), writer)


class DirtyDelivery:
    """Writes the extracts as they really arrive; `is_nasty` adds what must be refused or cannot be repaired."""

    def __init__(self, writer: Writer, seed: int, is_nasty: bool) -> None:
        self._writer = writer
        self._seed = seed
        self._is_nasty = is_nasty
        self._position = 0
        self._month = -1
        self._archive: dict[str, bytes] = {}
        self._so_far: dict[str, list[pl.DataFrame]] = {name: [] for name in _CUMULATIVE}

    @property
    def _planted(self) -> Counter[str]:
        return self._writer.summary.planted

    def deliver(self, extracts: Iterable[Extract]) -> None:
        """Every extract, in order of date."""
        for extract in extracts:
            self._month += extract.dataset == "emissions"
            self._deliver_one(extract)
            if extract.dataset in self._so_far and self._month <= _CUMULATIVE_MONTH:
                self._gather(extract)
            if extract.dataset == "utilisations":
                if self._archive:
                    self._close_archive(extract)
                if self._is_nasty:
                    self._add_hostile_files(extract)

    def _chance(self, what: str) -> np.random.Generator:
        """A stream of chance for one file: files do not depend on one another."""
        return np.random.default_rng([self._seed, self._position, *what.encode()])

    def _deliver_one(self, extract: Extract) -> None:
        self._position += 1
        chance = self._chance(extract.dataset)
        is_cumulated = self._month == _CUMULATIVE_MONTH and extract.dataset in _CUMULATIVE
        damaged = dirt.Damaged(extract.frame) if is_cumulated else dirt.damage(extract.frame, extract.dataset, chance)
        style = dirt.choose_style(self._position, extract.frame, self._seed % len(dirt.STYLES))
        records = 0
        if self._is_nasty and extract.dataset == "utilisations":
            damaged, style = self._make_worse(damaged, style)
        frame = damaged.frame
        if extract.dataset == "lieux":
            # List columns of the standard need `|` for themselves.
            style = replace(STANDARD, encoding=style.encoding if style.encoding.startswith("utf") else "utf-8")
        elif extract.dataset == "prescriptions" or self._position % 4 == 0:
            frame = dirt.add_personal_columns(frame, extract.dataset, chance)
            self._planted["column:personal"] += 3
            self._planted["column:unknown"] += 4
        if self._position % 3 == 0:
            frame = frame.select([frame.columns[i] for i in chance.permutation(frame.width)])
            self._planted["layout:shuffled_columns"] += 1
        data = render(
            frame,
            style,
            f"Export des {extract.dataset} – DÉMONSTRATION"
            if "8859" not in style.encoding
            else f"Export des {extract.dataset}, démonstration",
        )
        if self._is_nasty and self._month == _HOSTILE_MONTHS["records"] and extract.dataset == "utilisations":
            data, records = hostile.break_records(data)
            self._planted["line:wrong_field_count"] += records
        self._account(damaged, style)
        rejected = damaged.rejected + records
        told = FileSummary(
            "", extract.dataset, extract.on,
            lines=frame.height + records, rejected=rejected, duplicates=damaged.duplicates, issues=damaged.issues,
        )  # fmt: skip
        self._store(replace(told, name=self._place(extract, style)), data, extract)

    def _account(self, damaged: dirt.Damaged, style: Style) -> None:
        self._planted.update(dirt.describe_style(style))
        self._planted["line:rejected"] += damaged.rejected
        self._planted["line:duplicate"] += damaged.duplicates
        self._planted["value:bad_optional"] += damaged.issues

    def _place(self, extract: Extract, style: Style) -> str:
        """Where the file goes: some in a subfolder, some late, those of every sixth month in one archive."""
        name = dirt.file_name(extract.dataset, extract.on, self._position, style)
        if extract.dataset in MONTHLY and self._month % 6 == 3 and style.container == "csv":
            return f"livraison_{extract.on:%Y-%m-%d}.zip/{name}"
        if self._position % 11 == 0:
            self._planted["file:late"] += 1
            return f"recus en retard/{name}"
        return f"{extract.on:%Y}/{name}" if self._position % 2 else name

    def _store(self, told: FileSummary, data: bytes, extract: Extract) -> None:
        self._writer.note(told)
        _, is_member, member = told.name.partition(".zip/")
        if is_member:
            self._archive[member] = data
            return
        self._writer.put(told.name, data)
        if self._position % 17 == 0:
            digest = hashlib.sha256(data).hexdigest()
            self._writer.put(f"{told.name}.sha256", f"{digest}  {Path(told.name).name}\n".encode())
            self._planted["file:signed"] += 1
        if self._position % 23 == 0 and extract.frame.height:
            copy = f"copies/copie de {Path(told.name).name}"
            self._writer.put(copy, data)
            self._writer.note(
                replace(told, name=copy, outcome="duplicate", lines=0, rejected=0, duplicates=0, issues=0)
            )
            self._planted["file:repeated"] += 1

    def _close_archive(self, extract: Extract) -> None:
        self._writer.put(f"livraison_{extract.on:%Y-%m-%d}.zip", render_zip(self._archive))
        self._planted["container:zip"] += 1
        self._archive = {}

    def _gather(self, extract: Extract) -> None:
        """After fourteen months the issuer sends everything since the start once more."""
        parts = self._so_far[extract.dataset]
        parts.append(extract.frame)
        if self._month < _CUMULATIVE_MONTH or sum(part.height for part in parts) > _CUMULATIVE_LINES:
            return
        key = _CUMULATIVE[extract.dataset]
        whole = pl.concat(parts).unique(key, keep="last", maintain_order=True)
        name = f"{extract.dataset}_depuis_le_debut_{extract.on:%Y-%m-%d}.csv"
        self._writer.put(name, render(whole, CLEAN))
        self._writer.note(FileSummary(name, extract.dataset, extract.on, lines=whole.height))
        self._planted["file:cumulative"] += 1
        parts.clear()

    def _make_worse(self, damaged: dirt.Damaged, style: Style) -> tuple[dirt.Damaged, Style]:
        frame, rejected, issues = damaged.frame, damaged.rejected, damaged.issues
        kinds: Counter[str] = Counter()
        if self._month == _HOSTILE_MONTHS["texts"]:
            frame, more, kinds = hostile.spoil_texts(frame)
            issues += more
            style = Style()
        elif self._month == _HOSTILE_MONTHS["zeros"]:
            frame, kinds = hostile.lose_zeros(frame)
            style = replace(style, is_spaced=False)
        elif self._month == _HOSTILE_MONTHS["exponents"]:
            frame, more, kinds = hostile.add_exponents(frame)
            rejected += more
        elif self._month == _HOSTILE_MONTHS["records"]:
            style = Style()
        self._planted.update(kinds)
        return replace(damaged, frame=frame, rejected=rejected, issues=issues), style

    def _add_hostile_files(self, extract: Extract) -> None:
        planted: list[hostile.Planted] = []
        if self._month == _HOSTILE_MONTHS["conflict"] and extract.frame.height:
            planted.append(hostile.conflict(extract.frame, extract.on, self._chance("conflict")))
        if self._month == _HOSTILE_MONTHS["refused"]:
            planted += [
                *hostile.list_refused(extract.frame, extract.on),
                *hostile.list_tricky(extract.frame, extract.on),
            ]
        for one in planted:
            self._writer.put(one.summary.name.partition(".zip/")[0] + ".zip" * (".zip/" in one.summary.name), one.data)
            self._planted.update(one.kinds)
            if not one.summary.name.endswith(".sha256"):
                self._writer.note(one.summary)
