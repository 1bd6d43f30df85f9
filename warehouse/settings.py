"""Where things are: the folders of a home, the project's own folders, the environment variables.

Does not live here: the programme's settings (programme/), the secret of the pseudonyms (ingestion/secret.py).
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from storage.atomic import write_atomically
from storage.private import close_to_others, is_shared, write_for_owner

ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = ROOT / "dbt_project"

HOME_VARIABLE = "PASSNUM_HOME"
PROGRAMME_VARIABLE = "PASSNUM_PROGRAMME"
DEFAULT_HOME = "data"

# Telemetry is off for every part, whoever starts it: nothing leaves the machine.
QUIET_ENVIRONMENT = {
    "GX_ANALYTICS_ENABLED": "false",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}


#: What the folders of a home are like: a home of a later passnum is refused, an earlier one is brought here (settle).
#: 0: before homes carried a number, which is read as it is. 1: it carries it.
FORMAT = 1


#: What the home carries instead while it is being restored, where its folder was there before.
BEING_RESTORED = "restauration"


class ClosedHome(Exception):
    """Nothing may be read nor written in the home; the French message says why and what to do."""


class NewerHome(ClosedHome):
    """The home was written by a later passnum."""


class HalfRestored(ClosedHome):
    """The home is being restored, or its restoration was killed."""


@dataclass(frozen=True)
class Home:
    """The folders of one home. `landing` may be elsewhere (a shared drive); the rest is under `root`."""

    root: Path
    landing: Path

    @classmethod
    def at(cls, root: Path | str | None = None, landing: Path | str | None = None) -> Home:
        """The home given, else PASSNUM_HOME, else ./data; nothing is created."""
        base = Path(root or os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).expanduser().resolve()
        return cls(base, Path(landing).expanduser().resolve() if landing else base / "landing")

    @property
    def national_mark(self) -> Path:
        """There where the home keeps a national view (passnum union), and no programme's files."""
        return self.root / ".national"

    @property
    def is_national(self) -> bool:
        return self.national_mark.exists()

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def quarantine(self) -> Path:
        """Rejected originals, each beside its report: inside the archive, for they may hold personal data."""
        return self.archive / "quarantine"

    @property
    def quarantine_door(self) -> Path:
        """Where a person looks for the quarantine: a link in the home to the folder inside the archive."""
        return self.root / "quarantine"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def register(self) -> Path:
        """What documents said and withheld (reporting/suppression/register.py). It never leaves the building."""
        return self.reports / ".registre"

    @property
    def data_docs(self) -> Path:
        """The pages of the checks: index.html (the build published last), refus.html (refused last)."""
        return self.reports / "data_docs"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def published(self) -> Path:
        """The name readers know: a link to the version published last."""
        return self.warehouse / "passnum.duckdb"

    @property
    def versions(self) -> Path:
        return self.warehouse / "versions"

    @property
    def as_of_versions(self) -> Path:
        return self.warehouse / "as_of"

    @property
    def parquet(self) -> Path:
        return self.warehouse / "parquet"

    @property
    def spark_versions(self) -> Path:
        """The versions that Spark built, a folder each (docs/echelle.md)."""
        return self.warehouse / "spark" / "versions"

    @property
    def spark_as_of(self) -> Path:
        """Those that it built as of a date, beside."""
        return self.warehouse / "spark" / "as_of"

    @property
    def spark_published(self) -> Path:
        """A link to the folder that Spark published last."""
        return self.warehouse / "spark" / "current"

    @property
    def builds(self) -> Path:
        """Work folders of the builds under way."""
        return self.warehouse / ".build"

    def create(self) -> Home:
        """Make the folders, closed to everyone but their owner (exports §4), as is what is written there from now on.

        A home made before, whose folder was open to others, is closed too. The landing folder is made in a new home
        alone: later, or elsewhere, one that is absent is a share that is not mounted, and a run says so.
        Raises ClosedHome.
        """
        write_for_owner()
        is_new = not self.lake.exists() and self.landing.parent == self.root
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settle()
        self.secure()
        if is_new:
            self.landing.mkdir(parents=True, exist_ok=True)
        for folder in (self.lake, self.warehouse, self.versions, self.reports, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.archive, self.quarantine):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        if not os.path.lexists(self.quarantine_door):
            self.quarantine_door.symlink_to(self.quarantine.relative_to(self.root), target_is_directory=True)
        return self

    @property
    def format_path(self) -> Path:
        return self.root / ".format"

    def read_format(self) -> int:
        """The number the home carries; 0 for one from before, FORMAT for a folder that holds no lake yet.

        Raises NewerHome where it is later, or is no number, HalfRestored where a restoration has not ended.
        """
        try:
            written = self.format_path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return 0 if self.lake.is_dir() else FORMAT
        if written == BEING_RESTORED:
            raise HalfRestored(
                f"La restauration du dossier de données {self.root} est en cours, ou s'est arrêtée avant la fin : "
                "relancez « passnum restore », qui la recommence."
            )
        if not written.isdigit() or int(written) > FORMAT:
            raise NewerHome(
                f"Le dossier de données {self.root} a été écrit par un passnum plus récent (format {written}, celui-ci "
                f"connaît {FORMAT}) : reprenez cette version, ou restaurez la sauvegarde d'avant la mise à jour."
            )
        return int(written)

    def settle(self) -> None:
        """Bring the home to FORMAT before anything is written in it. Raises ClosedHome, and changes nothing then."""
        if self.read_format() < FORMAT or (self.root.is_dir() and not self.format_path.exists()):
            write_atomically(self.format_path, f"{FORMAT}\n".encode())

    def secure(self) -> bool:
        """Close to others a home made before it was so. Whether it was to be done; see `is_shared` for what came of it.

        The content of the landing folder keeps its modes: files are left there by others, and may have other names.
        """
        if not self.is_shared:
            return False
        with contextlib.suppress(OSError):
            close_to_others(self.root, but=self.landing)
        return True

    @property
    def is_shared(self) -> bool:
        """Whether others than the owner may enter this home: a disk without modes, or somebody else's folder."""
        return self.root.exists() and is_shared(self.root)


def silence_telemetry() -> None:
    """Set the variables that keep every component from calling home."""
    os.environ.update(QUIET_ENVIRONMENT)
