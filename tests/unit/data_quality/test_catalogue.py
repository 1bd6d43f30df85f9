"""The catalogue of the checks: in step with the code, codes stable and unique, sentences in French."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

from data_quality.catalogue import CATALOGUE, render
from data_quality.context import GateContext
from data_quality.expectations import Check, LineCheck, TableCheck, expect
from data_quality.nature import natures
from data_quality.registry import all_checks

CHECKS = all_checks()


def test_the_catalogue_is_in_step_with_the_checks() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == render(CHECKS), "lancez « python -m data_quality.catalogue »"


def test_every_code_is_one_check_from_pn_401_on() -> None:
    """Codes under PN-400 are dbt's tests, but for those of repeated_value; a code is never used again for another."""
    counts = Counter(check.code for check in CHECKS)
    assert [code for code, count in counts.items() if count > 1] == []
    assert [code for code in counts if not re.fullmatch(r"PN-(?:[45]\d\d|15[1-9])", code) or code == "PN-400"] == []


def test_only_what_the_rules_name_blocks() -> None:
    """Rejected share and emptied table; identities, keys and relationships are dbt's (figures, details decided)."""
    assert {check.code for check in CHECKS if check.severity == "bloquant"} == {"PN-401", "PN-402"}


def test_every_check_is_a_sentence_with_its_threshold_and_its_reason() -> None:
    for check in CHECKS:
        assert re.fullmatch(r"[A-ZÀÉ].{15,110}\.", check.sentence), check.code
        assert re.fullmatch(r"[^{}]{10,160}", check.expected_in(GateContext(as_of=date.min))), check.code
        assert re.fullmatch(r"[A-ZÀÉ].{30,120}\.", check.why), check.code
        assert re.fullmatch(r"[A-ZÀÉ].{30,150}\.", check.mend), check.code
        assert _has_a_threshold(check), check.code
        assert check.owner in {"MGP", "prescripteur", "lieu", "#APTIC"}, check.code


def _has_a_threshold(check: Check) -> bool:
    if isinstance(check, LineCheck):
        return check.maximum is not None or check.minimum is not None
    assert isinstance(check, TableCheck)
    return len(check.expectations) > 0


def test_what_is_expected_names_the_setting_in_use() -> None:
    """A threshold changed in programme.yaml is the one the readers see."""
    context = GateContext(as_of=date.min, max_rejected_share=0.125, expected_delivery_days=50)
    expected = {check.code: check.expected_in(context) for check in CHECKS}
    assert expected["PN-401"].startswith("au plus 12,5\u00a0% de lignes rejetées")
    assert "moins de 50 jours" in expected["PN-407"]


def test_an_engineer_reads_the_expectations_of_each_check() -> None:
    """Tables by the library's own types, with their row condition; lines by the count of what fails."""
    page = render(CHECKS)
    between = "dim_lieu : `ExpectColumnValuesToBeBetween` (valeurs entre des bornes)"
    assert (
        f"| {between} sur `latitude`, où is_inferred = non<br>{between} sur `longitude`, où is_inferred = non |"
    ) in page
    assert "fct_redemption : `ExpectColumnValuesToBeBetween` (lignes comptées en SQL) sur `failing_units`" in page
    assert "sur `dataset`, `sha256`, où outcome = loaded et is_monthly = oui et lines_read > 0" in page
    assert all(natures(check) for check in CHECKS)


def test_another_expectation_is_told_by_its_own_name() -> None:
    """A new check is one place to edit: its class need not be known elsewhere for its page to be written."""
    known = next(check for check in CHECKS if isinstance(check, TableCheck))
    new = replace(known, expectations=(expect("ExpectColumnValuesToMatchRegex", column="lieu_siret", regex="^9"),))
    assert [nature.gloss for nature in natures(new)] == ["ExpectColumnValuesToMatchRegex"]


def test_tables_are_not_judged_by_ranges_alone() -> None:
    """A suite of ranges over computed columns says nothing to who reads it."""
    types = {
        expectation.type for check in CHECKS if isinstance(check, TableCheck) for expectation in check.expectations
    }
    assert len(types) >= 7
    assert {check.table_name for check in CHECKS if isinstance(check, LineCheck)} <= {
        "fct_redemption", "fct_attendance", "fct_prescription", "dim_carnet", "dim_lieu", "field_issue",
        "conflicting_version", "repeated_value",
    }  # fmt: skip
