"""From any figure down to the deliveries: the lines that make it up add up to it exactly (trace, diff)."""

from __future__ import annotations

import csv
import json
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.commands import output
from tests.conftest import passnum_here
from tests.integration.golden.test_golden import INDICATORS
from warehouse.published.figure_address import Figure, write
from warehouse.published.figure_files import value_of
from warehouse.published.measure import Scope, TraceError, measure_of
from warehouse.published.trace import find_territory, parse_period, trace, trace_figure

#: Not sums of months: a quotient, a ceiling, people who came to a lieu in a month.
SHARES = {"pic_share", "qpv_share", "state_share_due_eur", "people_welcomed"}


def writable(home: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    """A copy of the version of a home, to be changed."""
    copy = folder / "passnum-copy.duckdb"
    shutil.copy((home / "warehouse" / "passnum.duckdb").resolve(), copy)
    copy.chmod(0o600)
    return duckdb.connect(str(copy))


def of_month(month: date, territory: str | None = None) -> Scope:
    first, last = parse_period(f"{month:%Y-%m}")
    return Scope(territory, None, first, last)


@pytest.mark.parametrize("indicator", sorted(INDICATORS))
def test_the_lines_of_every_indicator_add_up_to_it(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    found = trace(published, indicator)
    assert found.proof.holds(found.value)
    parts = sum(file.value for file in found.files)
    assert float(parts) == pytest.approx(float(found.value or 0), abs=1e-8)
    assert all(file.file_name for file in found.files)


def test_every_measure_of_the_dictionary_can_be_traced(published: duckdb.DuckDBPyConnection) -> None:
    """Indicators and the other measures: each has its lines (no commune paid anything in the golden set)."""
    codes = [code for (code,) in published.execute("select code from proof.measure").fetchall()]
    assert set(codes) > set(INDICATORS)
    assert [code for code in codes if trace(published, code).lines == 0] == ["received_communes_eur"]


def test_a_ceiling_is_shared_out_among_its_places_as_its_sum_is(published: duckdb.DuckDBPyConnection) -> None:
    """Half of what each territory used, and never the programme's whole share for one of them."""
    (build_id,) = published.execute("select max(build_id) from quality.build").fetchone() or ("",)
    used = published.execute("select territory_code, face_value_used_eur from marts.territory_progress").fetchall()
    shares = {code: value_of(published, Figure("state_share_due_eur", build_id, "territory", code)) for code, _ in used}
    assert shares == pytest.approx({code: float(value) / 2 for code, value in used})
    assert sum(share or 0.0 for share in shares.values()) == pytest.approx(INDICATORS["state_share_due_eur"])
    found = trace_figure(published, Figure("state_share_due_eur", build_id, "territory", "94080"))
    assert found.lines > 0 and found.proof.holds(found.value)


# What a territory has no figure of its own for: the budget, and the three that do not add up over territories.
BY_TERRITORY = sorted(
    set(INDICATORS)
    - {"budget_committed_eur", "budget_paid_eur", "state_share_due_eur", "session_hours", "territories_active"}
)


@pytest.mark.parametrize("indicator", BY_TERRITORY)
@pytest.mark.parametrize("territory", ["94080", "93066", "93059", "75118"])
def test_the_lines_of_a_territory_add_up_to_its_figure(
    published: duckdb.DuckDBPyConnection, indicator: str, territory: str
) -> None:
    """75118 has no activity: its figures are 0, its shares are of nobody."""
    found = trace(published, indicator, Scope(territory))
    assert found.proof.where == "marts.territory_progress"
    if found.proof.value is None:
        assert (found.value, found.lines) == (None, 0)
    else:
        assert found.proof.holds(found.value)


#: Cuts of a figure, and the measures that no table publishes there: `trace` says that the sum is the figure.
CUTS = {
    "programme": (Scope(), {"people_welcomed"}),
    "territory": (Scope("94080"), {"people_welcomed", "session_hours", "sessions", "state_share_due_eur"}),
    "quarter": (Scope(None, None, date(2022, 1, 1), date(2022, 3, 31)), SHARES),
    "before any activity": (Scope(None, None, date(2018, 1, 1), date(2018, 12, 31)), SHARES),
    "territory, before any": (
        Scope("94080", None, date(2018, 1, 1), date(2018, 1, 31)),
        SHARES | {"sessions", "session_hours"},
    ),
}


@pytest.mark.parametrize("cut", CUTS)
def test_every_measure_is_proved_against_what_is_published(published: duckdb.DuckDBPyConnection, cut: str) -> None:
    """Every measure, in every cut, of an empty period too: the sum is the published figure, or none is published."""
    scope, of_none = CUTS[cut]
    codes = [code for (code,) in published.execute("select code from proof.measure").fetchall()]
    proved: set[str] = set()
    unpublished: set[str] = set()
    for code in codes:
        try:
            found = trace(published, code, scope)
        except TraceError:  # it has no territory
            continue
        assert found.proof.holds(found.value) or not found.proof.where, (code, found.value, found.proof)
        (proved if found.proof.where else unpublished).add(code)
    assert unpublished == of_none
    assert len(proved) > 25


def test_a_figure_of_a_page_is_traced_by_its_code(golden_home: Path, published: duckdb.DuckDBPyConnection) -> None:
    """The carnets of a territory, the lieux of a call for projects: cuts that have a code, and no option."""
    (build_id,) = published.execute("select max(build_id) from quality.build").fetchone() or ("",)
    for figure in (
        Figure("passes_used", build_id, "account", "94080"),
        Figure("hours", build_id, "lieux", ami=1),
        Figure("passes_prescribed_unused", build_id),
    ):
        found = trace_figure(published, figure)
        assert found.lines
        assert found.proof.holds(found.value)
        told = json.loads(passnum_here("trace", write(figure), "--json", home=golden_home))
        assert (told["code"], told["is_proved"], len(told["lines"])) == (write(figure), True, found.lines)
    refused = passnum_here("trace", write(figure), "--period", "2022", home=golden_home, exit_code=2)
    assert "donnez-le seul" in refused
    assert "mal recopié" in passnum_here("trace", "PN-12345", home=golden_home, exit_code=1)


def test_an_event_without_a_value_is_no_line_of_the_measure(golden_home: Path, tmp_path: Path) -> None:
    """A commitment of fees has no face value: it is no line of the face value committed."""
    with writable(golden_home, tmp_path) as con:
        con.execute("update proof.contribution set face_value_eur = null where event = 'budget'")
        assert trace(con, "budget_committed_eur").lines == 1
        assert trace(con, "face_value_committed_eur").lines == 0


@pytest.mark.parametrize("asked", ["heures", "Heures de formation", "hour"])
def test_an_indicator_asked_in_french_names_its_code(published: duckdb.DuckDBPyConnection, asked: str) -> None:
    with pytest.raises(TraceError, match=r"Les plus proches : .*hours \(Heures de formation\)"):
        trace(published, asked)


def test_a_version_from_before_its_measures_had_words_is_traced_all_the_same(golden_home: Path, tmp_path: Path) -> None:
    with writable(golden_home, tmp_path) as con:
        con.execute("alter table proof.measure drop column label")
        found = trace(con, "hours")
        assert found.label == "Heures de formation"
        assert found.proof.holds(found.value)
        con.execute("drop table proof.contribution")
        with pytest.raises(TraceError, match="construite avant que chaque chiffre ne garde ses lignes"):
            trace(con, "hours")


@pytest.mark.parametrize("indicator", sorted(set(INDICATORS) - {"pic_share", "qpv_share"}))
def test_the_months_of_every_indicator_add_up_to_it(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    """Each line is in one month; where the month has a published figure, its lines add up to it too."""
    lines = measure_of(published, indicator).lines()
    months = published.execute(
        f"select distinct date_trunc('month', happened_on)::date from ({lines}) order by 1"
    ).fetchall()
    found = [trace(published, indicator, of_month(month)) for (month,) in months]
    assert float(sum(month.value or 0 for month in found)) == pytest.approx(
        float(trace(published, indicator).value or 0), abs=1e-8
    )
    assert all(month.proof.holds(month.value) for month in found if month.proof.where)


def test_a_month_of_a_territory_adds_up_to_the_published_one(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("select month, territory_code, hours, passes_used from marts.territory_month").fetchall()
    assert len(rows) > 10
    for month, territory, hours, passes in rows:
        assert float(trace(published, "hours", of_month(month, territory)).value or 0) == pytest.approx(hours, abs=1e-9)
        found = trace(published, "passes_used", of_month(month, territory))
        assert found.value == found.proof.value == passes


@pytest.mark.parametrize("indicator", ["hours", "passes_issued", "people_reached", "lieux_active", "session_hours"])
def test_the_territories_add_up_to_the_programme(published: duckdb.DuckDBPyConnection, indicator: str) -> None:
    codes = published.execute("select territory_code from marts.territory_progress").fetchall()
    parts = [trace(published, indicator, Scope(code)).value or 0 for (code,) in codes]
    assert float(sum(parts)) == pytest.approx(float(trace(published, indicator).value or 0), abs=1e-8)


def test_prescribed_passes_are_on_the_lines_of_their_prescriptions(published: duckdb.DuckDBPyConnection) -> None:
    files = trace(published, "passes_prescribed").files
    assert {file.file_name.split("_")[0] for file in files} == {"prescriptions"}


def test_a_figure_names_its_file_and_lines(published: duckdb.DuckDBPyConnection) -> None:
    """In March 2022 one pass was used: U016, line 17 of the October extract (line 1 is the header)."""
    found = trace(published, "passes_used", of_month(date(2022, 3, 1)))
    assert [(file.file_name, [line.line for line in file.lines]) for file in found.files] == [
        ("utilisations_2022-10-31.csv", [17])
    ]


def test_an_unknown_indicator_is_refused_with_the_known_ones(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match=r"Indicateur inconnu : « xyz »\. Indicateurs possibles : .*hours"):
        trace(published, "xyz")


def test_an_unknown_territory_is_refused(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match="Territoire inconnu : « 99999 »"):
        find_territory(published, "99999")


def test_the_budget_has_no_territory(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match="n'est pas réparti par territoire"):
        trace(published, "budget_paid_eur", Scope("94080"))


@pytest.mark.parametrize("asked", ["94080", "vincennes", " VINCENNES ", "Vincénnes"])
def test_a_territory_is_known_by_its_code_or_its_name(published: duckdb.DuckDBPyConnection, asked: str) -> None:
    assert find_territory(published, asked) == "94080"
    assert find_territory(published, "pierrefitte sur seine") == "93059"


def test_a_name_of_several_territories_or_of_none_says_which_exist(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TraceError, match=r"Plusieurs territoires se nomment « Paris » : Paris 1er arrondissement"):
        find_territory(published, "Paris")
    with pytest.raises(TraceError, match=r"Les plus proches : .*Vincennes \(94080\)"):
        find_territory(published, "Vincenes")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-05-03", date(2022, 5, 3), date(2022, 5, 3)),
        ("2022-02", date(2022, 2, 1), date(2022, 2, 28)),
        ("2022-12", date(2022, 12, 1), date(2022, 12, 31)),
        ("2022-T2", date(2022, 4, 1), date(2022, 6, 30)),
        ("2022t4", date(2022, 10, 1), date(2022, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_period_is_a_day_a_month_a_quarter_or_a_year(text: str, first: date, last: date) -> None:
    assert parse_period(text) == (first, last)


@pytest.mark.parametrize("text", ["2022-13", "2022-T5", "mai", "2022-02-30", ""])
def test_what_is_no_period_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(TraceError, match="n'est pas une période"):
        parse_period(text)


def test_a_cut_that_no_table_publishes_says_that_the_sum_is_the_figure(published: duckdb.DuckDBPyConnection) -> None:
    """Ten days are published nowhere; a quarter is proved by its months, a lieu by its activity."""
    days = trace(published, "passes_used", Scope(None, None, date(2021, 5, 10), date(2021, 5, 20)))
    assert (days.value, days.proof.where, days.proof.value) == (7, "", None)
    quarter = trace(published, "passes_used", Scope("94080", None, *parse_period("2022-T1")))
    assert (quarter.value, quarter.proof.value) == (3, 3)
    assert quarter.proof.where.startswith("marts.territory_month, 2 cellules")


def test_the_months_of_every_lieu_add_up_to_its_activity(published: duckdb.DuckDBPyConnection) -> None:
    """Every measure that the activity of lieux publishes, one of them under another name."""
    rows = published.execute("select month, lieu_siret from marts.lieu_activity").fetchall()
    codes = [
        "passes_used",
        "hours",
        "session_hours",
        "reimbursed_eur",
        "amount_used_eur",
        "people_welcomed",
        "sessions",
    ]
    for month, lieu in rows:
        for code in codes:
            found = trace(published, code, Scope(None, lieu, *parse_period(f"{month:%Y-%m}")))
            assert found.proof.where == "marts.lieu_activity"
            assert found.proof.holds(found.value), (code, month, lieu)
    people = trace(published, "people_reached", Scope(None, rows[0][1], *parse_period(f"{rows[0][0]:%Y-%m}")))
    assert people.proof.where == ""


def test_a_cut_that_counts_people_otherwise_says_how(published: duckdb.DuckDBPyConnection) -> None:
    """People reached count where they first came; people welcomed add up over neither lieux nor months."""
    (lieu, month) = published.execute("select lieu_siret, min(month) from marts.lieu_activity group by all").fetchall()[
        0
    ]
    days = parse_period(f"{month:%Y-%m}")
    assert "au lieu de sa première utilisation" in trace(published, "people_reached", Scope(lieu=lieu)).note
    assert "Ce n'est pas un nombre de personnes" in trace(published, "people_welcomed").note
    assert "Ce n'est pas un nombre de personnes" in trace(published, "people_welcomed", Scope(lieu=lieu)).note
    assert trace(published, "people_welcomed", Scope(None, lieu, *days)).note == ""
    assert trace(published, "people_reached").note == ""


def test_values_are_exact(published: duckdb.DuckDBPyConnection) -> None:
    """75 minutes are 1.25 h, not 1.2499999; amounts have their cents."""
    found = trace(published, "hours", of_month(date(2022, 10, 1)))
    assert [(line.amount, line.value) for line in found.files[0].lines] == [(Decimal(75), Decimal("1.25"))]
    assert str(trace(published, "budget_paid_eur").value) == "2689.5"


def test_the_command_gives_every_line_as_csv_and_json(golden_home: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "lignes.csv"
    told = json.loads(passnum_here("trace", "hours", "--json", "--csv", str(sheet), home=golden_home))
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    assert len(rows) == len(told["lines"]) == 16
    assert sum(Decimal(row["amount"]) for row in rows) == 1020
    assert (told["value"], told["is_proved"], told["proved_against"]) == ("17", True, "marts.programme_progress")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_column_is_cut_whatever_the_width(golden_home: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(output.console, "width", width)
    told = passnum_here("trace", "hours", home=golden_home)
    assert max(map(len, told.splitlines())) <= width
    plain = " ".join(told.split())
    assert {"15,8 h", "1,2 h"} <= set(re.findall(r"\d+,\d h", plain.replace("\u00a0", " ")))
    assert "la somme est exacte" in plain


def test_the_original_lines_are_shown_without_a_number_or_a_person(golden_home: Path) -> None:
    told = passnum_here("trace", "people_equipped", "--territory", "pierrefitte", home=golden_home)
    assert "id_beneficiaire : ***" in told.replace("\u00a0", " ")
    assert re.findall(r"ben-|1962|C016|P09", told) == []
