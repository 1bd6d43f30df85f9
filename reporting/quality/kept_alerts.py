"""Alerts whose mail could not leave (a silent server, wrong settings), kept until one that leaves takes them along.

Dagster tells a failed run once: what could not be told then would never be. Does not live here: what is alarming
(alert.py), how a mail leaves (sending.py), which never sends one twice.
"""

from __future__ import annotations

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
    """What is still to be told, oldest first. Nothing where the file cannot be read: what comes next is told."""
    try:
        return _ALERTS.validate_json(_path(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return []


def keep_alert(home: Home, alert: Alert) -> None:
    """Keep one to be told with the next mail that leaves."""
    others = [one for one in kept_alerts(home) if one.key != alert.key]
    write_json(_path(home), [asdict(one) for one in [*others, alert][-_MOST:]])


def forget_alerts(home: Home) -> None:
    """All were told."""
    _path(home).unlink(missing_ok=True)


def _path(home: Home) -> Path:
    return quality_folder(home) / "alertes-en-attente.json"
