"""The alert: a run, a delivery or a backup that did not happen for longer than expected, a disk that fills.

Does not live here: sending it (sending.py), when it is looked for (orchestration).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape

from presentation.french import count, day_long, in_paris, instant_long, percent, size
from presentation.freshness import LASTING_DAYS, Freshness
from programme.clock import today_in_paris
from programme.deliveries import MONTHLY
from programme.models import Programme
from reporting.quality.letters import compose, short_page
from reporting.quality.mail_settings import MailSettings
from reporting.quality.outbox import Letter
from reporting.quality.wording import dataset_title
from storage.disk import FULL_SHARE, disk_of
from warehouse.published import builds
from warehouse.published.last_backup import LastBackup, find_last_backup
from warehouse.published.received import last_received
from warehouse.published.version_settings import settings_of_home
from warehouse.published.versions import current_version
from warehouse.settings import Home

#: A file of another machine may be dated by its clock: less than this is no sign of ours being wrong.
CLOCK_TOLERANCE_SECONDS = 120
SET_CLOCK = "Remettez l’horloge de la machine à l’heure (NTP)"
_LASTING_REMEDY = (
    "Les rappels n’ont pas suffi : saisissez par écrit le responsable du contrat chez #APTIC, et dites aux lecteurs "
    "des chiffres qu’ils s’arrêtent aux fichiers du {day}. Vérifiez aussi la zone de dépôt et les fichiers refusés "
    "(« passnum status »)."
)


@dataclass(frozen=True)
class Expected:
    """How long a silence may last (settings expected_delivery_days, run_expected_hours, reminder_days)."""

    delivery_days: int
    run_hours: int
    reminder_days: int

    @classmethod
    def of(cls, programme: Programme) -> Expected:
        return cls(programme.expected_delivery_days, programme.run_expected_hours, programme.reminder_days)


@dataclass(frozen=True)
class Alert:
    """One thing that should have happened. `key` changes every `reminder_days`: a lasting silence is told again."""

    key: str
    title: str
    sentence: str
    remedy: str


def look_for_alerts(home: Home, programme: Callable[[], Programme], now: datetime | None = None) -> list[Alert]:
    """What is late in this home: its runs (published, refused, or with nothing new) and the files loaded.

    Late is what the published version's own settings say; those in force (`programme`) where it says nothing.
    """
    expected = Expected.of(settings_of_home(home, programme))
    at = now or datetime.now(UTC).replace(tzinfo=None)
    found = find_alerts(at, builds.last_run_at(home.lake), last_received(home), expected, MONTHLY)
    backups = backup_alerts(find_last_backup(home), at, expected)
    return [*found, *disk_alerts(*disk_of(home.root), at, expected), *backups]


def backup_alerts(last: LastBackup | None, now: datetime, expected: Expected) -> list[Alert]:
    """Told where backups were made and are no more, again every `reminder_days`; who never made one has others."""
    if last is None or not last.is_late(now):
        return []
    late = now - last.at
    told = (
        f"La dernière sauvegarde date du {_day(last.at)}, il y a {_lasting(late)} ({last.folder}) : un disque perdu "
        "aujourd’hui emporterait ce qui est venu depuis."
    )
    remedy = (
        "Lancez « passnum backup --out DOSSIER » et lisez ce qu’il répond ; vérifiez que la tâche planifiée tourne "
        "encore, et que le disque des sauvegardes est là."
    )
    return [Alert(_key("sauvegarde", last.at, late, expected), "Plus aucune sauvegarde", told, remedy)]


def disk_alerts(share: float, free: int, now: datetime, expected: Expected) -> list[Alert]:
    """Told while there is still room, again every `reminder_days`. `share`: used; `free`: octets."""
    if share <= FULL_SHARE:
        return []
    told = f"Le disque des données est occupé à {percent(share, 0)} ; il y reste {size(free)}."
    remedy = "Lancez « passnum prune », puis « passnum purge » ; sinon, demandez un disque plus grand."
    reminder = now.toordinal() // expected.reminder_days
    return [Alert(f"disque|{reminder}", "Le disque se remplit", told, remedy)]


def tell_received(home: Home, programme: Callable[[], Programme], today: date | None = None) -> str:
    """Where nothing is late: what was received is recent, and how old the data are that it holds when that is late."""
    told = "le dernier passage et les derniers fichiers reçus sont récents."
    version = current_version(home)
    if version is None:
        return told
    days = settings_of_home(home, programme).expected_delivery_days
    fresh = Freshness(version.as_of, today or today_in_paris(), days)
    return f"{told} {fresh.sentence}" if fresh.is_late else told


def find_alerts(
    now: datetime,
    last_run: datetime | None,
    last_received: dict[str, datetime],
    expected: Expected,
    monthly: tuple[str, ...] = (),
) -> list[Alert]:
    """What is late at `now`. Instants are UTC without zone; `last_received`: data set → its last loaded file.

    `monthly`: the exports that come every month; the others come when there is news.
    """
    known = [*last_received.values(), *([last_run] if last_run else [])]
    return [
        *clock_alerts(now, max(known, default=None), expected),
        *_run_alerts(now, last_run, expected),
        *_delivery_alerts(now, last_received, expected, monthly),
    ]


def is_clock_behind(now: datetime, latest: datetime | None) -> bool:
    """The home already knows an instant that is still to come: the clock was put back, or was wrong then."""
    return latest is not None and (latest - now).total_seconds() > CLOCK_TOLERANCE_SECONDS


def tell_clock(now: datetime, latest: datetime) -> str:
    """What the machine believes, beside what the home knows; without a final stop."""
    known = f"{instant_long(latest)} (heure de Paris)"
    return f"La machine se croit le {instant_long(now)}, et ce dossier connaît déjà le {known}"


def clock_alerts(now: datetime, latest: datetime | None, expected: Expected) -> list[Alert]:
    """Told while it lasts, again every `reminder_days`: on such a clock no silence is late before it is right again."""
    if latest is None or not is_clock_behind(now, latest):
        return []
    hidden = "tant qu’elle retarde, un passage ou une livraison qui manque n’est dit à personne"
    told = f"{tell_clock(now, latest)} : {hidden}."
    remedy = f"{SET_CLOCK}, puis lancez « passnum doctor »."
    reminder = now.toordinal() // expected.reminder_days
    return [Alert(f"horloge|{reminder}", "L’horloge de la machine retarde", told, remedy)]


def _run_alerts(now: datetime, last_run: datetime | None, expected: Expected) -> list[Alert]:
    remedy = (
        "Lancez « passnum run » et lisez ce qu’il répond ; vérifiez que la machine et le planificateur (Dagster) "
        "sont démarrés. Les traces sont dans le dossier logs."
    )
    if last_run is None:
        told = "Aucun passage n’a encore eu lieu : rien n’a été lu ni publié."
        return [Alert("passage|jamais", "Aucun passage", told, remedy)]
    late = now - last_run
    if late <= timedelta(hours=expected.run_hours):
        return []
    told = (
        f"Le dernier passage date du {instant_long(last_run)}, il y a {_lasting(late)} ; un passage est attendu toutes "
        f"les {count(expected.run_hours, 'heure')} au plus. Les chiffres publiés ne tiennent pas compte des fichiers "
        "déposés depuis." + _again(last_run + timedelta(hours=expected.run_hours), now, expected)
    )
    return [Alert(_key("passage", last_run, late, expected), "Le passage attendu n’a pas eu lieu", told, remedy)]


def _delivery_alerts(
    now: datetime, last_received: dict[str, datetime], expected: Expected, monthly: tuple[str, ...]
) -> list[Alert]:
    limit = timedelta(days=expected.delivery_days)
    pace = f"attendue au moins tous les {count(expected.delivery_days, 'jour')}"
    remedy = (
        "Demandez à #APTIC si l’export a été produit et où il a été déposé ; vérifiez la zone de dépôt, puis les "
        "fichiers refusés (« passnum status »)."
    )
    if not last_received:
        told = "Aucun fichier n’a encore été chargé."
        return [Alert("livraison|jamais", "Aucune livraison", told, remedy)]
    newest = max(last_received.values())
    if now - newest > limit:
        late = now - newest
        told = f"Le dernier fichier chargé date du {_day(newest)}, il y a {_lasting(late)} ; une livraison est {pace}."
        title = "Plus aucune livraison"
        if late.days >= LASTING_DAYS:
            title, remedy = "Plus aucune livraison depuis trois mois", _LASTING_REMEDY.format(day=_day(newest))
        told += _again(newest + limit, now, expected)
        return [Alert(_key("livraison", newest, late, expected), title, told, remedy)]
    alerts = []
    for dataset in monthly:
        last = last_received.get(dataset)
        if last is None or now - last > limit:
            since = "n’a jamais été chargé" if last is None else f"n’a pas été chargé depuis le {_day(last)}"
            name = dataset_title(dataset)
            told = f"L’export « {name} » {since} ; une livraison en est {pace}."
            told += "" if last is None else _again(last + limit, now, expected)
            key = f"{dataset}|jamais" if last is None else _key(dataset, last, now - last, expected)
            alerts.append(Alert(key, f"Export manquant : {name}", told, remedy))
    return alerts


def _again(first: datetime, now: datetime, expected: Expected) -> str:
    """Told before: since when. `first`: the instant from which it was late."""
    if (now - first).days < expected.reminder_days:
        return ""
    return f" Cette alerte vous est redite depuis le {_day(first)}."


def _key(kind: str, since: datetime, late: timedelta, expected: Expected) -> str:
    return f"{kind}|{since:%Y-%m-%dT%H:%M:%S}|{late.days // expected.reminder_days}"


def _lasting(late: timedelta) -> str:
    """« 40 heures », « 3 jours »: under two days, a day would hide half of it."""
    hours = late // timedelta(hours=1)
    return count(hours, "heure") if hours < 48 else count(late.days, "jour")


def _day(instant: datetime) -> str:
    """The calendar day in Paris of an instant in UTC."""
    return day_long(in_paris(instant).date())


def well_letters(told: str, today: date, settings: MailSettings) -> list[Letter]:
    """« Tout va bien », once a day, for each address of `recipients.alerte`. `told`: what was looked at."""
    title = f"Tout va bien au {day_long(today)}"
    html = short_page(title, [escape(told)], "#1d6b3a")
    return [
        compose(settings, f"bien|{today.isoformat()}", box, f"[Pass Numérique] {title}", f"{title}\n\n{told}\n", html)
        for box in dict.fromkeys(settings.recipients.alerte)
    ]


def alert_letters(alerts: list[Alert], settings: MailSettings) -> list[Letter]:
    """One letter an alert for each address of `recipients.alerte`."""
    letters = []
    for alert in alerts:
        text = f"{alert.title}\n\n{alert.sentence}\n\nQue faire : {alert.remedy}\n"
        remedy = f"<strong>Que faire :</strong> {escape(alert.remedy)}"
        html = short_page(alert.title, [escape(alert.sentence), remedy], "#8c1d18")
        for box in dict.fromkeys(settings.recipients.alerte):
            subject = f"[Pass Numérique] Alerte : {alert.title}"
            letters.append(compose(settings, f"alerte|{alert.key}", box, subject, text, html))
    return letters
