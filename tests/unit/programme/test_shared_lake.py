"""Where versions are shared (lac.yaml): unset unless both places are named, no password, the folder in force alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from programme.config import PROJECT_FOLDER, ProgrammeError, load_shared_lake
from tests.unit.programme.settings_file import Write, writer

RIGHT = {"catalog": '"host=bdd dbname=lac user=passnum"', "folder": "/srv/lac", "lake": "mgp", "content": "analystes"}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A folder of settings with a lac.yaml of these values; None: the line is left out."""

    return writer(tmp_path / "lac.yaml", RIGHT)


def test_the_file_shipped_shares_nothing() -> None:
    assert (PROJECT_FOLDER / "lac.yaml").is_file()
    assert load_shared_lake() is None


def test_another_folder_of_settings_names_its_own_lake(write: Write, tmp_path: Path) -> None:
    """Settings without the file share nothing, whatever the project's says: they may be another carrier's."""
    assert load_shared_lake(tmp_path) is None
    lake = load_shared_lake(write())
    assert lake is not None and lake.files == Path("/srv/lac/mgp")
    assert load_shared_lake(write(catalog="", folder="")) is None


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"folder": ""}, "folder", "l'un des deux manque"),
        ({"catalog": ""}, "catalog", "l'un des deux manque"),
        ({"folder": '"/srv/lac [12]"'}, "folder", "sans [ ] * ?"),
        ({"catalog": '"host=bdd password=secret"'}, "catalog", "sans mot de passe"),
        ({"catalog": '"host=bdd PASSWORD = secret"'}, "catalog", "sans mot de passe"),
        ({"catalog": "postgresql://passnum:secret@bdd/lac"}, "catalog", "sans mot de passe"),
        ({"catalog": "bdd"}, "catalog", "host=…"),
        ({"folder": "lac"}, "folder", "chemin entier"),
        ({"lake": "Métropole"}, "lake", "minuscules"),
        ({"content": "tout"}, "content", "« analystes »"),
        ({"content": None}, "content", "réglage absent"),
        ({"dossier": "/srv"}, "dossier", "réglage inconnu"),
    ],
)
def test_a_wrong_value_is_told_with_its_remedy(
    write: Write, changes: dict[str, str | None], name: str, words: str
) -> None:
    """A French sentence that names the setting and what is expected, and never a password that was written there."""
    with pytest.raises(ProgrammeError) as raised:
        load_shared_lake(write(**changes))
    assert name in str(raised.value) and words in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_of_passwords_may_be_named(write: Write) -> None:
    """`passfile` is where libpq looks: it holds no password itself."""
    lake = load_shared_lake(write(catalog='"host=bdd dbname=lac passfile=/etc/passnum/pgpass"'))
    assert lake is not None and "passfile" in lake.catalog
