"""What Dagster shows and tells of the same steps: rows, seconds, causes in French, mails; and the lock it shares.

Not here: what its sensors decide (unit/orchestration/test_sensors.py), a whole week with its daemon (test_week.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingestion.locking import HomeIsBusy, home_lock
from orchestration.apart import ProcessLost
from orchestration.assets.failures import alert_of
from orchestration.assets.models import ALL_TABLES
from orchestration.assets.retried import NOT_ALONE, told_failures
from orchestration.dagster_events import GATE, PUBLISHED
from orchestration.definitions import defs
from orchestration.ghosts import PROCESS_TAG
from orchestration.schedules import failed_run
from orchestration.settings import RunSettings
from reporting.quality.mail_settings import MailSettingsError
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.integration.reporting.smtp_server import Server, smtp_server
from tests.integration.road.conftest import fingerprints
from warehouse.published.versions import connect
from warehouse.settings import Home

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mail server, and settings that reach it."""
    with smtp_server(tmp_path / "smtp") as server:
        told = server.settings | {"all_is_well": True, "recipients": {"alerte": ["astreinte@metropole.example"]}}
        (tmp_path / "mail.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        monkeypatch.setenv("PASSNUM_MAIL", str(tmp_path / "mail.yaml"))
        yield server


def _run(job: str, home: Path, instance: dg.DagsterInstance, force: bool = False) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance,
        resources={"settings": RunSettings(home_folder=str(home), force=force)},
        run_config=QUIET,
        raise_on_error=False,
    )


def _causes(result: dg.ExecuteInProcessResult) -> list[str]:
    found = [event.step_failure_data.user_failure_data for event in result.all_events if event.is_step_failure]
    return [data.description or "" for data in found if data is not None]


def test_a_build_shows_rows_and_seconds_and_lets_go_of_the_lock(
    published_home: Path, instance: dg.DagsterInstance
) -> None:
    """Same tables as the command; the run says which process it is, and nobody is kept out once it has ended."""
    before = fingerprints(published_home)
    result = _run("passnum_build", published_home, instance, force=True)
    assert result.success, _causes(result)
    shown = {e.asset_key: e.step_materialization_data.materialization.metadata for e in result.all_events
             if e.is_step_materialization}  # fmt: skip
    rows = shown[dg.AssetKey(["core", "dim_carnet"])]["dagster/row_count"].value
    with connect(Home.at(published_home).published.resolve()) as con:
        assert con.execute("select count(*) from core.dim_carnet").fetchone() == (rows,)
    assert float(str(shown[dg.AssetKey(["core", "dim_carnet"])]["seconds"].value)) >= 0
    assert PUBLISHED in shown
    assert fingerprints(published_home) == before
    assert PROCESS_TAG in instance.get_run_by_id(result.run_id).tags
    with home_lock(published_home / "warehouse"):
        pass


def test_a_run_of_dagster_waits_for_the_lock_of_the_command(
    published_home: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Concurrency is held by the lock: the queue knows nothing of a command typed in a terminal."""
    monkeypatch.setattr("orchestration.settings.LOCK_WAIT_SECONDS", 0.0)
    published = Home.at(published_home).published.resolve()
    with home_lock(published_home / "warehouse"):
        result = _run("passnum_build", published_home, instance, force=True)
    assert not result.success
    assert any("travaille déjà" in cause for cause in _causes(result))
    assert Home.at(published_home).published.resolve() == published


@pytest.mark.parametrize(
    ("key", "told"), [(GATE, NOT_ALONE), (PUBLISHED, NOT_ALONE), (dg.AssetKey(["core", "dim_carnet"]), ALL_TABLES)]
)
def test_what_cannot_be_materialised_alone_says_why(
    published_home: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    key: dg.AssetKey,
    told: str,
) -> None:
    monkeypatch.setenv("PASSNUM_HOME", str(published_home))
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        run_config=QUIET,
        asset_selection=[key],
        raise_on_error=False,
    )
    assert not result.success
    assert _causes(result) == [told]


def test_a_reading_that_fails_is_mailed_with_its_cause_and_no_check_turns_red(
    published_home: Path, instance: dg.DagsterInstance, mail: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One mail a failed run, however often the sensor looks; the checks of the last version are not even planned."""
    write_delivery(Home.at(published_home).landing, "prescriptions_2022-12-01.csv", deliveries.prescriptions())
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(published_home / "nowhere"))
    result = _run("passnum_read", published_home, instance)
    assert not result.success
    assert not [e for e in result.all_events if e.event_type_value.startswith("ASSET_CHECK")]
    settings = RunSettings(home_folder=str(published_home))
    run = result.dagster_run
    failure = next(e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE")
    for _ in range(2):
        with dg.build_run_status_sensor_context(
            "failed_run", failure, instance, run, resources={"settings": settings}
        ) as context:
            failed_run(context.for_run_failure())
    ((box, letter),) = mail.mailbox.received
    assert box == "astreinte@metropole.example"
    body = letter.get_body(("plain",)).get_content()
    assert "passnum_read" in body and "Le secret des pseudonymes n'est pas à sa place" in body
    assert "Traceback" not in body


def test_a_failure_whose_mail_could_not_leave_is_told_with_the_next_that_leaves(
    published_home: Path, instance: dg.DagsterInstance, mail: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster tells a failed run once: settings that were wrong that day must neither hide it, nor let all be well."""
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(published_home / "nowhere"))
    result = _run("passnum_read", published_home, instance)
    failure = next(e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE")
    settings = tmp_path / "mail.yaml"
    right = settings.read_text(encoding="utf-8")
    settings.write_text("port: beaucoup\n", encoding="utf-8")
    with (
        dg.build_run_status_sensor_context(
            "failed_run",
            failure,
            instance,
            result.dagster_run,
            resources={"settings": RunSettings(home_folder=str(published_home))},
        ) as context,
        pytest.raises(MailSettingsError),
    ):
        failed_run(context.for_run_failure())
    assert mail.mailbox.received == []
    settings.write_text(right, encoding="utf-8")
    for subject in ("Alerte : Un passage planifié a échoué", "Tout va bien au"):
        assert _run("silence_alert_job", published_home, instance).success
        assert subject in str(mail.mailbox.received[-1][1]["Subject"])
    assert len(mail.mailbox.received) == 2


def test_a_refused_build_is_not_told_twice(refused_home: Path, instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """The quality report says it to those who must mend it: no alert of a failed run beside it."""
    from tests.once import copy_home

    home = copy_home(refused_home, tmp_path / "home")
    result = _run("passnum_build", home, instance, force=True)
    assert not result.success
    run = result.dagster_run
    failure = next(e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE")
    with dg.build_run_status_sensor_context("failed_run", failure, instance, run) as context:
        assert alert_of(context.for_run_failure()) is None


def test_all_is_well_is_mailed_once_a_day_where_it_is_asked(
    published_home: Path, instance: dg.DagsterInstance, mail: Server
) -> None:
    for _ in range(2):
        assert _run("silence_alert_job", published_home, instance).success
    ((_, letter),) = mail.mailbox.received
    assert "Tout va bien au" in str(letter["Subject"])


@pytest.mark.parametrize(
    ("error", "again"),
    [(HomeIsBusy("occupé"), True), (ProcessLost("perdu"), True), (TimeoutError(), True), (KeyError("x"), False)],
)
def test_what_may_pass_is_tried_again_and_nothing_else(error: Exception, again: bool) -> None:
    with pytest.raises(dg.Failure) as caught, told_failures():
        raise error
    assert caught.value.allow_retries is again
    if isinstance(error, KeyError):
        assert "KeyError" in (caught.value.description or "") and "'x'" not in (caught.value.description or "")
