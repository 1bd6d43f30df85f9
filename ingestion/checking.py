"""`passnum check`: what would become of files, without loading them. For the person who prepares a delivery.

Does not live here: the command line (orchestration), the verdict itself (examine).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from ingestion.accounting import write_receipt
from ingestion.content import Changed, NotOrdinary, hash_content, read_in_place, read_ordinary
from ingestion.contract import Contract, load_layouts
from ingestion.delivery import Delivery, not_read
from ingestion.examine import examine
from ingestion.lake import Lake
from ingestion.landing import find_sidecar, list_files
from ingestion.personal_text import mask_name
from ingestion.preview import describe_reading
from ingestion.receipt import Receipt
from ingestion.refusal import Refusal, unreadable
from ingestion.report import write_loading, write_rejection
from ingestion.unpack import SIDECAR_SUFFIX, Member, check_sidecar, unpack
from presentation.system_errors import tell_error


@dataclass(frozen=True)
class Checked:
    """Grain: one table (a member, for an archive). `report` is French Markdown, without any personal value."""

    delivery: Delivery
    title: str
    report: str

    @property
    def would_load(self) -> bool:
        """At least one line would reach the lake."""
        return self.delivery.outcome == "loaded" and self.delivery.lines_accepted > 0

    @property
    def is_wrong(self) -> bool:
        """Refused, left where it is, or read without one line that holds: somebody has to look at it."""
        return self.delivery.outcome != "duplicate" and not self.would_load


def check_files(
    paths: Iterable[Path], *, today: date, lake: Lake | None = None, layouts: list[Contract] | None = None
) -> list[Checked]:
    """Judge files as `passnum run` would on that day; nothing is written. Folders are read with their subfolders.

    `lake`: where given, a file already loaded is told `duplicate`. An absent file is told `unreadable`.
    """
    layouts = load_layouts() if layouts is None else layouts
    checked: list[Checked] = []
    for path, is_named in list_files(paths):
        try:
            verdicts = [_check(member, layouts, today, lake) for member in _members(path, is_named)]
            checked += map(_tell_unverified, verdicts) if _is_unverified(path) else verdicts
        except (NotOrdinary, Changed) as error:
            checked.append(_leave(mask_name(path.name), str(error)))
    return checked


def _leave(name: str, why: str) -> Checked:
    note = not_read(why)
    delivery = Delivery(name, "left", datetime.now(UTC), notes=(note,))
    return Checked(delivery, "", f"# Fichier laissé en place : {name}\n\n{note}\n")


def _is_unverified(path: Path) -> bool:
    """Something stands where its `.sha256` would, and is never opened: a link, a pipe, a folder, or far too large."""
    return find_sidecar(path) is None and os.path.lexists(path.with_name(path.name + SIDECAR_SUFFIX))


def _tell_unverified(checked: Checked) -> Checked:
    note = (
        "Fichier non vérifié : l’empreinte (.sha256) à côté de lui n’est pas un petit fichier ordinaire (lien, tube, "
        "dossier, ou bien trop grande), elle n’est pas lue."
    )
    delivery = replace(checked.delivery, notes=(*checked.delivery.notes, note))
    return replace(checked, delivery=delivery, report=f"{checked.report.rstrip()}\n\n**{note}**\n")


def _members(path: Path, is_named: bool) -> Iterator[Member]:
    try:
        data = read_in_place(path, through_links=is_named)
    except (NotOrdinary, Changed):
        raise
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise NotOrdinary("c’est un lien : déposez une copie") from error
        refusal = unreadable(
            f"{mask_name(str(path))} ne peut pas être ouvert ({tell_error(error)}).", "Vérifiez son nom et vos droits."
        )
        yield Member(mask_name(path.name), b"", hash_content(b""), "text", refusal)
        return
    digest = hash_content(data)
    sidecar = find_sidecar(path)
    wrong = check_sidecar(path.name, digest, read_ordinary(sidecar) if sidecar else None)
    if wrong is not None:
        yield Member(mask_name(path.name), data, digest, "text", wrong)
        return
    try:
        yield from unpack(path.name, data, digest)
    except Refusal as refusal:
        yield Member(mask_name(path.name), data, digest, "text", refusal)


def _check(member: Member, layouts: list[Contract], today: date, lake: Lake | None) -> Checked:
    examined = examine(member, layouts, today, lake.find_loaded if lake else _never_loaded)
    receipt = write_receipt(examined, layouts, datetime.now(UTC), "", "")
    if examined.refusal is not None:
        report = write_rejection(member.name, examined.refusal, layouts, is_kept=False)
    elif examined.duplicate_of is not None:
        report = f"# Fichier déjà chargé : {member.name}\n\n{receipt.explanation}\n"
    else:
        report = write_loading(examined, receipt).replace("# Fichier chargé", _loading_title(receipt), 1)
    report += "\n".join(describe_reading(examined))
    notes = (receipt.explanation,) if receipt.explanation else ()
    title = next((c.title for c in layouts if c.layout == (receipt.layout or receipt.dataset)), "")
    return Checked(Delivery.of(receipt, None, notes), title, report)


def _loading_title(receipt: Receipt) -> str:
    if receipt.lines_accepted:
        return "# Fichier qui serait chargé"
    return "# Fichier dont aucune ligne ne serait chargée"


def _never_loaded(_: str) -> Receipt | None:
    return None
