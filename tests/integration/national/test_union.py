"""`passnum union` on real published versions: what it adds up, when there is nothing to do, whom it refuses.

Does not live here: which sums are withheld (tests/unit/reporting/test_national.py), the pages (tests/pages).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from orchestration import union as work
from orchestration.cli import app
from orchestration.deciding import confirm_now
from reporting.national import store
from tests.once import copy_home, made_once
from warehouse.published.versions import current_path, read_version
from warehouse.settings import Home

METROPOLE, PARIS, CRETEIL = "200054781", "217500016", "219400280"
#: Of the 600 carnets of the simulated home, and of the golden set, which has a few tens.
ADDED = ("passes_issued", "passes_used", "hours", "people_equipped", "people_reached", "budget_committed_eur")


def passnum(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def words(said: Result) -> str:
    """What was said, on one line, its no-break spaces plain."""
    return " ".join(said.output.split())


def written(path: Path, *rows: tuple[str, str, Path | str]) -> Path:
    path.write_text("siren;nom;maison\n" + "".join(f"{siren};{name};{home}\n" for siren, name, home in rows))
    return path


@pytest.fixture(scope="module")
def homes(simulated_home: Path, golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two programmes: copies, for their protected figures are kept beside their versions."""

    def make(root: Path) -> None:
        copy_home(simulated_home, root / "metropole")
        copy_home(golden_home, root / "paris")

    root = made_once(tmp_path_factory, "two-programmes", make)
    return root / "metropole", root / "paris"


@pytest.fixture(scope="module")
def national(homes: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Result]:
    """The list of three commanditaires, one of whom is nowhere; the national home; what the command said."""
    folder = tmp_path_factory.mktemp("national")
    listed = written(
        folder / "commanditaires.csv",
        (METROPOLE, "Métropole", homes[0]), (PARIS, "Paris", homes[1]), (CRETEIL, "Créteil", "nulle-part"),
    )  # fmt: skip
    said = passnum("union", "--list", str(listed), "--home", str(folder / "home"))
    assert said.exit_code == 0, said.output
    return listed, folder / "home", said


def ask(home: Path, sql: str) -> list[tuple]:
    path = current_path(Home.at(home))
    assert path is not None
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_a_national_figure_is_the_sum_of_what_each_published(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path]
) -> None:
    told = dict(ask(national[1], "select indicator, value from national.total"))
    each = [dict(ask(home, "select indicator, value from marts.programme_progress")) for home in homes]
    for name in ADDED:
        assert told[name] == pytest.approx(sum(of[name] for of in each)), name
        assert each[0][name] != each[1][name] > 0, "two programmes that a sum can tell from one"


def test_a_share_is_that_of_all_who_answered_and_a_common_lieu_counts_once(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path]
) -> None:
    told = dict(ask(national[1], "select indicator, value from national.total"))
    asked = (
        "select category, sum(people_equipped) from marts.audience_profile where dimension = 'public_pic' group by 1"
    )
    answers = [dict(ask(home, asked)) for home in homes]
    yes, no = (sum(int(of.get(word, 0)) for of in answers) for word in ("oui", "non"))
    assert told["pic_share"] == pytest.approx(yes / (yes + no))
    active = "select distinct lieu_siret from marts.lieu_activity where passes_used > 0"
    assert told["lieux_active"] == len({row for home in homes for row in ask(home, active)})


def test_every_row_of_every_mart_is_there_once_with_its_siren(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path]
) -> None:
    marts = [name for (name,) in ask(homes[0], "select table_name from duckdb_tables() where schema_name = 'marts'")]
    assert len(marts) > 30
    for mart in marts:
        found = dict(ask(national[1], f"select siren, count(*) from national.{mart} group by siren"))
        expected = {
            s: ask(h, f"select count(*) from marts.{mart}")[0][0]
            for s, h in zip((METROPOLE, PARIS), homes, strict=True)
        }
        assert found == {siren: rows for siren, rows in expected.items() if rows}, mart


def test_who_is_missing_is_said_and_left_out(national: tuple[Path, Path, Result]) -> None:
    assert "2 commanditaires sur 3" in words(national[2])
    assert "Créteil (219400280) : dossier introuvable" in words(national[2])
    assert ask(national[1], "select siren from national.commanditaire where not is_present") == [(CRETEIL,)]
    kept = dict(ask(national[1], "select code, status from quality.check_result"))
    assert kept == {"UN-001": "ok", "UN-002": "ok", "UN-003": "ok", "UN-004": "ko", "UN-005": kept["UN-005"]}


def test_nothing_new_is_said_and_nothing_is_made(national: tuple[Path, Path, Result]) -> None:
    listed, home, _ = national
    before = current_path(Home.at(home))
    said = passnum("union", "--list", str(listed), "--home", str(home))
    assert said.exit_code == 0 and words(said).startswith("Rien de nouveau : 2 commanditaires sur 3")
    assert current_path(Home.at(home)) == before


def test_a_commanditaire_that_publishes_anew_makes_a_new_view(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path], tmp_path: Path
) -> None:
    """Another version in line, whatever it says, is another view; the protected figures go with it."""
    _, home, _ = national
    again = Path(shutil.copytree(homes[1], tmp_path / "paris", symlinks=True))
    version = current_path(Home.at(again))
    assert version is not None
    with duckdb.connect(str(version)) as con:
        con.execute("update quality.build set build_id = '20991231T000000Z-ffffff'")
    listed = written(tmp_path / "l.csv", (METROPOLE, "Métropole", homes[0]), (PARIS, "Paris", again))
    copy = Path(shutil.copytree(home, tmp_path / "home", symlinks=True))
    said = passnum("union", "--list", str(listed), "--home", str(copy))
    assert said.exit_code == 0 and "Vue nationale publiée : 2 commanditaires sur 2" in words(said)
    made = current_path(Home.at(copy))
    assert made is not None and store.load(made) is not None
    assert said.output.count("•") == 2, "the figures of both were protected before: none is searched again"


def test_figures_that_do_not_add_up_are_not_published(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path], tmp_path: Path
) -> None:
    """A programme whose months do not make its total is refused, and said by its SIREN."""
    wrong = Path(shutil.copytree(homes[1], tmp_path / "paris", symlinks=True))
    version = current_path(Home.at(wrong))
    assert version is not None
    with duckdb.connect(str(version)) as con:
        con.execute("update marts.programme_progress set value = value + 1 where indicator = 'passes_used'")
    listed = written(tmp_path / "l.csv", (METROPOLE, "Métropole", homes[0]), (PARIS, "Paris", wrong))
    left_out = passnum("union", "--list", str(listed), "--home", str(tmp_path / "other"))
    assert left_out.exit_code == 0 and "version altérée depuis sa publication" in words(left_out)
    confirm_now(Home.at(wrong), read_version(version))  # as if its run had left it so
    copy = Path(shutil.copytree(national[1], tmp_path / "home", symlinks=True))
    listed = written(tmp_path / "l.csv", (METROPOLE, "Métropole", homes[0]), (PARIS, "Paris", wrong))
    before = current_path(Home.at(copy))
    said = passnum("union", "--list", str(listed), "--home", str(copy))
    assert said.exit_code == 3 and f"passes_used de {PARIS}" in said.output
    assert current_path(Home.at(copy)) == before
    assert not list(Home.at(copy).builds.iterdir()), "nothing is left behind"


def test_a_home_that_was_copied_does_not_count_twice(homes: tuple[Path, Path], tmp_path: Path) -> None:
    copy = copy_home(homes[1], tmp_path / "copy")
    listed = written(tmp_path / "l.csv", (METROPOLE, "Un", homes[1]), (PARIS, "Deux", copy))
    said = passnum("union", "--list", str(listed), "--home", str(tmp_path / "home"))
    assert said.exit_code == 1 and "Un et Deux ont la même version" in words(said)


def test_a_commanditaire_fewer_is_said(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path], tmp_path: Path
) -> None:
    """Two views differ by what it withholds."""
    copy = Path(shutil.copytree(national[1], tmp_path / "home", symlinks=True))
    listed = written(tmp_path / "l.csv", (METROPOLE, "Métropole", homes[0]))
    said = passnum("union", "--list", str(listed), "--home", str(copy))
    assert "Attention : Paris n'est plus dans les sommes" in words(said)


def test_what_only_a_programme_can_answer_is_refused_in_a_national_home_and_the_reverse(
    national: tuple[Path, Path, Result], homes: tuple[Path, Path]
) -> None:
    for command in ("run", "status", "doctor"):
        said = passnum(command, "--home", str(national[1]))
        assert said.exit_code == 2 and "vue nationale" in said.output, command
    said = passnum("union", "--list", str(national[0]), "--home", str(homes[0]))
    assert said.exit_code == 1 and "est la maison d'un programme" in said.output
    nested = written(national[0].parent / "nested.csv", (METROPOLE, "La nation", national[1]))
    said = passnum("union", "--list", str(nested), "--home", str(national[1].parent / "other"))
    assert said.exit_code == 1 and "compteraient deux fois" in said.output


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("123456789", "A", "a")], "ligne 2, colonne « siren », valeur « 123456789 »"),
        ([(METROPOLE, "A", "a"), (METROPOLE, "B", "b")], "ligne 3, colonne « siren »"),
        ([(METROPOLE, "A", "a"), (PARIS, "B", "./a")], "ligne 3, colonne « maison »"),
        ([], "aucun commanditaire"),
    ],
)
def test_a_list_that_cannot_be_right_says_where_and_how_to_mend_it(
    rows: list[tuple[str, str, str]], told: str, tmp_path: Path
) -> None:
    said = passnum("union", "--list", str(written(tmp_path / "l.csv", *rows)), "--home", str(tmp_path / "home"))
    assert said.exit_code == 1 and told in said.output
    assert not (tmp_path / "home").exists()


def test_the_cubes_are_made_side_by_side_as_they_are_alone(
    homes: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes, or one: the same protected figures, to the last cell."""
    twins = [copy_home(home, tmp_path / name) for home, name in zip(homes, ("a", "b"), strict=True)]
    listed = written(tmp_path / "l.csv", (METROPOLE, "A", twins[0]), (PARIS, "B", twins[1]))
    made = []
    for workers in (2, 1):
        for cube in tmp_path.glob("?/warehouse/versions/*.cube-*"):
            cube.unlink()
        monkeypatch.setattr(work, "WORKERS", workers)
        home = tmp_path / f"home-{workers}"
        assert passnum("union", "--list", str(listed), "--home", str(home)).exit_code == 0
        path = current_path(Home.at(home))
        assert path is not None
        made.append(store.load(path))
    assert made[0] is not None and made[1] is not None and made[0].equals(made[1])
    assert made[0]["value"].null_count() > 0
