"""The Spark session of a build: the settings without which Spark's answers are not DuckDB's, and where it runs.

Every core of this machine, unless a master is named. Does not live here: what is asked of it (engine.py).
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Where Spark runs (spark://…, yarn, k8s://…); unset: this machine's cores.
MASTER_VARIABLE = "PASSNUM_SPARK_MASTER"
#: More settings of Spark, `name=value` separated by spaces, as a shell reads them; they never change what MEANING says.
CONF_VARIABLE = "PASSNUM_SPARK_CONF"

#: A wrong cast, a division by zero and an overflow are errors; no moment has a time zone, nor is shifted by one.
MEANING = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    # Spark 4.3 doubts its own plan of an anti join against a step read twice (core.dim_lieu), which is right: its rows
    # are compared (make test-scale).
    "spark.sql.lightweightPlanChangeValidation": "false",
}
_ALONE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "4g",
    "spark.driver.host": "localhost",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.autoBroadcastJoinThreshold": str(64 << 20),
}


class WrongSetting(Exception):
    """PASSNUM_SPARK_CONF is not written as settings are (French)."""


def asked_settings() -> dict[str, str]:
    """The settings of PASSNUM_SPARK_CONF. Raises WrongSetting."""
    text = os.environ.get(CONF_VARIABLE, "")
    try:
        pairs = [pair.partition("=") for pair in shlex.split(text)]
    except ValueError:
        pairs = [("", "", text)]
    wrong = next(
        (name or value for name, sign, value in pairs if not (sign and value and name.startswith("spark."))), None
    )
    if wrong is not None:
        raise WrongSetting(
            f"{CONF_VARIABLE} : « {wrong} » n'est pas un réglage de Spark. Écrivez spark.nom=valeur, sans blanc autour "
            "du signe =, un blanc entre deux réglages ; une valeur qui en contient se met entre guillemets."
        )
    return {name: value for name, _, value in pairs}


def open_session(work: Path) -> SparkSession:
    """The session of this process, made where there is none. `work`: where it may write what does not fit in memory."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("passnum")
    master = os.environ.get(MASTER_VARIABLE, "")
    builder = builder.master(master or "local[*]")
    alone = {} if master else _ALONE | {"spark.local.dir": str(work)}
    written = {
        # What Java unpacks goes with the work folder; what Hadoop writes is its owner's.
        "spark.driver.extraJavaOptions": f'-Djava.io.tmpdir="{work}"',
        "spark.hadoop.fs.permissions.umask-mode": "077",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(work / "catalogue"),
    }
    for name, value in (written | alone | asked_settings() | MEANING).items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
