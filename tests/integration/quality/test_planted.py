"""The table « defect planted in a delivery → the code that catches it »: every code of the suites is in it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_quality.context import GateContext
from data_quality.gate import run_checks
from data_quality.registry import all_checks
from data_quality.results import CheckResult
from tests.integration.quality.building import judge
from tests.integration.quality.defects import ROAD

#: Defects of whole files, delivered by conftest: code → words of the failing rows.
FILES = {
    "PN-401": "« prescriptions_2024-02-21.csv » : 30,0\u00a0% des lignes rejetées (30 sur 100)",
    "PN-404": "« releve_2024-02-29.csv » rejeté (unknown_layout)",
    "PN-405": "« prescriptions_2024-02-20.csv » : 6,0\u00a0% des lignes rejetées",
    "PN-406": "livraison « utilisations » de janvier 2024 absente",
    "PN-408": "« prescriptions » au 27/02/2024 : 1 clé contredite",
    "PN-409": "a le même contenu que « prescriptions_2024-02-26.csv »",
    "PN-410": "colonne type_prescripteur : 12 valeurs écartées (12,0\u00a0%)",
    "PN-411": "colonne siret_prescripteur : 2 SIRET douteux",
    "PN-413": "« prescriptions_2024-02-24.csv » : colonnes écartées email_beneficiaire",
}
#: Defects against the past or of volume: code → what is done to a copy of the clean warehouse, to the version
#: published before it, and words of the failing rows. A lieu and a territory with a long history are written in.
_HISTORY = """
    insert into core.fct_attendance by name
    select 'H' || lieu || territory || day || rank as attendance_id, 'H' || rank as carnet_number,
        'H' || lieu || day || rank as session_id, cast(date '2023-12-30' - to_days(day) as date) as attended_on,
        lieu as lieu_siret, territory as territory_code, 50 as minutes, 50 / 60 as hours, 'measured' as hours_source,
        false as has_conflicting_duration, 1 as passes_used, 10 as amount_eur
    from (select unnest(range(1, 240, 2))::integer as day)
    cross join (select unnest(range(4)) as rank)
    cross join (select lieu_siret as lieu from core.dim_lieu order by 1 limit 2)
    cross join (select unnest(['94080', '93008']) as territory);
"""
_LAST_LIEU = "(select lieu_siret from core.dim_lieu order by 1 limit 1)"
_MONTHS = """
    delete from {table} where {key} = {who};
    insert into {table} by name
    select {who} as {key}, cast(date '2023-12-01' - to_months(back) as date) as month,
        case back when 0 then 900 else 100 end as passes_used, 9000 as face_value_used_eur, 400 as hours, {more}
    from (select unnest(range(6)) as back);
"""
COPIES = {
    "PN-402": ("delete from core.fct_budget_entry", "", "core.fct_budget_entry est vide"),
    "PN-412": (
        """update quality.delivered_file set lines_read = 500 where dataset = 'utilisations';
           update quality.delivered_file set lines_read = 12
           where dataset = 'utilisations' and extract_date = '2023-12-31'""",
        "", "« utilisations_2023-12-31.csv » : 12 lignes, d'ordinaire 500",
    ),
    "PN-414": (
        "delete from quality.delivered_file where file_name = 'utilisations_2022-10-31.csv'",
        "", "« utilisations_2022-10-31.csv » n'est plus chargé",
    ),
    "PN-501": ("", "update marts.programme_progress set value = value * 1.2", "« Pass utilisés »"),
    "PN-502": (
        "", """update marts.territory_month set passes_used = passes_used + 70
               where territory_code = '94080'""", "Vincennes, ",
    ),
    "PN-503": (
        "", "update marts.lieu_activity set passes_used = passes_used + 40 where month = '2022-10-01'", "octobre 2022",
    ),
    "PN-504": (
        _HISTORY + "delete from core.fct_attendance where territory_code = '94080' and attended_on > '2023-10-30';"
        "update core.fct_pass set tolerance_until = '2024-12-31' where use_territory_code = '94080'",
        "", "Vincennes : 0 présences depuis deux mois",
    ),
    "PN-505": (
        _HISTORY + f"delete from core.fct_attendance where lieu_siret = {_LAST_LIEU} and attended_on > '2023-10-30';"
        f"update core.dim_lieu set referenced_until = null where lieu_siret = {_LAST_LIEU}",
        "", "présences depuis deux mois, environ",
    ),
    "PN-506": (
        _MONTHS.format(table="marts.territory_month", key="territory_code", who="'94080'",
                       more="'Vincennes' as territory_name"),
        "", "Vincennes : 900\u00a0pass en décembre 2023, jamais plus de 100 par mois avant",
    ),
    "PN-507": (
        _MONTHS.format(table="marts.lieu_activity", key="lieu_siret", who=_LAST_LIEU,
                       more="'Lieu qui bondit' as lieu_name"),
        "", "900\u00a0pass en décembre 2023",
    ),
}  # fmt: skip
#: Defects seen by judging otherwise: at a later date, or with a delivery that a person accepted.
JUDGED_OTHERWISE = {"PN-403", "PN-407"}


@pytest.mark.parametrize(("code", "found"), [*((c, words) for c, (_, words) in ROAD.items()), *FILES.items()])
def test_a_planted_defect_is_caught_by_its_code(verdict: dict[str, CheckResult], code: str, found: str) -> None:
    result = verdict[code]
    assert result.status == "ko", result.observed
    details = [failure["detail"] for failure in result.failures]
    assert any(found in detail for detail in details), details


def test_nothing_else_is_caught(verdict: dict[str, CheckResult]) -> None:
    """A check that fails without its defect would be a false alarm."""
    failing = {code for code, result in verdict.items() if result.status != "ok"}
    # The planted uses are of September 2023, a month long published: the past of Vincennes is rewritten too.
    assert failing == set(ROAD) | set(FILES) | {"PN-502", "PN-503"}


@pytest.mark.parametrize("code", COPIES)
def test_a_defect_against_the_past_is_caught(clean: Path, tmp_path: Path, code: str) -> None:
    change, change_before, found = COPIES[code]
    now, before = _copy(clean, tmp_path / "now.duckdb", change), _copy(clean, tmp_path / "before.duckdb", change_before)
    assert _status(clean, clean, code) == ("ok", [])
    status, details = _status(now, before, code)
    assert status == "ko"
    assert any(found in detail for detail in details), details


def _copy(source: Path, target: Path, change: str) -> Path:
    shutil.copyfile(source, target)
    with duckdb.connect(str(target)) as con:
        con.execute(change or "select 1")
    return target


def _status(now: Path, before: Path, code: str) -> tuple[str, list[str]]:
    (check,) = [check for check in all_checks() if check.code == code]
    if now == before:
        before = Path(shutil.copyfile(before, before.with_name("same.duckdb")))
    with duckdb.connect(str(now), read_only=True) as con:
        (result,) = run_checks(con, GateContext(as_of=date(2023, 12, 31), previous=before), [check])
    return result.status, [failure["detail"] for failure in result.failures]


def test_deliveries_that_stop_are_stale(clean: Path) -> None:
    """Judged six months later, nothing having come since."""
    (check,) = [check for check in all_checks() if check.code == "PN-407"]
    with duckdb.connect(str(clean), read_only=True) as con:
        (fresh,) = run_checks(con, GateContext(as_of=date(2024, 2, 3)), [check])
        (monthly,) = run_checks(con, GateContext(as_of=date(2024, 2, 5)), [check])
        (stale,) = run_checks(con, GateContext(as_of=date(2024, 6, 30)), [check])
    assert fresh.status == "ok"
    assert (monthly.status, len(monthly.failures)) == ("ko", 3)
    assert (stale.status, len(stale.failures)) == ("ko", 5)
    assert "dernière livraison du 31/12/2023, il y a 182 jours" in stale.failures[0]["detail"]


def test_a_delivery_accepted_by_a_person_stops_blocking_and_stays_named(planted: Path) -> None:
    with duckdb.connect(str(planted), read_only=True) as con:
        row = con.execute(
            "select file_id, sha256 from quality.delivered_file where file_name = 'prescriptions_2024-02-21.csv'"
        ).fetchone()
    assert row is not None
    for name in row:
        results = judge(planted, accepted=(name,))
        assert results["PN-401"].status == "ok"
        assert results["PN-403"].status == "ko"
        assert "« prescriptions_2024-02-21.csv »" in results["PN-403"].observed
        assert not results["PN-403"].blocks
        assert "prescriptions_2024-02-21.csv" not in str(results["PN-405"].failures)


def test_every_code_is_caught_at_least_once() -> None:
    codes = {check.code for check in all_checks()}
    assert codes == set(ROAD) | set(FILES) | set(COPIES) | JUDGED_OTHERWISE


def test_failing_rows_hold_no_number_of_a_pass_a_carnet_or_a_person(
    verdict: dict[str, CheckResult], planted: Path
) -> None:
    with duckdb.connect(str(planted), read_only=True) as con:
        numbers = con.execute(
            "select pass_number from core.fct_redemption union select carnet_number from core.dim_carnet "
            "union select beneficiary_key from core.fct_prescription where beneficiary_key is not null"
        ).fetchall()
    said = " ".join(failure["detail"] for result in verdict.values() for failure in result.failures)
    assert [number for (number,) in numbers if number in said] == []


def test_partners_are_named_where_they_must_act(verdict: dict[str, CheckResult]) -> None:
    for result in verdict.values():
        for failure in result.failures:
            if result.owner == "lieu":
                assert failure["lieu_siret"], result.code
            if result.owner == "prescripteur" and result.code not in {"PN-453", "PN-454", "PN-458"}:
                assert failure["prescriber_siret"], result.code
