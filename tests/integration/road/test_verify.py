"""A quoted figure is found again, compared with today, or said not to be one: `passnum verify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import passnum_here
from tests.integration.road.conftest import CORRECTION, Passnum
from tests.once import copy_home
from warehouse.published.figure_address import Figure, Place, read, write
from warehouse.published.figure_files import value_of
from warehouse.published.verification import verify
from warehouse.published.versions import connect, current_version, find_version, read_version
from warehouse.settings import Home


def _spaces(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


def test_every_published_figure_is_the_sum_of_its_files(published_home: Path) -> None:
    """All indicators: the programme, each territory, each month of a territory, each month of a lieu."""
    version = current_version(Home.at(published_home))
    assert version is not None
    compared = 0
    with connect(version.path) as con:
        measures = {code for (code,) in con.execute("select code from proof.measure").fetchall()}
        progress = con.execute("select indicator, value from marts.programme_progress").fetchall()
        for indicator, value in progress:
            assert value_of(con, Figure(indicator, version.build_id)) == pytest.approx(value, abs=1e-9), indicator
        assert len(progress) == 21
        cuts: list[tuple[str, Place, str, str]] = [
            ("territory_progress", "territory", "territory_code", "null::date"),
            ("territory_month", "territory", "territory_code", "month"),
            ("lieu_activity", "lieu", "lieu_siret", "month"),
        ]
        for mart, place, key, month in cuts:
            names = [c for (c,) in con.execute(f"select column_name from (describe marts.{mart})").fetchall()]
            # By lieu and file, people would be small counts: lieu_source has none.
            told = [name for name in names if name in measures and (place != "lieu" or not name.startswith("people_"))]
            for code, on, *values in con.execute(
                f"select {key}, {month}, {', '.join(told)} from marts.{mart}"
            ).fetchall():
                for name, value in zip(told, values, strict=True):
                    found = value_of(con, Figure(name, version.build_id, place, code, on, on))
                    assert found == (None if value is None else pytest.approx(float(value), abs=1e-9)), (
                        mart,
                        code,
                        name,
                    )
                    compared += 1
    assert compared > 300


def test_a_figure_published_is_found_again_as_it_is(published_home: Path, passnum: Passnum) -> None:
    then = current_version(Home.at(published_home))
    assert then is not None
    told = _spaces(passnum("verify", write(Figure("passes_used", then.build_id, "territory", "94080"))).output)
    assert "Pass utilisés, Vincennes, depuis le début" in told
    assert "celle qui est en ligne" in told


def test_a_figure_published_then_corrected_is_told_with_its_bridge(corrected_home: Path, tmp_path: Path) -> None:
    """A use cancelled after the figure was quoted: one pass less in Vincennes, not an hour."""
    place = Home.at(copy_home(corrected_home, tmp_path / "home"))
    then = read_version(find_version(place, "previous"))
    code = write(Figure("passes_used", then.build_id, "territory", "94080"))
    unmoved = write(Figure("hours", then.build_id))
    found = verify(place, code)
    assert found.state == "kept"
    assert found.movement is not None and found.value is not None and found.today == found.value - 1
    assert [(cause.file_name, cause.effect) for cause in found.movement.causes] == [(CORRECTION, -1)]
    told = _spaces(passnum_here("verify", code.lower(), home=place.root))
    assert f"Publié : {found.value:.0f}, dans la version {then.build_id}" in told
    assert "(−1)." in told and f"−1 : {CORRECTION}" in told
    assert verify(place, unmoved).movement is None

    then.path.unlink()
    told = _spaces(passnum_here("verify", code, home=place.root))
    assert "a bien été publiée ; son fichier n'est plus gardé" in told
    assert "ne peut plus être relue" in told and f"passnum run --as-of {then.as_of}" in told


def test_a_retired_version_with_the_tables_of_today_still_gives_its_figure(again_home: Path, tmp_path: Path) -> None:
    place = Home.at(copy_home(again_home, tmp_path / "home"))
    then = read_version(find_version(place, "previous"))
    then.path.unlink()
    found = verify(place, write(Figure("passes_used", then.build_id)))
    assert (found.state, found.is_same_tables) == ("retired", True)
    assert found.value == found.today


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure("hours", "20200101T000000Z-abcdef"), "n'est pas de ce dossier de données"),
        (
            Figure("hours", "20200101T000000Z-abcdef", "territory", "99999"),
            "« 99999 », que la version publiée ne connaît pas",
        ),
    ],
)
def test_a_code_from_elsewhere_proves_nothing(
    published_home: Path, passnum: Passnum, figure: Figure, words: str
) -> None:
    told = passnum("verify", write(figure))
    assert told.exit_code == 1
    assert words in _spaces(told.output)


def test_a_code_mistyped_is_refused(published_home: Path, passnum: Passnum) -> None:
    version = current_version(Home.at(published_home))
    assert version is not None
    code = write(Figure("hours", version.build_id))
    wrong = code[:5] + ("2" if code[5] != "2" else "3") + code[6:]  # the last letter has bits that say nothing
    told = passnum("verify", wrong)
    assert told.exit_code == 1 and "mal recopié" in _spaces(told.output)
    assert read(code, ["hours"]).indicator == "hours"
