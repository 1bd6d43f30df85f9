"""`passnum run --engine spark` where Spark is not installed, or stops: a French sentence with its remedy."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from orchestration import on_spark
from tests.conftest import passnum_here


def test_without_its_environment_the_command_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(on_spark.PYTHON_VARIABLE, str(tmp_path / "nowhere"))
    told = " ".join(passnum_here("run", "--engine", "spark", home=tmp_path / "home", exit_code=1).split())
    assert "L'environnement de Spark n'est pas installé" in told
    assert "« make spark »" in told
    assert not (tmp_path / "home" / "warehouse" / "spark").exists()


def test_the_setting_is_a_variable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSNUM_ENGINE", "spark")
    monkeypatch.setenv(on_spark.PYTHON_VARIABLE, str(tmp_path / "nowhere"))
    assert "make spark" in passnum_here("run", home=tmp_path / "home", exit_code=1)


def test_without_java_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.touch()
    monkeypatch.setenv(on_spark.PYTHON_VARIABLE, str(python))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(on_spark.SparkMissing, match="Java 17"):
        on_spark.find_python()


def test_a_process_that_dies_leaves_its_log_and_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no memory left' >&2\nexit 7\n")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(on_spark.PYTHON_VARIABLE, str(python))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    home = tmp_path / "home"
    told = " ".join(passnum_here("run", "--engine", "spark", home=home, exit_code=1).split())
    assert "Spark s'est arrêté avant la fin (code 7)" in told
    (log,) = (home / "logs").glob("spark-*.log")
    assert log.read_text() == "no memory left\n"
    assert list((home / "warehouse" / ".build").glob("*")) == []
    assert not (home / "warehouse" / "spark").exists()
