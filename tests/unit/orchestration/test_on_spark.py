"""`passnum run --engine spark` where Spark is not installed, or stops: a French sentence with its remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration import spark_needs
from tests.conftest import passnum_here
from tests.unit.ingestion.kit import write_csv
from warehouse.build.spark.session import asked_settings
from warehouse.settings import Home


def test_without_its_environment_the_command_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(spark_needs.PYTHON_VARIABLE, str(tmp_path / "nowhere"))
    told = " ".join(passnum_here("run", "--engine", "spark", home=tmp_path / "home", exit_code=1).split())
    assert "L'environnement de Spark n'est pas installé" in told
    assert "« make spark »" in told
    assert not (tmp_path / "home" / "warehouse" / "spark").exists()


def test_the_setting_is_a_variable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSNUM_ENGINE", "spark")
    monkeypatch.setenv(spark_needs.PYTHON_VARIABLE, str(tmp_path / "nowhere"))
    assert "make spark" in passnum_here("run", home=tmp_path / "home", exit_code=1)


def test_without_java_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.touch()
    monkeypatch.setenv(spark_needs.PYTHON_VARIABLE, str(python))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(spark_needs.SparkMissing, match="Java 17"):
        spark_needs.find_python()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A Python that has Spark, and then does as it is told; a Java."""
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    python = tmp_path / "python"
    monkeypatch.setenv(spark_needs.PYTHON_VARIABLE, str(python))

    def does(shell: str) -> None:
        python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exit 0\n{shell}\n')
        python.chmod(0o700)

    return does


@pytest.mark.parametrize(
    ("shell", "told"),
    [
        ("echo 'no word of why' >&2; exit 7", "Spark s'est arrêté avant la fin (code 7)"),
        ("echo 'java.io.IOException: No space left on device' >&2; exit 1", "le disque est plein. Faites de la place"),
        ("echo 'java.lang.OutOfMemoryError: Java heap space' >&2; exit 1", "la mémoire de Java ne suffit pas"),
        ("echo 'All masters are unresponsive! Giving up.' >&2; exit 1", "PASSNUM_SPARK_MASTER ne répond pas"),
        ("echo 'PySparkRuntimeError: [JAVA_GATEWAY_EXITED]' >&2; exit 1", "Java n'a pas pu démarrer"),
        ("kill -9 $$", "Java s'est arrêté pendant la construction"),
    ],
)
def test_a_process_that_dies_says_why_leaves_its_log_and_publishes_nothing(
    shell: str, told: str, fake: Callable[[str], None], tmp_path: Path
) -> None:
    fake(shell)
    home = tmp_path / "home"
    assert told in " ".join(passnum_here("run", "--engine", "spark", home=home, exit_code=1).split())
    (log,) = (home / "logs").glob("spark-*.log")
    assert log.stat().st_mode & 0o077 == 0
    assert list((home / "warehouse" / ".build").glob("*")) == []
    assert not (home / "warehouse" / "spark").exists()


def test_a_java_that_the_system_killed_is_no_wrong_model(fake: Callable[[str], None], tmp_path: Path) -> None:
    """dbt says of the model under way that it lost its connection."""
    left = json.dumps({"error": "Le modèle « dim_date » n'a pas pu être construit : Error while sending or receiving"})
    (tmp_path / "left.json").write_text(left)
    fake(f'cp {tmp_path}/left.json "$3/warehouse/.build/$4/spark.json"')
    told = " ".join(passnum_here("run", "--engine", "spark", home=tmp_path / "home", exit_code=1).split())
    assert "Java s'est arrêté pendant la construction" in told and "modèle" not in told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("JAVA_HOME", "/nowhere", "JAVA_HOME désigne /nowhere"),
        ("PASSNUM_SPARK_MASTER", "spark://127.0.0.1:9", "Le cluster spark://127.0.0.1:9 (PASSNUM_SPARK_MASTER)"),
        ("PASSNUM_SPARK_CONF", "spark.executor.memory = 8g", "« spark.executor.memory » n'est pas un réglage"),
        ("PASSNUM_SPARK_CONF", "executor.memory=8g", "« executor.memory » n'est pas un réglage"),
        ("PASSNUM_SPARK_CONF", "spark.a='b", "n'est pas un réglage"),
    ],
)
def test_what_spark_lacks_is_said_before_anything_is_read(
    name: str, value: str, told: str, fake: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake("exit 9")
    monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    Home.at(home).create()
    (home / "landing" / "f_2022-12-31.csv").write_text(write_csv("utilisations"))
    assert told in " ".join(passnum_here("run", "--engine", "spark", home=home, exit_code=1).split())
    assert (home / "landing" / "f_2022-12-31.csv").exists()


def test_a_python_without_spark_and_a_folder_are_no_environment(
    tmp_path: Path, fake: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake("exit 9")
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(spark_needs.SparkMissing, match="n'a pas Spark : lancez « make spark »"):
        spark_needs.find_python()
    monkeypatch.setenv(spark_needs.PYTHON_VARIABLE, str(tmp_path))
    with pytest.raises(spark_needs.SparkMissing, match="n'est pas un programme"):
        spark_needs.find_python()


def test_a_setting_may_hold_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSNUM_SPARK_CONF", "spark.a=1 spark.executor.extraJavaOptions='-Xa -Xb=c'")
    assert asked_settings() == {"spark.a": "1", "spark.executor.extraJavaOptions": "-Xa -Xb=c"}
