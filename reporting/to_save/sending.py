"""Prepare the files of the passes to save and send them, each once a version.

The ledger of the letters is beside those of the reports: reports/qualite/envois/pass-a-sauver-<build>.json (outbox.py).
Does not live here: where files are and their state (state.py), what a file holds (content.py, workbook.py), how a mail
leaves (reporting/quality).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from programme.clock import today_in_paris
from programme.config import Programme
from programme.models import Correspondent
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import NEW, Entry, Ledger
from reporting.quality.sending import send_once
from reporting.quality.store import ledger_path
from reporting.to_save.content import Share, addresses_of, read_shares
from reporting.to_save.letters import compose_letters, sentence_of
from reporting.to_save.state import FOLDER, Post, folder_of, write_posts
from reporting.to_save.workbook import write_workbook
from storage.atomic import folder_atomically, remove_left_overs
from warehouse.published.versions import Version
from warehouse.settings import Home


@dataclass(frozen=True)
class Prepared:
    """The files of one version, written in `folder`. strangers: those written to who have nothing to save."""

    version: Version
    folder: Path
    shares: list[Share]
    posts: list[Post]
    strangers: list[Correspondent]

    def file(self, share: Share) -> Path:
        return self.folder / file_name(share, self.version)


def file_name(share: Share, version: Version) -> str:
    """pass-a-sauver_2023-12-31_prescripteur-21940080900014.xlsx."""
    return f"pass-a-sauver_{version.as_of.isoformat()}_{share.slug}.xlsx"


def prepare(home: Home, version: Version, programme: Programme, correspondents: list[Correspondent]) -> Prepared:
    """Write the file of every structure and the state of its letters. programme: the settings of the version.

    The same version writes the same files over themselves. Nothing is sent.
    """
    shares = read_shares(version, programme)
    folder = folder_of(home, version)
    remove_left_overs(folder.parent)
    with folder_atomically(folder, replace=True) as aside:
        for share in shares:
            (aside / file_name(share, version)).write_bytes(write_workbook(share, version))
    known = {share.code for share in shares}
    strangers = [one for one in correspondents if one.receives_to_save and one.structure not in known]
    return _noted(home, Prepared(version, folder, shares, [], strangers), correspondents)


def send(
    home: Home,
    prepared: Prepared,
    correspondents: list[Correspondent],
    settings: MailSettings,
    tell: Callable[[str], None],
) -> tuple[Prepared, list[Entry]]:
    """Send every structure its file, at each of its addresses; nobody twice. Returns the state, noted, and the letters.

    Raises MailError, MailSettingsError (French).
    """
    settings.require_sending()
    letters = [
        letter
        for share in prepared.shares
        if (boxes := addresses_of(share, correspondents))
        for letter in compose_letters(
            share,
            (prepared.file(share).name, prepared.file(share).read_bytes()),
            boxes,
            prepared.version,
            settings,
            today_in_paris(),
        )
    ]
    try:
        entries = send_once(home, _ledger_name(prepared.version), letters, settings, tell)
    finally:
        noted = _noted(home, prepared, correspondents)
    return noted, entries


def _ledger_name(version: Version) -> str:
    return f"{FOLDER}-{version.build_id}"


def _noted(home: Home, prepared: Prepared, correspondents: list[Correspondent]) -> Prepared:
    """The same with the state of its letters, which is written beside the files."""
    ledger = Ledger(ledger_path(home, _ledger_name(prepared.version)))
    known = {(entry.key.rpartition("|")[2], entry.to): entry for entry in ledger.entries()}
    posts = []
    for share in prepared.shares:
        boxes = addresses_of(share, correspondents)
        entries = {box: known.get((share.slug, box)) for box in boxes}
        posts.append(
            Post(
                share.kind,
                share.code,
                share.name,
                sentence_of(share),
                file_name(share, prepared.version),
                {box: entry.status if entry else NEW for box, entry in entries.items()},
                {box: entry.error for box, entry in entries.items() if entry and entry.error},
            )
        )
    write_posts(prepared.folder, posts)
    return replace(prepared, posts=posts)
