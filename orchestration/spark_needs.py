"""What Spark needs before anything is read, and why it stopped: French sentences with their remedies.

Does not live here: starting it (on_spark.py), its session (warehouse/build/spark/session.py).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from presentation.sentences import MAKE_ROOM
from warehouse.build.spark.session import CONF_VARIABLE, MASTER_VARIABLE, WrongSetting, asked_settings
from warehouse.settings import ROOT

#: The Python of Spark's environment, where it is not the one that `make spark` makes.
PYTHON_VARIABLE = "PASSNUM_SPARK_PYTHON"
_PYTHON = ROOT / ".venv-spark" / "bin" / "python"
_MASTER_SECONDS = 5.0
_WITHOUT = "Sans --engine spark, DuckDB construit comme toujours."

#: What the journal of a Spark that stopped holds → what it means, and what to do; the first that is found is told.
_CAUSES = {
    r"No space left on device|Disk quota exceeded": (
        f"le disque est plein. {MAKE_ROOM}"
    ),
    r"OutOfMemoryError|Java heap space|GC overhead": (
        "la mémoire de Java ne suffit pas. Donnez-lui-en plus, par exemple "
        f"{CONF_VARIABLE}=\"spark.driver.memory=8g\", puis relancez la commande."
    ),
    r"All masters are unresponsive|Failed to connect to master|Could not parse Master URL|UnknownHostException": (
        f"le cluster de {MASTER_VARIABLE} ne répond pas. Vérifiez son adresse et qu'il est démarré."
    ),
    r"JAVA_GATEWAY_EXITED|Java gateway process exited|UnsupportedClassVersionError": (
        f"Java n'a pas pu démarrer. Il faut Java 17 (JAVA_HOME), et des réglages qu'il comprend dans {CONF_VARIABLE}."
    ),
    r"No module named": f"le Python de {PYTHON_VARIABLE} n'a pas Spark. Lancez « make spark », qui fait le bon.",
}  # fmt: skip
#: What Python says once Java is gone: no model is wrong.
_JAVA_IS_GONE = re.compile(
    r"Error while sending or receiving|Answer from Java side is empty|Py4JNetworkError|Connection refused|"
    r"Error while obtaining a new communication channel|JVM",
)
GONE = (
    "Java s'est arrêté pendant la construction (le plus souvent, le système l'a arrêté faute de mémoire). Libérez-en, "
    f'ou donnez-lui-en moins, par exemple {CONF_VARIABLE}="spark.driver.memory=2g", puis relancez la commande.'
)  # fmt: skip


class SparkMissing(Exception):
    """Spark's environment, Java, the cluster or a setting is not there (French)."""


def find_python() -> Path:
    """The Python that has Spark, once all that it needs was looked at. Raises SparkMissing, which says what to do."""
    python = Path(os.environ.get(PYTHON_VARIABLE) or _PYTHON)
    if not python.is_file():
        why = "n'est pas un programme" if python.exists() else "introuvable"
        raise SparkMissing(
            f"L'environnement de Spark n'est pas installé ({python} {why}) : lancez « make spark », ou donnez "
            f"son Python par {PYTHON_VARIABLE}. {_WITHOUT}"
        )
    _require_java()
    try:
        asked_settings()
    except WrongSetting as error:
        raise SparkMissing(str(error)) from error
    _require_master(os.environ.get(MASTER_VARIABLE, ""))
    if subprocess.run(
        [python, "-c", "import pyspark, dbt.adapters.spark"], capture_output=True, check=False
    ).returncode:
        raise SparkMissing(
            f"Le Python {python} n'a pas Spark : lancez « make spark », ou donnez par {PYTHON_VARIABLE} celui d'un "
            f"environnement qui l'a. {_WITHOUT}"
        )
    return python


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin" / "java").is_file():
        raise SparkMissing(
            f"JAVA_HOME désigne {home}, où il n'y a pas de Java (bin/java) : corrigez cette variable, ou retirez-la "
            "pour que Java soit cherché sur la machine."
        )
    if not (home or shutil.which("java")):
        raise SparkMissing("Spark a besoin de Java 17, introuvable sur cette machine : lancez « make spark ».")


def _require_master(master: str) -> None:
    """Of a cluster of Spark's own, one master at least answers; the others are asked by Spark."""
    if not master.startswith("spark://"):
        return
    for place in master.removeprefix("spark://").split(","):
        name, _, port = place.rpartition(":")
        try:
            with socket.create_connection((name, int(port)), timeout=_MASTER_SECONDS):
                return
        except (OSError, ValueError):
            continue
    raise SparkMissing(
        f"Le cluster {master} ({MASTER_VARIABLE}) ne répond pas : vérifiez son adresse (spark://machine:7077) et qu'il "
        "est démarré. Rien n'a été lu."
    )


def explain_stop(journal: str, code: int, kept: Path) -> str:
    """Why the process of Spark stopped, as its journal tells it; `kept`: where the journal is."""
    for sign, told in _CAUSES.items():
        if re.search(sign, journal):
            return f"Spark s'est arrêté : {told} Son journal est {kept}."
    if code < 0 or _JAVA_IS_GONE.search(journal):
        return f"{GONE} Son journal est {kept}."
    return f"Spark s'est arrêté avant la fin (code {code}) : son journal est {kept}."


def is_java_gone(error: str) -> bool:
    """Whether what is said of a model is that Java was no longer there."""
    return bool(_JAVA_IS_GONE.search(error))
