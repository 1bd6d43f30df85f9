"""Landing → archive, lake or quarantine, one file after the other, safe against a kill at any instant.

Some files are read and judged together; then each is put where it belongs, in the order of their names: original into
the archive (flushed), lake folder by one rename; then their folders are flushed, and the originals leave the landing
folder. A kill leaves a file loaded or not; the next run finishes. Does not live here: judging files (examine), what
waits meanwhile (waiting).
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingestion.accounting import write_receipt
from ingestion.claiming import claim, give_back, lonely_sidecars, remove_empty
from ingestion.content import FULL_DISK, read_ordinary, take
from ingestion.contract import Contract, load_layouts
from ingestion.delivery import Delivery, IngestionError, Progress, not_read
from ingestion.erased import Cut
from ingestion.examine import Examined, begin, finish
from ingestion.identifier_rule import refuse_other_rule
from ingestion.lake import REJECTED_LINES, Lake
from ingestion.landing import (
    CLAIMED,
    SETTLE_SECONDS,
    STILL_WRITTEN,
    Arrival,
    is_unchanged,
    list_arrivals,
)
from ingestion.masking_again import mask_again
from ingestion.personal_text import mask_name
from ingestion.pseudonym import drop_personal, drop_personal_of
from ingestion.receipt import Receipt
from ingestion.report import describe_personal, describe_sheets, write_loading, write_rejection
from ingestion.secret import fingerprint
from ingestion.unpack import SIDECAR_SUFFIX, Member
from ingestion.vault import (
    archive_path,
    clean_partials,
    flat_name,
    is_archived,
    keep_in_archive,
    keep_in_quarantine,
    quarantine_folder,
)
from ingestion.waiting import Original, Waiting
from presentation.system_errors import tell_error
from storage.atomic import fsync_paths


@dataclass(frozen=True)
class Folders:
    """The four folders of a home that the intake works in.

    The quarantine lies inside the archive: a rejected original may hold personal data as well as any other, and
    exports §4 allows none outside the archive; it is still kept beside its report (exports §3).
    """

    landing: Path
    archive: Path
    quarantine: Path
    lake: Path

    @classmethod
    def of_home(cls, home: Path, landing: Path | None = None) -> Folders:
        """The folders of a home, with another landing folder if given."""
        home = Path(home)
        return cls(landing or home / "landing", home / "archive", home / "archive" / "quarantine", home / "lake")


def refuse_other_secret(lake: Lake, secret: bytes) -> None:
    """Raises IngestionError where the lake was written under another secret."""
    mark = fingerprint(secret)
    if any(r.secret_fingerprint not in (None, mark) for r in lake.receipts()):
        raise IngestionError(
            "Le secret des pseudonymes n’est pas celui des fichiers déjà chargés : une même personne serait "
            "comptée deux fois. Rétablissez le secret d’origine (PASSNUM_SECRET_FILE), ou repartez d’un dossier "
            "de données vide."
        )


def ingest(
    folders: Folders,
    *,
    today: date,
    secret: bytes,
    on_progress: Callable[[Progress], None] | None = None,
    layouts: list[Contract] | None = None,
    settle_seconds: float = SETTLE_SECONDS,
    on_wait: Callable[[float], None] | None = None,
) -> list[Delivery]:
    """Take in every file of the landing folder. Call it under the home's lock.

    Returns one Delivery a file received (a member, for an archive), and one with outcome `left` for a file that
    stays. `on_wait`: told, in seconds, before a wait for files to settle. Raises IngestionError when nothing more can
    be done; the files already taken in stay so, the others keep their claims.
    """
    run = _Run(folders, today, secret, load_layouts() if layouts is None else layouts)
    run.prepare()
    arrivals, left = list_arrivals(folders.landing, settle_seconds, on_wait)
    deliveries = [run.left(item.name, item.why) for item in left if not run.is_forgotten_sidecar(item.path, item.name)]
    for done, arrival in enumerate(arrivals):
        if on_progress:
            on_progress(Progress(done, len(arrivals), arrival.name, f"Lecture de {arrival.name}"))
        deliveries += run.take_in(arrival)
    deliveries += run.settle()
    if on_progress and arrivals:
        on_progress(Progress(len(arrivals), len(arrivals), "", f"{len(arrivals)} fichiers lus"))
    return deliveries


@contextlib.contextmanager
def _telling(name: str) -> Iterator[None]:
    """An error of the system, while that file is dealt with, as the French one that ends the run."""
    try:
        yield
    except OSError as error:
        raise _explain(error, name) from error


def _explain(error: OSError, name: str) -> IngestionError:
    if error.errno in FULL_DISK:
        return IngestionError(
            f"Le disque est plein : {name} reste dans la zone de dépôt, rien n’est perdu. Libérez de la place, puis "
            "relancez la commande."
        )
    where = f" : {mask_name(str(error.filename))}" if error.filename else ""
    return IngestionError(
        f"{name} n’a pas pu être rangé ({tell_error(error)}{where}) : il reste dans la zone "
        "de dépôt. Vérifiez les droits sur le dossier de données, puis relancez la commande."
    )


class _Run:
    """One pass over the landing folder."""

    def __init__(self, folders: Folders, today: date, secret: bytes, layouts: list[Contract]) -> None:
        self.folders = folders
        self.today = today
        self.secret = secret
        self.layouts = layouts
        self.lake = Lake(folders.lake, {c.dataset: c for c in layouts if c.layout == c.dataset})
        self.recorded: set[tuple[str, str, str]] = set()
        self.waiting = Waiting()
        self.written: set[Path] = set()  # folders that hold something new and are not flushed yet
        self.cut = Cut(self.lake)

    def prepare(self) -> None:
        """Make the folders, clean what a killed run left, and refuse a secret that is not the lake's."""
        try:
            for folder in (self.folders.archive, self.folders.quarantine):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                folder.chmod(0o700)
            self.folders.lake.mkdir(parents=True, exist_ok=True)
            self.lake.clean_staging()
            mask_again(self.lake)
            clean_partials(self.folders.archive)
            self._give_back_sidecars()
        except OSError as error:
            raise _explain(error, "Le dossier de données") from error
        refuse_other_secret(self.lake, self.secret)
        refuse_other_rule(self.lake)
        self.recorded = {(r.landing, r.file_name, r.sha256) for r in self.lake.other_receipts()}

    def _give_back_sidecars(self) -> None:
        """A kill between a `.sha256` and its file: it goes with a file that is kept, and back to one that is not."""
        for path, place in lonely_sidecars(self.folders.landing):
            if os.path.lexists(place) or self._is_kept(path.name, read_ordinary(path)):
                path.unlink()
            else:
                path.rename(place)
            remove_empty(path.parent, self.folders.landing / CLAIMED)

    def _is_kept(self, name: str, content: bytes, since: float = 0.0) -> bool:
        """Whether the archive, quarantine included, has a `.sha256` of that name and content, no older than `since`."""
        kept = self.folders.archive.rglob("*" + glob.escape(flat_name(name)))
        return any(k.stat().st_mtime >= since and k.read_bytes() == content for k in kept)

    def left(self, name: str, why: str) -> Delivery:
        """A file that stays in the landing folder."""
        return Delivery(name, "left", datetime.now(UTC), notes=(not_read(why),))

    def is_forgotten_sidecar(self, path: Path, name: str) -> bool:
        """Remove a `.sha256` that a killed run has kept already and had no time to take out; True when it did."""
        if not name.lower().endswith(SIDECAR_SUFFIX):
            return False
        try:
            content, since = read_ordinary(path), path.lstat().st_ctime
        except OSError:
            return False
        # one sent again is younger than the copy: it waits for its file
        if not self._is_kept(name, content, since):
            return False
        path.unlink()
        return True

    def take_in(self, arrival: Arrival) -> list[Delivery]:
        """Read one file (every member of an archive), and settle those that wait once they are many.

        Returns the deliveries settled. Raises IngestionError where one cannot be put where it belongs.
        """
        settled: list[Delivery] = []
        if not self.waiting.has_room_for(arrival):
            settled += self.settle()
        with _telling(arrival.name):
            claimed = claim(arrival, self.folders.landing)
            if claimed is None:
                return settled + self._leave(arrival, STILL_WRITTEN) if arrival.path.exists() else settled
            arrival = claimed
            try:
                taken = take(arrival.path, self.folders.archive)
                sidecar = read_ordinary(arrival.sidecar) if arrival.sidecar else None
            except PermissionError:
                return settled + self._leave(arrival, "vous n’avez pas le droit de le lire ; changez ses droits")
            except FileNotFoundError:
                return settled
            except OSError as error:
                if error.errno in FULL_DISK:
                    raise
                return settled + self._leave(arrival, f"sa lecture échoue ({tell_error(error)})")
            if not is_unchanged(arrival):
                taken.let_go()
                return settled + self._leave(arrival, STILL_WRITTEN)
        original = Original(arrival, taken, sidecar, self.folders.archive)
        try:
            return settled + self._read(original)
        except BaseException:
            taken.let_go()  # the original is in the landing folder still
            raise

    def _read(self, original: Original) -> list[Delivery]:
        settled: list[Delivery] = []
        for member in self._members(original):
            with _telling(original.arrival.name):
                begun = begin(member, self.layouts, self.lake.find_loaded)
                if begun.file_id in self.waiting.file_ids:
                    # whether a second copy is a duplicate is known once the first is settled
                    settled += self.settle()
                    begun = begin(member, self.layouts, self.lake.find_loaded)
            self.waiting.add(original, begun)
            if self.waiting.is_full:
                settled += self.settle()
        self.waiting.tables.append((original, None))
        return settled if self.waiting.file_ids else settled + self.settle()

    def _members(self, original: Original) -> Iterator[Member]:
        with _telling(original.arrival.name):
            yield from original.members()

    def settle(self) -> list[Delivery]:
        """Judge the tables that wait, together, then put each where it belongs, in order."""
        waiting, self.waiting = self.waiting, Waiting()
        whole: list[Original] = []
        settled: list[Delivery] = []
        try:
            with _telling(waiting.tables[0][0].arrival.name if waiting.tables else ""):
                examined = finish([begun for _, begun in waiting.tables if begun], self.today)
            held = [(e.parsed.rows, e.contract) for e in examined if e.parsed and e.contract and e.parsed.is_held]
            verdicts, kept = iter(examined), iter(drop_personal_of(held, self.secret))
            for original, begun in waiting.tables:
                with _telling(original.arrival.name):
                    if begun is not None:
                        verdict = next(verdicts)
                        is_held = verdict.parsed is not None and verdict.parsed.is_held
                        original.deliveries += self._settle(original, verdict, next(kept) if is_held else None)
                    else:
                        whole.append(original)
        finally:
            for original, _ in waiting.tables:
                original.taken.let_go()
            # Folders are flushed once for all of them, before any original goes; those before a failure go too.
            fsync_paths(self.written)
            self.written.clear()
            for original in whole:
                note = original.remove(self.folders.landing)
                settled += [_with_note(d, note) for d in original.deliveries]
        return settled

    def _leave(self, arrival: Arrival, why: str) -> list[Delivery]:
        give_back(arrival, self.folders.landing)
        return [*self.settle(), self.left(arrival.name, why)]

    def _settle(self, original: Original, examined: Examined, rows: pl.DataFrame | None) -> Iterator[Delivery]:
        """Put one table where it belongs; nothing is told of what a killed run already did."""
        member = examined.member
        mark = fingerprint(self.secret)
        receipt = write_receipt(examined, self.layouts, datetime.now(UTC), original.arrival.identity, mark)
        if examined.refusal is not None:
            report = write_rejection(member.name, examined.refusal, self.layouts)
            folder = quarantine_folder(self.folders.quarantine, self.today, member.sha256, member.name)
            is_whole = member.name == original.arrival.name
            sidecar, copy = (original.sidecar, original.taken.copy) if is_whole else (None, None)
            kept = original.taken.data if is_whole else member.data
            path = keep_in_quarantine(folder, member.name, kept, report, sidecar, copy)
            yield from self._record(receipt, path)
        elif examined.duplicate_of is not None:
            if not is_archived(self.folders.archive, original.sha256):
                self._archive(original)
            first = examined.duplicate_of
            # a killed run had loaded this very member; another one of the same bytes is a duplicate like any other
            if (first.landing, first.file_name) != (receipt.landing, receipt.file_name):
                yield from self._record(receipt, None)
        else:
            self._archive(original)
            yield self._load(examined, receipt, rows)

    def _record(self, receipt: Receipt, report: Path | None) -> Iterator[Delivery]:
        mark = (receipt.landing, receipt.file_name, receipt.sha256)
        if mark not in self.recorded:
            self.lake.record(receipt)
            self.recorded.add(mark)
            yield Delivery.of(receipt, report, (receipt.explanation,) if receipt.explanation else ())

    def _archive(self, original: Original) -> None:
        path = archive_path(self.folders.archive, self.today, original.sha256, original.arrival.name)
        keep_in_archive(path, original.taken, original.sidecar)
        self.written.add(path.parent)

    def _load(self, examined: Examined, receipt: Receipt, rows: pl.DataFrame | None) -> Delivery:
        """`rows`: without what is personal; None where the file is not held, and they come a part at a time."""
        parsed, contract = examined.parsed, examined.contract
        if parsed is None or contract is None or receipt.dataset is None:
            raise ValueError("only a parsed file can be loaded")
        kept = (drop_personal(part, contract, self.secret) for part in parsed.each("rows")) if rows is None else [rows]
        final = self.lake.commit(
            receipt,
            (self._rows(part, receipt) for part in kept),
            (_findings(part, receipt) for part in parsed.each("rejected")),
            (_findings(part, receipt) for part in parsed.each("issues")),
            (_absorbed(part, receipt) for part in parsed.each("absorbed")) if parsed.tally.absorbed else (),
            write_loading(examined, receipt),
        )
        path = self.lake.folder_of(receipt.dataset, final.file_id) / "rapport.md"
        self.written.add(path.parent.parent)
        told = (final.explanation,) if final.explanation else ()
        return Delivery.of(final, path, (*told, *describe_sheets(examined), *describe_personal(examined.personal)))

    def _rows(self, rows: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
        """Columns of the data set's own contract, in its order, provenance last."""
        provenance = {
            "source_file_id": pl.lit(receipt.file_id),
            "source_line": pl.col("line"),
            "source_sha256": pl.lit(receipt.sha256),
            "extract_date": pl.lit(receipt.extract_date),
        }
        present = {c: pl.col(c) for c in rows.columns} | provenance
        absent = pl.lit(None, dtype=pl.String)
        columns = self.lake.contracts[receipt.dataset or ""].output_columns
        loaded = rows.select(present.get(c, absent).alias(c) for c in columns)
        return self.cut.keep(loaded, receipt.dataset or "")


def _with_note(delivery: Delivery, note: str | None) -> Delivery:
    return Delivery(**(vars(delivery) | {"notes": (*delivery.notes, note)})) if note else delivery


def _line_of(receipt: Receipt) -> dict[str, pl.Expr]:
    """Where a line stands, for a table of the lake that tells of lines."""
    return {
        "file_id": pl.lit(receipt.file_id),
        "file_name": pl.lit(receipt.file_name),
        "dataset": pl.lit(receipt.dataset),
        "line_number": pl.col("line"),
    }


def _absorbed(absorbed: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    return absorbed.select(
        **_line_of(receipt),
        kept_line=pl.col("kept_line"),
        reason=pl.col("reason"),
    )


def _findings(findings: pl.DataFrame, receipt: Receipt) -> pl.DataFrame:
    if findings.is_empty():
        return _NO_FINDING
    return findings.select(
        **_line_of(receipt),
        column_name=pl.col("column_name"),
        value=pl.col("value"),
        reason=pl.col("reason"),
    )


_NO_FINDING = pl.DataFrame(
    schema={name: pl.Int64 if kind == "BIGINT" else pl.String for name, kind in REJECTED_LINES.items()}
)

__all__ = ["Delivery", "Folders", "IngestionError", "Progress", "ingest"]
