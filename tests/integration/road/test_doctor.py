"""`passnum doctor`: what goes wrong with a home is found, said in French with its remedy, and nothing moves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from ingestion.locking import home_lock
from ingestion.receipt import RECEIPT_NAME, Receipt
from orchestration import doctor
from orchestration.doctor import Finding, examine
from reporting.quality.mail_settings import MAIL_VARIABLE
from tests.conftest import passnum_here
from tests.once import without_suites
from warehouse.published.versions import current_path
from warehouse.settings import Home

#: Settings with which a mail could leave.
_SENT = "server: smtp.example\nsender: a@ville.example\ncontact: Claire Martin\nreply_to: b@ville.example\n"


def _first(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def _write_as_before(home: Home, _: pytest.MonkeyPatch) -> None:
    path = _first(home.lake, f"prescriptions/*/{RECEIPT_NAME}")
    receipt = Receipt.from_json(path.read_bytes())
    path.chmod(0o600)
    path.write_bytes(receipt.model_copy(update={"identifier_rule": None}).to_json())


def _spoil_secret(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    other = home.root.parent / "other"
    other.write_text("6f1d5a0c9be24783" * 4)
    other.chmod(0o600)
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(other))


def _lose_secret(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(home.root.parent / "nowhere"))


def _spoil_access(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = home.root.parent / "access.yaml"
    broken.write_text("personnes: [")
    monkeypatch.setenv("PASSNUM_ACCESS", str(broken))


def _spoil_programme(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.root.parent / "programme"
    folder.mkdir()
    (folder / "programme.yaml").write_text("budget_eur: beaucoup")
    monkeypatch.setenv("PASSNUM_PROGRAMME", str(folder))


def _spoil_confirmation(home: Home, _: pytest.MonkeyPatch) -> None:
    """A digit of its instant: what it says can still be read."""
    path = _first(home.lake, "_builds/*/confirmed.json")
    told = path.read_text(encoding="utf-8")
    at = told.index('"20') + 4
    path.write_text(told[:at] + ("1" if told[at] == "2" else "2") + told[at + 1 :], encoding="utf-8")


def _spoil_mail(home: Home, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    path = home.root.with_name("mail.yaml")
    path.write_text(content + "\n", encoding="utf-8")
    monkeypatch.setenv(MAIL_VARIABLE, str(path))


def _spoil_history(home: Home, _: pytest.MonkeyPatch) -> None:
    _first(home.lake, "_builds/*/build.json").write_bytes(b"")


def _fill_disk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: (10**9, 10**9 - 1000, 1000))


def _spoil_version(home: Home, _: pytest.MonkeyPatch) -> None:
    path = current_path(home)
    assert path is not None
    path.chmod(0o600)
    path.write_bytes(b"no database")


def _damage_version(home: Home, _: pytest.MonkeyPatch) -> None:
    """A figure changed behind the back of the warehouse: the file still opens."""
    path = current_path(home)
    assert path is not None
    path.chmod(0o600)
    with duckdb.connect(str(path)) as con:
        con.execute("update marts.programme_progress set value = value + 1")


#: Subject → what goes wrong, and words of the remedy or of what is said.
Damage = Callable[[Home, pytest.MonkeyPatch], object]
DAMAGES: dict[str, tuple[str, Damage, str]] = {
    "a bit of the lake": ("Lac", lambda home, _: _flip(_first(home.lake, "utilisations/*/rows.parquet")), "sauvegarde"),
    "a receipt": ("Lac", lambda home, _: _flip(_first(home.lake, "emissions/*/receipt.json")), "sauvegarde"),
    "pseudonyms of an older rule": ("Lac", _write_as_before, "passnum upgrade"),
    "an original": ("Originaux", lambda home, _: _flip(_first(home.archive, "2*/*.csv")), "sauvegarde"),
    "the landing folder": ("Zone de dépôt", lambda home, _: shutil.rmtree(home.landing), "monté"),
    "the published file": ("Version publiée", _spoil_version, "--force"),
    "a figure of it": ("Version publiée", _damage_version, "--force"),
    "a Parquet copy": ("Version publiée", lambda home, _: _first(home.parquet, "*.parquet").unlink(), "--force"),
    "a build half written": ("Historique", _spoil_history, "sauvegarde"),
    "a home open to others": ("Droits", lambda home, _: home.root.chmod(0o755), "chmod 700"),
    "another secret": ("Secret", _spoil_secret, "d'origine"),
    "no secret": ("Secret", _lose_secret, "sauvegarde"),
    "settings": ("Réglages", _spoil_programme, "territories.csv"),
    "the access file": ("Accès aux pages", _spoil_access, "access.yaml"),
    "what a run confirmed": ("Version publiée", _spoil_confirmation, "passnum run"),
    "mail settings of a wrong port": (
        "Courriels",
        lambda home, patch: _spoil_mail(home, patch, "port: beaucoup"),
        "port",
    ),
    "mail settings without a sender": (
        "Courriels",
        lambda home, patch: _spoil_mail(home, patch, "server: smtp.example"),
        "sender",
    ),
    "mail settings without anybody to answer": (
        "Courriels",
        lambda home, patch: _spoil_mail(home, patch, "server: smtp.example\nsender: a@ville.example"),
        "contact",
    ),
    "mail settings that are gone": ("Courriels", lambda _, patch: patch.setenv(MAIL_VARIABLE, "/nowhere"), "/nowhere"),
    "a password of the mail that is gone": (
        "Courriels",
        lambda home, patch: _spoil_mail(
            home, patch, f"{_SENT}user: a\npassword_file: /nowhere"
        ),
        "mot de passe",
    ),
    "the disk": ("Disque", _fill_disk, "passnum purge"),
}  # fmt: skip


def _wrong(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found if finding.state == "à réparer"}


def test_a_sound_home_has_nothing_to_mend_and_is_not_touched(published_home: Path) -> None:
    """Reads only: not a byte, not a date of the home is another afterwards."""

    def state() -> dict[Path, tuple[int, int]]:
        paths = (path for path in published_home.rglob("*") if path.name != ".passnum.lock")
        return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in paths}

    before = state()
    told = passnum_here("doctor", home=published_home)
    assert "Rien n'est à réparer" in told
    assert state() == before
    assert {finding.state for finding in examine(Home.at(published_home))} <= {"bon", "à voir"}


def test_an_original_that_is_gone_is_told_unless_its_day_was_purged(published_home: Path) -> None:
    """One lost among others of its day is seen; all of the oldest days gone is what a purge does."""
    home = Home.at(published_home)
    lost = _first(home.archive, "2*/*.csv")
    lost.unlink()
    (told,) = [finding for finding in examine(home) if finding.subject == "Originaux"]
    assert told.state == "à voir" and lost.name[17:] in told.said and "sauvegarde" in told.mend
    shutil.rmtree(home.archive)
    home.archive.mkdir()
    assert [finding.state for finding in examine(home) if finding.subject == "Originaux"] == ["bon"]


def test_what_a_run_confirmed_is_mended_by_the_remedy_told(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a run; by the same step back where a version is held, for nothing is built then."""
    home = Home.at(published_home)
    current = current_path(home)
    assert current is not None
    build_id = current.stem.removeprefix("passnum-")
    passnum_here("rollback", build_id, home=home.root)
    _spoil_confirmation(home, monkeypatch)
    assert _wrong(examine(home))["Version publiée"].mend == f"passnum rollback {build_id}"
    passnum_here("rollback", build_id, home=home.root)
    assert _wrong(examine(home)) == {}
    passnum_here("rollback", "--release", home=home.root)
    _spoil_confirmation(home, monkeypatch)
    with without_suites():
        passnum_here("run", home=home.root)
    assert _wrong(examine(home)) == {}


def test_what_a_killed_process_was_writing_at_the_root_goes_with_the_next_run(published_home: Path) -> None:
    """`.format` is written before the runs' lock is taken: what is another's, alive, stays."""
    home = Home.at(published_home)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, alive = (home.root / f"..format.{number}.part" for number in (gone.pid, os.getpid()))
    for path in (left, alive):
        path.write_bytes(b"1")
    (found,) = [one for one in examine(home) if one.subject == "Restes"]
    assert found.state == "à voir" and str(left) in found.said
    passnum_here("run", home=home.root)
    assert not left.exists() and alive.exists()


def test_who_would_be_told_of_a_failure_is_said(
    published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that runs by itself and can tell nobody looks like one where all is well."""
    path = tmp_path / "mail.yaml"
    monkeypatch.setenv(MAIL_VARIABLE, str(path))
    for content, state, word in (
        ("server:\n", "à voir", "Aucun serveur"),
        (_SENT, "à voir", "Aucune adresse"),
        (f"{_SENT}recipients:\n  alerte: [b@ville.example]\n", "bon", "smtp.example"),
    ):
        path.write_text(content, encoding="utf-8")
        (found,) = [one for one in examine(Home.at(published_home)) if one.subject == "Courriels"]
        assert found.state == state and word in found.said


def test_a_disk_that_the_system_closed_is_not_said_to_be_of_another_owner(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """chown mends nothing there; and a lock that cannot be opened is no lock that is free."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and real(path, mode))
    flags = [os.ST_RDONLY]
    told = os.statvfs(published_home)
    disk = {name: getattr(told, name) for name in dir(told) if name.startswith("f_")}
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**disk | {"f_flag": flags[0]}))
    found = {one.subject: one for one in examine(Home.at(published_home))}
    assert "lecture seule" in found["Droits"].said and "remount" in found["Droits"].mend
    assert found["Verrous"].state == "à voir" and "Droits" in found["Verrous"].mend
    flags[0] = 0
    assert "chown" in {one.subject: one for one in examine(Home.at(published_home))}["Droits"].mend


def test_a_file_given_as_a_home_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "est un fichier" in _wrong(examine(Home.at(tmp_path / "file")))["Droits"].said


def test_status_tells_what_is_published_where_the_landing_folder_is_not_mounted(published_home: Path) -> None:
    shutil.rmtree(Home.at(published_home).landing)
    told = passnum_here("status", home=published_home, exit_code=1)
    assert "Version publiée" in told and "monté" in told


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_wrong_is_found_with_its_remedy(
    published_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each damage is one finding of its own subject, whose remedy says what to do; the others are still looked at."""
    subject, damage, remedy = DAMAGES[name]
    home = Home.at(published_home)
    damage(home, monkeypatch)
    found = examine(home)
    assert list(_wrong(found)) == [subject]
    assert remedy in f"{_wrong(found)[subject].said} {_wrong(found)[subject].mend}"
    assert {finding.subject for finding in found} >= {"Logiciels", "Disque", "Lac", "Version publiée", "Restes"}
    assert "Traceback" not in passnum_here("doctor", home=published_home, exit_code=1)


def _write_raw(version: Path) -> None:
    """What a passnum without the masking rule published: a name where a gender was expected, a mail as a name."""
    version.chmod(0o600)
    with duckdb.connect(str(version)) as con:
        con.execute(
            "insert into quality.rejected_line (file_id, file_name, dataset, line_number, column_name, value, reason) "
            "values ('f', 'p.csv', 'prescriptions', 2, 'genre', 'Zéphyrine Fauxnom', 'invalid_value')"
        )
        con.execute("update quality.delivered_file set file_name = 'zephyrine@courriel.example_2022-11-30.csv'")


def _masked(home: Home) -> Finding:
    return next(finding for finding in examine(home) if finding.subject == "Valeurs masquées")


def test_a_version_of_before_the_masking_rule_is_told_until_it_is_gone(published_home: Path) -> None:
    """Exports §4: raw bad values are never kept. The remedy told is the one that removes them."""
    home = Home.at(published_home)
    current = current_path(home)
    assert current is not None and _masked(home).state == "bon"
    older = Path(shutil.copy(current, current.with_name("passnum-20000101T000000Z-000000.duckdb")))
    _write_raw(older)
    found = _masked(home)
    assert found.state == "à réparer" and older.stem in found.said and current.stem not in found.said
    assert "Zéphyrine" not in found.said and "passnum prune --keep 1 --yes" in found.mend
    assert "passnum run" not in found.mend
    passnum_here("prune", "--keep", "1", "--yes", home=published_home)
    assert _masked(home).state == "bon"
    dated = home.as_of_versions / "passnum-asof-2022-06-30.duckdb"
    dated.parent.mkdir(exist_ok=True)
    shutil.copy(current, dated)
    for version in (current, dated):
        _write_raw(version)
    found = _masked(home)
    assert "2 versions" in found.said.replace("\xa0", " ")
    assert "passnum run --force" in found.mend and "passnum run --as-of 2022-06-30" in found.mend


def test_a_clock_put_back_is_seen(published_home: Path) -> None:
    """An instant that the home already knows is still to come."""
    assert "Horloge" in _wrong(examine(Home.at(published_home), now=datetime(2020, 1, 1)))


def test_a_run_under_way_and_what_a_killed_one_left_are_told(published_home: Path) -> None:
    home = Home.at(published_home)
    (home.lake / f".something.{os.getpid()}.part").write_bytes(b"half")
    with home_lock(home.warehouse):
        states = {finding.subject: finding.state for finding in examine(home)}
    assert (states["Verrous"], states["Restes"]) == ("à voir", "à voir")


def test_a_folder_without_anything_is_told(tmp_path: Path) -> None:
    found = {finding.subject: finding for finding in examine(Home.at(tmp_path / "nowhere"))}
    assert found["Droits"].state == "à réparer"
    assert not (tmp_path / "nowhere").exists()


def test_other_libraries_than_the_locked_ones_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    locked = tmp_path / "requirements.lock"
    locked.write_text("duckdb==0.0.1 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(doctor, "_LOCK_FILE", locked)
    (found,) = [finding for finding in examine(Home.at(tmp_path)) if finding.subject == "Logiciels"]
    assert (found.state, found.mend) == ("à voir", "make setup")
    assert "au lieu de 0.0.1" in found.said
