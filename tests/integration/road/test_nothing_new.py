"""Nothing new, nothing built: what a run looks at to say so, and everything that makes it build all the same.

One published home, copied once; each rule asks `decide`, which builds nothing. Not here: the sentence's screen
(unit/orchestration/test_progress.py).
"""

from __future__ import annotations

import dataclasses
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from typer.testing import CliRunner

from ingestion.lake import Lake
from orchestration.cli import app
from orchestration.deciding import decide
from orchestration.definitions import defs
from orchestration.plan import RunPlan
from orchestration.settings import RunSettings
from orchestration.steps import take_in
from presentation.french import instant_long
from programme.config import PROJECT_FOLDER, load_programme
from reporting.quality.alert import look_for_alerts
from tests.integration.golden import deliveries
from tests.integration.road.conftest import fingerprints
from tests.once import copy_home
from warehouse.build import history, identity, transform
from warehouse.published import builds
from warehouse.published.versions import read_version
from warehouse.settings import DBT_PROJECT, Home

ROOT = Path(__file__).parents[3]
HEAVY = ("dagster", "dagster_dbt", "dbt", "great_expectations", "pandas", "polars")


@pytest.fixture
def published(golden_home: Path, tmp_path: Path) -> Home:
    """The golden set, published, to write in."""
    return Home.at(copy_home(golden_home, tmp_path / "published"))


def why(home: Home, **asked: object) -> str:
    """Why a run would build; empty where nothing is new."""
    decision = decide(RunPlan(home, **asked))  # type: ignore[arg-type]
    assert bool(decision.why) == (decision.version is None)
    return decision.why


def flat(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def test_a_run_with_nothing_new_builds_nothing_says_why_and_imports_nothing_heavy(published: Home) -> None:
    """Exit 0; the version, its date, the date of the data, the reason and the way to build; the usual figures."""
    before = read_version(published.published.resolve())
    code = (
        "import sys; from orchestration import french; from orchestration.cli import app;"
        f"sys.argv = ['passnum', 'run', '--home', {str(published.root)!r}]; code = french.main(app);"
        f"print('HEAVY', [m for m in {HEAVY!r} if m in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = flat(done.stdout)
    assert f"Rien de nouveau : la version {before.build_id}, publiée le " in told
    assert "données au 30 novembre 2022, est faite des mêmes fichiers, des mêmes réglages et des mêmes règles." in told
    assert "Rien n'a été reconstruit ; pour reconstruire quand même, ajoutez --force à la commande." in told
    assert "Heures de formation" in told
    assert "HEAVY []" in told
    assert published.published.resolve() == before.path
    assert not list(published.builds.glob("*"))


def test_duplicates_are_nothing_new(published: Home) -> None:
    """The same files dropped again are known: they leave the landing folder, and nothing is built.

    What a build killed before left in its work folder is removed, as by any run.
    """
    before = published.published.resolve()
    killed = published.builds / "killed"
    killed.mkdir(parents=True)
    (killed / "candidate.json").write_text('{"process": 999999999}', encoding="utf-8")
    deliveries.drop(published.landing)
    run = CliRunner().invoke(app, ["run", "--home", str(published.root)])
    assert run.exit_code == 0, run.output
    assert "déjà connus" in flat(run.output)
    assert "Rien de nouveau" in run.output
    assert published.published.resolve() == before
    assert not list(published.landing.iterdir())
    assert not killed.exists()
    looked = builds.last_run_at(published.lake)
    assert looked is not None
    assert f"Dernier passage : {instant_long(looked)}" in flat(
        CliRunner().invoke(app, ["status", "--home", str(published.root)]).output
    )


def test_a_run_with_nothing_new_is_a_run_for_the_alert(published: Home) -> None:
    """A quiet month is not a machine that stopped: the alert counts the runs that had nothing to build."""
    version = read_version(published.published.resolve())
    later = version.published_at + timedelta(days=10)
    late = "passage|"
    assert any(one.key.startswith(late) for one in look_for_alerts(published, load_programme, later))
    history.confirm(published.lake, version.build_id, later - timedelta(hours=1), {})
    assert not any(one.key.startswith(late) for one in look_for_alerts(published, load_programme, later))


def test_a_force_builds_whatever_is_published(published: Home) -> None:
    assert why(published) == ""
    assert why(published, force=True) == "vous l'avez demandé (--force)"


def test_a_setting_changed_is_new_and_a_comment_is_not(published: Home, tmp_path: Path) -> None:
    folder = tmp_path / "programme"
    shutil.copytree(PROJECT_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    assert why(published, programme_folder=folder) == ""
    settings = folder / "programme.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f"# une remarque\n{text}", encoding="utf-8")
    assert why(published, programme_folder=folder) == ""
    settings.write_text(text.replace("hours_target: 100000", "hours_target: 100001"), encoding="utf-8")
    assert why(published, programme_folder=folder) == "les réglages ont changé"


def test_a_model_touched_is_new(published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = shutil.copytree(DBT_PROJECT, tmp_path / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(transform, "DBT_PROJECT", project)
    assert why(published) == ""
    with (project / "models" / "marts" / "programme.sql").open("a", encoding="utf-8") as model:
        model.write("\n-- touched\n")
    assert why(published) == "les règles de calcul ou le logiciel ont changé"


def test_a_library_of_another_version_is_new(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    identity._rooms_digest.cache_clear()
    monkeypatch.setattr(identity, "version", lambda name: "0.0" if name == "duckdb" else "1.0")
    try:
        assert why(published) == "les règles de calcul ou le logiciel ont changé"
    finally:
        identity._rooms_digest.cache_clear()


def test_another_secret_is_new_and_the_run_refuses_it(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(secrets.token_hex(32), encoding="ascii")
    (tmp_path / "secret").chmod(0o600)
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(tmp_path / "secret"))
    assert why(published) == "le secret des pseudonymes a changé"
    run = CliRunner().invoke(app, ["run", "--home", str(published.root)])
    assert run.exit_code == 1
    assert "Le secret des pseudonymes n’est pas celui des fichiers déjà chargés" in flat(run.output)


def test_a_file_refused_is_new_for_the_checks_and_the_pages_show_it(published: Home) -> None:
    (published.landing / "photo_2022-11-30.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    take_in(RunPlan(published))
    assert why(published) == "les fichiers reçus ont changé"


def test_the_day_counts_only_where_no_file_is_loaded(tmp_path: Path) -> None:
    """Without a file the date of the data is today; with one it is its extract date, whatever the day of the run."""
    home = Home.at(tmp_path).create()
    programme = load_programme()
    days = [
        identity.identify(Lake(home.lake), programme, "mark", until=None, today=day)
        for day in (date(2022, 1, 1), date(2022, 1, 2))
    ]
    assert identity.tell_differences(*days) == "la date des données a changé"


def _remove_link(home: Home) -> None:
    home.published.unlink()


def _break_link(home: Home) -> None:
    home.published.resolve().unlink()


def _spoil(home: Home) -> None:
    version = home.published.resolve()
    version.chmod(0o600)
    version.write_bytes(b"pas une base" * 4096)


def _damage(home: Home) -> None:
    """A few bytes of a table: the catalogue, and so a quick look, still reads."""
    version = home.published.resolve()
    version.chmod(0o600)
    content = bytearray(version.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64 * [0xAA])
    version.write_bytes(content)


def _empty_a_copy(home: Home) -> None:
    (home.parquet / "programme.parquet").write_bytes(b"")


def _lose_a_copy(home: Home) -> None:
    (home.parquet / "programme.parquet").unlink()


def _lose_the_page(home: Home) -> None:
    (home.data_docs / "index.html").unlink()


def _leave_unfinished(home: Home) -> None:
    """As after an exit code 5: published, but something that follows failed."""
    (confirmed,) = (home.lake / builds.BUILDS).glob(f"*/{builds.CONFIRMED}")
    confirmed.unlink()


def _refuse_the_next(home: Home) -> None:
    (last,) = builds.load(home.lake)
    refused = dataclasses.replace(last, build_id="29990101T000000Z-ffffff", status="refused")
    history.save(home.lake, refused, [])


def _forget_identity(home: Home) -> None:
    """As published by the code before identities were kept."""
    version = home.published.resolve()
    version.chmod(0o600)
    with duckdb.connect(str(version)) as con:
        con.execute("alter table quality.build drop column identity")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_remove_link, "aucune version n'est publiée"),
        (_break_link, "aucune version n'est publiée"),
        (_spoil, "la version publiée ne peut pas être relue"),
        (_damage, "la version publiée n'est plus telle qu'elle a été écrite"),
        (_lose_a_copy, "une copie Parquet manque"),
        (_empty_a_copy, "une copie Parquet n'est plus telle qu'elle a été écrite"),
        (_lose_the_page, "la page des contrôles manque"),
        (_leave_unfinished, "le passage qui l'a publiée n'a pas tout terminé"),
        (_refuse_the_next, "le dernier passage n'est pas celui qui a publié cette version"),
        (_forget_identity, "la version publiée ne dit pas de quoi elle est faite"),
    ],
)
def test_a_version_that_is_not_whole_is_built_again(
    published: Home, damage: Callable[[Home], None], reason: str
) -> None:
    assert why(published) == ""
    damage(published)
    assert why(published) == reason


def test_what_a_kill_left_half_written_of_a_build_is_never_read(published: Home) -> None:
    """A folder whose name begins with a dot is one still being written; the next build removes it."""
    half = published.lake / builds.BUILDS / ".29990101T000000Z-ffffff.part"
    half.mkdir()
    for name in (builds.BUILD, builds.CHECKS, builds.FAILURES):
        (half / name).write_bytes(b"")
    assert why(published) == ""
    with duckdb.connect() as con:
        (last,) = builds.load(published.lake)
        history.write_into(con, published.lake, last, [])
    history.save(published.lake, dataclasses.replace(last, build_id="29990101T000000Z-eeeeee"), [])
    assert not half.exists()


def test_a_job_of_dagster_with_nothing_new_skips_what_follows_and_its_log_says_why(published: Home) -> None:
    """The schedule and the landing sensor launch this very job: they decide as the command does."""
    before = published.published.resolve()
    with dg.DagsterInstance.ephemeral(settings={"python_logs": {"python_log_level": "INFO"}}) as instance:
        result = defs.resolve_job_def("passnum_run").execute_in_process(
            instance=instance,
            resources={"settings": RunSettings(home_folder=str(published.root))},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        said = [one.user_message for one in instance.all_logs(result.run_id) if not one.is_dagster_event]
    assert result.success
    skipped = {event.step_key for event in result.all_events if event.is_step_skipped}
    assert skipped == {"quality__gate", "warehouse__published"}
    assert not {event.asset_key.path[0] for event in result.get_asset_materialization_events()} - {"lake"}
    assert any("Rien de nouveau" in sentence for sentence in said)
    assert published.published.resolve() == before


def test_running_twice_on_the_same_files_changes_no_table(golden_home: Path, again_home: Path) -> None:
    said = (again_home.parent / "passage.txt").read_text(encoding="utf-8")
    first = fingerprints(golden_home)
    assert len(first) > 20
    assert "Aucun nouveau fichier" in said
    assert "n'a pas pu tout terminer" not in said
    assert Home.at(again_home).published.resolve().name != Home.at(golden_home).published.resolve().name
    assert fingerprints(again_home) == first


def test_a_run_shows_in_the_dagster_of_its_home(again_home: Path) -> None:
    """Built again on demand; every asset and check of it is in the instance that `make dagster` made."""
    home = Home.at(again_home)
    said = flat((again_home.parent / "passage.txt").read_text(encoding="utf-8"))
    assert "Une version est à construire : vous l'avez demandé (--force)." in said
    assert "Le passage est inscrit dans Dagster" in said
    version = read_version(home.published.resolve())
    with dg.DagsterInstance.from_config(str(home.root / "dagster")) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["warehouse", "published"]))
        assert event is not None and event.asset_materialization is not None
        assert event.asset_materialization.metadata["build_id"].value == version.build_id
        graph = defs.resolve_asset_graph()
        made = {key for key in graph.materializable_asset_keys if key.path[0] != "reports"}
        assert set(instance.all_asset_keys()) >= made
        checks = list(graph.asset_check_keys)
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
    assert set(latest) == set(checks)
    assert len(checks) > 100


def test_a_dagster_that_cannot_be_told_is_said_and_the_run_stands(published: Home) -> None:
    from orchestration.run import _report_to_dagster
    from orchestration.telling import told_to
    from orchestration.walk import Walk

    class Heard(list[str]):
        def say(self, message: str) -> None:
            self.append(message)

        def advance(self, stage: str, done: int, total: int, name: str) -> None: ...

    folder = published.root / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_text("nimporte: quoi\n", encoding="utf-8")
    heard = Heard()
    with told_to(heard):
        _report_to_dagster(published, Walk(deliveries=[]))
    assert any("n'a pas pu être inscrit dans Dagster" in sentence for sentence in heard)
