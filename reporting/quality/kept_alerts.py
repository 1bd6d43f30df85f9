"""Alerts whose mail could not leave (a silent server, wrong settings), kept until one that leaves takes them along.

Dagster tells a failed run once: what could not be told then would never be. Does not live here: what is alarming
(alert.py), how a mail leaves (sending.py), which never sends one twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from reporting.quality.alert import Alert
from reporting.quality.store import quality_folder, write_json
from warehouse.settings import Home

_ALERTS = TypeAdapter(list[Alert])
#: A server that stays silent for weeks must not send a hundred letters when it speaks again: the newest are kept.
_MOST = 20


def kept_alerts(home: Home) -> list[Alert]:
    """What is still to be told, oldest first. A file that cannot be read is put aside, and that is what is told."""
    path = _path(home)
    if not path.exists():
        return []
    written = path.read_bytes()
    try:
        return _ALERTS.validate_json(written)
    except ValidationError:
        aside = path.with_name(f"alertes-illisibles-{hashlib.sha256(written).hexdigest()[:12]}.json")
        path.replace(aside)
        lost = _lost(aside)
        write_json(path, [asdict(lost)])
        return [lost]


def _lost(aside: Path) -> Alert:
    return Alert(
        f"alertes-illisibles|{aside.name}",
        "Des alertes n’ont pas pu être dites",
        f"Le fichier des alertes en attente était abîmé : ce qu’il disait n’a été dit à personne. Il est mis de côté "
        f"({aside}).",
        "Cherchez les passages échoués dans Dagster et dans le dossier logs, puis lancez « passnum doctor ».",
    )


def keep_alert(home: Home, alert: Alert) -> None:
    """Keep one to be told with the next mail that leaves."""
    others = [one for one in kept_alerts(home) if one.key != alert.key]
    write_json(_path(home), [asdict(one) for one in [*others, alert][-_MOST:]])


def forget_alerts(home: Home) -> None:
    """All were told."""
    _path(home).unlink(missing_ok=True)


def _path(home: Home) -> Path:
    return quality_folder(home) / "alertes-en-attente.json"
