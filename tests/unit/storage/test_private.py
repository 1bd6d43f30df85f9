"""A secret that others can read, or guess, is refused with what to do."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import pytest

from ingestion.secret import SecretError, load_secret
from storage.private import (
    SecretRefused,
    guessing_bits,
    read_secret,
    read_strong_secret,
    user_folder,
    write_for_owner,
)


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644, 0o777])
def test_a_secret_that_others_can_read_or_write_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, mode: int
) -> None:
    path = written(tmp_path / "cookie.secret", secrets.token_hex(32), mode)
    with pytest.raises(SecretRefused, match=f"Le secret.*lisible par d'autres : faites « chmod 600 {path} »"):
        read_secret(path, "Le secret du cookie")
    path.chmod(0o600)
    assert read_secret(path, "Le secret du cookie") == path.read_bytes()


def test_the_secret_of_the_pseudonyms_is_held_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "secret", secrets.token_hex(32), 0o640)
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(path))
    with pytest.raises(SecretError, match=r"Le secret des pseudonymes .* lisible par d'autres : faites « chmod 600"):
        load_secret()
    written(path, "a" * 40)
    with pytest.raises(SecretError, match=r"se devine.*redéposer dans un dossier de données neuf"):
        load_secret()
    path.unlink()
    assert len(load_secret()) == 64
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_link_leads_to_is_looked_at(tmp_path: Path) -> None:
    path = written(tmp_path / "secret", secrets.token_hex(32), 0o644)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(SecretRefused, match="chmod 600"):
        read_secret(tmp_path / "link", "Le secret")


@pytest.mark.parametrize(
    "weak",
    [
        "court",
        "a" * 64,
        "ab" * 20,
        "abcdefghijklmnopqrstuvwxyz",
        "1234567890123456",
        "motdepassemotdepasse",
        "MotDePasse123456789",
        "azertyuiopazerty",
        "passwordpassword1",
        "0000000000000001",
    ],
)
def test_a_secret_that_is_guessed_is_refused(tmp_path: Path, weak: str) -> None:
    path = written(tmp_path / "secret", weak)
    with pytest.raises(SecretRefused, match=r"(trop court|se devine).*openssl rand -hex 32"):
        read_strong_secret(path, "Le secret")


def test_what_is_drawn_at_random_is_strong_enough() -> None:
    assert all(guessing_bits(secrets.token_hex(16).encode()) > 48 for _ in range(200))
    assert all(guessing_bits(secrets.token_urlsafe(16).encode()) > 48 for _ in range(200))


def test_the_folder_of_the_user_is_outside_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert user_folder() == tmp_path / "passnum"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert user_folder() == Path.home() / ".config" / "passnum"


def test_what_is_written_from_now_on_is_for_its_owner(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_for_owner()
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("x")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "folder", tmp_path / "file")] == [0o700, 0o600]


def test_the_command_that_mends_can_be_pasted_whatever_the_name(tmp_path: Path) -> None:
    path = written(tmp_path / "le secret ; rm", secrets.token_hex(32), 0o644)
    with pytest.raises(SecretRefused, match=re.escape(f"« chmod 600 '{path}' »")):
        read_secret(path, "Le secret")
