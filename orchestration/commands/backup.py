"""`passnum backup` and `passnum restore`: arguments in, sentences out. Does not live here: how (backup, restoring)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingestion.locking import LOCK_WAIT_SECONDS
from orchestration.commands.output import (
    HomeOption,
    ProgrammeOption,
    console,
    errors,
    french_errors,
    say,
    stop,
    stop_without_lake,
)

if TYPE_CHECKING:
    from orchestration.backup import Backup
    from orchestration.restoring import Rehearsal
    from warehouse.settings import Home


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("backup", help="Sauvegarder lac, archive, documents et réglages ; jamais le secret.")(backup)
    app.command("restore", help="Refaire un dossier de données depuis une sauvegarde, et le reconstruire.")(restore)


def backup(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Où écrire ; chaque sauvegarde y a son dossier neuf.", metavar="DOSSIER"),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", help="Relire une sauvegarde déjà faite, sans rien écrire.", metavar="DOSSIER"),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", min=1, help="Ne garder, dans --out, que ce nombre de sauvegardes, celle-ci comprise.", metavar="N"
        ),
    ] = None,
    home: HomeOption = None,
    programme: ProgrammeOption = None,
) -> None:
    """Make a backup, or verify one. Exit codes: 0 whole and verified, 1 nothing was made, or one is damaged."""
    from ingestion.locking import HomeIsBusy, home_lock
    from orchestration import backup as backups
    from presentation.french import count
    from warehouse.settings import ClosedHome, Home

    if keep is not None and out is None:
        stop("--keep va avec --out : il dit combien de sauvegardes garder dans ce dossier.", 2)
    if (out is None) == (check is None):
        stop("Indiquez --out DOSSIER pour sauvegarder, ou --check DOSSIER pour relire une sauvegarde.", 2)
    place = Home.at(home)
    with french_errors(place, backups.BackupError, HomeIsBusy, ClosedHome, state="Rien n'a été sauvegardé."):
        if check is not None:
            found = backups.read(check)
            backups.require_intact(check, found)
            console.print(f"Conforme : {backups.told(found)}", soft_wrap=True)
            return
        stop_without_lake(place)
        assert out is not None
        with (
            home_lock(place.warehouse, LOCK_WAIT_SECONDS, tell_wait),
            home_lock(place.root, LOCK_WAIT_SECONDS, tell_wait),
        ):
            target = backups.make(place, programme, out)
        gone = [] if keep is None else backups.retire(target.parent, target, keep)
    say(console, "Sauvegarde faite", f" : {target}")
    console.print(backups.told(backups.read(target)), soft_wrap=True)
    if gone:
        many = count(len(gone), "sauvegarde plus ancienne retirée", "sauvegardes plus anciennes retirées")
        console.print(f"{many} (--keep {keep}) : {', '.join(sorted(one.name for one in gone))}.", soft_wrap=True)
    console.print(
        "Le secret des pseudonymes n'y est pas : gardez-le à part, en lieu sûr. Ni la zone de dépôt, ni le fichier "
        "d'accès aux pages et ses secrets.",
        soft_wrap=True,
    )


def tell_wait() -> None:
    """A command that waits in silence looks like one that is lost."""
    errors.print("Un traitement travaille déjà dans ce dossier : la commande attend sa fin (dix minutes au plus)…")


def _put_back(home: Home, source: Path, only: Path) -> None:
    from ingestion.locking import HomeIsBusy, home_lock
    from orchestration.backup import BackupError
    from orchestration.putting_back import put_back
    from presentation.french import count

    stop_without_lake(home)
    with (
        french_errors(home, BackupError, HomeIsBusy, state="Relancez la commande : elle finit ce qui était commencé."),
        home_lock(home.warehouse, LOCK_WAIT_SECONDS, tell_wait),
        home_lock(home.root, LOCK_WAIT_SECONDS, tell_wait),
    ):
        done = put_back(source, home, only)
    for path in done:
        say(console, "Remis", f" : {path}")
    if not done:
        console.print("Rien n'est à remettre : tout y est déjà comme dans la sauvegarde.")
        return
    console.print(f"{count(len(done), 'fichier remis', 'fichiers remis')}. Vérifiez : « passnum verify ».")


def restore(
    source: Annotated[Path, typer.Option("--from", help="La sauvegarde.", metavar="DOSSIER")],
    home: Annotated[
        Path,
        typer.Option("--home", help="Un dossier neuf, ou vide ; avec --only, celui à réparer.", metavar="DOSSIER"),
    ],
    only: Annotated[
        Path | None,
        typer.Option(
            "--only",
            help="Ne remettre qu'un fichier (ou dossier) abîmé ou perdu, celui que dit « passnum verify ».",
            metavar="CHEMIN",
        ),
    ] = None,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse/--no-rehearse", help="Reconstruire depuis le lac restauré et comparer, sans publier."),
    ] = True,
) -> None:
    """Make a home from a backup, or put one file back. Exit codes: 0 restored, and rebuilt the same; 1 nothing was
    restored, or what is rebuilt is not the same (the home is there, and says what it holds)."""
    from ingestion.locking import HomeIsBusy
    from orchestration import backup as backups
    from orchestration import restoring
    from orchestration.commands.progress import shown
    from orchestration.plan import RunPlan
    from warehouse.settings import ClosedHome, Home

    place = Home.at(home)
    if only is not None:
        _put_back(place, source.expanduser().resolve(), only)
        return
    with french_errors(place, backups.BackupError, ClosedHome, HomeIsBusy, state="Rien n'a été restauré."):
        found = restoring.restore(source.expanduser().resolve(), place)
    say(console, "Restauré", f" : {place.root}. {backups.told(found)}")
    settings = place.root / restoring.SETTINGS
    console.print(
        f"Réglages et contrats de la sauvegarde : {settings}. Pour vous en servir tels quels : "
        f"PASSNUM_PROGRAMME={settings / backups.PROGRAMME} et PASSNUM_CONTRACTS={settings / backups.CONTRACTS}",
        soft_wrap=True,
    )
    if told := restoring.missing_secret(found):
        say(console, "Secret", f" : {told}", "bold yellow")
    if not rehearse:
        console.print("Rien n'a été reconstruit (--no-rehearse).")
        return
    from ingestion.lake import LakeCorruption
    from presentation.french import count
    from programme.errors import ProgrammeError
    from warehouse.build.transform import TransformError

    with french_errors(place, LakeCorruption, ProgrammeError, TransformError), shown(console):
        done = restoring.rehearse(RunPlan(place, None, settings / backups.PROGRAMME), found)
    if done.before is None:
        console.print(f"Reconstruit : empreinte {done.fingerprint}. Aucun passage n'avait été fait de ces fichiers.")
    elif done.is_same:
        console.print(
            f"Reconstruit depuis le lac : même empreinte ({done.fingerprint}) que le passage {done.before.build_id}.",
            soft_wrap=True,
        )
    else:
        tables = f"{', '.join(done.different[:6])}{'…' if len(done.different) > 6 else ''}"
        many = count(len(done.different), "table n'est pas celle", "tables ne sont pas celles")
        stop(
            f"Reconstruit depuis le lac, {many} du passage {done.before.build_id} : {tables}. "
            f"{_why_different(done, found)} Le dossier restauré reste en place, avec la version d'avant en ligne."
        )


def _why_different(done: Rehearsal, found: Backup) -> str:
    """What explains that the same files give other tables, and what to do of it."""
    from presentation.french import day_long, in_paris

    if not done.why:
        return (
            "Ni les réglages ni le logiciel n'expliquent cet écart : ne mettez pas cette machine en service sans "
            "savoir pourquoi (« passnum doctor » : ses versions, son disque)."
        )
    return (
        f"Depuis, {done.why} : aucun fichier n'est en cause, tous ont été relus. « passnum run » publie ce que calcule "
        "ce passnum, et « passnum diff » dit quels chiffres bougent. Pour la preuve « même empreinte », restaurez avec "
        f"le code qui a fait la sauvegarde (du {day_long(in_paris(found.made_at).date())}), dans un autre dossier."
    )
