"""After whatever changes which versions a home keeps, or what is in them: the shared lake is brought to the same.

What was done locally stays so whatever happens here: a failure is told, and the next run, or `passnum lake sync`, does
it again. Nothing is imported where no lake is set. Does not live here: registering, expiring (warehouse/build/sharing).
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.apart import ProcessLost, apart
from orchestration.telling import tell as tell_run
from presentation.french import count, decimal
from presentation.system_errors import explain_error
from programme.config import ProgrammeError, load_shared_lake
from warehouse.settings import Home

if TYPE_CHECKING:
    from orchestration.integrity import Finding, Part
    from programme.models import SharedLake
    from warehouse.build.sharing import Done

#: What is said with every failure: nothing is lost, and what to do.
AGAIN = (
    "Le dossier de données est en ordre ; le lac partagé ne l'est pas encore : ce qui a été effacé ici peut y "
    "être encore. Le prochain passage, ou « passnum lake sync », l'y mettra."
)


_SYNC = "passnum lake sync"


class NotShared(Exception):
    """The home is as it should be, the shared lake is not; the French message says why and what to do."""


def share(home: Home, programme_folder: Path | None, tell: Callable[[str], None] = tell_run) -> NotShared | None:
    """Bring the shared lake, where one is set, to what the home says. Under the runs' lock. Never raises for it.

    Returns, and tells, why it could not be.
    """
    try:
        lake = load_shared_lake(programme_folder)
        if lake is None or _is_national(home):
            return None
        began = time.perf_counter()
        # PostgreSQL that stops in the middle ends the process of DuckDB without a word: it is another one.
        with apart(True) as processes:
            done = processes.having(load)(_synchronise, home, lake)
        for sentence in _said(done, time.perf_counter() - began):
            tell(sentence)
    except Exception as error:  # noqa: BLE001 — the versions are where they should be, whatever fails here
        failed = NotShared(f"{_why(error)} {AGAIN}")
        tell(str(failed))
        return failed
    return None


def load() -> None:
    """What the process that registers imports."""
    import warehouse.build.sharing  # noqa: F401


def _is_national(home: Home) -> bool:
    """A national view is nobody's programme: the lake is one commanditaire's, whose readers are not the others'."""
    from warehouse.published.national import is_national
    from warehouse.published.versions import current_path

    path = current_path(home)
    return path is not None and is_national(path)


def _why(error: Exception) -> str:
    from warehouse.published.shared_lake import SharedLakeError

    if isinstance(error, ProcessLost):
        return "PostgreSQL, ou le système, a coupé l'inscription au lac partagé pendant qu'elle se faisait."
    is_told = isinstance(error, SharedLakeError | ProgrammeError)
    return str(error) if is_told else f"Le lac partagé n'a pas pu être écrit : {explain_error(error)}."


def _synchronise(home: Home, lake: SharedLake) -> Done:
    from warehouse.build.sharing import synchronise

    return synchronise(home, lake, lambda path: _source(home, lake, path))


@contextlib.contextmanager
def _source(home: Home, lake: SharedLake, path: Path) -> Iterator[Path]:
    """What of a version is shared: all of it, or what `passnum export analystes` gives."""
    if lake.content == "complet":
        yield path
        return
    from reporting.analysts import write_analysts_file
    from warehouse.published.versions import read_version

    # killed meanwhile, it is removed with what runs leave (storage.atomic.PARTIAL_SUFFIX)
    with tempfile.TemporaryDirectory(dir=home.warehouse, prefix=".", suffix=".part") as work:
        yield write_analysts_file(read_version(path), home, Path(work))


def look_at_shared_lake(home: Home, programme_folder: Path | None) -> list[Part]:
    """The look of `passnum doctor` at the shared lake; none where none is set."""
    subject = "Lac partagé"

    def look() -> Iterator[Finding]:
        from orchestration.integrity import Finding
        from warehouse.build.sharing import lost_files, plan_of
        from warehouse.published.shared_lake import list_snapshots, open_lake
        from warehouse.published.versions import build_of, current_path

        current = current_path(home)
        try:
            lake = load_shared_lake(programme_folder)
            if lake is None:
                return
            with open_lake(lake) as con:
                snapshots, lost = list_snapshots(con), lost_files(con)
                plan = plan_of(home, lake, con) if current is not None else None
        except Exception as error:  # noqa: BLE001 — whatever it is, it is what there is to mend
            yield Finding(subject, "à réparer", "Le lac partagé ne peut pas être lu.", _why(error))
            return
        versions = [one.version for one in snapshots]
        if lost:
            words = ("fichier inscrit manque", "fichiers inscrits manquent")
            said = f"{count(len(lost), *words)} dans le dossier : {lost[0]}."
            yield Finding(subject, "à réparer", said, "Remettez le dossier, ou refaites le lac (docs/exploitation.md).")
        elif current is not None and build_of(current) not in versions:
            said = f"La version en ligne, {build_of(current)}, n'y est pas inscrite."
            yield Finding(subject, "à réparer", said, _SYNC)
        elif plan is not None and (plan.forget or plan.register):
            said = (
                "Il ne dit pas ce que dit le dossier de données : des versions y manquent, ou y sont telles qu'avant "
                "un effacement ou un réglage."
            )
            yield Finding(subject, "à réparer", said, _SYNC)
        else:
            yield Finding(subject, "bon", f"{count(len(versions), 'version inscrite', 'versions inscrites')}.")

    try:
        return [(subject, look)] if load_shared_lake(programme_folder) else []
    except ProgrammeError:
        return [(subject, look)]


def _said(done: Done, seconds: float) -> Iterator[str]:
    if done.registered:
        names = ", ".join(done.registered)
        yield (
            f"Lac partagé : {names} inscrite, en {decimal(seconds, 1)} s."
            if len(done.registered) == 1
            else (f"Lac partagé : {names} inscrites, dans cet ordre, en {decimal(seconds, 1)} s.")
        )
    if done.forgotten:
        yield f"Lac partagé : {count(len(done.forgotten), 'version retirée', 'versions retirées')}, avec ses fichiers."
    if done.orphans:
        words = ("fichier laissé par un passage tué, enlevé", "fichiers laissés par un passage tué, enlevés")
        yield f"Lac partagé : {count(len(done.orphans), *words)}."
