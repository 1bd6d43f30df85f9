"""`passnum person`: what is held of somebody is all found; erased, they are found nowhere and no figure has moved.

On the golden set, whose ben-A holds two carnets and used passes of both.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

from ingestion import rewriting
from ingestion.lake import Lake
from ingestion.person import identify
from ingestion.secret import load_secret
from orchestration.cli import app
from tests.conftest import passnum_here
from tests.factories import write_delivery
from tests.integration.golden import deliveries
from tests.integration.road.conftest import fingerprints
from tests.once import copy_home, made_once

WHO, OTHER = "ben-A", "ben-B"


def _person(home: Path, *arguments: str, who: str = WHO, exit_code: int = 0) -> str:
    result = CliRunner().invoke(app, ["person", *arguments, "--home", str(home)], input=f"{who}\n")
    assert result.exit_code == exit_code, (result.output, result.exception)
    assert not who.strip() or who not in result.output
    return str(result.output).replace("\xa0", " ")


def _key(who: str) -> str:
    return identify(who, load_secret()).key


def _state(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file() and path.name not in (".passnum.lock", ".publish.lock")
    }


def _found(home: Path, *texts: str) -> list[str]:
    """Where one of the texts is, in any case: bytes, Parquet and DuckDB by value."""
    found = []
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        said = [path.read_bytes().lower().decode("latin-1")]
        if path.suffix == ".parquet":
            said.append("\n".join(map(str, pl.read_parquet(path).rows())).lower())
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as con:
                tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
                said += ["\n".join(map(str, con.execute(f'from "{s}"."{t}"').fetchall())).lower()
                         for s, t in tables if s in ("core", "quality")]  # fmt: skip
        found += [str(path.relative_to(home)) for text in texts if any(text.lower() in one for one in said)]
    return found


@pytest.fixture(scope="session")
def erased_home(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden home, built at a date too, ben-A erased from it, then built again. Not to be written in: copy it."""

    def make(root: Path) -> None:
        home = copy_home(golden_home, root / "home")
        passnum_here("run", "--as-of", "2022-11-30", home=home)
        (root / "said.txt").write_text(_person(home, "erase", "--yes"), encoding="utf-8")
        shutil.copytree(home, root / "before_the_run", symlinks=True)
        passnum_here("run", home=home)

    return made_once(tmp_path_factory, "erased", make) / "home"


def test_everything_held_is_told_by_place_and_written_for_its_owner_alone(golden_home: Path, tmp_path: Path) -> None:
    """RGPD, art. 15: lake and original to the line, versions, carnets and visits; the screen tells numbers alone."""
    home = copy_home(golden_home, tmp_path / "home")
    said = _person(home, "show", "--out", str(tmp_path / "a.json"))
    assert "Lac (lignes, par fichier livré) : 2 lignes dans 1 fichier." in said
    assert "Originaux (archive et quarantaine) : 2 lignes dans 1 fichier" in said
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600
    assert [row["prescription"] for row in told["Prescriptions"]] == ["P02", "P01"]
    lake = told["Lac (lignes, par fichier livré)"]
    assert [(row["id_prescription"], row["source_line"]) for row in lake] == [("P01", 2), ("P02", 3)]
    originals = told["Originaux (archive et quarantaine)"]
    assert [(row["ligne"], row["id_beneficiaire"], row["annee_naissance"]) for row in originals] == [
        (2, WHO, "1950"), (3, WHO, "1951"),
    ]  # fmt: skip
    mine = {"C001", "C002"}
    assert {row["carnet"] for row in told["Pass utilisés"]} <= mine
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        ((uses,),) = con.execute(
            "select count(*) from core.fct_redemption where carnet_number in ('C001', 'C002')"
        ).fetchall()
    assert len(told["Pass utilisés"]) == uses > 1
    assert {row["colonne"] for row in told["Versions gardées"]} >= {"core.dim_person.person_key"}


def test_other_files_that_name_the_person_are_told_and_left(golden_home: Path, tmp_path: Path) -> None:
    """A file that waits, a workbook of the reports, a log, a ledger of mails; lines of a closed account by carnet."""
    home = copy_home(golden_home, tmp_path / "home")
    (home / "landing").mkdir(exist_ok=True)
    (home / "landing" / "p.csv").write_bytes(f"a;b\n{WHO};x\n{WHO}1;x\n".encode("utf-16-le"))
    (home / "logs" / "erreur-x.log").write_text(f"id {WHO.upper()}, id {WHO}, x{WHO}", encoding="utf-8")
    (home / "reports" / "qualite" / "envois").mkdir(parents=True)
    (home / "reports" / "qualite" / "envois" / "x.json").write_text(_key(WHO), encoding="utf-8")
    pl.DataFrame({"a": [WHO]}).write_excel(home / "reports" / "x.xlsx")
    closed = home / "reports" / ".comptes" / "2021" / "edition-1.parquet"
    closed.parent.mkdir(parents=True)
    pl.DataFrame({"carnet_number": ["C001", "C003", "C002", "C001"]}).write_parquet(closed)
    said = _person(home, "show", "--out", str(tmp_path / "a.json"))
    assert "Autres fichiers du dossier : 5 fichiers :" in said
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["Autres fichiers du dossier"]
    assert {(row["fichier"], row["lignes"]) for row in told} == {
        ("landing/p.csv", 1), ("logs/erreur-x.log", 2), ("reports/qualite/envois/x.json", 1), ("reports/x.xlsx", 1),
        ("reports/.comptes/2021/edition-1.parquet", 3),
    }  # fmt: skip


def test_the_workbook_of_an_answer_opens(golden_home: Path, tmp_path: Path) -> None:
    home = copy_home(golden_home, tmp_path / "home")
    _person(home, "show", "--out", str(tmp_path / "a.xlsx"))
    sheets = pl.read_excel(tmp_path / "a.xlsx", sheet_id=0, engine="calamine")
    assert sheets["Prescriptions"]["prescription"].to_list() == ["P02", "P01"]
    assert {"Pass utilisés", "Versions gardées", "Autres fichiers du dossier"} <= set(sheets)
    assert "--out" in _person(home, "show", "--out", "a.pdf", exit_code=2)


def test_the_identifier_may_be_in_a_file_and_is_read_as_a_delivered_cell(golden_home: Path, tmp_path: Path) -> None:
    home = copy_home(golden_home, tmp_path / "home")
    (tmp_path / "id.txt").write_text(f"\ufeff  {WHO} \n", encoding="utf-8")
    said = _person(home, "show", "--identifiant", str(tmp_path / "id.txt"), who="ben-Z")
    assert "2 lignes dans 1 fichier" in said
    told = _person(home, "show", who="ben-Z")
    assert "ne détient rien sous cet identifiant" in told and "zéros de tête compris" in told
    assert "identifiant de bénéficiaire" in _person(home, "show", who=" ", exit_code=1)


def test_the_identifier_may_be_an_argument_that_is_never_said_again(golden_home: Path, tmp_path: Path) -> None:
    """What a shell keeps is told, and how to avoid it; neither the screen nor a log has the identifier."""
    home = copy_home(golden_home, tmp_path / "home")
    said = _person(home, "show", WHO)
    assert "reste dans l'historique du terminal" in said and "--identifiant FICHIER" in said
    assert "2 lignes dans 1 fichier" in said
    assert "historique" not in _person(home, "show")
    # typed without quotes, the second word is no argument too many, which would be said again
    assert "ne détient rien sous cet identifiant" in _person(home, "show", "ben-", "ZZZZ", who="ZZZZ")
    assert "Rien n'a été changé" in _person(home, "erase", WHO)
    assert "donné deux fois" in _person(home, "show", WHO, "--identifiant", "x", exit_code=2)
    assert "identifiant de bénéficiaire" in _person(home, "show", "", exit_code=1)
    assert _found(home / "logs", WHO, "ZZZZ") == []


def test_nothing_is_changed_without_yes(golden_home: Path, tmp_path: Path) -> None:
    home = copy_home(golden_home, tmp_path / "home")
    before = _state(home)
    assert "Rien n'a été changé" in _person(home, "erase")
    assert _state(home) == before


def test_another_secret_finds_nobody_and_is_refused(
    golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would say that nothing is held."""
    home = copy_home(golden_home, tmp_path / "home")
    path = tmp_path / "secret"
    path.write_text(secrets.token_hex(32), encoding="ascii")
    path.chmod(0o600)
    monkeypatch.setenv("PASSNUM_SECRET_FILE", str(path))
    assert "Le secret des pseudonymes n’est pas celui" in _person(home, "show", exit_code=1)


def test_a_person_erased_is_found_nowhere(erased_home: Path) -> None:
    """RGPD, art. 17: neither identifier nor pseudonym, in lake, originals and every kept version; others stay."""
    before = erased_home.parent / "before_the_run"
    for home in (before, erased_home):
        assert _found(home, WHO, _key(WHO)) == []
        assert len(_found(home, OTHER, _key(OTHER))) > 2
        assert Lake(home / "lake").verify() > 5
    (original,) = (erased_home / "archive").glob("*/*_prescriptions*.csv")
    lines = original.read_text(encoding="utf-8").splitlines()
    assert lines[1].split(";")[7:9] == ["", ""]
    assert lines[1].split(";")[:3] == ["P01", "C001", "01/03/2021"]
    assert lines[3].split(";")[7:9] == [OTHER, "2004"]


def test_no_figure_moves_when_a_person_is_erased(golden_home: Path, erased_home: Path) -> None:
    """The pseudonym is another, one for one: marts and proof are the same to the fingerprint, people are as many."""
    before, after = fingerprints(golden_home), fingerprints(erased_home)
    changed = {table for table in before if before[table] != after.get(table)}
    assert set(before) == set(after)
    assert changed and all(table.startswith("core.") for table in changed)
    with duckdb.connect() as con:
        for name, home in (("a", golden_home), ("b", erased_home)):
            con.execute(f"attach '{(home / 'warehouse' / 'passnum.duckdb').resolve()}' as {name} (read_only)")
        people = "select count(*), count(distinct person_key), sum(carnets_held) from {}.core.dim_person"
        assert con.execute(people.format("a")).fetchall() == con.execute(people.format("b")).fetchall()
        lines = "select * exclude (beneficiary_key) from {}.core.fct_prescription"
        assert con.execute(f"{lines.format('a')} except {lines.format('b')}").fetchall() == []


def test_a_kept_version_is_written_anew_whole(golden_home: Path, erased_home: Path) -> None:
    """Its tables but for the pseudonym, its comments and its functions."""
    name = next(p.name for p in (golden_home / "warehouse" / "versions").glob("*.duckdb"))
    told = []
    for home in (golden_home, erased_home):
        path = home / "warehouse" / "versions" / name
        with duckdb.connect(str(path), read_only=True) as con:
            comments = con.execute(
                "select table_name, column_name, comment from duckdb_columns() order by all"
            ).fetchall()
            figures = con.execute("from metric('hours', by := 'territory') order by all").fetchall()
            build = con.execute("select * from quality.build order by all").fetchall()
            told.append((comments, figures, build))
    assert told[0] == told[1]


def test_the_register_names_nobody_and_says_what_is_kept(erased_home: Path) -> None:
    (path,) = (erased_home / "lake" / "_erased").glob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert (entry["why"], entry["lines"], entry["files"], entry["originals"]) == ("demande", 2, 1, {"rewritten": 1})
    assert "17.3.b" in entry["kept"]
    rows = pl.read_parquet(next((erased_home / "lake" / "prescriptions").glob("*/rows.parquet")))
    drawn = rows.filter(pl.col("id_prescription").is_in(["P01", "P02"]))["beneficiary_key"].unique().to_list()
    assert entry["keys_sha256"] == [hashlib.sha256(key.encode()).hexdigest() for key in drawn]
    said = (erased_home.parent / "said.txt").read_text(encoding="utf-8")
    assert "2 lignes du lac dans 1 fichier" in said and "1 original récrit" in said
    receipt = next(r for r in Lake(erased_home / "lake").receipts() if r.dataset == "prescriptions")
    assert receipt.original == "rewritten"


def test_the_same_file_again_is_a_duplicate_and_brings_nobody_back(erased_home: Path, tmp_path: Path) -> None:
    home = copy_home(erased_home, tmp_path / "home")
    deliveries.drop(home / "landing")
    passnum_here("run", home=home)
    assert _found(home, WHO, _key(WHO)) == []


def test_a_prescription_delivered_again_goes_back_under_the_pseudonym_that_was_drawn(
    golden_home: Path, erased_home: Path, tmp_path: Path
) -> None:
    """A later extraction repeats all the prescriptions: at the door those of the person are under the drawn pseudonym,
    and figures are those of a home where nobody was erased. A new prescription of theirs is a new datum."""
    told = {}
    for name, start in (("as it was", golden_home), ("erased", erased_home)):
        home = copy_home(start, tmp_path / name)
        rows = deliveries.prescriptions()
        write_delivery(home / "landing", "prescriptions_2022-11-29.csv", [r | {"genre": "femme"} for r in rows])
        passnum_here("run", home=home)
        told[name] = fingerprints(home)
    erased = tmp_path / "erased"
    marts = {t for t in told["erased"] if not t.startswith("core.")}
    assert {t for t in marts if told["erased"][t] != told["as it was"][t]} == set()
    lake = Lake(erased / "lake")
    for path in (lake.root / "prescriptions").glob("*/rows.parquet"):
        assert _key(WHO) not in pl.read_parquet(path)["beneficiary_key"].to_list()
    # the original that came has the identifier again: it is asked for again
    said = _person(erased, "erase", "--yes")
    assert "0 ligne du lac" in said and "1 original récrit" in said
    assert _found(erased, WHO, _key(WHO)) == []


def test_a_kill_while_the_lake_is_written_anew_loses_nothing(
    golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once decided, when one file of three has taken its place: the next run finishes, then builds. Every
    moment: tests/unit/ingestion/test_rewriting.py."""
    home = copy_home(golden_home, tmp_path / "home")
    done = 0
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        nonlocal done
        if rewriting.COMMITTED in self.parts:
            if done == 1:
                raise KeyboardInterrupt
            done += 1
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    CliRunner().invoke(app, ["person", "erase", "--yes", "--home", str(home)], input=f"{WHO}\n")
    monkeypatch.undo()
    assert rewriting.is_under_way(home / "lake")
    passnum_here("run", home=home)
    assert Lake(home / "lake").verify() > 5
    assert not rewriting.is_under_way(home / "lake")
    marts = {t: f for t, f in fingerprints(home).items() if not t.startswith("core.")}
    assert marts == {t: f for t, f in fingerprints(golden_home).items() if not t.startswith("core.")}
    # the originals were not reached: asked again, the rest is done
    _person(home, "erase", "--yes")
    assert _found(home, WHO, _key(WHO)) == []
