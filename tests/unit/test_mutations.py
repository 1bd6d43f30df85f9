"""The list of rules to break is in step with the SQL, and the committed account of it with the list.

Not here: breaking them (`python -m tests.mutations`, minutes; `make mutations`).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MUTATIONS = yaml.safe_load((ROOT / "tests" / "mutations" / "mutations.yaml").read_text(encoding="utf-8"))
ACCOUNT = ROOT / "docs" / "mutations.md"


def test_every_mutation_still_breaks_one_place_of_its_file() -> None:
    """A rule rewritten without its mutation would no longer be broken by anyone."""
    wrong = []
    for mutation in MUTATIONS:
        text = (ROOT / "dbt_project" / mutation["file"]).read_text(encoding="utf-8")
        if text.count(mutation["old"]) != 1 or mutation["old"] == mutation["new"]:
            wrong.append(mutation["rule"])
    assert wrong == []
    assert [rule for rule, times in Counter(m["rule"] for m in MUTATIONS).items() if times > 1] == []


def test_the_committed_account_tells_of_every_rule_and_none_unnoticed() -> None:
    """docs/mutations.md: made by `make mutations`; one row a rule, each noticed by someone."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in ACCOUNT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| règle cassée")
    ]
    assert [row[0] for row in rows] == [mutation["rule"] for mutation in MUTATIONS], "lancez « make mutations »"
    assert [row[0] for row in rows if set(row[1:]) == {"—"}] == []
