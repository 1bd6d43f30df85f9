"""One person counted once through the whole road, however a delivery writes them, in a lake of before as well."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from ingestion import accounting, identifier_rule, pseudonym
from ingestion.intake import Folders, ingest
from ingestion.lake import Lake
from ingestion.person import identify
from ingestion.receipt import IDENTIFIER_RULE
from ingestion.secret import load_secret
from orchestration.cli import app
from programme.clock import today_in_paris
from tests.conftest import passnum_here
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.integration.road.conftest import fingerprints
from tests.once import copy_home, made_once

SPELLINGS = ("{}", "BEN {0[1]}", "ben\u2011{0[1]}", "Ben\u202f-{0[1]}")
#: What is refused in a lake of an older rule: one spelling asked for would leave the person's others.
REFUSED = ("run", "person show ben-A", "person erase ben-A", "person erase ben-A --yes")


def _respelled() -> list[dict[str, object]]:
    """The prescriptions of the golden set, each in another spelling: those of one person never in the same."""
    rows = deliveries.prescriptions()
    return [
        row | {"id_beneficiaire": SPELLINGS[n % 4].format(str(row["id_beneficiaire"]) if n % 4 == 0 else ("", letter))}
        if (letter := str(row["id_beneficiaire"]).partition("-")[2])
        else row
        for n, row in enumerate(rows)
    ]


@pytest.fixture(scope="session")
def upgraded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden set respelled, in a lake written without the rule, refused (`refused.txt`), upgraded, then published.

    Not to be written in.
    """

    def make(root: Path) -> None:
        home = root / "home"
        deliveries.drop(home / "landing")
        (old,) = (home / "landing").glob("prescriptions*")
        old.unlink()
        write_delivery(home / "landing", old.name, _respelled())
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(pseudonym.RULES, IDENTIFIER_RULE, pseudonym.RULES[0])
            patched.setattr(accounting, "IDENTIFIER_RULE", None)
            patched.setattr(identifier_rule, "IDENTIFIER_RULE", 0)
            ingest(Folders.of_home(home), today=today_in_paris(), secret=load_secret(), settle_seconds=0.0)
        before = _kept(home)
        said = [_said(asked, home, 1) for asked in REFUSED]
        assert _kept(home) == before
        said.append(_said("upgrade", home, 0))
        (root / "said.txt").write_text("\n---\n".join(said), encoding="utf-8")
        passnum_here("run", home=home)

    return made_once(tmp_path_factory, "upgraded", make) / "home"


def _kept(home: Path) -> list[bytes]:
    paths = [path for place in ("lake", "archive") for path in sorted((home / place).rglob("*")) if path.is_file()]
    return [path.read_bytes() for path in paths if path.name[0] != "."]


def _said(command: str, home: Path, exit_code: int) -> str:
    result = CliRunner().invoke(app, [*command.split(), "--home", str(home)])
    assert result.exit_code == exit_code, (result.output, result.exception)
    return " ".join(str(result.output).replace("\xa0", " ").split())


def _people(home: Path) -> list[tuple]:
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        return con.execute("select person_key, carnets_held from core.dim_person order by all").fetchall()


def test_spellings_move_no_figure(golden_home: Path, upgraded_home: Path) -> None:
    """The marts are those of the golden set to the fingerprint, people have the same pseudonyms and carnets."""
    assert len({row["id_beneficiaire"] for row in _respelled()}) > len(
        {row["id_beneficiaire"] for row in deliveries.prescriptions()}
    )
    told, expected = fingerprints(upgraded_home), fingerprints(golden_home)
    marts = {name for name in expected if name.startswith("marts.")}
    assert len(marts) > 15
    assert {name for name in marts if told[name] != expected[name]} == set()
    assert _people(upgraded_home) == _people(golden_home)


def test_a_lake_of_another_rule_is_refused_and_mended_by_one_command(upgraded_home: Path) -> None:
    """By a run that has nothing to read, the search for a person, their erasure: other spellings would be left."""
    *refusals, upgrade = (upgraded_home.parent / "said.txt").read_text(encoding="utf-8").split("\n---\n")
    assert len(refusals) == len(REFUSED)
    for refused in refusals:
        assert "sous une règle plus ancienne (1 fichier)" in refused and "passnum upgrade" in refused
    assert "1 fichier ; 14 personnes avant, 12 personnes maintenant" in upgrade
    assert {r.identifier_rule for r in Lake(upgraded_home / "lake").receipts() if r.dataset == "prescriptions"} == {1}
    assert "déjà à la règle" in _said("upgrade", upgraded_home, 0)


def test_a_person_is_found_in_every_spelling(upgraded_home: Path) -> None:
    """One spelling asked for, both lines of the original found."""
    said = _said("person show BENA", upgraded_home, 0)
    assert "Lac (lignes, par fichier livré) : 2 lignes" in said
    assert "Originaux (archive et quarantaine) : 2 lignes" in said


def test_an_older_version_that_is_kept_holds_the_person_under_the_older_rule(
    upgraded_home: Path, tmp_path: Path
) -> None:
    """Found there by whichever spelling is asked for, and cut from it."""
    home = copy_home(upgraded_home, tmp_path / "home")
    current = (home / "warehouse" / "passnum.duckdb").resolve()
    older = shutil.copy(current, current.with_name(current.name.replace("passnum-2", "passnum-1")))
    secret = load_secret()
    (before,) = pseudonym.pseudonymise(pl.Series(["BEN A"]), secret, 0)
    with duckdb.connect(str(older)) as con:
        new = {"old": identify("ben-A", secret).key, "new": before}
        con.execute("update core.fct_prescription set beneficiary_key = $new where beneficiary_key = $old", new)
    shown = _said("person show ben.A", home, 0), _said("person show ben-A", home, 0)
    assert "ne détient rien" in shown[0] and "Versions gardées : 2 versions" in shown[1]
    assert "2 versions" in _said("person erase ben-A --yes", home, 0)
    with duckdb.connect(str(older), read_only=True) as con:
        told = con.execute("select count(*) from core.fct_prescription where beneficiary_key = ?", [before]).fetchone()
    assert told == (0,)


def _older_version(home: Path, **told: str) -> Path:
    """A version beside the current one that has those pseudonyms for those prescriptions."""
    current = (home / "warehouse" / "passnum.duckdb").resolve()
    older = Path(shutil.copy(current, current.with_name(current.name.replace("passnum-2", "passnum-1"))))
    with duckdb.connect(str(older)) as con:
        sql = "update core.fct_prescription set beneficiary_key = $key where prescription_id = $id"
        for prescription, key in told.items():
            con.execute(sql, {"id": prescription, "key": key})
    return older


def _keys_of(version: Path) -> set[str]:
    with duckdb.connect(str(version), read_only=True) as con:
        return {key for (key,) in con.execute("select beneficiary_key from core.fct_prescription").fetchall()}


def test_a_spelling_that_no_original_has_any_more_is_cut_from_older_versions(
    upgraded_home: Path, tmp_path: Path
) -> None:
    """The archive is purged, its spellings with it: the person's prescriptions tell what a version calls them."""
    home = copy_home(upgraded_home, tmp_path / "home")
    shutil.rmtree(home / "archive")
    lost, other = pseudonym.pseudonymise(pl.Series(["b e n A", "ben-B"]), load_secret(), 0)
    older = _older_version(home, P01=lost, P03=other)
    assert {lost, other} <= _keys_of(older)
    assert "Réponse incomplète" not in _said("person show ben-A", home, 0)
    _said("person erase ben-A --yes", home, 0)
    assert lost not in _keys_of(older) and other in _keys_of(older)


def test_a_pseudonym_of_an_older_version_that_may_be_another_s_is_told(upgraded_home: Path, tmp_path: Path) -> None:
    """P01 was first somebody else's: which of both an older version names cannot be told, and is not guessed."""
    home = copy_home(upgraded_home, tmp_path / "home")
    write_delivery(home / "landing", "prescriptions_2022-12-15.csv", [_respelled()[0] | {"id_beneficiaire": "ben-Z"}])
    passnum_here("run", home=home)
    (unknown,) = pseudonym.pseudonymise(pl.Series(["b e n A"]), load_secret(), 0)
    older = _older_version(home, P01=unknown)
    said = _said("person show ben-A", home, 0)
    assert f"Réponse incomplète pour {older.stem} :" in said and "passnum prune --keep 1 --yes" in said
    _said("person erase ben-A --yes", home, 0)
    assert unknown in _keys_of(older)


def test_what_an_older_rule_made_of_a_person_is_known_for_the_versions_it_built() -> None:
    """Kept versions hold the pseudonyms of their day, of each spelling that the originals have."""
    secret = secrets.token_bytes(32)
    person = identify("BEN A", secret).with_spellings(pl.Series(["ben-A"]), secret)
    older = pseudonym.pseudonymise(pl.Series(["BEN A", "ben-A"]), secret, 0).to_list()
    assert person.keys == [person.key, *sorted(older)]
    assert person.key == identify("ben-a", secret).key
