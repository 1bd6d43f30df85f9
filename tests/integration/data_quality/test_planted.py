"""The table « defect planted in a delivery → the code that catches it »: every code of the suites is in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_quality.context import GateContext
from data_quality.gate import run_checks
from data_quality.registry import all_checks
from tests.integration.data_quality.building import judge
from tests.integration.data_quality.defects import ROAD
from tests.integration.data_quality.test_past import AGAINST_BEFORE, LIVE
from warehouse.check_result import CheckResult

#: Defects of whole files, delivered by conftest: code → words of the failing rows.
FILES = {
    "PN-151": "« prescriptions_2024-02-19.csv », colonne id_prescription : une seule clé sur 6 lignes sur 30",
    "PN-152": "« prescriptions_2024-02-19.csv », colonne beneficiary_key : une seule valeur sur 30 lignes sur 30",
    "PN-153": "« prescriptions_2024-02-19.csv », colonne nom_prescripteur : 1 fois « texte abîmé »",
    "PN-154": "« prescriptions_2024-02-19.csv », colonne genre : 12 mots lus comme des vides",
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


def test_a_delivery_accepted_by_a_person_stops_blocking_and_stays_named(
    planted: Path, verdict: dict[str, CheckResult]
) -> None:
    with duckdb.connect(str(planted), read_only=True) as con:
        row = con.execute(
            "select file_id, sha256 from quality.delivered_file where file_name = 'prescriptions_2024-02-21.csv'"
        ).fetchone()
    assert row is not None
    assert f", identifiant {row[0]}" in verdict["PN-401"].observed  # what a person copies into the settings
    for name in row:
        results = judge(planted, accepted=(name,), codes=("PN-401", "PN-403", "PN-405"))
        assert results["PN-401"].status == "ok"
        assert results["PN-403"].status == "ko"
        assert "« prescriptions_2024-02-21.csv »" in results["PN-403"].observed
        assert not results["PN-403"].blocks
        assert "prescriptions_2024-02-21.csv" not in str(results["PN-405"].failures)


def test_every_code_is_caught_at_least_once() -> None:
    codes = {check.code for check in all_checks()}
    assert codes == set(ROAD) | set(FILES) | set(LIVE) | set(AGAINST_BEFORE) | JUDGED_OTHERWISE


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
